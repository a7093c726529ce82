//! Cells that are given one by one.

use super::super::{Output, Reading};
use super::number::NumberFormat;
use crate::model::{Place, TableCell};

/// The cells of one table.
#[derive(Clone, Copy, Debug)]
pub struct Cells {
    table: u32,
}

impl Cells {
    /// A table in which nothing stands.
    pub fn new(output: &mut Output<'_>) -> Self {
        Self { table: output.table() }
    }

    /// Gives the text of a cell, unless it is empty. Row and column count from 0.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn give(&self, row: u32, column: u32, text: &str, output: &mut Output<'_>) -> Reading {
        if text.is_empty() {
            return Ok(());
        }
        let (row, column) = (row.saturating_add(1), column.saturating_add(1));
        output.cell(Place::Cell(row, column), TableCell { table: self.table, row, column })?;
        output.push(text)
    }
}

/// A number as its format shows it.
pub fn show(number: f64, format: Option<&NumberFormat>, since_1904: bool) -> String {
    let mut shown = String::new();
    // As a workbook of XML spells it.
    format.unwrap_or(&NumberFormat::Plain).show(&format!("{number:?}"), since_1904, &mut shown);
    shown
}

/// What a cell shows that holds an error. \[MS-XLS\] 2.5.10.
pub fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

/// What a cell shows that holds a truth value.
pub fn truth(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

/// Adds the texts of a formula that its result does not show.
pub fn add_literals(literals: &str, shown: &mut String) {
    for literal in literals.lines().filter(|literal| !literal.trim().is_empty()) {
        if !shown.contains(literal) {
            if !shown.is_empty() {
                shown.push('\n');
            }
            shown.push_str(literal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_workbooks_of_xml_show_them() {
        let format = NumberFormat::parse("000000-0000");
        assert_eq!(show(101_801_234.0, Some(&format), false), "010180-1234");
        assert_eq!(show(101_801_234.0, None, false), "101801234");
        assert_eq!(show(0.1, None, false), "0.1");
        assert_eq!(show(f64::NAN, None, false), "NaN");
    }

    #[test]
    fn texts_of_a_formula_that_its_result_shows_are_not_added() {
        let mut shown = "070761-4285".to_owned();
        add_literals("070761\n \nja", &mut shown);
        assert_eq!(shown, "070761-4285\nja");
    }
}
