//! The oldest lock of workbooks, which turns each byte and mixes it with one of sixteen (2.3.7).

use super::super::little::u16_at;

/// What bytes are mixed with under the password that programs lock with (2.3.7.2), and how the file tells of it.
const ARRAY: [u8; 16] = [135, 107, 154, 226, 30, 227, 5, 98, 30, 105, 150, 96, 152, 110, 148, 4];
const VERIFIER: u16 = 0x9a0a;

/// A workbook that is locked so, opened.
#[derive(Clone, Copy, Debug)]
pub struct Xor(());

impl Xor {
    /// Opens the lock; `told` are the key and its check, as they follow the kind of the lock in the record `FilePass`.
    /// None when it has another password.
    pub fn open(told: &[u8]) -> Option<Self> {
        (u16_at(told, 2) == VERIFIER).then_some(Self(()))
    }

    /// Decrypts the contents of a record, which stand at `position` of the stream.
    ///
    /// Numbers of records and their lengths are not encrypted; neither are some records, and the first four bytes of
    /// `BoundSheet8` ([MS-XLS] 2.2.10).
    pub fn apply(self, contents: &mut [u8], position: u64) {
        let end = position.wrapping_add(contents.len() as u64);
        for (i, byte) in (0..).zip(contents) {
            *byte = (*byte ^ ARRAY[(end.wrapping_add(i) % 16) as usize]).rotate_left(3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_password_does_not_open() {
        assert!(Xor::open(&[0x10, 0x20, 0x0a, 0x9a]).is_some());
        assert!(Xor::open(&[0x10, 0x20, 0x0a, 0x9b]).is_none());
        assert!(Xor::open(&[]).is_none());
    }
}
