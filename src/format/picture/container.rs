//! Pictures whose metadata is held as it is in others: WebP, HEIC, and the comments of GIF.

use memchr::memmem;

use super::{Output, PIECE_BYTES, Reading, Source, exif, text, xmp};
use crate::format::text::spelled;
use crate::model::ProblemKind;

/// Blocks and chunks that are looked at, at most.
const CHUNKS: usize = 1_000_000;

/// Pieces of EXIF or XMP in one picture, at most.
const PIECES: usize = 64;

/// Gives the metadata in the chunks of a WebP.
pub fn webp(source: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let mut at = 12;
    for _ in 0..CHUNKS {
        let Some([k0, k1, k2, k3, a, b, c, d]) = source.exactly(at)? else { break };
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        match &[k0, k1, k2, k3] {
            b"EXIF" => exif(&source.bytes(at + 8, length)?, source, output)?,
            b"XMP " => xmp(&source.bytes(at + 8, length)?, output)?,
            _ => {}
        }
        at += 8 + length + length % 2;
    }
    Ok(())
}

/// Gives what looks like EXIF and XMP in a HEIC, whose items may stand anywhere.
pub fn heic(source: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let bytes = source.bytes(0, PIECE_BYTES)?;
    for at in memmem::find_iter(&bytes, b"Exif\0\0").take(PIECES) {
        let rest = &bytes[at + 6..];
        if rest.starts_with(b"II*\0") || rest.starts_with(b"MM\0*") {
            exif(rest, source, output)?;
        }
    }
    for at in memmem::find_iter(&bytes, b"<x:xmpmeta").take(PIECES) {
        let rest = &bytes[at..];
        let end = memmem::find(rest, b"</x:xmpmeta>").map_or(rest.len(), |end| end + b"</x:xmpmeta>".len());
        xmp(&rest[..end], output)?;
    }
    Ok(())
}

/// Gives the comments of a GIF, and its XMP.
pub fn gif(source: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let Some(header) = source.exactly::<13>(0)? else { return Ok(()) };
    let mut at = 13 + colours(header[10]);
    for _ in 0..CHUNKS {
        let Some([kind, label]) = source.exactly(at)? else { break };
        match (kind, label) {
            (0x2c, _) => {
                let Some(image) = source.exactly::<10>(at)? else { break };
                // The least size of a code stands before the pixels.
                at = blocks(source, at + 11 + colours(image[9]), |_, _| {})?;
            }
            (0x21, 0xfe) => {
                let mut comment = Vec::new();
                at = blocks(source, at + 2, |_, block| comment.extend_from_slice(block))?;
                text("comment", &spelled(&comment), output)?;
            }
            (0x21, 0xff) => {
                let mut whole = Vec::new();
                at = blocks(source, at + 2, |length, block| {
                    whole.push(length);
                    whole.extend_from_slice(block);
                })?;
                // XMP is written through, so that the lengths of blocks are characters of it.
                if let Some(packet) = whole.strip_prefix(b"\x0bXMP DataXMP") {
                    xmp(packet, output)?;
                }
            }
            (0x21, _) => at = blocks(source, at + 2, |_, _| {})?,
            _ => break,
        }
    }
    Ok(())
}

/// Bytes of a table of colours, by the flags that tell of it.
fn colours(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << (u64::from(flags & 7) + 1) }
}

/// Calls `each` with the blocks from `at` on, each with its length, and gives where they end.
fn blocks(source: &mut Source<'_>, mut at: u64, mut each: impl FnMut(u8, &[u8])) -> Result<u64, ProblemKind> {
    loop {
        let block = source.bytes(at, 256)?;
        let Some((&length, rest)) = block.split_first() else { return Ok(at) };
        if length == 0 {
            return Ok(at + 1);
        }
        each(length, &rest[..usize::from(length).min(rest.len())]);
        at += 1 + u64::from(length);
    }
}
