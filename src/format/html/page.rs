//! The text of a page, as it is shown and as it is hidden.

use std::ops::Range;

use memchr::{memchr, memchr2};

use super::super::flow::Flow;
use super::super::quiet::Quiet;
use super::super::xml::window::Window;
use super::super::{Output, Reading};
use super::entity::{self, REFERENCE_BYTES};
use super::grid::Grid;
use super::name::kind;
use super::quiet::pass;
use super::tag::{Tag, lowercase};
use crate::model::{Place, ProblemKind};

/// Longest tag, in bytes; a file may be written in one. More is a quotation mark that nothing closes.
const TAG_BYTES: usize = 32 * 1024 * 1024;

/// Tags whose quotation marks nothing closes, after which such marks mean nothing.
const UNCLOSED: u32 = 8;

/// Bytes of a script that are handed on at a time.
const SCRIPT_BYTES: usize = 32 * 1024;

/// Elements that stand on lines of their own.
#[rustfmt::skip]
pub(super) const BLOCKS: &[&str] = &[
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4",
    "h5", "h6", "head", "header", "hgroup", "hr", "html", "iframe", "legend", "li", "main", "menu", "nav", "noframes",
    "noscript", "object", "ol", "optgroup", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td",
    "template", "text", "textarea", "tfoot", "th", "thead", "title", "tr", "ul", "xmp",
];

/// Attributes that say how something looks, or what kind of thing it is, in the order of their letters.
#[rustfmt::skip]
pub(super) const PASSED_OVER: &[&str] = &[
    "align", "bgcolor", "border", "cellpadding", "cellspacing", "charset", "class", "color", "cols", "colspan", "d", "face",
    "fill", "for", "frame", "frameborder", "height", "http-equiv", "id", "lang", "language", "link", "marginheight",
    "marginwidth", "maxlength", "media", "method", "name", "points", "rel", "rows", "rowspan", "rules", "size", "stroke",
    "style", "tabindex", "target", "transform", "type", "valign", "version", "viewbox", "vlink", "width", "x", "y",
];

/// Attributes that are read without their name, which says nothing.
const SPEAKING: &[&str] = &["alt", "content", "href", "label", "placeholder", "src", "summary", "title", "value"];

/// A page that is read.
pub struct Page<'r> {
    window: Window<'r>,
    flow: Flow,
    grid: Grid,
    /// The line at which the paragraph began.
    begun: Option<u64>,
    white: White,
    /// Elements that keep white space as it is written.
    kept: u32,
    /// True when a field to fill in came last.
    after_field: bool,
    unclosed: u32,
    quiet: Quiet,
    /// Room for a tag as it is written.
    written: String,
}

/// White space that was read and stands before what comes next.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum White {
    #[default]
    Nothing,
    Space,
    LineEnd,
}

impl<'r> Page<'r> {
    /// A page at its beginning.
    pub fn new(window: Window<'r>) -> Self {
        Self {
            window,
            flow: Flow::default(),
            grid: Grid::default(),
            begun: None,
            white: White::Nothing,
            kept: 0,
            after_field: false,
            unclosed: 0,
            quiet: Quiet::default(),
            written: String::new(),
        }
    }

    /// Gives the text.
    ///
    /// # Errors
    /// When the bytes cannot be read, or a limit was reached.
    pub fn read(mut self, output: &mut Output<'_>) -> Reading {
        let reading = self.pieces(output);
        self.end_paragraph(output)?;
        reading
    }

    fn pieces(&mut self, output: &mut Output<'_>) -> Reading {
        loop {
            if self.begun.is_none() && self.quiet.is_due(self.window.offset()) {
                self.pass_over_quiet(output)?;
            }
            if self.window.rest().is_empty() && !self.window.more()? {
                return Ok(());
            }
            match self.window.rest().first() {
                Some(b'<') => self.markup(output)?,
                Some(b'&') => self.reference()?,
                _ => {
                    let rest = self.window.rest();
                    let length = memchr2(b'<', b'&', rest).unwrap_or(rest.len());
                    let text = self.window.take(length);
                    self.show(text);
                }
            }
            if self.flow.is_full() {
                let place = self.place();
                self.flow.give(place, self.grid.cell(), output)?;
            }
        }
    }

