//! What the tokens say, group by group.

use std::collections::HashMap;
use std::io::Read;

use super::super::flow::{Beside, Flow};
use super::super::html;
use super::super::{Output, Reading};
use super::charset::{self, Charset};
use super::object::Object;
use super::row::Rows;
use super::token::{Token, Tokens};
use super::word::{self, Destination, Word};
use crate::model::{Place, ProblemKind, TableCell};

/// Groups in one another whose properties are told apart; deeper ones share those of the last.
const DEPTH: usize = 100_000;

/// Texts beside the running text that may stand in one another; deeper ones are read as one.
const ASIDES: usize = 64;

/// Bytes of the name of a property, and of a class.
const NAME_BYTES: usize = 256;

/// Properties of shapes that a person writes.
const WRITTEN: &[&str] = &["wzDescription", "wzTooltip", "gtextUNICODE"];

/// Reads a document.
///
/// # Errors
/// When the document ends before its first group does, its bytes cannot be read, or a limit was reached.
pub fn read(source: impl Read, output: &mut Output<'_>) -> Reading {
    let mut tokens = Tokens::new(source);
    let mut reader = Reader::new();
    let reading = reader.read(&mut tokens, output);
    reader.finish(output)?;
    reading
}

/// The properties of a group.
#[derive(Clone, Copy)]
struct State {
    to: To,
    charset: Charset,
    /// How many characters follow each Unicode character for readers that do not know it.
    fallback: u16,
    deleted: bool,
    not_html: bool,
    /// Tables that the paragraph stands in.
    level: u8,
}

/// Where text goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Shown,
    Apart,
    /// Nowhere, but groups in it may go elsewhere.
    Holder,
    /// Nowhere, whatever stands in it.
    Nothing,
    /// Nowhere, but for the group in Unicode.
    Twice,
    Fonts,
    Name,
    Object,
    ObjectClass,
    HtmlTag,
}

/// A text: the running one, or one beside it.
struct Story {
    flow: Flow,
    /// As what it is given; none for the running text.
    field: Option<&'static str>,
    /// How many groups were open where it began.
    depth: usize,
    rows: Rows,
}

struct Reader {
    states: Vec<State>,
    /// Groups beyond [`DEPTH`].
    deeper: usize,
    /// The running text, then those beside it that began and did not end.
    stories: Vec<Story>,
    /// Texts beside it that ended.
    asides: Beside,
    paragraph: u32,
    /// Bytes that are not yet characters, and how they spell them.
    bytes: Vec<u8>,
    charset: Charset,
    /// The code page of the document, and of its fonts that have one of their own.
    default: Charset,
    fonts: HashMap<i64, Charset>,
    font: i64,
    default_font: i64,
    /// The first half of a character that is written in two.
    surrogate: Option<u16>,
    /// Characters to pass over after a Unicode character.
    skip: u16,
    /// True when the next word may name a kind of group that is not known.
    starred: bool,
    name: String,
    class: String,
    object: Object,
    /// True when the shape gave its text.
    shape_told: bool,
    /// The html that the document stands for.
    html: Option<String>,
}

impl Reader {
    fn new() -> Self {
        let default = charset::of_code_page(1252);
        let state = State { to: To::Shown, charset: default, fallback: 1, deleted: false, not_html: false, level: 0 };
        Self {
            states: vec![state],
            deeper: 0,
            stories: vec![Story { flow: Flow::default(), field: None, depth: 0, rows: Rows::default() }],
            asides: Beside::default(),
            paragraph: 1,
            bytes: Vec::new(),
            charset: default,
            default,
            fonts: HashMap::new(),
            font: 0,
            default_font: 0,
            surrogate: None,
            skip: 0,
            starred: false,
            name: String::new(),
            class: String::new(),
            object: Object::default(),
            shape_told: false,
            html: None,
        }
    }

    fn read<R: Read>(&mut self, tokens: &mut Tokens<R>, output: &mut Output<'_>) -> Reading {
        while let Some(token) = tokens.next()? {
            let starred = std::mem::take(&mut self.starred);
            match token {
                Token::Open => self.open()?,
                Token::Close => self.close(output)?,
                Token::Byte(byte) => self.text(&[byte], output)?,
                Token::Text(range) => self.text(tokens.bytes(range), output)?,
                Token::Symbol(symbol) => self.symbol(symbol, output)?,
                Token::Word(name, value) => match word::meaning(tokens.bytes(name)) {
                    Some(Word::Binary) => self.binary(value, tokens)?,
                    Some(word) => self.word(word, value, output)?,
                    None if starred && !self.is_deaf() => self.begin(To::Nothing),
                    None => self.skip = self.skip.saturating_sub(1),
                },
            }
        }
        self.decode();
        if self.depth() > 0 { Err(ProblemKind::Damaged) } else { Ok(()) }
    }

