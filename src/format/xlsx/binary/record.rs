//! The records of a binary part: a type, a length, and so many bytes. \[MS-XLSB\] 2.1.4.

use std::io::{BufReader, Read};

use super::super::super::input::problem_kind;
use super::super::super::little::Little;
use crate::model::ProblemKind;

/// Bytes of a record that may be held: a cell has 32,767 characters at most, and few records have so many.
const RECORD_BYTES: u64 = 64 * 1024 * 1024;

/// A binary part, record by record.
pub struct Records<'r> {
    reader: BufReader<&'r mut dyn Read>,
    body: Vec<u8>,
    first: Option<u32>,
}

impl<'r> Records<'r> {
    /// The records that a reader gives.
    pub fn new(reader: &'r mut dyn Read) -> Self {
        Self { reader: BufReader::new(reader), body: Vec::new(), first: None }
    }

    /// The type of the first record, which [`Records::next`] still gives; none of an empty part.
    ///
    /// # Errors
    /// As [`Records::next`].
    pub fn first(&mut self) -> Result<Option<u32>, ProblemKind> {
        self.first = self.read()?;
        Ok(self.first)
    }

    /// The type of the next record, whose bytes are in [`Records::body`] then; none at the end.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end within a record.
    pub fn next(&mut self) -> Result<Option<u32>, ProblemKind> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => self.read(),
        }
    }

    /// The bytes of the record.
    pub fn body(&self) -> Little<'_> {
        Little(&self.body)
    }

    fn read(&mut self) -> Result<Option<u32>, ProblemKind> {
        let Some(kind) = self.number(2)? else {
            return Ok(None);
        };
        let bytes = self.number(4)?.ok_or(ProblemKind::Damaged)?;
        if u64::from(bytes) > RECORD_BYTES {
            return Err(ProblemKind::Damaged);
        }
        self.body.clear();
        let read = self.reader.by_ref().take(bytes.into()).read_to_end(&mut self.body);
        let read = read.map_err(|error| problem_kind(&error))?;
        if read < bytes as usize { Err(ProblemKind::Damaged) } else { Ok(Some(kind)) }
    }

    /// A number in up to so many bytes, seven bits in each.
    fn number(&mut self, bytes: u32) -> Result<Option<u32>, ProblemKind> {
        let mut number = 0;
        for i in 0..bytes {
            let mut byte = [0];
            match self.reader.read(&mut byte).map_err(|error| problem_kind(&error))? {
                0 if i == 0 => return Ok(None),
                0 => return Err(ProblemKind::Damaged),
                _ => {}
            }
            number |= u32::from(byte[0] & 0x7f) << (7 * i);
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        Ok(Some(number))
    }
}

/// A text with its length before it. \[MS-XLSB\] 2.5.168, XLWideString.
pub fn wide(record: &mut Little<'_>) -> Option<String> {
    let units = record.size()?;
    record.utf16(units)
}

/// A text that may be missing; it is empty then. \[MS-XLSB\] 2.5.166, XLNullableWideString.
pub fn nullable(record: &mut Little<'_>) -> Option<String> {
    let mut after = *record;
    if after.u32()? == u32::MAX {
        *record = after;
        return Some(String::new());
    }
    wide(record)
}

/// A text without its fonts and how it is spoken. \[MS-XLSB\] 2.5.121, RichStr.
pub fn rich(record: &mut Little<'_>) -> Option<String> {
    record.u8()?;
    wide(record)
}

/// Units of the longest text that a cell may hold.
const TEXT_UNITS: usize = 32_767;

/// Characters that are looked at for each byte of a record, in vain or not.
const LOOKS: usize = 4;

/// The texts in a record of which only that much is known.
pub fn texts(record: Little<'_>, mut give: impl FnMut(&str)) {
    let mut rest = record;
    let mut left = LOOKS * record.0.len();
    while !rest.0.is_empty() {
        let mut after = rest;
        let units = after.size().filter(|units| (2..=TEXT_UNITS.min(left)).contains(units));
        let text = units.and_then(|units| after.utf16(units));
        left -= text.as_ref().and(units).unwrap_or(0);
        let is_text = |text: &String| !text.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER);
        match text.filter(is_text) {
            Some(text) => {
                give(&text);
                rest = after;
            }
            None => drop(rest.take(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_by_type_and_length() {
        let mut bytes: &[u8] = &[0x81, 0x01, 0, 0x13, 2, b'a', b'b', 0x13, 9, 1];
        let mut records = Records::new(&mut bytes);
        assert_eq!(records.first(), Ok(Some(129)));
        assert_eq!(records.next(), Ok(Some(129)));
        assert_eq!((records.next(), records.body().0), (Ok(Some(19)), &b"ab"[..]));
        assert_eq!(records.next(), Err(ProblemKind::Damaged));
    }

    #[test]
    fn texts_are_found_wherever_they_stand() {
        let record = [9, 9, 9, 2, 0, 0, 0, b'a', 0, b'b', 0, 7, 3, 0, 0, 0, b'a', 0, 0, 0, 0, 0];
        let mut found = Vec::new();
        texts(Little(&record), |text| found.push(text.to_owned()));
        assert_eq!(found, ["ab"]);
    }
}