    /// Passes over paragraphs in which no number stands.
    fn pass_over_quiet(&mut self, output: &mut Output<'_>) -> Reading {
        let between = self.kept == 0 && !self.after_field && self.white == White::Nothing && self.grid.is_outside();
        if !between || !output.may_pass_over() {
            self.quiet.try_again_at(self.window.offset() + Quiet::LEAST as u64);
            return Ok(());
        }
        let bytes = self.quiet.pass_over(&mut self.window, |rest, length| pass(&rest.as_bytes()[..length]))?;
        if bytes == 0 {
            return Ok(());
        }
        let place = self.place();
        output.pass_over_quiet(bytes, place)
    }

    /// Waits until so many bytes are there, or the end.
    fn ahead(&mut self, bytes: usize) -> Reading {
        while self.window.rest().len() < bytes && self.window.more()? {}
        Ok(())
    }

    fn reference(&mut self) -> Reading {
        self.ahead(REFERENCE_BYTES + 4)?;
        let start = self.window.take(0).start;
        let (c, length) = entity::resolve(&self.window.text()[start..]).unwrap_or(('&', 1));
        self.window.take(length);
        self.begin();
        self.spaced(c.is_alphanumeric());
        self.flow.show_char(c);
        Ok(())
    }

    fn begin(&mut self) {
        if self.begun.is_none() {
            self.begun = Some(self.window.line());
        }
    }

    fn place(&mut self) -> Place {
        Place::Line(self.begun.unwrap_or_else(|| self.window.line()))
    }

    /// Puts the white space that waits. What is filled in does not touch the letters and digits around it.
    fn spaced(&mut self, touches: bool) {
        let white = std::mem::take(&mut self.white);
        let apart = std::mem::take(&mut self.after_field) && touches;
        match white {
            White::LineEnd => self.flow.show_char('\n'),
            White::Space => self.flow.show_char(' '),
            White::Nothing if apart => self.flow.show_char(' '),
            White::Nothing => {}
        }
    }

    fn show(&mut self, range: Range<usize>) {
        // All white space is ASCII, so it is found among the bytes.
        let is_white = |byte: u8| byte.is_ascii_whitespace();
        let mut start = range.start;
        while start < range.end {
            let rest = &self.window.text()[start..range.end];
            let white = rest.bytes().position(|byte| !is_white(byte)).unwrap_or(rest.len());
            if white > 0 {
                let line_end = rest[..white].contains('\n');
                if self.kept > 0 && self.begun.is_some() {
                    self.flow.show(&rest[..white]);
                } else if self.begun.is_some() {
                    self.white = self.white.max(if line_end { White::LineEnd } else { White::Space });
                }
                start += white;
                continue;
            }
            let length = rest.bytes().position(is_white).unwrap_or(rest.len());
            let touches = rest.starts_with(char::is_alphanumeric);
            if self.begun.is_none() {
                // Line ends that were taken with this text but stand behind it.
                let after = memchr::memchr_iter(b'\n', rest.as_bytes()).count() as u64;
                self.begun = Some(self.window.line().saturating_sub(after));
            }
            self.spaced(touches);
            self.flow.show(&self.window.text()[start..start + length]);
            start += length;
        }
    }

    fn end_paragraph(&mut self, output: &mut Output<'_>) -> Reading {
        let place = self.place();
        self.begun = None;
        self.white = White::Nothing;
        self.after_field = false;
        self.flow.end(place, self.grid.cell(), output)
    }

    fn markup(&mut self, output: &mut Output<'_>) -> Reading {
        self.ahead(4)?;
        match self.window.rest() {
            [_, b'!', b'-', b'-', ..] => self.comment(4, b"-->"),
            [_, b'!' | b'?', ..] => self.comment(2, b">"),
            [_, b'/', first, ..] | [_, first, ..] if first.is_ascii_alphabetic() => self.tag(output),
            _ => {
                let text = self.window.take(1);
                self.show(text);
                Ok(())
            }
        }
    }

