//! What stands between two quotation marks.

use memchr::memchr2;

/// Where the closing mark stands, if it does.
pub fn end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// The characters that are meant; an escape that is none stands as it is written.
pub fn unescaped(written: &str) -> String {
    if !written.contains('\\') {
        return written.to_owned();
    }
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (c, bytes) = escape(&rest[at..]);
        text.push(c);
        rest = &rest[at + bytes..];
    }
    text.push_str(rest);
    text
}

/// The character that the escape at the beginning of `rest` spells, and the bytes it takes.
fn escape(rest: &str) -> (char, usize) {
    let c = match rest.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b' | b'f') => ' ',
        Some(c @ (b'"' | b'\\' | b'/' | b'\'')) => char::from(*c),
        Some(b'u') => return unicode(rest).unwrap_or(('\\', 1)),
        _ => return ('\\', 1),
    };
    (c, 2)
}

/// `\u0031`, or two of them that are one character.
fn unicode(rest: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = rest.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let units = [Some(unit(0)?), unit(6)];
    match char::decode_utf16(units.into_iter().flatten()).next()? {
        Ok(c) => Some((c, 6 * c.len_utf16())),
        Err(_) => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_what_is_none_stands() {
        assert_eq!(unescaped(r"\u0030707614285 \/ \u2011 \ud83d\ude00"), "0707614285 / \u{2011} 😀");
        assert_eq!(unescaped(r"a\nb\q\u12\ud800x\"), "a\nb\\q\\u12\u{fffd}x\\");
    }

    #[test]
    fn a_mark_that_is_escaped_closes_nothing() {
        assert_eq!(end(br#"a\"b\\" c"#), Some(6));
        assert_eq!(end(br#"a\""#), None);
        assert_eq!(end(br"a\"), None);
    }
}
