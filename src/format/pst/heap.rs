//! The middle layer of a store ([MS-PST] 2.3): a heap of small items on the bytes of a node, and what is built of them.

use super::super::Output;
use super::super::little::{u16_at, u32_at};
use super::store::{Node, Place, Store, find};
use crate::model::ProblemKind;

/// Levels of a tree in a heap.
const LEVELS: u8 = 8;

/// A heap, and the nodes that belong to it.
pub struct Heap<'s, 'a> {
    /// The store that it is in.
    pub store: &'s Store<'a>,
    /// The nodes that belong to it, in the order of their numbers.
    pub below: Vec<Node>,
    blocks: Vec<Vec<u8>>,
}

/// A property: its number, its kind, and its value or where that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: u16,
    /// The kind of its value.
    pub kind: u16,
    /// A small value, or the number of an item or of a node.
    pub value: u32,
}

/// A cell of text in a table.
type Cell = (u16, u16, u32);

impl<'s, 'a> Heap<'s, 'a> {
    /// Reads the heap of a node.
    ///
    /// # Errors
    /// When it cannot be read or a limit was reached.
    pub fn read(store: &'s Store<'a>, place: Place, output: &Output<'_>) -> Result<Self, ProblemKind> {
        Ok(Self { store, below: store.below(place)?, blocks: store.read(place, output)? })
    }

    /// The number of the item that all else begins with.
    fn root(&self) -> u32 {
        self.blocks.first().map_or(0, |block| u32_at(block, 4))
    }

    /// An item; none when there is no such.
    pub fn item(&self, number: u32) -> Option<&[u8]> {
        let bits = if self.store.has_large_blocks() { 14 } else { 11 };
        let place = ((number >> 5) & ((1 << bits) - 1)).checked_sub(1)? as usize;
        let block = self.blocks.get((number >> (5 + bits)) as usize)?;
        let map = block.get(usize::from(u16_at(block, 0))..)?;
        if place >= usize::from(u16_at(map, 0)) {
            return None;
        }
        block.get(u16_at(map, 4 + 2 * place).into()..u16_at(map, 6 + 2 * place).into())
    }

    /// The bytes of an item or of a node that belongs to the heap; none when there is no such.
    ///
    /// # Errors
    /// When they cannot be read or a limit was reached.
    pub fn value(&self, number: u32, output: &Output<'_>) -> Result<Option<Vec<u8>>, ProblemKind> {
        if number & 0x1f == 0 {
            let item = self.item(number);
            output.charge_bytes(item.map_or(0, <[u8]>::len) as u64)?;
            return Ok(item.map(<[u8]>::to_vec));
        }
        let node = find(&self.below, number);
        node.map(|node| Ok(self.store.read(node.place, output)?.concat())).transpose()
    }

    /// The properties, when the heap holds those of one thing.
    ///
    /// # Errors
    /// When it does not.
    pub fn entries(&self) -> Result<Vec<Entry>, ProblemKind> {
        let mut entries = Vec::new();
        self.leaves(self.root(), 2, 6, &mut |leaf| {
            entries.push(Entry { id: u16_at(leaf, 0), kind: u16_at(leaf, 2), value: u32_at(leaf, 4) });
        })?;
        Ok(entries)
    }

    /// Hands the leaves of a tree in the heap to `take`.
    fn leaves(&self, root: u32, key: usize, data: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), ProblemKind> {
        let header = self.item(root).ok_or(ProblemKind::Damaged)?;
        let level = levels(header, key).ok_or(ProblemKind::Damaged)?;
        // Each item is read once, so a tree is no larger than its heap.
        let mut seen = std::collections::HashSet::new();
        let mut waiting = vec![(u32_at(header, 4), level)];
        while let Some((number, level)) = waiting.pop() {
            if number == 0 || !seen.insert(number) {
                continue;
            }
            let item = self.item(number).ok_or(ProblemKind::Damaged)?;
            if level == 0 {
                item.chunks_exact(key + data).for_each(&mut *take);
            } else {
                waiting.extend(item.chunks_exact(key + 4).map(|entry| (u32_at(entry, key), level - 1)).rev());
            }
        }
        Ok(())
    }

    /// The cells with text of a table, row by row, when the heap holds one.
    ///
    /// # Errors
    /// When it does not, or its rows cannot be read.
    pub fn cells(&self, output: &Output<'_>) -> Result<Vec<Cell>, ProblemKind> {
        let told = self.item(self.root()).filter(|told| told.first() == Some(&0x7c)).ok_or(ProblemKind::Damaged)?;
        let (width, rows) = (usize::from(u16_at(told, 8)), u32_at(told, 14));
        let columns = told.get(22..).unwrap_or_default().chunks_exact(8).take(told.get(1).copied().unwrap_or(0).into());
        // Cells of four bytes that do not share any: a row has no more of them.
        let columns: Vec<Cell> = columns
            .map(|column| (u16_at(column, 2), u16_at(column, 0), u16_at(column, 4).into()))
            .filter(|(_, kind, _)| matches!(kind, 0x1e | 0x1f))
            .take(width / 4)
            .collect();
        let blocks = if rows & 0x1f == 0 {
            self.item(rows).map(|item| vec![item.to_vec()]).unwrap_or_default()
        } else {
            let node = find(&self.below, rows);
            node.map(|node| self.store.read(node.place, output)).transpose()?.unwrap_or_default()
        };
        if width == 0 {
            return Ok(Vec::new());
        }
        let rows = blocks.iter().flat_map(|block| block.chunks_exact(width));
        let cell = |row: &[u8], (id, kind, at): Cell| (id, kind, u32_at(row, at as usize));
        Ok(rows
            .flat_map(|row| columns.iter().map(move |&column| cell(row, column)))
            .filter(|cell| cell.2 != 0)
            .collect())
    }
}

/// How many levels a tree has above its leaves, by its header; none when it is no tree with keys of `key` bytes.
fn levels(header: &[u8], key: usize) -> Option<u8> {
    let &[0xb5, key_bytes, _, level, ..] = header else { return None };
    (usize::from(key_bytes) == key && level <= LEVELS).then_some(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_a_tree_may_be_cut() {
        assert_eq!(levels(&[0xb5, 2, 6, 1, 0, 0, 0, 0], 2), Some(1));
        assert_eq!(levels(&[0xb5, 2, 6, 9], 2), None);
        assert_eq!((levels(&[0xb5], 2), levels(&[], 2)), (None, None));
    }
}