    /// What begins with an exclamation or a question mark: comments are given apart, declarations say nothing.
    fn comment(&mut self, begins: usize, ends: &[u8]) -> Reading {
        let rest = self.window.rest();
        let kind: Vec<u8> = rest.iter().skip(2).take(7).map(u8::to_ascii_lowercase).collect();
        let says_nothing = kind == b"doctype" || rest.starts_with(b"<?xml ");
        if says_nothing && let Some(end) = self.find_end(false)? {
            self.window.take(end);
            return Ok(());
        }
        self.window.take(begins);
        self.begin();
        self.flow.part();
        loop {
            let rest = self.window.rest();
            let found = memchr::memmem::find(rest, ends);
            let length = found.unwrap_or_else(|| rest.len().saturating_sub(ends.len()));
            let length = boundary(rest, length);
            let text = self.window.take(length);
            self.flow.push_apart(&self.window.text()[text]);
            if found.is_some() {
                self.window.take(ends.len());
                return Ok(());
            }
            if !self.window.more()? {
                let rest = self.window.rest().len();
                let text = self.window.take(rest);
                self.flow.push_apart(&self.window.text()[text]);
                return Ok(());
            }
        }
    }

    /// How long the tag is that stands next, with its angles; none when nothing closes it.
    fn find_end(&mut self, quotes: bool) -> Result<Option<usize>, ProblemKind> {
        let mut length = 1;
        let mut quote = None;
        let mut after_equals = false;
        loop {
            let rest = self.window.rest();
            while let Some(&byte) = rest.get(length) {
                if let Some(open) = quote {
                    let Some(more) = memchr(open, &rest[length..]) else {
                        length = rest.len();
                        break;
                    };
                    length += more + 1;
                    quote = None;
                    after_equals = false;
                    continue;
                }
                length += 1;
                match byte {
                    b'>' => return Ok(Some(length)),
                    b'"' | b'\'' if after_equals && quotes => quote = Some(byte),
                    _ => after_equals = byte == b'=' || (after_equals && byte.is_ascii_whitespace()),
                }
            }
            if length > TAG_BYTES || !self.window.more()? {
                return Ok(None);
            }
        }
    }

    fn tag(&mut self, output: &mut Output<'_>) -> Reading {
        let mut end = None;
        if self.unclosed < UNCLOSED {
            end = self.find_end(true)?;
            self.unclosed += u32::from(end.is_none());
        }
        if end.is_none() {
            end = self.find_end(false)?;
        }
        let Some(end) = end else {
            // Nothing closes it: the rest is text.
            let rest = self.window.rest().len();
            let text = self.window.take(rest);
            self.show(text);
            return Ok(());
        };
        let range = self.window.take(end);
        let mut written = std::mem::take(&mut self.written);
        written.clear();
        written.push_str(&self.window.text()[range.start + 1..range.end - 1]);
        let tag = Tag::new(&written);
        self.element(&tag, output)?;
        if !tag.is_end && matches!(&*tag.name, "script" | "style") {
            self.script(&tag.name, output)?;
        }
        self.written = written;
        Ok(())
    }

    fn element(&mut self, tag: &Tag<'_>, output: &mut Output<'_>) -> Reading {
        let name = &*tag.name;
        if kind(name.as_bytes()).is_block {
            self.end_paragraph(output)?;
        }
        match (name, tag.is_end) {
            ("table", false) => self.grid.start_table(output),
            ("table", true) => self.grid.end_table(),
            ("tr", false) => self.grid.start_row(),
            ("tr", true) => self.grid.end_row(),
            ("td" | "th", false) => self.grid.start_cell(tag),
            ("td" | "th", true) => self.grid.end_cell(),
            ("pre" | "textarea" | "xmp", false) => self.kept = self.kept.saturating_add(1),
            ("pre" | "textarea" | "xmp", true) => self.kept = self.kept.saturating_sub(1),
            ("br", _) if self.begun.is_some() => {
                self.white = White::Nothing;
                self.flow.show_char('\n');
            }
            // Marks of notes are no part of the number before them.
            ("sup" | "sub", false) => self.after_field = true,
            ("input", false) => self.input(tag),
            // Drawings place lines and columns of a text.
            ("tspan", false) if moves(tag, "y") || moves(tag, "dy") => self.end_paragraph(output)?,
            ("tspan", false) if moves(tag, "x") => self.white = self.white.max(White::Space),
            _ => {}
        }
        if !tag.is_end {
            self.attributes(tag);
        }
        Ok(())
    }

