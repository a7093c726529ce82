//! A format's bytes in.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use super::Format;
use super::budget::Budget;
use super::csv::Columns;
use crate::model::{Encoding, ProblemKind};

/// Bytes that are looked at before a format is chosen. Text up to this size is read with one call.
pub const HEAD_BYTES: usize = 256 * 1024;

/// Bytes in which the first element of a document in markup is looked for.
const MARKUP_BYTES: usize = 16 * 1024;

/// Bytes of a stream that may be held in memory for a format that needs to go back and forth in it.
const HELD_BYTES: u64 = 512 * 1024 * 1024;

/// Bytes that are set aside at least for what is held.
const STEP_BYTES: u64 = 64 * 1024;

/// The bytes of a file or of a part of one.
pub struct Input<'a> {
    head: Vec<u8>,
    rest: Rest<'a>,
    names: Option<Option<Vec<String>>>,
    ole_names: Option<Option<Vec<String>>>,
    encoding: Option<Option<Encoding>>,
    markup: Option<Option<String>>,
    /// Why what follows was lost, if it was.
    broken: Option<ProblemKind>,
    /// What its lines were recognised by, if it was by columns.
    pub(super) columns: Option<Columns>,
    /// What it was recognised as, once it was tried.
    pub(super) format: Option<Option<&'static Format>>,
}

