//! The fast part of the search: runs of digits that may end a number, by masks over 64 code units at a time.

use std::ops::Range;

use super::mask::{self, Block, Masks, Work};
use crate::model::Encoding;

/// Longest run that any spelling has, in digits; of longer ones only the last are looked at.
const LONGEST: usize = 20;

/// Code units before the end of a run in which an escape or an invisible character could make a number of it.
const REACH: u32 = LONGEST as u32 + 6;

/// What the masks come upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Digits {
    /// A run of four and more digits that may end a number.
    Run(Run),
    /// So many runs of ten digits that begin with no date.
    OtherTens(u32),
}

/// A run of four and more digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Where it stands; of more than 20 digits the last ones only.
    pub bytes: Range<usize>,
    /// Neither an escape nor an invisible character ends in it or in the 64 code units before it.
    pub plain: bool,
}

/// Calls `found` with the runs of four and more digits whose last byte lies in `own`, in the order of their places: ASCII
/// digits, and in UTF-8 those of full width.
///
/// Runs that no spelling of a number ends with are left out, as far as masks can tell. Those of ten digits that begin with
/// no date are counted if `counted`, for many stand together where there are any; else they are given as runs.
pub fn runs(bytes: &[u8], encoding: Encoding, own: &Range<usize>, counted: bool, mut found: impl FnMut(Digits)) {
    let own = &(own.start..own.end.min(bytes.len()));
    match encoding {
        Encoding::Utf8 => {
            let search = Search::<1, 0> { bytes, encoding, own, counted };
            let mut wide = full_width(bytes, own).into_iter().peekable();
            if wide.peek().is_none() {
                return search.find(&mut found);
            }
            let run = |bytes| Digits::Run(Run { bytes, plain: false });
            search.find(&mut |digits| {
                if let Digits::Run(next) = &digits {
                    while let Some(earlier) = wide.next_if(|wide| wide.start < next.bytes.start) {
                        found(run(earlier));
                    }
                }
                found(digits);
            });
            wide.for_each(|wide| found(run(wide)));
        }
        Encoding::Windows1252 | Encoding::Cp850 => {
            Search::<1, 0> { bytes, encoding, own, counted }.find(&mut found);
        }
        Encoding::Utf16Le => Search::<2, 0> { bytes, encoding, own, counted }.find(&mut found),
        Encoding::Utf16Be => Search::<2, 1> { bytes, encoding, own, counted }.find(&mut found),
    }
}

/// A search for runs of digits of `SIZE` bytes, the low one at `LOW`.
struct Search<'t, const SIZE: usize, const LOW: usize> {
    bytes: &'t [u8],
    encoding: Encoding,
    own: &'t Range<usize>,
    counted: bool,
}

/// Of each unit of a block whether it is the first, second, fourth or eighth digit of a run, or one after that.
#[derive(Clone, Copy, Default)]
struct Lengths {
    one: u64,
    two: u64,
    four: u64,
    eight: u64,
}

/// The masks of a block and of the one before it, so that a run across the border needs no special case.
struct Pair<'p> {
    before: &'p Lengths,
    here: &'p Lengths,
}

