//! How a number is spelled: the shapes that make a candidate.
//!
//! A candidate is six digits of a date and four more, in any of the spellings of `docs/rules.md`. The shape decides: a
//! number inside a longer run of digits or letters, a decimal or a GUID is none. Whether a candidate is anything is for
//! the validator and the words beside it.

use std::ops::Range;

use super::glance::{Glance, glance};
use super::runs::{Digits, runs};
use super::window::Window;
use crate::model::{Places, Text};

/// Something spelled like a number of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Day, month, year of two digits and serial; each 0 to 9.
    pub digits: [u8; 10],
    /// Where it stands, in bytes of the text.
    pub span: Range<usize>,
    /// How it is spelled.
    pub spelling: Spelling,
}

/// How a candidate is spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    /// Something stands between its groups.
    pub separated: bool,
    /// The year, where it is spelled with four digits.
    pub year: Option<i16>,
    /// Nine digits: a program that took it for a number dropped the leading zero.
    pub zero_lost: bool,
    /// Date and serial stand in two cells side by side.
    pub two_cells: bool,
    /// A hyphen, plus or digit group stands against it, as in `12-070761-4285-01`.
    pub goes_on: bool,
}

impl Spelling {
    /// Ten digits with nothing to tell them from any other ten digits.
    pub fn is_bare(self) -> bool {
        !self.separated && self.year.is_none() && !self.zero_lost && !self.two_cells
    }
}

/// What the search comes upon.
pub enum Found {
    /// Something spelled like a number of a person.
    Candidate(Candidate),
    /// Ten digits that begin with no date.
    OtherTens {
        /// How often, where it makes no difference where they stand; else once.
        count: u32,
        /// At this byte of the text.
        offset: usize,
    },
}

