//! A glance at a run of digits, which drops nearly all that spell no number before their surroundings are spelled out.
//!
//! It looks at few bytes and never drops what [`Window::spelled`](super::window::Window::spelled) would take: wherever an
//! escape or an invisible character could play a part, it does not decide.

use super::mask::OTHER;
use super::runs::Run;
use crate::model::{CELL_BREAK, Encoding, Text};

/// What a run of digits is at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glance {
    /// The serial of what may be a number.
    Promising,
    /// Ten digits that begin with no date.
    OtherTen,
    /// Nothing.
    Nothing,
}

/// Code units before a run in which the digits of a date must begin to show.
const NEAR: isize = 24;

/// Longest distance between date and serial in two cells, in code units.
const LONGEST_CELL_JOIN: isize = 18;

/// Longest distance between date and serial, in code units.
const LONGEST_JOIN: isize = 8;

/// What a run of digits is.
pub fn glance(text: &Text<'_>, run: &Run) -> Glance {
    let (bytes, start, plain) = (text.bytes, run.bytes.start, run.plain);
    let length = (run.bytes.len() / text.encoding.unit()) as isize;
    match text.encoding {
        Encoding::Utf8 | Encoding::Windows1252 | Encoding::Cp850 => {
            Units::<1, 0> { bytes, start, plain }.look(length, text)
        }
        Encoding::Utf16Le => Units::<2, 0> { bytes, start, plain }.look(length, text),
        Encoding::Utf16Be => Units::<2, 1> { bytes, start, plain }.look(length, text),
    }
}

/// Code units of `SIZE` bytes, the low one of which is at `LOW`, counted from the first digit of a run.
struct Units<'t, const SIZE: usize, const LOW: usize> {
    bytes: &'t [u8],
    start: usize,
    /// No escape or invisible character is near.
    plain: bool,
}

