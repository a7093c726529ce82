//! One entry in, one record out, whatever happens.

use std::fs::{File, Metadata};
use std::io::{Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use jiff::civil::Date;

use super::border::{Border, Listing};
use super::documents::{Documents, Reading};
use super::memory;
use super::segments::Segments;
use crate::detect::{Detector, Rules};
use crate::format::{self, Allowance, Input, Limits, Output, problem_kind};
use crate::model::{Entry, Exclusion, FileRecord, FolderRecord, Key, Problem, ProblemKind, Share, Stamp};
use crate::walk::{Opener, Request, Servers, Turn};

/// Bytes that take longer to be searched than another thread takes to wake up and ask the server meanwhile.
const BRIEF: usize = 16 << 10;

/// What all files of a scan are examined with.
pub struct Lens<'a> {
    /// The shares, in the order given.
    pub shares: &'a [Share],
    /// Those who hold the files.
    pub servers: &'a Servers,
    /// What to look for.
    pub rules: &'a Rules,
    /// Under which persons and places become tokens.
    pub key: &'a Key,
    /// The day from which ages and "in the future" are counted.
    pub as_of: Date,
    /// What of the findings is kept.
    pub listing: Listing,
    /// The threads that search a long text together.
    pub segments: &'a Segments,
    /// True when the record of a file without findings and problems is wanted whole.
    pub all_files: bool,
    /// What one file may cost.
    pub allowance: Allowance,
    /// Set when the scan is to end.
    pub stop: &'a Arc<AtomicBool>,
}

/// A file that was opened and recognised, to be read by a thread that has the time for it.
pub struct Opened {
    entry: Entry,
    file: File,
    /// Its bytes when it was opened.
    size: u64,
    head: Vec<u8>,
}

impl Opened {
    /// The memory that its reading is expected to need, in bytes.
    pub fn expected_memory(&self) -> u64 {
        memory::expected(&self.head, self.size)
    }
}

/// A record, or a file whose reading is work for a processor.
#[expect(clippy::large_enum_variant, reason = "it is handed up once and taken apart")]
pub enum Examined {
    /// The record.
    Record(FileRecord),
    /// To be examined further with [`Lens::examine_opened`].
    Heavy(Opened),
}

