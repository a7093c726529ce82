//! One sheet: its cells, and what else its part holds.

use std::ops::Range;

use super::super::book::cell;
use super::super::book::header;
use super::super::book::number::{self, NumberFormat};
use super::super::book::string::Strings;
use super::super::ooxml::{Asides, Written};
use super::super::xml::{Event, Tag, Xml};
use super::super::{Output, Reading};
use super::formula;
use super::string::{Spoken, unescape_into};
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
    ("controlPr", "altText", "alternative text"),
    ("objectPr", "altText", "alternative text"),
];

/// Bytes of a cell's text that are held before they are handed on. Excel writes four for each of 32,767 characters.
const VALUE_BYTES: usize = 128 * 1024;

/// Cells that are kept.
const KEPT_CELLS: usize = 64;

/// Bytes that cells may show until they are given.
const KEPT_BYTES: usize = 8 * 1024;

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
    sheet.give_kept(book, output)?;
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
    kept: Kept,
    /// The field of formulas that stand in no cell.
    field: &'static str,
    in_cell: bool,
    /// True when some text of the cell was given.
    begun: bool,
    asides: Asides,
    /// True when a cell shows a text that the table does not have.
    missing: bool,
}

/// Cells that are kept to be given together: their shared texts stand anywhere in a table of many megabytes, and a processor
/// that may look for several at once waits for the memory once.
#[derive(Default)]
struct Kept {
    /// Row, column, and what each shows.
    cells: Vec<(u32, u32, Shown)>,
    /// What those show that share no text.
    texts: String,
}

impl Kept {
    fn is_full(&self) -> bool {
        self.cells.len() >= KEPT_CELLS || self.texts.len() >= KEPT_BYTES
    }
}

/// What a cell shows.
enum Shown {
    /// The shared text of this number.
    Shared(usize),
    /// The text that stands here.
    Text(Range<usize>),
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
                Event::Start(tag) => self.start(&tag, book, output)?,
                Event::Text(text) => self.characters(text, book, output)?,
                Event::End(name) => self.end(name, book, output)?,
                Event::Other => {}
            }
        }
        Ok(())
    }

    fn characters(&mut self, text: &str, book: &mut Book, output: &mut Output<'_>) -> Reading {
        match self.inside {
            Characters::Nothing => {}
            Characters::Value | Characters::Header => self.value.push_str(text),
            Characters::Formula => self.formula.push_str(text),
        }
        let long = self.value.len() > VALUE_BYTES && self.in_cell && self.kind == Kind::Text;
        if long { self.give_text(book, output) } else { Ok(()) }
    }

    fn start(&mut self, tag: &Tag<'_>, book: &mut Book, output: &mut Output<'_>) -> Reading {
        match tag.name {
            "v" => self.inside = Characters::Value,
            "c" if self.in_cell => {
                self.end_cell(book, output)?;
                self.start_cell(tag);
            }
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
        Ok(())
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
        self.begun = false;
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
        if self.formula.is_empty() && !self.begun {
            self.keep(book);
            return if self.kept.is_full() { self.give_kept(book, output) } else { Ok(()) };
        }
        self.give_kept(book, output)?;
        self.shown.clear();
        if self.kind == Kind::Shared && !self.value.is_empty() {
            let number = shared_number(&self.value);
            match book.strings.get(number) {
                Some(text) => self.shown.push_str(text),
                None => self.missing = true,
            }
            book.strings.show(number);
        } else {
            show(&self.value, self.kind, self.style, book, &mut self.shown);
        }
        self.value.clear();
        if !self.formula.is_empty() {
            self.end_formula();
        }
        self.give_shown(output)
    }

    /// Keeps what the cell shows until more are looked up with it.
    fn keep(&mut self, book: &Book) {
        if self.value.is_empty() {
            return;
        }
        let start = self.kept.texts.len();
        let shown = if self.kind == Kind::Shared {
            Shown::Shared(shared_number(&self.value))
        } else {
            show(&self.value, self.kind, self.style, book, &mut self.kept.texts);
            Shown::Text(start..self.kept.texts.len())
        };
        self.kept.cells.push((self.row, self.column, shown));
        self.value.clear();
    }

    /// Gives the cells that were kept.
    fn give_kept(&mut self, book: &mut Book, output: &mut Output<'_>) -> Reading {
        let Kept { cells, texts } = &mut self.kept;
        let shared = cells.iter().filter_map(|(_, _, shown)| match shown {
            Shown::Shared(number) => Some(*number),
            Shown::Text(_) => None,
        });
        book.strings.fetch(shared);
        for (row, column, shown) in cells.drain(..) {
            let text = match shown {
                Shown::Text(range) => &texts[range],
                Shown::Shared(number) => book.strings.get(number).unwrap_or_else(|| {
                    self.missing = true;
                    ""
                }),
            };
            if !text.is_empty() {
                output.cell(Place::Cell(row, column), TableCell { table: self.table, row, column })?;
                output.push(text)?;
            }
        }
        texts.clear();
        Ok(())
    }

    /// Hands on what a long cell holds so far.
    fn give_text(&mut self, book: &mut Book, output: &mut Output<'_>) -> Reading {
        self.give_kept(book, output)?;
        self.shown.clear();
        unescape_into(&self.value, &mut self.shown);
        self.value.clear();
        self.give_shown(output)
    }

    fn give_shown(&mut self, output: &mut Output<'_>) -> Reading {
        if self.shown.is_empty() {
            return Ok(());
        }
        if !std::mem::replace(&mut self.begun, true) {
            let cell = TableCell { table: self.table, row: self.row, column: self.column };
            output.cell(Place::Cell(self.row, self.column), cell)?;
        }
        output.push(&self.shown)
    }

    /// Adds the texts of the cell's formula that its result does not show.
    fn end_formula(&mut self) {
        let mut found = String::new();
        formula::literals(&self.formula, &mut found);
        self.formula.clear();
        cell::add_literals(&found, &mut self.shown);
    }

    fn end_header(&mut self, field: &'static str) {
        let mut shown = String::new();
        header::text_into(&self.value, &mut shown);
        self.value.clear();
        self.asides.keep(field, Place::Whole, shown.trim());
    }
}

