//! What a document says of itself: the property sets of MS-OLEPS.

use std::collections::HashMap;

use super::super::code_page::decode;
use super::super::little::{u16_at, u32_at};
use super::super::{Output, Reading};
use super::{Compound, Id};
use crate::model::Place;

const SUMMARY: &str = "\u{5}SummaryInformation";
const DOCUMENT_SUMMARY: &str = "\u{5}DocumentSummaryInformation";

/// The set of properties that a person names, as it begins (MS-OLEPS 2.4).
const OWN: [u8; 4] = 0xd5cd_d505_u32.to_le_bytes();

/// Properties that a person fills in: title, subject, author, keywords, comments, who saved it last.
const IN_SUMMARY: &[u32] = &[2, 3, 4, 5, 6, 8];

/// As above: category, manager, company, kind of content, state of it.
const IN_DOCUMENT_SUMMARY: &[u32] = &[2, 14, 15, 26, 27];

/// Bytes of the header of a stream of properties, and of a set's place in it.
const HEADER_BYTES: usize = 28;
const PLACE_BYTES: usize = 20;

/// Sets of which there are two at most.
const SETS: usize = 2;

/// Gives the properties of the document in a storage that a person fills in, those of their own naming with their name,
/// and the targets of links.
///
/// # Errors
/// When a limit was reached or a stream cannot be read.
pub fn properties(compound: &Compound<'_>, storage: Id, output: &mut Output<'_>) -> Reading {
    let mut lines = Vec::new();
    for (name, wanted) in [(SUMMARY, IN_SUMMARY), (DOCUMENT_SUMMARY, IN_DOCUMENT_SUMMARY)] {
        if let Some(stream) = compound.find_stream(storage, name) {
            let bytes = compound.bytes(stream, output)?;
            for set in sets(&bytes) {
                set.lines(wanted, &mut lines);
            }
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    if lines.is_empty() {
        return Ok(());
    }
    output.field("document property", |output| {
        lines.iter().try_for_each(|line| {
            output.at(Place::Whole)?;
            output.push(line.trim())
        })
    })
}

/// The sets of a stream.
fn sets(bytes: &[u8]) -> impl Iterator<Item = Set<'_>> {
    let count = (u32_at(bytes, 24) as usize).min(SETS);
    (0..count).filter_map(move |i| {
        let place = bytes.get(HEADER_BYTES + PLACE_BYTES * i..)?;
        let set = bytes.get(u32_at(place, 16) as usize..)?;
        Some(Set { own: place.starts_with(&OWN), bytes: set })
    })
}

/// A set of properties: their numbers and where their values stand.
struct Set<'a> {
    own: bool,
    bytes: &'a [u8],
}

impl Set<'_> {
    fn lines(&self, wanted: &[u32], lines: &mut Vec<String>) {
        let value = |number: u32| self.places().find(|(n, _)| *n == number).and_then(|(_, at)| self.bytes.get(at..));
        let code_page = value(1).map_or(1252, |value| u32::from(u16_at(value, 4)));
        let names = match value(0) {
            Some(dictionary) if self.own => names(dictionary, code_page),
            _ => HashMap::new(),
        };
        for (number, at) in self.places().filter(|(number, _)| *number > 1) {
            let Some(value) = self.bytes.get(at..) else { continue };
            let mut values = Vec::new();
            match names.get(&number) {
                Some(name) if name == "_PID_HLINKS" => links(value, code_page, lines),
                Some(name) => {
                    read(value, code_page, &mut values);
                    lines.push(format!("{name}: {}", values.join("; ")));
                }
                None if wanted.contains(&number) && !self.own => {
                    read(value, code_page, &mut values);
                    lines.append(&mut values);
                }
                None => {}
            }
        }
    }

    /// The numbers of the properties and where their values stand.
    fn places(&self) -> impl Iterator<Item = (u32, usize)> {
        let count = (u32_at(self.bytes, 4) as usize).min(self.bytes.len() / 8).min(1 << 12);
        (0..count).map(|i| (u32_at(self.bytes, 8 + 8 * i), u32_at(self.bytes, 12 + 8 * i) as usize))
    }
}

/// The names of the properties of a person's own naming.
fn names(dictionary: &[u8], code_page: u32) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    let mut at = 4;
    for _ in 0..u32_at(dictionary, 0) {
        let (number, length) = (u32_at(dictionary, at), u32_at(dictionary, at + 4) as usize);
        let bytes = if code_page == 1200 { length.saturating_mul(2) } else { length };
        let Some(name) = dictionary.get(at + 8..).and_then(|rest| rest.get(..bytes)) else { break };
        names.insert(number, text(name, code_page));
        at += 8 + if code_page == 1200 { bytes.next_multiple_of(4) } else { bytes };
    }
    names
}

/// The targets of links, which stand in a value of bytes as a row of values.
fn links(value: &[u8], code_page: u32, lines: &mut Vec<String>) {
    if u16_at(value, 0) == BLOB {
        row(value.get(8..).unwrap_or_default(), VARIANT, code_page, lines);
    }
    lines.retain(|line| !line.is_empty());
}

