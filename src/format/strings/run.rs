//! What a run of text is, and where the next one stands.
//!
//! Two bytes a character look the same in both orders and at every offset: a character, a zero, a character, a zero.

use std::borrow::Cow;

use crate::format::text::spelled;
use crate::model::{Encoding, ProblemKind};

/// Longest run that is looked at whole, in bytes.
const RUN_BYTES: usize = 32 * 1024;

/// Digits of a number: a shorter run of so many of them is given too.
const DIGITS: usize = 10;

/// Bytes that text of one byte a character is made of: ASCII, white space, and what æøåÆØÅé and – are in Windows-1252 and
/// UTF-8.
static TEXT: [bool; 256] = characters(b"\xe6\xf8\xe5\xc6\xd8\xc5\xe9\x96\xc3\xa6\xb8\xa5\x86\x98\x85\xa9");

/// The same of code page 850.
static DOS: [bool; 256] = characters(b"\x91\x9b\x86\x92\x9d\x8f\x82");

const fn characters(more: &[u8]) -> [bool; 256] {
    let mut text = [false; 256];
    let mut byte = 0x20;
    while byte < 0x7f {
        text[byte] = true;
        byte += 1;
    }
    text[b'\t' as usize] = true;
    text[b'\r' as usize] = true;
    text[b'\n' as usize] = true;
    let mut i = 0;
    while i < more.len() {
        text[more[i] as usize] = true;
        i += 1;
    }
    text
}

/// Which runs are given.
pub struct Runs {
    least: usize,
    encoding: Option<Encoding>,
}

impl Runs {
    /// Those of so many characters, and whole numbers.
    pub fn at_least(characters: usize) -> Self {
        Self { least: characters, encoding: None }
    }

    /// Those that are spelled so where a character is one byte.
    pub fn spelled(self, encoding: Encoding) -> Self {
        Self { encoding: Some(encoding), ..self }
    }

    /// Calls `each` with every run from `at` on, and gives where to go on when more bytes are known; `last` says that
    /// there are none.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn walk(
        &self,
        bytes: &[u8],
        mut at: usize,
        last: bool,
        mut each: impl FnMut(&str) -> Result<(), ProblemKind>,
    ) -> Result<usize, ProblemKind> {
        let mut promising = Promising::new(bytes, self.characters(), self.least.min(DIGITS));
        loop {
            let next = promising.next(at);
            at = promising.apart(at, next);
            match self.walk_to(bytes, at, next, last, &mut each)? {
                Walked::To(further) => at = further,
                Walked::All(end) => return Ok(end),
            }
        }
    }

    /// What text of one byte a character is made of.
    fn characters(&self) -> &'static [bool; 256] {
        if self.encoding == Some(Encoding::Cp850) { &DOS } else { &TEXT }
    }

    /// As [`Runs::walk`], byte by byte, until it is past `until`.
    fn walk_to(
        &self,
        bytes: &[u8],
        mut at: usize,
        until: usize,
        last: bool,
        each: &mut impl FnMut(&str) -> Result<(), ProblemKind>,
    ) -> Result<Walked, ProblemKind> {
        let characters = self.characters();
        let is_text = |byte: u8| characters[usize::from(byte)];
        while let Some(ahead) = bytes[at..].iter().position(|byte| is_text(*byte)) {
            let start = at + ahead;
            let narrow = bytes[start..].iter().take_while(|byte| is_text(**byte)).count();
            let units = if narrow == 1 { units(&bytes[start..]) } else { 0 };
            let end = start + narrow.max(2 * units);
            let is_cut = end + usize::from(narrow == 1) >= bytes.len() && !last;
            if is_cut && end - start < RUN_BYTES {
                // With what stands before, which says how wide it is.
                return Ok(Walked::All(start.saturating_sub(1)));
            }
            if units == 0 {
                let run = &bytes[start..end];
                if self.is_run(run) {
                    each(&self.text(run))?;
                }
            } else if units + 1 >= self.least.min(DIGITS) {
                let text = wide(&bytes[start..end]);
                if self.is_run(text.as_bytes()) {
                    each(&text)?;
                }
                // Where the high byte stands first, the last character has no zero behind it.
                let high_first = start > 0 && bytes[start - 1] == 0;
                if let Some(last) = bytes.get(end).filter(|byte| high_first && TEXT[usize::from(**byte)]) {
                    let text = format!("{text}{}", char::from(*last));
                    if self.is_run(text.as_bytes()) {
                        each(&text)?;
                    }
                }
            }
            // The last character before a zero may be the first of a run of two bytes each.
            at = if units == 0 && narrow > 1 && bytes.get(end) == Some(&0) { end - 1 } else { end };
            if at > until {
                return Ok(Walked::To(at));
            }
        }
        Ok(Walked::All(bytes.len().saturating_sub(usize::from(!last)).max(at.min(bytes.len()))))
    }

    /// Long enough and half of it letters and digits, or a number.
    fn is_run(&self, text: &[u8]) -> bool {
        let count = |is: fn(&u8) -> bool| text.iter().filter(|byte| is(byte)).count();
        let long = text.len() >= self.least && count(u8::is_ascii_alphanumeric) >= self.least / 2;
        long || text.len() >= DIGITS && count(u8::is_ascii_digit) >= DIGITS
    }

    fn text<'b>(&self, run: &'b [u8]) -> Cow<'b, str> {
        let Some(encoding) = self.encoding else { return spelled(run) };
        let mut text = String::new();
        encoding.decode_into(run, &mut text);
        Cow::Owned(text)
    }
}

