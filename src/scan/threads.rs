//! The threads of a scan and the channels between them.

use std::io;
use std::sync::atomic::Ordering;
use std::thread::{Builder, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::documents::Documents;
use super::examine::{Examined, Lens, Opened};
use super::keeper::{Keeper, Kept};
use super::progress::Progress;
use super::{Options, ScanError};
use crate::walk::{self, Found};

/// Stack of a thread that reads documents, in bytes: parsers go deep.
const STACK_BYTES: usize = 64 << 20;

/// Entries and records that may wait between two threads.
const WAITING: usize = 1024;

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
    let (found, entries) = bounded::<Found>(WAITING);
    let (records, kept) = bounded::<Kept>(WAITING);
    // As many wait as are read, so that few are held open.
    let (heavy, documents) = bounded::<Opened>(jobs);
    std::thread::scope(|scope| {
        let started =
            |thread: io::Result<ScopedJoinHandle<'_, ()>>| thread.map(drop).map_err(|_| ScanError::Threads(jobs));
        for _ in 0..jobs {
            let reader = Reader { lens, progress, records: records.clone(), heavy: heavy.clone() };
            let entries = entries.clone();
            started(Builder::new().spawn_scoped(scope, move || reader.read(&entries)))?;
            let (documents, records) = (documents.clone(), records.clone());
            let reading = move || read_documents(lens, options, &documents, &records);
            started(Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, reading))?;
        }
        drop((documents, records, heavy, entries));
        let walking = move || {
            walk::walk(lens.shares, &options.own, jobs, lens.stop, &|item| {
                if matches!(item, Found::File(_) | Found::Excluded(..)) {
                    progress.found();
                }
                // The readers outlive the walk.
                let _ = found.send(item);
            });
            progress.walked();
        };
        started(Builder::new().spawn_scoped(scope, walking))?;
        keeper.keep(&kept, progress).map(|()| keeper).map_err(|error| ScanError::Spool(error.kind()))
    })
}
/// Opens files, searches plain text, and hands documents on.
struct Reader<'a> {
    lens: &'a Lens<'a>,
    progress: &'a dyn Progress,
    records: Sender<Kept>,
    heavy: Sender<Opened>,
}

impl Reader<'_> {
    fn read(&self, entries: &Receiver<Found>) {
        let mut buffer = Vec::new();
        for found in entries {
            match found {
                Found::File(entry) if self.lens.stop.load(Ordering::Relaxed) => {
                    self.keep(Kept::File(Box::new(self.lens.not_reached(entry))));
                }
                Found::File(entry) => {
                    self.progress.reading(&entry);
                    match self.lens.examine(entry, &mut buffer) {
                        Examined::Record(record) => self.keep(Kept::File(record)),
                        // The threads for documents outlive the readers.
                        Examined::Heavy(opened) => drop(self.heavy.send(opened)),
                    }
                }
                Found::Excluded(entry, why) => self.keep(Kept::File(Box::new(self.lens.excluded(entry, why)))),
                Found::Folder(folder, problem) => self.keep(Kept::Folder(self.lens.folder(folder, problem))),
                Found::ExcludedFolder(_) => self.keep(Kept::ExcludedFolder),
            }
        }
    }

    fn keep(&self, kept: Kept) {
        // The keeper outlives all that have something to keep.
        let _ = self.records.send(kept);
    }
}

/// Reads documents until no more come.
fn read_documents(lens: &Lens<'_>, options: &Options, opened: &Receiver<Opened>, records: &Sender<Kept>) {
    let mut documents = Documents::new(&options.isolation, lens.stop);
    for opened in opened {
        let _ = records.send(Kept::File(Box::new(lens.examine_opened(opened, &mut documents))));
    }
}
