//! The records of a stream: a type, a length, so many bytes, and those that continue them. \[MS-XLS\] 2.1.4.

use super::super::book::token::latin;
use super::super::little::Little;

/// A record that goes on where the one before had no room.
const CONTINUE: u16 = 0x3c;

/// The records of a stream.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    /// Where the next record begins.
    pub at: usize,
    /// True when a record ended too soon.
    pub cut: bool,
}

/// One record.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// What it is.
    pub kind: u16,
    /// Where it begins in the stream.
    pub at: usize,
    /// Its bytes.
    pub body: Little<'a>,
    /// The bytes of those that continue it.
    pub more: Vec<&'a [u8]>,
}

impl<'a> Records<'a> {
    /// The records of a stream from its beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, cut: false }
    }

    fn one(&mut self) -> Option<(u16, &'a [u8])> {
        let mut rest = Little(self.bytes.get(self.at..)?);
        let (kind, length) = (rest.u16()?, usize::from(rest.u16()?));
        let body = rest.take(length).unwrap_or_else(|| {
            self.cut = true;
            rest.0
        });
        self.at += 4 + body.len();
        Some((kind, body))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let at = self.at;
        let (kind, body) = self.one()?;
        let mut more = Vec::new();
        while self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(&CONTINUE.to_le_bytes())) {
            let Some((_, body)) = self.one() else { break };
            more.push(body);
        }
        Some(Record { kind, at, body: Little(body), more })
    }
}

impl<'a> Record<'a> {
    /// What is left of it, with what continues it.
    pub fn pieces(&self) -> Pieces<'a> {
        let mut after: Vec<&[u8]> = self.more.clone();
        after.reverse();
        Pieces { now: self.body, after }
    }

    /// What continues it.
    pub fn continued(&self) -> Pieces<'a> {
        let mut pieces = self.pieces();
        pieces.now = Little(&[]);
        pieces
    }
}

/// A record and those that continue it. A text that goes on in the next one begins there with a byte that says how
/// wide its units are from there on. \[MS-XLS\] 2.5.293.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    now: Little<'a>,
    /// The last one first.
    after: Vec<&'a [u8]>,
}

impl Pieces<'_> {
    /// True when some of the record is not read.
    pub fn is_left(&mut self) -> bool {
        while self.now.0.is_empty() {
            match self.after.pop() {
                Some(next) => self.now = Little(next),
                None => return false,
            }
        }
        true
    }

    /// A byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.is_left().then(|| self.now.u8()).flatten()
    }

    /// A number of two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.u8()?, self.u8()?]))
    }

    /// A number of four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }

    /// Passes over so many bytes.
    pub fn skip(&mut self, bytes: usize) -> Option<()> {
        let mut left = bytes;
        while left > 0 {
            if !self.is_left() {
                return None;
            }
            let here = left.min(self.now.0.len());
            self.now.take(here);
            left -= here;
        }
        Some(())
    }

    /// So many bytes.
    pub fn bytes(&mut self, bytes: usize) -> Option<Vec<u8>> {
        let mut taken = Vec::new();
        while taken.len() < bytes {
            if !self.is_left() {
                return None;
            }
            taken.extend_from_slice(self.now.take((bytes - taken.len()).min(self.now.0.len()))?);
        }
        Some(taken)
    }

    /// All that is left.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        while self.is_left() {
            rest.extend_from_slice(std::mem::take(&mut self.now.0));
        }
        rest
    }

    /// A text of so many units, which begins with its flags. Its fonts and how it is spoken are passed over.
    pub fn unicode(&mut self, units: usize) -> Option<String> {
        let flags = self.u8()?;
        let fonts = if flags & 8 != 0 { usize::from(self.u16()?) } else { 0 };
        let spoken = if flags & 4 != 0 { self.u32()? as usize } else { 0 };
        let text = self.text(units, flags)?;
        // What is missing after the text takes nothing of it.
        self.skip(4 * fonts);
        self.skip(spoken);
        Some(text)
    }

    fn text(&mut self, units: usize, flags: u8) -> Option<String> {
        let mut text = String::new();
        let mut wide = flags & 1 != 0;
        let mut left = units;
        // Half of a character may stand before a break.
        let mut pending = Vec::new();
        while left > 0 {
            if self.now.0.is_empty() {
                self.is_left().then_some(())?;
                wide = self.now.u8()? & 1 != 0;
            }
            let width = 1 + usize::from(wide);
            let here = left.min(self.now.0.len() / width);
            if here == 0 {
                // Half a unit: the record does not hold what it should.
                return None;
            }
            let bytes = self.now.take(here * width)?;
            if wide {
                pending.extend(bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
            } else {
                pending.extend(bytes.iter().map(|&b| u16::from(b)));
            }
            left -= here;
        }
        text.extend(char::decode_utf16(pending).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        Some(text)
    }
}

/// How the texts of a stream are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The version of its records: 2, 3, 4, 5 or 8.
    pub version: u8,
    /// Of texts of one byte a character, as Windows numbers it.
    pub code_page: u32,
}

