//! Shortcuts of Windows (lnk): what they lead to, and what is written about that. Read by [MS-SHLLINK].

use super::{Format, Input, Output, Reading, Weight, strings};
use crate::model::{Encoding, Place, ProblemKind};

pub const FORMAT: Format = Format {
    name: "lnk",
    version: 1,
    weight: Weight::Heavy,
    reads: "the path that it leads to, names, description and arguments",
    leaves: "",
    recognise: |input| input.head().starts_with(b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0"),
    read,
};

/// Bytes of the header.
const HEADER_BYTES: usize = 76;

/// The texts behind the path, in their order, each with its flag. [MS-SHLLINK] 2.4.
const TEXTS: [(u32, &str); 5] =
    [(0x04, "description"), (0x08, "relative path"), (0x10, "folder"), (0x20, "arguments"), (0x40, "icon")];

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let bytes = input.all()?;
    let flags = bytes.get(20..).and_then(|rest| rest.first_chunk()).map_or(0, |flags| u32::from_le_bytes(*flags));
    let mut rest = bytes.get(HEADER_BYTES..).ok_or(ProblemKind::Damaged)?;
    if flags & 1 != 0 {
        let (length, after) = rest.split_first_chunk().ok_or(ProblemKind::Damaged)?;
        let (items, after) = parted(after, usize::from(u16::from_le_bytes(*length)))?;
        output.field("target", |output| strings::give(items, output))?;
        rest = after;
    }
    if flags & 2 != 0 {
        let length = rest.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        let (info, after) = parted(rest, length.max(4) as usize)?;
        output.field("path", |output| strings::give(info, output))?;
        rest = after;
    }
    let (unit, encoding) = if flags & 0x80 != 0 { (2, Encoding::Utf16Le) } else { (1, Encoding::Windows1252) };
    for (_, label) in TEXTS.iter().filter(|(flag, _)| flags & flag != 0) {
        let (length, after) = rest.split_first_chunk().ok_or(ProblemKind::Damaged)?;
        let (text, after) = parted(after, unit * usize::from(u16::from_le_bytes(*length)))?;
        output.field(label, |output| {
            let mut decoded = String::new();
            encoding.decode_into(text, &mut decoded);
            output.at(Place::Whole)?;
            output.push(&decoded)
        })?;
        rest = after;
    }
    // What follows holds the path once more, and the name of the computer.
    output.field("more", |output| strings::give(rest, output))
}

fn parted(bytes: &[u8], length: usize) -> Result<(&[u8], &[u8]), ProblemKind> {
    bytes.split_at_checked(length).ok_or(ProblemKind::Damaged)
}
