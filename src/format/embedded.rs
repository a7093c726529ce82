//! Files that stand in a value: base64 in a text, bytes in a database.

use std::borrow::Cow;

use super::{Input, Output, base64, recognise};
use crate::model::{PartKind, ProblemKind};

/// Shortest base64 that is looked into, in characters. Words are shorter.
const LEAST: usize = 24;

/// Elements of HTML that stand inside of a line.
const INLINE: [&str; 11] = ["b", "i", "u", "em", "strong", "span", "font", "mark", "small", "big", "s"];

/// Longest tag, in bytes.
const LONGEST_TAG: usize = 256;

/// True for what may be base64: long, and of nothing else.
pub fn is_base64(text: &str) -> bool {
    let text = encoded(text);
    text.len() >= LEAST && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&b))
}

/// The text without the tags of HTML that stand inside of words: a number may be half bold.
///
/// A tag with many digits in it is left, for it may say something itself.
pub fn without_inline_tags(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'<', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut kept = String::new();
    let mut rest = text;
    let mut from = first;
    while let Some(start) = rest.get(from..).and_then(|rest| rest.find('<')).map(|at| from + at) {
        let end = start + rest[start..].len().min(LONGEST_TAG);
        let end = memchr::memchr(b'>', &rest.as_bytes()[start..end]).map(|at| start + at);
        match end {
            Some(end) if is_inline(&rest[start + 1..end]) => {
                kept.push_str(&rest[..start]);
                rest = &rest[end + 1..];
                from = 0;
            }
            _ => from = start + 1,
        }
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// True for what stands between the marks of a tag that begins or ends something inside of a line.
fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').split([' ', '\t', '\n', '/']).next().unwrap_or_default();
    INLINE.contains(&name.to_ascii_lowercase().as_str()) && tag.bytes().filter(u8::is_ascii_digit).nth(8).is_none()
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
    fn tags_inside_of_words_are_left_out() {
        assert_eq!(without_inline_tags("<p>070761<b>-42</b><span style='x'>85</span>"), "<p>070761-4285");
        for text in ["a < b", "<", "<b", "<b ø", "x<br>y", "<a href='0707614285'>", "<span cpr=0707614285>", ""] {
            assert_eq!(without_inline_tags(text), text);
        }
    }

    #[test]
    fn base64_is_told_from_other_words() {
        assert!(is_base64("data:text/plain;base64,Qm9yZ2VyIG1lZCBjcHIgMTIw"));
        assert!(!is_base64("Qm9yZ2Vy") && !is_base64("en ganske almindelig sætning"));
    }
}
