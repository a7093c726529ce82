//! What is said of pictures, drawn as one, or kept for form fields ([MS-ODRAW] 2.2.9, [MS-DOC] 2.9.157, 2.9.192).

use super::super::escher::texts;
use super::super::little::{u16_at, u32_at};
use super::super::{Output, Reading, strings};
use crate::model::Place;

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
    texts(drawings, |text| written.push(text.to_owned()));
    let mut rest = data;
    while rest.len() > HEADER_BYTES {
        let length = (u32_at(rest, 0) as usize).min(rest.len());
        if length <= HEADER_BYTES || usize::from(u16_at(rest, 4)) != HEADER_BYTES {
            break;
        }
        let (block, after) = rest.split_at(length);
        if PICTURES.contains(&u16_at(block, 6)) {
            texts(&block[HEADER_BYTES..], |text| written.push(text.to_owned()));
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
