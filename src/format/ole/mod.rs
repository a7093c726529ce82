//! Compound files (MS-CFB): a small file system in a file, in which old Office documents, Outlook messages and locked
//! documents keep their streams.
//!
//! A format recognises its files with [`holds`], opens them with [`Compound::open`], reads a stream with
//! [`Compound::stream`] or [`Compound::bytes`], gives the properties with [`properties`], hands on a storage that is a
//! document of its own with [`Compound::storage_bytes`], and ends with [`Compound::end`].

mod compound;
mod custom;
mod header;
mod object;
mod other;
mod pack;
mod property;
#[cfg(test)]
pub mod sample;
mod stream;

pub use compound::{Compound, Id};
pub use custom::custom_xml;
pub use object::{object, objects, packaged};
pub use other::FORMAT;
pub use property::properties;
pub use stream::Stream;

use super::Input;

/// What every compound file begins with (MS-CFB 2.2), and what those of beta versions began with.
const MAGICS: [&[u8]; 2] = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x0e\x11\xfc\x0d\xd0\xcf\x11\x0e"];

/// True when this is a compound file whose root holds a stream or storage with one of these names, in letters of any
/// size: `&["Workbook", "Book"]`.
pub fn holds(input: &mut Input<'_>, names: &[&str]) -> bool {
    let Some(held) = input.ole_names() else { return false };
    held.iter().any(|held| names.iter().any(|name| same(held, name)))
}

/// Names of what the root holds, if this is a compound file whose directory can be read.
pub fn names(input: &mut Input<'_>) -> Option<Vec<String>> {
    let compound = Compound::open(input).ok()?;
    Some(compound.children(Compound::ROOT).iter().map(|&id| compound.name(id).to_owned()).collect())
}

/// True when it begins as a compound file.
pub fn begins(head: &[u8]) -> bool {
    MAGICS.iter().any(|magic| head.starts_with(magic))
}

/// True when two names are the same to the programs that made them.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
