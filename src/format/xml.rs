//! XML, read as a stream of events from bytes in any encoding.
//!
//! Names are given without their prefix. References to characters and the five entities of XML are resolved; any other
//! entity stands as it is written, and a document type says nothing, so that no text can grow. Of the alternatives that
//! office formats write of one content (`mc:AlternateContent`), the first that holds anything is read.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr, memchr2, memmem};

use super::Reading;
use super::input::problem_kind;
use crate::model::ProblemKind;

/// Bytes that are decoded at a time.
const CHUNK_BYTES: usize = 32 * 1024;

/// Bytes at the beginning in which a declaration names its encoding.
const DECLARATION_BYTES: usize = 256;

/// Longest piece of markup, in bytes: more is a quotation mark that nothing closes.
const MARKUP_BYTES: usize = 32 * 1024 * 1024;

/// Longest name of an entity and number of a character, in bytes.
const REFERENCE_BYTES: usize = 32;

/// A document that is read event by event.
pub struct Xml<'r> {
    window: Window<'r>,
    /// True inside of a section whose text is no markup.
    in_section: bool,
    /// The character of the last reference.
    character: [u8; 4],
    /// Where in the window the name of the last element stands, if that was empty: its end comes next.
    empty: Option<Range<usize>>,
    /// The name of the first element.
    root: String,
    /// True when the end of an element of that name came last.
    ended: bool,
    alternatives: Alternatives,
}

/// What comes next.
#[derive(Debug)]
pub enum Event<'x> {
    /// An element begins. Its end comes also when it is empty.
    Start(Tag<'x>),
    /// The element of this name ends.
    End(&'x str),
    /// Characters. What stands together may come in pieces.
    Text(&'x str),
    /// Nothing to read: a comment, an instruction, an alternative that is passed over.
    Other,
}

/// The beginning of an element.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'x> {
    name: &'x str,
    attributes: &'x str,
}

/// A piece of the document, where it stands in the window.
enum Token {
    Start { name: Range<usize>, attributes: Range<usize>, empty: bool },
    End(Range<usize>),
    Text(Range<usize>),
    Character(char),
    Other,
    Nothing,
}

impl<'r> Xml<'r> {
    /// A document at its beginning.
    pub fn new(source: impl Read + 'r) -> Self {
        Self {
            window: Window::new(Box::new(source)),
            in_section: false,
            character: [0; 4],
            empty: None,
            root: String::new(),
            ended: true,
            alternatives: Alternatives::default(),
        }
    }

    /// The next event; none at the end.
    ///
    /// # Errors
    /// When the markup does not hold, the document ends before its first element does, or its bytes cannot be read.
    pub fn next(&mut self) -> Result<Option<Event<'_>>, ProblemKind> {
        if let Some(name) = self.empty.take() {
            return Ok(Some(self.alternatives.end(&self.window.text[name])));
        }
        let token = self.token()?;
        let text = &self.window.text;
        Ok(Some(match token {
            Token::Start { name, attributes, empty } => {
                if self.root.is_empty() {
                    text[name.clone()].clone_into(&mut self.root);
                }
                let tag = Tag { name: &text[name.clone()], attributes: &text[attributes] };
                self.ended = empty && tag.name == self.root;
                self.empty = empty.then_some(name);
                self.alternatives.start(tag)
            }
            Token::End(name) => {
                self.ended = text[name.clone()] == self.root;
                self.alternatives.end(&text[name])
            }
            Token::Nothing if self.ended => return Ok(None),
            Token::Nothing => return Err(ProblemKind::Damaged),
            _ if self.alternatives.hidden > 0 => Event::Other,
            Token::Text(range) => Event::Text(&text[range]),
            Token::Character(c) => Event::Text(c.encode_utf8(&mut self.character)),
            Token::Other => Event::Other,
        }))
    }

    /// Reads up to the first element and gives its name; empty when there is none.
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub fn root(&mut self) -> Result<&str, ProblemKind> {
        while self.root.is_empty() && self.next()?.is_some() {}
        Ok(&self.root)
    }

    /// Reads on to the end of the element that began last, and appends its text to `text`.
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub fn text_into(&mut self, text: &mut String) -> Reading {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Some(Event::Start(_)) => depth += 1,
                Some(Event::End(_)) => depth -= 1,
                Some(Event::Text(piece)) => text.push_str(piece),
                Some(Event::Other) => {}
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn token(&mut self) -> Result<Token, ProblemKind> {
        if self.in_section {
            return self.section();
        }
        while self.window.rest().is_empty() {
            if !self.window.more()? {
                return Ok(Token::Nothing);
            }
        }
        match self.window.rest()[0] {
            b'<' => self.markup(),
            b'&' => self.reference(),
            _ => {
                let rest = self.window.rest();
                let length = memchr2(b'<', b'&', rest).unwrap_or(rest.len());
                Ok(Token::Text(self.window.take(length)))
            }
        }
    }

    fn markup(&mut self) -> Result<Token, ProblemKind> {
        match self.window.byte(1)? {
            b'/' => {
                let tag = self.window.take_past(b'>')?;
                let name = tag.start + 2..tag.end - 1;
                let length = name_length(&self.window.text.as_bytes()[name.clone()]);
                Ok(Token::End(local(&self.window.text, name.start..name.start + length)))
            }
            b'?' => self.window.skip_past(b"?>").map(|()| Token::Other),
            b'!' => self.declaration(),
            _ => self.start(),
        }
    }

    fn start(&mut self) -> Result<Token, ProblemKind> {
        let tag = self.window.take_tag()?;
        let bytes = self.window.text.as_bytes();
        let empty = bytes[tag.end - 2] == b'/';
        let inner = tag.start + 1..tag.end - 1 - usize::from(empty);
        let length = name_length(&bytes[inner.clone()]);
        if length == 0 {
            return Err(ProblemKind::Damaged);
        }
        let end = inner.start + length;
        Ok(Token::Start { name: local(&self.window.text, inner.start..end), attributes: end..inner.end, empty })
    }

    /// What begins with an exclamation mark: a comment, a section, or a document type.
    fn declaration(&mut self) -> Result<Token, ProblemKind> {
        match self.window.byte(2)? {
            b'-' => self.window.skip_past(b"-->").map(|()| Token::Other),
            b'[' => {
                // Old programs write other things here, such as `<![endif]>`.
                self.in_section = self.window.byte(3)? == b'C';
                self.window.skip_past(if self.in_section { b"CDATA[" } else { b">" })?;
                Ok(Token::Other)
            }
            _ => self.window.skip_document_type().map(|()| Token::Other),
        }
    }

    fn section(&mut self) -> Result<Token, ProblemKind> {
        const END: &[u8] = b"]]>";
        while self.window.rest().len() < END.len() {
            if !self.window.more()? {
                return Err(ProblemKind::Damaged);
            }
        }
        let rest = self.window.rest();
        if let Some(length) = memmem::find(rest, END) {
            let text = self.window.take(length);
            self.window.take(END.len());
            self.in_section = false;
            return Ok(Token::Text(text));
        }
        // Its end may have begun.
        let length = rest.len() - rest.iter().rev().take(END.len() - 1).take_while(|b| **b == b']').count();
        if length == 0 && !self.window.more()? {
            return Err(ProblemKind::Damaged);
        }
        Ok(Token::Text(self.window.take(length)))
    }

    fn reference(&mut self) -> Result<Token, ProblemKind> {
        let mut length = 1;
        while length < REFERENCE_BYTES {
            match self.window.byte(length) {
                Ok(b';') => break,
                Ok(b'#' | b'.' | b'-' | b'_' | b':') => length += 1,
                Ok(b) if b.is_ascii_alphanumeric() => length += 1,
                _ => return Ok(Token::Text(self.window.take(1))),
            }
        }
        let reference = self.window.take(length);
        match resolve(&self.window.text[reference.start + 1..reference.end]) {
            Some(c) => {
                self.window.take(1);
                Ok(Token::Character(c))
            }
            None => Ok(Token::Text(reference)),
        }
    }
}

impl<'x> Tag<'x> {
    /// The name of the element.
    pub fn name(&self) -> &'x str {
        self.name
    }

    /// The value of the attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<Cow<'x, str>> {
        self.attributes().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Names and values in the order in which they stand, declarations of namespaces left out.
    pub fn attributes(&self) -> impl Iterator<Item = (&'x str, Cow<'x, str>)> + use<'x> {
        let names_and_values = Attributes(self.attributes).filter(|(name, _)| !name.starts_with("xmlns"));
        names_and_values.map(|(name, value)| (&name[local(name, 0..name.len())], unescape(value)))
    }
}

