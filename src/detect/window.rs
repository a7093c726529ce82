//! The characters round a run of digits, and the number that they spell.

use std::ops::Range;

use super::candidate::{Candidate, Spelling};
use super::escape::escape;
use crate::model::{CELL_BREAK, Text};

/// Code units before a run of digits that can belong to the same number or decide whether it is one.
const BEFORE: usize = 48;

/// Code units after it that can.
const AFTER: usize = 32;

/// Code units round a run of ASCII that decide as much as the wider ones do when nothing there needs decoding.
const NEAR: Range<usize> = Range { start: 40, end: 12 };

/// Spaces that fill up a field before or behind a border of cells, at most.
const LONGEST_FILLING: isize = 8;

/// The characters round a run of digits, escapes resolved and invisible characters left out.
#[derive(Default)]
pub struct Window<'t> {
    glyphs: Vec<Glyph>,
    /// The window as it lies when all in it is plain ASCII; then there are no glyphs.
    plain: Option<Plain<'t>>,
    /// Index of the last digit of the run.
    last: usize,
}

#[derive(Clone, Copy)]
struct Glyph {
    c: char,
    start: usize,
    end: usize,
}

/// Text of one byte a character.
#[derive(Clone, Copy)]
struct Plain<'t> {
    bytes: &'t [u8],
    /// Where it begins in the text.
    start: usize,
}

impl<'t> Window<'t> {
    /// Takes what stands round `run`.
    pub fn fill(&mut self, text: &Text<'t>, run: &Range<usize>) {
        self.plain = plain(text, run);
        match &self.plain {
            Some(plain) => self.last = run.end - plain.start - 1,
            None => self.decode(text, run),
        }
    }

