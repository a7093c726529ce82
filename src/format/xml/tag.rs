//! Tags with their attributes, and what references stand for.

use std::borrow::Cow;
use std::ops::Range;

/// The beginning of an element.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'x> {
    /// What the name is prefixed with; empty when it is not.
    pub prefix: &'x str,
    /// The name of the element, without its prefix.
    pub name: &'x str,
    /// Its attributes as they are written.
    pub(super) written: &'x str,
}

impl<'x> Tag<'x> {
    /// The value of the attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<Cow<'x, str>> {
        self.attributes().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Names and values in the order in which they stand, declarations of namespaces left out.
    pub fn attributes(&self) -> impl Iterator<Item = (&'x str, Cow<'x, str>)> + use<'x> {
        self.prefixed_attributes().map(|(name, value)| (&name[local(name, 0..name.len())], value))
    }

    /// As [`Tag::attributes`], with the prefixes of the names.
    pub fn prefixed_attributes(&self) -> impl Iterator<Item = (&'x str, Cow<'x, str>)> + use<'x> {
        let written = Attributes(self.written).filter(|(name, _)| !name.starts_with("xmlns"));
        written.map(|(name, value)| (name, unescape(value)))
    }
}

/// Attributes as they are written. What is none ends them.
pub struct Attributes<'x>(pub &'x str);

impl<'x> Iterator for Attributes<'x> {
    type Item = (&'x str, &'x str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.0.as_bytes();
        let equals = bytes.iter().position(|b| *b == b'=')?;
        let start = equals + 2 + bytes[equals + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let quote = *bytes.get(start - 1).filter(|quote| matches!(quote, b'"' | b'\''))?;
        let end = start + bytes[start..].iter().position(|b| *b == quote)?;
        let found = (self.0[..equals].trim_ascii(), &self.0[start..end]);
        self.0 = &self.0[end + 1..];
        Some(found)
    }
}

/// Where a name stands without its prefix.
pub fn local(text: &str, name: Range<usize>) -> Range<usize> {
    let prefix = text.as_bytes()[name.clone()].iter().position(|b| *b == b':');
    name.start + prefix.map_or(0, |colon| colon + 1)..name.end
}

/// The character that a reference stands for: one of the five entities, or a number.
pub fn resolve(reference: &str) -> Option<char> {
    let number = |digits: &str, base| char::from_u32(u32::from_str_radix(digits, base).ok()?);
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match reference.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(&reference[1..], 10),
        },
    }
}

/// The value of an attribute with its references resolved; those that are unknown stand as they are written.
fn unescape(value: &str) -> Cow<'_, str> {
    if !value.as_bytes().contains(&b'&') {
        return Cow::Borrowed(value);
    }
    let mut pieces = value.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(';').and_then(|(reference, after)| Some((resolve(reference)?, after))) {
            Some((c, after)) => {
                text.push(c);
                text.push_str(after);
            }
            None => text.extend(["&", piece]),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(written: &str) -> Vec<(&str, Cow<'_, str>)> {
        Tag { prefix: "", name: "a", written }.attributes().collect()
    }

    #[test]
    fn attributes_lose_their_prefix_and_keep_their_order() {
        assert_eq!(
            tag(r#" w:val="1" b = '2>"' xmlns:w="urn:x" c="""#),
            [("val", "1".into()), ("b", "2>\"".into()), ("c", "".into())]
        );
    }

    #[test]
    fn what_is_no_attribute_ends_them() {
        assert_eq!(tag(r#" a="1" b=2 c="3""#), [("a", "1".into())]);
        assert_eq!(tag(r#" a="1" b="#), [("a", "1".into())]);
        assert_eq!(tag(r#" a="1" b="2"#), [("a", "1".into())]);
        assert!(tag(" a").is_empty());
    }

    #[test]
    fn references_in_values_are_resolved_once() {
        assert_eq!(unescape("a&amp;lt;&#x2D;&#45;&quot;"), "a&lt;--\"");
        assert_eq!(unescape("x & y &unknown; &"), "x & y &unknown; &");
        assert!(matches!(unescape("070761-4285"), Cow::Borrowed(_)));
    }

    #[test]
    fn numbers_that_are_no_characters_are_unknown() {
        assert_eq!([resolve("#x110000"), resolve("#xd800"), resolve("#"), resolve("#-1")], [None; 4]);
    }
}
