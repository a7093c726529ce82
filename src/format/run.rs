//! Text that was not yet handed on, and where its stretches stand.

use crate::model::{CELL_BREAK, Encoding, Mark, TableCell};

/// Bytes of earlier text that detection sees again before what is new: room for a number and the words before it.
const CONTEXT_BYTES: usize = 512;

/// Room that is taken at once, for a small file.
const FIRST_BYTES: usize = 2048;

/// The same for marks.
const FIRST_MARKS: usize = 16;

/// Text not yet handed on.
#[derive(Default)]
pub struct Run {
    /// The text, with context before what is new.
    pub bytes: Vec<u8>,
    /// Where its stretches begin, in order.
    pub marks: Vec<Mark>,
    /// Where what is new begins.
    pub fresh: usize,
}

impl Run {
    /// Begins a stretch on a line of its own, or after a cell of the same row behind a cell break.
    pub fn begin(&mut self, mark: Mark) {
        let same_row = |a: TableCell, b: TableCell| a.table == b.table && a.row == b.row;
        match (self.marks.last().and_then(|last| last.cell), mark.cell) {
            (Some(last), Some(next)) if same_row(last, next) => self.bytes.push(CELL_BREAK as u8),
            _ if self.bytes.is_empty() || self.bytes.ends_with(b"\n") => {}
            _ => self.bytes.push(b'\n'),
        }
        if self.marks.capacity() == 0 {
            self.bytes.reserve(FIRST_BYTES);
            self.marks.reserve(FIRST_MARKS);
        }
        let offset = self.bytes.len();
        while self.marks.last().is_some_and(|last| last.offset == offset) {
            self.marks.pop();
        }
        self.marks.push(Mark { offset, ..mark });
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.marks.clear();
        self.fresh = 0;
    }

    /// Drops all but some context before `end`, where what is new begins.
    pub fn keep_from(&mut self, end: usize) {
        let from = Encoding::Utf8.char_start(&self.bytes, end.saturating_sub(CONTEXT_BYTES));
        let first = self.marks.partition_point(|mark| mark.offset <= from).saturating_sub(1);
        self.marks.drain(..first);
        for mark in &mut self.marks {
            mark.offset = mark.offset.saturating_sub(from);
        }
        self.bytes.drain(..from);
        self.fresh = end - from;
    }
}
