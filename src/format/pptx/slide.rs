//! The text of a slide, and of all that is built as one.

use super::super::flow::Flow;
use super::super::ooxml::Asides;
use super::super::table::Tables;
use super::super::xml::{Event, Tag, Xml};
use super::super::{Output, Reading};
use crate::model::Place;

/// What becomes of the text in placeholders: in a layout it only says what to fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompts {
    /// It is text.
    Read,
    /// It is not, but for headers and footers.
    PassedOver,
}

/// Placeholders whose text is one in layouts too.
const FILLED: &[&str] = &["ftr", "hdr"];

/// Gives the text, paragraph by paragraph, and then what is said in place of pictures.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read(xml: &mut Xml<'_>, prompts: Prompts, output: &mut Output<'_>) -> Reading {
    let mut slide = Slide {
        prompts,
        flow: Flow::default(),
        tables: Tables::default(),
        paragraph: 0,
        is_text: false,
        is_prompt: false,
        asides: Asides::default(),
    };
    let reading = slide.read(xml, output);
    slide.end_paragraph(output)?;
    slide.asides.give(output)?;
    reading
}

struct Slide {
    prompts: Prompts,
    flow: Flow,
    tables: Tables,
    paragraph: u32,
    is_text: bool,
    /// True in a placeholder that is passed over.
    is_prompt: bool,
    asides: Asides,
}

impl Slide {
    fn read(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => self.start(&tag, output),
                Event::Text(text) if self.is_text && !self.is_prompt => {
                    self.flow.show(text);
                    if self.flow.is_full() {
                        self.flow.give(self.place(), self.tables.cell(), output)?;
                    }
                }
                Event::Text(_) | Event::Other => {}
                Event::End(name) => self.end(name, output)?,
            }
        }
        Ok(())
    }

    fn place(&self) -> Place {
        Place::Paragraph(self.paragraph.max(1))
    }

    fn start(&mut self, tag: &Tag<'_>, output: &mut Output<'_>) {
        match tag.name {
            "t" => self.is_text = true,
            // A comment.
            "text" => {
                self.paragraph = self.paragraph.saturating_add(1);
                self.is_text = true;
            }
            "p" => self.paragraph = self.paragraph.saturating_add(1),
            "br" => self.flow.show_char('\n'),
            "tbl" => self.tables.start_table(output),
            "tr" => self.tables.start_row(),
            "tc" => self.tables.start_cell(),
            "sp" => self.is_prompt = false,
            "ph" => {
                let kind = tag.attribute("type").unwrap_or_default();
                self.is_prompt = self.prompts == Prompts::PassedOver && !FILLED.contains(&&*kind);
            }
            "hlinkClick" | "hlinkHover" => {
                let tip = tag.attribute("tooltip").unwrap_or_default();
                self.asides.keep("hyperlink", self.place(), &tip);
            }
            _ => self.asides.keep_picture(tag, self.place()),
        }
    }

    fn end(&mut self, name: &str, output: &mut Output<'_>) -> Reading {
        match name {
            "t" => self.is_text = false,
            "text" => {
                self.is_text = false;
                self.end_paragraph(output)?;
            }
            "p" => self.end_paragraph(output)?,
            "tbl" => self.tables.end_table(),
            "tc" => self.tables.end_block(),
            "sp" => self.is_prompt = false,
            _ => {}
        }
        Ok(())
    }

    fn end_paragraph(&mut self, output: &mut Output<'_>) -> Reading {
        self.flow.end(self.place(), self.tables.cell(), output)
    }
}
