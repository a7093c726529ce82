//! How a number is spelled: the shapes that make a candidate.
//!
//! A candidate is six digits of a date and four more, in any of the spellings of `docs/rules.md`. The shape decides: a
//! number inside a longer run of digits or letters, a decimal or a GUID is none. Whether a candidate is anything is for
//! the validator and the words beside it.

use std::ops::Range;

use super::runs::runs;
use crate::model::{Encoding, Text};

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
    /// A hyphen, plus or digit group stands against it, as in `12-070761-4285-01`.
    pub goes_on: bool,
}

/// Bytes before a run of digits that can belong to the same number or decide whether it is one.
const BEFORE: usize = 48;

/// Bytes after it that can.
const AFTER: usize = 32;

/// Calls `found` with every candidate whose last byte the text owns, in the order of their places.
pub fn search(text: &Text<'_>, mut found: impl FnMut(Candidate)) {
    let mut window = Window::default();
    let comma = text.delimited.is_some_and(|delimited| delimited.delimiter == b',');
    runs(text.bytes, text.encoding, &text.own, |run| {
        if !is_promising(text.bytes, text.encoding, &run) {
            return;
        }
        window.fill(text, &run);
        if let Some(candidate) = window.spelled(comma) {
            found(candidate);
        }
    });
}

/// A cheap look that drops nearly all runs that are no candidate; none that is one.
fn is_promising(bytes: &[u8], encoding: Encoding, run: &Range<usize>) -> bool {
    let unit = encoding.unit();
    let length = run.len() / unit;
    let digit = |i: usize| u32::from(bytes[run.start + i * unit + usize::from(encoding == Encoding::Utf16Be)] - b'0');
    let date = |from: usize| {
        let (day, month) = (digit(from) * 10 + digit(from + 1), digit(from + 2) * 10 + digit(from + 3));
        (1..=12).contains(&month) && ((1..=31).contains(&day) || (61..=91).contains(&day))
    };
    let before = &bytes[run.start.saturating_sub(BEFORE / 2 * unit)..run.start];
    // The digits of `%20` and `\u00a0` stand against the number's own.
    let escaped = before.iter().rev().take(6 * unit).any(|b| matches!(b, b'%' | b'\\'));
    match length {
        10 | 12 if date(0) => true,
        9 => true,
        4 if !escaped => may_join(before, encoding) && before.iter().rev().take(12 * unit).any(u8::is_ascii_digit),
        // An invisible character may part what belongs together.
        _ => escaped || length < 10 && before.last().is_some_and(|&b| !b.is_ascii()),
    }
}

/// True when the last byte can end what stands between date and serial: a separator or an escape of one.
fn may_join(before: &[u8], encoding: Encoding) -> bool {
    encoding.unit() == 2
        || before.last().is_some_and(|&b| {
            !b.is_ascii()
                || matches!(b, b' ' | b'-' | b'_' | b'.' | b'/' | b'\t' | b'\n' | b';' | b'd' | b'D' | b't' | b'n')
        })
}

/// The characters round a run of digits, escapes resolved and invisible characters left out.
#[derive(Default)]
struct Window {
    glyphs: Vec<Glyph>,
    /// Index of the last digit of the run.
    last: usize,
}

#[derive(Clone, Copy)]
struct Glyph {
    c: char,
    start: usize,
    end: usize,
}

impl Window {
    fn fill(&mut self, text: &Text<'_>, run: &Range<usize>) {
        let (bytes, encoding) = (text.bytes, text.encoding);
        let unit = encoding.unit();
        let start = encoding.char_start(bytes, run.start.saturating_sub(BEFORE * unit));
        let end = (run.end + AFTER * unit).min(bytes.len());
        self.glyphs.clear();
        self.last = 0;
        let mut at = start;
        while at < end {
            let Some((c, length)) = encoding.char_at(bytes, at) else { break };
            let (c, length) = match c {
                '%' | '\\' | '&' | '=' => escape(bytes, encoding, at).unwrap_or((c, length)),
                _ => (c, length),
            };
            if !is_invisible(c) {
                self.glyphs.push(Glyph { c, start: at, end: at + length });
            }
            at += length;
            if at == run.end {
                self.last = self.glyphs.len().saturating_sub(1);
            }
        }
    }

