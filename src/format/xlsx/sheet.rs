//! One sheet: its cells, and what else its part holds.

use super::super::ooxml::{Asides, Written};
use super::super::xml::{Event, Tag, Xml};
use super::super::{Output, Reading};
use super::formula;
use super::header;
use super::number::{self, NumberFormat};
use super::string::{Spoken, Strings, unescape_into};
use crate::model::{Place, ProblemKind, TableCell};

/// What a person writes beside the cells.
static WRITTEN: &[Written] = &[
    ("dataValidation", "promptTitle", "data validation"),
    ("dataValidation", "prompt", "data validation"),
    ("dataValidation", "errorTitle", "data validation"),
    ("dataValidation", "error", "data validation"),
    ("hyperlink", "display", "hyperlink"),
    ("hyperlink", "tooltip", "hyperlink"),
    ("filter", "val", "filter"),
    ("customFilter", "val", "filter"),
    ("scenario", "name", "scenario"),
    ("scenario", "comment", "scenario"),
    ("inputCells", "val", "scenario"),
];

/// What all sheets of a workbook need.
#[derive(Default)]
pub struct Book {
    /// The texts that cells share.
    pub strings: Strings,
    /// How numbers are shown, by the style of the cell.
    pub formats: Vec<NumberFormat>,
    /// True when days are counted from 1904.
    pub since_1904: bool,
}

/// Gives the cells of a sheet, then what stands beside them.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read(xml: &mut Xml<'_>, book: &mut Book, output: &mut Output<'_>) -> Reading {
    let mut sheet = Sheet { table: output.table(), ..Sheet::default() };
    let reading = sheet.read(xml, book, output);
    if sheet.in_cell {
        sheet.end_cell(book, output)?;
    }
    sheet.asides.give(output)?;
    reading.and(if sheet.missing { Err(ProblemKind::Damaged) } else { Ok(()) })
}

#[derive(Default)]
struct Sheet {
    table: u32,
    row: u32,
    column: u32,
    style: usize,
    kind: Kind,
    inside: Characters,
    spoken: Spoken,
    value: String,
    formula: String,
    /// What a cell shows.
    shown: String,
    /// The field of formulas that stand in no cell.
    field: &'static str,
    in_cell: bool,
    asides: Asides,
    /// True when a cell shows a text that the table does not have.
    missing: bool,
}

/// What the value of a cell is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    /// The number of a shared text.
    Shared,
    /// The text itself, a date in ISO 8601, or an error.
    Text,
    Truth,
}

/// What characters are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Characters {
    #[default]
    Nothing,
    Value,
    Formula,
    Header,
}