/// Attributes as they are written. What is none ends them.
struct Attributes<'x>(&'x str);

impl<'x> Iterator for Attributes<'x> {
    type Item = (&'x str, &'x str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.0.as_bytes();
        let equals = bytes.iter().position(|b| *b == b'=')?;
        let start = equals + 2 + bytes[equals + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let quote = *bytes.get(start - 1).filter(|quote| matches!(quote, b'"' | b'\''))?;
        let end = start + bytes[start..].iter().position(|b| *b == quote)?;
        let found = (self.0[..equals].trim_ascii(), &self.0[start..end]);
        self.0 = &self.0[end + 1..];
        Some(found)
    }
}

/// Where a name stands without its prefix.
fn local(text: &str, name: Range<usize>) -> Range<usize> {
    let prefix = text.as_bytes()[name.clone()].iter().position(|b| *b == b':');
    name.start + prefix.map_or(0, |colon| colon + 1)..name.end
}

fn name_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|b| b.is_ascii_whitespace()).unwrap_or(bytes.len())
}

/// The character that stands for a reference: one of the five entities, or a number.
fn resolve(reference: &str) -> Option<char> {
    let number = |digits: &str, base| char::from_u32(u32::from_str_radix(digits, base).ok()?);
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match reference.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(&reference[1..], 10),
        },
    }
}

