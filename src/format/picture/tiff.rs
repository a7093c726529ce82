//! TIFF, of which EXIF is a part: folders of entries, each with a tag.

use super::{Output, Reading, Source, iptc, text, xmp};
use crate::format::text::spelled;
use crate::model::Encoding;

/// Folders of one file, at most: each page of a TIFF has one.
const FOLDERS: usize = 4096;

/// What an entry holds.
enum Kind {
    /// Characters.
    Text(&'static str),
    /// Characters of two bytes, as Windows writes them.
    Wide(&'static str),
    /// Characters behind the name of their encoding.
    Comment(&'static str),
    /// XMP.
    Xmp,
    /// IPTC.
    Iptc,
    /// Blocks of Photoshop.
    Blocks,
    /// Where other folders begin.
    Folders,
}

/// The entries that a person fills in. TIFF 6.0, EXIF 2.32, and those of Windows.
fn kind(tag: u16) -> Option<Kind> {
    Some(match tag {
        0x010d => Kind::Text("document"),
        0x010e => Kind::Text("description"),
        0x011d => Kind::Text("page"),
        0x013b => Kind::Text("artist"),
        0x8298 => Kind::Text("copyright"),
        0xa430 => Kind::Text("owner"),
        0x9286 => Kind::Comment("comment"),
        0x9c9b => Kind::Wide("title"),
        0x9c9c => Kind::Wide("comment"),
        0x9c9d => Kind::Wide("author"),
        0x9c9e => Kind::Wide("keywords"),
        0x9c9f => Kind::Wide("subject"),
        0x02bc => Kind::Xmp,
        0x83bb => Kind::Iptc,
        0x8649 => Kind::Blocks,
        0x014a | 0x8769 => Kind::Folders,
        _ => return None,
    })
}

/// How numbers are written.
#[derive(Clone, Copy)]
struct Order {
    big: bool,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

/// Gives what a person filled in, of every folder.
pub fn give(source: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let header = source.bytes(0, 8)?;
    let order = Order { big: header.starts_with(b"MM") };
    let mut open = Vec::new();
    open.extend(order.u16(&header, 2).filter(|&magic| magic == 42).and_then(|_| order.u32(&header, 4)));
    let mut seen = std::collections::HashSet::new();
    while let Some(folder) = open.pop() {
        if folder == 0 || seen.len() >= FOLDERS || !seen.insert(folder) {
            continue;
        }
        let count = source.bytes(folder.into(), 2)?;
        let count = usize::from(order.u16(&count, 0).unwrap_or(0));
        let entries = source.bytes(u64::from(folder) + 2, 12 * count as u64 + 4)?;
        open.extend(order.u32(&entries, 12 * count));
        for entry in entries.chunks_exact(12).take(count) {
            let Some(kind) = order.u16(entry, 0).and_then(kind) else { continue };
            let value = value(source, order, entry)?;
            output.goes_on();
            match kind {
                Kind::Text(label) => text(label, &spelled(&value), output)?,
                Kind::Wide(label) => text(label, &wide(&value, false), output)?,
                Kind::Comment(label) => text(label, &comment(&value, order), output)?,
                Kind::Xmp => xmp(&value, output)?,
                Kind::Iptc => iptc::give(&value, output)?,
                Kind::Blocks => iptc::blocks(&value, output)?,
                Kind::Folders => open.extend((0..value.len() / 4).filter_map(|index| order.u32(&value, 4 * index))),
            }
        }
    }
    Ok(())
}

/// The bytes of an entry: in it if they are four at most, else where it says.
fn value(source: &mut Source<'_>, order: Order, entry: &[u8]) -> Result<Vec<u8>, crate::model::ProblemKind> {
    let size = match order.u16(entry, 2) {
        Some(3 | 8) => 2,
        Some(4 | 9 | 11 | 13) => 4,
        Some(5 | 10 | 12) => 8,
        _ => 1,
    };
    let bytes = size * u64::from(order.u32(entry, 4).unwrap_or(0));
    if bytes <= 4 {
        return Ok(entry[8..8 + bytes as usize].to_vec());
    }
    source.bytes(order.u32(entry, 8).unwrap_or(0).into(), bytes)
}

fn wide(bytes: &[u8], big: bool) -> String {
    let mut text = String::new();
    if big { Encoding::Utf16Be } else { Encoding::Utf16Le }.decode_into(bytes, &mut text);
    text
}

/// A comment of the user: eight bytes name its encoding. EXIF 2.32, 4.6.5.
fn comment(value: &[u8], order: Order) -> String {
    let Some((name, rest)) = value.split_at_checked(8) else { return spelled(value).into_owned() };
    match name {
        b"UNICODE\0" => wide(rest, order.big && !rest.starts_with(b"\xff\xfe")),
        b"ASCII\0\0\0" | b"JIS\0\0\0\0\0" | [0, 0, 0, 0, 0, 0, 0, 0] => spelled(rest).into_owned(),
        _ => spelled(value).into_owned(),
    }
}
