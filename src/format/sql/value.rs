//! Strings of SQL: which mark ends one, and what is meant by what stands in it.

use std::borrow::Cow;

use memchr::memmem;

/// How a mark is written inside of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Doubled only: a backslash is a backslash.
    Doubled,
    /// Doubled, or behind a backslash (MySQL, and `E'…'`).
    Backslash,
}

impl Dialect {
    /// That of a dump, by its first bytes.
    pub fn of(head: &[u8]) -> Self {
        let words: [&[u8]; 4] = [b"MySQL", b"MariaDB", b"ENGINE=", b"INTO `"];
        let mysql = words.iter().any(|word| memmem::find(head, word).is_some());
        if mysql || memmem::find(head, b"\\'").is_some() && memmem::find(head, b"''").is_none() {
            Self::Backslash
        } else {
            Self::Doubled
        }
    }

    /// Where the closing mark stands in `bytes`; none when what decides it lies behind them.
    pub fn end(self, bytes: &[u8], mark: u8) -> Option<usize> {
        let mut at = 0;
        loop {
            at += memchr::memchr2(mark, b'\\', bytes.get(at..)?)?;
            if bytes[at] == b'\\' && mark != b'\\' {
                at += if self == Self::Backslash { 2 } else { 1 };
                continue;
            }
            match bytes.get(at + 1) {
                Some(&next) if next == mark => at += 2,
                Some(_) => return Some(at),
                None => return None,
            }
        }
    }

    /// As [`Dialect::end`], where nothing follows.
    pub fn last(self, bytes: &[u8], mark: u8) -> Option<usize> {
        let before = bytes.strip_suffix(&[mark])?;
        Some(before.len())
    }

    /// How much of `text` can be taken without parting what belongs together.
    pub fn cut(self, text: &str, bytes: usize) -> usize {
        let taken = text.floor_char_boundary(bytes);
        let marks = text[..taken].bytes().rev().take_while(|b| matches!(b, b'\\' | b'\'' | b'"')).count();
        if marks < taken { taken - marks } else { taken }
    }

    /// The characters that are meant.
    pub fn resolved(self, written: &str, mark: u8) -> Cow<'_, str> {
        let doubled = [mark, mark];
        let doubled = std::str::from_utf8(&doubled).unwrap_or("''");
        let escapes = self == Self::Backslash && written.contains('\\');
        if !escapes {
            return match written.contains(doubled) {
                true => Cow::Owned(written.replace(doubled, &doubled[1..])),
                false => Cow::Borrowed(written),
            };
        }
        let mut text = String::with_capacity(written.len());
        let mut characters = written.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\\' => text.extend(characters.next().map(meant)),
                c if c == char::from(mark) && characters.peek() == Some(&c) => {
                    characters.next();
                    text.push(c);
                }
                c => text.push(c),
            }
        }
        Cow::Owned(text)
    }
}

/// The character that one behind a backslash means.
fn meant(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' | 'Z' | 'b' => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_at_a_mark_that_is_neither_doubled_nor_escaped() {
        assert_eq!(Dialect::Doubled.end(b"it''s\\', x", b'\''), Some(6));
        assert_eq!(Dialect::Backslash.end(b"it''s\\' a', x", b'\''), Some(9));
        assert_eq!(Dialect::Doubled.end(b"cut'", b'\''), None);
        assert_eq!(Dialect::Backslash.resolved("it''s \\'a\\'\\n", b'\''), "it's 'a'\n");
        assert_eq!(Dialect::Doubled.resolved("C:\\ny ''a''", b'\''), "C:\\ny 'a'");
    }
}