    fn c(&self, at: isize) -> Option<char> {
        usize::try_from(at).ok().and_then(|at| self.glyphs.get(at)).map(|glyph| glyph.c)
    }

    fn is_digit(&self, at: isize) -> bool {
        self.c(at).is_some_and(|c| c.is_ascii_digit())
    }

    /// How many digits stand together, the last at `at`.
    fn digits_to(&self, at: isize) -> isize {
        (0..).take_while(|&back| self.is_digit(at - back)).count() as isize
    }

    /// The candidate whose serial ends the run.
    fn spelled(&self, comma: bool) -> Option<Candidate> {
        let last = self.last as isize;
        let run = self.digits_to(last);
        if run < 4 || !self.ends_well(last, comma) {
            return None;
        }
        let serial = last - 3;
        let (date, spelling) = if run > 4 { self.joined(serial - 1, run - 4)? } else { self.parted(serial - 1)? };
        let spelling = Spelling { goes_on: self.goes_on(date.start, last), ..spelling };
        if !self.begins_well(date.start, comma) || self.is_guid(last) {
            return None;
        }
        let mut digits = [0; 10];
        for (digit, at) in digits.iter_mut().zip(date.digits.into_iter().chain(serial..=last)) {
            *digit = self.c(at).filter(char::is_ascii_digit).map_or(0, |c| c as u8 - b'0');
        }
        let span = self.glyphs[date.start as usize].start..self.glyphs[last as usize].end;
        Some(Candidate { digits, span, spelling })
    }

    /// `0707614285`, `070719614285`, `707614285`: date and serial without anything between, the date's last digit at
    /// `at` and `length` digits long.
    fn joined(&self, at: isize, length: isize) -> Option<(DateAt, Spelling)> {
        self.date(at, length, false)
    }

    /// `070761-4285` and all spellings with something before the serial, which begins after `at`.
    fn parted(&self, at: isize) -> Option<(DateAt, Spelling)> {
        let join = self.join(at)?;
        let at = at - join.length;
        let length = self.digits_to(at);
        let spelled = match length {
            5 if !join.hyphen => return None,
            5 | 6 | 8 => self.date(at, length, true)?,
            2 | 4 if join.hyphen || join.space => self.parted_date(at, length, join)?,
            _ => return None,
        };
        Some(spelled)
    }

    /// A date without anything between its groups: `070761`, `07071961`, `70761`.
    fn date(&self, at: isize, length: isize, separated: bool) -> Option<(DateAt, Spelling)> {
        let start = at + 1 - length;
        let spelling = Spelling { separated, ..Spelling::default() };
        match length {
            6 => Some((DateAt { start, digits: std::array::from_fn(|i| start + i as isize) }, spelling)),
            8 => {
                let digits = [start, start + 1, start + 2, start + 3, start + 6, start + 7];
                let year = self.year(start + 4);
                Some((DateAt { start, digits }, Spelling { year: Some(year), ..spelling }))
            }
            // The lost zero stands at -1, where there is no glyph.
            5 => {
                let digits = [-1, start, start + 1, start + 2, start + 3, start + 4];
                Some((DateAt { start, digits }, Spelling { zero_lost: true, ..spelling }))
            }
            _ => None,
        }
    }

