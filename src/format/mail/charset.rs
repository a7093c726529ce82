//! How a mail spells characters: by name, or where none is given by the bytes.

use crate::model::Encoding;

/// A way to spell characters.
#[derive(Clone, Copy)]
pub enum Charset {
    /// One of the web's.
    Web(&'static encoding_rs::Encoding),
    /// One that the web does not know.
    Own(Encoding),
}

impl Charset {
    /// By its name in a mail; none when that is not known.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().trim_matches(['"', '\'']);
        let own = ["ibm850", "cp850", "850", "ibm865", "cp865", "865", "ibm437", "cp437", "437"];
        if own.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Some(Self::Own(Encoding::Cp850));
        }
        // What calls itself ASCII and is not is told by its bytes.
        let ascii = ["us-ascii", "ascii", "ansi_x3.4-1968"].iter().any(|known| name.eq_ignore_ascii_case(known));
        let encoding = encoding_rs::Encoding::for_label(name.as_bytes()).filter(|_| !ascii)?;
        (encoding != encoding_rs::REPLACEMENT).then_some(Self::Web(encoding))
    }

    /// False when these first bytes of a text cannot be spelled so.
    pub fn fits(self, bytes: &[u8]) -> bool {
        let utf8 = matches!(self, Self::Web(encoding) if encoding == encoding_rs::UTF_8);
        // A character that is cut at the end is none that is wrong.
        !utf8 || std::str::from_utf8(bytes).err().is_none_or(|error| error.error_len().is_none())
    }

    /// By what the bytes look like: UTF-8, or the one that Windows wrote.
    pub fn of(bytes: &[u8], whole: bool) -> Self {
        match super::super::text::encoding(bytes, whole) {
            Some(Encoding::Cp850) => Self::Own(Encoding::Cp850),
            Some(Encoding::Utf16Le) => Self::Web(encoding_rs::UTF_16LE),
            Some(Encoding::Utf16Be) => Self::Web(encoding_rs::UTF_16BE),
            Some(Encoding::Utf8) => Self::Web(encoding_rs::UTF_8),
            Some(Encoding::Windows1252) => Self::Web(encoding_rs::WINDOWS_1252),
            // Control characters among them say nothing about the others.
            None if std::str::from_utf8(bytes).is_ok() => Self::Web(encoding_rs::UTF_8),
            None => Self::Web(encoding_rs::WINDOWS_1252),
        }
    }

    /// All of `bytes` as text.
    pub fn decode(self, bytes: &[u8]) -> String {
        let mut text = String::new();
        Spelling::new(self).decode(bytes, true, &mut text);
        text
    }
}

/// Bytes that become text piece by piece.
pub enum Spelling {
    Web(encoding_rs::Decoder),
    Own(Encoding),
}

impl Spelling {
    /// At the beginning of a text.
    pub fn new(charset: Charset) -> Self {
        match charset {
            Charset::Web(encoding) => Self::Web(encoding.new_decoder()),
            Charset::Own(encoding) => Self::Own(encoding),
        }
    }

    /// Appends the text of `bytes`; `last` says that nothing follows.
    pub fn decode(&mut self, bytes: &[u8], last: bool, text: &mut String) {
        match self {
            Self::Own(encoding) => encoding.decode_into(bytes, text),
            Self::Web(decoder) => {
                text.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0));
                // There is room for all of it, so that one call takes it.
                let _ = decoder.decode_to_string(bytes, text, last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_are_known_by_name_or_by_their_bytes() {
        let named = |name: &str, bytes: &[u8]| Charset::named(name).map(|charset| charset.decode(bytes));
        assert_eq!(named("ISO-8859-1", b"B\xf8rn").as_deref(), Some("Børn"));
        assert_eq!(named("\"cp865\"", b"B\x9brn").as_deref(), Some("Børn"));
        assert_eq!(named("utf-16be", b"\0B\0\xf8").as_deref(), Some("Bø"));
        assert_eq!(named("us-ascii", b"a"), None);
        assert_eq!(named("ukendt", b"a"), None);
        assert_eq!(Charset::of(b"B\xf8rn", true).decode(b"B\xf8rn"), "Børn");
        assert_eq!(Charset::of("Børn".as_bytes(), true).decode("Børn".as_bytes()), "Børn");
    }
}
