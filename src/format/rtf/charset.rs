//! Which characters the bytes of a text are, by code pages and fonts.

use encoding_rs::Encoding;

use super::super::code_page;
use crate::model;

/// How bytes spell characters; none for the code pages of DOS.
pub type Charset = Option<&'static Encoding>;

/// The characters of a code page. Rich text is bytes of ASCII, so that what calls itself UTF-16 is not.
pub fn of_code_page(number: i64) -> Charset {
    match u32::try_from(number) {
        Ok(number) if !matches!(number, 1200 | 1201) => code_page::encoding(number),
        _ => code_page::encoding(1252),
    }
}

/// The code page of a font's `\fcharset`; none where the document's own holds. Rich Text Format 1.9.1, "Font Table".
pub fn of_font(number: i64) -> Option<Charset> {
    let code_page = match number {
        77 => 10000,
        128 => 932,
        129 => 949,
        130 => 1361,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        254 => 437,
        255 => 850,
        _ => return None,
    };
    Some(of_code_page(code_page))
}

/// Appends the text of `bytes`, without the line ends and zeros that only lay out the file.
pub fn decode_into(charset: Charset, bytes: &[u8], text: &mut String) {
    match charset {
        _ if bytes.is_ascii() => text.extend(bytes.iter().map(|b| char::from(*b))),
        Some(encoding) => text.push_str(&encoding.decode_without_bom_handling(bytes).0),
        None => model::Encoding::Cp850.decode_into(bytes, text),
    }
}
