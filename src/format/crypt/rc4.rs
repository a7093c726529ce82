//! The lock of Word, Excel and PowerPoint 97 to 2003: RC4 with a key of its own for each block (2.3.6, 2.3.5).

use md5::Md5;
use sha1::{Digest, Sha1};

use super::super::little::{u16_at, u32_at};

/// A document that is locked so, opened.
#[derive(Clone, Debug)]
pub struct Rc4 {
    secret: Secret,
    block_bytes: u64,
    /// The block whose bytes come next, how many of them were taken, and what gives them.
    at: Option<(u64, u64, Bytes)>,
}

/// From what the key of a block is made.
#[derive(Clone, Debug)]
enum Secret {
    /// RC4 of 40 bits.
    Md5([u8; 5]),
    /// Of a cryptographic service: the first bytes of a hash, so many.
    Sha1([u8; 20], usize),
}

impl Rc4 {
    /// Opens the lock; `told` begins with its version and goes on to the check of the password: the beginning of the
    /// tables of a Word document, or what follows the kind of the lock in the record `FilePass` of a workbook. None
    /// when it is another lock or has another password.
    ///
    /// A block is 512 bytes in Word, 1024 in Excel.
    pub fn open(told: &[u8], block_bytes: u64) -> Option<Self> {
        let version = (u16_at(told, 0), u16_at(told, 2));
        match version {
            (1, 1) => Self::open_md5(told.get(4..52)?, block_bytes),
            (2..=4, 2) => Self::open_sha1(told, block_bytes),
            _ => None,
        }
    }

    fn open_md5(told: &[u8], block_bytes: u64) -> Option<Self> {
        let (salt, check) = told.split_at(16);
        let hash = Md5::digest(super::password());
        let secret = Md5::digest([&hash[..5], salt].concat().repeat(16));
        let mut opened = Self { secret: Secret::Md5(*secret.first_chunk()?), block_bytes, at: None };
        let mut check = check.to_vec();
        opened.apply(&mut check, 0);
        (Md5::digest(&check[..16])[..] == check[16..]).then_some(opened.at_the_beginning())
    }

    fn open_sha1(told: &[u8], block_bytes: u64) -> Option<Self> {
        let header = told.get(12..)?;
        let bits = Some(u32_at(header, 16)).filter(|&bits| bits > 0).unwrap_or(40);
        let check = header.get(u32_at(told, 8) as usize..)?;
        let salt = check.get(4..20)?;
        let secret = Sha1::digest([salt, &super::password()].concat());
        let bytes = (bits as usize / 8).clamp(5, 16);
        let mut opened = Self { secret: Secret::Sha1(secret.into(), bytes), block_bytes, at: None };
        let mut check = [check.get(20..36)?, check.get(40..60)?].concat();
        opened.apply(&mut check, 0);
        (Sha1::digest(&check[..16])[..] == check[16..]).then_some(opened.at_the_beginning())
    }

    fn at_the_beginning(mut self) -> Self {
        self.at = None;
        self
    }

    /// Decrypts bytes that stand at `position` of their stream. What is not encrypted in between is passed over: the
    /// next position says so. Going on costs nothing, going back begins the block anew.
    pub fn apply(&mut self, bytes: &mut [u8], position: u64) {
        for (position, byte) in (position..).zip(bytes) {
            let (block, offset) = (position / self.block_bytes, position % self.block_bytes);
            if !self.at.as_ref().is_some_and(|at| at.0 == block && at.1 <= offset) {
                self.at = Some((block, 0, Bytes::new(&self.secret.key(block as u32))));
            }
            let Some((_, taken, next)) = &mut self.at else { return };
            while *taken < offset {
                next.next();
                *taken += 1;
            }
            *byte ^= next.next();
            *taken += 1;
        }
    }
}

impl Secret {
    /// The key of a block.
    fn key(&self, block: u32) -> Vec<u8> {
        let block = block.to_le_bytes();
        match self {
            Self::Md5(secret) => Md5::digest([&secret[..], &block].concat()).to_vec(),
            Self::Sha1(secret, bytes) => {
                let hash = Sha1::digest([&secret[..], &block].concat());
                // A key of 40 bits is filled up with zeros.
                super::fit(&hash[..*bytes], if *bytes == 5 { 16 } else { *bytes }, 0)
            }
        }
    }
}

/// The bytes that a key gives.
#[derive(Clone, Debug)]
struct Bytes {
    state: [u8; 256],
    i: u8,
    j: u8,
}

impl Bytes {
    fn new(key: &[u8]) -> Self {
        let mut state = std::array::from_fn(|i| i as u8);
        let mut j = 0_u8;
        for i in 0..256 {
            j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
            state.swap(i, j.into());
        }
        Self { state, i: 0, j: 0 }
    }

    fn next(&mut self) -> u8 {
        self.i = self.i.wrapping_add(1);
        self.j = self.j.wrapping_add(self.state[usize::from(self.i)]);
        self.state.swap(self.i.into(), self.j.into());
        let sum = self.state[usize::from(self.i)].wrapping_add(self.state[usize::from(self.j)]);
        self.state[usize::from(sum)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_cipher() {
        let mut bytes = Bytes::new(b"Key");
        let text: Vec<u8> = b"Plaintext".iter().map(|b| b ^ bytes.next()).collect();
        assert_eq!(text, [0xbb, 0xf3, 0x16, 0xe8, 0xd9, 0x40, 0xaf, 0x0a, 0xd3]);
    }

    /// A lock with the password, as a program makes it.
    fn lock() -> (Vec<u8>, Rc4) {
        let salt = [7; 16];
        let secret = Sha1::digest([&salt[..], &super::super::password()].concat());
        let mut locked = Rc4 { secret: Secret::Sha1(secret.into(), 16), block_bytes: 512, at: None };
        let mut check = [&[9; 16][..], &Sha1::digest([9; 16])].concat();
        locked.apply(&mut check, 0);
        let header: Vec<u8> = [0_u32, 0, 0x6801, 0x8004, 128, 1, 0, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
        let numbers = |n: u32| n.to_le_bytes();
        let told =
            [&[2, 0, 2, 0][..], &numbers(4), &numbers(32), &header, &numbers(16), &salt, &check[..16], &numbers(20)];
        ([&told.concat()[..], &check[16..]].concat(), locked.at_the_beginning())
    }

    #[test]
    fn what_is_locked_with_the_password_opens_at_any_position() {
        let (told, mut locked) = lock();
        let mut text = vec![b'x'; 3000];
        locked.apply(&mut text, 0);
        let mut opened = Rc4::open(&told, 512).unwrap();
        for at in [100, 600, 2900, 510, 0] {
            let mut bytes = text[at..at + 100].to_vec();
            opened.apply(&mut bytes, at as u64);
            assert_eq!(bytes, [b'x'; 100]);
        }
    }

    #[test]
    fn what_is_broken_or_has_another_password_does_not_open() {
        let (told, _) = lock();
        for at in 0..told.len() {
            let _ = Rc4::open(&told[..at], 512);
        }
        let mut other = told.clone();
        other[50] ^= 1;
        assert!(Rc4::open(&other, 512).is_none());
        assert!(Rc4::open(&[1, 0, 1, 0].repeat(20), 512).is_none());
    }
}
