//! The characters of a document, piece by piece, each with what is known of it.

use std::collections::HashMap;
use std::ops::Range;

use super::super::code_page::decode;
use super::super::little::u16_at;
use super::super::{Output, Reading};
use super::fib::{Fib, Version};
use super::flow::{CELL_END, Flow};
use super::font;
use super::page::{Of, Pages};
use super::piece::{Piece, pieces};
use super::sprm::{Characters, Paragraph};
use crate::model::ProblemKind;

/// The streams of a document, and what they say of its text.
pub struct Document {
    version: Version,
    code_page: u32,
    word: Vec<u8>,
    /// What is long, and what the text refers to.
    pub data: Vec<u8>,
    pieces: Vec<Piece>,
    characters: Pages,
    paragraphs: Pages,
    /// What was wrong with the pieces.
    pub broken: Reading,
}

impl Document {
    /// Lays out the text of the stream `word`; its tables may stand in another, what is long in a third.
    pub fn new(fib: &Fib, word: Vec<u8>, tables: Option<&[u8]>, data: Vec<u8>) -> Self {
        let from = tables.unwrap_or(&word);
        let (mut pieces, mut broken) = pieces(fib, &word, from);
        let list = |range: &Range<usize>| from.get(range.clone()).unwrap_or_default();
        let characters = Pages::read(Of::Characters, fib.version, list(&fib.characters), &word);
        let paragraphs = Pages::read(Of::Paragraphs, fib.version, list(&fib.paragraphs), &word);
        // Pieces do not stand in one another, so all of them are no longer than the stream.
        let mut left = word.len().saturating_mul(2);
        for piece in &mut pieces {
            let bytes = piece.bytes();
            let held = bytes.end.min(word.len()).saturating_sub(bytes.start).min(left);
            left -= held;
            if held < bytes.len() {
                broken = Err(ProblemKind::Damaged);
                piece.characters.end = piece.characters.start + (held / piece.unit()) as u32;
            }
        }
        let code_page = match fib.version {
            Version::Word97 => 1252,
            _ => font::code_page(list(&fib.fonts), word.get(fib.text.clone()).unwrap_or_default())
                .unwrap_or(fib.code_page),
        };
        Self { version: fib.version, code_page, word, data, pieces, characters, paragraphs, broken }
    }

    /// Characters of all stories.
    pub fn length(&self) -> u32 {
        self.pieces.iter().map(|piece| piece.characters.end).max().unwrap_or(0)
    }

    /// Gives the characters of a story.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn read(&self, characters: &Range<u32>, output: &mut Output<'_>) -> Reading {
        let mut story = Story { document: self, flow: Flow::default(), paragraphs: HashMap::new() };
        for piece in self.pieces.iter().filter_map(|piece| piece.within(characters)) {
            story.piece(&piece, output)?;
        }
        story.flow.end(output)
    }
}

/// What is read of a story.
struct Story<'d> {
    document: &'d Document,
    flow: Flow,
    /// Paragraphs by where their properties stand.
    paragraphs: HashMap<Range<usize>, Paragraph>,
}

impl Story<'_> {
    fn piece(&mut self, piece: &Piece, output: &mut Output<'_>) -> Reading {
        let document = self.document;
        let bytes = piece.bytes();
        let mut at = bytes.start;
        while at < bytes.end {
            let (properties, until) = document.characters.at(at);
            let length = until.min(bytes.end).saturating_sub(at).next_multiple_of(piece.unit());
            let end = (at + length).min(bytes.end);
            let properties = properties.and_then(|range| document.word.get(range)).unwrap_or_default();
            let told = Characters::read(document.version, properties);
            match told.symbol {
                Some(symbol) if length == piece.unit() => {
                    self.flow.push(symbol.encode_utf8(&mut [0; 4]), told.deleted, output)?;
                }
                _ if piece.wide => self.wide(at..end, told, output)?,
                _ => self.narrow(at..end, told, output)?,
            }
            at = end;
        }
        Ok(())
    }

    fn narrow(&mut self, bytes: Range<usize>, told: Characters, output: &mut Output<'_>) -> Reading {
        let document = self.document;
        let mut at = bytes.start;
        for run in document.word.get(bytes).unwrap_or_default().split_inclusive(|&b| b < b' ') {
            let (text, mark) = match run.split_last() {
                Some((&mark, text)) if mark < b' ' => (text, Some(mark)),
                _ => (run, None),
            };
            if !text.is_empty() {
                self.flow.push(&decode(text, document.code_page), told.deleted, output)?;
            }
            at += run.len();
            if let Some(mark) = mark {
                self.mark(mark.into(), at - 1, told.deleted, output)?;
            }
        }
        Ok(())
    }

    fn wide(&mut self, bytes: Range<usize>, told: Characters, output: &mut Output<'_>) -> Reading {
        let units = self.document.word.get(bytes.clone()).unwrap_or_default().chunks_exact(2);
        let units: Vec<u16> = units.map(|unit| u16_at(unit, 0)).collect();
        let mut at = bytes.start;
        for run in units.split_inclusive(|&unit| unit < 0x20) {
            let (text, mark) = match run.split_last() {
                Some((&mark, text)) if mark < 0x20 => (text, Some(mark)),
                _ => (run, None),
            };
            if !text.is_empty() {
                self.flow.push(&String::from_utf16_lossy(text), told.deleted, output)?;
            }
            at += 2 * run.len();
            if let Some(mark) = mark {
                self.mark(mark, at - 2, told.deleted, output)?;
            }
        }
        Ok(())
    }

    /// A character that is no text ([MS-DOC] 2.4.1 and 2.8.25).
    fn mark(&mut self, mark: u16, at: usize, deleted: bool, output: &mut Output<'_>) -> Reading {
        let text = match mark {
            7 | 12 | 13 => {
                let paragraph = self.paragraph(at);
                return self.flow.end_paragraph(mark, paragraph, output);
            }
            0x13 => {
                self.flow.begin_field();
                return Ok(());
            }
            0x14 => {
                self.flow.begin_result();
                return Ok(());
            }
            0x15 => {
                self.flow.end_field();
                return Ok(());
            }
            9 => "\t",
            10 | 11 | 14 => "\n",
            0x1e => "-",
            0x1f => "\u{ad}",
            // The number of a footnote, a picture, a drawing, a separator.
            1 | 2 | 3 | 4 | 8 => " ",
            _ => return Ok(()),
        };
        self.flow.push(text, deleted, output)
    }

    /// What is known of the paragraph whose mark stands at `at`.
    fn paragraph(&mut self, at: usize) -> Option<Paragraph> {
        let document = self.document;
        let range = document.paragraphs.at(at).0?;
        let read = || {
            let bytes = document.word.get(range.clone()).unwrap_or_default();
            Paragraph::read(document.version, bytes, &document.data)
        };
        Some(*self.paragraphs.entry(range.clone()).or_insert_with(read))
    }
}

const _: () = assert!(CELL_END == 7);
