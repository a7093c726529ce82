//! The lock of Office 2007 (2.3.4.5 to 2.3.4.9).

use sha1::{Digest, Sha1};

use super::super::little::u32_at;
use super::aes::Cipher;

/// Times that the password is hashed.
const SPINS: u32 = 50_000;

/// A package that is locked so, opened.
pub struct Standard(Cipher);

impl Standard {
    /// Opens the lock; `told` begins with its version. None when it has another password.
    pub fn open(told: &[u8]) -> Option<Self> {
        let header = told.get(12..)?;
        let check = header.get(u32_at(told, 8) as usize..)?;
        let cipher = Cipher::new(&key(check.get(4..20)?, u32_at(header, 16))?)?;
        let (mut verifier, mut hash) = (check.get(20..36)?.to_vec(), check.get(40..72)?.to_vec());
        cipher.each(&mut verifier);
        cipher.each(&mut hash);
        (Sha1::digest(&verifier)[..] == hash[..20]).then_some(Self(cipher))
    }

    /// Decrypts a stretch of the package that begins where a block does.
    pub fn apply(&self, bytes: &mut [u8]) {
        self.0.each(bytes);
    }
}

/// The key of so many bits.
fn key(salt: &[u8], bits: u32) -> Option<Vec<u8>> {
    let mut hash = Sha1::digest([salt, &super::password()].concat());
    for spin in 0..SPINS {
        let mut next = Sha1::new();
        next.update(spin.to_le_bytes());
        next.update(hash);
        hash = next.finalize();
    }
    let hash = Sha1::digest([&hash[..], &[0; 4]].concat());
    let mixed = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(hash).for_each(|(byte, hash)| *byte ^= hash);
        Sha1::digest(block)
    };
    let key = [mixed(0x36), mixed(0x5c)].concat();
    key.get(..bits as usize / 8).map(<[u8]>::to_vec)
}