const BLOB: u16 = 0x41;
const VARIANT: u16 = 12;
const VECTOR: u16 = 0x1000;

/// Appends the value, or those of a row, as text; dates, truth and bytes are none.
fn read(value: &[u8], code_page: u32, values: &mut Vec<String>) {
    let kind = u16_at(value, 0);
    let body = value.get(4..).unwrap_or_default();
    if kind & VECTOR != 0 {
        row(body, kind & !VECTOR, code_page, values);
    } else if let Some((value, _)) = single(body, kind, code_page) {
        values.extend(value);
    }
}

/// Appends the values of a row.
fn row(body: &[u8], kind: u16, code_page: u32, values: &mut Vec<String>) {
    let mut rest = body.get(4..).unwrap_or_default();
    for _ in 0..u32_at(body, 0) {
        let of = if kind == VARIANT { u16_at(rest, 0) } else { kind };
        let skip = if kind == VARIANT { 4 } else { 0 };
        let Some((value, bytes)) = rest.get(skip..).and_then(|rest| single(rest, of, code_page)) else { break };
        // In a row of strings each follows the one before without a gap, in a row of any values it does not.
        let bytes = if kind == VARIANT || of == WIDE { bytes.next_multiple_of(4) } else { bytes };
        values.extend(value);
        rest = rest.get(skip + bytes..).unwrap_or_default();
    }
}

const NARROW: u16 = 0x1e;
const WIDE: u16 = 0x1f;

/// A value as text, if it is some, and its bytes; none where it is of a kind that is not read or ends too soon.
fn single(body: &[u8], kind: u16, code_page: u32) -> Option<(Option<String>, usize)> {
    let number = |bytes: usize| body.get(..bytes).map(|b| b.iter().rev().fold(0_u64, |n, &b| n << 8 | u64::from(b)));
    let value = match kind {
        2 => (Some((number(2)? as i16).to_string()), 4),
        18 => (Some(number(2)?.to_string()), 4),
        3 | 22 => (Some((number(4)? as i32).to_string()), 4),
        19 | 23 => (Some(number(4)?.to_string()), 4),
        20 => (Some((number(8)? as i64).to_string()), 8),
        21 => (Some(number(8)?.to_string()), 8),
        5 => (Some(f64::from_bits(number(8)?).to_string()), 8),
        8 | NARROW => {
            let bytes = u32_at(body, 0) as usize;
            (Some(text(body.get(4..)?.get(..bytes)?, code_page)), 4 + bytes)
        }
        WIDE => {
            let bytes = (u32_at(body, 0) as usize).checked_mul(2)?;
            (Some(text(body.get(4..)?.get(..bytes)?, 1200)), 4 + bytes)
        }
        11 => (None, 4),
        64 => (None, 8),
        _ => return None,
    };
    Some(value)
}

/// Text up to the character that ends it.
fn text(bytes: &[u8], code_page: u32) -> String {
    let text = decode(bytes, code_page);
    text.split('\0').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str) -> Vec<u8> {
        let bytes: Vec<u8> = text.bytes().chain([0]).collect();
        [&30_u32.to_le_bytes()[..], &(bytes.len() as u32).to_le_bytes(), &bytes].concat()
    }

    fn set(properties: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let mut places = Vec::new();
        let mut values = Vec::new();
        for (number, value) in properties {
            let at = 8 + 8 * properties.len() + values.len();
            places.extend([number.to_le_bytes(), (at as u32).to_le_bytes()].concat());
            values.extend(value);
            values.resize(values.len().next_multiple_of(4), 0);
        }
        [&0_u32.to_le_bytes()[..], &(properties.len() as u32).to_le_bytes(), &places, &values].concat()
    }

    fn lines(own: bool, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        Set { own, bytes }.lines(IN_SUMMARY, &mut lines);
        lines
    }

    #[test]
    fn what_a_person_fills_in_is_given() {
        let bytes = set(&[(2, string("Sag 070761-4285")), (4, string("Karla")), (18, string("Microsoft Word"))]);
        assert_eq!(lines(false, &bytes), ["Sag 070761-4285", "Karla"]);
    }

    #[test]
    fn properties_of_their_own_naming_have_their_name() {
        let names = [&1_u32.to_le_bytes()[..], &2_u32.to_le_bytes(), &4_u32.to_le_bytes(), b"Cpr\0"].concat();
        let number = [3_u32.to_le_bytes(), 707_614_285_u32.to_le_bytes()].concat();
        assert_eq!(lines(true, &set(&[(0, names), (2, number)])), ["Cpr: 707614285"]);
    }

    #[test]
    fn broken_sets_end() {
        let whole = set(&[(2, string("a")), (0, vec![0xff; 40]), (1, vec![0xff; 8])]);
        for at in 0..whole.len() {
            lines(true, &whole[..at]);
            let mut bytes = whole.clone();
            bytes[at] = 0xff;
            lines(false, &bytes);
            lines(true, &bytes);
        }
    }
}
