//! Plain text in any of the encodings of [`Encoding`], searched as it lies, in chunks.

use std::borrow::Cow;
use std::ops::Range;

use super::output::Stretch;
use super::{Format, Input, Output, Reading, Weight, input::problem_kind, known};
use crate::model::{Delimited, Encoding};

pub const FORMAT: Format = Format {
    name: "text",
    version: 1,
    weight: Weight::Light,
    reads: "all of it, as it lies (yaml, ini, markdown, logs, source code too), in UTF-8, Windows-1252, CP850/865, UTF-16 with and without mark",
    leaves: "",
    recognise,
    read,
};

/// Bytes that are read at a time after the head.
const CHUNK_BYTES: usize = 256 * 1024;

/// Chunks after which a text is long, and after which it is asked again whether many are taken together.
const ALONE_CHUNKS: usize = 16;

/// Bytes before what is new that detection sees again: room for the beginning of a line, whose columns are counted.
const CONTEXT_BYTES: usize = 2048;

/// Bytes at the end of a chunk whose hits belong to the next one, where what follows them is known. Even, for UTF-16.
const PENDING_BYTES: usize = 128;

/// Bytes in which an encoding is told from another.
const SAMPLE_BYTES: usize = 64 * 1024;

fn recognise(input: &mut Input<'_>) -> bool {
    input.encoding().is_some()
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    stream(input, output, encoding, None)
}

/// Hands on the text chunk by chunk. Memory does not grow with its length.
pub fn stream(
    input: &mut Input<'_>,
    output: &mut Output<'_>,
    encoding: Encoding,
    delimited: Option<&Delimited>,
) -> Reading {
    let mut chunk = Chunk { bytes: input.take_head(), fresh: 0, first_line: 1 };
    let reading = chunks(input, &mut chunk, output, encoding, delimited);
    input.put_back(chunk.bytes);
    reading
}

/// Bytes with what of them is new.
struct Chunk {
    bytes: Vec<u8>,
    /// Where what is new begins; before it stands context.
    fresh: usize,
    /// The number of the line at the beginning.
    first_line: u64,
}

impl Chunk {
    /// Bytes whose hits are this chunk's.
    fn own(&self, input: &Input<'_>) -> Range<usize> {
        let pending = if input.is_whole() { 0 } else { PENDING_BYTES };
        self.fresh..self.bytes.len().saturating_sub(pending).max(self.fresh)
    }

    fn text<'t>(&'t self, own: Range<usize>, encoding: Encoding, delimited: Option<&'t Delimited>) -> Stretch<'t> {
        Stretch { bytes: &self.bytes, own, encoding, first_line: self.first_line, delimited }
    }

    /// Where the context of the next chunk begins, if this one owns the bytes up to `end`.
    fn context(end: usize) -> usize {
        end.saturating_sub(CONTEXT_BYTES) & !1
    }

    /// Goes on to the next chunk.
    fn go_on(&mut self, end: usize, input: &mut Input<'_>, encoding: Encoding) -> Reading {
        let keep = Self::context(end);
        self.first_line += encoding.count_line_ends(&self.bytes[..keep]);
        self.bytes.drain(..keep);
        self.fresh = end - keep;
        input.more(&mut self.bytes, CHUNK_BYTES).map_err(|error| problem_kind(&error))
    }

    /// Becomes the chunk that follows `earlier`.
    fn follow(&mut self, earlier: &Self, end: usize, input: &mut Input<'_>, encoding: Encoding) -> Reading {
        let keep = Self::context(end);
        self.first_line = earlier.first_line + encoding.count_line_ends(&earlier.bytes[..keep]);
        self.bytes.clear();
        self.bytes.extend_from_slice(&earlier.bytes[keep..]);
        self.fresh = end - keep;
        input.more(&mut self.bytes, CHUNK_BYTES).map_err(|error| problem_kind(&error))
    }
}

fn chunks(
    input: &mut Input<'_>,
    chunk: &mut Chunk,
    output: &mut Output<'_>,
    encoding: Encoding,
    delimited: Option<&Delimited>,
) -> Reading {
    let mut alone = 0;
    loop {
        if alone == ALONE_CHUNKS {
            alone = 0;
            let together = output.together();
            if together > 1 {
                return chunks_together(input, chunk, output, encoding, delimited, together);
            }
        }
        alone += 1;
        let own = chunk.own(input);
        let end = own.end;
        output.raw(&[chunk.text(own, encoding, delimited)])?;
        if input.is_whole() {
            return Ok(());
        }
        chunk.go_on(end, input, encoding)?;
    }
}