    fn state(&mut self) -> &mut State {
        self.states.last_mut().expect("the outermost state is never taken")
    }

    fn to(&self) -> To {
        self.states.last().map_or(To::Nothing, |state| state.to)
    }

    fn depth(&self) -> usize {
        self.states.len() - 1 + self.deeper
    }

    fn story(&mut self) -> &mut Story {
        self.stories.last_mut().expect("the running text is never taken")
    }

    /// True where words mean nothing.
    fn is_deaf(&self) -> bool {
        matches!(self.to(), To::Nothing | To::Twice)
    }

    fn open(&mut self) -> Reading {
        self.skip = 0;
        if self.states.len() < DEPTH {
            let state = *self.state();
            self.states.push(state);
        } else {
            self.deeper += 1;
        }
        Ok(())
    }

    fn close(&mut self, output: &mut Output<'_>) -> Reading {
        self.skip = 0;
        self.decode();
        if self.deeper > 0 {
            self.deeper -= 1;
            return Ok(());
        }
        if self.states.len() == 1 {
            return Ok(());
        }
        let closed = self.states.pop().map(|state| state.to);
        if closed == Some(To::Object) && self.to() != To::Object {
            std::mem::take(&mut self.object).give(&self.class, output)?;
        }
        if closed == Some(To::Fonts) && self.to() != To::Fonts {
            self.set_font(self.default_font);
        }
        let depth = self.depth();
        if self.stories.len() > 1 && self.story().depth > depth {
            self.end_paragraph(output)?;
            if let Some(Story { flow, field: Some(field), .. }) = self.stories.pop() {
                self.asides.add(field, flow);
            }
        } else if self.story().field == Some("document variable") {
            self.story().flow.show_char(' ');
        } else if closed == Some(To::Apart) && self.to() != To::Apart {
            self.story().flow.part();
        }
        Ok(())
    }

    /// What follows in the group goes to `to`.
    fn begin(&mut self, to: To) {
        self.decode();
        self.state().to = to;
    }

    fn begin_story(&mut self, field: &'static str) {
        self.begin(To::Shown);
        let depth = self.depth();
        if self.stories.len() < ASIDES && depth > 0 {
            self.stories.push(Story { flow: Flow::kept(), field: Some(field), depth, rows: Rows::default() });
            self.state().level = 0;
            self.state().deleted = false;
        }
    }

    fn symbol(&mut self, symbol: u8, output: &mut Output<'_>) -> Reading {
        match symbol {
            b'*' => {
                self.starred = true;
                Ok(())
            }
            b'\r' | b'\n' => self.word(Word::Paragraph, None, output),
            b'\t' => self.character('\t', output),
            b'~' => self.character('\u{a0}', output),
            b'_' => self.character('-', output),
            b'-' => self.character('\u{ad}', output),
            b'{' | b'}' | b'\\' => self.text(&[symbol], output),
            _ => Ok(()),
        }
    }

    fn binary<R: Read>(&mut self, value: Option<i64>, tokens: &mut Tokens<R>) -> Reading {
        let count = value.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        let kept = if self.to() == To::Object { Some(self.object.bytes()) } else { None };
        tokens.take(count, kept)
    }