/// How far a walk went.
enum Walked {
    /// To here, and more may follow.
    To(usize),
    /// To the end; where to go on when more bytes are known.
    All(usize),
}

/// Places that may belong to a run that is given; bytes of chance hold few.
struct Promising<'b> {
    bytes: &'b [u8],
    characters: &'static [bool; 256],
    least: usize,
    /// The next place in a long enough run of one byte a character.
    narrow: Option<usize>,
    /// The next place in one of two bytes a character.
    wide: Option<usize>,
}

impl<'b> Promising<'b> {
    fn new(bytes: &'b [u8], characters: &'static [bool; 256], least: usize) -> Self {
        Self { bytes, characters, least, narrow: None, wide: None }
    }

    /// The first such place from `at` on, or the end.
    fn next(&mut self, at: usize) -> usize {
        let narrow = self.narrow.filter(|&known| known >= at).unwrap_or_else(|| self.next_narrow(at));
        let wide = self.wide.filter(|&known| known >= at).unwrap_or_else(|| self.next_wide(at));
        (self.narrow, self.wide) = (Some(narrow), Some(wide));
        narrow.min(wide)
    }

    fn is_text(&self, at: usize) -> bool {
        self.bytes.get(at).is_some_and(|byte| self.characters[usize::from(*byte)])
    }

    fn next_narrow(&self, at: usize) -> usize {
        let half = (self.least / 2).max(1);
        let (bytes, text) = (self.bytes, self.characters);
        let is_long = |place: usize| {
            let before = (at..place).rev().take(half).take_while(|&at| self.is_text(at)).count();
            let after = (place..).take(self.least).take_while(|&at| self.is_text(at)).count();
            before + after >= self.least
        };
        // Of a long run two places stand half of the least length apart.
        let pairs = (at + half - 1..bytes.len().saturating_sub(half)).step_by(half);
        let mut both = pairs.filter(|&at| text[usize::from(bytes[at])] & text[usize::from(bytes[at + half])]);
        both.find(|&place| is_long(place)).unwrap_or(bytes.len())
    }

    /// A zero behind a character, with another character of two bytes before or behind both.
    fn next_wide(&self, at: usize) -> usize {
        let unit = |at: Option<usize>| at.and_then(|at| self.bytes.get(at..at + 2)).is_some_and(is_unit);
        let mut zeros = memchr::memchr_iter(0, &self.bytes[at.min(self.bytes.len())..]).map(|ahead| at + ahead);
        let wide = |zero: &usize| unit(zero.checked_sub(1)) && (unit(zero.checked_sub(3)) || unit(Some(zero + 1)));
        zeros.find(wide).unwrap_or(self.bytes.len())
    }

