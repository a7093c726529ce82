//! The table of texts that the cells of a workbook share.

use super::super::Reading;
use super::super::xml::{Event, Xml};
use crate::model::ProblemKind;

/// Bytes of all texts that may be held in memory.
const HELD_BYTES: usize = 512 * 1024 * 1024;

/// Texts by their number.
#[derive(Default)]
pub struct Strings {
    /// All texts, one after the other.
    text: String,
    ends: Vec<u32>,
    shown: Vec<bool>,
}

impl Strings {
    /// Appends the texts of a part that holds the table.
    ///
    /// # Errors
    /// As [`Xml::next`], and when the texts are more than may be held; what stood before is there.
    pub fn read(&mut self, xml: &mut Xml<'_>) -> Reading {
        let mut spoken = Spoken::default();
        let mut inside = false;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => {
                    spoken.start(tag.name);
                    inside = tag.name == "t" && !spoken.inside();
                }
                Event::Text(text) if inside => unescape_into(text, &mut self.text),
                Event::End("si" | "sstItem") => self.end()?,
                Event::End(name) => {
                    inside = false;
                    spoken.end(name);
                }
                Event::Text(_) | Event::Other => {}
            }
        }
        Ok(())
    }

    /// Appends a text.
    ///
    /// # Errors
    /// When the texts are more than may be held.
    pub fn add(&mut self, text: &str) -> Reading {
        self.text.push_str(text);
        self.end()
    }

    fn end(&mut self) -> Reading {
        if self.text.len() > HELD_BYTES {
            return Err(ProblemKind::TooLarge);
        }
        self.ends.push(self.text.len() as u32);
        Ok(())
    }

    /// The text of a number.
    pub fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)? as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        Some(&self.text[start..end])
    }

    /// Notes that a cell shows the text of this number.
    pub fn show(&mut self, number: usize) {
        if self.shown.len() < self.ends.len() {
            self.shown.resize(self.ends.len(), false);
        }
        if let Some(shown) = self.shown.get_mut(number) {
            *shown = true;
        }
    }

    /// The texts that no cell shows, in the order of the table.
    pub fn unshown(&self) -> impl Iterator<Item = &str> {
        let unshown = |number: &usize| !self.shown.get(*number).copied().unwrap_or(false);
        (0..self.ends.len()).filter(unshown).filter_map(|number| self.get(number))
    }
}

/// Whether the reading stands in how a text is spoken, which repeats it in other letters.
#[derive(Default)]
pub struct Spoken(bool);

impl Spoken {
    /// An element begins.
    pub fn start(&mut self, name: &str) {
        self.0 |= name == "rPh";
    }

    /// An element ends.
    pub fn end(&mut self, name: &str) {
        self.0 &= name != "rPh";
    }

    /// True in how a text is spoken.
    pub fn inside(&self) -> bool {
        self.0
    }
}

/// Appends a text in which `_x0041_` stands for a character that XML cannot spell. ECMA-376 part 1, 22.9.2.19.
pub fn unescape_into(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        out.push_str(before);
        let escaped = after.split_at_checked(4).filter(|(_, after)| after.starts_with('_'));
        let character = escaped.and_then(|(code, _)| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        match character {
            Some(c) => {
                out.push(c);
                rest = &after[5..];
            }
            None => {
                out.push_str("_x");
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str) -> Strings {
        let mut strings = Strings::default();
        strings.read(&mut Xml::new(table.as_bytes())).unwrap();
        strings
    }

    #[test]
    fn texts_are_kept_by_their_number() {
        let table = "<sst uniqueCount='99999999999'><si><t>a</t></si><si/><si><r><rPr><b/></rPr><t>0707</t></r>\
                     <r><t>61-4285</t></r><rPh><t>spoken</t></rPh><phoneticPr/></si></sst>";
        let strings = read(table);
        assert_eq!([0, 1, 2, 3].map(|number| strings.get(number)), [Some("a"), Some(""), Some("070761-4285"), None]);
    }

    #[test]
    fn texts_that_no_cell_shows_are_known() {
        let mut strings = read("<sst><si><t>a</t></si><si><t>b</t></si><si><t>c</t></si></sst>");
        strings.show(1);
        strings.show(7);
        assert_eq!(strings.unshown().collect::<Vec<_>>(), ["a", "c"]);
    }

    #[test]
    fn characters_that_xml_cannot_spell_are_unescaped_once() {
        let unescaped = |text: &str| {
            let mut out = String::new();
            unescape_into(text, &mut out);
            out
        };
        assert_eq!(unescaped("070761_x002D_4285_x000d_"), "070761-4285\r");
        assert_eq!(unescaped("_x005F_x002D_"), "_x002D_");
        assert_eq!(unescaped("a_xb_x12_xøøø_xd800_"), "a_xb_x12_xøøø_xd800_");
    }
}