    fn word(&mut self, word: Word, value: Option<i64>, output: &mut Output<'_>) -> Reading {
        if self.skip > 0 && !matches!(word, Word::Group(_)) {
            self.skip -= 1;
            return Ok(());
        }
        if self.is_deaf() && !(self.to() == To::Twice && word == Word::Group(Destination::Shown)) {
            return Ok(());
        }
        let on = value != Some(0);
        match word {
            Word::Character(c) => return self.character(c, output),
            Word::Unicode => return self.unicode(value.unwrap_or(0), output),
            Word::Paragraph if matches!(self.to(), To::Shown | To::HtmlTag) => return self.paragraph(output),
            Word::Cell => return self.cell(1, output),
            Word::NestedCell => {
                let level = self.level();
                return self.cell(level.max(2), output);
            }
            Word::Row => self.story().rows.end_row(1),
            Word::NestedRow => {
                let level = self.level();
                self.story().rows.end_row(level.max(2));
            }
            Word::RowDefinition => self.story().rows.start_row(),
            Word::PlainParagraph => self.state().level = 0,
            Word::Plain => {
                self.state().deleted = false;
                self.set_font(self.default_font);
            }
            Word::InTable => self.state().level = self.state().level.max(1),
            Word::TableLevel => self.state().level = u8::try_from(value.unwrap_or(0)).unwrap_or(u8::MAX),
            Word::Deleted => {
                self.decode();
                self.state().deleted = on;
            }
            Word::UnicodeBytes => self.state().fallback = u16::try_from(value.unwrap_or(1)).unwrap_or(1),
            Word::CodePage => self.set_default(charset::of_code_page(value.unwrap_or(1252))),
            Word::Macintosh => self.set_default(charset::of_code_page(10000)),
            Word::Dos => self.set_default(charset::of_code_page(850)),
            Word::Font if self.to() == To::Fonts => self.font = value.unwrap_or(0),
            Word::Font => self.set_font(value.unwrap_or(0)),
            Word::DefaultFont => self.default_font = value.unwrap_or(0),
            Word::FontCharset => {
                let font = charset::of_font(value.unwrap_or(0));
                self.fonts.extend(font.map(|font| (self.font, font)));
            }
            Word::FontCodePage => {
                self.fonts.insert(self.font, charset::of_code_page(value.unwrap_or(1252)));
            }
            Word::FromHtml if on => self.html = Some(String::new()),
            Word::NotHtml => {
                self.decode();
                self.state().not_html = on;
            }
            Word::Group(destination) => self.destination(destination),
            Word::Paragraph | Word::FromHtml | Word::Binary => {}
        }
        Ok(())
    }

    fn destination(&mut self, destination: Destination) {
        match destination {
            Destination::Shown => self.begin(To::Shown),
            Destination::Aside(field) => {
                self.shape_told |= field == "text box";
                self.begin_story(field);
            }
            Destination::Apart => {
                self.begin(To::Apart);
                self.story().flow.part();
            }
            Destination::Holder => self.begin(To::Holder),
            Destination::Nothing => self.begin(To::Nothing),
            Destination::Fonts => self.begin(To::Fonts),
            Destination::Name => {
                self.begin(To::Name);
                self.name.clear();
            }
            Destination::ShapeValue => {
                let file = self.name == "wzName";
                if WRITTEN.contains(&self.name.as_str()) || file {
                    self.begin_story("alternative text");
                } else {
                    self.begin(To::Holder);
                }
            }
            Destination::Value => {
                self.begin_story("document property");
                let name = std::mem::take(&mut self.name);
                self.story().flow.show(&name);
                self.story().flow.show(": ");
            }
            Destination::Object => {
                self.begin(To::Object);
                self.object = Object::default();
            }
            Destination::ObjectClass => {
                self.begin(To::ObjectClass);
                self.class.clear();
            }
            Destination::HtmlTag if self.html.is_some() => self.begin(To::HtmlTag),
            Destination::HtmlTag => self.begin(To::Nothing),
            Destination::Shape => {
                self.begin(To::Shown);
                self.shape_told = false;
            }
            Destination::ShapeResult if self.shape_told => self.begin(To::Nothing),
            Destination::ShapeResult => self.begin(To::Shown),
            Destination::Twice => self.begin(To::Twice),
        }
    }

    fn level(&self) -> usize {
        self.states.last().map_or(0, |state| usize::from(state.level))
    }

    fn set_default(&mut self, charset: Charset) {
        self.default = charset;
        self.state().charset = charset;
    }

    fn set_font(&mut self, font: i64) {
        let charset = self.fonts.get(&font).copied().unwrap_or(self.default);
        self.state().charset = charset;
    }

    fn unicode(&mut self, value: i64, output: &mut Output<'_>) -> Reading {
        // Written as a number with a sign: what is over 32767 is negative.
        let unit = (value & 0xffff) as u16;
        let first = self.surrogate.take();
        for c in char::decode_utf16(first.into_iter().chain([unit])) {
            match c {
                // Fonts of symbols shift their characters.
                Ok(c @ '\u{f020}'..='\u{f0ff}') => self.put(char::from_u32(u32::from(c) - 0xf000).unwrap_or(c)),
                Ok(c) => self.put(c),
                Err(half) if half.unpaired_surrogate() == unit && unit < 0xdc00 => self.surrogate = Some(unit),
                Err(_) => self.put(char::REPLACEMENT_CHARACTER),
            }
        }
        self.skip = self.state().fallback;
        self.check(output)
    }

    /// A character that is no byte of the text.
    fn character(&mut self, c: char, output: &mut Output<'_>) -> Reading {
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        self.put(c);
        self.check(output)
    }

