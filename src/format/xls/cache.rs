//! The copy of the source of a pivot table, in a stream of its own. \[MS-XLS\] 2.1.7.12.

use super::super::book::cell;
use super::super::book::pivot::Pivot;
use super::super::{Output, Reading};
use super::record::{Record, Records, Spelling};
use crate::model::ProblemKind;

/// Gives the names of the columns, the values that its records share, and the records below.
///
/// # Errors
/// When a limit was reached; [`ProblemKind::Damaged`] when a record is broken, and all others were given.
pub fn read(bytes: &[u8], spelling: Spelling, output: &mut Output<'_>) -> Reading {
    let mut pivot = Pivot::new(output);
    // True for columns whose values are shared.
    let mut shared: Vec<bool> = Vec::new();
    let mut left = 0;
    let mut at = None;
    let mut records = Records::new(bytes);
    let mut whole = true;
    for record in records.by_ref() {
        match record.kind {
            0xc7 => {
                let (values, name) = column(&record, spelling).unwrap_or_else(|| {
                    whole = false;
                    (0, String::new())
                });
                pivot.begin_column(&name, output)?;
                shared.push(values > 0);
                left = values;
            }
            0xc8 => {
                if at.is_none() {
                    pivot.begin_records();
                }
                at = Some(shared.len());
            }
            0xc9..=0xcf => {
                let text = value(&record, spelling);
                whole &= text.is_some();
                let text = text.unwrap_or_default();
                if left > 0 && at.is_none() {
                    left -= 1;
                    pivot.give_shared(&text, output)?;
                    continue;
                }
                let column = match at {
                    None => {
                        pivot.begin_records();
                        shared.len()
                    }
                    Some(column) => column,
                };
                at = Some(give(&mut pivot, &shared, column, &text, output)?);
            }
            _ => {}
        }
    }
    if whole && !records.cut { Ok(()) } else { Err(ProblemKind::Damaged) }
}

/// Gives a value in the next column whose values are not shared, and the column after it.
fn give(
    pivot: &mut Pivot,
    shared: &[bool],
    after: usize,
    text: &str,
    output: &mut Output<'_>,
) -> Result<usize, ProblemKind> {
    let mut column = after;
    loop {
        match shared.get(column) {
            Some(true) => pivot.give_next("", output)?,
            Some(false) => {
                pivot.give_next(text, output)?;
                return Ok(column + 1);
            }
            None if shared.contains(&false) => {
                pivot.begin_record();
                column = 0;
                continue;
            }
            None => {
                pivot.begin_record();
                pivot.give_next(text, output)?;
                return Ok(after);
            }
        }
        column += 1;
    }
}

/// How many values a column shares, and its name. \[MS-XLS\] 2.4.283.
fn column(record: &Record<'_>, spelling: Spelling) -> Option<(u16, String)> {
    let mut pieces = record.pieces();
    pieces.skip(12)?;
    let values = pieces.u16()?;
    Some((values, spelling.long(&mut pieces)?))
}

fn value(record: &Record<'_>, spelling: Spelling) -> Option<String> {
    let mut body = record.body;
    Some(match record.kind {
        0xc9 => cell::show(body.f64()?, None, false),
        0xcc => body.u16()?.cast_signed().to_string(),
        0xcd => spelling.long(&mut record.pieces())?,
        0xce => {
            let (year, month, day) = (body.u16()?, body.u16()?, body.u8()?);
            format!("{year:04}-{month:02}-{day:02}")
        }
        _ => String::new(),
    })
}
