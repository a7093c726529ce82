//! Paragraphs in which no number stands, passed over by their tags alone.
//!
//! Only what programs write is followed: tags with attributes between quotation marks, text and comments, outside of tables.
//! At all else the reading goes on piece by piece, from a place far enough before it that nothing there is lacking.

use memchr::memchr;

use super::super::quiet::{Quiet, Tail, begins_no_number, quiet_comment};
use super::name::kind;
use super::page::PASSED_OVER;

/// Longest paragraph and tag, in bytes: what is made of longer ones may be handed on in pieces.
const PARAGRAPH_BYTES: usize = 8192;
const TAG_BYTES: usize = 512;

/// Passes over the paragraphs that `bytes`, in which no number stands, begin with. Gives how many bytes were passed over,
/// behind which a block begins or ends, and how many were followed.
pub fn pass(bytes: &[u8]) -> (usize, usize) {
    let mut walk = Walk { bytes, at: 0, lines: 0, before: (0, 0), passed: 0, text: None, spoken: false, paragraph: 0 };
    while walk.piece().is_some() {}
    walk.note();
    (walk.passed, walk.at)
}

/// Follows what a [`Page`](super::page::Page) does, without its text.
struct Walk<'x> {
    bytes: &'x [u8],
    at: usize,
    lines: u32,
    /// Where it stood some lines ago, and at which line.
    before: (usize, u32),
    /// Where it stood so long ago that all that matters to what comes next stands behind it.
    passed: usize,
    /// The end of the paragraph's text, if there is any.
    text: Option<Tail<'x>>,
    /// True when the paragraph shows anything.
    spoken: bool,
    /// Where it began.
    paragraph: usize,
}

impl<'x> Walk<'x> {
    /// Passes over the next piece; nothing when it is to be read.
    fn piece(&mut self) -> Option<()> {
        if self.at - self.paragraph > PARAGRAPH_BYTES {
            return None;
        }
        match self.bytes.get(self.at..self.at + 2)? {
            [b'<', b'/'] => self.end(),
            [b'<', b'!'] => self.comment(),
            [b'<', first] if first.is_ascii_alphabetic() => self.start(),
            [b'<', _] => None,
            _ => self.text(),
        }
    }

    fn start(&mut self) -> Option<()> {
        let (bytes, begin) = (self.bytes, self.at + 1);
        let mut at = begin;
        while !matches!(*bytes.get(at)?, b' ' | b'>' | b'\n' | b'\t' | b'\r' | 0x0c | b'/' | b'"' | b'\'' | b'=') {
            at += 1;
        }
        let name = &bytes[begin..at];
        let mut word = at;
        loop {
            match *bytes.get(at)? {
                b'>' => break,
                b'=' => {
                    let quote = *bytes.get(at + 1).filter(|quote| matches!(quote, b'"' | b'\''))?;
                    let end = at + 2 + memchr(quote, &bytes[at + 2..])?;
                    follow(&bytes[word..at], &bytes[at + 2..end])?;
                    at = end + 1;
                    word = at;
                }
                b' ' | b'\n' | b'\t' | b'\r' | 0x0c => {
                    at += 1;
                    word = at;
                }
                b'"' | b'\'' => return None,
                _ => at += 1,
            }
        }
        if at - begin > TAG_BYTES {
            return None;
        }
        self.element(name)?;
        self.at = at + 1;
        Some(())
    }

    fn end(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at + 2..];
        let name = &rest[..memchr(b'>', rest)?];
        let is_name = name.len() <= TAG_BYTES && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b':');
        if !is_name || !name.first().is_some_and(u8::is_ascii_alphabetic) {
            return None;
        }
        self.element(name)?;
        self.at += 3 + name.len();
        Some(())
    }

    fn element(&mut self, name: &[u8]) -> Option<()> {
        let kind = kind(name);
        if kind.is_special {
            return None;
        }
        if kind.is_block {
            self.lines += u32::from(std::mem::take(&mut self.spoken));
            self.text = None;
            self.paragraph = self.at;
            self.note();
        }
        Some(())
    }

    fn comment(&mut self) -> Option<()> {
        self.at += quiet_comment(&self.bytes[self.at..])?;
        Some(())
    }

    fn text(&mut self) -> Option<()> {
        let rest: &'x [u8] = &self.bytes[self.at..];
        let text = &rest[..memchr(b'<', rest)?];
        if let Some(first) = text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            let begins = self.text.is_some() || begins_no_number(text);
            let mut tail = self.text.unwrap_or_default();
            self.text = (begins && tail.push(text)).then_some(tail);
            self.text?;
            // Others may be white space too, of which no line is made.
            self.spoken |= first.is_ascii_alphanumeric();
        }
        self.at += text.len();
        Some(())
    }

    /// Notes where it stands, once in so many lines.
    fn note(&mut self) {
        let (bytes, line) = self.before;
        if self.lines - line >= Quiet::LINES {
            self.passed = bytes;
            self.before = (self.at, self.lines);
        }
    }
}

/// Nothing when what an attribute shows could go on with a number of the line before.
fn follow(name: &[u8], value: &[u8]) -> Option<()> {
    let name = &name[name.iter().take_while(|byte| **byte == b'/').count()..];
    let label = match name.get(..5) {
        Some(data) if data.eq_ignore_ascii_case(b"data-") => &name[5..],
        _ => name,
    };
    if !label.first().is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    let shows_nothing = || {
        let lower = name.to_ascii_lowercase();
        // It may be shown before another value.
        lower != b"name" && PASSED_OVER.iter().any(|passed| passed.as_bytes() == lower)
    };
    (begins_no_number(value) || shows_nothing()).then_some(())
}
