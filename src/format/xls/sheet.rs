//! A sheet: its cells, and what stands beside them.

use super::super::book::cell::{self, Cells};
use super::super::book::header;
use super::super::little::Little;
use super::super::ooxml::Asides;
use super::super::{Output, Reading, escher};
use super::link;
use super::record::{Record, Records};
use super::workbook::Workbook;
use crate::model::{Place, ProblemKind};

/// Characters in a row that are text, in a record of which the layout is not known.
const RUN: usize = 4;

/// Gives the cells of a sheet up to its end, then what stands beside them. In a chart they are those that it shows.
///
/// # Errors
/// When a limit was reached; [`ProblemKind::Damaged`] when a record is broken or the end is missing, and all others
/// were given.
pub fn read(records: &mut Records<'_>, book: &mut Workbook, is_chart: bool, output: &mut Output<'_>) -> Reading {
    let mut sheet = Sheet { is_chart, ..Sheet::new(Cells::new(output)) };
    let reading = sheet.read(records, book, output);
    sheet.give_pending(output)?;
    sheet.keep_texts();
    sheet.give_chart(output)?;
    let whole = sheet.whole;
    sheet.asides.give(output)?;
    reading.and(if whole { Ok(()) } else { Err(ProblemKind::Damaged) })
}

struct Sheet {
    cells: Cells,
    /// A formula whose text follows.
    pending: Option<(u32, u32, String)>,
    asides: Asides,
    is_chart: bool,
    /// Charts that the reading stands in.
    depth: usize,
    /// What charts show.
    shown: Vec<(u32, u32, String)>,
    /// Cells with comments, and the objects in which those stand.
    notes: Vec<(Place, u16)>,
    /// The objects with texts.
    texts: Vec<(u16, String)>,
    object: u16,
    /// The cell of a comment that may go on.
    note: Option<Place>,
    note_text: String,
    whole: bool,
}

impl Sheet {
    fn new(cells: Cells) -> Self {
        Self {
            cells,
            pending: None,
            asides: Asides::default(),
            is_chart: false,
            depth: 0,
            shown: Vec::new(),
            notes: Vec::new(),
            texts: Vec::new(),
            object: 0,
            note: None,
            note_text: String::new(),
            whole: true,
        }
    }

    fn read(&mut self, records: &mut Records<'_>, book: &mut Workbook, output: &mut Output<'_>) -> Reading {
        while let Some(record) = records.next() {
            match record.kind {
                0x09 | 0x209 | 0x409 | 0x809 => self.depth += 1,
                0x0a if self.depth == 0 => return Ok(()),
                0x0a => self.depth -= 1,
                0x07 | 0x207 => {
                    let text = book.spelling.long(&mut record.pieces());
                    self.whole &= text.is_some();
                    let text = text.unwrap_or_default();
                    if let Some((row, column, literals)) = self.pending.take() {
                        self.formula(row, column, text, &literals, output)?;
                    }
                }
                _ => match self.cell(&record, book) {
                    Some(Cell::None) => {
                        let beside = self.beside(&record, book).and_then(|()| book.take(&record, records.at));
                        self.whole &= beside.is_some();
                    }
                    Some(cell) => {
                        if record.kind == 0xfd {
                            book.note_shown(record.body);
                        }
                        self.give(cell, output)?;
                    }
                    None => self.whole = false,
                },
            }
        }
        self.whole = false;
        Ok(())
    }

    fn give(&mut self, cell: Cell, output: &mut Output<'_>) -> Reading {
        self.give_pending(output)?;
        let in_chart = self.is_chart || self.depth > 0;
        match cell {
            Cell::None => Ok(()),
            Cell::Some(row, column, text) if in_chart => {
                self.shown.push((row, column, text));
                Ok(())
            }
            Cell::Some(row, column, text) => self.cells.give(row, column, &text, output),
            Cell::Many(row, column, texts) => {
                (column..).zip(texts).try_for_each(|(column, text)| self.cells.give(row, column, &text, output))
            }
            Cell::Formula(row, column, Some(text), literals) => self.formula(row, column, text, &literals, output),
            Cell::Formula(row, column, None, literals) => {
                self.pending = Some((row, column, literals));
                Ok(())
            }
        }
    }

    fn give_pending(&mut self, output: &mut Output<'_>) -> Reading {
        match self.pending.take() {
            Some((row, column, literals)) => self.formula(row, column, String::new(), &literals, output),
            None => Ok(()),
        }
    }

    fn formula(&self, row: u32, column: u32, mut text: String, literals: &str, output: &mut Output<'_>) -> Reading {
        cell::add_literals(literals, &mut text);
        self.cells.give(row, column, &text, output)
    }

