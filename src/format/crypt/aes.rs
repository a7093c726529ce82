//! The block cipher of newer locks.

use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

/// Bytes of a block.
pub const BLOCK: usize = 16;

/// Decrypts blocks with a key.
pub enum Cipher {
    Short(Aes128),
    Middle(Aes192),
    Long(Aes256),
}

impl Cipher {
    /// A cipher with a key of 128, 192 or 256 bits.
    pub fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(Self::Short),
            24 => Aes192::new_from_slice(key).ok().map(Self::Middle),
            32 => Aes256::new_from_slice(key).ok().map(Self::Long),
            _ => None,
        }
    }

    fn block(&self, block: &[u8; BLOCK]) -> [u8; BLOCK] {
        let mut array = Array::from(*block);
        match self {
            Self::Short(cipher) => cipher.decrypt_block(&mut array),
            Self::Middle(cipher) => cipher.decrypt_block(&mut array),
            Self::Long(cipher) => cipher.decrypt_block(&mut array),
        }
        array.into()
    }

    /// Decrypts each block by itself; bytes after the last whole one stay as they are.
    pub fn each(&self, bytes: &mut [u8]) {
        for block in bytes.as_chunks_mut::<BLOCK>().0 {
            *block = self.block(block);
        }
    }

    /// Decrypts a chain of blocks; bytes after the last whole one stay as they are.
    pub fn chain(&self, bytes: &mut [u8], start: [u8; BLOCK]) {
        let mut before = start;
        for block in bytes.as_chunks_mut::<BLOCK>().0 {
            let locked = *block;
            *block = self.block(block);
            block.iter_mut().zip(before).for_each(|(byte, before)| *byte ^= before);
            before = locked;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_the_standard_opens() {
        // FIPS 197, appendix C.1.
        let key: Vec<u8> = (0..16).collect();
        let mut block = 0x69c4_e0d8_6a7b_0430_d8cd_b780_70b4_c55a_u128.to_be_bytes();
        Cipher::new(&key).unwrap().each(&mut block);
        assert_eq!(block, 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes());
    }
}
