//! Text that is drawn: text boxes, charts, diagrams, and what is said in place of a picture.

use std::borrow::Cow;

use super::super::xml::{Event, Tag, Xml};
use super::super::{Output, Reading};
use crate::model::Place;

/// A reader of drawings in DrawingML or VML.
pub struct Drawing {
    field: &'static str,
    /// Elements whose text is read.
    inside: &'static [&'static str],
    line: String,
    place: Place,
    spoken: Vec<(Place, String)>,
}

impl Drawing {
    /// A reader of the text in these elements, which gives it as `field`.
    pub fn new(field: &'static str, inside: &'static [&'static str]) -> Self {
        Self { field, inside, line: String::new(), place: Place::Whole, spoken: Vec::new() }
    }

    /// Gives the text, paragraph by paragraph, and then what is said in place of pictures. In a sheet, both stand at
    /// the cell where the shape begins.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn read(mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        output.field(self.field, |output| {
            let reading = self.text(xml, output);
            self.end_line(output)?;
            reading
        })?;
        give_spoken(&self.spoken, output)
    }

    fn text(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        let mut inside = false;
        let mut anchor = Anchor::default();
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => {
                    inside |= self.inside.contains(&tag.name());
                    anchor.number.clear();
                    match tag.name() {
                        "br" => self.line.push('\n'),
                        "from" => anchor = Anchor::default(),
                        _ => speak(&tag, self.place, &mut self.spoken),
                    }
                }
                Event::Text(text) if inside => self.line.push_str(text),
                Event::Text(text) => anchor.number.push_str(text),
                Event::End(name) => {
                    inside &= !self.inside.contains(&name);
                    match name {
                        "p" | "div" | "v" | "pt" | "textbox" => self.end_line(output)?,
                        "row" => anchor.row = anchor.number.trim().parse().ok(),
                        "col" => anchor.column = anchor.number.trim().parse().ok(),
                        "from" => self.place = anchor.place(),
                        _ => {}
                    }
                }
                Event::Other => {}
            }
        }
        Ok(())
    }

    fn end_line(&mut self, output: &mut Output<'_>) -> Reading {
        if !self.line.trim().is_empty() {
            output.at(self.place)?;
            output.push(self.line.trim())?;
        }
        self.line.clear();
        Ok(())
    }
}

/// Where in a sheet a shape begins. Counted from 0.
#[derive(Default)]
struct Anchor {
    number: String,
    row: Option<u32>,
    column: Option<u32>,
}

impl Anchor {
    fn place(&self) -> Place {
        match (self.row, self.column) {
            (Some(row), Some(column)) => Place::Cell(row.saturating_add(1), column.saturating_add(1)),
            _ => Place::Whole,
        }
    }
}

/// Keeps what an element says in place of a picture, once at each place: programs write it twice.
pub fn speak(tag: &Tag<'_>, place: Place, spoken: &mut Vec<(Place, String)>) {
    let attributes: &[&str] = match tag.name() {
        "docPr" | "cNvPr" => &["descr", "title", "name"],
        "textpath" => &["string"],
        "imagedata" => &["title"],
        "shape" | "rect" | "roundrect" | "oval" | "group" | "line" | "polyline" | "arc" | "curve" | "image" => {
            &["alt", "title"]
        }
        _ => return,
    };
    for name in attributes {
        let text = tag.attribute(name).unwrap_or_default();
        let known = spoken.iter().rev().take_while(|(at, _)| *at == place).any(|(_, known)| *known == text);
        if !text.trim().is_empty() && !known && (*name != "name" || is_file_name(&text)) {
            spoken.push((place, Cow::into_owned(text)));
        }
    }
}

/// A picture is named by its file; other shapes are numbered.
fn is_file_name(name: &str) -> bool {
    name.contains('.')
}

/// Gives what is said in place of pictures.
///
/// # Errors
/// When a limit of the whole file was reached.
pub fn give_spoken(spoken: &[(Place, String)], output: &mut Output<'_>) -> Reading {
    if spoken.is_empty() {
        return Ok(());
    }
    output.field("alternative text", |output| {
        spoken.iter().try_for_each(|(place, text)| {
            output.at(*place)?;
            output.push(text)
        })
    })
}
