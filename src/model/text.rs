//! A run of text that detectors see whole, and where each stretch of it stood.

use std::ops::Range;
use std::sync::Arc;

use super::{Part, Place};

/// Stands between two cells of a row. It is no separator that a number could be spelled with, so cells never glue.
pub const CELL_BREAK: char = '\u{1f}';

/// A run of text, as bytes in its own encoding.
///
/// Plain files are searched as they lie; formats push UTF-8.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    /// The bytes, with context before and after what is new.
    pub bytes: &'a [u8],
    /// How the bytes spell characters.
    pub encoding: Encoding,
    /// What is new: a hit belongs to this text when its last byte lies here. The rest is context.
    pub own: Range<usize>,
    /// Steps inward to where all of it stands.
    pub parts: &'a Arc<[Part]>,
    /// Where each stretch stands.
    pub places: Places<'a>,
    /// How lines divide into columns, where they do.
    pub delimited: Option<&'a Delimited>,
}

/// Where the stretches of a text stand.
#[derive(Clone, Copy, Debug)]
pub enum Places<'a> {
    /// Lines; the one at offset 0 has this number.
    Lines(u64),
    /// Marks in the order of their offsets, the first at 0.
    Marks(&'a [Mark]),
}

/// From here on the text stands at another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Bytes from the beginning of the text.
    pub offset: usize,
    /// The place.
    pub place: Place,
    /// The cell of a table, if it is one.
    pub cell: Option<TableCell>,
}

/// A cell of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableCell {
    /// Which table of the file; no two have the same number.
    pub table: u32,
    /// Row, from 1.
    pub row: u32,
    /// Column, from 1.
    pub column: u32,
}

/// Lines whose columns are parted by a delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delimited {
    /// Which table of the file; no two have the same number.
    pub table: u32,
    /// The byte between two columns.
    pub delimiter: u8,
    /// The fields of the first line, in order.
    pub headings: Vec<String>,
}