/// Calls `found` with every candidate whose last byte the text owns, in the order of their places.
pub fn search(text: &Text<'_>, mut found: impl FnMut(Found)) {
    let mut window = Window::default();
    let delimiter = text.delimited.map(|delimited| char::from(delimited.delimiter));
    // Lines have no columns that ten digits are counted in.
    let counted = matches!(text.places, Places::Lines(_));
    runs(text.bytes, text.encoding, &text.own, counted, |digits| {
        let run = match digits {
            Digits::Run(run) => run,
            Digits::OtherTens(count) => return found(Found::OtherTens { count, offset: text.own.start }),
        };
        match glance(text, &run) {
            Glance::Promising => {}
            Glance::OtherTen => return found(Found::OtherTens { count: 1, offset: run.bytes.start }),
            Glance::Nothing => return,
        }
        window.fill(text, &run.bytes);
        if let Some(candidate) = window.spelled(delimiter) {
            found(Found::Candidate(candidate));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Delimited, Encoding, Places};

    fn spelled_in(text: &[u8], encoding: Encoding, delimited: Option<&Delimited>) -> Vec<(String, Spelling)> {
        let parts = std::sync::Arc::from([]);
        let text =
            Text { bytes: text, encoding, own: 0..text.len(), parts: &parts, places: Places::Lines(1), delimited };
        let mut found = Vec::new();
        search(&text, |came_upon| {
            let Found::Candidate(candidate) = came_upon else { return };
            let digits = candidate.digits.iter().map(|d| char::from(d + b'0')).collect();
            found.push((digits, candidate.spelling));
        });
        found
    }

    fn spelled(text: &str) -> Vec<String> {
        spelled_in(text.as_bytes(), Encoding::Utf8, None).into_iter().map(|(digits, _)| digits).collect()
    }

    #[test]
    fn every_spelling_is_a_candidate() {
        for text in [
            "070761-4285",
            "0707614285",
            "070761 4285",
            "070761\u{a0}4285",
            "070761\u{2009}4285",
            "070761–4285",
            "070761‑4285",
            "070761‐4285",
            "070761−4285",
            "070761—4285",
            "070761 - 4285",
            "070761- 4285",
            "070761 -4285",
            "070761.4285",
            "070761/4285",
            "070761_4285",
            "070761\u{fffd}4285",
            "070761\t4285",
            "070761\u{ad}4285",
            "070761\u{ad}-4285",
            "070761-\u{200b}4285",
            "070761-\n4285",
            "070761-\r\n4285",
            "07.07.61-4285",
            "07-07-61-4285",
            "07/07/61-4285",
            "07 07 61 4285",
            "07.07.1961-4285",
            "07.07.1961 4285",
            "07071961-4285",
            "070719614285",
            "07-07-1961 - 4285",
            "CPR-nr.070761-4285",
            "cpr:0707614285,",
            "(070761-4285)",
            "CPR0707614285",
            "0707614285.pdf",
            "id=0707614285",
            "Sag_070761_4285_Ellen",
            "barn%20cpr%20070761-4285",
            "cpr%20070761%2D4285",
            r"cpr 070761\u002d4285",
            "cpr 070761&#x2D;4285",
            "070761&#8209;4285",
            "070761&nbsp;4285",
            r"\n070761-4285\n",
            r"070761\u00a04285",
            r"070761-\u200b4285",
            r"070761\u20134285",
            "cpr 070761=2D4285",
            "^^0707614285^^",
            "+0707614285:::",
            "\u{1f}070761-4285\u{1f}",
            "12-070761-4285",
            "070761--4285",
            "07–07–61-4285",
            "07\u{a0}07\u{a0}61 4285",
            "Jensen070761-4285.pdf",
            "cpr 1,070761-4285",
            "Karla,070761-4285,12",
            "Karla,0707614285,24.12.2021",
        ] {
            assert_eq!(spelled(text), ["0707614285"], "{text:?}");
        }
    }

    #[test]
    fn shapes_that_are_none_are_no_candidates() {
        for text in [
            "070761-42850",
            "1070761-4285",
            "070761-428",
            "070761-428A",
            "5790707614285",
            "070761-xxxx",
            "070761-",
            "a1b2c0707614285d4",
            "3f0707614285",
            "DK0707614285",
            "Jensen0707614285",
            "ab070761-4285",
            "3fx070761-4285",
            "070761---4285",
            "1961-07-07-4285",
            "1.0707614285",
            "0,0707614285",
            "0707614285,50",
            "0707614285.75",
            "24071998-0304-9543-5056-531953611642",
            "030409-280420",
            "20180918190652",
            "12 07 07 61 4285",
            "070761;4285",
            "070761\n4285",
            "070761  4285",
            "07.07/61-4285",
            "3.012.389.379",
        ] {
            assert_eq!(spelled(text), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn encodings_spell_alike() {
        for text in ["cpr 070761-4285 år", "070761–4285", "070761\u{a0}4285", "070761\u{ad}4285"] {
            let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
            let latin = encoding_rs::WINDOWS_1252.encode(text).0;
            for (bytes, encoding) in [
                (wide(u16::to_le_bytes), Encoding::Utf16Le),
                (wide(u16::to_be_bytes), Encoding::Utf16Be),
                (latin.to_vec(), Encoding::Windows1252),
            ] {
                assert_eq!(spelled_in(&bytes, encoding, None)[0].0, "0707614285", "{text:?} {encoding:?}");
            }
        }
    }

    #[test]
    fn a_spelling_tells_what_is_odd_about_it() {
        let spelling = |text: &str| spelled_in(text.as_bytes(), Encoding::Utf8, None)[0].1;
        assert_eq!(spelling("07071961-4285").year, Some(1961));
        assert!(spelling("70761-4285").zero_lost && spelling("707614285").zero_lost);
        assert!(spelling("0707614285-01").goes_on && spelling("2019-070761-4285").goes_on);
        assert!(!spelling("070761-4285-Jens.pdf").goes_on);
    }

    #[test]
    fn date_and_serial_in_two_cells_are_told_as_such() {
        let fields = Delimited { table: 1, delimiter: b';', headings: Vec::new() };
        for text in [
            "x;070761;4285;y",
            "\"070761\";\"4285\"",
            "07.07.1961;4285",
            "070761\u{1f}4285",
            "07-07-61\u{1f}4285",
            "1961-07-07;4285",
            "070761   ; 4285",
        ] {
            let found = spelled_in(text.as_bytes(), Encoding::Utf8, Some(&fields));
            assert!(found.len() == 1 && found[0].1.two_cells, "{text:?}: {found:?}");
        }
        assert!(!spelled_in(b"x;070761-4285 ; 4286", Encoding::Utf8, Some(&fields))[0].1.two_cells);
    }

    #[test]
    fn a_comma_between_fields_is_no_decimal_sign() {
        let fields = Delimited { table: 1, delimiter: b',', headings: Vec::new() };
        let text = b"12,0707614285,807";
        assert_eq!(spelled_in(text, Encoding::Utf8, Some(&fields)).len(), 1);
        assert_eq!(spelled_in(text, Encoding::Utf8, None).len(), 0);
        assert_eq!(spelled("0707614285,0811620003").len(), 2);
    }
}
