//! What a document says of itself, and what programs keep in it: properties and XML of their own.

use super::super::xml::{Event, Xml};
use super::super::{Output, Reading};
use crate::model::Place;

/// Properties that a person fills in. Names of programs, dates and counts are none.
const FILLED_IN: &[&str] = &[
    "title",
    "subject",
    "creator",
    "keywords",
    "description",
    "lastModifiedBy",
    "category",
    "contentStatus",
    "Company",
    "Manager",
    "HyperlinkBase",
];

/// Types of values that are no text and no number.
const PASSED_OVER: &[&str] = &["filetime", "date", "bool", "clsid"];

/// Gives the properties that a person fills in, those of their own naming with their name.
pub fn document(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut value = String::new();
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        value.clear();
        let reading = match tag.name {
            "property" => {
                let name = tag.attribute("name").unwrap_or_default();
                value.extend([&name, ": "]);
                own(xml, &mut value)
            }
            name if FILLED_IN.contains(&name) => xml.text_into(&mut value),
            _ => continue,
        };
        line(&value, output)?;
        reading?;
    }
    Ok(())
}

/// Appends the value of a property up to its end.
fn own(xml: &mut Xml<'_>, value: &mut String) -> Reading {
    let mut other = String::new();
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) if PASSED_OVER.contains(&tag.name) => xml.text_into(&mut other)?,
            Event::Text(text) => value.push_str(text),
            Event::End("property") => break,
            Event::End(_) | Event::Start(_) | Event::Other => {}
        }
    }
    Ok(())
}

/// Gives all text, that of each element on a line of its own.
pub fn text(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    lines(xml, output, false)
}

/// Gives all text and the values of all attributes, each on a line of its own.
pub fn any(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    lines(xml, output, true)
}

fn lines(xml: &mut Xml<'_>, output: &mut Output<'_>, attributes: bool) -> Reading {
    let mut text = String::new();
    let reading = loop {
        match xml.next() {
            Ok(Some(Event::Text(piece))) => text.push_str(piece),
            Ok(Some(Event::Start(tag))) => {
                line(&text, output)?;
                text.clear();
                for (_, value) in tag.attributes().filter(|_| attributes) {
                    line(&value, output)?;
                }
            }
            Ok(Some(Event::End(_))) => {
                line(&text, output)?;
                text.clear();
            }
            Ok(Some(Event::Other)) => {}
            Ok(None) => break Ok(()),
            Err(kind) => break Err(kind),
        }
    };
    line(&text, output)?;
    reading
}

/// Gives a line if there is anything on it.
fn line(text: &str, output: &mut Output<'_>) -> Reading {
    let text = text.trim();
    if text.is_empty() {
        return Ok(());
    }
    output.at(Place::Whole)?;
    output.push(text)
}
