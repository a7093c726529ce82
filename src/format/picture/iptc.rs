//! IPTC: what picture archives write, alone or in the blocks of Photoshop.

use super::{Output, Reading, text, xmp};
use crate::format::text::spelled;

/// The entries that a person fills in. IPTC-IIM 4.1, record 2.
const ENTRIES: &[(u8, &str)] = &[
    (5, "title"),
    (25, "keywords"),
    (40, "instructions"),
    (80, "author"),
    (105, "headline"),
    (110, "credit"),
    (116, "copyright"),
    (118, "contact"),
    (120, "description"),
    (122, "writer"),
];

/// Gives the entries of IPTC.
pub fn give(mut bytes: &[u8], output: &mut Output<'_>) -> Reading {
    while let [0x1c, record, entry, high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (value, after) = rest.split_at(length.min(rest.len()));
        if let Some((_, label)) = ENTRIES.iter().find(|(known, _)| *record == 2 && known == entry) {
            text(label, &spelled(value), output)?;
        }
        bytes = after;
    }
    Ok(())
}

/// Gives what stands in the blocks of Photoshop: IPTC, and XMP.
pub fn blocks(mut bytes: &[u8], output: &mut Output<'_>) -> Reading {
    while let Some(rest) = bytes.strip_prefix(b"8BIM") {
        let [high, low, name, ..] = *rest else { return Ok(()) };
        // The name with its length takes an even number of bytes, and so does the block.
        let start = 2 + (usize::from(name) + 2) / 2 * 2;
        let Some((length, rest)) = rest.get(start..).and_then(|rest| rest.split_first_chunk()) else { return Ok(()) };
        let length = u32::from_be_bytes(*length) as usize;
        let (block, _) = rest.split_at(length.min(rest.len()));
        match u16::from_be_bytes([high, low]) {
            0x0404 => give(block, output)?,
            0x0424 => xmp(block, output)?,
            _ => {}
        }
        bytes = rest.get(length.saturating_add(length % 2)..).unwrap_or_default();
    }
    Ok(())
}
