//! Rar archives, from the first to the seventh: each member is read as what it is.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::rc::Rc;

use rars::{ArchiveMember, ArchiveReadOptions, ArchiveReader, ExtractionDecision, ExtractionErrorAction};
use rars::{Error, ErrorKind};

use super::{Format, Input, Output, Reading};
use crate::model::{PartKind, ProblemKind};

pub const FORMAT: Format = Format {
    name: "rar",
    version: 1,
    heavy: true,
    reads: "every member as what it is, nested, of all versions, also solid",
    leaves: "encrypted members, members that go on in another file of a series",
    recognise: |input| input.head().starts_with(b"Rar!\x1a\x07") || input.head().starts_with(b"RE~^"),
    read,
};

/// Most of a member that is held, in bytes.
const MEMBER_BYTES: usize = 128 << 20;

/// Largest dictionary and workspace that a member may need.
const DICTIONARY_BYTES: u64 = 256 << 20;

/// Bytes of all headers.
const HEADER_BYTES: u64 = 64 << 20;

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let bytes = input.take_all()?;
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
        return reading.limit;
    };
    // What a solid archive holds after a member that is lost is lost too.
    let why = problem_kind(&error);
    reading.end(Some(why));
    reading.limit?;
    for member in archive.members().skip(reading.begun).filter(|member| !member.meta.is_directory) {
        reading.output.unread_member(PartKind::Member, &member.meta.name, why)?;
    }
    Ok(())
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
        let contents = unpacked.contents.take();
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
