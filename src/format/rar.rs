//! Rar archives, from the first to the seventh: each member is read as what it is.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::rc::Rc;

use rars::{ArchiveMember, ArchiveReadOptions, ArchiveReader, ExtractionDecision, ExtractionErrorAction};
use rars::{Error, ErrorKind};

use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, ProblemKind};

pub const FORMAT: Format = Format {
    name: "rar",
    version: 1,
    weight: Weight::Heavy,
    reads: "every member as what it is, nested, of all versions, also solid",
    leaves: "encrypted members, members that go on in another file of a series",
    recognise: |input| input.head().starts_with(b"Rar!\x1a\x07") || input.head().starts_with(b"RE~^"),
    read,
};

/// Most of a member that is held, in bytes.
const MEMBER_BYTES: usize = 128 << 20;

/// Largest dictionary and workspace that a member may need.
const DICTIONARY_BYTES: u64 = 256 << 20;

/// Most that is filled up of an archive that was cut, in bytes.
const FILLED_BYTES: usize = 64 << 20;

/// Bytes of all headers.
const HEADER_BYTES: u64 = 64 << 20;

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut bytes = input.take_all()?;
    let whole = complete(&mut bytes);
    let options = ArchiveReadOptions::new()
        .with_max_header_count(1 << 20)
        .with_max_header_bytes(HEADER_BYTES)
        .with_max_reader_workspace_bytes(DICTIONARY_BYTES)
        .with_max_member_output_bytes(1 << 40)
        .with_rar50_dictionary_size_limit(DICTIONARY_BYTES)
        .with_rar50_buffered_decode_limit(MEMBER_BYTES as u64);
    let archive = ArchiveReader::read_owned_with_options(bytes, options).map_err(|error| problem_kind(&error))?;
    let solid = archive.members().any(|member| member.is_solid());
    let reading = RefCell::new(Members { output, begun: 0, member: None, limit: Ok(()) });
    let unpacked = archive.extract_with_control_and_errors(
        options,
        |member| Ok(reading.borrow_mut().begin(member, solid)),
        |_, error| {
            reading.borrow_mut().end(Some(problem_kind(error)));
            Ok(ExtractionErrorAction::Continue)
        },
    );
    let mut reading = reading.into_inner();
    let Err(error) = unpacked else {
        reading.end(None);
        return reading.limit.and(whole);
    };
    // What a solid archive holds after a member that is lost is lost too.
    let why = problem_kind(&error);
    reading.end(Some(why));
    reading.limit?;
    for member in archive.members().skip(reading.begun).filter(|member| !member.meta.is_directory) {
        reading.output.unread_member(PartKind::Member, &member.meta.name, why)?;
    }
    whole
}

/// Fills up an archive that was cut, so that it can be opened: with zeros to the end of its last block where those are
/// few, else it is cut before it.
///
/// # Errors
/// When it was cut.
fn complete(bytes: &mut Vec<u8>) -> Reading {
    let fifth = bytes.starts_with(b"Rar!\x1a\x07\x01");
    let mut at = if fifth { 8 } else { 7 };
    if bytes.starts_with(b"RE~^") {
        return Ok(());
    }
    while at < bytes.len() {
        let Some(end) = (if fifth { block_of_the_fifth(bytes, at) } else { block(bytes, at) }) else {
            bytes.truncate(at);
            return Err(ProblemKind::Damaged);
        };
        if end > bytes.len() {
            let filled = if end - bytes.len() <= FILLED_BYTES { end } else { at };
            bytes.resize(filled, 0);
            return Err(ProblemKind::Damaged);
        }
        at = end;
    }
    Ok(())
}

/// Where the block ends that begins at `at`, in archives of versions 1.5 to 4.
fn block(bytes: &[u8], at: usize) -> Option<usize> {
    let two = |at: usize| Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    let four = |at: usize| Some(usize::from(two(at)?) | usize::from(two(at + 2)?) << 16);
    let (kind, flags, size) = (*bytes.get(at + 2)?, two(at + 3)?, usize::from(two(at + 5)?));
    let mut data = if flags & 0x8000 != 0 { four(at + 7)? } else { 0 };
    // A file of 4 GiB and more has the rest of its length behind the other fields.
    if kind == 0x74 && flags & 0x100 != 0 {
        data = data.checked_add(four(at + 32)?.checked_mul(1 << 32)?)?;
    }
    (size >= 7).then_some(at.checked_add(size)?.checked_add(data)?)
}