impl Lens<'_> {
    /// Examines what is quickly read, in `buffer`, and hands back what is not.
    pub fn examine(&self, entry: Entry, opener: &mut Opener, buffer: &mut Vec<u8>) -> Examined {
        let share = &self.shares[entry.share];
        let mut visit = self.servers.visit(&entry, Turn::First);
        let file = match visit.ask(Request::Open, || opener.open(share, entry.share, &entry.path)) {
            Ok(file) => file,
            Err(error) => return Examined::Record(self.unopened(entry, problem_kind(&error))),
        };
        let asked = visit.asks();
        let mut input = match Input::regular_file(&file, std::mem::take(buffer)) {
            Ok(input) => input,
            Err(error) => return Examined::Record(self.unread(entry, &file, problem_kind(&error))),
        };
        let is_brief = input.head().len() < BRIEF;
        visit.answered(if is_brief { Request::Read } else { Request::Fill }, asked);
        if input.is_whole() && !is_brief {
            visit.compute();
        }
        if !format::is_quick(&mut input) {
            let (size, head) = (size(&file), input.into_buffer());
            return Examined::Heavy(Opened { entry, file, size, head });
        }
        // A small file is read with one call; only what goes on is asked for its size before.
        let told = if input.is_whole() { None } else { Some(size(&file)) };
        let size = told.unwrap_or(input.head().len() as u64);
        let mut heavy = false;
        let mut record = self.read(entry, size, |border, limits| {
            let Some((format, summary)) = Output::new(border, limits).read_light(&mut input) else {
                heavy = true;
                return Reading::lost(ProblemKind::NotReached);
            };
            Reading { format: Some(format), summary }
        });
        // The rest is asked of the server again, closing the file too.
        visit.go_on();
        if heavy {
            return self.hand_back(record.entry, file);
        }
        if self.all_files || told.is_some() || record.is_noteworthy() {
            self.look_again(&mut record, &file, size);
        }
        *buffer = input.into_buffer();
        drop(file);
        Examined::Record(record)
    }

    /// A file in which something heavy was met, to be read from its beginning.
    fn hand_back(&self, entry: Entry, file: File) -> Examined {
        let again =
            (&file).seek(SeekFrom::Start(0)).and_then(|_| Ok(Input::regular_file(&file, Vec::new())?.into_buffer()));
        match again {
            Ok(head) => Examined::Heavy(Opened { entry, size: size(&file), file, head }),
            Err(error) => Examined::Record(self.unread(entry, &file, problem_kind(&error))),
        }
    }

    /// Examines what [`Lens::examine`] handed back, with so many bytes of memory.
    ///
    /// # Errors
    /// When it needs more memory and may have it: it is to be examined again, with all that there is.
    pub fn examine_opened(
        &self,
        opened: Opened,
        memory: u64,
        documents: &mut Documents,
    ) -> Result<Box<FileRecord>, Opened> {
        let Opened { entry, file, size, mut head } = opened;
        let mut visit = self.servers.visit(&entry, Turn::First);
        if head.len() as u64 == size {
            visit.leave();
        }
        let mut enough = true;
        let mut record = self.read(entry, size, |border, limits| {
            documents.read(&file, size, &mut head, memory, limits, border).unwrap_or_else(|| {
                enough = false;
                Reading::lost(ProblemKind::Memory)
            })
        });
        if !enough {
            return Err(Opened { entry: record.entry, file, size, head });
        }
        visit.go_on();
        self.look_again(&mut record, &file, size);
        Ok(Box::new(record))
    }

    /// True when nothing of the file is told but that it was read.
    pub fn is_silent(&self, record: &FileRecord) -> bool {
        !self.all_files && record.exclusion.is_none() && !record.is_noteworthy()
    }

    /// A record of a file that the scan did not come to.
    pub fn not_reached(&self, entry: Entry) -> FileRecord {
        self.unopened(entry, ProblemKind::NotReached)
    }

    /// A record of a file that is left out on purpose. Its name is searched.
    pub fn excluded(&self, entry: Entry, exclusion: Exclusion) -> FileRecord {
        let mut record = self.named(entry);
        record.exclusion = Some(exclusion);
        record
    }

    /// A record of a folder: what its name holds, and why it could not be listed, if it could not.
    pub fn folder(&self, folder: Entry, problem: Option<ProblemKind>) -> FolderRecord {
        let record = self.named(folder);
        FolderRecord {
            share: record.entry.share,
            path: record.entry.path,
            findings: record.findings,
            counts: record.counts,
            persons: record.persons,
            problem,
        }
    }

    fn border(&self) -> Border<'_> {
        Border::new(Detector::new(self.rules, self.as_of), self.key, self.listing, self.segments)
    }

    fn limits(&self, size: u64) -> Limits {
        self.allowance.for_size(size, Arc::clone(self.stop))
    }

    /// A record of what the name alone tells.
    fn named(&self, entry: Entry) -> FileRecord {
        let mut border = self.border();
        Output::new(&mut border, &self.limits(0)).name(entry.path.name());
        let mut record = FileRecord::new(entry);
        (record.findings, record.counts, record.persons) = border.finish();
        record
    }

    fn unopened(&self, entry: Entry, kind: ProblemKind) -> FileRecord {
        let mut record = self.named(entry);
        let path = record.entry.path.below(&self.shares[record.entry.share].path);
        record.stamp = std::fs::symlink_metadata(path).ok().map(|metadata| stamp(&metadata));
        record.problems.push(Problem::of_whole(kind));
        record
    }

    fn unread(&self, entry: Entry, file: &File, kind: ProblemKind) -> FileRecord {
        let mut record = self.named(entry);
        record.stamp = file.metadata().ok().map(|metadata| stamp(&metadata));
        record.problems.push(Problem::of_whole(kind));
        record
    }

    /// A record of a file of `size` bytes that `read` reads.
    fn read(&self, entry: Entry, size: u64, read: impl FnOnce(&mut Border<'_>, &Limits) -> Reading) -> FileRecord {
        let limits = self.limits(size);
        let mut border = self.border();
        Output::new(&mut border, &limits).name(entry.path.name());
        // A fault of our own in searching one file costs that file.
        let Reading { format, summary } = catch_unwind(AssertUnwindSafe(|| read(&mut border, &limits)))
            .unwrap_or_else(|_| Reading::lost(ProblemKind::Damaged));
        let mut record = FileRecord::new(entry);
        (record.findings, record.counts, record.persons) = border.finish();
        record.format = format;
        record.bytes = size;
        record.read = summary.read || summary.problems.is_empty();
        record.members = summary.members;
        record.problems = summary.problems;
        record.problems_omitted = summary.problems_omitted;
        record
    }

    /// Fills the stamp, and tells if the file is no longer what it was when it was opened.
    fn look_again(&self, record: &mut FileRecord, file: &File, size: u64) {
        let Ok(metadata) = file.metadata() else { return };
        if !metadata.is_file() {
            record.exclusion = Some(Exclusion::SpecialFile);
        } else if metadata.len() != size {
            record.problems.push(Problem::of_whole(ProblemKind::ChangedWhileRead));
        }
        record.stamp = Some(stamp(&metadata));
    }
}

