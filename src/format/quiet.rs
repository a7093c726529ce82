//! Stretches of markup in which no number of a person can stand, told by a look at their bytes.
//!
//! Readers pass over them without giving their text. What a number needs is told broadly: nine digits with nothing between
//! them that no spelling has. Digits in different pieces of markup that are shown as one are for the readers to rule out,
//! with [`Tail`] and [`begins_no_number`].

use std::ops::Range;

use memchr::{memchr_iter, memchr3_iter};

use super::xml::window::Window;
use crate::model::{CELL_BREAK, ProblemKind, mask_of};

/// Fewest digits of a number: one whose leading zero is lost.
const DIGITS: usize = 9;

/// Fewest digits that stand together at the end of a number.
const LAST_DIGITS: usize = 4;

/// Longest escape of a character, in bytes, also where another escape spells its first character.
const ESCAPE_BYTES: usize = 16;

/// Bytes at the end of a window that may be a piece whose end is not there yet.
const LONGEST: usize = 8192;

/// Windows that are passed over at a time, so that those who wait hear of it.
const WINDOWS: usize = 16;

/// Bytes that are read after something that could not be passed over before the next try: at least, and at most when one try
/// after another is in vain.
const WAIT: Range<u64> = 128..8192;

/// Bytes at the beginning of a line that decide whether digits there can go on with a number of the line before.
const LINE_BYTES: usize = 64;

/// Where the next number may stand in a text that is read piece by piece.
#[derive(Debug, Default)]
pub struct Quiet {
    /// How much of the text was looked at, in bytes from its beginning.
    checked: u64,
    /// Where a number may stand that was found there.
    loud: Option<Range<u64>>,
    /// Before this nothing is to be passed over.
    again: u64,
    /// How long to wait when nothing could be passed over, in bytes; longer each time.
    wait: u64,
}

impl Quiet {
    /// Bytes that must be quiet for a stretch to be worth passing over.
    pub const LEAST: usize = 1024;

    /// Lines without a number that are given before a number: more than it can be spelled or labelled with.
    pub const LINES: u32 = 8;

    /// True when the text at `offset` may be tried.
    pub fn is_due(&self, offset: u64) -> bool {
        offset >= self.again
    }

    /// Nothing is to be passed over before `offset`.
    pub fn try_again_at(&mut self, offset: u64) {
        self.again = offset;
    }

    /// Lets `pass` pass over what stands next in the window, and gives how many bytes that are. It is given the rest and how
    /// many bytes of it are quiet, and says how many it passes over, and how many it followed until it came upon what it
    /// does not pass over.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn pass_over(
        &mut self,
        window: &mut Window<'_>,
        mut pass: impl FnMut(&str, usize) -> (usize, usize),
    ) -> Result<u64, ProblemKind> {
        let begin = window.offset();
        for _ in 0..WINDOWS {
            if window.rest().len() < 4 * Self::LEAST && window.goes_on() {
                window.more()?;
            }
            let (offset, rest) = (window.offset(), window.rest_text());
            let length = self.length(offset, rest.as_bytes());
            let loud = length < rest.len();
            let (passed, followed) = if loud && length < Self::LEAST { (0, length) } else { pass(rest, length) };
            window.take(passed);
            self.wait = if passed > 0 { 0 } else { (2 * self.wait).clamp(WAIT.start, WAIT.end) };
            let stopped = loud || length - followed > LONGEST;
            if stopped || passed == 0 || !window.goes_on() {
                self.again = offset + followed as u64 + 1 + self.wait;
                break;
            }
            window.more()?;
        }
        Ok(window.offset() - begin)
    }

    /// How many bytes of `rest`, which stands at `offset`, come before the first in which a number may stand. No number
    /// may have begun before them.
    fn length(&mut self, offset: u64, rest: &[u8]) -> usize {
        if self.loud.as_ref().is_some_and(|loud| loud.end <= offset) {
            self.loud = None;
        }
        if self.loud.is_none() {
            let from = self.checked.saturating_sub(offset) as usize;
            let found = first_loud(rest, from.min(rest.len()));
            let end = found.as_ref().map_or(rest.len() - digits_before(rest), |found| found.end);
            self.checked = self.checked.max(offset + end as u64);
            self.loud = found.map(|found| offset + found.start as u64..offset + found.end as u64);
        }
        self.loud.as_ref().map_or(rest.len(), |loud| loud.start.saturating_sub(offset) as usize)
    }
}