    /// What is filled in stands where it is shown.
    fn input(&mut self, tag: &Tag<'_>) {
        if is_hidden(tag) {
            return;
        }
        let Some(value) = tag.attribute("value") else { return };
        self.begin();
        let touches = self.flow.text().ends_with(char::is_alphanumeric);
        self.after_field |= touches;
        self.spaced(value.starts_with(char::is_alphanumeric));
        self.flow.show(&value);
        self.after_field = true;
    }

    fn attributes(&mut self, tag: &Tag<'_>) {
        for (name, value) in tag.attributes() {
            let lower = lowercase(name);
            let shown = tag.name == "input" && lower == "value" && !is_hidden(tag);
            let says = !value.trim().is_empty() && !value.starts_with("data:") && !shown;
            if !says || PASSED_OVER.binary_search(&&*lower).is_ok() || lower.starts_with("xmlns") {
                continue;
            }
            let label = match &*lower {
                "value" | "content" => tag.attribute("name").or_else(|| tag.attribute("property")).unwrap_or_default(),
                name if SPEAKING.contains(&name) => "".into(),
                name => name.strip_prefix("data-").unwrap_or(name).into(),
            };
            self.begin();
            self.flow.part();
            if !label.is_empty() {
                self.flow.push_apart(&label);
                self.flow.push_apart(": ");
            }
            self.flow.push_apart(value.trim());
            self.flow.part();
        }
    }

    /// A script or a style sheet, which ends with its own tag alone.
    fn script(&mut self, name: &str, output: &mut Output<'_>) -> Reading {
        self.end_paragraph(output)?;
        let end = format!("</{name}");
        let mut begun = false;
        loop {
            let rest = self.window.rest();
            let found = find_ignoring_case(rest, end.as_bytes());
            let length = match found {
                Some(at) => at,
                None if rest.len() < SCRIPT_BYTES && self.window.more()? => continue,
                None => boundary(self.window.rest(), self.window.rest().len().saturating_sub(end.len())),
            };
            let line = self.window.line();
            let text = self.window.take(length);
            let text = &self.window.text()[text];
            if begun || !text.trim().is_empty() {
                if !std::mem::replace(&mut begun, true) {
                    output.at(Place::Line(line))?;
                }
                output.push(text)?;
            }
            if found.is_some() || (length == 0 && !self.window.more()?) {
                return Ok(());
            }
        }
    }
}

/// True when an attribute places the text as one, and not letter by letter.
fn moves(tag: &Tag<'_>, attribute: &str) -> bool {
    tag.attribute(attribute).is_some_and(|value| value.trim() != "0" && !value.trim().contains([' ', ',']))
}

fn is_hidden(tag: &Tag<'_>) -> bool {
    let kind = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
    matches!(kind.as_str(), "hidden" | "checkbox" | "radio" | "image")
}

/// The last place at or before `at` where a character begins.
fn boundary(bytes: &[u8], mut at: usize) -> usize {
    while at > 0 && bytes.get(at).is_some_and(|b| b & 0xc0 == 0x80) {
        at -= 1;
    }
    at
}

fn find_ignoring_case(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut starts = memchr::memchr_iter(b'<', bytes);
    starts.find(|at| bytes[*at..].get(..wanted.len()).is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_is_searched_by_halves_is_in_order() {
        assert!(PASSED_OVER.is_sorted());
    }
}
