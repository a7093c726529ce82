//! How properties lie in a compound file: numbers in one stream, each text in a stream of its own.

use super::super::Output;
use super::super::code_page::decode;
use super::super::little::{u16_at, u32_at};
use super::super::mapi::{self, Names, Property, Value, id};
use super::super::ole::{Compound, Id};
use crate::model::ProblemKind;

/// The stream of numbers, which every message has.
pub const PROPERTIES: &str = "__properties_version1.0";

/// What the name of a stream with a value begins with, and what follows when it is one of many.
const VALUE: &str = "__substg1.0_";

/// Kinds of values.
const NARROW: u16 = 0x1e;
const WIDE: u16 = 0x1f;
const BYTES: u16 = 0x102;
const MANY: u16 = 0x1000;

/// Bytes of a property in the stream of numbers.
const ENTRY_BYTES: usize = 16;

/// Of what a storage keeps the properties.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of the message of the file.
    Message,
    /// Of a message in another.
    Inner,
    /// Of a recipient or an attachment.
    Aside,
}

/// A storage with the properties of a message, a recipient or an attachment.
pub struct Storage<'c, 'a> {
    /// The file that it lies in.
    pub compound: &'c Compound<'a>,
    id: Id,
    names: &'c Names,
    code_page: u32,
    numbers: Vec<u8>,
}

impl<'c, 'a> Storage<'c, 'a> {
    /// Opens a storage; its texts of one byte a character are in `code_page` unless it tells another.
    ///
    /// # Errors
    /// When a limit was reached or the file cannot be read.
    pub fn open(
        compound: &'c Compound<'a>,
        id: Id,
        kind: Kind,
        names: &'c Names,
        code_page: u32,
        output: &Output<'_>,
    ) -> Result<Self, ProblemKind> {
        let mut numbers = match compound.find_stream(id, PROPERTIES) {
            Some(stream) => compound.bytes(stream, output)?,
            None => Vec::new(),
        };
        let header = match kind {
            Kind::Message => 32,
            Kind::Inner => 24,
            Kind::Aside => 8,
        };
        numbers.drain(..header.min(numbers.len()));
        let mut storage = Self { compound, id, names, code_page, numbers };
        let told = [id::MESSAGE_CODE_PAGE, id::INTERNET_CODE_PAGE].iter().find_map(|&id| storage.number(id));
        storage.code_page = told.unwrap_or(code_page);
        Ok(storage)
    }

    /// The storages in it whose names begin so.
    ///
    /// # Errors
    /// As [`Storage::open`].
    pub fn inner(&self, prefix: &str, kind: Kind, output: &Output<'_>) -> Result<Vec<Self>, ProblemKind> {
        let begins = |id: &&Id| self.compound.is_storage(**id) && self.compound.name(**id).starts_with(prefix);
        let storages = self.compound.children(self.id).iter().filter(begins);
        storages.map(|&id| Self::open(self.compound, id, kind, self.names, self.code_page, output)).collect()
    }

    /// A message that is attached.
    ///
    /// # Errors
    /// As [`Storage::open`].
    pub fn message(&self, id: Id, output: &Output<'_>) -> Result<Self, ProblemKind> {
        Self::open(self.compound, id, Kind::Inner, self.names, self.code_page, output)
    }

    /// What is attached: a stream with a file, or a storage.
    pub fn attached(&self) -> Option<Id> {
        let values = self.compound.children(self.id).iter().copied();
        values.filter(|&id| value(self.compound.name(id)).is_some_and(|value| value.id == id::ATTACHED)).last()
    }

    /// All properties that are text, the contents of a message in its other forms, and numbers that have a name.
    ///
    /// # Errors
    /// When a limit was reached or the file cannot be read.
    pub fn properties(&self, output: &Output<'_>) -> Result<Vec<Property>, ProblemKind> {
        let mut properties = Vec::new();
        for &stream in self.compound.children(self.id).iter().filter(|&&id| !self.compound.is_storage(id)) {
            let Some(of) = value(self.compound.name(stream)) else { continue };
            let text = |code_page: u32| -> Result<Value, ProblemKind> {
                let bytes = self.compound.bytes(stream, output)?;
                Ok(Value::Text(decode(&bytes, code_page).trim_end_matches('\0').to_owned()))
            };
            let value = match of.kind & !MANY {
                // Of many texts this stream tells only the lengths.
                _ if of.kind & MANY != 0 && !of.one_of_many => continue,
                NARROW => text(self.code_page)?,
                WIDE => text(1200)?,
                BYTES if mapi::is_contents(of.id) => Value::Bytes(self.compound.bytes(stream, output)?),
                _ => continue,
            };
            properties.push(Property { id: of.id, name: self.names.find(of.id), value });
        }
        properties.extend(self.named_numbers());
        Ok(properties)
    }

    /// Numbers that a person gave a name.
    fn named_numbers(&self) -> impl Iterator<Item = Property> {
        self.numbers.chunks_exact(ENTRY_BYTES).filter_map(|entry| {
            let id = u16_at(entry, 2);
            let name = self.names.find(id)?;
            let low = u32_at(entry, 8);
            let long = u64::from(low) | u64::from(u32_at(entry, 12)) << 32;
            let text = match u16_at(entry, 0) {
                3 => low.to_string(),
                5 => f64::from_bits(long).to_string(),
                20 => long.to_string(),
                _ => return None,
            };
            Some(Property { id, name: Some(name), value: Value::Text(text) })
        })
    }

    /// A number of the stream of numbers.
    fn number(&self, id: u16) -> Option<u32> {
        let entry = self.numbers.chunks_exact(ENTRY_BYTES).find(|entry| u16_at(entry, 2) == id)?;
        Some(u32_at(entry, 8)).filter(|&number| number > 0)
    }
}

/// The names of the properties of a file; none when it has none.
///
/// # Errors
/// When a limit was reached or the file cannot be read.
pub fn names(compound: &Compound<'_>, output: &Output<'_>) -> Result<Names, ProblemKind> {
    let read = |stream: &str| match compound.path(&["__nameid_version1.0", stream]) {
        Some(id) => compound.bytes(id, output),
        None => Ok(Vec::new()),
    };
    Ok(Names::read(&read("__substg1.0_00030102")?, &read("__substg1.0_00040102")?))
}

/// What the name of a stream tells of the value in it.
struct Named {
    id: u16,
    kind: u16,
    one_of_many: bool,
}

fn value(name: &str) -> Option<Named> {
    let rest = name.strip_prefix(VALUE)?;
    let number = |range| rest.get(range).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    Some(Named { id: number(0..4)?, kind: number(4..8)?, one_of_many: rest.get(8..9) == Some("-") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_told_by_their_names() {
        let told = value("__substg1.0_8001101F-00000002").unwrap();
        assert_eq!((told.id, told.kind, told.one_of_many), (0x8001, 0x101f, true));
        assert!(value("__substg1.0_80").is_none() && value("__properties_version1.0").is_none());
    }
}
