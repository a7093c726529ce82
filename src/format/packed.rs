//! Streams that are packed whole: gzip, bzip2, xz, lzma and zstd. What is in them is read as what it is, as it is unpacked.

use std::io::{self, BufRead, BufReader, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{Format, Input, Output, Reading, Weight};
use crate::model::PartKind;

/// Largest dictionary that a stream may need, in KiB. `xz -9` needs 64 MiB.
pub const DICTIONARY_KIB: u32 = 256 * 1024;

/// Name of what is in a stream that does not tell its name.
const CONTENT: &[u8] = b"content";

pub const GZIP: Format = packed("gzip", |input| input.head().starts_with(b"\x1f\x8b\x08"), gzip);
pub const BZIP2: Format = packed("bzip2", |input| is_bzip2(input.head()), bzip2);
pub const XZ: Format = packed("xz", |input| input.head().starts_with(b"\xfd7zXZ\0"), xz);
pub const LZMA: Format = packed("lzma", |input| is_lzma(input.head()), lzma);
pub const ZSTD: Format = packed("zstd", |input| is_zstd(input.head()), zstd);

const fn packed(
    name: &'static str,
    recognise: fn(&mut Input<'_>) -> bool,
    read: fn(&mut Input<'_>, &mut Output<'_>) -> Reading,
) -> Format {
    Format {
        name,
        version: 1,
        weight: Weight::Heavy,
        reads: "what is packed, as what it is",
        leaves: "",
        recognise,
        read,
    }
}

/// `BZh`, the size of a block, and the number that begins one, or the one that ends them all.
fn is_bzip2(head: &[u8]) -> bool {
    let block = head.get(4..10);
    head.starts_with(b"BZh")
        && [Some(&b"\x31\x41\x59\x26\x53\x59"[..]), Some(b"\x17\x72\x45\x38\x50\x90")].contains(&block)
}

/// A frame, or one that is to be skipped. RFC 8878, section 3.1.
fn is_zstd(head: &[u8]) -> bool {
    let skipped = matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
    skipped || head.starts_with(b"\x28\xb5\x2f\xfd")
}

/// The format has no signature: usual properties, a dictionary of a power of two, a size that is unknown or can be.
fn is_lzma(head: &[u8]) -> bool {
    let Some((properties, rest)) = head.split_first_chunk::<5>() else {
        return false;
    };
    let dictionary = u32::from_le_bytes([properties[1], properties[2], properties[3], properties[4]]);
    let Some((size, rest)) = rest.split_first_chunk::<8>() else {
        return false;
    };
    let size = u64::from_le_bytes(*size);
    // The first byte of what is packed is always zero.
    properties[0] == 0x5d
        && dictionary.is_power_of_two()
        && dictionary >= 4096
        && (size == u64::MAX || size < 1 << 40)
        && rest.first() == Some(&0)
}

fn gzip(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let name = gzip_name(input.head()).map(<[u8]>::to_vec);
    give(name.as_deref(), MultiGzDecoder::new(input.reader()), output)
}

/// The name of the file that was packed, if the stream tells it. RFC 1952, section 2.3.
fn gzip_name(head: &[u8]) -> Option<&[u8]> {
    let flags = head.get(3)?;
    let extra = if flags & 4 == 0 { 0 } else { 2 + usize::from(u16::from_le_bytes([*head.get(10)?, *head.get(11)?])) };
    let name = head.get(10 + extra..).filter(|_| flags & 8 != 0)?;
    let end = name.iter().take(4096).position(|b| *b == 0)?;
    Some(&name[..end]).filter(|name| !name.is_empty())
}

fn bzip2(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    give(None, MultiBzDecoder::new(input.reader()), output)
}

fn xz(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    give(None, XzReader::new_mem_limit(input.reader(), true, DICTIONARY_KIB), output)
}

fn lzma(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let reader = LzmaReader::new_mem_limit(BufReader::new(input.reader()), DICTIONARY_KIB, None);
    give(None, reader.map_err(|error| super::input::problem_kind(&error))?, output)
}

fn zstd(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(u64::from(DICTIONARY_KIB) * 1024);
    give(None, Frames { source: BufReader::new(input.reader()), decoder, open: false }, output)
}

fn give(name: Option<&[u8]>, unpacked: impl Read, output: &mut Output<'_>) -> Reading {
    let mut unpacked = output.meter(unpacked);
    let input = Input::stream(&mut unpacked);
    match name {
        Some(name) => output.member(PartKind::Member, name, input),
        None => output.named_member(PartKind::Member, CONTENT, input),
    }
}

/// Frames of zstd, one after another.
struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    /// True when a frame began.
    open: bool,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.open && self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if self.open && !self.decoder.is_finished() {
                let blocks = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, blocks).map_err(io::Error::other)?;
                continue;
            }
            if buffer.is_empty() || self.source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.open = false;
            match self.decoder.init(&mut self.source) {
                Ok(()) => self.open = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Err(io::ErrorKind::OutOfMemory.into()),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::super::ooxml::sample::told;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_of_a_stream_are_one_text_and_a_stream_that_is_cut_gives_what_came_before() {
        let whole = [gzip(b"en 070761-"), gzip(b"4285 to")].concat();
        assert_eq!(told(whole.clone()).lines, ["en 070761-4285 to"]);
        let cut = told(whole[..whole.len() - 4].to_vec());
        assert_eq!(
            (cut.lines, cut.problems),
            (vec!["en 070761-4285 to".to_owned()], vec!["content: Damaged".to_owned()])
        );
    }

    #[test]
    fn the_name_of_a_stream_is_told_and_searched() {
        let mut named = gzip(b"tekst");
        named[3] = 8;
        named.splice(10..10, *b"070761-4285.txt\0");
        assert_eq!(told(named).lines, ["xxxxxx-xxxx.txt › name: 070761-4285.txt", "tekst"]);
    }

    #[test]
    fn frames_of_zstd_are_read_and_others_skipped() {
        // `printf tekst | zstd`, a frame to be skipped before and the same frame behind it.
        let frame = b"\x28\xb5\x2f\xfd\x04\x00\x29\x00\x00tekst";
        let skipped = b"\x50\x2a\x4d\x18\x03\0\0\0abc";
        let told = told([&skipped[..], frame, &skipped[..]].concat());
        assert_eq!((told.format, &*told.lines[0]), ("zstd", "tekst"));
    }

    #[test]
    fn a_dictionary_beyond_the_limit_is_not_made() {
        let huge = [&b"\x5d\0\0\0\x80"[..], &[0xff; 8], &[0; 64]].concat();
        assert_eq!(told(huge).problems, ["whole: TooLarge"]);
    }
}