/// Where the first number may stand that ends behind `from`.
fn first_loud(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let digits = first_digits(bytes, from);
    let end = digits.as_ref().map_or(bytes.len(), |found| found.end);
    let from = from.min(end).saturating_sub(2);
    // A border of cells, a digit of full width, and a character by its number.
    let odd = memchr3_iter(CELL_BREAK as u8, 0xef, b'&', &bytes[from..end]).map(|at| from + at).find(|&at| {
        let next = bytes.get(at + 1).copied();
        match bytes[at] {
            0xef => next.is_none_or(|next| next == 0xbc),
            b'&' => next.is_none_or(|next| next == b'#'),
            _ => true,
        }
    });
    match (digits, odd) {
        (Some(digits), Some(odd)) if odd < digits.start => Some(odd..digits.end),
        (None, Some(odd)) => Some(odd..odd + 2),
        (digits, _) => digits,
    }
}

/// Where the digits stand of the first number that may end behind `from`.
fn first_digits(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut earlier = 0;
    let mut at = from.saturating_sub(64);
    // One past the end, so that digits at the very end are seen.
    while at <= bytes.len() {
        let digits = match bytes[at..].first_chunk() {
            Some(block) => digits(block),
            None => {
                let mut block = [0; 64];
                block[..bytes.len() - at].copy_from_slice(&bytes[at..]);
                digits(&block)
            }
        };
        let both = u128::from(digits) << 64 | u128::from(earlier);
        let two = both & both << 1;
        let mut ends = ((!both & (two & two << 2) << 1) >> 64) as u64;
        while ends != 0 {
            let bit = ends.trailing_zeros();
            let (end, length) = (at + bit as usize, (both << (64 - bit)).leading_ones() as usize);
            ends &= ends - 1;
            if end > from
                && let Some(start) = number_before(bytes, end - length, length)
            {
                return Some(start..end);
            }
        }
        earlier = digits;
        at += 64;
    }
    None
}

/// Bit i stands for byte i and is set when that is a digit.
#[inline(always)]
fn digits(block: &[u8; 64]) -> u64 {
    mask_of(block, |byte| byte.wrapping_sub(b'0') < 10)
}

/// Where a number may have begun of whose digits the last `count` stand from `start` on; not necessarily its first digit.
fn number_before(bytes: &[u8], start: usize, mut count: usize) -> Option<usize> {
    if count >= DIGITS {
        return Some(start);
    }
    for at in (0..start).rev() {
        match kind(bytes[at]) {
            Kind::Digit => count += 1,
            Kind::Border => return None,
            Kind::Other if !holds_escape(&bytes[at.saturating_sub(ESCAPE_BYTES)..at]) => return None,
            Kind::Other | Kind::Between | Kind::Escape => {}
        }
        if count == DIGITS {
            return Some(at);
        }
    }
    None
}

/// What a byte is to a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    /// It may stand between digits.
    Between,
    /// It may begin the escape of a character that does.
    Escape,
    /// It parts numbers, unless it belongs to an escape.
    Other,
    /// It parts them always.
    Border,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' => Kind::Digit,
            0..=b' ' | b'_' | b'.' | b'/' | b'-' | 0x7f.. => Kind::Between,
            byte if is_escape(byte) => Kind::Escape,
            b'<' | b'>' | b'"' => Kind::Border,
            _ => Kind::Other,
        };
        byte += 1;
    }
    kinds
};

fn kind(byte: u8) -> Kind {
    KINDS[usize::from(byte)]
}

const fn is_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'=')
}

fn holds_escape(bytes: &[u8]) -> bool {
    match <&[u8; ESCAPE_BYTES]>::try_from(bytes) {
        Ok(bytes) => bytes.iter().fold(false, |any, &byte| any | is_escape(byte)),
        Err(_) => bytes.iter().any(|&byte| is_escape(byte)),
    }
}

fn holds_digit(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |any, &byte| any | byte.is_ascii_digit())
}

/// How many digits `bytes` end with.
fn digits_before(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count()
}

/// True when so many digits stand together that a number could end with them.
pub fn holds_last_digits(bytes: &[u8]) -> bool {
    bytes.split(|byte| !byte.is_ascii_digit()).any(|digits| digits.len() >= LAST_DIGITS)
}

/// How long a comment is whose text `rest` begins with.
fn comment_length(rest: &[u8]) -> Option<usize> {
    memchr_iter(b'>', rest).find_map(|end| rest[..end].strip_suffix(b"--").map(<[u8]>::len))
}

/// How long the comment is that `rest` begins with; nothing when a number of the line before could go on in it, or it does not
/// end there.
pub fn quiet_comment(rest: &[u8]) -> Option<usize> {
    let text = rest.strip_prefix(b"<!--")?;
    let length = comment_length(text)?;
    begins_no_number(&text[..length]).then_some(length + b"<!---->".len())
}