    /// A date with the same character between its groups: `07.07.61`, `07-07-1961`, `07 07 61`.
    fn parted_date(&self, at: isize, length: isize, join: Join) -> Option<(DateAt, Spelling)> {
        let year = at + 1 - length;
        let between = self.c(year - 1)?;
        let (month, day) = (year - 3, year - 6);
        let space = between == ' ' || between == '\u{a0}';
        let fits = matches!(between, '.' | '/') || is_hyphen(between) || space;
        let groups = self.c(day + 2) == Some(between) && self.digits_to(month + 1) == 2 && self.digits_to(day + 1) == 2;
        if !fits || !groups || (join.space && !join.hyphen && !space && between != '.' && !is_hyphen(between)) {
            return None;
        }
        // A group of digits before spaced pairs makes them a part of a longer spaced number.
        if space && self.c(day - 1) == Some(between) && self.is_digit(day - 2) {
            return None;
        }
        let last_two = at - 1;
        let digits = [day, day + 1, month, month + 1, last_two, at];
        let year = (length == 4).then(|| self.year(year));
        Some((DateAt { start: day, digits }, Spelling { separated: true, year, ..Spelling::default() }))
    }

    fn year(&self, at: isize) -> i16 {
        (at..at + 4).fold(0, |year, at| year * 10 + self.c(at).map_or(0, |c| i16::from(c as u8 - b'0')))
    }

    /// What stands between date and serial, ending at `at`: one separator, a hyphen with a space on either side, or a
    /// hyphen and a line end.
    fn join(&self, at: isize) -> Option<Join> {
        let mut length = 0;
        let mut spaces = [0, 0];
        let mut hyphens = 0;
        let mut line_ends = 0;
        while let Some(c) = self.c(at - length).filter(|c| !c.is_ascii_digit()) {
            match c {
                ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\t' => {
                    spaces[usize::from(hyphens > 0)] += 1;
                }
                '\n' if hyphens == 0 => line_ends += 1,
                '\r' if line_ends == 1 => {}
                '_' | '.' | '/' if length == 0 => return Some(Join { length: 1, hyphen: false, space: false }),
                _ if is_hyphen(c) && hyphens == 0 => hyphens = 1,
                _ => return None,
            }
            length += 1;
            if length > 8 {
                return None;
            }
        }
        let [after, before] = spaces;
        let fits = match (hyphens, line_ends) {
            (0, 0) => after == 1,
            (1, 0) => after <= 1 && before <= 1,
            (1, 1) => before == 0 && after <= 4,
            _ => false,
        };
        fits.then_some(Join { length, hyphen: hyphens == 1, space: hyphens == 0 })
    }

    /// True when what stands before `start` lets a number begin there.
    fn begins_well(&self, start: isize, comma: bool) -> bool {
        match self.c(start - 1) {
            None => true,
            Some('.') => !self.is_digit(start - 2),
            Some(',') => comma || !self.is_digit(start - 2) || self.digits_to(start - 2) >= 6,
            Some(c) => !c.is_alphanumeric() || self.glued_label(start - 1),
        }
    }

    /// True when the letters that end at `at` are a label: `CPR0707614285`.
    fn glued_label(&self, at: isize) -> bool {
        let letters: String =
            (0..8).map_while(|back| self.c(at - back).filter(|c| c.is_alphabetic())).collect::<String>();
        matches!(letters.to_ascii_lowercase().as_str(), "rpc" | "rnrpc" | "rn" | "rnp")
    }

    /// True when what stands after `last` lets a number end there.
    fn ends_well(&self, last: isize, comma: bool) -> bool {
        match self.c(last + 1) {
            None => true,
            // `.0` is what a program adds to a number without decimals.
            Some('.') => !self.is_digit(last + 2) || self.c(last + 2) == Some('0') && !self.is_digit(last + 3),
            Some(',') => {
                let after = (2..).take_while(|&ahead| self.is_digit(last + ahead)).count();
                comma || after == 0 || after >= 6
            }
            Some(c) => !c.is_alphanumeric(),
        }
    }

    fn goes_on(&self, start: isize, last: isize) -> bool {
        let before = self.c(start - 1).is_some_and(|c| c == '+' || is_hyphen(c) && self.is_alphanumeric(start - 2));
        let after = self.c(last + 1).is_some_and(is_hyphen) && self.is_digit(last + 2);
        before || after
    }

    fn is_alphanumeric(&self, at: isize) -> bool {
        self.c(at).is_some_and(char::is_alphanumeric)
    }

    /// True when the serial is the second group of a GUID: four hexadecimal digits and another hyphen follow.
    fn is_guid(&self, last: isize) -> bool {
        self.c(last + 1) == Some('-')
            && (2..6).all(|ahead| self.c(last + ahead).is_some_and(|c| c.is_ascii_hexdigit()))
            && self.c(last + 6) == Some('-')
    }
}

