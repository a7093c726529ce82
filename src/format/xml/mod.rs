//! XML, read as a stream of events from bytes in any encoding: what all formats stand on that are written in it. Files that
//! are XML and of no format of their own are read in `file/`.
//!
//! Names are given without their prefix. References to characters and the five entities of XML are resolved; any other
//! entity stands as it is written, and a document type says nothing, so that no text can grow. Of the alternatives that
//! office formats write of one content (`mc:AlternateContent`), the first that holds anything is read.
//!
//! Events lie in the stretch that was decoded and are not copied: a large sheet takes half the time of quick-xml 0.42.

pub mod carried;
mod file;
mod tag;
pub mod window;

use std::io::Read;
use std::ops::Range;

use memchr::{memchr2, memmem};

pub use file::FORMAT;
pub use tag::Tag;

use super::Reading;
use crate::model::ProblemKind;
use window::Window;

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
    /// What was passed over last, where that is kept.
    aside: Option<String>,
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

/// A piece of the document, where it stands in the window.
enum Token {
    Start { prefix: Range<usize>, name: Range<usize>, written: Range<usize>, empty: bool },
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
            aside: None,
        }
    }

    /// Keeps the text of comments, instructions and document types, for [`Xml::take_aside`].
    pub fn keep_asides(&mut self) {
        self.aside = Some(String::new());
    }

    /// The comment, instruction or document type that came last; empty when none did.
    pub fn take_aside(&mut self) -> String {
        let aside = self.aside.as_mut().map(std::mem::take).unwrap_or_default();
        aside.strip_prefix("--").map(str::to_owned).unwrap_or(aside)
    }

    /// The line of what comes next. Counts from 1.
    pub fn line(&mut self) -> u64 {
        self.window.line()
    }

    /// True when what comes next is decided by nothing before it but the elements that are open.
    fn is_between(&self) -> bool {
        let Alternatives { taken, hidden } = &self.alternatives;
        !self.in_section && self.empty.is_none() && taken.is_empty() && *hidden == 0
    }

    /// Passes over a character that markup begins with and that does not hold; false at the end.
    pub fn pass_over(&mut self) -> bool {
        let begins = self.window.rest().first().is_some_and(u8::is_ascii);
        self.window.take(usize::from(begins));
        begins
    }

    /// What comes next as it is written; none at the end.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn raw(&mut self) -> Result<Option<&str>, ProblemKind> {
        if self.window.rest().is_empty() && !self.window.more()? {
            return Ok(None);
        }
        let rest = self.window.take(self.window.rest().len());
        Ok(Some(&self.window.text()[rest]))
    }

    /// The next event; none at the end.
    ///
    /// # Errors
    /// When the markup does not hold, the document ends before its first element does, or its bytes cannot be read.
    pub fn next(&mut self) -> Result<Option<Event<'_>>, ProblemKind> {
        if let Some(name) = self.empty.take() {
            return Ok(Some(self.alternatives.end(&self.window.text()[name])));
        }
        if self.root.is_empty() {
            self.root()?;
        }
        let token = self.token()?;
        let text = self.window.text();
        Ok(Some(match token {
            Token::Start { prefix, name, written, empty } => {
                let prefix = text[prefix].trim_end_matches(':');
                let tag = Tag { prefix, name: &text[name.clone()], written: &text[written] };
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

    /// The name of the first element, which is the next event then; empty when there is none.
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub fn root(&mut self) -> Result<&str, ProblemKind> {
        while self.root.is_empty() {
            match self.token()? {
                Token::Start { name, .. } => {
                    let text = self.window.text();
                    text[name.clone()].clone_into(&mut self.root);
                    let start = text[..name.start].rfind('<').expect("a tag begins with it");
                    self.window.go_back(start);
                }
                Token::Nothing => break,
                Token::End(_) | Token::Text(_) | Token::Character(_) | Token::Other => {}
            }
        }
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
                let length = name_length(&self.window.text().as_bytes()[name.clone()]);
                Ok(Token::End(tag::local(self.window.text(), name.start..name.start + length)))
            }
            b'?' => {
                self.window.take(2);
                self.window.skip_past_into(b"?>", self.aside.as_mut()).map(|()| Token::Other)
            }
            b'!' => self.declaration(),
            _ => self.start(),
        }
    }

    fn start(&mut self) -> Result<Token, ProblemKind> {
        let tag = self.window.take_tag()?;
        let text = self.window.text();
        let empty = text.as_bytes()[tag.end - 2] == b'/';
        let inner = tag.start + 1..tag.end - 1 - usize::from(empty);
        let end = inner.start + name_length(&text.as_bytes()[inner.clone()]);
        let name = tag::local(text, inner.start..end);
        if name.is_empty() {
            return Err(ProblemKind::Damaged);
        }
        Ok(Token::Start { prefix: inner.start..name.start, name, written: end..inner.end, empty })
    }

    /// What begins with an exclamation mark: a comment, a section, or a document type.
    fn declaration(&mut self) -> Result<Token, ProblemKind> {
        match self.window.byte(2)? {
            b'-' => {
                self.window.take(2);
                self.window.skip_past_into(b"-->", self.aside.as_mut()).map(|()| Token::Other)
            }
            b'[' => {
                // Old programs write other things here, such as `<![endif]>`.
                self.in_section = self.window.byte(3)? == b'C';
                self.window.skip_past(if self.in_section { b"CDATA[" } else { b">" })?;
                Ok(Token::Other)
            }
            _ => self.window.skip_document_type(self.aside.as_mut()).map(|()| Token::Other),
        }
    }

    fn section(&mut self) -> Result<Token, ProblemKind> {
        const END: &[u8] = b"]]>";
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
        match tag::resolve(&self.window.text()[reference.start + 1..reference.end]) {
            Some(c) => {
                self.window.take(1);
                Ok(Token::Character(c))
            }
            None => Ok(Token::Text(reference)),
        }
    }
}

/// How long the name is that a tag begins with.
fn name_length(bytes: &[u8]) -> usize {
    bytes.iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a document, each in one word, and how it ends.
    fn events(bytes: &[u8]) -> (String, Reading) {
        let mut xml = Xml::new(bytes);
        let mut words = String::new();
        loop {
            match xml.next() {
                Ok(Some(Event::Start(tag))) => words.extend(["<", tag.name, ">"]),
                Ok(Some(Event::End(name))) => words.extend(["</", name, ">"]),
                Ok(Some(Event::Text(text))) => words.push_str(text),
                Ok(Some(Event::Other)) => {}
                Ok(None) => return (words, Ok(())),
                Err(kind) => return (words, Err(kind)),
            }
        }
    }

    fn read(text: &str) -> String {
        let (words, reading) = events(text.as_bytes());
        assert_eq!(reading, Ok(()), "{text}");
        words
    }

    #[test]
    fn names_have_no_prefix_and_empty_elements_end() {
        assert_eq!(read("<?xml version='1.0'?>\n<w:a x='>'><w:b /><c\n/>1</w:a >"), "<a><b></b><c></c>1</a>");
    }

    #[test]
    fn references_are_resolved_and_unknown_ones_stand_as_written() {
        assert_eq!(read("<a>&#48;&#x37;&lt;&amp;gt;&nbsp;&</a>"), "<a>07<&gt;&nbsp;&</a>");
    }

    #[test]
    fn comments_and_instructions_part_nothing() {
        assert_eq!(read("<a>0707<!-- <b> -->61<?x <b> ?>-<![CDATA[42<]]>85<![endif]></a>"), "<a>070761-42<85</a>");
    }

    #[test]
    fn entities_of_a_document_type_are_inert() {
        let text = "<!DOCTYPE a [<!ENTITY b '<c>'> <!ENTITY d \"&b;&b;\">]><a>&d;</a>";
        assert_eq!(read(text), "<a>&d;</a>");
    }

    #[test]
    fn the_first_alternative_that_holds_anything_is_read() {
        let choose = |choices: &str| read(&format!("<a><m:AlternateContent>{choices}</m:AlternateContent>x</a>"));
        let (one, two) = ("<m:Choice><b>1</b></m:Choice>", "<m:Fallback><m:AlternateContent/><b>2</b></m:Fallback>");
        let open = "<a><AlternateContent><Choice>";
        let rest = "</Choice></AlternateContent>x</a>";
        assert_eq!(choose(&format!("{one}{two}")), format!("{open}<b>1</b>{rest}"));
        assert_eq!(choose(&format!("{one}{one}")), format!("{open}<b>1</b>{rest}"));
        assert!(choose(&format!("<m:Choice/>{two}")).contains("<b>2</b>"));
    }

    #[test]
    fn what_stood_before_a_break_is_given() {
        let damaged = Err(ProblemKind::Damaged);
        assert_eq!(events(b"<a><b>070761-4285"), ("<a><b>070761-4285".into(), damaged));
        assert_eq!(events(b"<a><b>1</b><c d='"), ("<a><b>1</b>".into(), damaged));
        assert_eq!(events(b"<a>1<![CDATA[2"), ("<a>12".into(), damaged));
        assert_eq!(events(b"<a>1< 2</a>"), ("<a>1".into(), damaged));
        assert_eq!(events(b"<a:>1</a:>"), ("".into(), damaged));
    }

    #[test]
    fn ends_that_do_not_match_break_nothing() {
        assert_eq!(read("<a><b><br>1</b></c></a>"), "<a><b><br>1</b></c></a>");
    }

    #[test]
    fn the_root_is_known_before_it_is_read() {
        let mut xml = Xml::new(&b"\xef\xbb\xbf<!-- x --><x:a b='1'/>"[..]);
        assert_eq!(xml.root(), Ok("a"));
        assert!(matches!(xml.next(), Ok(Some(Event::Start(tag))) if tag.attribute("b").as_deref() == Some("1")));
        assert_eq!(Xml::new(&b""[..]).root(), Ok(""));
    }

    #[test]
    fn a_piece_of_the_document_may_end_anywhere() {
        /// Gives its bytes one at a time.
        struct Dripping<'a>(&'a [u8]);
        impl Read for Dripping<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let (first, rest) = self.0.split_at(self.0.len().min(1));
                buffer[..first.len()].copy_from_slice(first);
                self.0 = rest;
                Ok(first.len())
            }
        }
        let inner = "<b c='1>2'>ø&#230;</b><!-- - -- > --><![CDATA[ ] ]] ]]>";
        for filler in 32_700..32_780 {
            let text = format!("<a>{}{inner}</a>", "x".repeat(filler));
            let mut xml = Xml::new(Dripping(text.as_bytes()));
            let mut words = String::new();
            xml.next().unwrap();
            xml.text_into(&mut words).unwrap();
            assert_eq!(words[filler..], *"øæ ] ]] ", "filler {filler}");
        }
    }
}
