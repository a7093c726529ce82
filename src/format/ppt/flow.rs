//! The text of a slide, its notes, or a master: shape by shape, tables cell by cell.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::book::token::latin;
use super::super::little::Little;
use super::super::ooxml::Asides;
use super::super::{Output, Reading, escher};
use super::record::{Record, Step, Walk};
use crate::model::{Place, TableCell};

/// Kinds of records. \[MS-PPT\] 2.13.24, \[MS-ODRAW\] 2.1.
mod kind {
    pub const GROUP: u16 = 0xf003;
    pub const SHAPE: u16 = 0xf004;
    pub const CHILD_ANCHOR: u16 = 0xf00f;
    pub const PLACEHOLDER: u16 = 3011;
    pub const CHARS: u16 = 4000;
    pub const BYTES: u16 = 4008;
    pub const STRING: u16 = 4026;
    pub const HEADERS: u16 = 4057;
    pub const LINK: u16 = 4055;
    pub const COMMENT: u16 = 12000;
    pub const SHOW: u16 = 1041;
}

/// Paragraphs that were given, by their hash, so that what stands in a file twice is read once.
#[derive(Default)]
pub struct Given(HashSet<u64>);

impl Given {
    /// Notes some bytes; true when they are new.
    pub fn note(&mut self, bytes: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        self.0.insert(hasher.finish())
    }
}

/// What of the records is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// All text.
    All,
    /// Not what placeholders of a master say of themselves.
    Master,
    /// What was not given before.
    New,
    /// What was not given before, of a master.
    NewOfMaster,
}

impl Reads {
    fn is_master(self) -> bool {
        matches!(self, Self::Master | Self::NewOfMaster)
    }

    fn only_new(self) -> bool {
        matches!(self, Self::New | Self::NewOfMaster)
    }
}

/// Gives text as it comes along.
pub struct Flow<'g> {
    given: &'g mut Given,
    reads: Reads,
    paragraph: u32,
    asides: Asides,
    groups: Vec<Group>,
    shape: Option<Shape>,
    /// What strings stand in.
    inside: Vec<u16>,
}

#[derive(Default)]
struct Group {
    is_table: bool,
    shapes: Vec<Shape>,
}

#[derive(Default)]
struct Shape {
    is_placeholder: bool,
    /// From the top, and from the left.
    at: (u32, u32),
    texts: Vec<String>,
}

impl<'g> Flow<'g> {
    /// A flow before its first paragraph.
    pub fn new(given: &'g mut Given, reads: Reads) -> Self {
        Self {
            given,
            reads,
            paragraph: 0,
            asides: Asides::default(),
            groups: Vec::new(),
            shape: None,
            inside: Vec::new(),
        }
    }

