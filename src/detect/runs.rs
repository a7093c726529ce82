//! The fast part of the search: runs of four digits and more, by masks over 64 bytes at a time.

use std::ops::Range;

use crate::model::Encoding;

/// Longest run that any spelling has, in digits; of longer ones only the last are looked at.
const LONGEST: usize = 20;

/// Calls `found` with the byte range of every run of four and more digits whose last byte lies in `own`, in the order of
/// their places: ASCII digits, and in UTF-8 those of full width.
///
/// Of a run of more than 20 digits the range holds the last ones only.
pub fn runs(bytes: &[u8], encoding: Encoding, own: &Range<usize>, mut found: impl FnMut(Range<usize>)) {
    match encoding {
        Encoding::Utf8 => {
            let mut wide = full_width(bytes, own).into_iter().peekable();
            narrow(bytes, own, &mut |run| {
                while let Some(earlier) = wide.next_if(|wide| wide.start < run.start) {
                    found(earlier);
                }
                found(run);
            });
            wide.for_each(found);
        }
        Encoding::Windows1252 | Encoding::Cp850 => narrow(bytes, own, &mut found),
        Encoding::Utf16Le => wide(bytes, own, 0, &mut found),
        Encoding::Utf16Be => wide(bytes, own, 1, &mut found),
    }
}

/// Digits of one byte.
///
/// Bit i of a mask stands for byte i of a block. The masks of a block and the one before it stand together in 128 bits,
/// so that a run across the border needs no special case.
fn narrow(bytes: &[u8], own: &Range<usize>, found: &mut impl FnMut(Range<usize>)) {
    let mut earlier: u64 = 0;
    let mut at = own.start.saturating_sub(LONGEST);
    // One past the end, so that a run at the very end is closed.
    while at <= own.end.min(bytes.len()) {
        let block = digit_mask(&bytes[at..]);
        if block != 0 || earlier >> 60 == 0b1111 {
            let digits = u128::from(block) << 64 | u128::from(earlier);
            let two = digits & digits << 1;
            let four = two & two << 2;
            let mut ends = ((!digits & four << 1) >> 64) as u64;
            while ends != 0 {
                let bit = ends.trailing_zeros();
                ends &= ends - 1;
                let end = at + bit as usize;
                if own.contains(&(end - 1)) {
                    let length = (digits << (64 - bit)).leading_ones() as usize;
                    found(end - length.min(LONGEST)..end);
                }
            }
        }
        earlier = block;
        at += 64;
    }
}

/// Bit i is set when byte i is an ASCII digit; bytes past the end are none.
fn digit_mask(bytes: &[u8]) -> u64 {
    let Some(block) = bytes.first_chunk::<64>() else {
        let mut padded = [0; 64];
        padded[..bytes.len()].copy_from_slice(bytes);
        return digit_mask(&padded);
    };
    let mut flags = [0u8; 64];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(byte.wrapping_sub(b'0') < 10);
    }
    let mut mask = 0;
    for (i, eight) in flags.chunks_exact(8).enumerate() {
        let flags = u64::from_le_bytes(eight.try_into().expect("chunks of eight"));
        // Gathers the lowest bit of each byte into the highest byte.
        mask |= (flags.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
    }
    mask
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

/// Digits of two bytes, the low one at `low`.
fn wide(bytes: &[u8], own: &Range<usize>, low: usize, found: &mut impl FnMut(Range<usize>)) {
    let from = own.start.saturating_sub(2 * LONGEST) & !1;
    let mut length = 0;
    let mut at = from;
    while at <= own.end.min(bytes.len()) {
        let digit = bytes.get(at..at + 2).is_some_and(|unit| unit[low].is_ascii_digit() && unit[1 - low] == 0);
        if digit {
            length += 1;
        } else {
            if length >= 4 && own.contains(&(at - 1)) {
                found(at - 2 * length.min(LONGEST)..at);
            }
            length = 0;
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8], encoding: Encoding, own: Range<usize>) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        runs(bytes, encoding, &own, |run| found.push(run));
        found
    }

    /// The same, digit by digit.
    fn plain(bytes: &[u8], own: &Range<usize>) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut start = 0;
        for at in 0..=bytes.len() {
            if bytes.get(at).is_some_and(u8::is_ascii_digit) {
                continue;
            }
            if at - start >= 4 && own.contains(&(at - 1)) {
                found.push(start.max(at.saturating_sub(LONGEST))..at);
            }
            start = at + 1;
        }
        found
    }

    proptest! {
        #[test]
        fn masks_find_what_a_plain_loop_finds(
            bytes in prop::collection::vec(prop::sample::select(b"0123456789012345678901234567890123456789 -x".as_slice()), 0..400),
            cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let (a, b) = (cut.0.index(bytes.len() + 1), cut.1.index(bytes.len() + 1));
            let own = a.min(b)..a.max(b);
            prop_assert_eq!(all(&bytes, Encoding::Utf8, own.clone()), plain(&bytes, &own));
            let wide: Vec<u8> = bytes.iter().flat_map(|&b| [b, 0]).collect();
            let doubled: Vec<_> = plain(&bytes, &own).iter().map(|run| 2 * run.start..2 * run.end).collect();
            prop_assert_eq!(all(&wide, Encoding::Utf16Le, 2 * own.start..2 * own.end), doubled);
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
        assert_eq!(lengths(0..10), [6]);
        assert_eq!(lengths(10..23), [4, 6, 4]);
    }
}
