//! The characters that glyphs stand for.

use std::collections::HashMap;

use hayro_interpret::font::{FontData, Glyph, OutlineGlyph};
use hayro_interpret::hayro_cmap::BfString;
use skrifa::Font;

/// Glyph 3 of a TrueType font is the space in the order that the TrueType specification gives for Macintosh fonts, and
/// most fonts keep ("'post' table", format 1); the printable ASCII characters follow in their order.
const MACINTOSH_ORDER: u32 = b' ' as u32 - 3;

/// What the fonts of a document tell of characters beyond what hayro reads out of them. Made when first asked.
#[derive(Default)]
pub struct Characters {
    fonts: HashMap<u128, Reverse>,
}

/// From glyph to character.
type Reverse = Option<HashMap<u32, char>>;

impl Characters {
    /// Appends what `glyph` shows; false when it cannot be told and is U+FFFD.
    pub fn push(&mut self, glyph: &Glyph<'_>, shown: &mut String) -> bool {
        match glyph.as_unicode() {
            Some(BfString::String(text)) if !text.chars().any(char::is_control) => {
                shown.push_str(&text);
                return true;
            }
            Some(BfString::Char(c)) if c.is_whitespace() && c.is_control() => {
                shown.push(' ');
                return true;
            }
            Some(BfString::Char(c)) if !c.is_control() => {
                shown.push(plain(c));
                return true;
            }
            _ => {}
        }
        let c = match glyph {
            Glyph::Outline(glyph) => self.by_font(glyph),
            Glyph::Type3(glyph) => printable(glyph.char_code()),
        };
        shown.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        c.is_some()
    }

    /// The character by the font program, or by the code that the document uses for it.
    fn by_font(&mut self, glyph: &OutlineGlyph) -> Option<char> {
        let code = glyph.char_code();
        let Some(data) = glyph.font_data() else { return printable(code) };
        let reverse = self.fonts.entry(data.cache_key).or_insert_with(|| reverse(&data.data));
        match reverse {
            Some(characters) => characters.get(&glyph.glyph_id().to_u32()).copied(),
            None => printable(code.checked_add(MACINTOSH_ORDER)?).filter(char::is_ascii),
        }
    }
}

fn reverse(data: &FontData) -> Reverse {
    let font = Font::new(data.clone(), 0)?;
    let characters: HashMap<u32, char> = font
        .charmap()
        .unicodes()
        .filter_map(|(code, glyph)| Some((glyph.to_u32(), printable(code)?)))
        .collect();
    (!characters.is_empty()).then_some(characters)
}

fn printable(code: u32) -> Option<char> {
    char::from_u32(code).filter(|c| !c.is_control()).map(plain)
}

/// Symbol fonts have their characters at U+F000 and their code; of these the printable ASCII ones are told.
fn plain(c: char) -> char {
    match c {
        '\u{f020}'..='\u{f07e}' => char::from((c as u32 - 0xf000) as u8),
        _ => c,
    }
}