/// Hands on `together` chunks at a time, the same as one by one.
fn chunks_together(
    input: &mut Input<'_>,
    first: &mut Chunk,
    output: &mut Output<'_>,
    encoding: Encoding,
    delimited: Option<&Delimited>,
    together: usize,
) -> Reading {
    let empty = || Chunk { bytes: Vec::new(), fresh: 0, first_line: 1 };
    // The last one is read ahead and becomes the first of the next round.
    let mut held: Vec<Chunk> = std::iter::repeat_with(empty).take(together + 1).collect();
    std::mem::swap(first, &mut held[0]);
    loop {
        let mut owned = Vec::with_capacity(together);
        let (mut reading, mut ended) = (Ok(()), false);
        while owned.len() < together && reading.is_ok() {
            let (earlier, later) = held.split_at_mut(owned.len() + 1);
            let earlier = &earlier[owned.len()];
            let own = earlier.own(input);
            let end = own.end;
            owned.push(own);
            if input.is_whole() {
                ended = true;
                break;
            }
            reading = later[0].follow(earlier, end, input, encoding);
        }
        let given = owned.len();
        let stretches: Vec<Stretch<'_>> =
            held.iter().zip(owned).map(|(chunk, own)| chunk.text(own, encoding, delimited)).collect();
        output.raw(&stretches)?;
        reading?;
        if ended {
            std::mem::swap(first, &mut held[0]);
            return Ok(());
        }
        held.swap(0, given);
    }
}

/// The encoding if what begins with `head` is text: few control characters, and in UTF-16 every other byte a zero.
/// `whole` says that nothing follows.
pub fn encoding(head: &[u8], whole: bool) -> Option<Encoding> {
    if known::is_no_text(head) {
        return None;
    }
    let sample = &head[..head.len().min(SAMPLE_BYTES)];
    match sample {
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, ..] => return Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    // In stretches short enough for a byte to count them, which is work for vectors.
    let controls: usize = sample
        .chunks(255)
        .map(|bytes| usize::from(bytes.iter().map(|&byte| u8::from(is_control(byte))).sum::<u8>()))
        .sum();
    if controls > 0
        && let Some(encoding) = utf16(sample)
    {
        return Some(encoding);
    }
    if controls > 1 + sample.len() / 50 {
        return None;
    }
    let cut = sample.len() < head.len() || !whole;
    if simdutf8::basic::from_utf8(sample).is_ok() {
        return Some(Encoding::Utf8);
    }
    match std::str::from_utf8(sample) {
        Ok(_) => Some(Encoding::Utf8),
        Err(error) if error.error_len().is_none() && cut => Some(Encoding::Utf8),
        Err(_) => Some(one_byte(sample)),
    }
}

/// Bytes that text does not hold: neither white space nor what old systems part fields and records with.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=7 | 14..=0x19 | 0x7f)
}

/// The text of bytes in UTF-8, else in Windows-1252.
pub fn spelled(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::new();
            Encoding::Windows1252.decode_into(bytes, &mut text);
            Cow::Owned(text)
        }
    }
}

/// UTF-16 without a byte order mark: nearly every other byte is zero.
fn utf16(sample: &[u8]) -> Option<Encoding> {
    let pairs = sample.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |odd: usize| sample.chunks_exact(2).filter(|pair| pair[odd] == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let (many, few) = (pairs / 2, pairs / 50);
    match () {
        () if odd > many && even <= few => Some(Encoding::Utf16Le),
        () if even > many && odd <= few => Some(Encoding::Utf16Be),
        () => None,
    }
}

/// Windows-1252 or CP850 by which of them makes more æøåÆØÅ of the bytes.
fn one_byte(sample: &[u8]) -> Encoding {
    let count = |letters: [u8; 6]| sample.iter().filter(|b| letters.contains(b)).count();
    let windows = count([0xe6, 0xf8, 0xe5, 0xc6, 0xd8, 0xc5]);
    let dos = count([0x91, 0x9b, 0x86, 0x92, 0x9d, 0x8f]);
    if dos > windows { Encoding::Cp850 } else { Encoding::Windows1252 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Option<Encoding> {
        encoding(bytes, true)
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn encodings_are_told_apart_by_content() {
        assert_eq!(told("Børneliste".as_bytes()), Some(Encoding::Utf8));
        assert_eq!(told(b"B\xf8rneliste"), Some(Encoding::Windows1252));
        assert_eq!(told(b"B\x9brneliste p\x86"), Some(Encoding::Cp850));
        assert_eq!(told(&utf16("\u{feff}Børn", u16::to_le_bytes)), Some(Encoding::Utf16Le));
        assert_eq!(told(&utf16("\u{feff}Børn", u16::to_be_bytes)), Some(Encoding::Utf16Be));
        assert_eq!(told(&utf16("Børneliste 2013", u16::to_le_bytes)), Some(Encoding::Utf16Le));
        assert_eq!(told(&utf16("Børneliste 2013", u16::to_be_bytes)), Some(Encoding::Utf16Be));
    }

    #[test]
    fn binary_data_is_no_text() {
        assert_eq!(told(b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00"), None);
        let mixed: Vec<u8> = (0..=255).cycle().take(4096).collect();
        assert_eq!(told(&mixed), None);
    }

    #[test]
    fn a_character_cut_at_the_end_of_the_sample_does_not_change_the_encoding() {
        let mut text = "a".repeat(SAMPLE_BYTES - 1);
        text.push_str("øøø");
        assert_eq!(told(text.as_bytes()), Some(Encoding::Utf8));
    }
}
