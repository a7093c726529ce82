//! Signed and encrypted contents as S/MIME, signed pdf and archives of letters write them (`.p7m`): what was signed is
//! read as what it is. CMS, RFC 5652; the rules of its encoding are X.690.

use std::ops::Range;

use super::{Format, Input, Output, Reading, Weight, mail};
use crate::model::{PartKind, ProblemKind};

pub const FORMAT: Format = Format {
    name: "p7m",
    version: 1,
    weight: Weight::Heavy,
    reads: "what was signed, as what it is",
    leaves: "certificates; what is encrypted is told",
    recognise: |input| content_type(input.head()).is_some(),
    read,
};

/// A message that PGP locked, written in letters. RFC 9580, section 6.2.
pub const PGP: Format = Format {
    name: "pgp",
    version: 1,
    weight: Weight::Light,
    reads: "nothing: it is told as encrypted",
    leaves: "",
    recognise: |input| input.head().starts_with(b"-----BEGIN PGP MESSAGE-----"),
    read: |_, _| Err(ProblemKind::Encrypted),
};

/// What the contents are: PKCS #7, 1.2.840.113549.1.7.
const TYPES: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
const SIGNED: u8 = 2;
const AUTHENTICATED: [u8; 2] = [3, 6];

/// Steps into the encoding; what is signed lies at the fifth.
const DEPTH: usize = 12;

/// Pieces of what was signed.
const PIECES: usize = 1 << 20;

const SEQUENCE: u8 = 0x30;
const CONTENTS: u8 = 0xa0;
const OCTETS: u8 = 0x04;
const OCTETS_IN_PIECES: u8 = 0x24;

/// What stands first in these bytes: a sequence that begins with a type of PKCS #7.
fn content_type(head: &[u8]) -> Option<u8> {
    if head.first() != Some(&SEQUENCE) {
        return None;
    }
    let head = &head[..head.len().min(32)];
    let at = memchr::memmem::find(head, TYPES).filter(|at| *at <= 8)?;
    head.get(at + TYPES.len()).copied()
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let kind = content_type(input.head()).ok_or(ProblemKind::Damaged)?;
    if AUTHENTICATED.contains(&kind) {
        return Err(ProblemKind::Encrypted);
    }
    if kind != SIGNED {
        return Err(ProblemKind::UnsupportedFormat);
    }
    let bytes = input.take_all()?;
    let (contents, whole) = signed(&bytes).ok_or(ProblemKind::Damaged)?;
    output.charge_bytes(contents.len() as u64)?;
    // Where nothing stands, something was signed that lies elsewhere.
    if !contents.is_empty() {
        output.named_member(PartKind::Member, b"content", Ok(mail::entity(Input::bytes(contents))))?;
    }
    if whole { Ok(()) } else { Err(ProblemKind::Damaged) }
}

/// What was signed, and whether that is all: the pieces of the octet string in the contents behind the second type.
fn signed(bytes: &[u8]) -> Option<(Vec<u8>, bool)> {
    let first = memchr::memmem::find(bytes, TYPES)?;
    let behind = first + TYPES.len() + 1;
    let second = behind + memchr::memmem::find(bytes.get(behind..)?, TYPES)?;
    let mut at = second + TYPES.len() + 1;
    let mut contents = Vec::new();
    if bytes.get(at) != Some(&CONTENTS) {
        return Some((contents, true));
    }
    for _ in 0..DEPTH {
        let (tag, inside) = element(bytes, at)?;
        match tag {
            CONTENTS => at = inside.start,
            OCTETS => {
                let whole = inside.end <= bytes.len();
                contents.extend(bytes.get(inside.start..inside.end.min(bytes.len()))?);
                return Some((contents, whole));
            }
            OCTETS_IN_PIECES => {
                let mut piece = inside.start;
                for _ in 0..PIECES {
                    match element(bytes, piece).filter(|_| piece < inside.end) {
                        Some((OCTETS, inner)) if inner.end <= bytes.len() => {
                            piece = inner.end;
                            contents.extend(bytes.get(inner)?);
                        }
                        // The end of pieces whose length was left open.
                        Some((0, _)) => return Some((contents, true)),
                        _ => break,
                    }
                }
                return Some((contents, piece >= inside.end.min(bytes.len())));
            }
            _ => return None,
        }
    }
    None
}

/// The tag of the element at `at`, and where its contents stand; those without a length end where the bytes do.
fn element(bytes: &[u8], at: usize) -> Option<(u8, Range<usize>)> {
    let tag = *bytes.get(at)?;
    let first = *bytes.get(at + 1)?;
    let start = at + 2;
    match first {
        0x80 => Some((tag, start..bytes.len())),
        0..0x80 => Some((tag, start..start + usize::from(first))),
        _ => {
            let count = usize::from(first & 0x7f);
            let digits = bytes.get(start..start + count).filter(|_| count <= 7)?;
            let length = digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
            let start = start + count;
            // What is cut gives what is left of it.
            Some((tag, start..start.checked_add(length)?.min(bytes.len())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::told;

    /// A signed message of which the encoding leaves all lengths open, as Outlook writes it.
    fn signed(kind: u8, contents: &[u8]) -> Vec<u8> {
        let oid = |kind: u8| [b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07".as_slice(), &[kind]].concat();
        let head = [&b"\x30\x80"[..], &oid(kind), b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80", &oid(1)].concat();
        [&head, &b"\xa0\x80"[..], contents, &[0; 8]].concat()
    }

    #[test]
    fn what_was_signed_is_read_and_what_is_locked_is_told() {
        let whole = told(signed(2, b"\x04\x0b070761-4285"));
        assert_eq!((whole.format, &*whole.lines[0]), ("p7m", "070761-4285"));
        let pieces = told(signed(2, b"\x24\x80\x04\x07070761-\x04\x81\x044285\0\0"));
        assert_eq!(pieces.lines, ["070761-4285"]);
        assert_eq!(told(signed(3, b"\x04\x01x")).problems, ["whole: Encrypted"]);
    }

    #[test]
    fn lengths_that_lie_give_what_there_is() {
        assert_eq!(told(signed(2, b"\x04\x84\xff\xff\xff\xff070761-4285")).lines.len(), 1);
        assert_eq!(told(signed(2, b"\x04\x8f\xff")).problems, ["whole: Damaged"]);
        let nested = told(signed(2, b"\x24\x80\x04\x0b070761-4285\x24\x80\x04\x01x"));
        assert_eq!((&*nested.lines[0], nested.problems), ("070761-4285", vec!["whole: Damaged".to_owned()]));
    }
}
