//! A storage written as a compound file of its own, so that what is embedded is read as if it lay alone.

use std::io::{Cursor, Read, Write};

use super::super::Output;
use super::super::input::problem_kind;
use super::{Compound, Id};
use crate::model::ProblemKind;

const SECTOR: usize = 512;
const SMALL: usize = 64;
const CUTOFF: usize = 4096;
pub const FREE: u32 = 0xffff_ffff;
pub const STORAGE: u8 = 1;
const STREAM: u8 = 2;
pub const ROOT: u8 = 5;
const END: u32 = 0xffff_fffe;
const TABLE: u32 = 0xffff_fffd;
const TABLE_LIST: u32 = 0xffff_fffc;

/// Entries of the table in a sector.
const PER_SECTOR: usize = SECTOR / 4;

/// Sectors of the table that the header has room for.
const IN_HEADER: usize = 109;

/// What stands in the new file's sectors so far.
#[derive(Default)]
pub struct Packed {
    sectors: Vec<u8>,
    next: Vec<u32>,
    small: Vec<u8>,
    small_next: Vec<u32>,
    directory: Vec<u8>,
}

/// Writes a storage and all that it holds.
///
/// # Errors
/// When a limit was reached or the file cannot be read.
pub fn storage(compound: &Compound<'_>, storage: Id, output: &Output<'_>) -> Result<Vec<u8>, ProblemKind> {
    let mut packed = Packed::default();
    // What stands in the directory, in its order, and whether a neighbour follows.
    let mut listed = vec![(storage, false)];
    let mut bytes = Vec::new();
    for at in 0.. {
        let Some(&(id, followed)) = listed.get(at) else { break };
        let children = compound.children(id);
        let child = if children.is_empty() { FREE } else { listed.len() as u32 };
        listed.extend(children.iter().enumerate().map(|(i, &child)| (child, i + 1 < children.len())));
        bytes.clear();
        if !compound.is_storage(id) {
            output.meter(compound.stream(id)).read_to_end(&mut bytes).map_err(|error| problem_kind(&error))?;
        }
        let right = if followed { at as u32 + 1 } else { FREE };
        match (at, compound.is_storage(id)) {
            (0, _) => packed.storage("Root Entry", ROOT, [FREE, child], compound.class(id)),
            (_, true) => packed.storage(compound.name(id), STORAGE, [right, child], compound.class(id)),
            (_, false) => packed.stream(compound.name(id), right, &bytes),
        }
    }
    Ok(packed.finish())
}

/// Appends a chain of as many sectors as the bytes need, filled up with zeros; gives the first.
fn append(to: &mut Vec<u8>, next: &mut Vec<u32>, bytes: &[u8], size: usize) -> u32 {
    if bytes.is_empty() {
        return END;
    }
    let first = next.len() as u32;
    let count = bytes.len().div_ceil(size);
    next.extend((1..count as u32).map(|i| first + i));
    next.push(END);
    to.extend_from_slice(bytes);
    to.resize(next.len() * size, 0);
    first
}

impl Packed {
    pub fn storage(&mut self, name: &str, kind: u8, [right, child]: [u32; 2], class: [u8; 16]) {
        self.entry(name, kind, [right, child]);
        self.directory.extend(class);
        self.directory.extend([0; 20]);
        self.directory.extend(END.to_le_bytes());
        self.directory.extend([0; 8]);
    }

    pub fn stream(&mut self, name: &str, right: u32, bytes: &[u8]) {
        self.entry(name, STREAM, [right, FREE]);
        let first = if bytes.len() < CUTOFF {
            append(&mut self.small, &mut self.small_next, bytes, SMALL)
        } else {
            append(&mut self.sectors, &mut self.next, bytes, SECTOR)
        };
        self.directory.extend([0; 36]);
        self.directory.extend(first.to_le_bytes());
        self.directory.extend((bytes.len() as u64).to_le_bytes());
    }

    /// The beginning of an entry, up to its class.
    fn entry(&mut self, name: &str, kind: u8, [right, child]: [u32; 2]) {
        let start = self.directory.len();
        let units: Vec<u16> = name.encode_utf16().take(31).collect();
        self.directory.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        self.directory.resize(start + 64, 0);
        self.directory.extend((2 * (units.len() as u16 + 1)).to_le_bytes());
        self.directory.extend([kind, 1]);
        for number in [FREE, right, child] {
            self.directory.extend(number.to_le_bytes());
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        let small_in = append(&mut self.sectors, &mut self.next, &self.small, SECTOR);
        let small_bytes = self.small.len() as u32;
        self.directory[116..120].copy_from_slice(&small_in.to_le_bytes());
        self.directory[120..124].copy_from_slice(&small_bytes.to_le_bytes());
        let small_table: Vec<u8> = self.small_next.iter().flat_map(|next| next.to_le_bytes()).collect();
        let small_table_sectors = small_table.len().div_ceil(SECTOR) as u32;
        let small_table = append(&mut self.sectors, &mut self.next, &small_table, SECTOR);
        let directory = append(&mut self.sectors, &mut self.next, &self.directory, SECTOR);
        let used = self.next.len();
        let (mut tables, mut lists) = (0_usize, 0_usize);
        loop {
            let needed = (used + tables + lists).div_ceil(PER_SECTOR);
            let lists_needed = needed.saturating_sub(IN_HEADER).div_ceil(PER_SECTOR - 1);
            if (needed, lists_needed) == (tables, lists) {
                break;
            }
            (tables, lists) = (needed, lists_needed);
        }
        self.next.extend(std::iter::repeat_n(TABLE, tables));
        self.next.extend(std::iter::repeat_n(TABLE_LIST, lists));
        self.next.resize(tables * PER_SECTOR, FREE);
        let mut named: Vec<u32> = (0..tables as u32).map(|i| used as u32 + i).collect();
        let first_list = if lists == 0 { END } else { (used + tables) as u32 };
        let rest = named.split_off(IN_HEADER.min(named.len()));
        named.resize(IN_HEADER, FREE);
        let mut file = header(directory, [small_table, small_table_sectors], [first_list, lists as u32], tables as u32);
        file.extend(named.iter().flat_map(|sector| sector.to_le_bytes()));
        file.append(&mut self.sectors);
        file.extend(self.next.iter().flat_map(|next| next.to_le_bytes()));
        for (i, list) in rest.chunks(PER_SECTOR - 1).enumerate() {
            let mut list = list.to_vec();
            list.resize(PER_SECTOR - 1, FREE);
            list.push(if i + 1 == lists { END } else { first_list + i as u32 + 1 });
            file.extend(list.iter().flat_map(|sector| sector.to_le_bytes()));
        }
        file
    }
}

/// The header of version 3 up to the sectors of the table.
fn header(directory: u32, small_table: [u32; 2], list: [u32; 2], tables: u32) -> Vec<u8> {
    let mut header = Cursor::new(vec![0; 76]);
    let mut put = |at: u64, bytes: &[u8]| {
        header.set_position(at);
        header.write_all(bytes).expect("memory takes what is written");
    };
    put(0, super::MAGICS[0]);
    put(24, &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    put(44, &tables.to_le_bytes());
    put(48, &directory.to_le_bytes());
    put(56, &(CUTOFF as u32).to_le_bytes());
    put(60, &small_table[0].to_le_bytes());
    put(64, &small_table[1].to_le_bytes());
    put(68, &list[0].to_le_bytes());
    put(72, &list[1].to_le_bytes());
    header.into_inner()
}
