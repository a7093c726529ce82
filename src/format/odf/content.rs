//! The text of one part, by its elements.

use super::super::xml::{Event, Tag, Xml};
use super::super::{Output, Reading};
use super::story::Stories;
use crate::model::PartKind;

/// Spaces that one element may stand for.
const SPACES: usize = 256;

/// Digits that a person's number has at least, in a cell whose format shows its zero.
const DIGITS: usize = 9;

/// Properties that a person fills in.
const FILLED_IN: &[&str] =
    &["title", "subject", "description", "keyword", "creator", "initial-creator", "user-defined"];

/// Elements that lead elsewhere.
#[rustfmt::skip]
const LINKS: &[&str] = &[
    "a", "image", "object", "section-source", "table-source", "cell-range-source",
    "file-a", "plugin", "floating-frame", "area-rectangle", "template",
];

/// Where links lead that stay in the package.
const INSIDE: &[&str] = &["#", "./", "Pictures/", "ObjectReplacements/", "Object "];

/// Attributes that a person writes: an element, its attribute, and the field that it is given as.
#[rustfmt::skip]
static WRITTEN: &[(&str, &str, &str)] = &[
    ("user-field-decl", "name", "document variable"),
    ("user-field-decl", "string-value", "document variable"),
    ("user-field-decl", "value", "document variable"),
    ("variable-set", "string-value", "document variable"),
    ("hidden-text", "string-value", "hidden text"),
    ("hidden-paragraph", "string-value", "hidden text"),
    ("conditional-text", "string-value-if-true", "hidden text"),
    ("conditional-text", "string-value-if-false", "hidden text"),
    ("alphabetical-index-mark", "string-value", "index entry"),
    ("toc-mark", "string-value", "index entry"),
    ("content-validation", "condition", "validation list"),
    ("named-range", "name", "defined name"),
    ("named-expression", "expression", "defined name"),
    ("text", "current-value", "form field"),
    ("text", "value", "form field"),
    ("textarea", "current-value", "form field"),
    ("textarea", "value", "form field"),
    ("formatted-text", "current-value", "form field"),
    ("formatted-text", "value", "form field"),
    ("fixed-text", "label", "form field"),
    ("hidden", "value", "form field"),
    ("option", "label", "form field"),
    ("item", "label", "form field"),
    ("button", "label", "form field"),
    ("checkbox", "label", "form field"),
    ("radio", "label", "form field"),
];

/// Reads a part; `field` is as what its running text is given.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read(xml: &mut Xml<'_>, field: Option<&'static str>, output: &mut Output<'_>) -> Reading {
    let mut reader = Reader::new(field);
    let reading = reader.read(xml, 0, output);
    reader.stories.give(output)?;
    reading
}

/// Reads a document that is written as one file.
///
/// # Errors
/// As [`read`].
pub fn read_flat(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    read(xml, None, output)
}

struct Reader {
    stories: Stories,
    /// Elements that are open.
    depth: usize,
    /// Where an element began that holds no text.
    skipped: Option<usize>,
    /// True in a workbook, whose outermost tables are sheets.
    in_workbook: bool,
    /// True where a change says who made it.
    in_change: bool,
    slides: u32,
    /// The value of the cell, as it is stored.
    value: String,
    /// What the cell shows.
    shown: String,
}

impl Reader {
    fn new(field: Option<&'static str>) -> Self {
        Self {
            stories: Stories::new(field),
            depth: 0,
            skipped: None,
            in_workbook: false,
            in_change: false,
            slides: 0,
            value: String::new(),
            shown: String::new(),
        }
    }

