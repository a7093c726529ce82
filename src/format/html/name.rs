//! The names of elements, looked up as numbers.

use super::page::BLOCKS;

/// What an element is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// It stands on lines of its own.
    pub is_block: bool,
    /// It changes how what is in it is read.
    pub is_special: bool,
}

/// Elements, of up to eight letters, that change how what is in them, or around them, is read.
const SPECIAL: &[&str] = &["script", "style", "table", "pre", "textarea", "xmp", "input", "sup", "sub", "tspan"];

/// Places of the table; four times as many as names.
const PLACES: usize = 256;

/// Names of up to eight letters, each at or behind its place.
static TABLE: [(u64, Kind); PLACES] = table();

/// What the element of this name is, in letters of any case.
pub fn kind(name: &[u8]) -> Kind {
    // A zero behind a name would be lost in the number.
    if name.len() > 8 || name.ends_with(b"\0") {
        let lower = name.to_ascii_lowercase();
        return Kind { is_block: BLOCKS.iter().any(|block| block.as_bytes() == lower), is_special: false };
    }
    let key = lower(number(name));
    let (found, kind) = TABLE[place_in(&TABLE, key)];
    if found == key { kind } else { Kind::default() }
}

/// The bytes of a name of up to eight as a number, the first lowest.
fn number(name: &[u8]) -> u64 {
    match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        // What is in both halves is the same.
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (name.len() - 4))
        }
        _ => key(name),
    }
}

/// Eight letters in lower case.
fn lower(letters: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let low = letters & (EACH * 0x7f);
    let above_z = low + EACH * (0x7f - b'Z' as u64);
    let from_a = low + EACH * (0x80 - b'A' as u64);
    letters | ((!letters & (from_a ^ above_z) & (EACH << 7)) >> 2)
}

/// The bytes of a name in the table, as [`number`] gives them.
const fn key(name: &[u8]) -> u64 {
    let mut key = 0;
    let mut at = name.len();
    while at > 0 {
        at -= 1;
        key = key << 8 | name[at] as u64;
    }
    key
}

const fn place(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

const fn table() -> [(u64, Kind); PLACES] {
    let mut table = [(0, Kind { is_block: false, is_special: false }); PLACES];
    let mut at = 0;
    while at < BLOCKS.len() {
        if BLOCKS[at].len() <= 8 {
            let place = place_in(&table, key(BLOCKS[at].as_bytes()));
            table[place] = (key(BLOCKS[at].as_bytes()), Kind { is_block: true, is_special: false });
        }
        at += 1;
    }
    at = 0;
    while at < SPECIAL.len() {
        let key = key(SPECIAL[at].as_bytes());
        let place = place_in(&table, key);
        table[place] = (key, Kind { is_block: table[place].1.is_block, is_special: true });
        at += 1;
    }
    table
}

/// The place of a name, or the free one where it belongs.
const fn place_in(table: &[(u64, Kind); PLACES], key: u64) -> usize {
    let mut at = place(key);
    while table[at].0 != 0 && table[at].0 != key {
        at = (at + 1) % PLACES;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_are_found_in_any_case() {
        for name in BLOCKS.iter().chain(SPECIAL) {
            let kind = kind(name.to_ascii_uppercase().as_bytes());
            assert_eq!((kind.is_block, kind.is_special), (BLOCKS.contains(name), SPECIAL.contains(name)), "{name}");
        }
        for name in ["", "a", "span", "divs", "di", "blockquotes", "\0", "\0p", "p\0", "d\u{c9}v", "h\u{11}"] {
            assert_eq!(kind(name.as_bytes()), Kind::default(), "{name}");
        }
    }
}
