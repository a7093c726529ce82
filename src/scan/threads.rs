//! The threads of a scan and the channels between them.

use std::io;
use std::sync::atomic::Ordering;
use std::thread::{Builder, ScopedJoinHandle};

use crossbeam_channel::{Sender, bounded};

use super::documents::Documents;
use super::examine::{Examined, Lens, Opened};
use super::keeper::{Keeper, Kept};
use super::memory::Memory;
use super::progress::Progress;
use super::queue::Queue;
use super::waiting::{Filler, Waiting};
use super::{Options, ScanError};
use crate::model::FileRecord;
use crate::walk::{self, Found, Opener};

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
    let documents = &Waiting::new(Memory::new(options.isolation.memory()), jobs);
    std::thread::scope(|scope| {
        // Also when a thread cannot be started.
        let (closing, heavy) = (entries.iter().map(Queue::close_at_end).collect::<Vec<_>>(), documents.filler());
        let started =
            |thread: io::Result<ScopedJoinHandle<'_, ()>>| thread.map(drop).map_err(|_| ScanError::Threads(jobs));
        for (entries, readers) in entries.iter().zip(lens.servers.threads()) {
            for _ in 0..readers {
                let records_of_texts = Batch { records: records.clone(), kept: Vec::new(), findings: 0, silent: None };
                let reader = Reader { lens, progress, records: records_of_texts, heavy: documents.filler() };
                started(Builder::new().spawn_scoped(scope, move || reader.read(entries)))?;
            }
        }
        for _ in 0..jobs {
            let records = records.clone();
            let reading = move || read_documents(lens, options, documents, &records);
            started(Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, reading))?;
        }
        drop((records, heavy));
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
    /// Files of one share of which nothing is told: the share, how many, of how many bytes.
    silent: Option<(usize, u64, u64)>,
}

impl Batch {
    fn keep(&mut self, kept: Kept) {
        self.findings += match &kept {
            Kept::File(record) => record.findings.len(),
            Kept::Folder(record) => record.findings.len(),
            Kept::Silent { .. } | Kept::ExcludedFolder => 0,
        };
        self.kept.push(kept);
        if self.kept.len() >= BATCH || self.findings >= BATCH_FINDINGS {
            self.hand_on();
        }
    }

    /// Keeps that a file was read, and nothing else of it.
    fn keep_silent(&mut self, record: &FileRecord) {
        match &mut self.silent {
            Some((share, files, bytes)) if *share == record.entry.share => {
                *files += 1;
                *bytes += record.bytes;
            }
            other => {
                let before = other.replace((record.entry.share, 1, record.bytes));
                self.kept.extend(before.map(silent));
            }
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
        self.kept.extend(self.silent.take().map(silent));
        self.hand_on();
    }
}

fn silent((share, files, bytes): (usize, u64, u64)) -> Kept {
    Kept::Silent { share, files, bytes }
}

/// Opens files, searches plain text, and hands documents on.
struct Reader<'a> {
    lens: &'a Lens<'a>,
    progress: &'a dyn Progress,
    records: Batch,
    heavy: Filler<'a, Opened>,
}

impl Reader<'_> {
    fn read(mut self, entries: &Queue<Found>) {
        let mut buffer = Vec::new();
        let mut opener = Opener::default();
        let mut taken = Vec::new();
        while entries.take(&mut taken) {
            taken.drain(..).for_each(|found| self.enter(found, &mut opener, &mut buffer));
            if entries.is_empty() {
                self.records.hand_on();
            }
        }
    }

    fn enter(&mut self, found: Found, opener: &mut Opener, buffer: &mut Vec<u8>) {
        let kept = match found {
            Found::File(entry) if self.lens.stop.load(Ordering::Relaxed) => {
                Kept::File(Box::new(self.lens.not_reached(entry)))
            }
            Found::File(entry) => {
                self.progress.reading(&entry);
                match self.lens.examine(entry, opener, buffer) {
                    Examined::Record(record) if self.lens.is_silent(&record) => {
                        self.progress.examined(&record);
                        return self.records.keep_silent(&record);
                    }
                    Examined::Record(record) => Kept::File(Box::new(record)),
                    Examined::Heavy(opened) => {
                        let memory = opened.expected_memory();
                        return self.heavy.push(opened, memory);
                    }
                }
            }
            Found::Excluded(entry, why) => Kept::File(Box::new(self.lens.excluded(entry, why))),
            Found::Folder(folder, problem) => Kept::Folder(Box::new(self.lens.folder(folder, problem))),
            Found::ExcludedFolder(_) => Kept::ExcludedFolder,
        };
        self.records.keep(kept);
    }
}

/// Reads documents until no more come.
fn read_documents(lens: &Lens<'_>, options: &Options, waiting: &Waiting<Opened>, records: &Sender<Vec<Kept>>) {
    let mut documents = Documents::new(&options.isolation, lens.stop);
    while let Some((opened, permit)) = waiting.take(|| documents.rest()) {
        match lens.examine_opened(opened, permit.bytes(), &mut documents) {
            Ok(record) => drop(records.send(vec![Kept::File(record)])),
            Err(opened) => waiting.needs_all(opened),
        }
    }
}