impl Default for Spelling {
    fn default() -> Self {
        Self { version: 8, code_page: 1252 }
    }
}

impl Spelling {
    /// A text of which the bytes are known.
    pub fn decode(self, bytes: &[u8]) -> String {
        if self.version >= 8 {
            latin(bytes)
        } else {
            super::super::code_page::decode(bytes, self.code_page).into_owned()
        }
    }

    /// A text with its length in one byte before it.
    pub fn short(self, pieces: &mut Pieces<'_>) -> Option<String> {
        let units = usize::from(pieces.u8()?);
        self.text(units, pieces)
    }

    /// A text with its length before it: in one byte in version 2, else in two.
    pub fn long(self, pieces: &mut Pieces<'_>) -> Option<String> {
        if self.version == 2 {
            return self.short(pieces);
        }
        let units = usize::from(pieces.u16()?);
        self.text(units, pieces)
    }

    /// A text of so many units.
    pub fn text(self, units: usize, pieces: &mut Pieces<'_>) -> Option<String> {
        if self.version >= 8 { pieces.unicode(units) } else { pieces.bytes(units).map(|bytes| self.decode(&bytes)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), &(body.len() as u16).to_le_bytes(), body].concat()
    }

    #[test]
    fn a_text_may_change_its_width_where_it_is_continued() {
        let stream = [
            record(0xfc, b"\x0b\0\x08\x01\x000707"),
            record(0x3c, b"\x016\x001\0-\x004\0"),
            record(0x3c, b"\x00285xxxxz"),
        ];
        let stream = stream.concat();
        let mut pieces = Records::new(&stream).next().unwrap().pieces();
        assert_eq!(Spelling::default().long(&mut pieces).as_deref(), Some("070761-4285"));
        assert_eq!(pieces.u8(), Some(b'z'));
    }

    #[test]
    fn how_a_text_is_spoken_is_no_part_of_it() {
        let body = b"\x02\0\x0c\x01\0\x03\0\0\0ab\x01\x02\x03\x04\x05\x06\x07c";
        let stream = record(4, body);
        let mut pieces = Records::new(&stream).next().unwrap().pieces();
        assert_eq!(Spelling::default().long(&mut pieces).as_deref(), Some("ab"));
        assert_eq!(pieces.u8(), Some(b'c'));
    }

    #[test]
    fn old_texts_are_spelled_in_a_code_page() {
        let stream = record(4, b"\x04B\x9brn");
        let mut pieces = Records::new(&stream).next().unwrap().pieces();
        assert_eq!(Spelling { version: 2, code_page: 850 }.long(&mut pieces).as_deref(), Some("Børn"));
    }

    #[test]
    fn a_record_that_is_cut_gives_what_it_holds() {
        let mut records = Records::new(b"\x04\0\x09\0abc");
        assert_eq!(records.next().unwrap().body.0, b"abc");
        assert!(records.cut && records.next().is_none());
    }
}