/// Who takes text: the detector, a printer, or a pipe to another process.
pub trait Sink {
    /// Takes one run. Runs come in the order in which they stand in the file.
    fn text(&mut self, text: &Text<'_>);

    /// How many runs of a long text it takes at once. Asked now and then; what is found does not depend on it.
    fn together(&mut self) -> usize {
        1
    }

    /// Takes runs that follow one another.
    fn texts(&mut self, texts: &[Text<'_>]) {
        texts.iter().for_each(|text| self.text(text));
    }

    /// Hears that a file inside the file begins.
    fn member_begins(&mut self) {}

    /// Hears that the file inside the file that began last, and has not ended, ends.
    fn member_ends(&mut self) {}

    /// Hears that the reading goes on, though it gave no text.
    fn goes_on(&mut self) {}
}

/// How bytes spell characters. In all of them the digits of a number are ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8; broken sequences read as U+FFFD.
    Utf8,
    /// Windows-1252, of which ISO 8859-1 is a part.
    Windows1252,
    /// CP850, with the letters of CP865 (they agree on æøåÆØÅ).
    Cp850,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl Encoding {
    /// Bytes of one code unit.
    pub fn unit(self) -> usize {
        match self {
            Self::Utf8 | Self::Windows1252 | Self::Cp850 => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// The character that begins at `at` and its length in bytes; none at the end.
    ///
    /// A byte that begins no character gives U+FFFD with length 1 (UTF-16: 2).
    pub fn char_at(self, bytes: &[u8], at: usize) -> Option<(char, usize)> {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        Some(match self {
            Self::Utf8 => utf8_char(rest),
            Self::Windows1252 => (windows_1252(rest[0]), 1),
            Self::Cp850 => (cp850(rest[0]), 1),
            Self::Utf16Le => utf16_char(rest, u16::from_le_bytes),
            Self::Utf16Be => utf16_char(rest, u16::from_be_bytes),
        })
    }

    /// The character that ends at `at` and its length in bytes; none at the beginning.
    ///
    /// As [`Encoding::char_at`] does, bytes that end no character give U+FFFD.
    pub fn char_before(self, bytes: &[u8], at: usize) -> Option<(char, usize)> {
        let longest = match self {
            Self::Utf8 | Self::Utf16Le | Self::Utf16Be => 4,
            Self::Windows1252 | Self::Cp850 => 1,
        };
        let unit = self.unit();
        if unit == 1 && at > 0 && bytes[at - 1] < 0x80 {
            return Some((char::from(bytes[at - 1]), 1));
        }
        let whole = (unit..=longest.min(at)).step_by(unit).find_map(|length| {
            let (c, read) = self.char_at(&bytes[..at], at - length)?;
            (read == length && c != char::REPLACEMENT_CHARACTER).then_some((c, length))
        });
        whole.or_else(|| at.checked_sub(unit).map(|_| (char::REPLACEMENT_CHARACTER, unit)))
    }

    /// The nearest beginning of a character at or after `at`.
    pub fn char_start(self, bytes: &[u8], at: usize) -> usize {
        match self {
            Self::Utf8 => {
                let skip = bytes[at.min(bytes.len())..].iter().take(3).take_while(|&&b| b & 0xc0 == 0x80).count();
                at + skip
            }
            Self::Windows1252 | Self::Cp850 => at,
            Self::Utf16Le | Self::Utf16Be => at.next_multiple_of(2),
        }
    }

    /// Appends the text of `bytes` to `out`.
    pub fn decode_into(self, bytes: &[u8], out: &mut String) {
        if self == Self::Utf8 {
            if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
                return out.push_str(text);
            }
            for chunk in bytes.utf8_chunks() {
                out.push_str(chunk.valid());
                out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
            }
            return;
        }
        let mut at = 0;
        while let Some((c, length)) = self.char_at(bytes, at) {
            out.push(c);
            at += length;
        }
    }

    /// Where the last line of `bytes` begins: behind the last line end; none where no line ends.
    pub fn last_line_start(self, bytes: &[u8]) -> Option<usize> {
        let wide = |end: [u8; 2]| bytes.rchunks_exact(2).position(|unit| unit == end).map(|n| bytes.len() - 2 * n);
        match self {
            Self::Utf8 | Self::Windows1252 | Self::Cp850 => memchr::memrchr(b'\n', bytes).map(|end| end + 1),
            Self::Utf16Le => wide([b'\n', 0]),
            Self::Utf16Be => wide([0, b'\n']),
        }
    }

    /// How many lines end in `bytes`.
    pub fn count_line_ends(self, bytes: &[u8]) -> u64 {
        let ends = match self {
            Self::Utf8 | Self::Windows1252 | Self::Cp850 => memchr::memchr_iter(b'\n', bytes).count(),
            Self::Utf16Le => count_units(bytes, [b'\n', 0]),
            Self::Utf16Be => count_units(bytes, [0, b'\n']),
        };
        ends as u64
    }
}

/// How often a unit of two bytes stands in `bytes`. In stretches short enough for a unit to count them, which is work for
/// vectors.
fn count_units(bytes: &[u8], unit: [u8; 2]) -> usize {
    let of = |pair: &[u8]| u16::from_ne_bytes([pair[0], pair[1]]);
    let wanted = of(&unit);
    let count = |stretch: &[u8]| stretch.chunks_exact(2).map(|pair| u16::from(of(pair) == wanted)).sum::<u16>();
    bytes.chunks(1 << 16).map(|stretch| usize::from(count(stretch))).sum()
}

/// Which of 64 bytes are what `is` says, as bits: bit i stands for byte i. Written so that a compiler finds the vectors in it.
#[inline(always)]
pub fn mask_of(bytes: &[u8; 64], is: impl Fn(u8) -> bool) -> u64 {
    let flags = bytes.map(|byte| u8::from(is(byte)));
    let mut mask = 0;
    for (i, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // Gathers the lowest bit of each byte into the highest byte.
        mask |= (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
    }
    mask
}

fn utf8_char(rest: &[u8]) -> (char, usize) {
    let length = match rest[0] {
        0..0x80 => return (char::from(rest[0]), 1),
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    rest.get(..length)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|s| s.chars().next())
        .map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, length))
}

fn utf16_char(rest: &[u8], unit: fn([u8; 2]) -> u16) -> (char, usize) {
    let at = |i: usize| Some(unit([*rest.get(i)?, *rest.get(i + 1)?]));
    let Some(first) = at(0) else {
        return (char::REPLACEMENT_CHARACTER, rest.len());
    };
    match char::decode_utf16([first].into_iter().chain(at(2))).next() {
        Some(Ok(c)) => (c, 2 * c.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 2),
    }
}

/// Upper half of Windows-1252 from 0x80 to 0x9f; the rest is Latin-1.
const WINDOWS_1252_80: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', //
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..0xa0 => WINDOWS_1252_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// Upper half of CP850 from 0x80.
const CP850_80: &str = concat!(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»",
    "░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀",
    "ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
);

fn cp850(byte: u8) -> char {
    static TABLE: std::sync::LazyLock<Vec<char>> = std::sync::LazyLock::new(|| CP850_80.chars().collect());
    match byte {
        0..0x80 => char::from(byte),
        _ => TABLE[usize::from(byte - 0x80)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: Encoding, bytes: &[u8]) -> String {
        let mut out = String::new();
        encoding.decode_into(bytes, &mut out);
        out
    }

    #[test]
    fn danish_letters_read_alike_in_all_encodings() {
        let utf16: Vec<u16> = "æøåÆØÅ 1".encode_utf16().collect();
        let le: Vec<u8> = utf16.iter().flat_map(|u| u.to_le_bytes()).collect();
        let be: Vec<u8> = utf16.iter().flat_map(|u| u.to_be_bytes()).collect();
        for (encoding, bytes) in [
            (Encoding::Utf8, "æøåÆØÅ 1".as_bytes()),
            (Encoding::Windows1252, b"\xe6\xf8\xe5\xc6\xd8\xc5 1"),
            (Encoding::Cp850, b"\x91\x9b\x86\x92\x9d\x8f 1"),
            (Encoding::Utf16Le, &le),
            (Encoding::Utf16Be, &be),
        ] {
            assert_eq!(decode(encoding, bytes), "æøåÆØÅ 1", "{encoding:?}");
        }
    }

    #[test]
    fn the_table_of_cp850_is_whole() {
        assert_eq!(CP850_80.chars().count(), 128);
    }

    #[test]
    fn broken_sequences_take_one_unit_and_lose_nothing_after() {
        assert_eq!(decode(Encoding::Utf8, b"\xff1\xc31\xe2\x801"), "\u{fffd}1\u{fffd}1\u{fffd}\u{fffd}1");
        assert_eq!(decode(Encoding::Utf16Le, b"\x00\xd81\x00\x32"), "\u{fffd}1\u{fffd}");
    }

    proptest::proptest! {
        #[test]
        fn all_is_decoded_as_character_by_character(bytes in proptest::collection::vec(
            proptest::sample::select(b"a1\xc3\xa5\xe2\x80\x93\xf0\x9f\x98\x80\xff\xc0\xed\xa0\xf5".as_slice()), 0..20,
        )) {
            let mut at = 0;
            let mut plain = String::new();
            while let Some((c, length)) = Encoding::Utf8.char_at(&bytes, at) {
                plain.push(c);
                at += length;
            }
            proptest::prop_assert_eq!(decode(Encoding::Utf8, &bytes), plain);
        }
    }

    #[test]
    fn lines_end_at_code_units() {
        assert_eq!(Encoding::Utf16Le.count_line_ends(b"\n\0a\0\n\x01\n\0"), 2);
        assert_eq!(Encoding::Utf16Be.count_line_ends(b"\0\n\x01\n"), 1);
        assert_eq!(Encoding::Utf8.count_line_ends(b"a\nb\n"), 2);
    }

    #[test]
    fn characters_are_read_backwards_as_they_are_forwards() {
        let text = "aø–😀1";
        let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (utf16(u16::to_le_bytes), Encoding::Utf16Le),
            (utf16(u16::to_be_bytes), Encoding::Utf16Be),
            (b"a\xf8\x96".to_vec(), Encoding::Windows1252),
            (b"a\xff1".to_vec(), Encoding::Utf8),
        ] {
            let mut at = bytes.len();
            let mut backwards = Vec::new();
            while let Some((c, length)) = encoding.char_before(&bytes, at) {
                backwards.insert(0, c);
                at -= length;
            }
            assert_eq!(String::from_iter(backwards), decode(encoding, &bytes), "{encoding:?}");
        }
    }

    #[test]
    fn the_last_line_begins_behind_the_last_line_end() {
        assert_eq!(Encoding::Utf8.last_line_start(b"a\nbc"), Some(2));
        assert_eq!(Encoding::Utf8.last_line_start(b"abc"), None);
        assert_eq!(Encoding::Utf16Le.last_line_start(b"a\0\n\0b\0"), Some(4));
        assert_eq!(Encoding::Utf16Be.last_line_start(b"\0a\n\0\0\n\0b"), Some(6));
    }

    #[test]
    fn a_character_is_never_entered_in_the_middle() {
        assert_eq!(Encoding::Utf8.char_start("aø1".as_bytes(), 2), 3);
        assert_eq!(Encoding::Utf16Le.char_start(b"a\0b\0", 1), 2);
    }
}
