//! Workbooks that Excel 2003 writes as XML, and programs that export to it.

use super::super::super::ooxml::Asides;
use super::super::super::{Output, Reading};
use super::super::{Event, Tag, Xml};
use crate::model::{PartKind, Place, TableCell};

/// Properties that a person fills in.
const FILLED_IN: &[&str] =
    &["Title", "Subject", "Author", "Keywords", "Description", "LastAuthor", "Category", "Manager", "Company"];

/// Gives the cells of all sheets, and what stands beside them.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut properties = Asides::default();
    let mut names = Asides::default();
    let reading = sheets(xml, &mut properties, &mut names, output);
    properties.give(output)?;
    names.give(output)?;
    reading
}

fn sheets(xml: &mut Xml<'_>, properties: &mut Asides, names: &mut Asides, output: &mut Output<'_>) -> Reading {
    let mut value = String::new();
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        match tag.name {
            "Worksheet" => {
                std::mem::take(properties).give(output)?;
                let name = tag.attribute("Name").unwrap_or_default().into_owned();
                output.part(PartKind::Sheet, name.as_bytes(), |output| Sheet::default().read(xml, output))?;
            }
            "NamedRange" => {
                let part = |name| tag.attribute(name).unwrap_or_default();
                names.keep("defined name", Place::Whole, &[part("Name"), part("RefersTo")].join(": "));
            }
            name if FILLED_IN.contains(&name) => {
                value.clear();
                let reading = xml.text_into(&mut value);
                properties.keep("document property", Place::Whole, &value);
                reading?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[derive(Default)]
struct Sheet {
    table: u32,
    row: u32,
    column: u32,
    /// Columns that the cell covers besides its own.
    more: u32,
    asides: Asides,
}

impl Sheet {
    fn read(mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        self.table = output.table();
        let reading = self.cells(xml, output);
        self.asides.give(output)?;
        reading
    }

    fn cells(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        let mut text = String::new();
        let mut in_comment = false;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => match tag.name {
                    "Row" => {
                        self.row = index(&tag).unwrap_or(self.row.saturating_add(1));
                        self.column = 0;
                        self.more = 0;
                    }
                    "Cell" => {
                        let next = self.column.saturating_add(self.more).saturating_add(1);
                        self.column = index(&tag).unwrap_or(next);
                        self.more = tag.attribute("MergeAcross").and_then(|more| more.parse().ok()).unwrap_or(0);
                        let link = tag.attribute("HRef").unwrap_or_default();
                        self.asides.keep("hyperlink", self.place(), &link);
                    }
                    "Comment" => in_comment = true,
                    "Data" => {
                        text.clear();
                        let reading = xml.text_into(&mut text);
                        if in_comment {
                            self.asides.keep("comment", self.place(), &text);
                        } else {
                            self.give(&text, output)?;
                        }
                        reading?;
                    }
                    "Header" => self.asides.keep("header", Place::Whole, &tag.attribute("Data").unwrap_or_default()),
                    "Footer" => self.asides.keep("footer", Place::Whole, &tag.attribute("Data").unwrap_or_default()),
                    _ => {}
                },
                Event::End("Comment") => in_comment = false,
                Event::End("Worksheet") => return Ok(()),
                Event::End(_) | Event::Text(_) | Event::Other => {}
            }
        }
        Ok(())
    }

    fn place(&self) -> Place {
        Place::Cell(self.row.max(1), self.column.max(1))
    }

    fn give(&self, text: &str, output: &mut Output<'_>) -> Reading {
        if text.trim().is_empty() {
            return Ok(());
        }
        output.cell(self.place(), TableCell { table: self.table, row: self.row.max(1), column: self.column.max(1) })?;
        output.push(text)
    }
}

/// Where a row or cell stands, if it does not stand next to the last.
fn index(tag: &Tag<'_>) -> Option<u32> {
    tag.attribute("Index").and_then(|index| index.parse().ok()).filter(|index| *index > 0)
}
