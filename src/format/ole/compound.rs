//! The directory of a compound file.

use std::cell::{Cell, RefCell};
use std::io::Read;

use super::super::input::{ReadSeek, problem_kind};
use super::super::little::{u16_at, u32_at};
use super::super::{Input, Output, Reading};
use super::header::Sectors;
use super::{Stream, pack, same};
use crate::model::ProblemKind;

/// Bytes of an entry of the directory (MS-CFB 2.6.1).
const ENTRY_BYTES: usize = 128;

/// Where the kind of an entry stands in it, and which kinds there are.
const KIND: usize = 66;
const STORAGE: u8 = 1;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// An opened compound file. Streams are read from where they lie; only its tables are held in memory.
pub struct Compound<'a> {
    pub(super) source: RefCell<Box<dyn ReadSeek + 'a>>,
    pub(super) sectors: Sectors,
    /// Which small sector follows which.
    pub(super) small_next: Vec<u32>,
    /// The sectors in which the small sectors stand.
    pub(super) small_in: Vec<u32>,
    entries: Vec<Entry>,
    /// True when the directory or a stream that was read did not hold what it should.
    pub(super) cut: Cell<bool>,
}

/// An entry of the directory: a storage, which holds others, or a stream. Only for the file that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(usize);

struct Entry {
    kind: u8,
    name: String,
    class: [u8; 16],
    first: u32,
    size: u64,
    children: Vec<Id>,
}

impl<'a> Compound<'a> {
    /// The storage that holds all others.
    pub const ROOT: Id = Id(0);

    /// Reads the tables of a compound file.
    ///
    /// # Errors
    /// When it is none, or so broken that it has no root.
    pub fn open(input: &'a mut Input<'_>) -> Result<Self, ProblemKind> {
        let mut source = input.seekable()?;
        let sectors = Sectors::read(&mut *source)?;
        let mut directory = Vec::new();
        let mut buffer = Vec::new();
        for sector in sectors.chain(sectors.directory) {
            sectors.read_sector(&mut *source, sector, &mut buffer)?;
            directory.extend(buffer.chunks_exact(ENTRY_BYTES).map(|entry| Listed::read(entry, sectors.long_sizes)));
        }
        let root = directory.first().filter(|root| root.entry.kind == ROOT).ok_or(ProblemKind::Damaged)?;
        let small_in = sectors.chain(root.entry.first);
        let small_next = sectors.small_table(&mut *source)?;
        let (entries, whole) = Listed::arrange(directory);
        let cut = Cell::new(!whole);
        Ok(Self { source: RefCell::new(source), sectors, small_next, small_in, entries, cut })
    }

    /// What a storage holds, in the order of the directory; nothing for a stream.
    pub fn children(&self, storage: Id) -> &[Id] {
        &self.entries[storage.0].children
    }

    /// The name, in which characters that cannot be shown may stand: `\u{5}SummaryInformation`.
    pub fn name(&self, id: Id) -> &str {
        &self.entries[id.0].name
    }

    /// True for a storage, false for a stream.
    pub fn is_storage(&self, id: Id) -> bool {
        self.entries[id.0].kind != STREAM
    }

    /// Bytes of a stream as the directory tells; it may hold fewer.
    pub fn size(&self, stream: Id) -> u64 {
        if self.is_storage(stream) { 0 } else { self.entries[stream.0].size }
    }

    /// The class of the object in a storage, as it lies in the file; zeros where none is told.
    pub fn class(&self, storage: Id) -> [u8; 16] {
        self.entries[storage.0].class
    }

    /// What is so called in a storage, in letters of any size.
    pub fn find(&self, storage: Id, name: &str) -> Option<Id> {
        self.children(storage).iter().copied().find(|&id| same(self.name(id), name))
    }

    /// What stands at the end of a path from the root: `&["ObjectPool", "_1234"]`.
    pub fn path(&self, names: &[&str]) -> Option<Id> {
        names.iter().try_fold(Self::ROOT, |storage, name| self.find(storage, name))
    }

    /// The stream so called in a storage.
    pub fn find_stream(&self, storage: Id, name: &str) -> Option<Id> {
        self.find(storage, name).filter(|&id| !self.is_storage(id))
    }

