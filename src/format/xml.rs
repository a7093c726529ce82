//! XML, read as a stream of events from bytes in any encoding.
//!
//! Names are given without their prefix. References to characters and the five entities of XML are resolved; any other
//! entity stands as it is written, and a document type says nothing, so that no text can grow. Of the alternatives that
//! office formats write of one content (`mc:AlternateContent`), the first that holds anything is read.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event as Markup};

use super::Reading;
use super::input::problem_kind;
use crate::model::ProblemKind;

/// Bytes that are decoded at a time.
const CHUNK_BYTES: usize = 32 * 1024;

/// Bytes at the beginning in which a declaration names its encoding.
const DECLARATION_BYTES: usize = 256;

/// A document that is read event by event.
pub struct Xml<'r> {
    reader: Reader<Utf8<'r>>,
    buffer: Vec<u8>,
    /// The character of the last reference.
    reference: String,
    /// The name of the first element.
    root: String,
    /// The name of the element that ended last.
    ended: String,
    /// True when the last element was empty: its end comes next.
    empty: bool,
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
#[derive(Debug)]
pub struct Tag<'x>(BytesStart<'x>);

impl<'r> Xml<'r> {
    /// A document at its beginning.
    pub fn new(source: impl Read + 'r) -> Self {
        let mut reader = Reader::from_reader(Utf8::new(Box::new(source)));
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self {
            reader,
            buffer: Vec::new(),
            reference: String::new(),
            root: String::new(),
            ended: String::new(),
            empty: false,
            alternatives: Alternatives::default(),
        }
    }

    /// The next event; none at the end.
    ///
    /// # Errors
    /// When the markup does not hold, the document ends before its first element does, or its bytes cannot be read.
    pub fn next(&mut self) -> Result<Option<Event<'_>>, ProblemKind> {
        if std::mem::take(&mut self.empty) {
            return Ok(Some(self.alternatives.end(&self.ended)));
        }
        self.buffer.clear();
        let markup = self.reader.read_event_into(&mut self.buffer).map_err(|error| problem(&error))?;
        let hidden = self.alternatives.hidden > 0;
        Ok(Some(match markup {
            Markup::Start(start) => {
                if self.root.is_empty() {
                    start.local_name().as_ref().clone_into(&mut self.root);
                }
                self.alternatives.start(start)
            }
            Markup::Empty(start) => {
                start.local_name().as_ref().clone_into(&mut self.ended);
                if self.root.is_empty() {
                    self.root.clone_from(&self.ended);
                }
                self.empty = true;
                self.alternatives.start(start)
            }
            Markup::End(end) => {
                end.local_name().as_ref().clone_into(&mut self.ended);
                self.alternatives.end(&self.ended)
            }
            Markup::Eof if self.ended == self.root => return Ok(None),
            Markup::Eof => return Err(ProblemKind::Damaged),
            _ if hidden => Event::Other,
            Markup::Text(text) => Event::Text(kept(text.into_inner(), &mut self.reference)),
            Markup::CData(text) => Event::Text(kept(text.into_inner(), &mut self.reference)),
            Markup::GeneralRef(name) => {
                resolve(&name, &mut self.reference);
                Event::Text(&self.reference)
            }
            Markup::Comment(_) | Markup::Decl(_) | Markup::PI(_) | Markup::DocType(_) => Event::Other,
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
}

impl Tag<'_> {
    /// The name of the element.
    pub fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of the attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Names and values in the order in which they stand, declarations of namespaces left out.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        Attributes(self.0.attributes_raw())
            .filter(|(key, _)| !key.starts_with("xmlns"))
            .map(|(key, value)| (local(key), unescape(value).unwrap_or(Cow::Borrowed(value))))
    }
}

/// Attributes as they are written. What is none ends them.
struct Attributes<'x>(&'x str);

