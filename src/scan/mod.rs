//! Entries become records: every file that the walk finds is examined and has exactly one record, whatever happens.
//!
//! Walkers list folders, readers open files and search plain text, a pool of processors reads documents, and one keeper
//! enters records in the ledger and spools their lines. All are joined by bounded channels, so memory is flat.

mod border;
mod examine;
mod ledger;
mod lines;
mod progress;
mod spool;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};
use jiff::Timestamp;
use jiff::civil::Date;
use rayon::{Scope, ThreadPool, ThreadPoolBuilder};
use thiserror::Error;

use examine::{Examined, Lens};
use ledger::Ledger;
use lines::{FileLine, FolderLine, ScanLine, SummaryLine};
use spool::Spool;

pub use border::Listing;
pub use ledger::{Coverage, Folders, ShareTotals, Totals};
pub use progress::{Progress, Silent};

use crate::detect::Rules;
use crate::model::{FileRecord, FolderRecord, Key, Share};
use crate::walk::{self, Found, OwnFiles};

/// Entries that wait between walkers and readers, and records that wait for the keeper.
const WAITING: usize = 1024;

/// Stack of a thread that reads documents, in bytes: parsers go deep.
const STACK_BYTES: usize = 64 << 20;

/// What to scan, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that read and threads that parse documents, each so many; at least 1.
    pub jobs: usize,
    /// What of the findings is listed.
    pub listing: Listing,
    /// A line for every file, not only for those with findings or problems.
    pub all_files: bool,
    /// The day from which ages and "in the future" are counted.
    pub as_of: Date,
    /// Name of this machine.
    pub host: String,
    /// The files that this scan writes or takes its key from.
    pub own: OwnFiles,
}

/// Why a scan could not be run or told. Trouble with what is scanned is no error but a problem in the output.
#[derive(Debug, Error)]
pub enum ScanError {
    /// The threads could not be started.
    #[error("could not start {0} threads; give fewer with --jobs")]
    Threads(usize),
    /// The temporary file of the records.
    #[error("could not keep the records in a temporary file ({0}); is the disk of the temporary folder full?")]
    Spool(io::ErrorKind),
}

/// A scan that has ended, whose lines are yet to be written.
pub struct Scanned {
    spool: Spool,
    first: Vec<u8>,
    /// The sums.
    pub totals: Totals,
    /// True when it was stopped before all was examined.
    pub interrupted: bool,
    /// True when the root of a share could not be listed.
    pub unreachable: bool,
    /// The highest confidence of anything found, test persons apart; 0 where nothing was.
    pub highest: f64,
}

/// Scans the shares until all is examined or `stop` is set.
///
/// # Errors
/// When threads cannot be started or records not be kept.
pub fn scan(
    shares: &[Share],
    rules: &Rules,
    key: &Key,
    options: &Options,
    progress: &dyn Progress,
    stop: &Arc<AtomicBool>,
) -> Result<Scanned, ScanError> {
    let jobs = options.jobs.max(1);
    let pool = ThreadPoolBuilder::new()
        .num_threads(jobs)
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|_| ScanError::Threads(jobs))?;
    let lens =
        Lens { shares, rules, key, as_of: options.as_of, listing: options.listing, all_files: options.all_files, stop };
    let started = Timestamp::now();
    let first = line(&ScanLine::new(started, options.as_of, &options.host, key, rules.fingerprint(), shares));
    let keeper = Keeper {
        lens: &lens,
        all_files: options.all_files,
        ledger: Ledger::new(shares.len()),
        spool: Spool::new(),
        highest: 0.0,
    };
    let keeper = run(&lens, options, &pool, jobs, progress, keeper)?;
    Ok(Scanned {
        spool: keeper.spool,
        first,
        unreachable: keeper.ledger.has_unreachable_share(),
        totals: keeper.ledger.totals(shares.iter().map(|share| &*share.label)),
        interrupted: stop.load(Ordering::Relaxed),
        highest: keeper.highest,
    })
}

impl Scanned {
    /// Writes all lines: the scan, files and folders by share and path, the summary.
    ///
    /// # Errors
    /// When they cannot be written, or the temporary file not be read.
    pub fn write(self, out: &mut dyn Write) -> io::Result<Totals> {
        out.write_all(&self.first)?;
        self.spool.merge(|line| out.write_all(line))?;
        out.write_all(&line(&SummaryLine::new(Timestamp::now(), self.interrupted, &self.totals)))?;
        out.flush()?;
        Ok(self.totals)
    }
}

/// What the keeper is handed.
enum Kept {
    File(Box<FileRecord>),
    Folder(FolderRecord),
    ExcludedFolder,
}