/// True when no number of the line before can go on in this line, which holds none itself.
pub fn begins_no_number(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    match line.first() {
        None | Some(b'a'..=b'z' | b'A'..=b'Z' | 0xc3) => true,
        Some(b'0'..=b'9') => line.iter().take_while(|byte| byte.is_ascii_digit()).count() != LAST_DIGITS,
        Some(_) => !holds_digit(&line[..line.len().min(LINE_BYTES)]),
    }
}

/// The end of what is shown in one, piece by piece.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tail<'x> {
    /// What was appended last, and is not looked at before something comes behind it.
    last: Option<&'x [u8]>,
    /// Digits stand before it that others could go on.
    open: bool,
    /// It may be the beginning of an escape.
    escape: bool,
}

impl<'x> Tail<'x> {
    /// Appends a piece that holds no number itself; false when digits in it could go on those that came before.
    #[must_use]
    pub fn push(&mut self, piece: &'x [u8]) -> bool {
        if let Some(last) = self.last.replace(piece) {
            self.end_with(last);
        }
        !self.open || !self.is_gone_on_by(piece)
    }

    fn end_with(&mut self, piece: &[u8]) {
        // Mostly it ends with a word.
        if let Some(near) = piece.last_chunk::<{ 2 * ESCAPE_BYTES }>()
            && near.iter().fold(true, |none, &byte| none & !is_escape(byte))
            && kind(near[near.len() - 1]) == Kind::Other
        {
            (self.open, self.escape) = (false, false);
            return;
        }
        let escaped =
            |at: usize| holds_escape(&piece[at.saturating_sub(ESCAPE_BYTES)..at]) || (self.escape && at < ESCAPE_BYTES);
        let end = (0..piece.len()).rev().find_map(|at| match kind(piece[at]) {
            Kind::Digit => Some(true),
            Kind::Border | Kind::Other if !escaped(at) => Some(false),
            _ => None,
        });
        self.escape = escaped(piece.len());
        self.open = end.unwrap_or(self.open);
    }

    fn is_gone_on_by(&self, piece: &[u8]) -> bool {
        for &byte in piece {
            match kind(byte) {
                Kind::Digit => return true,
                Kind::Between => {}
                Kind::Border | Kind::Other if !self.escape => return false,
                Kind::Escape | Kind::Border | Kind::Other => return holds_digit(piece),
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_digits_with_nothing_between_them_that_parts_them_are_loud() {
        for text in [
            "070761-4285",
            "0707614285",
            "707614285",
            "07.07.1961 4285",
            "070761&nbsp;4285",
            "070761 %2D 4285",
            "070761å4285",
            "&#48;",
            "\u{1f}",
            "０７",
        ] {
            assert!(first_loud(format!("<a>{text}<").as_bytes(), 0).is_some(), "{text}");
        }
        for text in [
            "<id>673991</id><amount>9428.47</amount>",
            "<a id=\"673991\" b=\"9428\">",
            "kl. 12:34:56:7890",
            "1234 af 4567 og 8901",
            "https://example.dk/12345/side/6789",
            "&amp; 12",
        ] {
            assert_eq!(first_loud(text.as_bytes(), 0), None, "{text}");
        }
    }

    #[test]
    fn digits_whose_rest_comes_later_are_looked_at_again() {
        let mut quiet = Quiet::default();
        assert_eq!(quiet.length(10, b"<a>b</a><a>070761-4"), 19);
        assert!((11..=13).contains(&quiet.length(10, b"<a>b</a><a>070761-4285</a>")));
        assert_eq!(quiet.length(18, b"<a>070761-4285</a>"), 4);
        assert_eq!(quiet.length(32, b"</a><b>"), 7);
    }

    #[test]
    fn a_line_goes_on_with_a_number_only_by_four_digits() {
        for line in ["", " ord 4285", "år 4285", "12345", "42 85", "(…)"] {
            assert!(begins_no_number(line.as_bytes()), "{line}");
        }
        for line in ["4285", "\n 4285 x", "-4285", "\u{200b}4285", "%204285"] {
            assert!(!begins_no_number(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn pieces_with_digits_are_parted_by_a_letter() {
        let joins = |pieces: &[&str]| {
            let mut tail = Tail::default();
            pieces.iter().all(|piece| tail.push(piece.as_bytes()))
        };
        for pieces in [&["9428.47", "Bo", "12"][..], &["0707 x", "61"], &["år", "61"], &["07", "år", "61"]] {
            assert!(joins(pieces), "{pieces:?}");
        }
        for pieces in [&["0707", "61"][..], &["07", "-", "61"], &["07 %", "2D61"], &["07&", "nbsp;", "61"]] {
            assert!(!joins(pieces), "{pieces:?}");
        }
    }

    #[test]
    fn a_comment_ends_at_its_first_end() {
        assert_eq!(comment_length(b" a > b -- --> -->"), Some(10));
        assert_eq!(comment_length(b" a -"), None);
    }
}
