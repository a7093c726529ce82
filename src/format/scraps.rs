//! Runs of characters between bytes that are none: what is left of a structure that is not known.

use memchr::memchr;

use super::{Output, Reading};
use crate::model::{Encoding, Place};

/// Shortest run that is given, in characters.
const LEAST: usize = 5;

/// Gives each run of characters in `bytes`, of one byte in `encoding` and of two bytes, on a line of its own.
///
/// # Errors
/// When a limit was reached.
pub fn give(bytes: &[u8], encoding: Encoding, output: &mut Output<'_>) -> Reading {
    let mut at = 0;
    while at < bytes.len() {
        let narrow = bytes[at..].iter().take_while(|b| is_character(**b)).count();
        if narrow >= LEAST {
            run(&bytes[at..at + narrow], encoding, output)?;
            at += narrow;
            continue;
        }
        let units = bytes[at..].chunks_exact(2).take_while(|unit| unit[1] == 0 && is_character(unit[0])).count();
        if units >= LEAST {
            run(&bytes[at..at + 2 * units], Encoding::Utf16Le, output)?;
            at += 2 * units;
            continue;
        }
        at += narrow.max(1);
    }
    Ok(())
}

/// As [`give`], for what is given at once however short it is.
///
/// # Errors
/// When a limit was reached.
pub fn run(bytes: &[u8], encoding: Encoding, output: &mut Output<'_>) -> Reading {
    let mut text = String::new();
    encoding.decode_into(bytes, &mut text);
    output.at(Place::Whole)?;
    output.push(&text)
}

/// Bytes that text in an encoding of one byte is made of: no control character but those of blanks.
fn is_character(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || memchr(byte, b"\t\r\n").is_some()
}

/// The text of bytes in UTF-8, else in Windows-1252.
pub fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let mut text = String::new();
            Encoding::Windows1252.decode_into(bytes, &mut text);
            text
        }
    }
}
