//! Hides what is shaped like a CPR number before a name is written anywhere.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Serialize;

/// What stands in the place of a number.
const BLANK: &str = "xxxxxx-xxxx";

/// Day, month, year of two or four digits and serial, with up to three characters between that are neither letters nor
/// digits. Wider than the spellings that detection accepts, so that nothing found can slip through.
static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"([0-9０-９]{2})[^\pL\pN]{0,3}([0-9０-９]{2})[^\pL\pN]{0,3}(?:[0-9０-９]{2})?[0-9０-９]{2}",
        r"(?:[^\pL\pN]{0,4}|%[0-9A-Fa-f]{2}|&[#0-9a-zA-Z]{2,6};|\\u[0-9a-fA-F]{4})[0-9０-９]{4}",
    ))
    .expect("the shape is a constant")
});

/// Text that may be written: every stretch shaped like a CPR number is `xxxxxx-xxxx`.
///
/// It can still name people, so what holds it stays confidential.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Shown(String);

impl Shown {
    /// Blanks `name`. Bytes that are not UTF-8 become U+FFFD.
    pub fn new(name: &[u8]) -> Self {
        Self(blank(&String::from_utf8_lossy(name)))
    }

    /// A path of the command line.
    pub fn path(path: &std::path::Path) -> Self {
        Self::new(path.as_os_str().as_encoded_bytes())
    }

    /// As [`Shown::new`], cut to at most `chars` characters, with an ellipsis where something was cut.
    pub fn shortened(name: &[u8], chars: usize) -> Self {
        let Self(whole) = Self::new(name);
        match whole.char_indices().nth(chars) {
            Some((end, _)) => Self(format!("{}…", &whole[..end])),
            None => Self(whole),
        }
    }

    /// The blanked text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn blank(text: &str) -> String {
    if text.bytes().filter(u8::is_ascii_digit).take(10).count() < 10 && text.is_ascii() {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    // Overlapping shapes matter: a date before a number must not hide the number's own start.
    while let Some(found) = SHAPE.captures(rest) {
        let whole = found.get(0).expect("group 0 is the match");
        let before = shown_before(&shown, rest, whole.start());
        let after = rest[whole.end()..].chars().next();
        let alone = !before.is_some_and(char::is_numeric) && !after.is_some_and(char::is_numeric);
        if alone && is_date(&found) {
            shown.push_str(&rest[..whole.start()]);
            shown.push_str(BLANK);
            rest = &rest[whole.end()..];
        } else {
            let step = rest[whole.start()..].chars().next().map_or(1, char::len_utf8);
            shown.push_str(&rest[..whole.start() + step]);
            rest = &rest[whole.start() + step..];
        }
    }
    shown.push_str(rest);
    shown
}

/// The character before `start` in `rest`, or the last one already shown.
fn shown_before(shown: &str, rest: &str, start: usize) -> Option<char> {
    rest[..start].chars().next_back().or_else(|| shown.chars().next_back())
}

/// Day 1-31 or, in a replacement number, 61-91; month 1-12.
fn is_date(found: &Captures<'_>) -> bool {
    let number = |group: usize| {
        found[group].chars().fold(0, |n, c| {
            let digit = c.to_digit(10).unwrap_or_else(|| (c as u32).wrapping_sub('０' as u32));
            n * 10 + digit
        })
    };
    let (day, month) = (number(1), number(2));
    (1..=12).contains(&month) && ((1..=31).contains(&day) || (61..=91).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> String {
        Shown::new(name.as_bytes()).to_string()
    }

    #[test]
    fn every_spelling_is_blanked() {
        for spelled in [
            "0707614285",
            "070761-4285",
            "070761 4285",
            "070761–4285",
            "070761_4285",
            "07.07.61-4285",
            "07 07 61 4285",
            "07071961-4285",
            "070719614285",
            "070761 - 4285",
            "070761-\u{200b}4285",
            "６70761-4285",
            "０７０７６１-４２８５",
            "070761%2D4285",
            "070761&#45;4285",
            "070761\\u002d4285",
            "670761-4285",
        ] {
            assert_eq!(shown(&format!("Sag {spelled} Jensen")), "Sag xxxxxx-xxxx Jensen", "{spelled}");
        }
    }

    #[test]
    fn a_date_before_a_number_does_not_shield_it() {
        assert!(!shown("10-10-20 070761-4285").contains("4285"));
        assert!(!shown("sag%20070761-4285").contains("4285"));
    }

    #[test]
    fn names_without_numbers_stay_as_they_are() {
        for name in
            ["Fælles drev", "2019-03-12.txt", "Faktura 9912345678.pdf", "20190312-1405.jpg", "5790000000005 EAN"]
        {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(Shown::shortened("åååå".as_bytes(), 2).as_str(), "åå…");
    }
}