    fn put(&mut self, c: char) {
        self.decode();
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    /// Bytes of the text, some of which may be fallback for a Unicode character.
    fn text(&mut self, bytes: &[u8], output: &mut Output<'_>) -> Reading {
        match self.to() {
            To::Holder | To::Nothing | To::Twice | To::Fonts => return Ok(()),
            To::Object => {
                self.object.push_hex(bytes);
                return Ok(());
            }
            _ => {}
        }
        // Line ends and zeros only lay out the file.
        let mut bytes = bytes.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n' | 0));
        let skip = usize::from(std::mem::take(&mut self.skip));
        let skipped = if skip > 0 { bytes.by_ref().take(skip).count() } else { 0 };
        self.skip = (skip - skipped) as u16;
        let charset = self.state().charset;
        if self.charset != charset {
            self.decode();
            self.charset = charset;
        }
        self.bytes.extend(bytes);
        if self.bytes.len() > NAME_BYTES {
            self.check(output)?;
        }
        Ok(())
    }

    /// Makes characters of the bytes that wait.
    fn decode(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let mut text = String::new();
        charset::decode_into(self.charset, &bytes, &mut text);
        self.push(&text);
        self.bytes = bytes;
        self.bytes.clear();
    }

    fn push(&mut self, text: &str) {
        let (to, deleted, hidden) = {
            let state = self.state();
            (state.to, state.deleted, state.not_html)
        };
        match to {
            To::HtmlTag => self.html.get_or_insert_default().push_str(text),
            To::Shown if self.html.is_some() && self.stories.len() == 1 => {
                if let Some(html) = self.html.as_mut().filter(|_| !hidden) {
                    html.push_str(text);
                }
            }
            To::Shown if deleted => self.story().flow.push_apart(text),
            To::Shown => self.story().flow.show(text),
            To::Apart => self.story().flow.push_apart(text),
            To::Name if self.name.len() < NAME_BYTES => self.name.push_str(text),
            To::ObjectClass if self.class.len() < NAME_BYTES => self.class.push_str(text),
            To::Holder | To::Nothing | To::Twice | To::Fonts | To::Name | To::Object | To::ObjectClass => {}
        }
    }

    /// Hands on a paragraph that holds much.
    fn check(&mut self, output: &mut Output<'_>) -> Reading {
        if self.bytes.len() > Self::BYTES {
            self.decode();
        }
        if !self.story().flow.is_full() {
            return Ok(());
        }
        let (place, cell) = self.stand(output);
        self.story().flow.give(place, cell, output)
    }

    /// Bytes that may wait to become characters.
    const BYTES: usize = 32 * 1024;

    fn stand(&mut self, output: &mut Output<'_>) -> (Place, Option<TableCell>) {
        let level = self.level();
        (Place::Paragraph(self.paragraph), self.story().rows.cell(level, output))
    }

    fn paragraph(&mut self, output: &mut Output<'_>) -> Reading {
        self.decode();
        if self.html.is_some() && self.stories.len() == 1 {
            self.push("\r\n");
            return Ok(());
        }
        self.end_paragraph(output)
    }

    fn end_paragraph(&mut self, output: &mut Output<'_>) -> Reading {
        self.decode();
        let (place, cell) = self.stand(output);
        self.story().flow.end(place, cell, output)?;
        self.count();
        Ok(())
    }

    /// Counts paragraphs of the running text: what stands beside it stands at the one that names it.
    fn count(&mut self) {
        if self.stories.len() == 1 {
            self.paragraph = self.paragraph.saturating_add(1);
        }
    }

    /// A cell ends, in the table of this level.
    fn cell(&mut self, level: usize, output: &mut Output<'_>) -> Reading {
        self.decode();
        let place = Place::Paragraph(self.paragraph);
        let story = self.story();
        let cell = story.rows.cell(level, output);
        story.flow.end(place, cell, output)?;
        story.rows.end_cell(level);
        self.count();
        Ok(())
    }

    /// Gives what is left, and then what stands beside the running text.
    fn finish(mut self, output: &mut Output<'_>) -> Reading {
        self.decode();
        while self.stories.len() > 1 {
            self.end_paragraph(output)?;
            if let Some(Story { flow, field: Some(field), .. }) = self.stories.pop() {
                self.asides.add(field, flow);
            }
        }
        self.end_paragraph(output)?;
        if let Some(html) = self.html.take() {
            html::read_text(&html, output)?;
        }
        self.asides.give(output)
    }
}
