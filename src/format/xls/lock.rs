//! Workbooks that are locked: the contents of their records are encrypted, not their types and lengths.
//! \[MS-XLS\] 2.2.10.

use super::super::crypt::{Rc4, Xor};
use super::super::little::Little;
use crate::model::ProblemKind;

/// The record that says how a workbook is locked.
const LOCK: u16 = 0x2f;

/// Records that are never encrypted: beginnings, the lock itself, and what sharing a workbook needs.
const OPEN: [u16; 7] = [0x809, LOCK, 0xe1, 0x194, 0x195, 0x196, 0x138];

/// The record of a sheet, of which the first four bytes are not encrypted.
const SHEET: u16 = 0x85;

/// Bytes that are encrypted with one key.
const BLOCK_BYTES: u64 = 1024;

/// Records before the lock at most: it stands near the beginning.
const BEFORE: usize = 16;

/// What opens a workbook.
#[derive(Clone, Debug)]
pub enum Lock {
    /// Of version 97 and later.
    Rc4(Box<Rc4>),
    /// Of all versions.
    Xor(Xor),
}

impl Lock {
    /// The lock of a stream, if it has one.
    ///
    /// # Errors
    /// When it has another password than the one that programs lock with.
    pub fn find(stream: &[u8]) -> Result<Option<Self>, ProblemKind> {
        let mut rest = Little(stream);
        let mut version = 0;
        for _ in 0..BEFORE {
            let Some((kind, body)) = next(&mut rest) else { break };
            let mut body = Little(body);
            match kind {
                0x809 if version == 0 => version = body.u16().unwrap_or(0),
                LOCK => {
                    let is_rc4 = version >= 0x600 && body.u16() == Some(1);
                    let lock = match is_rc4 {
                        true => Rc4::open(body.0, BLOCK_BYTES).map(|lock| Self::Rc4(Box::new(lock))),
                        false => Xor::open(body.0).map(Self::Xor),
                    };
                    return lock.map(Some).ok_or(ProblemKind::Encrypted);
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Decrypts the records of a stream that stand behind its lock, or all if it has none of its own, and takes the
    /// lock off.
    pub fn open(&self, stream: &mut [u8]) {
        let mut at = behind_lock(stream).unwrap_or(0);
        let mut lock = self.clone();
        while let Some((kind, body)) = next(&mut Little(stream.get(at..).unwrap_or_default())) {
            let length = body.len();
            let open = match kind {
                SHEET => 4.min(length),
                kind if OPEN.contains(&kind) => length,
                _ => 0,
            };
            let (start, end) = (at + 4 + open, at + 4 + length);
            if let Some(contents) = stream.get_mut(start..end) {
                match &mut lock {
                    Self::Rc4(rc4) => rc4.apply(contents, start as u64),
                    Self::Xor(xor) => xor.apply(contents, start as u64),
                }
            }
            at = end;
        }
    }
}

/// Takes the lock off, and gives where the record begins that stands behind it.
fn behind_lock(stream: &mut [u8]) -> Option<usize> {
    let mut at = 0;
    for _ in 0..BEFORE {
        let (kind, body) = next(&mut Little(stream.get(at..)?))?;
        let end = at + 4 + body.len();
        if kind == LOCK {
            stream.get_mut(at..at + 2)?.fill(0);
            return Some(end);
        }
        at = end;
    }
    None
}

/// The type and the contents of the next record; as much of them as there is.
fn next<'a>(rest: &mut Little<'a>) -> Option<(u16, &'a [u8])> {
    let (kind, length) = (rest.u16()?, usize::from(rest.u16()?));
    Some((kind, rest.take(length.min(rest.0.len()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_without_a_lock_has_none() {
        assert!(matches!(Lock::find(&[9, 8, 4, 0, 0, 6, 5, 0, 0x0a, 0, 0, 0]), Ok(None)));
        assert!(matches!(Lock::find(&[]), Ok(None)));
    }

    #[test]
    fn another_password_is_told() {
        let stream = [&[9, 8, 4, 0, 0, 6, 5, 0, 0x2f, 0, 54, 0, 1, 0, 1, 0, 1, 0][..], &[7; 48]].concat();
        assert_eq!(Lock::find(&stream).err(), Some(ProblemKind::Encrypted));
    }

    #[test]
    fn a_stream_may_end_anywhere() {
        let lock = Xor::open(&[0, 0, 0x0a, 0x9a]).map(Lock::Xor).unwrap();
        let stream: Vec<u8> = (0..200).map(|i| i % 7).collect();
        for end in 0..stream.len() {
            lock.open(&mut stream[..end].to_vec());
        }
    }
}
