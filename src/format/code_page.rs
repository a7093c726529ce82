//! Code pages of Windows: how text of one byte a character is spelled.

use std::borrow::Cow;

use encoding_rs as rs;

use crate::model::Encoding;

/// How bytes spell characters in a code page, as Windows numbers them; none for those of DOS, which are read as 850. One that
/// is not known is read as Windows-1252: digits are the same in nearly all.
pub fn encoding(code_page: u32) -> Option<&'static rs::Encoding> {
    Some(match code_page {
        437 | 708..=720 | 737 | 775 | 850..=866 => return None,
        874 => rs::WINDOWS_874,
        932 => rs::SHIFT_JIS,
        936 | 54936 => rs::GB18030,
        949 | 1361 => rs::EUC_KR,
        950 => rs::BIG5,
        1200 => rs::UTF_16LE,
        1201 => rs::UTF_16BE,
        1250 => rs::WINDOWS_1250,
        1251 => rs::WINDOWS_1251,
        1253 => rs::WINDOWS_1253,
        1254 | 28599 => rs::WINDOWS_1254,
        1255 => rs::WINDOWS_1255,
        1256 => rs::WINDOWS_1256,
        1257 => rs::WINDOWS_1257,
        1258 => rs::WINDOWS_1258,
        10000 => rs::MACINTOSH,
        10007 => rs::X_MAC_CYRILLIC,
        20866 => rs::KOI8_R,
        21866 => rs::KOI8_U,
        28592 => rs::ISO_8859_2,
        28594 => rs::ISO_8859_4,
        28595 => rs::ISO_8859_5,
        28596 => rs::ISO_8859_6,
        28597 => rs::ISO_8859_7,
        28598 => rs::ISO_8859_8,
        28605 => rs::ISO_8859_15,
        50220..=50222 => rs::ISO_2022_JP,
        51932 => rs::EUC_JP,
        51949 => rs::EUC_KR,
        65001 => rs::UTF_8,
        _ => rs::WINDOWS_1252,
    })
}

/// The text that bytes spell in a code page; 1200 is UTF-16.
pub fn decode(bytes: &[u8], code_page: u32) -> Cow<'_, str> {
    match encoding(code_page) {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0,
        None => {
            let mut text = String::new();
            Encoding::Cp850.decode_into(bytes, &mut text);
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_told_by_the_code_page() {
        assert_eq!(decode(b"B\xf8rn", 1252), "Børn");
        assert_eq!(decode(b"B\x9brn", 850), "Børn");
        assert_eq!(decode(b"B\xbfrn", 10000), "Børn");
        assert_eq!(decode(b"\xf8\0", 1200), "ø");
        assert_eq!(decode(b"\xc3\xb8", 65001), "ø");
        assert_eq!(decode(b"\xf8", 4711), "ø");
    }
}
