//! The strings of a document outside its pages.

use crate::model::Encoding;

/// PDFDocEncoding from 0x80 on, where it is not Latin-1 (ISO 32000-2:2020, table D.2).
const HIGH: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł', 'Œ',
    'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
];

/// PDFDocEncoding from 0x18 to 0x1f: accents.
const ACCENTS: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];

/// The text of a string: UTF-16 or UTF-8 by its first bytes, else PDFDocEncoding. Line ends are `\n`.
///
/// Some programs write UTF-8 without saying so; what holds as UTF-8 is seldom anything else.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    match bytes {
        [0xfe, 0xff, rest @ ..] => Encoding::Utf16Be.decode_into(rest, &mut text),
        [0xff, 0xfe, rest @ ..] => Encoding::Utf16Le.decode_into(rest, &mut text),
        [0xef, 0xbb, 0xbf, rest @ ..] => Encoding::Utf8.decode_into(rest, &mut text),
        _ => match std::str::from_utf8(bytes) {
            Ok(utf8) if !utf8.is_ascii() => text.push_str(utf8),
            _ => text.extend(bytes.iter().map(|&byte| character(byte))),
        },
    }
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn character(byte: u8) -> char {
    match byte {
        0x18..=0x1f => ACCENTS[usize::from(byte - 0x18)],
        0x80..=0xa0 => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn danish_letters_read_alike_in_all_encodings() {
        let utf16: Vec<u8> = "\u{feff}Børn–å".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [&utf16[..], "\u{feff}Børn–å".as_bytes(), "Børn–å".as_bytes(), b"B\xf8rn\x85\xe5"] {
            assert_eq!(text(bytes), "Børn–å");
        }
    }

    #[test]
    fn lines_of_a_form_value_end_as_lines_do() {
        assert_eq!(text(b"en\rto\r\ntre"), "en\nto\ntre");
    }
}
