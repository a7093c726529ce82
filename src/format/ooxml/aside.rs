//! What a person wrote that stands beside the text: in attributes, in place of pictures.

use super::super::xml::Tag;
use super::super::{Output, Reading};
use crate::model::Place;

/// An attribute that a person writes: the name of its element, its own, and the field that it is given as.
pub type Written = (&'static str, &'static str, &'static str);

/// What is said in place of a picture, or drawn as one.
static PICTURES: &[Written] = &[
    ("docPr", "descr", ALTERNATIVE),
    ("docPr", "title", ALTERNATIVE),
    ("cNvPr", "descr", ALTERNATIVE),
    ("cNvPr", "title", ALTERNATIVE),
    ("shape", "alt", ALTERNATIVE),
    ("rect", "alt", ALTERNATIVE),
    ("roundrect", "alt", ALTERNATIVE),
    ("oval", "alt", ALTERNATIVE),
    ("group", "alt", ALTERNATIVE),
    ("line", "alt", ALTERNATIVE),
    ("polyline", "alt", ALTERNATIVE),
    ("arc", "alt", ALTERNATIVE),
    ("curve", "alt", ALTERNATIVE),
    ("image", "alt", ALTERNATIVE),
    ("imagedata", "title", ALTERNATIVE),
    ("textpath", "string", ALTERNATIVE),
];

const ALTERNATIVE: &str = "alternative text";

/// Kept texts among which one may be repeated: programs write what they say of a picture twice.
const NEAR: usize = 4;

/// Texts that are kept until the text beside which they stand is given.
#[derive(Default)]
pub struct Asides(Vec<Aside>);

struct Aside {
    field: &'static str,
    place: Place,
    text: String,
}

impl Asides {
    /// Keeps a text, unless it is empty or was just kept.
    pub fn keep(&mut self, field: &'static str, place: Place, text: &str) {
        let repeated = |kept: &Aside| kept.place == place && kept.text == text;
        if !text.trim().is_empty() && !self.0.iter().rev().take(NEAR).any(repeated) {
            self.0.push(Aside { field, place, text: text.to_owned() });
        }
    }

    /// Keeps what a person wrote in the attributes of an element.
    pub fn keep_written(&mut self, tag: &Tag<'_>, place: Place, written: &[Written]) {
        for (_, attribute, field) in written.iter().filter(|(element, ..)| *element == tag.name) {
            self.keep(field, place, &tag.attribute(attribute).unwrap_or_default());
        }
    }

    /// Keeps what an element says in place of a picture, and the name of its file. Other shapes are only numbered.
    pub fn keep_picture(&mut self, tag: &Tag<'_>, place: Place) {
        self.keep_written(tag, place, PICTURES);
        if matches!(tag.name, "docPr" | "cNvPr") {
            let name = tag.attribute("name").filter(|name| name.contains('.'));
            self.keep(ALTERNATIVE, place, &name.unwrap_or_default());
        }
    }

    /// Gives what is kept, field by field.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn give(mut self, output: &mut Output<'_>) -> Reading {
        // Stable, so that each field keeps its order.
        self.0.sort_by_key(|aside| aside.field);
        for asides in self.0.chunk_by(|a, b| a.field == b.field) {
            output.field(asides[0].field, |output| {
                asides.iter().try_for_each(|aside| {
                    output.at(aside.place)?;
                    output.push(&aside.text)
                })
            })?;
        }
        Ok(())
    }
}
