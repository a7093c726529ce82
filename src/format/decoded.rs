//! Text that a reader walks through, decoded piece by piece, so that memory does not grow with its length.

use memchr::{memchr, memchr_iter};

use super::{Input, input::problem_kind};
use crate::model::{Encoding, ProblemKind};

/// Bytes that are decoded at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Longest line that is given in one piece, in bytes.
const LINE_BYTES: usize = 1024 * 1024;

/// The text of an input from where it was not yet taken, with U+FFFD for what cannot be decoded.
pub struct Decoded<'r, 'a> {
    input: &'r mut Input<'a>,
    encoding: Encoding,
    /// Bytes that are not yet decoded.
    bytes: Vec<u8>,
    text: String,
    at: usize,
    line: u64,
}

impl<'r, 'a> Decoded<'r, 'a> {
    /// The text of `input` from its beginning.
    pub fn new(input: &'r mut Input<'a>, encoding: Encoding) -> Self {
        let bytes = input.take_head();
        let mut decoded = Self { input, encoding, bytes, text: String::new(), at: 0, line: 1 };
        decoded.decode();
        if decoded.text.starts_with('\u{feff}') {
            decoded.at = '\u{feff}'.len_utf8();
        }
        decoded
    }

    /// What is decoded and was not yet taken.
    pub fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The number of the line in which the rest begins, from 1.
    pub fn line_number(&self) -> u64 {
        self.line
    }

    /// Takes `bytes` of the rest, which end with a character.
    pub fn take(&mut self, bytes: usize) -> &str {
        let start = self.at;
        self.at += bytes;
        let taken = &self.text[start..self.at];
        self.line += memchr_iter(b'\n', taken.as_bytes()).count() as u64;
        taken
    }

    /// Decodes more behind the rest; false at the end.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn more(&mut self) -> Result<bool, ProblemKind> {
        if self.input.is_whole() && self.bytes.is_empty() {
            return Ok(false);
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        let read = self.input.more(&mut bytes, CHUNK_BYTES);
        self.bytes = bytes;
        read.map_err(|error| problem_kind(&error))?;
        self.text.drain(..self.at);
        self.at = 0;
        self.decode();
        Ok(true)
    }

    /// True when at least `bytes` stand in the rest, or can be made to.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn holds(&mut self, bytes: usize) -> Result<bool, ProblemKind> {
        while self.rest().len() < bytes {
            if !self.more()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The byte that comes next; none at the end.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn peek(&mut self) -> Result<Option<u8>, ProblemKind> {
        self.holds(1)?;
        Ok(self.rest().as_bytes().first().copied())
    }

    /// The number of the next line and how many bytes of the rest it takes, with its end; a line that is too long comes in
    /// pieces. None at the end.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn line(&mut self) -> Result<Option<(u64, usize)>, ProblemKind> {
        let mut from = 0;
        loop {
            let rest = self.rest();
            if let Some(end) = memchr(b'\n', &rest.as_bytes()[from..]) {
                return Ok(Some((self.line, from + end + 1)));
            }
            from = rest.len();
            if from > LINE_BYTES || !self.more()? {
                return Ok((from > 0).then_some((self.line, from)));
            }
        }
    }

    fn decode(&mut self) {
        let whole = self.input.is_whole();
        let used = match self.encoding {
            Encoding::Utf8 => decode_utf8(&self.bytes, whole, &mut self.text),
            encoding => {
                let used = if whole { self.bytes.len() } else { self.bytes.len() & !1 };
                encoding.decode_into(&self.bytes[..used], &mut self.text);
                used
            }
        };
        self.bytes.drain(..used);
    }
}

/// Appends what `bytes` spell and gives how many are used: a character that is cut at the end waits for its rest.
fn decode_utf8(bytes: &[u8], whole: bool, text: &mut String) -> usize {
    if let Ok(valid) = simdutf8::basic::from_utf8(bytes) {
        text.push_str(valid);
        return bytes.len();
    }
    let mut at = 0;
    while at < bytes.len() {
        match std::str::from_utf8(&bytes[at..]) {
            Ok(valid) => {
                text.push_str(valid);
                return bytes.len();
            }
            Err(error) => {
                let valid = at + error.valid_up_to();
                text.push_str(std::str::from_utf8(&bytes[at..valid]).unwrap_or_default());
                at = valid;
                if error.error_len().is_none() && !whole {
                    return at;
                }
                text.push(char::REPLACEMENT_CHARACTER);
                at += error.error_len().unwrap_or(bytes.len() - at);
            }
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_cut_by_a_chunk_are_whole_and_lines_are_counted() {
        let text = format!("\u{feff}{}\nø", "aæ".repeat(CHUNK_BYTES));
        let mut source = text.as_bytes();
        let mut input = Input::stream(&mut source).unwrap();
        let mut decoded = Decoded::new(&mut input, Encoding::Utf8);
        let (number, bytes) = decoded.line().unwrap().unwrap();
        assert_eq!((number, bytes), (1, 3 * CHUNK_BYTES + 1));
        assert!(!decoded.take(bytes).contains('\u{fffd}'));
        assert_eq!(decoded.line().unwrap(), Some((2, 2)));
        assert_eq!(decoded.take(2), "ø");
        assert_eq!(decoded.line().unwrap(), None);
    }

    #[test]
    fn broken_bytes_take_one_character_and_lose_nothing_after() {
        let mut text = String::new();
        assert_eq!(decode_utf8(b"1\xff2\xc3", true, &mut text), 4);
        assert_eq!(text, "1\u{fffd}2\u{fffd}");
    }
}
