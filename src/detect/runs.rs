//! The fast part of the search: runs of digits that may end a number, by masks over 64 code units at a time.

use std::ops::Range;

use super::mask::{self, Block};
use crate::model::Encoding;

/// Longest run that any spelling has, in digits; of longer ones only the last are looked at.
const LONGEST: usize = 20;

/// Code units before the end of a run in which an escape or an invisible character could make a number of it.
const REACH: u32 = LONGEST as u32 + 6;

/// Calls `found` with the byte range of the runs of four and more digits whose last byte lies in `own`, in the order of
/// their places: ASCII digits, and in UTF-8 those of full width.
///
/// Runs that no spelling of a number ends with are left out, as far as masks can tell. Of a run of more than 20 digits the
/// range holds the last ones only.
pub fn runs(bytes: &[u8], encoding: Encoding, own: &Range<usize>, mut found: impl FnMut(Range<usize>)) {
    match encoding {
        Encoding::Utf8 => {
            let mut wide = full_width(bytes, own).into_iter().peekable();
            if wide.peek().is_none() {
                return in_blocks::<1, 0>(bytes, encoding, own, &mut found);
            }
            in_blocks::<1, 0>(bytes, encoding, own, &mut |run| {
                while let Some(earlier) = wide.next_if(|wide| wide.start < run.start) {
                    found(earlier);
                }
                found(run);
            });
            wide.for_each(found);
        }
        Encoding::Windows1252 | Encoding::Cp850 => in_blocks::<1, 0>(bytes, encoding, own, &mut found),
        Encoding::Utf16Le => in_blocks::<2, 0>(bytes, encoding, own, &mut found),
        Encoding::Utf16Be => in_blocks::<2, 1>(bytes, encoding, own, &mut found),
    }
}

/// Digits of `SIZE` bytes, the low one at `LOW`.
///
/// Bit i of a mask stands for unit i of a block. The masks of a block and the one before it stand together in 128 bits, so
/// that a run across the border needs no special case.
fn in_blocks<const SIZE: usize, const LOW: usize>(
    bytes: &[u8],
    encoding: Encoding,
    own: &Range<usize>,
    found: &mut impl FnMut(Range<usize>),
) {
    let from = own.start.saturating_sub(64 * SIZE) & !(SIZE - 1);
    let mut earlier: u64 = 0;
    let mut memory = [0; 64];
    let mut at = from;
    // One past the end, so that a run at the very end is closed.
    while at <= own.end.min(bytes.len()) {
        let block = block::<SIZE, LOW>(bytes, at, &mut memory);
        let digits = mask::digits(block);
        let both = u128::from(digits) << 64 | u128::from(earlier);
        let ends = ends(both);
        if ends != 0 {
            let mut ends = worth_a_look(
                both,
                ends,
                || mask::joins(block),
                || {
                    let here = odd(block, encoding);
                    let Some(before) = at.checked_sub(64 * SIZE).filter(|_| here == 0) else { return here };
                    let mut memory = [0; 64];
                    odd(self::block::<SIZE, LOW>(bytes, before, &mut memory), encoding) >> (64 - REACH)
                },
            );
            while ends != 0 {
                let bit = ends.trailing_zeros();
                ends &= ends - 1;
                let end = at + bit as usize * SIZE;
                if end > 0 && own.contains(&(end - 1)) {
                    let length = (both << (64 - bit)).leading_ones() as usize;
                    found(end - SIZE * length.min(LONGEST)..end);
                }
            }
        }
        earlier = digits;
        at += 64 * SIZE;
    }
}

/// Where runs of four and more digits end: the bits after their last ones, of the later half.
#[inline(always)]
fn ends(digits: u128) -> u64 {
    let two = digits & digits << 1;
    let four = two & two << 2;
    ((!digits & four << 1) >> 64) as u64
}