/// The same in archives of version 5 and later.
fn block_of_the_fifth(bytes: &[u8], at: usize) -> Option<usize> {
    let mut next = at + 4;
    let mut number = || {
        let mut value = 0_usize;
        for shift in (0..63).step_by(7) {
            let byte = *bytes.get(next)?;
            next += 1;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some((value, next));
            }
        }
        None
    };
    let (size, header) = number()?;
    let (_kind, flags) = (number()?.0, number()?.0);
    let _extra = if flags & 1 != 0 { number()?.0 } else { 0 };
    let data = if flags & 2 != 0 { number()?.0 } else { 0 };
    header.checked_add(size)?.checked_add(data)
}

/// Members as they come.
struct Members<'o, 's> {
    output: &'o mut Output<'s>,
    /// How many began.
    begun: usize,
    /// The one that is unpacked.
    member: Option<(Vec<u8>, Unpacked)>,
    /// The limit of the whole file, if it was reached.
    limit: Reading,
}

impl Members<'_, '_> {
    fn begin(&mut self, member: &ArchiveMember, solid: bool) -> ExtractionDecision {
        self.end(None);
        self.begun += 1;
        let meta = &member.meta;
        let why = match () {
            () if self.limit.is_err() => return ExtractionDecision::Stop,
            () if meta.is_directory || meta.is_redirection => return ExtractionDecision::Skip,
            () if meta.is_encrypted => ProblemKind::Encrypted,
            () if meta.is_split_before || meta.is_split_after => ProblemKind::UnsupportedFormat,
            () => {
                let unpacked = Unpacked::default();
                self.member = Some((meta.name.clone(), unpacked.clone()));
                return ExtractionDecision::Extract(Box::new(unpacked));
            }
        };
        self.limit = self.output.unread_member(PartKind::Member, &meta.name, why);
        // A solid archive cannot be entered behind a member that is passed over.
        if solid && self.limit.is_ok() {
            self.member = None;
            return ExtractionDecision::Extract(Box::new(io::sink()));
        }
        ExtractionDecision::Skip
    }

    /// Reads the member that was unpacked; `broken` says why there is no more of it.
    fn end(&mut self, broken: Option<ProblemKind>) {
        let Some((name, unpacked)) = self.member.take() else { return };
        let mut contents = unpacked.contents.take();
        // The zeros that a cut archive was filled up with.
        let zeros = contents.iter().rev().take_while(|byte| **byte == 0).count();
        if broken == Some(ProblemKind::Damaged) {
            contents.truncate(contents.len() - zeros);
        }
        let length = contents.len() as u64;
        let mut input = Input::bytes(contents);
        if let Some(kind) = broken.or(unpacked.full.get().then_some(ProblemKind::TooLarge)) {
            input.breaks(kind);
        }
        self.limit = self.output.charge_bytes(length);
        self.limit = self.output.member(PartKind::Member, &name, Ok(input));
    }
}

/// What was unpacked of a member.
#[derive(Clone, Default)]
struct Unpacked {
    contents: Rc<RefCell<Vec<u8>>>,
    full: Rc<Cell<bool>>,
}

impl Write for Unpacked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut contents = self.contents.borrow_mut();
        if contents.len() + bytes.len() > MEMBER_BYTES {
            self.full.set(true);
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        contents.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Which problem an error of the archive is.
fn problem_kind(error: &Error) -> ProblemKind {
    match error.root_cause() {
        // What it would take to unlock a directory is not built in.
        Error::FeatureDisabled { .. } | Error::UnsupportedEncryption { .. } => return ProblemKind::Encrypted,
        _ => {}
    }
    match error.kind() {
        ErrorKind::PasswordRequired | ErrorKind::BadPassword => ProblemKind::Encrypted,
        ErrorKind::UnsupportedFeature | ErrorKind::UnsupportedFormat => ProblemKind::UnsupportedFormat,
        ErrorKind::ResourceLimit => ProblemKind::TooLarge,
        _ => ProblemKind::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_where_their_lengths_say() {
        let fifth = b"Rar!\x1a\x07\x01\0\0\0\0\0\x04\x02\x02\x05\0abcde";
        let mut cut = fifth[..fifth.len() - 2].to_vec();
        assert_eq!((complete(&mut fifth.to_vec()), complete(&mut cut)), (Ok(()), Err(ProblemKind::Damaged)));
        assert!(cut.len() == fifth.len() && cut.ends_with(b"abc\0\0"));
        let third = b"Rar!\x1a\x07\0\0\0\x73\0\0\x07\0\0\0\x7a\0\x80\x0b\0\x03\0\0\0abc";
        assert_eq!(complete(&mut third.to_vec()), Ok(()));
        assert_eq!(complete(&mut third[..12].to_vec()), Err(ProblemKind::Damaged));
    }
}
