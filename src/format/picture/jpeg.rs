//! JPEG: segments before the pixels.

use super::{Output, Reading, Source, exif, iptc, text, xmp};
use crate::format::text::spelled;

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const MORE_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";

/// Bytes before each piece of more XMP: its name, its length and where it stands.
const MORE_XMP_HEADER: usize = 40;

/// Gives the metadata in the segments up to the pixels.
pub fn give(source: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let mut at = 2;
    let mut more = Vec::new();
    while let Some([0xff, marker, high, low]) = source.exactly(at)? {
        match marker {
            0xff => {
                at += 1;
                continue;
            }
            // The end, the pixels.
            0xd9 | 0xda => break,
            0x01 | 0xd0..=0xd8 => {
                at += 2;
                continue;
            }
            _ => {}
        }
        let length = u64::from(u16::from_be_bytes([high, low])).max(2);
        if matches!(marker, 0xe1 | 0xed | 0xfe) {
            let segment = source.bytes(at + 4, length - 2)?;
            match marker {
                0xfe => text("comment", &spelled(&segment), output)?,
                0xed => iptc::blocks(segment.strip_prefix(b"Photoshop 3.0\0").unwrap_or_default(), output)?,
                _ if segment.starts_with(b"Exif\0\0") => exif(&segment, source, output)?,
                _ if segment.starts_with(XMP) => xmp(&segment[XMP.len()..], output)?,
                _ if segment.starts_with(MORE_XMP) => {
                    more.extend(segment.get(MORE_XMP.len() + MORE_XMP_HEADER..).unwrap_or_default());
                }
                _ => {}
            }
        }
        at += 2 + length;
    }
    if more.is_empty() { Ok(()) } else { xmp(&more, output) }
}
