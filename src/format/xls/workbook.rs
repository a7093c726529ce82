//! What all sheets of a workbook share: its texts, formats, names, and the cells of other workbooks that it shows.

use std::collections::HashMap;

use super::super::book::cell::{self, Cells};
use super::super::book::number::NumberFormat;
use super::super::book::string::{Strings, give_unshown};
use super::super::book::token::{self, Tokens};
use super::super::little::Little;
use super::super::ooxml::Asides;
use super::super::{Output, Reading};
use super::record::{Pieces, Record, Spelling};
use crate::model::{Place, ProblemKind};

/// What was read before the sheets.
#[derive(Default)]
pub struct Workbook {
    /// How its texts are spelled.
    pub spelling: Spelling,
    /// True when its version was told.
    pub is_told: bool,
    /// True when days are counted from 1904.
    pub since_1904: bool,
    /// The texts that cells share.
    pub strings: Strings,
    /// Its sheets, by where their records begin.
    pub sheets: HashMap<usize, SheetName>,
    formats: HashMap<u16, NumberFormat>,
    /// The format of each style.
    styles: Vec<u16>,
    asides: Asides,
    external: Vec<(u32, u32, u32, String)>,
    links: u32,
    /// True when a record did not hold what it should.
    pub broken: bool,
}

/// A sheet that the workbook names.
#[derive(Debug)]
pub struct SheetName {
    /// How it is called.
    pub name: String,
    /// True when its cells are no cells but macro code that lies elsewhere.
    pub is_module: bool,
}

impl Workbook {
    /// Takes a record that may stand before the sheets or, in old versions, among the cells; the next one begins at
    /// `after`. None when it does not hold what it should.
    pub fn take(&mut self, record: &Record<'_>, after: usize) -> Option<()> {
        let mut body = record.body;
        let mut pieces = record.pieces();
        match record.kind {
            0x42 => {
                self.spelling.code_page = match u32::from(body.u16()?) {
                    // Of a Macintosh, and of the first versions for Windows.
                    0x8000 => 10000,
                    0x8001 => 1252,
                    page => page,
                }
            }
            0x22 => self.since_1904 = body.u16()? != 0,
            0x1e | 0x41e => self.format(&mut pieces)?,
            0x43 => {
                body.take(2)?;
                self.styles.push(u16::from(body.u8()? & 0x3f));
            }
            0x243 | 0x443 => {
                body.u8()?;
                self.styles.push(body.u8()?.into());
            }
            0xe0 => {
                body.u16()?;
                self.styles.push(body.u16()?);
            }
            0x85 => self.sheet(&mut pieces)?,
            0x8f => {
                pieces.skip(4)?;
                let name = self.spelling.short(&mut pieces)?;
                self.sheets.insert(after, SheetName { name, is_module: false });
            }
            0xfc => self.shared(&mut pieces)?,
            0x18 | 0x218 => self.name(record)?,
            0x17 if self.spelling.version < 8 => {
                let path = self.spelling.short(&mut pieces)?;
                self.link(&path);
            }
            0x1ae => {
                let sheets = pieces.u16()?;
                let units = pieces.u16()?;
                if units < 0x100 {
                    let path = pieces.unicode(units.into())?;
                    self.link(&path);
                    for _ in 0..sheets {
                        let name = self.spelling.long(&mut pieces)?;
                        self.asides.keep("external link", Place::Whole, &name);
                    }
                }
            }
            0x23 if self.spelling.version >= 5 => {
                pieces.skip(6)?;
                let name = self.spelling.short(&mut pieces)?;
                self.asides.keep("external link", Place::Whole, &name);
            }
            0x59 => self.links += 1,
            0x5a => self.cached(record)?,
            0x51 => {
                pieces.skip(6)?;
                let path = self.spelling.long(&mut pieces)?;
                self.link(&path);
            }
            0x52 => {
                let name = self.spelling.long(&mut pieces)?;
                self.link(&name);
            }
            0xcd => {
                let text = self.spelling.long(&mut pieces)?;
                self.asides.keep("connection", Place::Whole, &text);
            }
            _ => {}
        }
        Some(())
    }

    /// Notes that a cell shows a shared text.
    pub fn note_shown(&mut self, mut cell: Little<'_>) {
        if let Some(number) = cell.take(6).and_then(|_| cell.size()) {
            self.strings.show(number);
        }
    }

    /// How a number is shown in a cell of this style.
    pub fn show(&self, number: f64, style: u16) -> String {
        let format = self.styles.get(usize::from(style)).copied();
        self.show_as(number, format.unwrap_or(0))
    }

