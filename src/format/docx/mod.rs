//! Word documents: the running text, and all that stands beside it.

mod flow;

use super::ooxml::{self, Kind, Package};
use super::xml::{Event, Xml};
use super::{Format, Input, Output, Reading};
use crate::model::Place;

pub const FORMAT: Format = Format { name: "docx", version: 1, recognise, read };

fn recognise(input: &mut Input<'_>) -> bool {
    ooxml::kind(input) == Some(Kind::Word)
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut package = Package::open(input)?;
    let main = package.main(output);
    if let Some(main) = main {
        package.read(main, output, part)?;
    }
    while let Some(index) = package.unread() {
        package.read(index, output, part)?;
    }
    package.end(main)
}

/// Reads a part by its first element.
fn part(name: &str, root: &str, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let field = match root {
        "document" => return flow::read(xml, output),
        "hdr" => "header",
        "ftr" => "footer",
        "footnotes" => "footnote",
        "endnotes" => "endnote",
        "comments" => "comment",
        "glossaryDocument" => "glossary",
        "txbx" => "text box",
        "settings" => return output.field("document variable", |output| variables(xml, output)),
        _ => return ooxml::read(name, root, xml, output),
    };
    output.field(field, |output| flow::read(xml, output))
}

/// Gives the variables that programs keep in a document that they fill in.
fn variables(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        if tag.name == "docVar" {
            let value = |name| tag.attribute(name).unwrap_or_default();
            output.at(Place::Whole)?;
            output.push(&value("name"))?;
            output.push(": ")?;
            output.push(&value("val"))?;
        }
    }
    Ok(())
}