    /// Gives the text of some records, and keeps what stands beside it.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn read(&mut self, records: &[u8], output: &mut Output<'_>) -> Reading {
        for step in Walk::new(records) {
            match step {
                Step::Start(record) => self.start(&record, output)?,
                Step::End(kind) => self.end(kind, output)?,
            }
        }
        Ok(())
    }

    /// Gives what stands beside the text.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn give_asides(&mut self, output: &mut Output<'_>) -> Reading {
        std::mem::take(&mut self.asides).give(output)
    }

    fn start(&mut self, record: &Record<'_>, output: &mut Output<'_>) -> Reading {
        let mut body = Little(record.body);
        match record.kind {
            kind::GROUP => self.groups.push(Group::default()),
            kind::SHAPE => self.shape = Some(Shape::default()),
            kind::HEADERS | kind::LINK | kind::COMMENT | kind::SHOW => self.inside.push(record.kind),
            kind::PLACEHOLDER => {
                if let Some(shape) = &mut self.shape {
                    shape.is_placeholder = true;
                }
            }
            kind::CHILD_ANCHOR => {
                if let (Some(shape), Some(left), Some(top)) = (&mut self.shape, body.u32(), body.u32()) {
                    // Coordinates may be negative.
                    shape.at = (top ^ 0x8000_0000, left ^ 0x8000_0000);
                }
            }
            kind::CHARS => self.text(&body.utf16(body.0.len() / 2).unwrap_or_default(), output)?,
            kind::BYTES => self.text(&latin(record.body), output)?,
            kind::STRING => {
                let text = body.utf16(body.0.len() / 2).unwrap_or_default();
                self.string(record.instance, &text);
            }
            kind if escher::is_properties(kind) => {
                let is_master = self.reads.is_master();
                let is_table = escher::properties(record.body, record.instance.into(), |text| {
                    if !is_master && self.given.note(text.as_bytes()) {
                        self.asides.keep("alternative text", Place::Whole, text);
                    }
                });
                if let Some(group) = self.groups.last_mut() {
                    group.is_table |= is_table;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, kind: u16, output: &mut Output<'_>) -> Reading {
        match kind {
            kind::SHAPE => {
                let Some(shape) = self.shape.take() else { return Ok(()) };
                if self.reads.is_master() && shape.is_placeholder {
                    return Ok(());
                }
                match self.groups.last_mut() {
                    Some(group) if group.is_table => group.shapes.push(shape),
                    _ => shape.texts.iter().try_for_each(|text| self.paragraphs(text, None, output))?,
                }
            }
            kind::GROUP => {
                if let Some(group) = self.groups.pop() {
                    self.table(&group, output)?;
                }
            }
            kind::HEADERS | kind::LINK | kind::COMMENT | kind::SHOW => {
                self.inside.pop();
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str, output: &mut Output<'_>) -> Reading {
        match &mut self.shape {
            Some(shape) => {
                shape.texts.push(text.to_owned());
                Ok(())
            }
            None => self.paragraphs(text, None, output),
        }
    }

    /// Keeps a string that is no text of a shape.
    fn string(&mut self, instance: u16, text: &str) {
        let text = text.trim_end_matches('\0');
        let field = match (self.inside.last(), instance) {
            (Some(&kind::HEADERS), 1) => "header",
            (Some(&kind::HEADERS), _) => "footer",
            (Some(&kind::LINK), _) => "hyperlink",
            (Some(&kind::COMMENT), 0 | 1) => "comment",
            (Some(&kind::SHOW), _) => "custom show",
            _ => return,
        };
        let is_new = self.given.note(text.as_bytes());
        if is_new || !self.reads.only_new() {
            self.asides.keep(field, Place::Whole, text);
        }
    }

    /// Gives the cells of a table: each is a shape, whose corner says where it stands.
    fn table(&mut self, group: &Group, output: &mut Output<'_>) -> Reading {
        let line = |of: fn(&Shape) -> u32| {
            let mut lines: Vec<u32> = group.shapes.iter().filter(|shape| !shape.texts.is_empty()).map(of).collect();
            lines.sort_unstable();
            lines.dedup();
            lines
        };
        let (rows, columns) = (line(|shape| shape.at.0), line(|shape| shape.at.1));
        let number = |lines: &[u32], at: u32| lines.partition_point(|line| *line < at) as u32 + 1;
        let mut shapes: Vec<&Shape> = group.shapes.iter().filter(|shape| !shape.texts.is_empty()).collect();
        shapes.sort_by_key(|shape| shape.at);
        let table = if shapes.is_empty() { 0 } else { output.table() };
        for shape in shapes {
            let cell = TableCell { table, row: number(&rows, shape.at.0), column: number(&columns, shape.at.1) };
            shape.texts.iter().try_for_each(|text| self.paragraphs(text, Some(cell), output))?;
        }
        Ok(())
    }

    /// Gives the paragraphs of a text.
    fn paragraphs(&mut self, text: &str, cell: Option<TableCell>, output: &mut Output<'_>) -> Reading {
        if let Some(cell) = cell {
            let known = text.split('\r').all(|line| !self.given.note(line.as_bytes()));
            self.paragraph += 1;
            if known && self.reads.only_new() {
                return Ok(());
            }
            output.cell(Place::Paragraph(self.paragraph), cell)?;
            return output.push(&shown(text.trim_end_matches('\r')));
        }
        for line in text.split('\r') {
            let is_new = self.given.note(line.as_bytes());
            // A star stands for the number of a page or a date.
            if matches!(line.trim(), "" | "*") || self.reads.only_new() && !is_new {
                continue;
            }
            self.paragraph += 1;
            output.at(Place::Paragraph(self.paragraph))?;
            output.push(&shown(line))?;
        }
        Ok(())
    }
}

/// A text in which lines end as everywhere.
fn shown(text: &str) -> String {
    text.replace(['\r', '\u{b}'], "\n")
}