impl<const SIZE: usize, const LOW: usize> Search<'_, SIZE, LOW> {
    fn find(&self, found: &mut impl FnMut(Digits)) {
        mask::best(Finding { search: self, found });
    }

    #[inline(always)]
    fn by<M: Masks>(&self, found: &mut impl FnMut(Digits)) {
        let mut before = Lengths::default();
        // Of the last block in which a run ended.
        let (mut last_at, mut last_odd) = (usize::MAX, 0);
        let mut memory = [0; 64];
        let mut at = self.own.start.saturating_sub(64 * SIZE) & !(SIZE - 1);
        // One past the end, so that a run at the very end is closed.
        while at <= self.own.end {
            let block = block::<SIZE, LOW>(self.bytes, at, &mut memory);
            let digits = M::digits(block);
            // In most text there are none.
            if digits | before.one >> 63 == 0 {
                before = Lengths::default();
                at += 64 * SIZE;
                continue;
            }
            let here = Lengths::of(digits, &before);
            let pair = Pair { before: &before, here: &here };
            let ends = pair.ends() & self.owned(at);
            if ends != 0 {
                let odd_here = self.odd::<M>(block);
                let odd_before = match last_at == at.wrapping_sub(64 * SIZE) {
                    true => last_odd,
                    false => self.before(at, |before| self.odd::<M>(before)),
                };
                (last_at, last_odd) = (at, odd_here);
                self.choose::<M>(at, block, &pair, ends, (odd_before, odd_here), found);
            }
            before = here;
            at += 64 * SIZE;
        }
    }

    /// Gives those of the `ends` that may end a number, and counts those that cannot but are of ten digits. `odd` are the
    /// units of the block before and of this one that could make a number of digits that seem none.
    #[inline(always)]
    fn choose<M: Masks>(
        &self,
        at: usize,
        block: &Block,
        pair: &Pair<'_>,
        mut ends: u64,
        odd: (u64, u64),
        found: &mut impl FnMut(Digits),
    ) {
        let plain = odd.0 | odd.1 == 0;
        if plain || odd.0 >> (64 - REACH) | odd.1 == 0 {
            let (long, parted, far) = (pair.long(ends), pair.parted(ends), pair.far(ends));
            if long | parted | far == 0 {
                return;
            }
            let mut chosen = 0;
            if long | parted != 0 {
                let months = self.before(at, M::months);
                let no_days = self.before(at, M::no_days);
                let dates = Dates { months: (months, M::months(block)), no_days: (no_days, M::no_days(block)) };
                let tens = pair.tens() & ends;
                chosen = pair.dated(&dates) & (long | parted);
                let others = tens & !chosen;
                if !self.counted {
                    chosen |= others;
                } else if others != 0 {
                    found(Digits::OtherTens(others.count_ones()));
                }
            }
            if far != 0 {
                chosen |= Pair::joined(far, M::joins(block));
            }
            ends = chosen;
        }
        while ends != 0 {
            let bit = ends.trailing_zeros();
            ends &= ends - 1;
            let end = at + bit as usize * SIZE;
            let bytes = end - SIZE * pair.length(bit)..end;
            found(Digits::Run(Run { bytes, plain }));
        }
    }

    /// The ends of runs in the block at `at` whose last byte is owned, as bits after it.
    #[inline(always)]
    fn owned(&self, at: usize) -> u64 {
        if at > self.own.start && at + 63 * SIZE <= self.own.end {
            return u64::MAX;
        }
        let ends = |bit: &usize| (self.own.start + 1..=self.own.end).contains(&(at + bit * SIZE));
        (0..64).filter(ends).fold(0, |mask, bit| mask | 1 << bit)
    }

    /// The units that could make a number of digits that seem none. Letters that Danish has are none of them.
    #[inline(always)]
    fn odd<M: Masks>(&self, block: &Block) -> u64 {
        if M::suspects(block) == 0 {
            return 0;
        }
        let others = match self.encoding {
            Encoding::Utf8 => {
                let leads = M::letter_leads(block);
                M::high(block) & !(leads | leads << 1)
            }
            Encoding::Windows1252 | Encoding::Utf16Le | Encoding::Utf16Be => M::high_no_letters(block),
            Encoding::Cp850 => M::high(block),
        };
        others | M::escapes(block) | M::equals_two(block)
    }

    /// The mask of the block before the one at `at`.
    #[inline(always)]
    fn before(&self, at: usize, mask: impl FnOnce(&Block) -> u64) -> u64 {
        let before = at.checked_sub(64 * SIZE);
        before.map_or(0, |before| mask(block::<SIZE, LOW>(self.bytes, before, &mut [0; 64])))
    }
}

/// A search with what hears of it.
struct Finding<'s, 't, F, const SIZE: usize, const LOW: usize> {
    search: &'s Search<'t, SIZE, LOW>,
    found: &'s mut F,
}

impl<F: FnMut(Digits), const SIZE: usize, const LOW: usize> Work for Finding<'_, '_, F, SIZE, LOW> {
    #[inline(always)]
    fn by<M: Masks>(self) {
        self.search.by::<M>(self.found);
    }
}

