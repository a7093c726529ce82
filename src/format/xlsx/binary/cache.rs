//! Copies of data in a binary workbook: of the source of a pivot table, and of cells in other workbooks.

use super::super::super::book::cell::{self, Cells};
use super::super::super::book::pivot::Pivot;
use super::super::super::little::Little;
use super::super::super::{Output, Reading};
use super::Records;
use super::record::{texts, wide};
use crate::model::{Place, ProblemKind};

/// How the values of a column lie in a record of the source. \[MS-XLSB\] 2.4.113, BrtBeginPCDFAtbl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    /// As the number of a value that stands in the definition.
    Shared,
    Number,
    Date,
    Text,
}

/// The columns of a source.
#[derive(Default)]
pub struct Columns(Vec<Column>);

impl Columns {
    /// Gives the names of the columns and the values that its records share.
    ///
    /// # Errors
    /// As [`Records::next`]; what stood before is given.
    pub fn read_definition(
        &mut self,
        records: &mut Records<'_>,
        pivot: &mut Pivot,
        output: &mut Output<'_>,
    ) -> Reading {
        let mut grouped = false;
        while let Some(kind) = records.next()? {
            let mut body = records.body();
            match kind {
                183 => {
                    let mut name = None;
                    texts(body, |text| {
                        name.get_or_insert_with(|| text.to_owned());
                    });
                    pivot.begin_column(&name.unwrap_or_default(), output)?;
                    self.0.push(Column::Text);
                }
                189 => {
                    let flags = body.u16().unwrap_or(0);
                    let shared = body.u32().unwrap_or(0);
                    let column = match () {
                        () if shared > 0 => Column::Shared,
                        () if flags & 4 != 0 => Column::Date,
                        () if flags & 0x40 != 0 => Column::Number,
                        () => Column::Text,
                    };
                    if let Some(last) = self.0.last_mut() {
                        *last = column;
                    }
                }
                // What groups values, not the values.
                191 | 197 | 203 => grouped = true,
                192 | 198 | 204 => grouped = false,
                20..=32 if !grouped => {
                    let text = value(kind, body);
                    pivot.give_shared(&text.unwrap_or_default(), output)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives the records below what was given before. Values that they share stand there already.
    ///
    /// # Errors
    /// As [`Records::next`]; what stood before is given.
    pub fn read_records(&self, records: &mut Records<'_>, pivot: &mut Pivot, output: &mut Output<'_>) -> Reading {
        pivot.begin_records();
        let mut whole = true;
        while let Some(kind) = records.next()? {
            let mut body = records.body();
            match kind {
                33 => {
                    pivot.begin_record();
                    for column in &self.0 {
                        let Some(text) = packed(*column, &mut body) else {
                            whole = false;
                            break;
                        };
                        pivot.give_next(&text, output)?;
                    }
                    // Of a source without definition only the texts are known.
                    if self.0.is_empty() {
                        let mut found = Vec::new();
                        texts(body, |text| found.push(text.to_owned()));
                        found.iter().try_for_each(|text| pivot.give_next(text, output))?;
                    }
                }
                34 => pivot.begin_record(),
                20..=32 => {
                    let text = value(kind, body);
                    whole &= text.is_some();
                    pivot.give_next(&text.unwrap_or_default(), output)?;
                }
                _ => {}
            }
        }
        if whole { Ok(()) } else { Err(ProblemKind::Damaged) }
    }
}

/// What a record shows that holds one value; empty when it is the number of a shared one. \[MS-XLSB\] 2.4.
fn value(kind: u32, mut body: Little<'_>) -> Option<String> {
    Some(match kind {
        21 | 28 => cell::show(body.f64()?, None, false),
        24 | 31 => wide(&mut body)?,
        25 | 32 => date(&mut body)?,
        _ => String::new(),
    })
}

fn packed(column: Column, body: &mut Little<'_>) -> Option<String> {
    Some(match column {
        Column::Shared => {
            body.u32()?;
            String::new()
        }
        Column::Number => cell::show(body.f64()?, None, false),
        Column::Date => date(body)?,
        Column::Text => wide(body)?,
    })
}

/// A day, with its time unless that is midnight. \[MS-XLSB\] 2.5.114, PCDIDateTime.
fn date(body: &mut Little<'_>) -> Option<String> {
    let (year, month, day) = (body.u16()?, body.u16()?, body.u8()?);
    let (hour, minute, second) = (body.u8()?, body.u8()?, body.u8()?);
    let time =
        if (hour, minute, second) == (0, 0, 0) { String::new() } else { format!("T{hour:02}:{minute:02}:{second:02}") };
    Some(format!("{year:04}-{month:02}-{day:02}{time}"))
}

/// Gives the cells of other workbooks that this one shows.
///
/// # Errors
/// As [`Records::next`]; what stood before is given.
pub fn read_external(records: &mut Records<'_>, output: &mut Output<'_>) -> Reading {
    let mut cells = Cells::new(output);
    let mut row = 0;
    while let Some(kind) = records.next()? {
        let mut body = records.body();
        let text = |body: &mut Little<'_>| match kind {
            368 => body.f64().map(|number| cell::show(number, None, false)),
            _ => wide(body),
        };
        match kind {
            363 => cells = Cells::new(output),
            366 => row = body.u32().unwrap_or(0),
            368 | 371 => {
                let column = body.u32().unwrap_or(0);
                cells.give(row, column, &text(&mut body).unwrap_or_default(), output)?;
            }
            _ => {
                let mut reading = Ok(());
                texts(body, |text| {
                    if reading.is_ok() {
                        reading = output.at(Place::Whole).and_then(|()| output.push(text));
                    }
                });
                reading?;
            }
        }
    }
    Ok(())
}
