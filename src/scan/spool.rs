//! Keeps record lines until the scan ends and gives them back in the order of the output.
//!
//! Lines are sorted in memory a buffer at a time; full buffers go to an unnamed temporary file and are merged at the
//! end, so that memory stays flat. The lines hold nothing in the clear, so neither does the file.

use std::cell::RefCell;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

/// Bytes that are kept in memory before they are written.
const BUFFER_BYTES: usize = 16 << 20;

/// Bytes of each sorted stretch that are read at a time while merging.
const READ_BYTES: usize = 64 << 10;

/// Lines with the keys by which they are sorted.
#[derive(Default)]
pub struct Spool {
    buffered: Vec<Keyed>,
    bytes: usize,
    limit: usize,
    written: Option<Written>,
}

/// Sorted stretches in a file.
struct Written {
    file: File,
    /// Where each stretch ends.
    ends: Vec<u64>,
}

/// A line and what it is sorted by: index of the share, then bytes of the path.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Keyed {
    share: u32,
    path: Box<[u8]>,
    line: Box<[u8]>,
}

impl Spool {
    /// An empty spool.
    pub fn new() -> Self {
        Self { limit: BUFFER_BYTES, ..Self::default() }
    }

    /// Keeps a line.
    ///
    /// # Errors
    /// When the temporary file cannot be made or written.
    pub fn push(&mut self, share: usize, path: &[u8], line: Vec<u8>) -> io::Result<()> {
        self.bytes += path.len() + line.len() + size_of::<Keyed>();
        self.buffered.push(Keyed { share: share as u32, path: path.into(), line: line.into() });
        if self.bytes >= self.limit { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> io::Result<()> {
        self.buffered.sort_unstable();
        let written = match &mut self.written {
            Some(written) => written,
            none => none.insert(Written { file: tempfile::tempfile()?, ends: Vec::new() }),
        };
        let mut out = io::BufWriter::new(&written.file);
        for keyed in self.buffered.drain(..) {
            keyed.write_to(&mut out)?;
        }
        out.flush()?;
        drop(out);
        written.ends.push(written.file.stream_position()?);
        self.bytes = 0;
        Ok(())
    }

    /// Gives every line to `give`, sorted.
    ///
    /// # Errors
    /// When the temporary file cannot be read, or `give` fails.
    pub fn merge(mut self, mut give: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        self.buffered.sort_unstable();
        let Some(Written { file, ends }) = self.written else {
            return self.buffered.iter().try_for_each(|keyed| give(&keyed.line));
        };
        let file = Rc::new(RefCell::new(file));
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let mut stretches: Vec<Stretch> = starts
            .zip(&ends)
            .map(|(start, &end)| Stretch::File(BufReader::with_capacity(READ_BYTES, Section::new(&file, start, end))))
            .collect();
        stretches.push(Stretch::Memory(self.buffered.into_iter()));
        let mut heads = BinaryHeap::new();
        for (i, stretch) in stretches.iter_mut().enumerate() {
            heads.extend(stretch.next()?.map(|keyed| std::cmp::Reverse((keyed, i))));
        }
        while let Some(std::cmp::Reverse((keyed, i))) = heads.pop() {
            give(&keyed.line)?;
            heads.extend(stretches[i].next()?.map(|keyed| std::cmp::Reverse((keyed, i))));
        }
        Ok(())
    }
}

impl Keyed {
    fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.share.to_le_bytes())?;
        out.write_all(&(self.path.len() as u64).to_le_bytes())?;
        out.write_all(&(self.line.len() as u64).to_le_bytes())?;
        out.write_all(&self.path)?;
        out.write_all(&self.line)
    }

    fn read_from(from: &mut impl Read) -> io::Result<Self> {
        let mut share = [0; 4];
        let mut lengths = [[0; 8]; 2];
        from.read_exact(&mut share)?;
        for length in &mut lengths {
            from.read_exact(length)?;
        }
        let [mut path, mut line] = lengths.map(|length| vec![0; u64::from_le_bytes(length) as usize]);
        from.read_exact(&mut path)?;
        from.read_exact(&mut line)?;
        Ok(Self { share: u32::from_le_bytes(share), path: path.into(), line: line.into() })
    }
}

/// A sorted stretch of lines.
enum Stretch {
    File(BufReader<Section>),
    Memory(std::vec::IntoIter<Keyed>),
}

impl Stretch {
    fn next(&mut self) -> io::Result<Option<Keyed>> {
        match self {
            Self::Memory(lines) => Ok(lines.next()),
            Self::File(reader) if reader.buffer().is_empty() && reader.get_ref().is_done() => Ok(None),
            Self::File(reader) => Keyed::read_from(reader).map(Some),
        }
    }
}

/// A section of a file that others read too.
struct Section {
    file: Rc<RefCell<File>>,
    at: u64,
    end: u64,
}

impl Section {
    fn new(file: &Rc<RefCell<File>>, at: u64, end: u64) -> Self {
        Self { file: Rc::clone(file), at, end }
    }

    fn is_done(&self) -> bool {
        self.at == self.end
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(self.at))?;
        let length = buffer.len().min((self.end - self.at) as usize);
        let got = file.read(&mut buffer[..length])?;
        self.at += got as u64;
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(limit: usize, lines: &[(usize, &str)]) -> Vec<String> {
        let mut spool = Spool { limit, ..Spool::default() };
        for (share, path) in lines {
            spool.push(*share, path.as_bytes(), format!("{share} {path}").into_bytes()).unwrap();
        }
        let mut merged = Vec::new();
        spool
            .merge(|line| {
                merged.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            })
            .unwrap();
        merged
    }

    #[test]
    fn lines_come_back_by_share_and_raw_path_however_often_the_buffer_was_full() {
        let lines = [(1, "a"), (0, "b/c"), (0, "b c"), (0, "b"), (0, "å"), (0, "z"), (1, "A")];
        let sorted = ["0 b", "0 b c", "0 b/c", "0 z", "0 å", "1 A", "1 a"];
        for limit in [1, 150, 1 << 20] {
            assert_eq!(merged(limit, &lines), sorted, "limit {limit}");
        }
        assert_eq!(merged(1, &[]), Vec::<String>::new());
    }
}
