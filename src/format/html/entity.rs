//! What references to characters stand for.

use std::borrow::Cow;

/// Names of the characters from U+00A0 on, in their order. HTML 4.01, section 24.2.
static LATIN: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf", "laquo", "not", "shy",
    "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm",
    "raquo", "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig",
    "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve",
    "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute", "THORN",
    "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil", "egrave", "eacute", "ecirc",
    "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml",
    "divide", "oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
];

/// Others that stand in letters and forms.
static OTHERS: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hyphen", '\u{2010}'),
    ("dash", '\u{2010}'),
    ("minus", '\u{2212}'),
    ("horbar", '\u{2015}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("bull", '•'),
    ("hellip", '…'),
    ("euro", '€'),
    ("trade", '™'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("Scaron", 'Š'),
    ("scaron", 'š'),
    ("Yuml", 'Ÿ'),
    ("period", '.'),
    ("comma", ','),
    ("colon", ':'),
    ("semi", ';'),
    ("sol", '/'),
    ("lpar", '('),
    ("rpar", ')'),
    ("num", '#'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("commat", '@'),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
];

/// Longest reference, in bytes.
pub const REFERENCE_BYTES: usize = 32;

/// The character that the reference at the beginning of `text` stands for, and its length. Its semicolon may be missing.
pub fn resolve(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix('&')?;
    let (name, digits) = match body.strip_prefix('#') {
        Some(number) => (number, true),
        None => (body, false),
    };
    let length = name.bytes().take(REFERENCE_BYTES).take_while(u8::is_ascii_alphanumeric).count();
    let name = &name[..length];
    let (c, used) = if digits { number(name)? } else { (named(name)?, length) };
    let end = 1 + usize::from(digits) + used;
    Some((c, end + usize::from(text[end..].starts_with(';'))))
}

fn number(name: &str) -> Option<(char, usize)> {
    let (digits, base, before) = match name.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (name, 10, 0),
    };
    let length = digits.chars().take_while(|c| c.is_digit(base)).count();
    let code = u32::from_str_radix(&digits[..length], base).ok()?;
    // Numbers of Windows-1252, as browsers read them.
    let c = match code {
        0x80..0xa0 => encoding_rs::WINDOWS_1252.decode(&[code as u8]).0.chars().next()?,
        _ => char::from_u32(code)?,
    };
    Some((c, before + length))
}

fn named(name: &str) -> Option<char> {
    let latin = LATIN.iter().position(|known| *known == name);
    latin
        .and_then(|at| char::from_u32(0xa0 + at as u32))
        .or_else(|| OTHERS.iter().find(|(known, _)| *known == name).map(|(_, c)| *c))
}

/// A text with its references resolved; those that are unknown stand as they are written.
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let (before, mut rest) = text.split_at(first);
    let mut plain = before.to_owned();
    while let Some(c) = rest.chars().next() {
        let (c, length) = if c == '&' { resolve(rest).unwrap_or((c, 1)) } else { (c, c.len_utf8()) };
        plain.push(c);
        rest = &rest[length..];
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_with_and_without_their_end() {
        assert_eq!(unescape("B&oslash;rn &AElig;&#248;&#xE5;&#x2D;&ndash;&nbsp;"), "Børn Æøå-–\u{a0}");
        assert_eq!(unescape("&#48;&#55&#x37 &aring &#150;"), "077 å –");
        assert_eq!(unescape("a & b &unknown; &#; &#xffffffff; &"), "a & b &unknown; &#; &#xffffffff; &");
    }
}