/// What follows the head.
enum Rest<'a> {
    Nothing,
    File(&'a File),
    Stream(&'a mut dyn Read),
}

/// What can be read from any place.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

impl<'a> Input<'a> {
    /// What begins with `head`, of which nothing more is known.
    fn new(head: Vec<u8>, rest: Rest<'a>) -> Self {
        Self {
            head,
            rest,
            names: None,
            ole_names: None,
            encoding: None,
            markup: None,
            broken: None,
            columns: None,
            format: None,
        }
    }

    /// An opened file, at its beginning. `buffer` is reused for the first bytes.
    ///
    /// # Errors
    /// When the first bytes cannot be read.
    pub fn file(file: &'a File, mut buffer: Vec<u8>) -> io::Result<Self> {
        let whole = fill(&mut &*file, &mut buffer)?;
        Ok(Self::new(buffer, if whole { Rest::Nothing } else { Rest::File(file) }))
    }

    /// As [`Input::file`], of what is no pipe and the like: most are read with one call.
    ///
    /// # Errors
    /// When the first bytes cannot be read.
    pub fn regular_file(file: &'a File, mut buffer: Vec<u8>) -> io::Result<Self> {
        let whole = fill_from(file, &mut buffer)?;
        Ok(Self::new(buffer, if whole { Rest::Nothing } else { Rest::File(file) }))
    }

    /// A file of which the first bytes were read before.
    pub fn resumed(file: &'a File, head: Vec<u8>) -> Self {
        let whole = head.len() < HEAD_BYTES;
        Self::new(head, if whole { Rest::Nothing } else { Rest::File(file) })
    }

    /// What a decompressor or decoder gives. Where it breaks, what came before is read, and the break is told after it.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn stream(stream: &'a mut dyn Read) -> io::Result<Self> {
        let mut head = Vec::new();
        let (whole, broken) = match fill(stream, &mut head) {
            Ok(whole) => (whole, None),
            Err(error) => (true, Some(broken(error)?)),
        };
        let rest = if whole { Rest::Nothing } else { Rest::Stream(stream) };
        Ok(Self { broken, ..Self::new(head, rest) })
    }

    /// Bytes in memory.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self::new(bytes, Rest::Nothing)
    }

    /// True when there is not one byte.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// The first bytes: 256 KiB, or all if there are fewer. Bytes in memory are all here.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// True when the head is all there is.
    pub fn is_whole(&self) -> bool {
        matches!(self.rest, Rest::Nothing)
    }

    /// The head, to be filled again with [`Input::more`] and given back with [`Input::put_back`].
    pub fn take_head(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.head)
    }

    /// Gives a buffer back for the next file.
    pub fn put_back(&mut self, buffer: Vec<u8>) {
        self.head = buffer;
    }

    /// The buffer, for the next file.
    pub fn into_buffer(self) -> Vec<u8> {
        self.head
    }

    /// Appends up to `bytes` that follow what was read so far; fewer only at the end.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn more(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> io::Result<()> {
        let limit = bytes as u64;
        let got = match &mut self.rest {
            Rest::Nothing => 0,
            Rest::File(file) => (&mut &**file).take(limit).read_to_end(buffer)?,
            Rest::Stream(stream) => match stream.by_ref().take(limit).read_to_end(buffer) {
                Ok(got) => got,
                Err(error) => {
                    self.broken = Some(broken(error)?);
                    0
                }
            },
        };
        if got < bytes {
            self.rest = Rest::Nothing;
        }
        Ok(())
    }

    /// All bytes, one after another from the first. Memory does not grow with their number.
    pub fn reader(&mut self) -> Box<dyn Read + '_> {
        match &mut self.rest {
            Rest::Nothing => Box::new(self.head.as_slice()),
            Rest::File(file) => {
                let mut file: &File = file;
                // A format that was tried before this one may have gone elsewhere.
                match file.seek(SeekFrom::Start(self.head.len() as u64)) {
                    Ok(_) => Box::new(self.head.as_slice().chain(file)),
                    Err(error) => Box::new(self.head.as_slice().chain(Failing(Some(error)))),
                }
            }
            Rest::Stream(stream) => Box::new(self.head.as_slice().chain(Breaking { stream, broken: &mut self.broken })),
        }
    }

    /// Says that more followed and was lost.
    pub fn breaks(&mut self, why: ProblemKind) {
        self.broken = Some(why);
    }

    /// Why what follows was lost, once all that came before it was read.
    ///
    /// # Errors
    /// When it was.
    pub fn unbroken(&self) -> Result<(), ProblemKind> {
        self.broken.map_or(Ok(()), Err)
    }

    /// The encoding if this is text.
    pub fn encoding(&mut self) -> Option<Encoding> {
        let (head, whole) = (&self.head, self.is_whole());
        *self.encoding.get_or_insert_with(|| super::text::encoding(head, whole))
    }

    /// The first 16 KiB without byte order mark if this is text that begins with markup. They are decoded once.
    pub fn markup(&mut self) -> Option<&str> {
        if self.markup.is_none() {
            let encoding = self.encoding().filter(|_| self.begins_with_markup());
            self.markup = Some(encoding.map(|encoding| {
                let mut text = String::new();
                encoding.decode_into(&self.head[..self.head.len().min(MARKUP_BYTES)], &mut text);
                text
            }));
        }
        self.markup.as_ref()?.as_deref().map(|text| text.trim_start_matches('\u{feff}'))
    }

    /// True when the first character that is no white space may be a `<`, in any encoding.
    fn begins_with_markup(&self) -> bool {
        let blank = |b: &&u8| !b.is_ascii_whitespace() && !matches!(b, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff);
        self.head.iter().find(blank) == Some(&b'<')
    }

    /// All bytes, for a reader that needs them in memory.
    ///
    /// # Errors
    /// When they cannot be read or are more than may be held.
    pub fn all(&mut self) -> Result<&[u8], ProblemKind> {
        if !self.is_whole() {
            let mut head = self.take_head();
            let read = self.all_into(&mut head);
            self.head = head;
            read?;
            if !self.is_whole() {
                return Err(ProblemKind::TooLarge);
            }
        }
        Ok(&self.head)
    }

    /// Appends what is left, as far as it may be held.
    fn all_into(&mut self, head: &mut Vec<u8>) -> Result<(), ProblemKind> {
        while !self.is_whole() && (head.len() as u64) < HELD_BYTES {
            let left = match &self.rest {
                // And one byte, which a file that has grown gives.
                Rest::File(file) => {
                    file.metadata().map_or(0, |file| (file.len() + 1).saturating_sub(head.len() as u64))
                }
                Rest::Nothing | Rest::Stream(_) => head.len() as u64,
            };
            let step = left.max(STEP_BYTES).min(HELD_BYTES - head.len() as u64) as usize;
            // Here, where it is not mistaken for what a decompressor says.
            head.try_reserve_exact(step).map_err(|_| ProblemKind::Memory)?;
            self.more(head, step).map_err(|error| problem_kind(&error))?;
        }
        Ok(())
    }

    /// As [`Input::all`], for a reader that keeps them.
    ///
    /// # Errors
    /// When they cannot be read or are more than may be held.
    pub fn take_all(&mut self) -> Result<Vec<u8>, ProblemKind> {
        self.all()?;
        Ok(self.take_head())
    }

    /// A reader that goes back and forth. A file is read from where it lies; a stream is first held in memory.
    ///
    /// # Errors
    /// When the bytes cannot be read or are more than may be held.
    pub fn seekable(&mut self) -> Result<Box<dyn ReadSeek + '_>, ProblemKind> {
        if let Rest::File(file) = self.rest {
            let mut file = file;
            file.seek(SeekFrom::Start(0)).map_err(|error| problem_kind(&error))?;
            return Ok(Box::new(BufReader::new(file)));
        }
        Ok(Box::new(Cursor::new(self.all()?)))
    }

    /// Names of the members if this is a zip archive whose directory can be read.
    ///
    /// Bytes that are not UTF-8 become U+FFFD.
    pub fn zip_names(&mut self) -> Option<&[String]> {
        if self.names.is_none() {
            let names = if self.head.starts_with(b"PK") { super::zip::names(self) } else { None };
            self.names = Some(names);
        }
        self.names.as_ref().and_then(Option::as_deref)
    }

    /// Names of what the root holds if this is a compound file whose directory can be read.
    pub fn ole_names(&mut self) -> Option<&[String]> {
        if self.ole_names.is_none() {
            let names = if super::ole::begins(&self.head) { super::ole::names(self) } else { None };
            self.ole_names = Some(names);
        }
        self.ole_names.as_ref().and_then(Option::as_deref)
    }
}

