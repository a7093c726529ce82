//! Lines of a mail, one after another, and a part of it as a reader that ends at its boundary.

use std::io::{self, Read};

use memchr::memchr;

use super::super::input::problem_kind;
use crate::model::ProblemKind;

/// Longest line that is looked at whole, in bytes; a longer one comes in pieces. RFC 5322 allows 998.
const LINE_BYTES: usize = 64 * 1024;

/// Lines of a stream.
pub struct Lines<'r> {
    source: Box<dyn Read + 'r>,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    /// True when what comes next begins a line.
    begins: bool,
    failed: Option<ProblemKind>,
}

impl<'r> Lines<'r> {
    /// Lines from the beginning of `source`.
    pub fn new(source: impl Read + 'r) -> Self {
        Self { source: Box::new(source), buffer: Vec::new(), at: 0, ended: false, begins: true, failed: None }
    }

    /// The line that comes next, with its end; a piece of it when it is long. Empty at the end of all.
    pub fn peek(&mut self) -> &[u8] {
        let mut searched = 0;
        loop {
            let rest = &self.buffer[self.at..];
            let length = match memchr(b'\n', &rest[searched..]) {
                Some(end) => searched + end + 1,
                None if self.ended || rest.len() >= LINE_BYTES => rest.len(),
                None => {
                    searched = rest.len();
                    self.fill();
                    continue;
                }
            };
            return &self.buffer[self.at..self.at + length.min(LINE_BYTES)];
        }
    }

    /// True when what comes next begins a line.
    pub fn begins(&self) -> bool {
        self.begins
    }

    /// Goes on behind so many bytes of what was peeked at.
    pub fn consume(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.buffer.len());
        if let Some(last) = self.buffer[self.at..end].last() {
            self.begins = *last == b'\n';
        }
        self.at = end;
    }

    /// Why the source failed, if it did; it ended there.
    ///
    /// # Errors
    /// When it did.
    pub fn unbroken(&self) -> Result<(), ProblemKind> {
        self.failed.map_or(Ok(()), Err)
    }

    fn fill(&mut self) {
        self.buffer.drain(..self.at);
        self.at = 0;
        let read = self.source.by_ref().take(LINE_BYTES as u64).read_to_end(&mut self.buffer);
        self.failed = read.as_ref().err().map(problem_kind);
        self.ended = !read.is_ok_and(|got| got == LINE_BYTES);
    }
}

/// A line that ends a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// Another part of the multipart that was opened so many before it.
    Next(usize),
    /// The end of that multipart.
    Close(usize),
}

/// The part of a mail that goes up to the next boundary of an open multipart.
pub struct Part<'p, 'r> {
    lines: &'p mut Lines<'r>,
    /// The boundaries of the multiparts that are open, outermost first.
    open: &'p [Vec<u8>],
}

impl<'p, 'r> Part<'p, 'r> {
    /// From the next line on.
    pub fn new(lines: &'p mut Lines<'r>, open: &'p [Vec<u8>]) -> Self {
        Self { lines, open }
    }

    /// The next line of the part, or a piece of it; none at its end.
    pub fn peek(&mut self) -> Option<&[u8]> {
        let begins = self.lines.begins();
        let line = self.lines.peek();
        if line.is_empty() || begins && boundary(line, self.open).is_some() { None } else { Some(line) }
    }

    /// As [`Lines::consume`].
    pub fn consume(&mut self, bytes: usize) {
        self.lines.consume(bytes);
    }

    /// Passes over what is left, and gives the line that ends the part; none at the end of the mail.
    pub fn end(mut self) -> Option<Boundary> {
        while let Some(line) = self.peek() {
            let length = line.len();
            self.consume(length);
        }
        let line = self.lines.peek();
        let found = boundary(line, self.open);
        let length = line.len();
        self.lines.consume(length);
        found
    }
}

impl Read for Part<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len()
            && let Some(line) = self.peek()
        {
            let length = line.len().min(buffer.len() - filled);
            buffer[filled..filled + length].copy_from_slice(&line[..length]);
            self.consume(length);
            filled += length;
        }
        Ok(filled)
    }
}

/// Which of the open multiparts the line belongs to, if it is a boundary.
fn boundary(line: &[u8], open: &[Vec<u8>]) -> Option<Boundary> {
    let rest = line.strip_prefix(b"--")?.trim_ascii_end();
    let level = |name: &[u8]| open.iter().rposition(|boundary| boundary == name);
    level(rest).map(Boundary::Next).or_else(|| level(rest.strip_suffix(b"--")?).map(Boundary::Close))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_at_the_boundary_of_any_multipart_around_it() {
        let open = [b"a".to_vec(), b"a-b".to_vec()];
        for (text, found) in [
            ("x\r\n--a-b\r\n", Some(Boundary::Next(1))),
            ("x\n--a-b-- \n", Some(Boundary::Close(1))),
            ("x\n--a\n", Some(Boundary::Next(0))),
            ("x\n-- a\n --a\n--ab\n", None),
        ] {
            let mut lines = Lines::new(text.as_bytes());
            assert_eq!(Part::new(&mut lines, &open).end(), found, "{text:?}");
        }
    }

    #[test]
    fn a_long_line_comes_in_pieces_of_which_none_is_a_boundary() {
        let text = ["x".repeat(LINE_BYTES), "--a\n--a\n".to_owned()].concat();
        let open = [b"a".to_vec()];
        let mut lines = Lines::new(text.as_bytes());
        let mut part = Vec::new();
        Part::new(&mut lines, &open).read_to_end(&mut part).unwrap();
        assert_eq!(part.len(), LINE_BYTES + 4);
    }
}
