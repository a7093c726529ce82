//! Tags as people and old programs write them.

use std::borrow::Cow;

use super::entity;

/// A tag between its angles.
#[derive(Clone, Debug)]
pub struct Tag<'t> {
    /// Its name in lower case, with its prefix.
    pub name: Cow<'t, str>,
    pub is_end: bool,
    written: &'t str,
}

impl<'t> Tag<'t> {
    /// A tag as it is written, without `<` and `>`.
    pub fn new(written: &'t str) -> Self {
        let (is_end, written) = match written.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, written),
        };
        let end = written.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(written.len());
        let (name, written) = written.split_at(end);
        Self { name: lowercase(name), is_end, written }
    }

    /// The value of an attribute, by its name in lower case.
    pub fn attribute(&self, name: &str) -> Option<Cow<'t, str>> {
        self.attributes().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Attributes that have a value, in their order, with references resolved.
    pub fn attributes(&self) -> impl Iterator<Item = (&'t str, Cow<'t, str>)> + use<'t> {
        Attributes(self.written).map(|(name, value)| (name, entity::unescape(value)))
    }
}

/// A name in lower case.
pub fn lowercase(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() }
}

struct Attributes<'t>(&'t str);

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.0.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/' || c == '=');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let Some(value) = after.trim_ascii_start().strip_prefix('=').map(str::trim_ascii_start) else {
                self.0 = after;
                continue;
            };
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (value, rest) = match quote {
                Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                None => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
            };
            self.0 = rest;
            return Some((name, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_however_they_are_quoted() {
        let tag = Tag::new("TD Class=a  title = 'x &gt; y' checked value=\"1\"data-cpr=2/");
        let told: Vec<_> = tag.attributes().collect();
        assert_eq!(tag.name, "td");
        assert_eq!(
            told,
            [("Class", "a".into()), ("title", "x > y".into()), ("value", "1".into()), ("data-cpr", "2/".into())]
        );
        assert_eq!(Tag::new("a x=\"1").attribute("x").as_deref(), Some("1"));
        assert!(Tag::new("/td").is_end);
    }
}