/// The end of a stream that breaks, but for a limit: that is an error.
fn broken(error: io::Error) -> io::Result<ProblemKind> {
    if Budget::reached(&error).is_some() { Err(error) } else { Ok(problem_kind(&error)) }
}

/// Gives an error, once.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A stream that ends where it breaks.
struct Breaking<'s, 'a> {
    stream: &'s mut &'a mut dyn Read,
    broken: &'s mut Option<ProblemKind>,
}

impl Read for Breaking<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.broken.is_some() {
            return Ok(0);
        }
        self.stream.read(buffer).or_else(|error| {
            if error.kind() == io::ErrorKind::Interrupted {
                return Err(error);
            }
            *self.broken = Some(broken(error)?);
            Ok(0)
        })
    }
}

/// As [`fill`], of a regular file: a short read is its end, but where whole pages came, which some systems give in pieces.
#[cfg(unix)]
fn fill_from(mut file: &File, buffer: &mut Vec<u8>) -> io::Result<bool> {
    const PAGE_BYTES: usize = 4096;
    buffer.clear();
    buffer.shrink_to(HEAD_BYTES);
    buffer.reserve_exact(HEAD_BYTES);
    if buffer.capacity() > HEAD_BYTES {
        return fill(&mut file, buffer);
    }
    loop {
        match rustix::io::read(file, rustix::buffer::spare_capacity(buffer)) {
            Ok(_) if buffer.len() == HEAD_BYTES => return Ok(false),
            Ok(got) if got == 0 || !got.is_multiple_of(PAGE_BYTES) => return Ok(true),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
fn fill_from(mut file: &File, buffer: &mut Vec<u8>) -> io::Result<bool> {
    fill(&mut file, buffer)
}

/// Fills `buffer` from its beginning; true when that was all.
fn fill(from: &mut dyn Read, buffer: &mut Vec<u8>) -> io::Result<bool> {
    buffer.clear();
    from.take(HEAD_BYTES as u64).read_to_end(buffer)?;
    Ok(buffer.len() < HEAD_BYTES)
}

/// Which problem an error of reading is.
pub fn problem_kind(error: &io::Error) -> ProblemKind {
    if let Some(kind) = Budget::reached(error) {
        return kind;
    }
    if error.kind() == io::ErrorKind::OutOfMemory {
        return ProblemKind::TooLarge;
    }
    if error.raw_os_error().is_none() {
        return ProblemKind::Damaged;
    }
    match error.kind() {
        io::ErrorKind::PermissionDenied => ProblemKind::PermissionDenied,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::StaleNetworkFileHandle => {
            ProblemKind::Gone
        }
        io::ErrorKind::WouldBlock | io::ErrorKind::ResourceBusy | io::ErrorKind::ExecutableFileBusy => {
            ProblemKind::Locked
        }
        _ => ProblemKind::ReadError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_file_is_read_as_any_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut buffer = Vec::new();
        for bytes in [0, 1, 4095, 4096, 8192, 10_000, HEAD_BYTES - 4096, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1] {
            let contents: Vec<u8> = (0..bytes).map(|i| i as u8).collect();
            std::fs::write(&path, &contents).unwrap();
            let (file, same) = (File::open(&path).unwrap(), File::open(&path).unwrap());
            let any = Input::file(&file, Vec::new()).unwrap();
            let regular = Input::regular_file(&same, buffer).unwrap();
            assert_eq!((any.head(), any.is_whole()), (regular.head(), regular.is_whole()), "{bytes}");
            // A buffer that grew is used again.
            buffer = regular.into_buffer();
            buffer.resize(HEAD_BYTES * 2, 1);
        }
    }
}
