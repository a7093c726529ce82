//! The keeper enters records in the ledger and spools their lines.

use std::io;
use std::sync::atomic::Ordering;

use crossbeam_channel::Receiver;

use super::examine::Lens;
use super::ledger::Ledger;
use super::lines::{FileLine, FolderLine, line};
use super::progress::Progress;
use super::spool::Spool;
use crate::model::{FileRecord, FolderRecord};

/// What the keeper is handed.
pub enum Kept {
    /// A file.
    File(Box<FileRecord>),
    /// Files of a share, of so many bytes together, of which nothing is told but that they were read.
    Silent {
        /// Index of the share.
        share: usize,
        /// How many.
        files: u64,
        /// Of so many bytes.
        bytes: u64,
    },
    /// A folder.
    Folder(Box<FolderRecord>),
    /// A folder that is left out on purpose.
    ExcludedFolder,
}

/// Enters records in the ledger and spools their lines.
pub struct Keeper<'a> {
    lens: &'a Lens<'a>,
    /// The sums.
    pub ledger: Ledger,
    /// The lines.
    pub spool: Spool,
    /// The highest confidence of anything found, test persons apart; 0 where nothing was.
    pub highest: f64,
}

impl<'a> Keeper<'a> {
    /// A keeper that has nothing yet.
    pub fn new(lens: &'a Lens<'a>) -> Self {
        Self { lens, ledger: Ledger::new(lens.shares.len()), spool: Spool::new(), highest: 0.0 }
    }

    /// Keeps what comes until nothing more does.
    ///
    /// # Errors
    /// When a line cannot be kept; the scan is stopped then.
    pub fn keep(&mut self, kept: &Receiver<Vec<Kept>>, progress: &dyn Progress) -> io::Result<()> {
        let kept_all = kept.iter().flatten().try_for_each(|kept| self.enter(kept, progress));
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
                if self.lens.all_files || record.is_noteworthy() {
                    let share = &self.lens.shares[record.entry.share];
                    let text = line(&FileLine::new(&record, share, self.lens.key));
                    self.spool.push(record.entry.share, record.entry.path.as_bytes(), text)?;
                }
            }
            Kept::Silent { share, files, bytes } => self.ledger.silent(share, files, bytes),
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
