//! The lock of Office 2010 and later (2.3.4.10 to 2.3.4.15).

use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384, Sha512};

use super::super::base64;
use super::aes::{BLOCK, Cipher};
use super::{fit, password};

/// Bytes of the package that are a chain of their own.
pub const SEGMENT: usize = 4096;

/// Times that the password may be hashed; Office does it 100,000 times.
const MOST_SPINS: u32 = 200_000;

/// With what the hash of the password is mixed, for each use of it (2.3.4.13).
const VERIFIER: [u8; 8] = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const VERIFIER_HASH: [u8; 8] = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const KEY: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];

/// A package that is locked so, opened.
pub struct Agile {
    cipher: Cipher,
    hash: Hash,
    salt: Vec<u8>,
}

impl Agile {
    /// Opens the lock; `told` is XML. None when it is made with other methods or has another password.
    pub fn open(told: &str) -> Option<Self> {
        let of_package = Element::find(told, "keyData")?;
        let of_password = Element::find(told, "encryptedKey")?;
        let (hash, cipher) = (of_password.hash()?, of_package.hash()?);
        let spins = of_password.get("spinCount")?.parse().ok().filter(|&spins| spins <= MOST_SPINS)?;
        let salt = of_password.bytes("saltValue")?;
        let mut spun = hash.of(&[&salt, &password()]);
        for spin in 0..spins {
            spun = hash.of(&[&u32::to_le_bytes(spin), &spun]);
        }
        let bytes = of_password.get("keyBits")?.parse::<usize>().ok()? / 8;
        let open = |name: &str, mix: [u8; 8]| -> Option<Vec<u8>> {
            let key = fit(&hash.of(&[&spun, &mix]), bytes.min(32), 0x36);
            let mut value = of_password.bytes(name)?;
            Cipher::new(&key)?.chain(&mut value, start(&salt));
            Some(value)
        };
        let length = of_password.get("saltSize")?.parse::<usize>().ok()?;
        let verifier = open("encryptedVerifierHashInput", VERIFIER)?;
        let check = hash.of(&[verifier.get(..length)?]);
        if !open("encryptedVerifierHashValue", VERIFIER_HASH)?.starts_with(&check) {
            return None;
        }
        let bytes = of_package.get("keyBits")?.parse::<usize>().ok()? / 8;
        let key = open("encryptedKeyValue", KEY)?;
        Some(Self { cipher: Cipher::new(key.get(..bytes)?)?, hash: cipher, salt: of_package.bytes("saltValue")? })
    }

    /// Decrypts a segment of the package, the first being 0.
    pub fn apply(&self, bytes: &mut [u8], segment: u32) {
        self.cipher.chain(bytes, start(&self.hash.of(&[&self.salt, &segment.to_le_bytes()])));
    }
}

/// What a chain begins with.
fn start(salt: &[u8]) -> [u8; BLOCK] {
    let mut start = [0x36; BLOCK];
    start.iter_mut().zip(salt).for_each(|(byte, salt)| *byte = *salt);
    start
}

/// How is hashed.
#[derive(Clone, Copy)]
enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of(self, pieces: &[&[u8]]) -> Vec<u8> {
        let bytes = pieces.concat();
        match self {
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => <Sha256 as sha2::Digest>::digest(bytes).to_vec(),
            Self::Sha384 => <Sha384 as sha2::Digest>::digest(bytes).to_vec(),
            Self::Sha512 => <Sha512 as sha2::Digest>::digest(bytes).to_vec(),
        }
    }
}

/// An element of the XML, whose attributes alone tell something.
struct Element<'a>(&'a str);

impl<'a> Element<'a> {
    /// The first element so called, in whatever namespace.
    fn find(xml: &'a str, name: &str) -> Option<Self> {
        xml.split('<').find_map(|element| {
            let element = element.split('>').next()?;
            let (called, attributes) = element.split_once(char::is_whitespace)?;
            (called.rsplit(':').next() == Some(name)).then_some(Self(attributes))
        })
    }

    fn get(&self, attribute: &str) -> Option<&'a str> {
        self.0.split_whitespace().find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == attribute).then(|| value.trim_matches(['"', '\'', '/']))
        })
    }

    fn bytes(&self, attribute: &str) -> Option<Vec<u8>> {
        // A slash belongs to the letters of base 64, so only quotation marks are taken off.
        let pair = self.0.split_whitespace().find_map(|pair| pair.strip_prefix(attribute)?.strip_prefix('='))?;
        base64::decode(pair.trim_end_matches('/').trim_matches(['"', '\'']))
    }

    /// How is hashed, when it is chained with AES.
    fn hash(&self) -> Option<Hash> {
        if self.get("cipherAlgorithm") != Some("AES") || self.get("cipherChaining") != Some("ChainingModeCBC") {
            return None;
        }
        match self.get("hashAlgorithm")? {
            "MD5" => Some(Hash::Md5),
            "SHA1" | "SHA-1" => Some(Hash::Sha1),
            "SHA256" => Some(Hash::Sha256),
            "SHA384" => Some(Hash::Sha384),
            "SHA512" => Some(Hash::Sha512),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read() {
        let xml =
            r#"<encryption><p:encryptedKey saltSize="16" saltValue="aGVq/w==" hashAlgorithm="SHA512"/></encryption>"#;
        let element = Element::find(xml, "encryptedKey").unwrap();
        assert_eq!(element.get("saltSize"), Some("16"));
        assert_eq!(element.bytes("saltValue"), Some(b"hej\xff".to_vec()));
        assert!(Agile::open(xml).is_none());
    }
}
