//! Formats that are told by a signature but not read: their name stands in the record.

use crate::model::ProblemKind;

/// What a file begins with, and what it is then.
struct Signature {
    /// Where the bytes stand.
    offset: usize,
    bytes: &'static [u8],
    name: &'static str,
    problem: ProblemKind,
}

const fn unread(offset: usize, bytes: &'static [u8], name: &'static str) -> Signature {
    Signature { offset, bytes, name, problem: ProblemKind::UnsupportedFormat }
}

/// The first that fits names the file.
static SIGNATURES: &[Signature] = &[
    unread(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    unread(0, b"7z\xbc\xaf\x27\x1c", "7z"),
    unread(0, b"Rar!\x1a\x07", "rar"),
    unread(0, b"\x1f\x8b", "gzip"),
    unread(0, b"BZh", "bzip2"),
    unread(0, b"\xfd7zXZ\0", "xz"),
    unread(0, b"\x28\xb5\x2f\xfd", "zstd"),
    unread(257, b"ustar", "tar"),
    unread(0, b"!BDN", "pst"),
    unread(0, b"ElfFile\0", "evtx"),
    unread(0, b"\x7fELF", "elf"),
    unread(0, b"MZ", "exe"),
];

fn signature(head: &[u8]) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|known| head.get(known.offset..).is_some_and(|rest| rest.starts_with(known.bytes)))
}

/// True when the file begins with a signature that no text begins with. `MZ` could be the first letters of a letter.
pub fn is_no_text(head: &[u8]) -> bool {
    signature(head).is_some_and(|known| known.bytes.iter().any(|&b| !b.is_ascii() || b.is_ascii_control()))
}

/// The names of all signatures.
pub fn names() -> impl Iterator<Item = &'static str> {
    SIGNATURES.iter().map(|known| known.name)
}

/// What the file is, by its first bytes; `unknown` where none fits.
pub fn name(head: &[u8]) -> &'static str {
    signature(head).map_or(super::UNKNOWN, |known| known.name)
}

/// Why it is not read.
pub fn problem(head: &[u8]) -> ProblemKind {
    signature(head).map_or(ProblemKind::UnsupportedFormat, |known| known.problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_named() {
        assert_eq!((name(b"Rar!\x1a\x07\0"), problem(b"Rar!\x1a\x07\0")), ("rar", ProblemKind::UnsupportedFormat));
        assert!(is_no_text(b"7z\xbc\xaf\x27\x1c") && !is_no_text(b"MZ"));
        assert_eq!((name(b"\0\x01\x02"), problem(b"\0\x01\x02")), ("unknown", ProblemKind::UnsupportedFormat));
    }
}