    /// What a record gives that is a cell. None when it does not hold what it should.
    fn cell(&self, record: &Record<'_>, book: &Workbook) -> Option<Cell> {
        let version = book.spelling.version;
        let mut body = record.body;
        let known = match record.kind {
            0x02..=0x05 if version == 2 => true,
            0x06 | 0x203..=0x206 | 0x406 | 0x27e | 0xbd | 0xd6 | 0xfd => true,
            _ => false,
        };
        if !known {
            return Some(Cell::None);
        }
        let (row, column) = (u32::from(body.u16()?), u32::from(body.u16()?));
        let head = Head { book, style: body.u16()?, format: if version == 2 { Some(body.u8()?) } else { None } };
        // In version 2 the format stands in the second of three bytes.
        let head = match head.format {
            Some(_) => Head { format: Some((head.style >> 8) as u8 & 0x3f), ..head },
            None => head,
        };
        let text = match record.kind {
            0x02 => head.show(body.u16()?.into()),
            0x03 | 0x203 => head.show(body.f64()?),
            0x04 | 0x204 | 0xd6 => {
                let mut pieces = record.pieces();
                pieces.skip(if version == 2 { 7 } else { 6 })?;
                book.spelling.long(&mut pieces)?
            }
            0x05 | 0x205 => match (body.u8()?, body.u8()?) {
                (value, 0) => cell::truth(value != 0).to_owned(),
                (code, _) => cell::error(code).to_owned(),
            },
            0x27e => head.show(body.rk()?),
            0xfd => book.strings.get(body.size()?)?.to_owned(),
            0xbd => {
                let mut texts = Vec::new();
                let mut rest = Little(body.0);
                let mut style = head.style;
                while let Some(number) = rest.rk() {
                    texts.push(book.show(number, style));
                    match rest.u16() {
                        Some(next) => style = next,
                        None => break,
                    }
                }
                return Some(Cell::Many(row, column, texts));
            }
            _ => return formula(row, column, &head, body),
        };
        Some(Cell::Some(row, column, text))
    }

    /// Keeps what stands beside the cells.
    fn beside(&mut self, record: &Record<'_>, book: &Workbook) -> Option<()> {
        let mut body = record.body;
        let mut pieces = record.pieces();
        let spelling = book.spelling;
        match record.kind {
            0x14 | 0x15 if !body.0.is_empty() => {
                let text =
                    if spelling.version >= 8 { spelling.long(&mut pieces)? } else { spelling.short(&mut pieces)? };
                self.keep_header(if record.kind == 0x14 { "header" } else { "footer" }, &text);
            }
            0x89c => {
                pieces.skip(30)?;
                let units = [pieces.u16()?, pieces.u16()?, pieces.u16()?, pieces.u16()?];
                for (units, field) in units.into_iter().zip(["header", "footer", "header", "footer"]) {
                    if units > 0 {
                        let text = spelling.long(&mut pieces)?;
                        self.keep_header(field, &text);
                    }
                }
            }
            0x1c => self.note(record, book)?,
            0x5d if spelling.version >= 8 => {
                body.take(6)?;
                self.object = body.u16()?;
            }
            0x5d => {
                let text = spelling.decode(body.0);
                for run in text.split(|c: char| c.is_control()).filter(|run| run.chars().count() >= RUN) {
                    self.asides.keep("drawing", Place::Whole, run);
                }
            }
            0x1b6 => {
                body.take(10)?;
                let units = usize::from(body.u16()?);
                if units > 0 {
                    let text = record.continued().unicode(units)?;
                    self.texts.push((self.object, text));
                }
            }
            0x100d => {
                pieces.skip(2)?;
                let text = spelling.short(&mut pieces)?;
                self.asides.keep("chart", Place::Whole, &text);
            }
            // A drawing goes on wherever there is room: what stands in pieces is read in each of them.
            0xec => {
                let drawing = pieces.rest();
                escher::texts(&drawing, |text| self.asides.keep("alternative text", Place::Whole, text));
            }
            0x1b8 => link::read(body, &mut self.asides)?,
            0x800 => {
                let (row, _, column) = (body.take(2).and(body.u16())?, body.u16()?, body.u16()?);
                body.u16()?;
                let tip = body.utf16(body.0.len() / 2)?;
                self.asides.keep("hyperlink", place(row, column), tip.trim_end_matches('\0'));
            }
            0x1be => {
                pieces.skip(4)?;
                for _ in 0..4 {
                    let text = spelling.long(&mut pieces)?;
                    // What is missing is one character.
                    self.asides.keep("data validation", Place::Whole, text.trim_matches('\0'));
                }
                let mut found = String::new();
                for _ in 0..2 {
                    let tokens = usize::from(pieces.u16()?);
                    pieces.skip(2)?;
                    book.literals(&pieces.bytes(tokens)?, &[], &mut found);
                }
                self.asides.keep("data validation", Place::Whole, &found);
            }
            0x1b1 => {
                body.u16()?;
                let (first, second) = (usize::from(body.u16()?), usize::from(body.u16()?));
                let (_, tokens) = body.0.split_at_checked(body.0.len().checked_sub(first + second)?)?;
                let (first, second) = tokens.split_at_checked(first)?;
                let mut found = String::new();
                book.literals(first, &[], &mut found);
                book.literals(second, &[], &mut found);
                self.asides.keep("conditional format", Place::Whole, &found);
            }
            0x9e => {
                pieces.skip(4)?;
                let conditions = [pieces.bytes(10)?, pieces.bytes(10)?];
                for condition in conditions.iter().filter(|condition| condition[0] == 6) {
                    let text = spelling.text(condition[6].into(), &mut pieces)?;
                    self.asides.keep("filter", Place::Whole, &text);
                }
            }
            0xbc | 0x4bc => {
                body.take(8)?;
                let tokens = usize::from(body.u16()?);
                let mut found = String::new();
                book.literals(body.take(tokens)?, body.0, &mut found);
                self.asides.keep("formula", Place::Whole, &found);
            }
            _ => {}
        }
        Some(())
    }

