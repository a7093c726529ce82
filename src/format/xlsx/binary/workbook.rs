//! The main part of a binary workbook, and how its cells show numbers.

use std::collections::HashMap;

use super::super::super::Reading;
use super::super::super::book::number::NumberFormat;
use super::super::super::book::token::{self, Tokens};
use super::super::super::little::Little;
use super::super::{SheetName, Workbook};
use super::Records;
use super::record::{nullable, wide};
use crate::model::Place;

/// Reads the sheets and the defined names.
///
/// # Errors
/// As [`Records::next`]; what stood before is there.
pub fn read(records: &mut Records<'_>, workbook: &mut Workbook) -> Reading {
    while let Some(kind) = records.next()? {
        let mut body = records.body();
        match kind {
            153 => workbook.since_1904 |= body.u32().is_some_and(|flags| flags & 1 != 0),
            156 => {
                body.take(8);
                let id = nullable(&mut body).unwrap_or_default();
                let name = wide(&mut body).unwrap_or_default();
                workbook.sheets.push(SheetName { name, id });
            }
            39 => {
                body.take(9);
                let mut found = wide(&mut body).unwrap_or_default();
                let mut meaning = String::new();
                literals(&mut body, &mut meaning);
                let comment = nullable(&mut body).unwrap_or_default();
                for more in [comment, meaning].iter().filter(|more| !more.is_empty()) {
                    found.push('\n');
                    found.push_str(more);
                }
                workbook.defined.keep("defined name", Place::Whole, found.trim());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Appends what a formula holds itself, and passes over it. \[MS-XLSB\] 2.2.2.
pub fn literals(record: &mut Little<'_>, found: &mut String) -> Option<()> {
    let tokens = record.size()?;
    let tokens = record.take(tokens)?;
    let extra = record.size()?;
    let extra = record.take(extra)?;
    token::literals(tokens, extra, Tokens::Twelve, found);
    Some(())
}

/// Appends how numbers are shown, by the style of a cell.
///
/// # Errors
/// As [`Records::next`]; what stood before is there.
pub fn read_styles(records: &mut Records<'_>, formats: &mut Vec<NumberFormat>) -> Reading {
    let mut own = HashMap::new();
    let mut among_cells = false;
    while let Some(kind) = records.next()? {
        let mut body = records.body();
        match kind {
            44 => {
                if let (Some(number), Some(code)) = (body.u16(), wide(&mut body)) {
                    own.insert(number, NumberFormat::parse(&code));
                }
            }
            617 => among_cells = true,
            618 => among_cells = false,
            47 if among_cells => {
                body.u16();
                let number = body.u16().unwrap_or(0);
                let built_in = || NumberFormat::built_in(number.into());
                formats.push(own.get(&number).cloned().unwrap_or_else(built_in));
            }
            _ => {}
        }
    }
    Ok(())
}
