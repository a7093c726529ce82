//! The stretch of a document that is in memory.

use std::io::{self, Read};
use std::ops::Range;

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr, memchr_iter, memmem};

use super::super::Reading;
use super::super::input::problem_kind;
use super::tag::Attributes;
use crate::model::ProblemKind;

/// Bytes that are decoded at a time.
const CHUNK_BYTES: usize = 128 * 1024;

/// Bytes at the beginning in which a declaration names its encoding.
const DECLARATION_BYTES: usize = 256;

/// Longest piece of markup, in bytes: more is a quotation mark that nothing closes.
const MARKUP_BYTES: usize = 32 * 1024 * 1024;

/// The text of a document as UTF-8 from where it was not yet taken, with U+FFFD for what cannot be decoded.
pub struct Window<'r> {
    source: Box<dyn Read + 'r>,
    decoder: Option<Decoder>,
    bytes: Vec<u8>,
    text: String,
    /// Bytes of text that were dropped before it.
    dropped: u64,
    /// How much of the text was taken.
    at: usize,
    /// True when the source gave its last byte.
    whole: bool,
    /// The error that ends the source, given after what stood before it.
    error: Option<io::Error>,
    /// Lines that ended before `counted`, which is a place in the text.
    lines: u64,
    counted: usize,
}

impl<'r> Window<'r> {
    /// A window at the beginning of a document, in which nothing is decoded yet.
    pub fn new(source: Box<dyn Read + 'r>) -> Self {
        Self {
            source,
            decoder: None,
            bytes: Vec::new(),
            text: String::new(),
            dropped: 0,
            at: 0,
            whole: false,
            error: None,
            lines: 0,
            counted: 0,
        }
    }

    /// A window at the beginning of a text in this encoding. A byte order mark overrides it.
    pub fn in_encoding(source: Box<dyn Read + 'r>, encoding: &'static Encoding) -> Self {
        Self { decoder: Some(encoding.new_decoder()), ..Self::new(source) }
    }

    /// The line of what was not yet taken. Counts from 1.
    pub fn line(&mut self) -> u64 {
        let fresh = self.text.as_bytes().get(self.counted..self.at).unwrap_or_default();
        self.lines += memchr_iter(b'\n', fresh).count() as u64;
        self.counted = self.counted.max(self.at);
        self.lines + 1
    }

    /// What stands where, as [`Window::take`] gives it. What was taken stays there until more is decoded.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was not yet taken.
    pub fn rest(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// How many bytes of text stand before what was not yet taken.
    pub fn offset(&self) -> u64 {
        self.dropped + self.at as u64
    }

    /// True when [`Window::more`] decodes more, as far as is known.
    pub fn goes_on(&self) -> bool {
        !self.whole && self.error.is_none()
    }

    /// As [`Window::rest`].
    pub fn rest_text(&self) -> &str {
        &self.text[self.at..]
    }

    /// Takes bytes that end with a character, and gives where they stand.
    pub fn take(&mut self, bytes: usize) -> Range<usize> {
        let start = self.at;
        self.at += bytes;
        start..self.at
    }

    /// Goes back to where something stood that was taken last.
    pub fn go_back(&mut self, start: usize) {
        self.at = start;
    }

    /// Drops what was taken and decodes more; false at the end.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn more(&mut self) -> Result<bool, ProblemKind> {
        if let Some(error) = self.error.take() {
            return Err(problem_kind(&error));
        }
        if self.whole {
            return Ok(false);
        }
        self.line();
        self.text.drain(..self.at);
        self.counted -= self.at;
        self.dropped += self.at as u64;
        self.at = 0;
        self.bytes.clear();
        self.error = (&mut self.source).take(CHUNK_BYTES as u64).read_to_end(&mut self.bytes).err();
        self.whole = self.bytes.len() < CHUNK_BYTES;
        let bytes = &self.bytes;
        let decoder = self.decoder.get_or_insert_with(|| encoding(bytes).new_decoder());
        self.text.reserve(decoder.max_utf8_buffer_length(bytes.len()).expect("a chunk is small"));
        let (result, ..) = decoder.decode_to_string(bytes, &mut self.text, self.whole);
        debug_assert_eq!(result, CoderResult::InputEmpty, "there is room for the longest text");
        Ok(true)
    }

    /// Decodes more of a piece of markup that must go on.
    fn go_on(&mut self) -> Reading {
        let goes_on = self.rest().len() < MARKUP_BYTES && self.more()?;
        if goes_on { Ok(()) } else { Err(ProblemKind::Damaged) }
    }

    /// The byte that stands `ahead` of what was taken.
    ///
    /// # Errors
    /// When the document ends before it.
    pub fn byte(&mut self, ahead: usize) -> Result<u8, ProblemKind> {
        loop {
            match self.rest().get(ahead) {
                Some(byte) => return Ok(*byte),
                None => self.go_on()?,
            }
        }
    }

    /// Takes all up to and with `end`.
    ///
    /// # Errors
    /// When the document ends before it.
    pub fn take_past(&mut self, end: u8) -> Result<Range<usize>, ProblemKind> {
        let mut from = 0;
        loop {
            let rest = self.rest();
            if let Some(at) = memchr(end, &rest[from..]) {
                return Ok(self.take(from + at + 1));
            }
            from = rest.len();
            self.go_on()?;
        }
    }