    /// How a number is shown in this format.
    pub fn show_as(&self, number: f64, format: u16) -> String {
        let built_in = NumberFormat::built_in(format.into());
        cell::show(number, Some(self.formats.get(&format).unwrap_or(&built_in)), self.since_1904)
    }

    /// Appends what a formula holds itself.
    pub fn literals(&self, tokens: &[u8], extra: &[u8], found: &mut String) {
        let spelling = self.spelling;
        let decode = |bytes: &[u8]| spelling.decode(bytes);
        let layout = if spelling.version >= 8 { Tokens::Eight } else { Tokens::Old(spelling.version, &decode) };
        token::literals(tokens, extra, layout, found);
    }

    /// Gives what stands in no sheet.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn give(self, output: &mut Output<'_>) -> Reading {
        self.asides.give(output)?;
        if !self.external.is_empty() {
            output.field("external link", |output| {
                for cells in self.external.chunk_by(|a, b| a.0 == b.0) {
                    let table = Cells::new(output);
                    cells.iter().try_for_each(|(_, row, column, text)| table.give(*row, *column, text, output))?;
                }
                Ok(())
            })?;
        }
        give_unshown(&self.strings, output)?;
        if self.broken { Err(ProblemKind::Damaged) } else { Ok(()) }
    }

    /// Up to version 4 formats are counted.
    fn format(&mut self, pieces: &mut Pieces<'_>) -> Option<()> {
        let number = match self.spelling.version {
            2 | 3 => self.formats.len() as u16,
            4 => {
                pieces.u16()?;
                self.formats.len() as u16
            }
            _ => pieces.u16()?,
        };
        let code = match self.spelling.version {
            2..=7 => self.spelling.short(pieces)?,
            _ => self.spelling.long(pieces)?,
        };
        self.formats.insert(number, NumberFormat::parse(&code));
        Some(())
    }

    fn sheet(&mut self, pieces: &mut Pieces<'_>) -> Option<()> {
        // Version 4 names its sheets where they begin.
        if self.spelling.version < 5 {
            return Some(());
        }
        let at = pieces.u32()? as usize;
        let kind = pieces.u16()? >> 8;
        let name = self.spelling.short(pieces)?;
        self.sheets.insert(at, SheetName { name, is_module: kind == 6 });
        Some(())
    }

    fn shared(&mut self, pieces: &mut Pieces<'_>) -> Option<()> {
        pieces.skip(8)?;
        while pieces.is_left() {
            let text = self.spelling.long(pieces)?;
            self.strings.add(&text).ok()?;
        }
        Some(())
    }

    /// A defined name. \[MS-XLS\] 2.4.150.
    fn name(&mut self, record: &Record<'_>) -> Option<()> {
        let mut pieces = record.pieces();
        let version = self.spelling.version;
        pieces.skip(3)?;
        let units = usize::from(pieces.u8()?);
        let tokens = if version == 2 { usize::from(pieces.u8()?) } else { usize::from(pieces.u16()?) };
        let mut texts = Vec::new();
        if version >= 5 {
            pieces.skip(4)?;
            texts = pieces.bytes(4)?;
        }
        let mut found = self.spelling.text(units, &mut pieces)?;
        let tokens = pieces.bytes(tokens)?;
        let mut meaning = String::new();
        self.literals(&tokens, &[], &mut meaning);
        if !meaning.is_empty() {
            found.push('\n');
            found.push_str(&meaning);
        }
        for units in texts.into_iter().filter(|units| *units > 0) {
            found.push('\n');
            found.push_str(&self.spelling.text(units.into(), &mut pieces)?);
        }
        // Names that the program gives are one character.
        if found.chars().any(|c| !c.is_control()) {
            self.asides.keep("defined name", Place::Whole, &found);
        }
        Some(())
    }

    /// Where something else lies; drives and folders are parted by characters that cannot be shown.
    fn link(&mut self, path: &str) {
        let path: String = path.chars().map(|c| if c.is_control() { '/' } else { c }).collect();
        self.asides.keep("external link", Place::Whole, path.trim_matches('/'));
    }

    /// Cells of another workbook. \[MS-XLS\] 2.4.70.
    fn cached(&mut self, record: &Record<'_>) -> Option<()> {
        let mut pieces = record.pieces();
        let (last, first, row) = (pieces.u8()?, pieces.u8()?, pieces.u16()?);
        for column in first..=last {
            let text = match pieces.u8()? {
                1 => cell::show(Little(&pieces.bytes(8)?).f64()?, None, false),
                2 if self.spelling.version >= 8 => self.spelling.long(&mut pieces)?,
                2 => self.spelling.short(&mut pieces)?,
                _ => {
                    pieces.skip(8)?;
                    continue;
                }
            };
            self.external.push((self.links, row.into(), column.into(), text));
        }
        Some(())
    }
}
