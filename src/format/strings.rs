//! Runs of text in files that are not read: one byte a character, or two.
//!
//! Two bytes a character look the same in both orders and at every offset: a character, a zero, a character, a zero. What
//! is found is searched, and the file is told as unread all the same.

use std::borrow::Cow;

use memchr::memchr;

use super::input::problem_kind;
use super::{Input, Output, Reading};
use crate::model::{Encoding, Place};

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Shortest run that is text, in characters. Of random bytes one in a million begins a run of so many.
const RUN_CHARS: usize = 12;

/// Longest run that is looked at whole, in bytes.
const RUN_BYTES: usize = 32 * 1024;

/// Digits of a number: a shorter run of so many of them is given too.
const DIGITS: usize = 10;

/// Bytes that text of one byte a character is made of: ASCII, white space, and what æøåÆØÅé and – are in Windows-1252 and
/// UTF-8.
static TEXT: [bool; 256] = {
    let mut text = [false; 256];
    let mut byte = 0x20;
    while byte < 0x7f {
        text[byte] = true;
        byte += 1;
    }
    let more = b"\t\r\n\xe6\xf8\xe5\xc6\xd8\xc5\xe9\x96\xc3\xa6\xb8\xa5\x86\x98\x85\xa9";
    let mut i = 0;
    while i < more.len() {
        text[more[i] as usize] = true;
        i += 1;
    }
    text
};

/// Gives the runs of text in what no format reads.
pub fn search(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut buffer = input.take_head();
    let mut narrow = 0;
    let mut wide = 0;
    loop {
        let last = input.is_whole();
        narrow = one_byte(&buffer, narrow, last, output)?;
        wide = two_bytes(&buffer, wide, last, output)?;
        if last {
            input.put_back(buffer);
            return Ok(());
        }
        let done = narrow.min(wide);
        buffer.drain(..done);
        (narrow, wide) = (narrow - done, wide - done);
        output.goes_on();
        input.more(&mut buffer, CHUNK_BYTES).map_err(|error| problem_kind(&error))?;
    }
}

/// Gives the runs from `at` on; gives where to go on when more is known.
fn one_byte(
    bytes: &[u8],
    mut at: usize,
    last: bool,
    output: &mut Output<'_>,
) -> Result<usize, crate::model::ProblemKind> {
    let is_text = |byte: &u8| TEXT[usize::from(*byte)];
    while let Some(ahead) = bytes[at..].iter().position(is_text) {
        let start = at + ahead;
        let length = bytes[start..].iter().position(|byte| !is_text(byte)).unwrap_or(bytes.len() - start);
        if start + length == bytes.len() && !last && length < RUN_BYTES {
            return Ok(start);
        }
        let run = &bytes[start..start + length];
        if is_run(run) {
            let text = match std::str::from_utf8(run) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => {
                    let mut text = String::new();
                    Encoding::Windows1252.decode_into(run, &mut text);
                    Cow::Owned(text)
                }
            };
            output.at(Place::Whole)?;
            output.push(&text)?;
        }
        at = start + length;
    }
    Ok(bytes.len())
}

fn two_bytes(
    bytes: &[u8],
    mut at: usize,
    last: bool,
    output: &mut Output<'_>,
) -> Result<usize, crate::model::ProblemKind> {
    let unit = |at: usize| match bytes.get(at..at + 2) {
        // The dashes of a number in the order of Windows.
        Some([low @ 0x10..=0x15, 0x20]) => Some(u16::from_le_bytes([*low, 0x20])),
        Some([low, 0]) if TEXT[usize::from(*low)] => Some(u16::from(*low)),
        _ => None,
    };
    let mut units: Vec<u16> = Vec::new();
    while let Some(ahead) = memchr(0, &bytes[at..]) {
        let start = (at + ahead).saturating_sub(1).max(at);
        units.clear();
        while let Some(unit) = unit(start + 2 * units.len()) {
            units.push(unit);
        }
        let end = start + 2 * units.len();
        if end + 2 > bytes.len() && !last && units.len() < RUN_BYTES {
            return Ok(start);
        }
        if units.len() + 1 >= DIGITS {
            let text = String::from_utf16_lossy(&units);
            give(&text, output)?;
            // Where the high byte stands first, the last character has no zero behind it.
            let high_first = start > 0 && bytes[start - 1] == 0;
            if let Some(last) = bytes.get(end).filter(|byte| high_first && TEXT[usize::from(**byte)]) {
                give(&format!("{text}{}", char::from(*last)), output)?;
            }
        }
        // Of many zeros only the first can follow a character.
        let zeros = bytes[at + ahead..].iter().take_while(|byte| **byte == 0).count();
        let zeros = if at + ahead + zeros == bytes.len() { zeros.max(2) - 1 } else { zeros };
        at = end.max(at + ahead + zeros).min(bytes.len());
    }
    Ok(if last { bytes.len() } else { bytes.len().saturating_sub(1).max(at) })
}

fn give(text: &str, output: &mut Output<'_>) -> Reading {
    if is_run(text.as_bytes()) {
        output.at(Place::Whole)?;
        output.push(text)?;
    }
    Ok(())
}

fn is_run(text: &[u8]) -> bool {
    let count = |is: fn(&u8) -> bool| text.iter().filter(|byte| is(byte)).count();
    let long = text.len() >= RUN_CHARS && count(u8::is_ascii_alphanumeric) >= RUN_CHARS / 2;
    long || text.len() >= DIGITS && count(u8::is_ascii_digit) >= DIGITS
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::told;

    #[test]
    fn runs_of_text_are_found_in_both_widths_and_all_orders() {
        let wide = |order: fn(u16) -> [u8; 2]| "cpr nr 070761–4285".encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let bytes = [
            &b"\0\x01\x02\x03\xff\xfeKort\0\x01personnummer 070761-4285\x01\0\x800707614285\x80\x01"[..],
            &wide(u16::to_le_bytes),
            b"\xff\xff\xff",
            &"cpr nr 070761-4285".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>(),
            &[0x80; 64],
        ];
        let told = told(bytes.concat());
        assert_eq!((told.format, told.problems), ("unknown", vec!["whole: UnsupportedFormat".to_owned()]));
        for run in ["personnummer 070761-4285", "0707614285", "cpr nr 070761–4285", "cpr nr 070761-4285"] {
            assert!(told.lines.contains(&format!("whole: {run}")), "{run}: {:?}", told.lines);
        }
    }

    #[test]
    fn a_run_is_whole_wherever_the_chunks_are_cut() {
        for shift in 0..30 {
            let filler = [0x01_u8].repeat(super::super::input::HEAD_BYTES - 30 + shift);
            let run: Vec<u8> = "nummer 070761-4285".encode_utf16().flat_map(u16::to_le_bytes).collect();
            let bytes = [&[1, 0], &filler[..], b"nummer 070761-4285\x80\x80", &filler[..], &run, &[0x01; 300]].concat();
            let mut source = bytes.as_slice();
            let mut told = super::super::ooxml::sample::Told::default();
            let limits = super::super::Limits::for_size(1 << 20, std::sync::Arc::default());
            let mut input = super::Input::stream(&mut source).unwrap();
            super::Output::new(&mut told, &limits).read(&mut input);
            let found = told.lines.iter().filter(|line| line.ends_with("nummer 070761-4285")).count();
            assert_eq!(found, 2, "shift {shift}");
        }
    }
}