/// Appends what a cell with this value shows, which is not shared.
fn show(value: &str, kind: Kind, style: usize, book: &Book, shown: &mut String) {
    match kind {
        _ if value.is_empty() => {}
        Kind::Number => match book.formats.get(style) {
            Some(format) => format.show(value, book.since_1904, shown),
            None => number::show_plain(value, shown),
        },
        Kind::Text => unescape_into(value, shown),
        Kind::Truth => shown.push_str(if value == "1" { "TRUE" } else { "FALSE" }),
        Kind::Shared => {}
    }
}

fn shared_number(value: &str) -> usize {
    value.trim().parse().unwrap_or(usize::MAX)
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

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::{Told, package, told};
    use super::*;

    /// What is read of a workbook with this sheet, without its name.
    fn read(sheet: &str) -> Told {
        let mut told = told(package(&[
            ("xl/workbook.xml", "<workbook><sheets><sheet name='Ark1' r:id='r1'/></sheets></workbook>"),
            ("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id='r1' Target='sheet.xml'/></Relationships>"),
            ("xl/sheet.xml", &format!("<worksheet>{sheet}</worksheet>")),
            ("xl/sharedStrings.xml", "<sst><si><t>Navn</t></si><si><t>Cpr</t></si></sst>"),
            ("xl/styles.xml", "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>"),
        ]));
        assert_eq!(told.lines.remove(0), "Ark1 › name: Ark1");
        told
    }

    fn lines(sheet: &str) -> Vec<String> {
        let mut lines = read(sheet).lines;
        lines.retain(|line| !line.starts_with("unused text"));
        lines
    }

    #[test]
    fn values_of_all_kinds_are_shown() {
        let cells = "<sheetData><row r='2'><c r='A2' t='s'><v>1</v></c><c r='C2'><v>3011167070</v></c>\
                     <c r='D2' s='1'><v>43536</v></c><c r='E2' t='str'><f>A1</f><v>070761-4285</v></c></row>\
                     <row><c t='inlineStr'><is><r><t>0707</t></r><r><t>61</t></r><rPh><t>x</t></rPh></is></c>\
                     <c t='b'><v>1</v></c><c t='e'><v>#SPILL!</v></c><c t='d'><v>2019-03-12</v></c><c/></row></sheetData>";
        let told = read(cells);
        assert_eq!(
            told.lines[..8],
            [
                "Ark1!A2: Cpr",
                "Ark1!C2: 3011167070",
                "Ark1!D2: 2019-03-12",
                "Ark1!E2: 070761-4285",
                "Ark1!A3: 070761",
                "Ark1!B3: TRUE",
                "Ark1!C3: #SPILL!",
                "Ark1!D3: 2019-03-12",
            ]
        );
        assert_eq!(told.cells[..3], [(1, 2, 1), (1, 2, 3), (1, 2, 4)]);
        assert_eq!(told.lines[8..], ["unused text: Navn"]);
    }

    #[test]
    fn texts_of_a_formula_are_given_unless_its_result_shows_them() {
        let cell = |inner: &str| lines(&format!("<sheetData><row><c t='str'>{inner}</c></row></sheetData>"));
        assert_eq!(cell("<f>\"0707\"&amp;\"61\"</f><v></v>"), ["Ark1!A1: 070761"]);
        assert_eq!(cell("<f>\"070761-4285\"</f><v>070761-4285</v>"), ["Ark1!A1: 070761-4285"]);
        assert_eq!(cell("<f>IF(A1=\"a\",1)</f><v>1</v>"), ["Ark1!A1: 1\na"]);
    }

    #[test]
    fn what_stands_beside_the_cells_is_given() {
        let beside = "<sheetData/><autoFilter><filters><filter val='f'/></filters></autoFilter>\
                      <cfRule><formula>A1=\"c\"</formula></cfRule>\
                      <dataValidation prompt='p' sqref='A1'><formula1>\"l,m\"</formula1></dataValidation>\
                      <hyperlinks><hyperlink ref='B7' tooltip='t'/></hyperlinks>\
                      <headerFooter><oddHeader>&amp;Ch</oddHeader><evenFooter>e</evenFooter></headerFooter>";
        assert_eq!(
            lines(beside),
            [
                "Ark1 › conditional format: c",
                "Ark1 › data validation: p",
                "Ark1 › data validation: l,m",
                "Ark1 › filter: f",
                "Ark1 › footer: e",
                "Ark1 › header: h",
                "Ark1 › hyperlink › B7: t",
            ]
        );
    }

    #[test]
    fn what_stood_before_a_break_is_given() {
        let told = read("<sheetData><row><c><v>1</v></c><c t='inlineStr'><is><t>070761-4285</t></c");
        assert_eq!(told.lines[..2], ["Ark1!A1: 1", "Ark1!B1: 070761-4285"]);
        assert_eq!(told.problems, ["Ark1: Damaged"]);
    }

    #[test]
    fn a_long_text_is_given_in_pieces_that_join() {
        let long = "x".repeat(2 * VALUE_BYTES);
        let cell = format!("<c t='str'><v>{long}0707<![CDATA[61-]]>4285</v></c>");
        let told = read(&format!("<sheetData><row>{cell}<c><v>1</v></c></row></sheetData>"));
        assert!(told.lines.iter().any(|line| line.ends_with("x070761-4285")));
        assert!(told.lines.contains(&"Ark1!B1: 1".to_owned()));
    }

    #[test]
    fn a_text_that_the_table_does_not_have_is_a_problem_of_its_sheet() {
        let told = read("<sheetData><row><c t='s'><v>9</v></c><c><v>1</v></c></row></sheetData>");
        assert_eq!((&*told.lines[0], &told.problems[..]), ("Ark1!B1: 1", &["Ark1: Damaged".to_owned()][..]));
    }

    #[test]
    fn references_name_a_row_and_a_column() {
        assert_eq!(position("B7"), Some((7, 2)));
        assert_eq!(position("aa10:B12").or(position("XFD1048576")), Some((1_048_576, 16_384)));
        assert_eq!(["", "7", "B", "B0", "ZZZZZZZZ1", "$B$7", "Bø"].map(position), [None; 7]);
    }
}
