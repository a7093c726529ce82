//! What is said of pictures, drawn as one, or kept for form fields ([MS-ODRAW] 2.2.9, [MS-DOC] 2.9.157, 2.9.192).

use super::super::code_page::decode;
use super::super::little::{u16_at, u32_at};
use super::super::{Output, Reading, strings};
use crate::model::Place;

/// Properties of a drawing that a person writes: text drawn as a picture, what it shows, its tip.
const WRITTEN: [u16; 3] = [0x00c0, 0x0381, 0x038d];

/// Records: those of all drawings, and those that hold properties.
const DRAWINGS: std::ops::RangeInclusive<u16> = 0xf000..=0xf1ff;
const PROPERTIES: [u16; 3] = [0xf00b, 0xf121, 0xf122];

/// Bytes of the header of what the text refers to in the stream of data, and how it says that it is a picture.
const HEADER_BYTES: usize = 0x44;
const PICTURES: [u16; 2] = [0x64, 0x66];

/// Gives what is written in the drawings of the tables, and in the pictures and form fields of the stream of data.
///
/// # Errors
/// When a limit was reached.
pub fn read(drawings: &[u8], data: &[u8], output: &mut Output<'_>) -> Reading {
    let mut written = Vec::new();
    let mut kept = Vec::new();
    texts(drawings, &mut written);
    let mut rest = data;
    while rest.len() > HEADER_BYTES {
        let length = (u32_at(rest, 0) as usize).min(rest.len());
        if length <= HEADER_BYTES || usize::from(u16_at(rest, 4)) != HEADER_BYTES {
            break;
        }
        let (block, after) = rest.split_at(length);
        if PICTURES.contains(&u16_at(block, 6)) {
            texts(&block[HEADER_BYTES..], &mut written);
        } else {
            kept.extend(strings::all(&block[HEADER_BYTES..]));
        }
        rest = after;
    }
    give("alternative text", &written, output)?;
    give("form field", &kept, output)
}

fn give(field: &str, texts: &[String], output: &mut Output<'_>) -> Reading {
    if texts.is_empty() {
        return Ok(());
    }
    output.field(field, |output| {
        texts.iter().try_for_each(|text| {
            output.at(Place::Whole)?;
            output.push(text)
        })
    })
}

/// Appends what is written in records, however they stand in one another.
fn texts(records: &[u8], written: &mut Vec<String>) {
    let mut rest = records;
    while rest.len() >= 8 {
        let (kind, version, length) = (u16_at(rest, 2), u16_at(rest, 0), u32_at(rest, 4) as usize);
        let skipped = match version & 15 {
            // A byte, or a name, stands between some records.
            _ if !DRAWINGS.contains(&kind) => 1,
            15 => 8,
            _ => {
                let contents = &rest[8..8 + length.min(rest.len() - 8)];
                if PROPERTIES.contains(&kind) {
                    properties(contents, usize::from(version >> 4), written);
                }
                8 + contents.len()
            }
        };
        rest = &rest[skipped..];
    }
}

/// Appends the texts among so many properties; they follow them in their order.
fn properties(contents: &[u8], count: usize, written: &mut Vec<String>) {
    let mut rest = contents.get(6 * count..).unwrap_or_default();
    for property in contents.chunks_exact(6).take(count).filter(|property| u16_at(property, 0) & 0x8000 != 0) {
        let (value, after) = rest.split_at((u32_at(property, 2) as usize).min(rest.len()));
        rest = after;
        if WRITTEN.contains(&(u16_at(property, 0) & 0x3fff)) {
            let text = decode(value, 1200);
            let text = text.trim_end_matches('\0').trim();
            if !text.is_empty() {
                written.push(text.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(version: u16, kind: u16, contents: &[u8]) -> Vec<u8> {
        let head = [version.to_le_bytes(), kind.to_le_bytes()].concat();
        [&head[..], &(contents.len() as u32).to_le_bytes(), contents].concat()
    }

    #[test]
    fn what_is_said_of_a_picture_is_read_at_any_depth() {
        let text: Vec<u8> = "cpr 070761-4285\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let name = [0x80, 0xc3, 4, 0, 0, 0];
        let said = [&[0x81, 0xc3][..], &(text.len() as u32).to_le_bytes()].concat();
        let properties = [&name[..], &said, &[b'n', 0, 0, 0], &text].concat();
        let shape = record(15, 0xf004, &[record(2, 0xf00a, &[0; 8]), record(0x23, 0xf00b, &properties)].concat());
        let drawings =
            [&record(15, 0xf000, &record(0, 0xf006, &[1; 16]))[..], &[0], &record(15, 0xf002, &shape)].concat();
        let mut written = Vec::new();
        texts(&drawings, &mut written);
        assert_eq!(written, ["cpr 070761-4285"]);
        for end in 0..drawings.len() {
            texts(&drawings[..end], &mut Vec::new());
        }
    }
}