/// Where dates may begin, in the block before and in this one.
struct Dates {
    /// The digits that a month can begin with.
    months: (u64, u64),
    /// The digits that a day does not begin with.
    no_days: (u64, u64),
}

impl Lengths {
    #[inline(always)]
    fn of(digits: u64, before: &Self) -> Self {
        let one = digits;
        let two = one & after(one, before.one, 1);
        let four = two & after(two, before.two, 2);
        let eight = four & after(four, before.four, 4);
        Self { one, two, four, eight }
    }
}

/// The bits of a mask and the eleven after each.
#[inline(always)]
fn spread(mask: u128) -> u128 {
    let two = mask | mask << 1;
    let four = two | two << 2;
    four | four << 4 | four << 8
}

/// The mask `units` units later.
#[inline(always)]
fn after(here: u64, before: u64, units: u32) -> u64 {
    here << units | before >> (64 - units)
}

impl Pair<'_> {
    /// What stands `units` units behind a digit.
    #[inline(always)]
    fn one(&self, units: u32) -> u64 {
        after(self.here.one, self.before.one, units)
    }

    #[inline(always)]
    fn two(&self, units: u32) -> u64 {
        after(self.here.two, self.before.two, units)
    }

    #[inline(always)]
    fn four(&self, units: u32) -> u64 {
        after(self.here.four, self.before.four, units)
    }

    #[inline(always)]
    fn eight(&self, units: u32) -> u64 {
        after(self.here.eight, self.before.eight, units)
    }

    /// Where runs of four and more digits end: the units after their last ones.
    #[inline(always)]
    fn ends(&self) -> u64 {
        !self.here.one & self.four(1)
    }

    /// The ends of ten digits.
    #[inline(always)]
    fn tens(&self) -> u64 {
        self.eight(1) & self.two(9) & !self.one(11)
    }

    /// Those of the `ends` of nine digits and more.
    #[inline(always)]
    fn long(&self, ends: u64) -> u64 {
        ends & self.eight(1) & self.one(9)
    }

    /// Those of the `ends` of four digits before which, behind one unit, stand as many others as every date has, in one
    /// piece or in groups.
    #[inline(always)]
    fn parted(&self, ends: u64) -> u64 {
        ends & !self.one(5) & self.two(6) & self.one(9) & (self.one(10) | self.one(11))
    }

    /// Those of the `ends` of four digits before which two others stand behind two and more units.
    #[inline(always)]
    fn far(&self, ends: u64) -> u64 {
        let four_digits = ends & !self.one(5) & !self.one(6);
        if four_digits == 0 {
            return 0;
        }
        let two = u128::from(self.here.two) << 64 | u128::from(self.before.two);
        four_digits & (spread(two << 7) >> 64) as u64
    }

    /// Those of the ends of four digits that `joins` stand before: the units one of which is in every ASCII join of two and
    /// more. Those of the block before are not known, so that all may be.
    #[inline(always)]
    fn joined(ends: u64, joins: u64) -> u64 {
        // From the one before the four digits to the twelfth before them.
        let joins = u128::from(joins) << 64 | u128::from(u64::MAX);
        ends & (spread(joins << 5) >> 64) as u64
    }

    /// The ends of runs that may end a number spelled in one piece or with one unit between its date and the other four
    /// digits: what stands where its month and its day must stand can be those.
    #[inline(always)]
    fn dated(&self, dates: &Dates) -> u64 {
        let month = |units: u32| after(dates.months.1, dates.months.0, units);
        let day = |units: u32| !after(dates.no_days.1, dates.no_days.0, units);
        // Nine digits lost the zero before their day.
        let nine = self.eight(1) & self.one(9) & !self.one(10) & month(8);
        let ten = self.tens() & month(8) & day(10);
        let twelve = self.eight(1) & self.four(9) & !self.one(13) & month(10) & day(12);
        // The date ends before the unit before the four digits.
        let five_or_six = self.four(6) & self.one(10) & !(self.one(11) & self.one(12)) & month(9);
        let eight = self.eight(6) & !self.one(14) & month(11) & day(13);
        // In groups, the year last or first.
        let short_year = self.two(6) & !self.one(8) & self.two(9) & !self.one(11) & self.two(12) & month(10);
        let long_year =
            self.two(6) & self.two(8) & !self.one(10) & self.two(11) & !self.one(13) & self.two(14) & month(12);
        let parted = !self.one(5) & (five_or_six | eight | short_year | long_year);
        nine | ten | twelve | parted
    }

    /// How many digits end before `bit`, 20 at most.
    #[inline(always)]
    fn length(&self, bit: u32) -> usize {
        let both = u128::from(self.here.one) << 64 | u128::from(self.before.one);
        ((both << (64 - bit)).leading_ones() as usize).min(LONGEST)
    }
}