/// The value of an attribute with its references resolved; those that are unknown stand as they are written.
fn unescape(value: &str) -> Cow<'_, str> {
    let Some((before, mut rest)) = value.split_once('&') else {
        return Cow::Borrowed(value);
    };
    let mut text = before.to_owned();
    loop {
        match rest.split_once(';').and_then(|(reference, after)| Some((resolve(reference)?, after))) {
            Some((c, after)) => {
                text.push(c);
                rest = after;
            }
            None => text.push('&'),
        }
        match rest.split_once('&') {
            Some((before, after)) => {
                text.push_str(before);
                rest = after;
            }
            None => {
                text.push_str(rest);
                return Cow::Owned(text);
            }
        }
    }
}

/// The alternatives of one content that the reading stands in.
#[derive(Default)]
struct Alternatives {
    /// For each that is open: true when one of its alternatives held anything.
    taken: Vec<bool>,
    /// Elements that are open in an alternative that is passed over.
    hidden: usize,
}

impl Alternatives {
    fn start<'x>(&mut self, tag: Tag<'x>) -> Event<'x> {
        if self.hidden > 0 {
            self.hidden += 1;
            return Event::Other;
        }
        if let Some(taken) = self.taken.last_mut() {
            match (tag.name, *taken) {
                ("Choice" | "Fallback", true) => {
                    self.hidden = 1;
                    return Event::Other;
                }
                ("Choice" | "Fallback", false) => {}
                _ => *taken = true,
            }
        }
        if tag.name == "AlternateContent" {
            self.taken.push(false);
        }
        Event::Start(tag)
    }

    fn end<'x>(&mut self, name: &'x str) -> Event<'x> {
        if self.hidden > 0 {
            self.hidden -= 1;
            return Event::Other;
        }
        if name == "AlternateContent" {
            self.taken.pop();
        }
        Event::End(name)
    }
}

/// The stretch of a document that is in memory, as UTF-8, with U+FFFD for what cannot be decoded.
struct Window<'r> {
    source: Box<dyn Read + 'r>,
    decoder: Option<Decoder>,
    bytes: Vec<u8>,
    text: String,
    /// How much of the text was taken.
    at: usize,
    /// True when the source gave its last byte.
    whole: bool,
    /// The error that ends the source, given after what stood before it.
    error: Option<io::Error>,
}

impl<'r> Window<'r> {
    fn new(source: Box<dyn Read + 'r>) -> Self {
        Self { source, decoder: None, bytes: Vec::new(), text: String::new(), at: 0, whole: false, error: None }
    }

    /// What was not yet taken.
    fn rest(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// Takes bytes that end with a character, and gives where they stand.
    fn take(&mut self, bytes: usize) -> Range<usize> {
        let start = self.at;
        self.at += bytes;
        start..self.at
    }

    /// Drops what was taken and decodes more; false at the end.
    fn more(&mut self) -> Result<bool, ProblemKind> {
        if let Some(error) = self.error.take() {
            return Err(problem_kind(&error));
        }
        if self.whole {
            return Ok(false);
        }
        self.text.drain(..self.at);
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
    fn byte(&mut self, ahead: usize) -> Result<u8, ProblemKind> {
        loop {
            match self.rest().get(ahead) {
                Some(byte) => return Ok(*byte),
                None => self.go_on()?,
            }
        }
    }

    /// Takes all up to and with `end`.
    fn take_past(&mut self, end: u8) -> Result<Range<usize>, ProblemKind> {
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
    fn take_tag(&mut self) -> Result<Range<usize>, ProblemKind> {
        let mut length = 1;
        let mut quote = None;
        loop {
            for byte in &self.rest()[length..] {
                length += 1;
                match (quote, byte) {
                    (None, b'>') => return Ok(self.take(length)),
                    (None, b'"' | b'\'') => quote = Some(*byte),
                    (Some(open), byte) if open == *byte => quote = None,
                    _ => {}
                }
            }
            self.go_on()?;
        }
    }

    /// Drops all up to and with `end`.
    fn skip_past(&mut self, end: &[u8]) -> Reading {
        loop {
            let rest = self.rest();
            if let Some(at) = memmem::find(rest, end) {
                self.take(at + end.len());
                return Ok(());
            }
            // The end may have begun. It is ASCII, so it begins with a character.
            let begun = (0..end.len()).rev().find(|begun| rest.ends_with(&end[..*begun])).unwrap_or(0);
            self.take(rest.len() - begun);
            self.go_on()?;
        }
    }

    /// Drops a document type with the declarations in it, in whose values a `>` ends nothing.
    fn skip_document_type(&mut self) -> Reading {
        let mut depth = 0;
        let mut quote = None;
        loop {
            let mut length = 0;
            for byte in self.rest() {
                length += 1;
                match (quote, byte) {
                    (None, b'<') => depth += 1,
                    (None, b'>') => depth -= 1,
                    (None, b'"' | b'\'') => quote = Some(*byte),
                    (Some(open), byte) if open == *byte => quote = None,
                    _ => {}
                }
                if depth == 0 {
                    self.take(length);
                    return Ok(());
                }
            }
            self.take(length);
            self.go_on()?;
        }
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
    declared().unwrap_or(UTF_8).output_encoding()
}