    fn keep_header(&mut self, field: &'static str, text: &str) {
        let mut shown = String::new();
        header::text_into(text, &mut shown);
        self.asides.keep(field, Place::Whole, shown.trim());
    }

    /// A comment: in old versions its text, else the object in which it stands.
    fn note(&mut self, record: &Record<'_>, book: &Workbook) -> Option<()> {
        let mut body = record.body;
        let (row, column) = (body.u16()?, body.u16()?);
        if book.spelling.version >= 8 {
            body.u16()?;
            self.notes.push((place(row, column), body.u16()?));
            return Some(());
        }
        if row != u16::MAX {
            self.keep_note();
            self.note = Some(place(row, column));
        }
        body.u16()?;
        self.note_text.push_str(&book.spelling.decode(body.0));
        Some(())
    }

    fn keep_note(&mut self) {
        let text = std::mem::take(&mut self.note_text);
        self.asides.keep("comment", self.note.take().unwrap_or(Place::Whole), &text);
    }

    /// Keeps the texts of objects, those of comments at their cells.
    fn keep_texts(&mut self) {
        self.keep_note();
        self.notes.sort_by_key(|(_, object)| *object);
        for (object, text) in std::mem::take(&mut self.texts) {
            match self.notes.binary_search_by_key(&object, |(_, object)| *object) {
                Ok(at) => self.asides.keep("comment", self.notes[at].0, &text),
                Err(_) => self.asides.keep("drawing", Place::Whole, &text),
            }
        }
    }

    fn give_chart(&mut self, output: &mut Output<'_>) -> Reading {
        let shown = std::mem::take(&mut self.shown);
        if shown.is_empty() {
            return Ok(());
        }
        output.field("chart", |output| {
            let cells = Cells::new(output);
            shown.iter().try_for_each(|(row, column, text)| cells.give(*row, *column, text, output))
        })
    }
}

/// What a record gives.
enum Cell {
    None,
    Some(u32, u32, String),
    /// From a column on, side by side.
    Many(u32, u32, Vec<String>),
    /// What it shows, if that does not follow, and the texts in it.
    Formula(u32, u32, Option<String>, String),
}

/// How a cell shows numbers.
struct Head<'b> {
    book: &'b Workbook,
    style: u16,
    format: Option<u8>,
}

impl Head<'_> {
    fn show(&self, number: f64) -> String {
        match self.format {
            Some(format) => self.book.show_as(number, format.into()),
            None => self.book.show(number, self.style),
        }
    }
}

/// \[MS-XLS\] 2.4.127.
fn formula(row: u32, column: u32, head: &Head<'_>, mut body: Little<'_>) -> Option<Cell> {
    let version = head.book.spelling.version;
    let result = body.take(8)?;
    let text = match (result[0], &result[6..]) {
        (0, [0xff, 0xff]) if version > 2 => None,
        (1, [0xff, 0xff]) => Some(cell::truth(result[2] != 0).to_owned()),
        (2, [0xff, 0xff]) => Some(cell::error(result[2]).to_owned()),
        (0, [0xff, 0xff]) => None,
        (_, [0xff, 0xff]) => Some(String::new()),
        _ => Some(head.show(Little(result).f64()?)),
    };
    let mut found = String::new();
    let tokens = match version {
        2 => body.u8().and(body.u8()).map(usize::from),
        3 | 4 => body.u16().and(body.u16()).map(usize::from),
        _ => body.take(6).and(body.u16()).map(usize::from),
    };
    // A formula that is broken does not take its result with it.
    if let Some(tokens) = tokens.and_then(|tokens| body.take(tokens)) {
        head.book.literals(tokens, body.0, &mut found);
    }
    Some(Cell::Formula(row, column, text, found))
}

/// The place of a cell. Row and column count from 0.
pub fn place(row: u16, column: u16) -> Place {
    Place::Cell(u32::from(row) + 1, u32::from(column) + 1)
}
