//! Names that persons and programs gave to properties ([MS-OXMSG] 2.2.3, [MS-PST] 2.4.7).

use std::collections::HashMap;

use super::super::code_page::decode;
use super::super::little::{u16_at, u32_at};

/// Names by the numbers of their properties.
#[derive(Default)]
pub struct Names(HashMap<u16, String>);

/// The first number of a property with a name.
const FIRST: u16 = 0x8000;

/// Longest name, in bytes.
const LONGEST: usize = 1024;

impl Names {
    /// Reads the entries and the texts that they lead to. Names that are numbers are none.
    pub fn read(entries: &[u8], texts: &[u8]) -> Self {
        let names = entries.chunks_exact(8).filter(|entry| u16_at(entry, 4) & 1 != 0).filter_map(|entry| {
            let at = texts.get(u32_at(entry, 0) as usize..)?;
            let name = at.get(4..)?.get(..(u32_at(at, 0) as usize).min(LONGEST))?;
            Some((FIRST.checked_add(u16_at(entry, 6))?, decode(name, 1200).into_owned()))
        });
        Self(names.collect())
    }

    /// The name of a property, if it has one.
    pub fn find(&self, id: u16) -> Option<String> {
        self.0.get(&id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_their_numbers() {
        let entries = [[0, 0, 0, 0, 7, 0, 0, 0], [4, 0, 0, 0, 7, 0, 1, 0], [0x34, 0x80, 0, 0, 6, 0, 2, 0]].concat();
        let texts = [0, 0, 0, 0, 6, 0, 0, 0, b'c', 0, b'p', 0, b'r', 0];
        let names = Names::read(&entries, &texts);
        assert_eq!([0x8001, 0x8002].map(|id| names.find(id)), [Some("cpr".to_owned()), None]);
    }
}
