//! The threads of a scan and the channels between them.

use std::io;
use std::sync::atomic::Ordering;
use std::thread::{Builder, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::documents::Documents;
use super::examine::{Examined, Lens, Opened};
use super::keeper::{Keeper, Kept};
use super::progress::Progress;
use super::queue::Queue;
use super::{Options, ScanError};
use crate::walk::{self, Found};

/// Stack of a thread that reads documents, in bytes: parsers go deep.
const STACK_BYTES: usize = 64 << 20;

/// Entries that may wait for a reader.
const WAITING: usize = 1024;

/// Records of a thread that are handed on at once.
const BATCH: usize = 64;

/// Findings in a batch after which it is handed on.
const BATCH_FINDINGS: usize = 1000;

/// Batches that may wait for the keeper.
const BATCHES: usize = 16;

/// Runs walkers, readers, threads for documents and the keeper until all is done.
///
/// # Errors
/// When a thread cannot be started, or a line not be kept.
pub fn run<'a>(
    lens: &'a Lens<'a>,
    options: &Options,
    progress: &dyn Progress,
    mut keeper: Keeper<'a>,
) -> Result<Keeper<'a>, ScanError> {
    let jobs = options.jobs.max(1);
    // A server that is slow holds up nobody who reads from another.
    let entries: &Vec<_> = &lens.servers.threads().map(|readers| Queue::new(WAITING, readers)).collect();
    let (records, kept) = bounded::<Vec<Kept>>(BATCHES);
    // As many wait as are read, so that few are held open.
    let (heavy, documents) = bounded::<Opened>(jobs);
    std::thread::scope(|scope| {
        // Also when a thread cannot be started.
        let closing: Vec<_> = entries.iter().map(Queue::close_at_end).collect();
        let started =
            |thread: io::Result<ScopedJoinHandle<'_, ()>>| thread.map(drop).map_err(|_| ScanError::Threads(jobs));
        for (entries, readers) in entries.iter().zip(lens.servers.threads()) {
            for _ in 0..readers {
                let records_of_texts = Batch { records: records.clone(), kept: Vec::new(), findings: 0 };
                let reader = Reader { lens, progress, records: records_of_texts, heavy: heavy.clone() };
                started(Builder::new().spawn_scoped(scope, move || reader.read(entries)))?;
            }
        }
        for _ in 0..jobs {
            let (documents, records) = (documents.clone(), records.clone());
            let reading = move || read_documents(lens, options, &documents, &records);
            started(Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, reading))?;
        }
        drop((documents, records, heavy));
        let walking = move || {
            let _closing = closing;
            walk::walk(lens.shares, lens.servers, &options.own, lens.stop, &|item| {
                if matches!(item, Found::File(_) | Found::Excluded(..)) {
                    progress.found();
                }
                entries[lens.servers.of(item.entry())].push(item);
            });
            progress.walked();
        };
        started(Builder::new().spawn_scoped(scope, walking))?;
        keeper.keep(&kept, progress).map(|()| keeper).map_err(|error| ScanError::Spool(error.kind()))
    })
}

/// Records that wait to be handed to the keeper together.
struct Batch {
    records: Sender<Vec<Kept>>,
    kept: Vec<Kept>,
    findings: usize,
}

impl Batch {
    fn keep(&mut self, kept: Kept) {
        self.findings += match &kept {
            Kept::File(record) => record.findings.len(),
            Kept::Folder(record) => record.findings.len(),
            Kept::ExcludedFolder => 0,
        };
        self.kept.push(kept);
        if self.kept.len() >= BATCH || self.findings >= BATCH_FINDINGS {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        if !self.kept.is_empty() {
            self.findings = 0;
            // The keeper outlives all that have something to keep.
            let _ = self.records.send(std::mem::take(&mut self.kept));
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.hand_on();
    }
}

/// Opens files, searches plain text, and hands documents on.
struct Reader<'a> {
    lens: &'a Lens<'a>,
    progress: &'a dyn Progress,
    records: Batch,
    heavy: Sender<Opened>,
}

impl Reader<'_> {
    fn read(mut self, entries: &Queue<Found>) {
        let mut buffer = Vec::new();
        let mut taken = Vec::new();
        while entries.take(&mut taken) {
            taken.drain(..).for_each(|found| self.enter(found, &mut buffer));
            if entries.is_empty() {
                self.records.hand_on();
            }
        }
    }

    fn enter(&mut self, found: Found, buffer: &mut Vec<u8>) {
        let kept = match found {
            Found::File(entry) if self.lens.stop.load(Ordering::Relaxed) => {
                Kept::File(Box::new(self.lens.not_reached(entry)))
            }
            Found::File(entry) => {
                self.progress.reading(&entry);
                match self.lens.examine(entry, buffer) {
                    Examined::Record(record) => Kept::File(record),
                    // The threads for documents outlive the readers.
                    Examined::Heavy(opened) => return drop(self.heavy.send(opened)),
                }
            }
            Found::Excluded(entry, why) => Kept::File(Box::new(self.lens.excluded(entry, why))),
            Found::Folder(folder, problem) => Kept::Folder(self.lens.folder(folder, problem)),
            Found::ExcludedFolder(_) => Kept::ExcludedFolder,
        };
        self.records.keep(kept);
    }
}

/// Reads documents until no more come.
fn read_documents(lens: &Lens<'_>, options: &Options, opened: &Receiver<Opened>, records: &Sender<Vec<Kept>>) {
    let mut documents = Documents::new(&options.isolation, lens.stop);
    for opened in opened {
        let _ = records.send(vec![Kept::File(Box::new(lens.examine_opened(opened, &mut documents)))]);
    }
}
