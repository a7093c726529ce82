//! Escapes of URLs, JSON, source code, markup and quoted-printable that stand inside plain text.

use crate::model::Encoding;

/// The character that an escape of URL, JSON, source code, markup or quoted-printable spells, and its length in bytes.
pub fn escape(bytes: &[u8], encoding: Encoding, at: usize) -> Option<(char, usize)> {
    let unit = encoding.unit();
    let mut ascii = [0; 10];
    let mut length = 0;
    for slot in &mut ascii {
        match encoding.char_at(bytes, at + length * unit) {
            Some((c, _)) if c.is_ascii() => *slot = c as u8,
            _ => break,
        }
        length += 1;
    }
    let ascii = std::str::from_utf8(&ascii[..length]).ok()?;
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    let (c, length) = match ascii.as_bytes() {
        [b'%', ..] => (hex(ascii.get(1..3)?).filter(char::is_ascii)?, 3),
        [b'\\', b'u', ..] => (hex(ascii.get(2..6)?)?, 6),
        [b'\\', b'n' | b'r', ..] => ('\n', 2),
        [b'\\', b't', ..] => ('\t', 2),
        // Only the hyphen: `=20` could as well begin a number after an equals sign.
        [b'=', b'2', b'D', ..] => ('-', 3),
        [b'&', ..] => {
            let end = ascii.find(';')?;
            (entity(&ascii[1..end])?, end + 1)
        }
        _ => return None,
    };
    Some((c, length * unit))
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "nbsp" => Some('\u{a0}'),
        "shy" => Some('\u{ad}'),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "minus" => Some('−'),
        "hyphen" => Some('‐'),
        "thinsp" => Some('\u{2009}'),
        _ => match name.strip_prefix('#')? {
            hex if hex.starts_with(['x', 'X']) => number(&hex[1..], 16),
            decimal => number(decimal, 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_what_is_none_is_left() {
        let read = |text: &str| escape(text.as_bytes(), Encoding::Utf8, 0);
        assert_eq!(read("%2D4285"), Some(('-', 3)));
        assert_eq!(read(r"\u00a04285"), Some(('\u{a0}', 6)));
        assert_eq!(read("&#x2D;"), Some(('-', 6)));
        assert_eq!(read("&nbsp;"), Some(('\u{a0}', 6)));
        assert_eq!(read("%zz"), None);
        assert_eq!(read("&cpr=0707614285"), None);
        assert_eq!(read("=2007614285"), None);
    }
}