impl<const SIZE: usize, const LOW: usize> Units<'_, SIZE, LOW> {
    /// The unit at a place: 0 outside the text, 0x80 and above for what is no ASCII character.
    #[inline(always)]
    fn at(&self, at: isize) -> u8 {
        let Some(byte) = self.start.checked_add_signed(at * SIZE as isize) else { return 0 };
        match self.bytes.get(byte..byte + SIZE) {
            Some(unit) if SIZE == 1 || unit[SIZE - 1 - LOW] == 0 => unit[LOW],
            Some(_) => OTHER,
            None => 0,
        }
    }

    /// What the run of `length` digits is.
    fn look(&self, length: isize, text: &Text<'_>) -> Glance {
        // Digits of full width are rare.
        if !self.is_digit(0) {
            return Glance::Promising;
        }
        let promising = |promising: bool| if promising { Glance::Promising } else { Glance::Nothing };
        if self.at(length).is_ascii_alphanumeric() {
            return if length == 10 && !self.is_date(0) { Glance::OtherTen } else { Glance::Nothing };
        }
        // Where no escape, entity or invisible character can end, most of it is decided.
        let decided = match self.at(-1) {
            _ if self.plain => true,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'%' | b'\\' | 0x80.. => false,
            b';' => !self.is_entity(0),
            _ => true,
        };
        if decided {
            return match length {
                10 if !self.is_date(0) => Glance::OtherTen,
                10 | 12 => promising(self.is_date(0) && self.may_begin(0)),
                9 => promising(self.is_short_date(0) && self.may_begin(0)),
                4 => promising(self.ends_number(text)),
                _ => Glance::Nothing,
            };
        }
        match length {
            // What belongs together may be parted by it.
            5..12 if self.may_be_invisible(-1) || self.is_entity(0) => Glance::Promising,
            10 if self.is_date(0) => promising(self.may_begin(0)),
            10 if self.is_escaped(0) => Glance::Promising,
            10 => Glance::OtherTen,
            12 => promising(self.is_date(0) && self.may_begin(0) || self.is_escaped(0)),
            9 => promising(self.is_short_date(0) && self.may_begin(0) || self.is_escaped(0)),
            4 => promising(self.ends_number(text)),
            _ => promising(self.is_escaped(0)),
        }
    }

    fn is_digit(&self, at: isize) -> bool {
        self.at(at).is_ascii_digit()
    }

    fn is_ascii_letter(&self, at: isize) -> bool {
        self.at(at).is_ascii_alphabetic()
    }

    fn pair(&self, at: isize) -> u8 {
        (self.at(at) & 15) * 10 + (self.at(at + 1) & 15)
    }

    /// True when the digits at `day` and `month` can be those.
    fn is_day_of_month(&self, day: isize, month: isize) -> bool {
        matches!(self.pair(month), 1..=12) && matches!(self.pair(day), 1..=31 | 61..=91)
    }

    /// Day and month of two digits each.
    fn is_date(&self, at: isize) -> bool {
        self.is_day_of_month(at, at + 2)
    }

    /// A day of one digit and a month of two.
    fn is_short_date(&self, at: isize) -> bool {
        self.at(at) != b'0' && matches!(self.pair(at + 1), 1..=12)
    }

    /// True when the last byte of a character that shows nothing may stand there: of a soft hyphen or of those from U+200B.
    fn may_be_invisible(&self, at: isize) -> bool {
        if self.plain {
            return false;
        }
        let unit = self.at(at);
        if SIZE == 1 {
            matches!(unit, 0xad | 0x8b..=0x8f | 0xa0 | 0xbf | 0xf0)
        } else {
            unit >= 0x80 && !(0xc0..OTHER).contains(&unit)
        }
    }

    /// True for the last byte of a letter that Danish has, and of most others of Latin-1.
    fn is_letter(&self, at: isize, encoding: Encoding) -> bool {
        match encoding {
            Encoding::Utf8 => self.at(at - 1) == 0xc3,
            Encoding::Windows1252 | Encoding::Utf16Le | Encoding::Utf16Be => (0xc0..OTHER).contains(&self.at(at)),
            Encoding::Cp850 => false,
        }
    }

    /// True when an escape of a URL, JSON or source code may end at `at` or in the digits from there.
    fn is_escaped(&self, at: isize) -> bool {
        if self.plain {
            return false;
        }
        let six: [u8; 6] = self.units_before(at);
        six.contains(&b'\\') || six[3..].contains(&b'%') || six[3] == b'='
    }

    /// So many units before `at`, the last of them last; 0 where there are none.
    #[inline(always)]
    fn units_before<const N: usize>(&self, at: isize) -> [u8; N] {
        let end = self.start.checked_add_signed(at * SIZE as isize).filter(|end| SIZE == 1 && *end <= self.bytes.len());
        match end.and_then(|end| self.bytes[..end].last_chunk::<N>()) {
            Some(units) => *units,
            None => std::array::from_fn(|i| self.at(at - N as isize + i as isize)),
        }
    }

    /// True when an entity of markup may end before `at`.
    fn is_entity(&self, at: isize) -> bool {
        !self.plain && self.at(at - 1) == b';' && self.units_before::<10>(at).contains(&b'&')
    }

    /// True when what stands before `at` may let a number begin there.
    fn may_begin(&self, at: isize) -> bool {
        match self.at(at - 1) {
            // The last letter of `CPR` and `nr`.
            b'r' | b'R' => true,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => self.is_escaped(at),
            b'.' => !self.is_digit(at - 2) || self.is_escaped(at - 1),
            _ => true,
        }
    }

    /// True when four digits may be the serial of a date before them.
    fn ends_number(&self, text: &Text<'_>) -> bool {
        let is_border = |unit: u8| unit == CELL_BREAK as u8 || text.delimited.is_some_and(|d| d.delimiter == unit);
        let mut join = 0;
        let mut hyphens = 0;
        let mut bordered = false;
        loop {
            bordered |= is_border(self.at(-1 - join));
            match self.at(-1 - join) {
                b' ' | b'\t' | b'\n' | b'\r' => {}
                b'-' => hyphens += 1,
                _ => break,
            }
            join += 1;
            if join > LONGEST_JOIN {
                return false;
            }
        }
        let first = self.at(-1);
        let cells = is_border(first);
        if self.is_entity(0) {
            return true;
        }
        if join == 0 && (matches!(first, b'.' | b'/' | b'_') || cells) {
            join = 1;
        }
        // The last unit before what stands between date and serial.
        let end = -1 - join;
        // Fields may be filled up with spaces.
        if hyphens == 0 && (is_border(self.at(end)) || cells && self.at(end) == b' ') {
            let fits = matches!(self.at(end - 1), b'0'..=b'9' | b' ' | b'"') && self.follows_digits();
            return fits || self.is_entity(end + 1);
        }
        match self.at(end) {
            b'0'..=b'9' => {
                let fits = if hyphens == 0 { bordered || join == 1 && first != b'\n' } else { hyphens <= 2 };
                let parted = hyphens > 0 || bordered || matches!(first, b' ' | b'\t');
                fits && self.ends_date(end, hyphens > 0, parted, text.encoding) || self.is_escaped(end + 1)
            }
            // A border stands before the mark, or somewhere before what stands between.
            b'"' if end == -1 && self.is_digit(-2) => false,
            b'"' => {
                let border = cells || is_border(self.at(-2)) || (-NEAR..end).any(|at| is_border(self.at(at)));
                border && self.follows_digits()
            }
            b';' => self.is_entity(end + 1),
            b'a'..=b'z' | b'A'..=b'Z' => self.is_escaped(end + 1),
            unit if unit >= 0x80 => {
                !self.is_letter(end, text.encoding) && (end - NEAR..end).any(|at| self.is_digit(at))
            }
            _ => false,
        }
    }

    /// True when two digits, or what may part them unseen, stand so far before the run as a join between cells is long.
    fn follows_digits(&self) -> bool {
        (-LONGEST_CELL_JOIN..-2).any(|at| self.may_be_invisible(at) || self.is_digit(at) && self.is_digit(at - 1))
    }

    /// True when the digits that end at `end` may end a date.
    fn ends_date(&self, end: isize, hyphen: bool, parted: bool, encoding: Encoding) -> bool {
        let length = (0..9).take_while(|back| self.is_digit(end - back)).count() as isize;
        let start = end + 1 - length;
        if self.may_be_invisible(start - 1) || self.is_escaped(start) || self.is_entity(start) {
            return true;
        }
        match length {
            6 | 8 => self.is_date(start) && (self.may_begin(start) || hyphen && self.is_ascii_letter(start - 1)),
            5 => hyphen && self.is_short_date(start) && (self.may_begin(start) || self.is_ascii_letter(start - 1)),
            2 | 4 => parted && self.ends_parted_date(start, encoding),
            _ => false,
        }
    }

    /// True when the year that begins at `year` may follow a day and a month.
    fn ends_parted_date(&self, year: isize, encoding: Encoding) -> bool {
        let between = self.at(year - 1);
        if !matches!(between, b'.' | b'/' | b'-' | b' ') {
            let dash = between >= 0x80 && !self.is_letter(year - 1, encoding);
            return dash || self.is_entity(year);
        }
        let (month, day) = (year - 3, year - 6);
        // `1961-07-07`, as programs write it.
        if between == b'-' && self.at(month - 1) == b'-' && self.is_day_of_month(year, month) {
            return true;
        }
        let odd = [month + 1, month, month - 1, day + 1, day].into_iter().find(|&at| {
            let unit = self.at(at);
            !unit.is_ascii_digit() && unit != between
        });
        if let Some(at) = odd {
            return self.may_be_invisible(at) || self.is_entity(at + 1) || self.is_escaped(month);
        }
        let digits = [month + 1, month, day + 1, day].into_iter().all(|at| self.is_digit(at));
        self.at(month - 1) == between && digits && self.is_day_of_month(day, month)
    }
}

/// What makes numbers, and what makes trouble beside them.
#[cfg(test)]
#[rustfmt::skip]
pub const PIECES: [&str; 46] = [
    "0", "1", "2", "3", "6", "7", "9", "07", "12", "070761", "07.07.61", "07071961", "4285", "0707614285", "70761", "61",
    "1961", "-", "-", " ", " ", ".", "/", "_", ",", ";", "\n", "\t", "\"", "\u{1f}", "a", "r", "CPR", "ø", "\u{ad}",
    "\u{a0}", "–", "%20", "%2D", "\\u002d", "\\n", "&nbsp;", "&#x2D;", "=2D", "\u{200b}", "en mening ",
];