    /// Reads on until the element at `until` ends.
    fn read(&mut self, xml: &mut Xml<'_>, until: usize, output: &mut Output<'_>) -> Reading {
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => {
                    self.depth += 1;
                    if self.skipped.is_some() {
                        continue;
                    }
                    let part = if until == 0 { self.part(&tag) } else { None };
                    match part {
                        Some((kind, name)) => self.read_part(kind, &name, xml, output)?,
                        None => self.start(&tag, output)?,
                    }
                }
                Event::Text(text) => self.text(text, output)?,
                Event::End(name) => {
                    let ended = self.end(name, output);
                    self.depth = self.depth.saturating_sub(1);
                    ended?;
                    if self.depth < until {
                        return Ok(());
                    }
                }
                Event::Other => {}
            }
        }
        Ok(())
    }

    /// The sheet or slide that an element is.
    fn part(&mut self, tag: &Tag<'_>) -> Option<(PartKind, String)> {
        let name = tag.attribute("name").unwrap_or_default();
        match (tag.prefix, tag.name) {
            ("table", "table") if self.in_workbook => Some((PartKind::Sheet, name.into_owned())),
            ("draw", "page") => {
                self.slides = self.slides.saturating_add(1);
                let name = if name.is_empty() { format!("slide {}", self.slides) } else { name.into_owned() };
                Some((PartKind::Slide, name))
            }
            _ => None,
        }
    }

    /// Reads a sheet or slide, with a count of paragraphs of its own.
    fn read_part(&mut self, kind: PartKind, name: &str, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        let depth = self.depth;
        output.part(kind, name.as_bytes(), |output| {
            let outer = std::mem::replace(&mut self.stories, Stories::new(None));
            if kind == PartKind::Sheet {
                self.stories.current().tables.start_table(true, output);
            }
            let reading = self.read(xml, depth, output);
            std::mem::replace(&mut self.stories, outer).give(output)?;
            reading
        })
    }

    fn start(&mut self, tag: &Tag<'_>, output: &mut Output<'_>) -> Reading {
        let depth = self.depth;
        let is_open = self.stories.current().is_open;
        match tag.name {
            "p" | "h" => {
                if is_open {
                    self.stories.begin("text box", depth, false);
                }
                self.stories.begin_paragraph();
            }
            "s" if tag.prefix == "text" => {
                let count = tag.attribute("c").and_then(|count| count.parse().ok()).unwrap_or(1);
                (0..SPACES.min(count)).for_each(|_| self.show(' '));
            }
            "tab" | "tab-stop" => self.show('\t'),
            "line-break" => self.show('\n'),
            "binary-data" | "event-listeners" | "scripts" | "note-citation" | "automatic-styles"
            | "font-face-decls" => {
                self.skipped = Some(depth);
            }
            "spreadsheet" => self.in_workbook = true,
            "annotation" => self.stories.begin("comment", depth, false),
            "note-body" | "footnote-body" | "endnote-body" => self.stories.begin("footnote", depth, false),
            "tracked-changes" => self.stories.begin("deleted text", depth, false),
            "change-info" => self.in_change = true,
            "text-box" if is_open => self.stories.begin("text box", depth, false),
            "notes" => self.stories.begin("notes", depth, false),
            "header" | "header-left" | "header-first" if tag.prefix == "style" => {
                self.stories.begin("header", depth, false);
            }
            "footer" | "footer-left" | "footer-first" if tag.prefix == "style" => {
                self.stories.begin("footer", depth, false);
            }
            "header-decl" => self.stories.begin("header", depth, true),
            "footer-decl" => self.stories.begin("footer", depth, true),
            "title" | "desc" if tag.prefix == "svg" => self.stories.begin("alternative text", depth, true),
            "table" if tag.prefix == "table" => self.stories.current().tables.start_table(false, output),
            "table-row" => self.stories.current().tables.start_row(tag),
            "table-cell" | "covered-table-cell" => self.start_cell(tag),
            name if FILLED_IN.contains(&name) && matches!(tag.prefix, "dc" | "meta") => self.property(tag),
            _ => {}
        }
        self.written(tag, output)
    }

    /// A property of the document, or who wrote a comment.
    fn property(&mut self, tag: &Tag<'_>) {
        match self.stories.field() {
            _ if self.in_change => {}
            Some("comment") => self.stories.begin_paragraph(),
            _ => {
                self.stories.begin("document property", self.depth, true);
                if tag.name == "user-defined" {
                    let flow = &mut self.stories.current().flow;
                    flow.show(&tag.attribute("name").unwrap_or_default());
                    flow.show(": ");
                }
            }
        }
    }

    fn start_cell(&mut self, tag: &Tag<'_>) {
        self.stories.current().tables.start_cell(tag);
        self.shown.clear();
        self.value.clear();
        if self.in_workbook {
            let value = tag.attribute("value").or_else(|| tag.attribute("string-value"));
            self.value.push_str(&value.unwrap_or_default());
            let formula = tag.attribute("formula").filter(|formula| formula.contains('"'));
            self.stories.current().flow.push_apart(&formula.unwrap_or_default());
        }
    }

    /// Gives the value of a cell where that says more than what is shown.
    fn end_cell(&mut self, output: &mut Output<'_>) -> Reading {
        let value = std::mem::take(&mut self.value);
        let is_number = value.len() >= DIGITS && value.bytes().all(|b| b.is_ascii_digit());
        let digits = || self.shown.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>();
        if self.shown.trim().is_empty() || (is_number && !digits().contains(&value)) {
            self.stories.current().flow.show(&value);
        }
        self.stories.end_paragraph(output)?;
        self.stories.current().tables.end_cell();
        Ok(())
    }

    fn written(&mut self, tag: &Tag<'_>, output: &mut Output<'_>) -> Reading {
        for (_, attribute, field) in WRITTEN.iter().filter(|(element, ..)| *element == tag.name) {
            let value = tag.attribute(attribute).unwrap_or_default();
            self.stories.keep(field, &value, output)?;
        }
        if LINKS.contains(&tag.name) {
            let target = tag.attribute("href").unwrap_or_default();
            if !INSIDE.iter().any(|inside| target.starts_with(inside)) {
                self.stories.keep("hyperlink", &target, output)?;
            }
        }
        if matches!(tag.name, "frame" | "custom-shape") {
            let name = tag.attribute("name").filter(|name| name.contains('.')).unwrap_or_default();
            self.stories.keep("alternative text", &name, output)?;
        }
        Ok(())
    }

    fn show(&mut self, c: char) {
        let story = self.stories.current();
        if story.is_open {
            story.flow.show_char(c);
        }
    }

    fn text(&mut self, text: &str, output: &mut Output<'_>) -> Reading {
        let story = self.stories.current();
        if self.skipped.is_some() || !story.is_open {
            return Ok(());
        }
        story.flow.show(text);
        if self.in_workbook && self.shown.len() < 256 {
            self.shown.push_str(text);
        }
        self.stories.check(output)
    }

    fn end(&mut self, name: &str, output: &mut Output<'_>) -> Reading {
        if let Some(depth) = self.skipped {
            if self.depth <= depth {
                self.skipped = None;
            }
            return Ok(());
        }
        match name {
            "p" | "h" => self.stories.end_paragraph(output)?,
            "creator" if self.stories.field() == Some("comment") => self.stories.end_paragraph(output)?,
            "change-info" => self.in_change = false,
            "table" => self.stories.current().tables.end_table(),
            "table-cell" | "covered-table-cell" => self.end_cell(output)?,
            _ => {}
        }
        self.stories.end(self.depth, output)
    }
}
