//! The characters that glyphs stand for.

use std::collections::HashMap;

use hayro_cmap::BfString;
use hayro_interpret::font::{FontData, Glyph, OutlineGlyph};
use skrifa::Font;

/// Glyph 3 is the space and the rest of ASCII follows, in the order of glyphs that Apple's TrueType reference gives for
/// Macintosh fonts (the `post` table, format 1) and that most fonts keep, those of Microsoft among them.
const MACINTOSH_ORDER: u32 = b' ' as u32 - 3;

/// What the fonts of a document tell of characters, beyond what hayro makes of them.
#[derive(Default)]
pub struct Characters {
    fonts: HashMap<u128, Option<Told>>,
}

/// The characters of glyphs.
type Told = HashMap<u32, char>;

impl Characters {
    /// Appends what a glyph shows; false when that is not known, and a U+FFFD stands for it.
    pub fn push(&mut self, glyph: &Glyph<'_>, shown: &mut String) -> bool {
        match glyph.as_unicode() {
            Some(BfString::Char(c)) if is_character(c) => shown.push(plain(c)),
            Some(BfString::String(text)) if text.chars().all(is_character) => shown.extend(text.chars().map(plain)),
            _ => return self.push_by_font(glyph, shown),
        }
        true
    }

    fn push_by_font(&mut self, glyph: &Glyph<'_>, shown: &mut String) -> bool {
        let character = match glyph {
            Glyph::Outline(glyph) => self.by_font(glyph),
            Glyph::Type3(glyph) => by_code(glyph.char_code()),
        };
        shown.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        character.is_some()
    }

    /// The character by the character map of the font, by the order of its glyphs, or by the code in the document.
    fn by_font(&mut self, glyph: &OutlineGlyph) -> Option<char> {
        let code = glyph.char_code();
        let Some(font) = glyph.font_data() else { return by_code(code) };
        match self.fonts.entry(font.cache_key).or_insert_with(|| told(&font.data)) {
            Some(told) => told.get(&glyph.glyph_id().to_u32()).copied(),
            None if is_true_type(&font.data) => by_code(code.checked_add(MACINTOSH_ORDER)?).filter(char::is_ascii),
            None => None,
        }
    }
}

fn is_true_type(font: &FontData) -> bool {
    let bytes: &[u8] = (**font).as_ref();
    [b"\0\x01\0\0", b"true"].iter().any(|mark| bytes.starts_with(*mark))
}

/// What the character map of a font tells; nothing when it has none.
fn told(font: &FontData) -> Option<Told> {
    let font = Font::new(font.clone(), 0)?;
    let mut unicodes = font.charmap().unicodes().peekable();
    unicodes.peek()?;
    Some(unicodes.filter_map(|(code, glyph)| Some((glyph.to_u32(), by_code(code)?))).collect())
}

/// The character of this code, if it is one of text. Fonts use codes for private use as they like.
fn by_code(code: u32) -> Option<char> {
    let character = char::from_u32(code).filter(|&c| is_character(c)).map(plain)?;
    (!('\u{e000}'..='\u{f8ff}').contains(&character)).then_some(character)
}

fn is_character(c: char) -> bool {
    c != char::REPLACEMENT_CHARACTER && (!c.is_control() || c.is_whitespace())
}

/// Symbol fonts have ASCII from U+F000 on. Line ends and tabs are where the page has them, not where a map says.
fn plain(c: char) -> char {
    match c {
        '\u{f020}'..='\u{f07e}' => char::from((c as u32 - 0xf000) as u8),
        _ if c.is_control() => ' ',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, Told};

    /// A page that shows these codes in a font of two bytes a glyph, which is not in the document.
    fn shown(codes: &str, font: &str) -> Told {
        let mut sample = Sample::pages(&[&format!("BT /F 10 Tf <{codes}> Tj ET")]);
        let system = "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>";
        let inner = sample.object(&format!("<</Type/Font/Subtype/CIDFontType2/BaseFont/Arial{system}>>"));
        let outer = format!("/Type/Font/Subtype/Type0/BaseFont/Arial/DescendantFonts[{inner} 0 R]/Encoding/Identity-H");
        sample.set(3, &format!("<<{outer}{font}>>"));
        sample.read()
    }

    #[test]
    fn an_undecodable_glyph_is_never_dropped() {
        let told = shown("0013001400f000150016", "");
        assert_eq!(told.page(), "01\u{fffd}23");
        assert_eq!(told.problems, ["page 1: UndecodableText"]);
    }

    #[test]
    fn one_undecodable_glyph_of_many_is_no_problem() {
        assert!(shown(&"0013".repeat(20).replacen("0013", "00f0", 1), "").problems.is_empty());
    }

    #[test]
    fn a_font_without_a_map_has_its_glyphs_in_the_usual_order() {
        assert_eq!(shown("0026003300350003001300140015", "").page(), "CPR 012");
    }

    #[test]
    fn a_document_that_takes_codes_for_characters_is_believed() {
        assert_eq!(shown("004300500052", "/ToUnicode/Identity-H").page(), "CPR");
    }

    /// A page that shows the letters A to C, which a map takes for these characters.
    fn mapped(characters: [&str; 3]) -> String {
        let mut sample = Sample::words("ABC");
        let [a, b, c] = characters;
        let map = format!(
            "1 begincodespacerange <00> <ff> endcodespacerange 3 beginbfchar <41> <{a}> <42> <{b}> <43> <{c}> endbfchar"
        );
        let map = sample.stream("", format!("/CIDInit /ProcSet findresource begin begincmap {map} endcmap").as_bytes());
        sample.with("/Helvetica", &format!("/Helvetica/ToUnicode {map} 0 R")).read().page().to_owned()
    }

    #[test]
    fn characters_of_no_width_pass_as_they_are() {
        assert_eq!(mapped(["0031", "00ad", "0032"]), "1\u{ad}2");
        assert_eq!(mapped(["0031", "200b", "0032"]), "1\u{200b}2");
    }

    #[test]
    fn a_tab_or_line_end_of_a_map_is_a_space() {
        assert_eq!(mapped(["0031", "0009", "0032"]), "1 2");
    }

    #[test]
    fn symbol_fonts_have_ascii_elsewhere() {
        assert_eq!(mapped(["f030", "f02d", "f039"]), "0-9");
    }
}
