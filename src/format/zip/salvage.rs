//! Archives that lost their end, and with it their directory: a copy that was broken off.
//!
//! Before each member of a zip archive stands its name and, but for archives that were written as a stream, its
//! length. A directory is made of those. APPNOTE 6.3.10, sections 4.3.7 to 4.3.16.

use std::io::Cursor;
use std::ops::Range;

use memchr::memmem;

use super::super::Input;
use super::super::input::ReadSeek;
use super::super::little::{u16_at, u32_at};
use super::Archive;
use crate::model::ProblemKind;

const MEMBER: &[u8] = b"PK\x03\x04";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Bytes before the name of a member.
const HEADER_BYTES: usize = 30;

/// The flag of a member whose length stands behind it.
const STREAMED: u16 = 1 << 3;

/// A member by what stands before it. Positions are bytes of the archive.
struct Member {
    start: usize,
    name: Range<usize>,
    data: Range<usize>,
    /// Where checksum, packed size and size stand.
    sizes: Option<usize>,
}

/// Names of the members that begin in `bytes`, if the first begins there at once.
pub fn names(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    members(bytes).map(|member| &bytes[member.name])
}

/// Opens an archive without directory. Its last member may end too soon.
///
/// # Errors
/// When it has no members, or is more than may be held in memory.
pub fn open<'a>(input: &mut Input<'_>) -> Result<Archive<'a>, ProblemKind> {
    let mut bytes = input.all()?.to_vec();
    let directory = directory(&bytes);
    bytes.extend(directory);
    let source: Box<dyn ReadSeek> = Box::new(Cursor::new(bytes));
    Archive::new(source).map_err(|error| super::problem_kind(&error))
}

fn members(bytes: &[u8]) -> impl Iterator<Item = Member> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let member = member(bytes, at)?;
        at = memmem::find(&bytes[member.data.end..], MEMBER).map_or(bytes.len(), |ahead| member.data.end + ahead);
        Some(member)
    })
}

/// The member that begins at `start`.
fn member(bytes: &[u8], start: usize) -> Option<Member> {
    let header = bytes.get(start..start + HEADER_BYTES).filter(|header| header.starts_with(MEMBER))?;
    let name = start + HEADER_BYTES..start + HEADER_BYTES + usize::from(u16_at(header, 26));
    let from = name.end + usize::from(u16_at(header, 28));
    if from > bytes.len() {
        return None;
    }
    let rest = &bytes[from..];
    if u16_at(header, 6) & STREAMED == 0 {
        let length = rest.len().min(u32_at(header, 18) as usize);
        return Some(Member { start, name, data: from..from + length, sizes: Some(start + 14) });
    }
    let descriptor = memmem::find(rest, DESCRIPTOR).filter(|at| rest.len() >= at + 16);
    let next = memmem::find(rest, MEMBER).unwrap_or(rest.len());
    let (length, sizes) = match descriptor.filter(|at| *at < next) {
        Some(at) => (at, Some(from + at + DESCRIPTOR.len())),
        None => (next, None),
    };
    Some(Member { start, name, data: from..from + length, sizes })
}

/// The directory of an archive, with the record that ends it.
fn directory(bytes: &[u8]) -> Vec<u8> {
    let mut directory = Vec::new();
    let mut count: u16 = 0;
    for member in members(bytes) {
        let header = &bytes[member.start..member.start + HEADER_BYTES];
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&header[4..14]);
        match member.sizes {
            Some(at) => directory.extend(&bytes[at..at + 4]),
            None => directory.extend([0; 4]),
        }
        directory.extend((member.data.len() as u32).to_le_bytes());
        match member.sizes {
            Some(at) => directory.extend(&bytes[at + 8..at + 12]),
            None => directory.extend([0xff; 4]),
        }
        directory.extend(&header[26..28]);
        directory.extend([0; 12]);
        directory.extend((member.start as u32).to_le_bytes());
        directory.extend(&bytes[member.name]);
        count = count.saturating_add(1);
    }
    let length = directory.len() as u32;
    directory.extend(b"PK\x05\x06\x00\x00\x00\x00");
    directory.extend(count.to_le_bytes());
    directory.extend(count.to_le_bytes());
    directory.extend(length.to_le_bytes());
    directory.extend((bytes.len() as u32).to_le_bytes());
    directory.extend([0; 2]);
    directory
}

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::{package, told};
    use super::*;

    fn document() -> Vec<u8> {
        package(&[
            ("word/document.xml", "<w:document><w:p><w:r><w:t>070761-4285</w:t></w:r></w:p></w:document>"),
            ("word/header1.xml", "<w:hdr><w:p><w:r><w:t>header</w:t></w:r></w:p></w:hdr>"),
        ])
    }

    #[test]
    fn what_stands_before_a_lost_end_is_read_and_the_loss_is_told() {
        let whole = document();
        let directory = memmem::find(&whole, b"PK\x01\x02").unwrap();
        for lost in [0, 20] {
            let told = told(whole[..directory - lost].to_vec());
            assert_eq!((told.format, &*told.lines[0]), ("docx", "paragraph 1: 070761-4285"));
            assert_eq!(told.problems.last().unwrap(), "whole: Damaged");
            assert!(told.lines.contains(&"header › paragraph 1: header".to_owned()), "{lost}");
        }
    }

    #[test]
    fn members_that_were_streamed_are_found_by_what_follows_them() {
        let whole = document();
        let second = memmem::rfind(&whole, MEMBER).unwrap();
        let directory = memmem::find(&whole, b"PK\x01\x02").unwrap();
        let mut streamed = whole[..second].to_vec();
        streamed[6] |= STREAMED as u8;
        let sizes = streamed[14..26].to_vec();
        streamed[14..26].fill(0);
        streamed.extend(DESCRIPTOR);
        streamed.extend(sizes);
        streamed.extend(&whole[second..directory]);
        assert_eq!(names(&streamed).collect::<Vec<_>>(), [&b"word/document.xml"[..], b"word/header1.xml"]);
        assert_eq!(told(streamed).problems, ["whole: Damaged"]);
    }

    #[test]
    fn other_bytes_have_no_members() {
        assert_eq!(names(b"PK\x05\x06").count(), 0);
        assert_eq!(names(&[MEMBER, &[0xff; 40]].concat()).count(), 0);
        assert_eq!(names(b"").count(), 0);
    }
}