/// The 64 units from byte `at`, in `memory` where they do not lie as they are needed; what the text does not have is 0.
#[inline(always)]
fn block<'b, const SIZE: usize, const LOW: usize>(bytes: &'b [u8], at: usize, memory: &'b mut Block) -> &'b Block {
    let rest = &bytes[at..];
    match (rest.first_chunk::<64>(), rest.get(..128)) {
        (Some(block), _) if SIZE == 1 => block,
        (_, Some(units)) if SIZE == 2 => {
            mask::narrow::<LOW>(units, memory);
            memory
        }
        _ => {
            let mut padded = [0; 128];
            let length = rest.len().min(64 * SIZE);
            padded[..length].copy_from_slice(&rest[..length]);
            if SIZE == 1 {
                memory.copy_from_slice(&padded[..64]);
            } else {
                mask::narrow::<LOW>(&padded, memory);
            }
            memory
        }
    }
}

/// Digits of full width, U+FF10 to U+FF19, which are 0xef 0xbc 0x90 to 0x99. They are rare, so what they cost is the look
/// for their first bytes.
fn full_width(bytes: &[u8], own: &Range<usize>) -> Vec<Range<usize>> {
    let is_digit = |at: usize| matches!(bytes.get(at..at + 3), Some([0xef, 0xbc, 0x90..=0x99]));
    let from = own.start.saturating_sub(3 * LONGEST);
    let mut found = Vec::new();
    let mut end = from;
    for at in memchr::memmem::find_iter(&bytes[from..own.end], b"\xef\xbc") {
        let start = from + at;
        if start < end || !is_digit(start) {
            continue;
        }
        end = start;
        while is_digit(end) {
            end += 3;
        }
        if end - start >= 12 && own.contains(&(end - 1)) {
            found.push(start.max(end.saturating_sub(3 * LONGEST))..end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    use crate::detect::candidate::{Candidate, Found, search};
    use crate::detect::glance::PIECES;
    use crate::detect::window::Window;
    use crate::model::{Delimited, Places, Text};

    fn all(bytes: &[u8], encoding: Encoding, own: Range<usize>) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        runs(bytes, encoding, &own, false, |digits| match digits {
            Digits::Run(run) => found.push(run.bytes),
            Digits::OtherTens(_) => unreachable!("not asked for"),
        });
        found
    }

    /// All runs, digit by digit.
    fn plain(bytes: &[u8], encoding: Encoding, own: &Range<usize>) -> Vec<Range<usize>> {
        let (size, low) = (encoding.unit(), usize::from(encoding == Encoding::Utf16Be));
        let digit = |at: usize| {
            let unit = bytes.get(at..at + size)?;
            Some(unit[low].is_ascii_digit() && (size == 1 || unit[1 - low] == 0))
        };
        let mut found = Vec::new();
        let mut start = 0;
        for at in (0..=bytes.len()).step_by(size) {
            if digit(at) == Some(true) {
                continue;
            }
            if at - start >= 4 * size && own.contains(&(at - 1)) {
                found.push(start..at);
            }
            start = at + size;
        }
        found
    }

    fn begins_with_date(digits: &[u8]) -> bool {
        let pair = |at: usize| digits[at] % 16 * 10 + digits[at + 1] % 16;
        matches!(pair(0), 1..=31 | 61..=91) && matches!(pair(2), 1..=12)
    }

    /// What the search finds that begins with a date, and how many tens do not.
    fn searched(text: &Text<'_>) -> (Vec<Candidate>, u32) {
        let (mut dated, mut others) = (Vec::new(), 0);
        search(text, |found| match found {
            Found::Candidate(candidate) if begins_with_date(&candidate.digits) => dated.push(candidate),
            Found::Candidate(_) => {}
            Found::OtherTens { count, .. } => others += count,
        });
        (dated, others)
    }

    /// The same by spelling out what stands round every run of digits.
    fn spelled_out(text: &Text<'_>) -> Vec<Candidate> {
        let delimiter = text.delimited.map(|delimited| char::from(delimited.delimiter));
        let runs = plain(text.bytes, text.encoding, &text.own).into_iter();
        let candidates = runs.filter_map(|run| {
            let mut window = Window::default();
            window.fill(text, &(run.start.max(run.end.saturating_sub(LONGEST * text.encoding.unit()))..run.end));
            window.spelled(delimiter)
        });
        candidates.filter(|candidate| begins_with_date(&candidate.digits)).collect()
    }

    fn in_encodings(text: &str) -> Vec<(Vec<u8>, Encoding)> {
        let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        vec![
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (encoding_rs::WINDOWS_1252.encode(text).0.to_vec(), Encoding::Windows1252),
            (wide(u16::to_le_bytes), Encoding::Utf16Le),
            (wide(u16::to_be_bytes), Encoding::Utf16Be),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn masks_and_glance_drop_no_number(
            pieces in prop_oneof![
                prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..12),
                prop::collection::vec(prop::sample::select(PIECES.as_slice()), 12..120),
            ],
            cut in any::<(prop::sample::Index, prop::sample::Index)>(),
            delimiter in prop::option::of(prop::sample::select(b";,\t|".as_slice())),
        ) {
            let delimited = delimiter.map(|delimiter| Delimited { table: 1, delimiter, headings: Vec::new() });
            for (bytes, encoding) in in_encodings(&pieces.concat()) {
                let units = bytes.len() / encoding.unit() + 1;
                let (a, b) = (cut.0.index(units) * encoding.unit(), cut.1.index(units) * encoding.unit());
                let own = a.min(b)..a.max(b);
                let (parts, places) = (std::sync::Arc::from([]), Places::Lines(1));
                let text = Text { bytes: &bytes, encoding, own, parts: &parts, places, delimited: delimited.as_ref() };
                prop_assert_eq!(searched(&text).0, spelled_out(&text), "{:?}", encoding);
            }
        }

        #[test]
        fn numbers_close_together_are_told_apart_and_counted(
            text in "([0-9]{4,13}[;,. /-]{1,2}|[a-z]{1,3} |[0-9]{2}[./-]?[0-9]{2}[./-]?([0-9]{2}){1,2}[;. -][0-9]{4}\n){0,60}",
        ) {
            for (bytes, encoding) in in_encodings(&text) {
                let (parts, own) = (std::sync::Arc::from([]), 0..bytes.len());
                let places = Places::Lines(1);
                let text = Text { bytes: &bytes, encoding, own: own.clone(), parts: &parts, places, delimited: None };
                let (dated, others) = searched(&text);
                prop_assert_eq!(dated, spelled_out(&text), "{:?}", encoding);
                let size = encoding.unit();
                let tens = plain(&bytes, encoding, &own).into_iter().filter(|run| run.len() == 10 * size);
                let low = usize::from(encoding == Encoding::Utf16Be);
                let digits = tens.map(|run| bytes[run].chunks(size).map(|unit| unit[low]).collect::<Vec<u8>>());
                prop_assert_eq!(others as usize, digits.filter(|digits| !begins_with_date(digits)).count());
            }
        }
    }

    #[test]
    fn full_width_runs_come_in_their_place() {
        let lengths: Vec<usize> =
            all("1234 ５６７８ 9012".as_bytes(), Encoding::Utf8, 0..22).iter().map(Range::len).collect();
        assert_eq!(lengths, [4, 12, 4]);
    }

    #[test]
    fn a_run_belongs_to_the_text_that_owns_its_last_byte() {
        let text = b"070761-4285 070761-4285";
        let lengths = |own| all(text, Encoding::Utf8, own).iter().map(Range::len).collect::<Vec<_>>();
        assert_eq!(lengths(0..10), [0; 0]);
        assert_eq!(lengths(10..23), [4, 4]);
    }
}
