//! The names of elements, looked up as numbers.

use super::page::BLOCKS;

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It stands in a line with what is around it.
    Inline,
    /// It stands on lines of its own.
    Block,
    /// It changes how what is in it is read.
    Special,
}

/// Elements that change how what is in them, or around them, is read.
const SPECIAL: &[&str] = &["script", "style", "table", "pre", "textarea", "xmp", "input", "sup", "sub", "tspan"];

/// Places of the table; four times as many as names.
const PLACES: usize = 256;

/// Names of up to eight letters, each at or behind its place.
static TABLE: [(u64, Kind); PLACES] = table();

/// What the element of this name is, in letters of any case.
pub fn kind(name: &[u8]) -> Kind {
    if name.len() > 8 {
        let lower = name.to_ascii_lowercase();
        return if BLOCKS.iter().any(|block| block.as_bytes() == lower) { Kind::Block } else { Kind::Inline };
    }
    let key = key(name);
    let mut at = place(key);
    loop {
        match TABLE[at] {
            (found, kind) if found == key => return kind,
            (0, _) => return Kind::Inline,
            _ => at = (at + 1) % PLACES,
        }
    }
}

/// The letters of a name in lower case, as a number.
const fn key(name: &[u8]) -> u64 {
    let mut key = 0;
    let mut at = 0;
    while at < name.len() {
        key = key << 8 | name[at].to_ascii_lowercase() as u64;
        at += 1;
    }
    key
}

const fn place(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

const fn table() -> [(u64, Kind); PLACES] {
    let mut table = [(0, Kind::Inline); PLACES];
    let mut at = 0;
    // What is special and a block is special.
    while at < SPECIAL.len() {
        table = with(table, SPECIAL[at].as_bytes(), Kind::Special);
        at += 1;
    }
    at = 0;
    while at < BLOCKS.len() {
        table = with(table, BLOCKS[at].as_bytes(), Kind::Block);
        at += 1;
    }
    table
}

const fn with(mut table: [(u64, Kind); PLACES], name: &[u8], kind: Kind) -> [(u64, Kind); PLACES] {
    if name.len() <= 8 {
        let key = key(name);
        let mut at = place(key);
        while table[at].0 != 0 && table[at].0 != key {
            at = (at + 1) % PLACES;
        }
        if table[at].0 == 0 {
            table[at] = (key, kind);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_are_found_in_any_case() {
        for name in SPECIAL {
            assert_eq!(kind(name.to_ascii_uppercase().as_bytes()), Kind::Special, "{name}");
        }
        for name in BLOCKS.iter().filter(|name| !SPECIAL.contains(name)) {
            assert_eq!(kind(name.to_ascii_uppercase().as_bytes()), Kind::Block, "{name}");
        }
        for name in ["", "a", "span", "divs", "di", "blockquotes", "\0", "\0p"] {
            assert_eq!(kind(name.as_bytes()), Kind::Inline, "{name}");
        }
    }
}