    /// A reader of a stream that goes back and forth. Its bytes are not charged: see [`Output::meter`].
    ///
    /// It ends where the file ends; [`Compound::end`] tells of it.
    pub fn stream(&self, stream: Id) -> Stream<'_, 'a> {
        Stream::new(self, self.entries[stream.0].first, self.size(stream))
    }

    /// All bytes of a stream, charged; as many as the file holds.
    ///
    /// # Errors
    /// When a limit was reached or the file cannot be read.
    pub fn bytes(&self, stream: Id, output: &Output<'_>) -> Result<Vec<u8>, ProblemKind> {
        let mut bytes = Vec::new();
        output.meter(self.stream(stream)).read_to_end(&mut bytes).map_err(|error| problem_kind(&error))?;
        Ok(bytes)
    }

    /// A storage and all that it holds as a compound file of its own, charged: for [`Output::member`].
    ///
    /// # Errors
    /// As [`Compound::bytes`].
    pub fn storage_bytes(&self, storage: Id, output: &Output<'_>) -> Result<Vec<u8>, ProblemKind> {
        pack::storage(self, storage, output)
    }

    /// What a format returns when it read what it could: damaged when something was cut.
    ///
    /// # Errors
    /// When the directory or a stream that was read did not hold what it should.
    pub fn end(&self) -> Reading {
        if self.cut.get() { Err(ProblemKind::Damaged) } else { Ok(()) }
    }
}

/// An entry as it stands in the directory: those of a storage are a tree.
struct Listed {
    entry: Entry,
    links: [u32; 2],
    child: u32,
}

impl Listed {
    fn read(bytes: &[u8], long_sizes: bool) -> Self {
        let units = usize::from(u16_at(bytes, 64) / 2).saturating_sub(1).min(31);
        let name: Vec<u16> = (0..units).map(|i| u16_at(bytes, 2 * i)).take_while(|&unit| unit != 0).collect();
        let mut class = [0; 16];
        class.copy_from_slice(&bytes[80..96]);
        let high = if long_sizes { u64::from(u32_at(bytes, 124)) << 32 } else { 0 };
        let entry = Entry {
            kind: bytes[KIND],
            name: String::from_utf16_lossy(&name),
            class,
            first: u32_at(bytes, 116),
            size: high | u64::from(u32_at(bytes, 120)),
            children: Vec::new(),
        };
        Self { entry, links: [u32_at(bytes, 68), u32_at(bytes, 72)], child: u32_at(bytes, 76) }
    }