impl Sheet {
    fn read(&mut self, xml: &mut Xml<'_>, book: &mut Book, output: &mut Output<'_>) -> Reading {
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => self.start(&tag),
                Event::Text(text) => match self.inside {
                    Characters::Nothing => {}
                    Characters::Value | Characters::Header => self.value.push_str(text),
                    Characters::Formula => self.formula.push_str(text),
                },
                Event::End(name) => self.end(name, book, output)?,
                Event::Other => {}
            }
        }
        Ok(())
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag.name {
            "v" => self.inside = Characters::Value,
            "c" => self.start_cell(tag),
            "row" => self.start_row(tag),
            "f" | "formula" | "formula1" | "formula2" => self.inside = Characters::Formula,
            "t" if !self.spoken.inside() => self.inside = Characters::Value,
            "rPh" => self.spoken.start("rPh"),
            "oddHeader" | "evenHeader" | "firstHeader" | "oddFooter" | "evenFooter" | "firstFooter" => {
                self.inside = Characters::Header;
            }
            name => {
                match name {
                    "dataValidation" => self.field = "data validation",
                    "cfRule" => self.field = "conditional format",
                    _ => {}
                }
                let cell = tag.attribute("ref").as_deref().and_then(position);
                let place = cell.map_or(Place::Whole, |(row, column)| Place::Cell(row, column));
                self.asides.keep_written(tag, place, WRITTEN);
            }
        }
    }

    fn start_row(&mut self, tag: &Tag<'_>) {
        let row = tag.attribute("r").and_then(|row| row.parse().ok());
        self.row = row.unwrap_or(self.row.saturating_add(1));
        self.column = 0;
    }

    fn start_cell(&mut self, tag: &Tag<'_>) {
        self.column = self.column.saturating_add(1);
        self.style = 0;
        self.kind = Kind::Number;
        self.in_cell = true;
        for (name, value) in tag.attributes() {
            match name {
                "r" => {
                    if let Some((row, column)) = position(&value) {
                        (self.row, self.column) = (row, column);
                    }
                }
                "s" => self.style = value.parse().unwrap_or(0),
                "t" => {
                    self.kind = match &*value {
                        "n" => Kind::Number,
                        "s" => Kind::Shared,
                        "b" => Kind::Truth,
                        _ => Kind::Text,
                    }
                }
                _ => {}
            }
        }
    }

    fn end(&mut self, name: &str, book: &mut Book, output: &mut Output<'_>) -> Reading {
        match name {
            "c" => self.end_cell(book, output)?,
            "rPh" => self.spoken.end("rPh"),
            "formula" | "formula1" | "formula2" | "f" if !self.in_cell => {
                let mut found = String::new();
                formula::literals(&self.formula, &mut found);
                self.formula.clear();
                let field = if self.field.is_empty() { "formula" } else { self.field };
                self.asides.keep(field, Place::Whole, &found);
            }
            "oddHeader" | "evenHeader" | "firstHeader" => self.end_header("header"),
            "oddFooter" | "evenFooter" | "firstFooter" => self.end_header("footer"),
            _ => {}
        }
        self.inside = Characters::Nothing;
        Ok(())
    }

    fn end_cell(&mut self, book: &mut Book, output: &mut Output<'_>) -> Reading {
        self.in_cell = false;
        self.shown.clear();
        match self.kind {
            _ if self.value.is_empty() => {}
            Kind::Shared => {
                let number = self.value.trim().parse().unwrap_or(usize::MAX);
                match book.strings.get(number) {
                    Some(text) => self.shown.push_str(text),
                    None => self.missing = true,
                }
                book.strings.show(number);
            }
            Kind::Number => match book.formats.get(self.style) {
                Some(format) => format.show(&self.value, book.since_1904, &mut self.shown),
                None => number::show_plain(&self.value, &mut self.shown),
            },
            Kind::Text => unescape_into(&self.value, &mut self.shown),
            Kind::Truth => self.shown.push_str(if self.value == "1" { "TRUE" } else { "FALSE" }),
        }
        self.value.clear();
        if !self.formula.is_empty() {
            self.end_formula();
        }
        if self.shown.is_empty() {
            return Ok(());
        }
        let cell = TableCell { table: self.table, row: self.row, column: self.column };
        output.cell(Place::Cell(self.row, self.column), cell)?;
        output.push(&self.shown)
    }

    /// Adds the texts of the cell's formula that its result does not show.
    fn end_formula(&mut self) {
        let mut found = String::new();
        formula::literals(&self.formula, &mut found);
        self.formula.clear();
        for literal in found.lines().filter(|literal| !literal.trim().is_empty()) {
            if !self.shown.contains(literal) {
                if !self.shown.is_empty() {
                    self.shown.push('\n');
                }
                self.shown.push_str(literal);
            }
        }
    }

    fn end_header(&mut self, field: &'static str) {
        let mut shown = String::new();
        header::text_into(&self.value, &mut shown);
        self.value.clear();
        self.asides.keep(field, Place::Whole, shown.trim());
    }
}

/// Row and column, from 1, of a reference such as `B7`.
pub fn position(reference: &str) -> Option<(u32, u32)> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let mut column: u32 = 0;
    for letter in reference.bytes().take(letters) {
        let digit = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        column = column.checked_mul(26)?.checked_add(digit)?;
    }
    let row = reference[letters..].parse().ok()?;
    (column > 0 && row > 0).then_some((row, column))
}