    fn decode(&mut self, text: &Text<'_>, run: &Range<usize>) {
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
                // Full-width digits, as Chinese and Japanese input methods write them.
                '０'..='９' => (char::from(b'0' + (c as u32 - '０' as u32) as u8), length),
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

    /// The bytes of the text from the glyph at `first` to that at `last`.
    fn span(&self, first: isize, last: isize) -> Range<usize> {
        let (first, last) = (first as usize, last as usize);
        match &self.plain {
            Some(plain) => plain.start + first..plain.start + last + 1,
            None => self.glyphs[first].start..self.glyphs[last].end,
        }
    }

    #[inline]
    fn c(&self, at: isize) -> Option<char> {
        let at = usize::try_from(at).ok()?;
        match &self.plain {
            Some(plain) => plain.bytes.get(at).map(|&byte| char::from(byte)),
            None => self.glyphs.get(at).map(|glyph| glyph.c),
        }
    }

    fn is_digit(&self, at: isize) -> bool {
        self.c(at).is_some_and(|c| c.is_ascii_digit())
    }

    /// How many digits stand together, the last at `at`.
    fn digits_to(&self, at: isize) -> isize {
        (0..).take_while(|&back| self.is_digit(at - back)).count() as isize
    }

    /// The candidate whose serial ends the run.
    pub fn spelled(&self, delimiter: Option<char>) -> Option<Candidate> {
        let last = self.last as isize;
        let run = self.digits_to(last);
        if run < 4 || !self.ends_well(last, run, delimiter) {
            return None;
        }
        let serial = last - 3;
        let (date, spelling) =
            if run > 4 { self.joined(serial - 1, run - 4)? } else { self.parted(serial - 1, delimiter)? };
        let spelling = Spelling { goes_on: self.goes_on(date.start, last), ..spelling };
        if !self.begins_well(date.start, serial, delimiter) || self.is_guid(last) {
            return None;
        }
        let mut digits = [0; 10];
        for (digit, at) in digits.iter_mut().zip(date.digits.into_iter().chain(serial..=last)) {
            *digit = self.c(at).filter(char::is_ascii_digit).map_or(0, |c| c as u8 - b'0');
        }
        let span = self.span(date.start, last);
        Some(Candidate { digits, span, spelling })
    }

    /// `0707614285`, `070719614285`, `707614285`: date and serial without anything between, the date's last digit at
    /// `at` and `length` digits long.
    fn joined(&self, at: isize, length: isize) -> Option<(DateAt, Spelling)> {
        self.date(at, length, false)
    }

    /// `070761-4285` and all spellings with something before the serial, which begins after `at`.
    fn parted(&self, at: isize, delimiter: Option<char>) -> Option<(DateAt, Spelling)> {
        let join = self.cell_join(at, delimiter).or_else(|| self.join(at))?;
        let at = at - join.length;
        let length = self.digits_to(at);
        let (date, spelling) = match length {
            5 if !join.hyphen => return None,
            5 | 6 | 8 => self.date(at, length, true)?,
            2 if join.cells && self.digits_to(at - 6) == 4 => self.date_of_a_program(at)?,
            2 | 4 if join.hyphen || join.space || join.cells => self.parted_date(at, length, join)?,
            _ => return None,
        };
        Some((date, Spelling { two_cells: join.cells, ..spelling }))
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

    /// A date as programs write it, `1961-07-07`, the last digit of its day at `at`.
    fn date_of_a_program(&self, at: isize) -> Option<(DateAt, Spelling)> {
        let (year, month, day) = (at - 9, at - 4, at - 1);
        if self.c(day - 1) != Some('-') || self.c(month - 1) != Some('-') || self.digits_to(month + 1) != 2 {
            return None;
        }
        let digits = [day, day + 1, month, month + 1, year + 2, year + 3];
        let year_of_four = Some(self.year(year));
        Some((DateAt { start: year, digits }, Spelling { separated: true, year: year_of_four, ..Spelling::default() }))
    }

    fn year(&self, at: isize) -> i16 {
        (at..at + 4).fold(0, |year, at| year * 10 + self.c(at).map_or(0, |c| i16::from(c as u8 - b'0')))
    }

    /// The border between two cells that ends at `at`, with the quotation marks of a csv, or with the spaces that fill
    /// its fields up.
    fn cell_join(&self, at: isize, delimiter: Option<char>) -> Option<Join> {
        let spaces =
            |at: isize| (0..LONGEST_FILLING).take_while(|&back| self.c(at - back) == Some(' ')).count() as isize;
        let after = spaces(at);
        let quoted = isize::from(self.c(at - after) == Some('"'));
        let border_at = at - after - quoted;
        let border = self.c(border_at).filter(|&c| c == CELL_BREAK || Some(c) == delimiter)?;
        let before = spaces(border_at - 1);
        // A tab is a separator too, but between columns it parts them.
        let closing = isize::from(self.c(border_at - before - 1) == Some('"'));
        let fits = border == CELL_BREAK || quoted == closing;
        let length = after + quoted + 1 + before + closing;
        fits.then_some(Join { length, hyphen: false, space: false, cells: true })
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
                // The last is what a document does not tell: mostly a dash that its font leaves out.
                '_' | '.' | '/' | char::REPLACEMENT_CHARACTER if length == 0 => {
                    return Some(Join { length: 1, hyphen: false, space: false, cells: false });
                }
                _ if is_hyphen(c) && hyphens == 0 => hyphens = 1,
                // As typewriters write a dash.
                '-' if hyphens == 1 && self.c(at - length + 1) == Some('-') => hyphens = 2,
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
            (2, 0) => length == 2,
            _ => false,
        };
        fits.then_some(Join { length, hyphen: hyphens > 0, space: hyphens == 0, cells: false })
    }

    /// True when what stands before `start` lets a number begin there, the serial of which begins at `serial`.
    fn begins_well(&self, start: isize, serial: isize, delimiter: Option<char>) -> bool {
        let hyphen = self.c(serial - 1).is_some_and(is_hyphen);
        match self.c(start - 1) {
            None => true,
            Some('.') => !self.is_digit(start - 2),
            Some(',') => {
                delimiter == Some(',') || hyphen || !self.is_digit(start - 2) || self.digits_to(start - 2) >= 6
            }
            Some(c) => !c.is_alphanumeric() || self.glued_label(start - 1) || hyphen && self.glued_name(start - 1),
        }
    }

    /// True when the letters that end at `at` are a label: `CPR0707614285`.
    fn glued_label(&self, at: isize) -> bool {
        let letters: String =
            (0..8).map_while(|back| self.c(at - back).filter(|c| c.is_alphabetic())).collect::<String>();
        matches!(letters.to_ascii_lowercase().as_str(), "rpc" | "rnrpc" | "rn" | "rnp")
    }

    /// True when the letters that end at `at` are no digits of a program's: `Jensen070761-4285.pdf`.
    fn glued_name(&self, at: isize) -> bool {
        let letters = (0..).map_while(|back| self.c(at - back).filter(|c| c.is_alphabetic()));
        let (mut count, mut hexadecimal) = (0, true);
        for letter in letters {
            count += 1;
            hexadecimal &= letter.is_ascii_hexdigit();
        }
        count >= 3 && !hexadecimal && !self.is_digit(at - count)
    }

    /// True when what stands after `last`, the last of `run` digits, lets a number end there.
    fn ends_well(&self, last: isize, run: isize, delimiter: Option<char>) -> bool {
        match self.c(last + 1) {
            None => true,
            // `.0` is what a program adds to a number without decimals.
            Some('.') => !self.is_digit(last + 2) || self.c(last + 2) == Some('0') && !self.is_digit(last + 3),
            Some(',') => {
                let after = (2..).take_while(|&ahead| self.is_digit(last + ahead)).count();
                // Decimals stand behind no hyphen, and a date of the next field is none.
                let hyphen = run == 4 && self.c(last - 4).is_some_and(is_hyphen);
                let end = last + 2 + after as isize;
                let date =
                    after <= 4 && self.c(end).is_some_and(|c| matches!(c, '.' | '-' | '/')) && self.is_digit(end + 1);
                delimiter == Some(',') || hyphen || date || after == 0 || after >= 6
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

/// What stands near `run` as it lies, if it is all ASCII without escapes.
fn plain<'t>(text: &Text<'t>, run: &Range<usize>) -> Option<Plain<'t>> {
    if text.encoding.unit() != 1 {
        return None;
    }
    let start = run.start.saturating_sub(NEAR.start);
    let bytes = &text.bytes[start..(run.end + NEAR.end).min(text.bytes.len())];
    let decides = |byte: u8| (byte >= 0x80) | (byte == b'%') | (byte == b'\\') | (byte == b'&') | (byte == b'=');
    if bytes.iter().fold(false, |any, &byte| any | decides(byte)) {
        let is_escape = |at: usize| escape(text.bytes, text.encoding, start + at).is_some();
        let mut odd = bytes.iter().enumerate().filter(|&(_, &byte)| decides(byte));
        if odd.any(|(at, &byte)| byte >= 0x80 || is_escape(at)) {
            return None;
        }
    }
    Some(Plain { bytes, start })
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
    cells: bool,
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐'..='―' | '−' | '﹣' | '－')
}

/// Characters that show nothing: soft hyphen, zero-width space and its kin.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::detect::glance::PIECES;
    use crate::detect::runs::{Digits, Run, runs};
    use crate::model::{Encoding, Places};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn plain_text_spells_what_decoded_text_spells(
            pieces in prop::collection::vec(prop::sample::select(PIECES.as_slice()), 1..20),
            delimiter in prop::option::of(prop::sample::select(vec![';', ',', '\t'])),
        ) {
            let bytes = pieces.concat().into_bytes();
            let (encoding, parts, own) = (Encoding::Utf8, Arc::from([]), 0..bytes.len());
            let places = Places::Lines(1);
            let text = Text { bytes: &bytes, encoding, own: own.clone(), parts: &parts, places, delimited: None };
            runs(&bytes, encoding, &own, false, |digits| {
                let Digits::Run(Run { bytes: run, .. }) = digits else { unreachable!("not asked for") };
                let (mut as_it_lies, mut decoded) = (Window::default(), Window::default());
                as_it_lies.fill(&text, &run);
                decoded.decode(&text, &run);
                assert_eq!(as_it_lies.spelled(delimiter), decoded.spelled(delimiter), "{:?}", text);
            });
        }
    }
}
