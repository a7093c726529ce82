//! The key under which persons and places become tokens.

use std::hash::{BuildHasherDefault, Hasher};

use hmac::{Hmac, Mac};
use serde::{Serialize, Serializer};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use super::{Identifier, RelativePath};

/// A secret of 32 bytes. Ten digits are tried through in minutes, so a token is only as safe as its key.
#[derive(Clone)]
pub struct Key {
    mac: Hmac<Sha256>,
}

/// Why a text is no key.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// Not 64 characters.
    #[error("a key is 64 hexadecimal digits (32 bytes), this one has {0} characters")]
    Length(usize),
    /// A character that is no hexadecimal digit.
    #[error("a key is 64 hexadecimal digits, this one has another character at position {0}")]
    Character(usize),
}

impl Key {
    /// From 32 random bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { mac: Hmac::new_from_slice(secret).expect("any length is a key") }
    }

    /// From 64 hexadecimal digits; white space round them is ignored.
    ///
    /// # Errors
    /// When there are more, fewer or other characters.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let length = text.chars().count();
        if length != 64 {
            return Err(KeyError::Length(length));
        }
        if let Some(at) = text.chars().position(|c| !c.is_ascii_hexdigit()) {
            return Err(KeyError::Character(at + 1));
        }
        let mut secret = Zeroizing::new([0u8; 32]);
        for (byte, pair) in secret.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digit = |c: u8| char::from(c).to_digit(16).expect("checked above") as u8;
            *byte = digit(pair[0]) << 4 | digit(pair[1]);
        }
        Ok(Self::new(&secret))
    }

    /// The token of a person.
    pub fn subject(&self, identifier: &Identifier) -> Subject {
        Subject(self.token(&[identifier.normal()]))
    }

    /// The id of a file or folder: 16 hexadecimal digits.
    pub fn place_id(&self, label: &str, path: &RelativePath) -> String {
        format!("{:016x}", self.token(&[label.as_bytes(), b"\0", path.as_bytes()]))
    }

    /// Which key this is, without giving it away: 8 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", self.token(&[b"key"]))[..8].to_owned()
    }

    /// The first 8 bytes of HMAC-SHA-256.
    fn token(&self, pieces: &[&[u8]]) -> u64 {
        let mut mac = self.mac.clone();
        for piece in pieces {
            mac.update(piece);
        }
        let bytes = mac.finalize().into_bytes();
        u64::from_be_bytes(bytes[..8].try_into().expect("32 bytes hold 8"))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// A data subject, told apart by a token under a key. The same person has the same token everywhere under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(u64);

impl Subject {
    /// The token as a number, for sets of many.
    pub fn token(self) -> u64 {
        self.0
    }
}

impl Serialize for Subject {
    /// As 16 hexadecimal digits.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

/// For sets and maps of tokens.
pub type TokenHash = BuildHasherDefault<TokenHasher>;

/// Hashes a token as itself: it is as good as random, and nobody without the key can choose it.
#[derive(Clone, Debug, Default)]
pub struct TokenHasher(u64);

impl Hasher for TokenHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = self.0.rotate_left(8) ^ u64::from(byte));
    }

    fn write_u64(&mut self, token: u64) {
        self.0 = token;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_first_half_of_hmac_sha_256() {
        // python3: hmac.new(bytes(32), b"0707614285", hashlib.sha256).hexdigest()[:16]
        let key = Key::from_hex(&"00".repeat(32)).unwrap();
        let subject = key.subject(&Identifier::new(b"0707614285"));
        assert_eq!(serde_json::to_string(&subject).unwrap(), "\"006e37f22d1655ca\"");
    }

    #[test]
    fn what_is_no_key_is_told_with_its_place() {
        assert_eq!(Key::from_hex("abc").unwrap_err(), KeyError::Length(3));
        assert_eq!(Key::from_hex(&"g".repeat(64)).unwrap_err(), KeyError::Character(1));
        assert!(Key::from_hex(&format!("{}\n", "aB".repeat(32))).is_ok());
    }

    #[test]
    fn debug_prints_nothing_of_it() {
        assert_eq!(format!("{:?}", Key::new(&[7; 32])), "Key(..)");
    }
}