fn size(file: &File) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}

fn stamp(metadata: &Metadata) -> Stamp {
    let time = |time: std::io::Result<std::time::SystemTime>| time.ok().and_then(|time| Timestamp::try_from(time).ok());
    Stamp {
        size: metadata.len(),
        created: time(metadata.created()),
        modified: time(metadata.modified()),
        owner: owner(metadata),
    }
}

#[cfg(unix)]
fn owner(metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    Some(format!("uid:{}", metadata.uid()))
}

#[cfg(not(unix))]
fn owner(_metadata: &Metadata) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::super::Isolation;
    use super::*;
    use crate::model::{Area, RelativePath};

    /// The record of a file that the walk found in a folder, whatever stands there now. A document is examined further
    /// after `meanwhile`.
    fn examined(folder: &Path, name: &str, meanwhile: impl FnOnce()) -> FileRecord {
        let share = Share { path: folder.into(), label: "share".into(), area: Area::Shared, only: None };
        let shares = [share];
        let servers = Servers::new(&shares, 1, false);
        let (rules, key, stop) = (Rules::built_in(), Key::new(&[7; 32]), Arc::default());
        let lens = Lens {
            shares: &shares,
            servers: &servers,
            rules: &rules,
            key: &key,
            as_of: Date::constant(2026, 9, 1),
            listing: Listing { findings_per_file: 9, min_weight: i32::MIN },
            all_files: true,
            allowance: Allowance::default(),
            stop: &stop,
            segments: &Segments::new(1),
        };
        let entry = Entry { share: 0, path: RelativePath::root().join(name.as_ref()) };
        match lens.examine(entry, &mut Opener::default(), &mut Vec::new()) {
            Examined::Record(record) => record,
            Examined::Heavy(opened) => {
                meanwhile();
                let mut documents = Documents::new(&Isolation::InProcess, &stop);
                let Ok(record) = lens.examine_opened(opened, u64::MAX, &mut documents) else {
                    panic!("nothing limits the memory");
                };
                *record
            }
        }
    }

    fn kinds(record: &FileRecord) -> Vec<ProblemKind> {
        record.problems.iter().map(|problem| problem.kind).collect()
    }

    #[test]
    fn what_took_the_place_of_a_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let examined = |name: &str| examined(folder.path(), name, || {});
        assert_eq!(kinds(&examined("gone.txt")), [ProblemKind::Gone]);
        std::fs::write(at("file"), "070761-4285").unwrap();
        assert_eq!(kinds(&examined("file/below.txt")), [ProblemKind::Gone]);
        std::fs::create_dir(at("folder.txt")).unwrap();
        assert_eq!(kinds(&examined("folder.txt")), [ProblemKind::ReadError]);
        std::os::unix::fs::symlink(at("file"), at("link.txt")).unwrap();
        let link = examined("link.txt");
        assert_eq!((kinds(&link), link.bytes), (vec![ProblemKind::ReadError], 0));
        // Nobody writes into the pipe, and nobody waits for that.
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe.txt"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert_eq!(examined("pipe.txt").exclusion, Some(Exclusion::SpecialFile));
    }

    #[test]
    fn a_document_that_grew_or_was_cut_meanwhile_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        for bytes in [0, 10, 300 << 10, 4 << 20] {
            std::fs::write(&path, [b"PK\x03\x04", &[7; 1 << 20][..]].concat()).unwrap();
            let change = || std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(bytes).unwrap();
            let record = examined(folder.path(), "a.zip", change);
            assert!(kinds(&record).contains(&ProblemKind::ChangedWhileRead), "{bytes}");
        }
        std::fs::write(&path, [b"PK\x03\x04", &[7; 1 << 20][..]].concat()).unwrap();
        let record = examined(folder.path(), "a.zip", || std::fs::remove_file(&path).unwrap());
        assert!(!kinds(&record).contains(&ProblemKind::ChangedWhileRead));
    }
}