/// The `ends` of runs that may end a number: ten digits, twelve with the century, nine with a zero lost, and four with a
/// date before them. Where there is something `odd` all are. `joins` are the units one of which is in every ASCII join of
/// two and more; those of the earlier half are not known, so that all may be.
fn worth_a_look(digits: u128, ends: u64, joins: impl FnOnce() -> u64, odd: impl FnOnce() -> u64) -> u64 {
    let two = digits & digits << 1;
    let four = two & two << 2;
    let eight = four & four << 4;
    // Exactly so many digits, given that there are so many and more.
    let exact = |at_least: u128, length: u32| at_least << 1 & !(digits << (length + 1));
    let whole = exact(eight & digits << 8, 9) | exact(eight & two << 8, 10) | exact(eight & four << 8, 12);
    // A date ends before the separator before the four digits.
    let short_year = two << 6 & !(digits << 8) & two << 9 & !(digits << 11) & two << 12;
    let long_year = two << 6 & two << 8 & !(digits << 10) & two << 11 & !(digits << 13) & two << 14;
    let date = (four & digits << 4) << 6 | short_year | long_year;
    // Or before something longer.
    let two_to_twelve = {
        let two_three = two << 7 | two << 8;
        let to_five = two_three | two_three << 2;
        let to_nine = to_five | to_five << 4;
        to_nine | to_five << 8
    };
    let four_digits = !(digits << 5);
    let mut likely = ends & ((whole | four_digits & date) >> 64) as u64;
    let far = ends & !likely & ((four_digits & two_to_twelve & !(digits << 6)) >> 64) as u64;
    if far != 0 {
        // From the one before the four digits to the twelfth before them.
        let five = u128::from(joins()) << 64 | u128::from(u64::MAX);
        let two = five << 5 | five << 6;
        let four = two | two << 2;
        likely |= far & ((four | four << 4 | four << 8) >> 64) as u64;
    }
    if likely != ends && odd() != 0 { ends } else { likely }
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

/// The units that could make a number of digits that seem none. Letters that Danish has are none of them.
fn odd(block: &Block, encoding: Encoding) -> u64 {
    let others = match encoding {
        Encoding::Utf8 => {
            let leads = mask::letter_leads(block);
            mask::high(block) & !(leads | leads << 1)
        }
        Encoding::Windows1252 | Encoding::Utf16Le | Encoding::Utf16Be => mask::high_no_letters(block),
        Encoding::Cp850 => mask::high(block),
    };
    others | mask::escapes(block) | mask::equals_two(block)
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

    use crate::detect::glance::{Glance, PIECES, glance};
    use crate::model::{Places, Text};

    fn all(bytes: &[u8], encoding: Encoding, own: Range<usize>) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        runs(bytes, encoding, &own, |run| found.push(run));
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
                found.push(start.max(at.saturating_sub(LONGEST * size))..at);
            }
            start = at + size;
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn masks_find_all_that_a_glance_takes(
            pieces in prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..120),
            cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let text = pieces.concat();
            let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
            for (bytes, encoding) in [
                (text.as_bytes().to_vec(), Encoding::Utf8),
                (encoding_rs::WINDOWS_1252.encode(&text).0.to_vec(), Encoding::Windows1252),
                (wide(u16::to_le_bytes), Encoding::Utf16Le),
                (wide(u16::to_be_bytes), Encoding::Utf16Be),
            ] {
                let units = bytes.len() / encoding.unit() + 1;
                let (a, b) = (cut.0.index(units) * encoding.unit(), cut.1.index(units) * encoding.unit());
                let own = a.min(b)..a.max(b);
                let parts = std::sync::Arc::from([]);
                let places = Places::Lines(1);
                let text = Text { bytes: &bytes, encoding, own: own.clone(), parts: &parts, places, delimited: None };
                let taken = |mut runs: Vec<Range<usize>>| {
                    runs.retain(|run| glance(&text, run) != Glance::Nothing);
                    runs
                };
                prop_assert_eq!(taken(all(&bytes, encoding, own.clone())), taken(plain(&bytes, encoding, &own)), "{:?}", encoding);
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