/// Runs walkers, readers, processors and the keeper until all is done.
fn run<'a>(
    lens: &'a Lens<'a>,
    options: &Options,
    pool: &ThreadPool,
    jobs: usize,
    progress: &dyn Progress,
    mut keeper: Keeper<'a>,
) -> Result<Keeper<'a>, ScanError> {
    let (found, entries) = bounded::<Found>(WAITING);
    let (records, kept) = bounded::<Kept>(WAITING);
    std::thread::scope(|scope| {
        let keeping = scope.spawn(move || keeper.keep(&kept, progress).map(|()| keeper));
        scope.spawn(|| {
            let found = found;
            walk::walk(lens.shares, &options.own, jobs, lens.stop, &|item| {
                if matches!(item, Found::File(_) | Found::Excluded(..)) {
                    progress.found();
                }
                // The readers outlive the walk.
                let _ = found.send(item);
            });
            progress.walked();
        });
        pool.in_place_scope(|documents| {
            let (permit, permits) = bounded(2 * jobs);
            std::thread::scope(|readers| {
                for _ in 0..jobs {
                    let reader = Reader { lens, progress, records: records.clone(), permit: permit.clone() };
                    let (entries, permits) = (entries.clone(), permits.clone());
                    readers.spawn(move || reader.read(&entries, documents, &permits));
                }
            });
        });
        drop(records);
        keeping.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
    .map_err(|error| ScanError::Spool(error.kind()))
}

/// Opens files, searches plain text, and hands documents on.
struct Reader<'a> {
    lens: &'a Lens<'a>,
    progress: &'a dyn Progress,
    records: Sender<Kept>,
    /// Taken for each document that waits or is read, so that few are held open.
    permit: Sender<()>,
}

impl<'a> Reader<'a> {
    fn read<'s>(&self, entries: &Receiver<Found>, documents: &Scope<'s>, permits: &Receiver<()>)
    where
        'a: 's,
    {
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
                        Examined::Heavy(opened) => {
                            // Waits while too many documents are held open; a processor gives the place back.
                            let _ = self.permit.send(());
                            let (lens, records, permits) = (self.lens, self.records.clone(), permits.clone());
                            documents.spawn(move |_| {
                                let record = lens.examine_opened(opened);
                                let _ = records.send(Kept::File(Box::new(record)));
                                let _ = permits.recv();
                            });
                        }
                    }
                }
                Found::Excluded(entry, why) => self.keep(Kept::File(Box::new(self.lens.excluded(entry, why)))),
                Found::Folder(folder, problem) => self.keep(Kept::Folder(self.lens.folder(folder, problem))),
                Found::ExcludedFolder(_) => self.keep(Kept::ExcludedFolder),
            }
        }
    }

    fn keep(&self, kept: Kept) {
        // The keeper ends early only when the disk is full, and then the scan ends with its error.
        let _ = self.records.send(kept);
    }
}

/// Enters records in the ledger and spools their lines.
struct Keeper<'a> {
    lens: &'a Lens<'a>,
    all_files: bool,
    ledger: Ledger,
    spool: Spool,
    highest: f64,
}

impl Keeper<'_> {
    fn keep(&mut self, kept: &Receiver<Kept>, progress: &dyn Progress) -> io::Result<()> {
        let kept_all = kept.iter().try_for_each(|kept| self.enter(kept, progress));
        if kept_all.is_err() {
            self.lens.stop.store(true, Ordering::Relaxed);
            kept.iter().for_each(drop);
        }
        kept_all
    }

    fn enter(&mut self, kept: Kept, progress: &dyn Progress) -> io::Result<()> {
        match kept {
            Kept::File(record) => {
                progress.examined(&record);
                self.ledger.file(&record);
                self.highest = self.highest.max(record.counts.highest);
                if self.all_files || record.is_noteworthy() {
                    let share = &self.lens.shares[record.entry.share];
                    let text = line(&FileLine::new(&record, share, self.lens.key));
                    self.spool.push(record.entry.share, record.entry.path.as_bytes(), text)?;
                }
            }
            Kept::Folder(record) => {
                self.ledger.folder(&record);
                self.highest = self.highest.max(record.counts.highest);
                if !record.findings.is_empty() || record.problem.is_some() {
                    let text = line(&FolderLine::new(&record, &self.lens.shares[record.share], self.lens.key));
                    self.spool.push(record.share, record.path.as_bytes(), text)?;
                }
            }
            Kept::ExcludedFolder => self.ledger.excluded_folder(),
        }
        Ok(())
    }
}

fn line(value: &impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("lines are plain structs with string keys");
    line.push(b'\n');
    line
}