    /// Gives each storage what it holds; false when a link led nowhere. Then what no storage holds is given to the root.
    fn arrange(mut listed: Vec<Self>) -> (Vec<Entry>, bool) {
        let mut whole = true;
        let mut seen = vec![false; listed.len()];
        if let Some(root) = seen.first_mut() {
            *root = true;
        }
        let mut storages = vec![0];
        while let Some(storage) = storages.pop() {
            let mut waiting = vec![listed[storage].child];
            let mut children = Vec::new();
            while let Some(link) = waiting.pop() {
                let at = link as usize;
                match listed.get(at) {
                    _ if link == u32::MAX => continue,
                    Some(child) if matches!(child.entry.kind, STORAGE | STREAM) && !seen[at] => {
                        seen[at] = true;
                        children.push(Id(at));
                        waiting.extend(child.links);
                        if child.entry.kind == STORAGE {
                            storages.push(at);
                        }
                    }
                    _ => whole = false,
                }
            }
            children.sort_unstable();
            listed[storage].entry.children = children;
        }
        if !whole {
            let lost = (0..listed.len()).filter(|&at| !seen[at] && matches!(listed[at].entry.kind, STORAGE | STREAM));
            let lost: Vec<Id> = lost.map(Id).collect();
            listed[0].entry.children.extend(lost);
        }
        (listed.into_iter().map(|listed| listed.entry).collect(), whole)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Limits;
    use super::super::sample::compound;
    use super::*;
    use crate::model::{Sink, Text};

    struct Deaf;

    impl Sink for Deaf {
        fn text(&mut self, _: &Text<'_>) {}
    }

    type Streams = Vec<(String, Vec<u8>)>;

    /// All streams of a file by their paths, and whether it was whole.
    fn streams(bytes: Vec<u8>) -> Result<(Streams, bool), ProblemKind> {
        let mut sink = Deaf;
        let output = Output::new(&mut sink, &Limits::for_size(1 << 20, std::sync::Arc::default()));
        let mut input = Input::bytes(bytes);
        let compound = Compound::open(&mut input)?;
        let mut waiting = vec![(String::new(), Compound::ROOT)];
        let mut streams = Vec::new();
        while let Some((path, id)) = waiting.pop() {
            if !compound.is_storage(id) {
                streams.push((path.clone(), compound.bytes(id, &output)?));
            }
            waiting.extend(compound.children(id).iter().map(|&id| (format!("{path}/{}", compound.name(id)), id)));
        }
        streams.sort();
        let whole = compound.end().is_ok();
        Ok((streams, whole))
    }

    fn large() -> Vec<u8> {
        (0..200_000_u32).map(|i| (i % 251) as u8).collect()
    }

    #[test]
    fn streams_are_found_by_their_paths() {
        let large = large();
        let file = compound(&[("a", b"small"), ("B/c", &large), ("B/d/e", &large[..4095]), ("z", b"")]);
        let (streams, whole) = streams(file.clone()).unwrap();
        let expected = [("/B/c", &large[..]), ("/B/d/e", &large[..4095]), ("/a", b"small"), ("/z", b"")];
        assert_eq!(streams, expected.map(|(path, bytes)| (path.to_owned(), bytes.to_vec())));
        assert!(whole);
        let mut input = Input::bytes(file);
        let compound = Compound::open(&mut input).unwrap();
        assert!(compound.path(&["b", "D", "E"]).is_some() && compound.path(&["c"]).is_none());
    }

    #[test]
    fn a_storage_is_a_file_of_its_own() {
        let large = large();
        let file = compound(&[("a", b"small"), ("B/c", &large), ("B/d/e", b"deep")]);
        let mut sink = Deaf;
        let output = Output::new(&mut sink, &Limits::for_size(1 << 20, std::sync::Arc::default()));
        let mut input = Input::bytes(file);
        let compound = Compound::open(&mut input).unwrap();
        let inner = compound.storage_bytes(compound.path(&["B"]).unwrap(), &output).unwrap();
        let (inner, _) = streams(inner).unwrap();
        assert_eq!(inner, [("/c".to_owned(), large), ("/d/e".to_owned(), b"deep".to_vec())]);
    }

    #[test]
    fn a_stream_goes_back_and_forth() {
        use std::io::{Seek, SeekFrom};
        let large = large();
        let mut input = Input::bytes(compound(&[("a", &large)]));
        let compound = Compound::open(&mut input).unwrap();
        let mut stream = compound.stream(compound.path(&["a"]).unwrap());
        for at in [150_000, 3, 511, 512] {
            stream.seek(SeekFrom::Start(at)).unwrap();
            let mut bytes = [0; 700];
            stream.read_exact(&mut bytes).unwrap();
            assert_eq!(bytes[..], large[at as usize..at as usize + 700]);
        }
    }

    #[test]
    fn a_file_that_is_cut_gives_what_it_holds() {
        let large = large();
        let mut file = compound(&[("x", b"small"), ("y", &large)]);
        // The table and the directory stand last: the cut is made by a directory that tells of a larger stream.
        let size = (large.len() as u64).to_le_bytes();
        let at = memchr::memmem::rfind(&file, &size).unwrap();
        file[at..at + 8].copy_from_slice(&300_000_u64.to_le_bytes());
        let (streams, whole) = streams(file).unwrap();
        assert!(!whole);
        assert!(streams[1].1.starts_with(&large) && streams[1].1.len() < 201_000);
    }

    #[test]
    fn broken_files_end() {
        let large = &large()[..5000];
        let file = compound(&[("a", b"small"), ("B/c", large), ("B/d/e", b"deep")]);
        for at in (0..file.len()).filter(|at| *at < 600 || at % 7 == 0) {
            for value in [0, 1, 0xff] {
                let mut broken = file.clone();
                broken[at] = value;
                let _ = streams(broken);
            }
            let _ = streams(file[..at].to_vec());
        }
    }
}
