//! The lower layer of a store ([MS-PST] 2.2): nodes, and the blocks of bytes that they are made of.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use flate2::read::ZlibDecoder;

use super::super::input::{ReadSeek, problem_kind};
use super::super::little::{u16_at, u32_at};
use super::super::{Input, Output};
use super::code::Code;
use crate::model::ProblemKind;

/// Levels of trees of blocks.
const LEVELS: usize = 3;

/// Bytes of blocks that are read of a store in all, beside eight times its size: a sound one has each of its blocks read
/// some three times, a hostile one names the same block from everywhere.
const READ_BYTES: u64 = 64 << 20;

/// How a store is laid out: before Outlook 2003, since then, and in copies of mailboxes since Outlook 2013.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Old,
    Wide,
    LargePages,
}

/// An opened store.
pub struct Store<'a> {
    source: RefCell<Box<dyn ReadSeek + 'a>>,
    layout: Layout,
    code: Code,
    blocks: Vec<Block>,
    /// Bytes of blocks that may still be read.
    left: Cell<u64>,
    /// All nodes, in the order of their numbers.
    pub nodes: Vec<Node>,
    /// False when a page of the trees could not be read.
    pub whole: bool,
}

struct Block {
    number: u64,
    at: u64,
    bytes: u16,
    /// Bytes when it is no longer compressed.
    inflated: u16,
}

/// A thing in the store: a folder, a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number, whose lower five bits tell what it is.
    pub number: u32,
    /// The folder that it is in.
    pub parent: u32,
    /// Where its bytes are.
    pub place: Place,
}

/// The blocks of a node: its own, and those that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    data: u64,
    below: u64,
}

impl Node {
    /// What kind of thing it is.
    pub fn kind(self) -> u32 {
        self.number & 0x1f
    }
}

impl Layout {
    fn page(self) -> usize {
        if self == Self::LargePages { 4096 } else { 512 }
    }

    /// Bytes of a number that names a block.
    fn word(self) -> usize {
        if self == Self::Old { 4 } else { 8 }
    }

    fn number(self, bytes: &[u8], at: usize) -> u64 {
        let low = u64::from(u32_at(bytes, at));
        if self == Self::Old { low } else { low | u64::from(u32_at(bytes, at + 4)) << 32 }
    }

    /// How many entries a page has, how large they are, and how far it is from the leaves.
    fn told(self, page: &[u8]) -> (usize, usize, u8) {
        match self {
            Self::LargePages => (u16_at(page, 4056).into(), page[4060].into(), page[4061]),
            Self::Wide => (page[488].into(), page[490].into(), page[491]),
            Self::Old => (page[496].into(), page[498].into(), page[499]),
        }
    }

    /// Where the roots of the trees are told in the header: of nodes, of blocks; and the code.
    fn roots(self) -> (usize, usize, usize) {
        if self == Self::Old { (0xbc, 0xc4, 0x1cd) } else { (0xe0, 0xf0, 0x201) }
    }
}

impl<'a> Store<'a> {
    /// Reads the trees of a store.
    ///
    /// # Errors
    /// When it is none, or cannot be read.
    pub fn open(input: &'a mut Input<'_>) -> Result<Self, ProblemKind> {
        let head = input.head();
        let layout = match u16_at(head, 10) {
            14 | 15 => Layout::Old,
            36 => Layout::LargePages,
            23.. => Layout::Wide,
            _ => return Err(ProblemKind::UnsupportedFormat),
        };
        let (nodes, blocks, code) = layout.roots();
        let code = head.get(code).copied().and_then(Code::new).ok_or(ProblemKind::Encrypted)?;
        let (nodes, blocks) = (layout.number(head, nodes), layout.number(head, blocks));
        let mut source = input.seekable()?;
        let bytes = source.seek(SeekFrom::End(0)).map_err(|error| problem_kind(&error))?;
        let left = Cell::new(bytes.saturating_mul(8).saturating_add(READ_BYTES));
        let source = RefCell::new(source);
        let mut store = Self { source, layout, code, blocks: Vec::new(), left, nodes: Vec::new(), whole: true };
        let word = layout.word();
        let mut listed = Vec::new();
        store.whole &= store.tree(blocks, &mut |entry| {
            let (bytes, inflated) = (u16_at(entry, 2 * word), u16_at(entry, 2 * word + 2));
            listed.push(Block {
                number: layout.number(entry, 0) & !1,
                at: layout.number(entry, word),
                bytes,
                inflated,
            });
        })?;
        listed.sort_by_key(|block| block.number);
        store.blocks = listed;
        let mut listed = Vec::new();
        store.whole &= store.tree(nodes, &mut |entry| {
            let place = Place { data: layout.number(entry, word), below: layout.number(entry, 2 * word) };
            listed.push(Node { number: u32_at(entry, 0), parent: u32_at(entry, 3 * word), place });
        })?;
        listed.sort_by_key(|node| node.number);
        store.nodes = listed;
        Ok(store)
    }

