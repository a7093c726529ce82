//! Single properties of characters and paragraphs ([MS-DOC] 2.6; numbers and lengths of Word 6 from its own
//! specification).

use super::super::little::{u16_at, u32_at};
use super::fib::Version;

/// What matters of a stretch of characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Characters {
    /// True when it was deleted while changes were tracked.
    pub deleted: bool,
    /// The character of a font of symbols that stands there.
    pub symbol: Option<char>,
}

/// What matters of a paragraph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// True in a table.
    pub in_table: bool,
    /// True when its mark ends a row.
    pub ends_row: bool,
    /// True when its mark, which looks like any other, ends a cell of a table in a table.
    pub ends_inner_cell: bool,
    /// As above, a row.
    pub ends_inner_row: bool,
    /// Tables that it stands in.
    pub depth: u32,
}

impl Characters {
    /// Reads properties as they lie in the file.
    pub fn read(version: Version, bytes: &[u8]) -> Self {
        let mut characters = Self::default();
        for (number, value) in properties(version, bytes) {
            let on = value.first().is_some_and(|&b| b != 0);
            match (version, number) {
                (Version::Word97, 0x0800) | (Version::Word6, 65) => characters.deleted = on,
                (Version::Word97, 0x6a09) => characters.symbol = symbol(u16_at(value, 2)),
                _ => {}
            }
        }
        characters
    }
}

/// A character of a font of symbols, in which they are shifted to U+F000.
fn symbol(code: u16) -> Option<char> {
    let code = if (0xf020..=0xf0ff).contains(&code) { code - 0xf000 } else { code };
    char::from_u32(code.into()).filter(|c| !c.is_control())
}

impl Paragraph {
    /// Reads properties as they lie in the file; `data` is the stream to which long ones are moved.
    pub fn read(version: Version, bytes: &[u8], data: &[u8]) -> Self {
        let mut paragraph = Self::default();
        paragraph.add(version, bytes, data, true);
        paragraph
    }

    fn add(&mut self, version: Version, bytes: &[u8], data: &[u8], follow: bool) {
        for (number, value) in properties(version, bytes) {
            let on = value.first().is_some_and(|&b| b != 0);
            match (version, number) {
                (Version::Word97, 0x2416) | (Version::Word6, 24) => self.in_table = on,
                (Version::Word97, 0x2417) | (Version::Word6, 25) => self.ends_row = on,
                (Version::Word97, 0x244b) => self.ends_inner_cell = on,
                (Version::Word97, 0x244c) => self.ends_inner_row = on,
                (Version::Word97, 0x6649) => self.depth = u32_at(value, 0),
                (Version::Word97, 0x6645 | 0x6646 | 0x646b) if follow => {
                    let moved = data.get(u32_at(value, 0) as usize..).unwrap_or_default();
                    let moved = moved.get(2..2 + usize::from(u16_at(moved, 0))).unwrap_or_default();
                    self.add(version, moved, data, false);
                }
                _ => {}
            }
        }
    }
}

/// Numbers and values of properties, up to one whose length is not known.
fn properties(version: Version, mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (number, rest) = match version {
            Version::Word97 => (u16_at(bytes, 0), bytes.get(2..)?),
            _ => (u16::from(*bytes.first()?), bytes.get(1..)?),
        };
        let length = match version {
            Version::Word97 => length(number, rest)?,
            _ => length_of_old(number, rest)?,
        };
        let value = rest.get(..length)?;
        bytes = rest.get(length..)?;
        Some((number, value))
    })
}

/// Bytes of a value with what tells its length.
fn length(number: u16, rest: &[u8]) -> Option<usize> {
    Some(match (number >> 13, number) {
        (0 | 1, _) => 1,
        (2 | 4 | 5, _) => 2,
        (3, _) => 4,
        (7, _) => 3,
        (_, 0xd608) => usize::from(u16_at(rest, 0)) + 1,
        // Its length is not told when it does not fit.
        (_, 0xc615) if rest.first() == Some(&255) => {
            let deleted = usize::from(*rest.get(1)?);
            4 * deleted + 3 * usize::from(*rest.get(2 + 4 * deleted)?) + 3
        }
        _ => usize::from(*rest.first()?) + 1,
    })
}

/// As [`length`], of Word 6: up to the last property that is read.
fn length_of_old(number: u16, rest: &[u8]) -> Option<usize> {
    Some(match number {
        3 | 12 | 15 | 23 => usize::from(*rest.first()?) + 1,
        4..=11 | 13 | 14 | 24 | 25 | 29 | 37 | 44 | 50 | 51 | 65..=67 => 1,
        2 | 16..=19 | 21 | 22 | 26..=28 | 30..=36 | 38..=43 | 45..=49 => 2,
        20 => 4,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_row_is_told_by_its_paragraph() {
        let bytes = [0x15, 0xc6, 2, 0, 0, 0x16, 0x24, 1, 0x17, 0x24, 1];
        let paragraph = Paragraph::read(Version::Word97, &bytes, &[]);
        assert!(paragraph.in_table && paragraph.ends_row);
        let moved = [&[0x46, 0x66, 3, 0, 0, 0][..]].concat();
        let data = [0, 0, 0, 6, 0, 0x16, 0x24, 1, 0x17, 0x24, 1];
        assert_eq!(Paragraph::read(Version::Word97, &moved, &data), paragraph);
        assert_eq!(Paragraph::read(Version::Word6, &[5, 1, 24, 1, 25, 1, 190], &[]), paragraph);
    }
}
