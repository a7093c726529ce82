//! Files that stand in a value: base64 in a text, bytes in a database.

use super::{Input, Output, base64, recognise};
use crate::model::{PartKind, ProblemKind};

/// Shortest base64 that is looked into, in characters. Words are shorter.
const LEAST: usize = 24;

/// True for what may be base64: long, and of nothing else.
pub fn is_base64(text: &str) -> bool {
    let text = encoded(text);
    text.len() >= LEAST && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&b))
}

/// The part of a data URL that is encoded, or all of it.
fn encoded(text: &str) -> &str {
    match text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
        Some((_, rest)) => rest,
        None => text,
    }
}

/// Reads base64 as the file that it spells; false when it spells none, and the text is all there is.
///
/// # Errors
/// When a limit of the whole file was reached.
pub fn base64(name: &str, text: &str, output: &mut Output<'_>) -> Result<bool, ProblemKind> {
    let Some(bytes) = base64::decode(encoded(text)) else { return Ok(false) };
    file(name, bytes, output)
}

/// Reads bytes as the file that they are; false when they are none that is known.
///
/// # Errors
/// When a limit of the whole file was reached.
pub fn file(name: &str, bytes: Vec<u8>, output: &mut Output<'_>) -> Result<bool, ProblemKind> {
    let mut input = Input::bytes(bytes);
    if recognise(&mut input).is_none() {
        return Ok(false);
    }
    // What is text by chance is none: bytes that are no UTF-8 seldom were meant as text.
    if input.encoding().is_some() && !is_written(input.head()) {
        return Ok(false);
    }
    output.member(PartKind::Member, name.as_bytes(), Ok(input))?;
    Ok(true)
}

fn is_written(bytes: &[u8]) -> bool {
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let controls = |text: &str| text.chars().any(|c| c.is_control() && !c.is_whitespace());
    wide || std::str::from_utf8(bytes).is_ok_and(|text| !controls(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_told_from_other_words() {
        assert!(is_base64("data:text/plain;base64,Qm9yZ2VyIG1lZCBjcHIgMTIw"));
        assert!(!is_base64("Qm9yZ2Vy") && !is_base64("en ganske almindelig sætning"));
    }
}
