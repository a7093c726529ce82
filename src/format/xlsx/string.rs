//! The table of texts that the cells of a workbook share, in XML.

use super::super::Reading;
use super::super::book::string::Strings;
use super::super::xml::{Event, Xml};

/// Appends the texts of a part that holds the table.
///
/// # Errors
/// As [`Xml::next`], and when the texts are more than may be held; what stood before is there.
pub fn read(xml: &mut Xml<'_>, strings: &mut Strings) -> Reading {
    let mut spoken = Spoken::default();
    let mut inside = false;
    let mut shown = String::new();
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) => {
                spoken.start(tag.name);
                inside = tag.name == "t" && !spoken.inside();
            }
            Event::Text(text) if inside => unescape_into(text, &mut shown),
            Event::End("si" | "sstItem") => {
                strings.add(&shown)?;
                shown.clear();
            }
            Event::End(name) => {
                inside = false;
                spoken.end(name);
            }
            Event::Text(_) | Event::Other => {}
        }
    }
    Ok(())
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
        super::read(&mut Xml::new(table.as_bytes()), &mut strings).unwrap();
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