    /// Takes a tag, in whose attributes a `>` ends nothing.
    ///
    /// # Errors
    /// When the document ends before it.
    pub fn take_tag(&mut self) -> Result<Range<usize>, ProblemKind> {
        let mut length = 1;
        let mut quoted = Quoted::default();
        loop {
            for byte in &self.rest()[length..] {
                length += 1;
                if !quoted.by(*byte) && *byte == b'>' {
                    return Ok(self.take(length));
                }
            }
            self.go_on()?;
        }
    }

    /// Drops all up to and with `end`, which is ASCII.
    ///
    /// # Errors
    /// When the document ends before it.
    pub fn skip_past(&mut self, end: &[u8]) -> Reading {
        self.skip_past_into(end, None)
    }

    /// As [`Window::skip_past`], and appends what stood before `end` to `kept`.
    ///
    /// # Errors
    /// When the document ends before it.
    pub fn skip_past_into(&mut self, end: &[u8], mut kept: Option<&mut String>) -> Reading {
        loop {
            let rest = self.rest();
            let found = memmem::find(rest, end);
            let begun = || (0..end.len()).rev().find(|begun| rest.ends_with(&end[..*begun])).unwrap_or(0);
            let length = found.unwrap_or_else(|| rest.len() - begun());
            let skipped = self.take(length);
            if let Some(kept) = &mut kept {
                kept.push_str(&self.text[skipped]);
            }
            if found.is_some() {
                self.take(end.len());
                return Ok(());
            }
            self.go_on()?;
        }
    }

    /// Drops a document type with the declarations in it, in whose values a `>` ends nothing, or appends it to `kept`.
    ///
    /// # Errors
    /// When the document ends before it.
    pub fn skip_document_type(&mut self, mut kept: Option<&mut String>) -> Reading {
        let mut depth = 0;
        let mut quoted = Quoted::default();
        loop {
            for (at, byte) in self.rest().iter().enumerate() {
                match byte {
                    _ if quoted.by(*byte) => {}
                    b'<' => depth += 1,
                    b'>' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    let skipped = self.take(at + 1);
                    kept.into_iter().for_each(|kept| kept.push_str(&self.text[skipped.clone()]));
                    return Ok(());
                }
            }
            let skipped = self.take(self.rest().len());
            kept.iter_mut().for_each(|kept| kept.push_str(&self.text[skipped.clone()]));
            self.go_on()?;
        }
    }
}

/// The quotation mark that is open.
#[derive(Default)]
struct Quoted(Option<u8>);

impl Quoted {
    /// True when `byte` is quoted, or a quotation mark.
    fn by(&mut self, byte: u8) -> bool {
        match (self.0, byte) {
            (None, b'"' | b'\'') => self.0 = Some(byte),
            (None, _) => return false,
            (Some(open), _) if open == byte => self.0 = None,
            (Some(_), _) => {}
        }
        true
    }
}

/// The encoding by how the document begins: its first bytes, else its declaration. A byte order mark overrides it.
fn encoding(head: &[u8]) -> &'static Encoding {
    match head {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let head = &head[..head.len().min(DECLARATION_BYTES)];
    let declared = || {
        let end = memmem::find(head, b"?>")?;
        let declaration = std::str::from_utf8(&head[..end]).ok()?.strip_prefix("<?xml")?;
        let (_, label) = Attributes(declaration).find(|(name, _)| *name == "encoding")?;
        Encoding::for_label(label.as_bytes())
    };
    // A document that can be read this far is not in UTF-16, whatever it declares.
    declared().unwrap_or(UTF_8).output_encoding()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        let mut window = Window::new(Box::new(bytes));
        while window.more().unwrap() {}
        window.text().to_owned()
    }

    #[test]
    fn the_encoding_is_told_by_marks_first_bytes_and_declaration() {
        let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let latin = b"<?xml version=\"1.0\" encoding='iso-8859-1'?><a>B\xf8rn</a>";
        let mistaken = "<?xml version=\"1.0\" encoding=\"utf-16\"?><a>Børn</a>";
        assert!(decoded(latin).ends_with("<a>Børn</a>"));
        assert_eq!(decoded(mistaken.as_bytes()), mistaken);
        assert_eq!(decoded("\u{feff}<a>Børn</a>".as_bytes()), "<a>Børn</a>");
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decoded(&utf16("<a>Børn</a>", order)), "<a>Børn</a>");
            assert_eq!(decoded(&utf16("\u{feff}<a>Børn</a>", order)), "<a>Børn</a>");
        }
    }

    #[test]
    fn bytes_that_cannot_be_decoded_take_nothing_with_them() {
        assert_eq!(decoded(b"<a>\xff1</a>"), "<a>\u{fffd}1</a>");
    }

    #[test]
    fn a_piece_without_end_does_not_fill_the_memory() {
        let endless =
            b"<a b=\"".iter().copied().chain(std::iter::repeat_n(b'x', 2 * MARKUP_BYTES)).collect::<Vec<u8>>();
        let mut window = Window::new(Box::new(&*endless));
        assert!(window.more().unwrap());
        assert_eq!(window.take_tag(), Err(ProblemKind::Damaged));
        assert!(window.text().len() < MARKUP_BYTES + 2 * CHUNK_BYTES);
    }
}
