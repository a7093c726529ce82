//! Locks of Office ([MS-OFFCRYPTO]), opened with the password that programs lock with when a person gives none.
//!
//! A reader of old formats asks [`Rc4::open`] with what its file tells of the lock and decrypts each stream with
//! [`Rc4::apply`]; one of workbooks also asks [`Xor::open`]. Documents of 2007 and later that are locked are a format of
//! their own, [`FORMAT`].

mod aes;
mod agile;
mod office;
mod rc4;
mod standard;
mod xor;

pub use office::FORMAT;
pub use rc4::Rc4;
pub use xor::Xor;

/// What Excel locks workbooks with whose structure alone is protected.
const PASSWORD: &str = "VelvetSweatshop";

/// The password in the characters that locks are made of.
fn password() -> Vec<u8> {
    PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The first bytes, filled up with a byte where there are fewer.
fn fit(bytes: &[u8], length: usize, fill: u8) -> Vec<u8> {
    let mut bytes = bytes[..length.min(bytes.len())].to_vec();
    bytes.resize(length, fill);
    bytes
}
