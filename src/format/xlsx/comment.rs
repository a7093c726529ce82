//! Comments at the cells of a sheet, and the columns of its tables.

use super::super::xml::{Event, Tag, Xml};
use super::super::{Output, Reading};
use super::sheet::position;
use super::string::{Spoken, unescape_into};
use crate::model::Place;

/// How the author of a comment is called that repeats a thread for older programs.
pub const THREAD: &str = "tc=";

/// Gives the comments of a sheet. With `threads`, those that repeat a thread are left out.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read(threads: bool, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut comment = Comment::default();
    let reading = comment.read(threads, xml, output);
    comment.give(output)?;
    reading
}

#[derive(Default)]
struct Comment {
    authors: Vec<String>,
    place: Option<Place>,
    text: String,
    inside: bool,
    spoken: Spoken,
    /// True when the text stands in a thread too.
    repeats: bool,
}

impl Comment {
    fn read(&mut self, threads: bool, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => match tag.name {
                    "author" => {
                        let mut author = String::new();
                        xml.text_into(&mut author)?;
                        self.authors.push(author);
                    }
                    "comment" | "threadedComment" => self.begin(threads, &tag),
                    name => {
                        self.spoken.start(name);
                        self.inside = matches!(name, "t" | "text") && !self.spoken.inside() && !self.repeats;
                    }
                },
                Event::Text(text) if self.inside => unescape_into(text, &mut self.text),
                Event::End("comment" | "threadedComment") => self.give(output)?,
                Event::End(name) => {
                    self.spoken.end(name);
                    self.inside = false;
                }
                Event::Text(_) | Event::Other => {}
            }
        }
        Ok(())
    }

    fn begin(&mut self, threads: bool, tag: &Tag<'_>) {
        let cell = tag.attribute("ref").as_deref().and_then(position);
        self.place = cell.map(|(row, column)| Place::Cell(row, column));
        let author = tag.attribute("authorId").and_then(|number| number.parse().ok());
        let author = author.and_then(|number: usize| self.authors.get(number));
        self.repeats = threads && author.is_some_and(|author| author.starts_with(THREAD));
    }

    fn give(&mut self, output: &mut Output<'_>) -> Reading {
        if !self.text.trim().is_empty() {
            output.at(self.place.unwrap_or(Place::Whole))?;
            output.push(&self.text)?;
        }
        self.text.clear();
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::{package, told};

    #[test]
    fn a_thread_is_given_once_and_at_its_cell() {
        let comments = "<comments><authors><author>Ole</author><author>tc={1}</author></authors>\
                        <comment ref='B7' authorId='0'><text><r><t>0707</t></r><r><t>61-4285</t></r></text></comment>\
                        <comment ref='B8' authorId='1'><text><t>[Threaded comment] Karla</t></text></comment></comments>";
        let threads =
            "<ThreadedComments><threadedComment ref='B8'><text>Karla</text></threadedComment></ThreadedComments>";
        let book = ("xl/workbook.xml", "<workbook/>");
        let alone = told(package(&[book, ("xl/comments1.xml", comments)]));
        assert_eq!(alone.lines, ["comment › B7: 070761-4285", "comment › B8: [Threaded comment] Karla"]);
        let both = [book, ("xl/comments1.xml", comments), ("xl/threadedComments/threadedComment1.xml", threads)];
        assert_eq!(told(package(&both)).lines, ["comment › B7: 070761-4285", "comment › B8: Karla"]);
    }

    #[test]
    fn names_of_tables_and_columns_are_given() {
        let table = "<table displayName='Tabel1'><tableColumn name='Cpr_x000a_nr'/></table>";
        let told = told(package(&[("xl/workbook.xml", "<workbook/>"), ("xl/tables/table1.xml", table)]));
        assert_eq!(told.lines, ["table: Tabel1", "table: Cpr\nnr"]);
    }
}