    /// Hands the entries of all leaves of a tree to `take`; false when a page is none.
    fn tree(&self, root: u64, take: &mut dyn FnMut(&[u8])) -> Result<bool, ProblemKind> {
        let mut whole = true;
        let mut seen = HashSet::new();
        let mut waiting = vec![root];
        while let Some(at) = waiting.pop() {
            if !seen.insert(at) {
                whole = false;
                continue;
            }
            let page = self.read_at(at, self.layout.page())?;
            if page.len() < self.layout.page() {
                whole = false;
                continue;
            }
            let (count, size, level) = self.layout.told(&page);
            let least = if level > 0 { 3 } else { 2 } * self.layout.word();
            if size < least {
                whole = false;
                continue;
            }
            for entry in page.chunks_exact(size).take(count) {
                if level > 0 {
                    waiting.push(self.layout.number(entry, 2 * self.layout.word()));
                } else {
                    take(entry);
                }
            }
        }
        Ok(whole)
    }

    fn read_at(&self, at: u64, bytes: usize) -> Result<Vec<u8>, ProblemKind> {
        let mut source = self.source.borrow_mut();
        source.seek(SeekFrom::Start(at)).map_err(|error| problem_kind(&error))?;
        let mut read = Vec::new();
        (&mut **source).take(bytes as u64).read_to_end(&mut read).map_err(|error| problem_kind(&error))?;
        Ok(read)
    }

    /// The bytes of a block, decoded; not charged.
    fn block(&self, number: u64) -> Result<Vec<u8>, ProblemKind> {
        let at = self.blocks.partition_point(|block| block.number < number & !1);
        let block = self.blocks.get(at).filter(|block| block.number == number & !1).ok_or(ProblemKind::Damaged)?;
        let left = self.left.get().checked_sub(block.bytes.into()).ok_or(ProblemKind::TooLarge)?;
        self.left.set(left);
        let mut bytes = self.read_at(block.at, block.bytes.into())?;
        if self.layout == Layout::LargePages && block.inflated != block.bytes && bytes.starts_with(&[0x78]) {
            let mut inflated = Vec::new();
            let decoder = ZlibDecoder::new(Cursor::new(&bytes)).take(u64::from(u16::MAX));
            { decoder }.read_to_end(&mut inflated).map_err(|_| ProblemKind::Damaged)?;
            bytes = inflated;
        }
        // Blocks that list others are not in code.
        if number & 2 == 0 {
            self.code.apply(&mut bytes, number);
        }
        Ok(bytes)
    }

