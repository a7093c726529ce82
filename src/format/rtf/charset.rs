//! Which characters the bytes of a text are, by code pages and fonts.

use encoding_rs::Encoding;

use crate::model;

/// How bytes spell characters; none for the code pages of DOS.
pub type Charset = Option<&'static Encoding>;

/// The characters of a code page. One that is unknown is read as that of western Windows: digits are the same in all.
pub fn of_code_page(number: i64) -> Charset {
    match number {
        437 | 708..=720 | 737 | 775 | 850..=866 => None,
        _ => Some(match number {
            874 => encoding_rs::WINDOWS_874,
            932 => encoding_rs::SHIFT_JIS,
            936 | 54936 => encoding_rs::GBK,
            949 | 1361 => encoding_rs::EUC_KR,
            950 => encoding_rs::BIG5,
            1250 => encoding_rs::WINDOWS_1250,
            1251 => encoding_rs::WINDOWS_1251,
            1253 => encoding_rs::WINDOWS_1253,
            1254 => encoding_rs::WINDOWS_1254,
            1255 => encoding_rs::WINDOWS_1255,
            1256 => encoding_rs::WINDOWS_1256,
            1257 => encoding_rs::WINDOWS_1257,
            1258 => encoding_rs::WINDOWS_1258,
            10000 => encoding_rs::MACINTOSH,
            65001 => encoding_rs::UTF_8,
            _ => encoding_rs::WINDOWS_1252,
        }),
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
