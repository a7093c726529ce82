//! Comments at the cells of a sheet, and the columns of its tables.

use super::super::xml::{Event, Xml};
use super::super::{Output, Reading};
use super::sheet::position;
use super::string::{Spoken, unescape_into};
use crate::model::Place;

/// How the author of a comment is called that repeats a thread for older programs.
const THREAD: &str = "tc=";

/// Gives the comments of a sheet. With `threads`, those that repeat a thread are left out.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read(threads: bool, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut authors = Vec::new();
    let mut comment = Comment::default();
    let mut repeats = false;
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) if tag.name == "author" => {
                let mut author = String::new();
                xml.text_into(&mut author)?;
                authors.push(author);
            }
            Event::Start(tag) if tag.name == "comment" => {
                let number = tag.attribute("authorId").and_then(|number| number.parse().ok());
                let author = number.and_then(|number: usize| authors.get(number));
                repeats = threads && author.is_some_and(|author| author.starts_with(THREAD));
                comment.begin(tag.attribute("ref").as_deref());
            }
            Event::Start(tag) => comment.start(tag.name, "t"),
            Event::Text(text) if !repeats => comment.push(text),
            Event::End("comment") => comment.give(output)?,
            Event::End(name) => comment.end(name),
            Event::Text(_) | Event::Other => {}
        }
    }
    Ok(())
}

/// Gives the threads of comments of a sheet.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read_threads(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut comment = Comment::default();
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) if tag.name == "threadedComment" => comment.begin(tag.attribute("ref").as_deref()),
            Event::Start(tag) => comment.start(tag.name, "text"),
            Event::Text(text) => comment.push(text),
            Event::End("threadedComment") => comment.give(output)?,
            Event::End(name) => comment.end(name),
            Event::Other => {}
        }
    }
    Ok(())
}

#[derive(Default)]
struct Comment {
    place: Option<Place>,
    text: String,
    inside: bool,
    spoken: Spoken,
}

impl Comment {
    fn begin(&mut self, reference: Option<&str>) {
        self.place = reference.and_then(position).map(|(row, column)| Place::Cell(row, column));
        self.text.clear();
    }

    /// An element begins; `text` is the one that holds text.
    fn start(&mut self, name: &str, text: &str) {
        self.spoken.start(name);
        self.inside = name == text && !self.spoken.inside();
    }

    fn end(&mut self, name: &str) {
        self.spoken.end(name);
        self.inside = false;
    }

    fn push(&mut self, text: &str) {
        if self.inside {
            unescape_into(text, &mut self.text);
        }
    }

    fn give(&mut self, output: &mut Output<'_>) -> Reading {
        self.inside = false;
        if self.text.trim().is_empty() {
            return Ok(());
        }
        output.at(self.place.unwrap_or(Place::Whole))?;
        output.push(&self.text)
    }
}

/// Gives the names of a table and its columns.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read_table(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut text = String::new();
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        let attributes: &[&str] = match tag.name {
            "table" => &["displayName", "comment"],
            "tableColumn" => &["name", "totalsRowLabel"],
            _ => continue,
        };
        for value in attributes.iter().filter_map(|name| tag.attribute(name)) {
            text.clear();
            unescape_into(&value, &mut text);
            output.at(Place::Whole)?;
            output.push(&text)?;
        }
    }
    Ok(())
}
