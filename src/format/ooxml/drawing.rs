//! Text that is drawn: text boxes, charts, diagrams.

use super::super::xml::{Event, Xml};
use super::super::{Output, Reading};
use super::aside::Asides;
use crate::model::Place;

/// Longest line that is held before it is handed on.
const LINE_BYTES: usize = 64 * 1024;

/// A reader of drawings in DrawingML or VML.
pub struct Drawing {
    field: &'static str,
    /// Elements whose text is read.
    inside: &'static [&'static str],
    line: String,
    place: Place,
    asides: Asides,
}

impl Drawing {
    /// A reader of the text in these elements, which gives it as `field`.
    pub fn new(field: &'static str, inside: &'static [&'static str]) -> Self {
        Self { field, inside, line: String::new(), place: Place::Whole, asides: Asides::default() }
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
        self.asides.give(output)
    }

    fn text(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        let mut inside = false;
        let mut anchor = Anchor::default();
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => {
                    inside |= self.inside.contains(&tag.name);
                    anchor.number.clear();
                    match tag.name {
                        "br" => self.line.push('\n'),
                        "from" => anchor = Anchor::default(),
                        _ => self.asides.keep_picture(&tag, self.place),
                    }
                }
                Event::Text(text) if inside => {
                    self.line.push_str(text);
                    if self.line.len() > LINE_BYTES {
                        self.end_line(output)?;
                    }
                }
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