/// Where a date stands in a window.
struct DateAt {
    start: isize,
    /// Indices of day, month and the last two digits of the year; -1 for a lost zero.
    digits: [isize; 6],
}

/// What stands between date and serial.
#[derive(Clone, Copy)]
struct Join {
    length: isize,
    hyphen: bool,
    space: bool,
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐'..='―' | '−' | '﹣' | '－')
}

/// Characters that show nothing: soft hyphen, zero-width space and its kin.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The character that an escape of URL, JSON, source code, markup or quoted-printable spells, and its length in bytes.
fn escape(bytes: &[u8], encoding: Encoding, at: usize) -> Option<(char, usize)> {
    let unit = encoding.unit();
    let mut ascii = [0; 10];
    let mut length = 0;
    for slot in &mut ascii {
        match encoding.char_at(bytes, at + length * unit) {
            Some((c, _)) if c.is_ascii() => *slot = c as u8,
            _ => break,
        }
        length += 1;
    }
    let ascii = std::str::from_utf8(&ascii[..length]).ok()?;
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    let (c, length) = match ascii.as_bytes() {
        [b'%', ..] => (hex(ascii.get(1..3)?).filter(char::is_ascii)?, 3),
        [b'\\', b'u', ..] => (hex(ascii.get(2..6)?)?, 6),
        [b'\\', b'n' | b'r', ..] => ('\n', 2),
        [b'\\', b't', ..] => ('\t', 2),
        // Only the hyphen: `=20` could as well begin a number after an equals sign.
        [b'=', b'2', b'D', ..] => ('-', 3),
        [b'&', ..] => {
            let end = ascii.find(';')?;
            (entity(&ascii[1..end])?, end + 1)
        }
        _ => return None,
    };
    Some((c, length * unit))
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "nbsp" => Some('\u{a0}'),
        "shy" => Some('\u{ad}'),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "minus" => Some('−'),
        "hyphen" => Some('‐'),
        "thinsp" => Some('\u{2009}'),
        _ => match name.strip_prefix('#')? {
            hex if hex.starts_with(['x', 'X']) => number(&hex[1..], 16),
            decimal => number(decimal, 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Delimited, Places};

    fn spelled_in(text: &[u8], encoding: Encoding, delimited: Option<&Delimited>) -> Vec<(String, Spelling)> {
        let parts = std::sync::Arc::from([]);
        let text =
            Text { bytes: text, encoding, own: 0..text.len(), parts: &parts, places: Places::Lines(1), delimited };
        let mut found = Vec::new();
        search(&text, |candidate| {
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
            "1.0707614285",
            "0,0707614285",
            "0707614285,50",
            "0707614285.75",
            "24071998-0304-9543-5056-531953611642",
            "030409-280420",
            "20180918190652",
            "12 07 07 61 4285",
            "070761\u{1f}4285",
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
    fn a_comma_between_fields_is_no_decimal_sign() {
        let fields = Delimited { table: 1, delimiter: b',', headings: Vec::new() };
        let text = b"12,0707614285,807";
        assert_eq!(spelled_in(text, Encoding::Utf8, Some(&fields)).len(), 1);
        assert_eq!(spelled_in(text, Encoding::Utf8, None).len(), 0);
        assert_eq!(spelled("0707614285,0811620003").len(), 2);
    }
}
