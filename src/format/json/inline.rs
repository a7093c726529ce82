//! Tags of HTML in the strings of JSON, where they part what belongs together.

use std::borrow::Cow;

/// Elements of HTML that stand inside of a line.
const INLINE: [&str; 11] = ["b", "i", "u", "em", "strong", "span", "font", "mark", "small", "big", "s"];

/// Longest tag, in bytes.
const LONGEST_TAG: usize = 256;

/// The text without the tags of HTML that stand inside of words: a number may be half bold.
///
/// A tag with many digits in it is left, for it may say something itself.
pub fn without_tags(text: &str) -> Cow<'_, str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_inside_of_words_are_left_out() {
        assert_eq!(without_tags("<p>070761<b>-42</b><span style='x'>85</span>"), "<p>070761-4285");
        for text in ["a < b", "<", "<b", "<b ø", "x<br>y", "<a href='0707614285'>", "<span cpr=0707614285>", ""] {
            assert_eq!(without_tags(text), text);
        }
    }
}