    /// The blocks that the bytes of a node are in, in their order.
    ///
    /// # Errors
    /// When one that lists others cannot be read.
    pub fn leaves(&self, place: Place) -> Result<Vec<u64>, ProblemKind> {
        let mut leaves = if place.data == 0 { Vec::new() } else { vec![place.data] };
        for _ in 0..LEVELS {
            if !leaves.iter().any(|number| number & 2 != 0) {
                return Ok(leaves);
            }
            let mut next = Vec::new();
            for number in leaves {
                if number & 2 == 0 {
                    next.push(number);
                    continue;
                }
                let list = self.block(number)?;
                let count = usize::from(u16_at(&list, 2));
                let words = list.get(8..).unwrap_or_default().chunks_exact(self.layout.word()).take(count);
                next.extend(words.map(|word| self.layout.number(word, 0)));
                if next.len() > self.blocks.len() {
                    return Err(ProblemKind::Damaged);
                }
            }
            leaves = next;
        }
        Err(ProblemKind::Damaged)
    }

    /// The bytes of a node, each block apart, charged.
    ///
    /// # Errors
    /// When they cannot be read or a limit was reached.
    pub fn read(&self, place: Place, output: &Output<'_>) -> Result<Vec<Vec<u8>>, ProblemKind> {
        let read = |number| {
            let mut bytes = Vec::new();
            let block = self.block(number)?;
            output.meter(&block[..]).read_to_end(&mut bytes).map_err(|error| problem_kind(&error))?;
            Ok(bytes)
        };
        self.leaves(place)?.into_iter().map(read).collect()
    }

    /// A reader of the bytes of a node; not charged.
    ///
    /// # Errors
    /// As [`Store::leaves`].
    pub fn reader(&self, place: Place) -> Result<Reader<'_, 'a>, ProblemKind> {
        let leaves = self.leaves(place)?;
        Ok(Reader { store: self, leaves: leaves.into_iter(), block: Cursor::new(Vec::new()) })
    }

    /// The nodes that belong to a node.
    ///
    /// # Errors
    /// When a block that lists them cannot be read.
    pub fn below(&self, place: Place) -> Result<Vec<Node>, ProblemKind> {
        let word = self.layout.word();
        // Wide blocks are filled up before their entries.
        let header = if self.layout == Layout::Old { 4 } else { 8 };
        let mut nodes = Vec::new();
        let mut waiting = vec![(place.below, true)];
        while let Some((number, above)) = waiting.pop().filter(|(number, _)| *number != 0) {
            let list = self.block(number)?;
            let (level, count) = (list.get(1).copied().unwrap_or(0), usize::from(u16_at(&list, 2)));
            let entries = list.get(header..).unwrap_or_default();
            match (level, above) {
                (0, _) => nodes.extend(entries.chunks_exact(3 * word).take(count).map(|entry| {
                    let place =
                        Place { data: self.layout.number(entry, word), below: self.layout.number(entry, 2 * word) };
                    Node { number: u32_at(entry, 0), parent: 0, place }
                })),
                (_, true) => waiting.extend(
                    entries.chunks_exact(2 * word).take(count).map(|entry| (self.layout.number(entry, word), false)),
                ),
                _ => return Err(ProblemKind::Damaged),
            }
        }
        nodes.sort_by_key(|node| node.number);
        Ok(nodes)
    }

    /// The node with a number.
    pub fn node(&self, number: u32) -> Option<Node> {
        find(&self.nodes, number)
    }

    /// True when numbers of items in a heap have more bits, and those of its blocks fewer.
    pub fn has_large_blocks(&self) -> bool {
        self.layout == Layout::LargePages
    }
}

/// The node with a number, among nodes in the order of their numbers.
pub fn find(nodes: &[Node], number: u32) -> Option<Node> {
    let at = nodes.partition_point(|node| node.number < number);
    nodes.get(at).copied().filter(|node| node.number == number)
}

/// Reads the bytes of a node block by block.
pub struct Reader<'s, 'a> {
    store: &'s Store<'a>,
    leaves: std::vec::IntoIter<u64>,
    block: Cursor<Vec<u8>>,
}

impl Read for Reader<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let got = self.block.read(buffer)?;
            if got > 0 || buffer.is_empty() {
                return Ok(got);
            }
            let Some(next) = self.leaves.next() else { return Ok(0) };
            self.block = Cursor::new(self.store.block(next).map_err(|_| io::ErrorKind::InvalidData)?);
        }
    }
}