impl<'x> Iterator for Attributes<'x> {
    type Item = (&'x str, &'x str);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = self.0.split_once('=')?;
        let rest = rest.trim_ascii_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, rest) = rest[1..].split_once(quote)?;
        self.0 = rest;
        Some((key.trim_ascii(), value))
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
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
    fn start<'x>(&mut self, start: BytesStart<'x>) -> Event<'x> {
        let tag = Tag(start);
        if self.hidden > 0 {
            self.hidden += 1;
            return Event::Other;
        }
        match (tag.name(), self.taken.last_mut()) {
            ("Choice" | "Fallback", Some(true)) => self.hidden = 1,
            ("Choice" | "Fallback", Some(false)) => {}
            (_, Some(taken)) => *taken = true,
            (_, None) => {}
        }
        if self.hidden > 0 {
            return Event::Other;
        }
        if tag.name() == "AlternateContent" {
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

/// Text out of the reader's buffer, where it always lies; text of its own is first put into `owned`.
fn kept<'x>(text: Cow<'x, str>, owned: &'x mut String) -> &'x str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => {
            *owned = text;
            owned
        }
    }
}

/// Puts what a reference stands for into `character`: itself if it is unknown.
fn resolve(reference: &BytesRef<'_>, character: &mut String) {
    character.clear();
    match (reference.resolve_char_ref(), resolve_predefined_entity(reference)) {
        (Ok(Some(c)), _) => character.push(c),
        (_, Some(resolved)) => character.push_str(resolved),
        _ => character.extend(["&", reference, ";"]),
    }
}

fn problem(error: &quick_xml::Error) -> ProblemKind {
    match error {
        quick_xml::Error::Io(error) => problem_kind(error),
        _ => ProblemKind::Damaged,
    }
}

/// A document as UTF-8, with U+FFFD for what cannot be decoded.
struct Utf8<'r> {
    source: Box<dyn Read + 'r>,
    decoder: Option<Decoder>,
    bytes: Vec<u8>,
    text: String,
    /// How much of the text was taken.
    taken: usize,
    /// True when the source gave its last byte.
    whole: bool,
    /// The error that ends the source, given after what stood before it.
    error: Option<io::Error>,
}

impl<'r> Utf8<'r> {
    fn new(source: Box<dyn Read + 'r>) -> Self {
        Self { source, decoder: None, bytes: Vec::new(), text: String::new(), taken: 0, whole: false, error: None }
    }

    fn decode(&mut self) {
        self.bytes.clear();
        self.text.clear();
        self.taken = 0;
        self.error = (&mut self.source).take(CHUNK_BYTES as u64).read_to_end(&mut self.bytes).err();
        self.whole = self.bytes.len() < CHUNK_BYTES;
        let bytes = &self.bytes;
        let decoder = self.decoder.get_or_insert_with(|| encoding(bytes).new_decoder());
        self.text.reserve(decoder.max_utf8_buffer_length(bytes.len()).expect("a chunk is small"));
        let (result, ..) = decoder.decode_to_string(bytes, &mut self.text, self.whole);
        debug_assert_eq!(result, CoderResult::InputEmpty, "there is room for the longest text");
    }
}

impl Read for Utf8<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.fill_buf()?.read(buffer)?;
        self.consume(got);
        Ok(got)
    }
}

impl BufRead for Utf8<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken == self.text.len() {
            match self.error.take() {
                Some(error) => return Err(error),
                None if self.whole => break,
                None => self.decode(),
            }
        }
        Ok(&self.text.as_bytes()[self.taken..])
    }

    fn consume(&mut self, amount: usize) {
        self.taken += amount;
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
        let end = memchr::memmem::find(head, b"?>")?;
        let declaration = std::str::from_utf8(&head[..end]).ok()?.strip_prefix("<?xml")?;
        let (_, label) = Attributes(declaration).find(|(key, _)| *key == "encoding")?;
        Encoding::for_label(label.as_bytes())
    };
    declared().unwrap_or(UTF_8).output_encoding()
}