    /// The last place up to `end` over which no run goes, where the walk can begin as well as at `at`.
    fn apart(&self, at: usize, end: usize) -> usize {
        let is_other = |byte: u8| !self.characters[usize::from(byte)] && !TEXT[usize::from(byte)];
        // What stands before the last byte may be cut.
        let end = end.min(self.bytes.len().saturating_sub(1));
        let pairs = self.bytes[at.min(end)..end].windows(2);
        let apart = |pair: &[u8]| match *pair {
            // A dash may follow.
            [0, 0x10..=0x15] => false,
            [a, b] => is_other(a) && is_other(b),
            _ => false,
        };
        pairs.rev().position(apart).map_or(at, |behind| end - 1 - behind)
    }
}

/// How many characters of two bytes each stand first.
fn units(bytes: &[u8]) -> usize {
    bytes.chunks_exact(2).take_while(|unit| is_unit(unit)).count()
}

fn is_unit(unit: &[u8]) -> bool {
    match *unit {
        [low, 0] => TEXT[usize::from(low)],
        // The dashes of a number in the order of Windows.
        [low, 0x20] => (0x10..=0x15).contains(&low),
        _ => false,
    }
}

fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(bytes: &[u8]) -> Vec<String> {
        super::super::all(bytes)
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn runs_stand_between_other_bytes() {
        let bytes =
            [&[1, 2, b'x', 0, 3][..], &utf16("Cpr 070761-4285"), &[0, 1], b"B\xf8rneliste\0kort", &[7]].concat();
        assert_eq!(runs(&bytes), ["Cpr 070761-4285", "Børneliste"]);
    }

    #[test]
    fn a_run_of_two_bytes_begins_where_one_of_one_byte_ends() {
        let bytes = [b"gammel tekst".as_slice(), &utf16("0707614285"), &[1]].concat();
        assert_eq!(runs(&bytes), ["gammel tekst0", "0707614285"]);
    }

    #[test]
    fn letters_of_dos_belong_to_text_that_is_known_to_be_of_it() {
        let mut found = Vec::new();
        let dos = Runs::at_least(6).spelled(Encoding::Cp850);
        let each = |run: &str| {
            found.push(run.to_owned());
            Ok(())
        };
        dos.walk(b"\x1aB\x9brneliste\x1a", 0, true, each).unwrap();
        assert_eq!(found, ["Børneliste"]);
    }

    #[test]
    fn what_is_passed_over_holds_no_run() {
        let kinds: [&[u8]; 6] =
            [b"a7 \xe6", b"\0", b"\x10\x13\x15\x20", b"\x01\x80\xff", b"0123456789-", b"\x91\x9b\xc3\xb8"];
        let mut state = 42_u64;
        let mut noise = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 20) as usize % below
        };
        let mut given = 0;
        for round in 0..20_000 {
            let mut bytes = Vec::new();
            while bytes.len() < round % 120 {
                let (kind, wide) = (kinds[noise(6)], noise(3) == 0);
                for _ in 0..noise(24) {
                    bytes.push(kind[noise(kind.len())]);
                    bytes.extend(wide.then_some(0));
                }
            }
            let at = noise(3).min(bytes.len());
            for runs in [Runs::at_least(6), Runs::at_least(12), Runs::at_least(6).spelled(Encoding::Cp850)] {
                let (mut quick, mut slow) = (Vec::new(), Vec::new());
                let last = round % 2 == 0;
                let quick_end = runs.walk(&bytes, at, last, |run| {
                    quick.push(run.to_owned());
                    Ok(())
                });
                let slow_end = runs.walk_to(&bytes, at, usize::MAX, last, &mut |run: &str| {
                    slow.push(run.to_owned());
                    Ok(())
                });
                given += slow.len();
                assert_eq!(quick, slow, "{bytes:?}");
                assert!(matches!(slow_end, Ok(Walked::All(end)) if Ok(end) == quick_end), "{bytes:?}");
            }
        }
        assert!(given > 10_000);
    }

    #[test]
    fn every_byte_is_walked_over_once() {
        for length in 0..40 {
            for byte in [0, b'a', 0x12, 0x20] {
                let bytes: Vec<u8> = (0..length).map(|i| if i % 3 == 0 { byte } else { b'x' * (i % 2) }).collect();
                for last in [false, true] {
                    let end = Runs::at_least(6).walk(&bytes, 0, last, |_| Ok(())).unwrap();
                    assert!(end <= bytes.len() && (!last || end == bytes.len()));
                }
            }
        }
    }
}
