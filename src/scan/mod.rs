//! Entries become records: every file that the walk finds is examined and has exactly one record, whatever happens.
//!
//! Walkers list folders, readers open files and search plain text, others have documents read,
//! by worker processes where the system has them, and one keeper
//! enters records in the ledger and spools their lines. All are joined by bounded channels, so memory is flat.

mod border;
mod documents;
mod examine;
mod keeper;
mod ledger;
mod lines;
mod memory;
mod progress;
mod queue;
mod segments;
mod spool;
mod threads;
mod waiting;
#[cfg(target_os = "linux")]
mod worker;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use examine::Lens;
use keeper::Keeper;
use lines::{ScanLine, SummaryLine, line};
use segments::Segments;
use spool::Spool;

pub use border::Listing;
pub use documents::{Isolation, Sandbox};
pub use ledger::{Coverage, Folders, ShareTotals, Totals};
pub use progress::{Progress, Silent};
#[cfg(target_os = "linux")]
pub use worker::{Workers, serve};

use crate::detect::Rules;
use crate::format::Allowance;
use crate::model::{Key, Share};
use crate::walk::{OwnFiles, Servers};

/// What to scan, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that read and search, and threads that parse documents, each so many; at least 1. What lies behind a
    /// network is read by threads of its own, of which so many search at once.
    pub jobs: usize,
    /// True when a server behind a network is asked as much as it may be from the beginning.
    pub full_speed: bool,
    /// Where documents are read.
    pub isolation: Isolation,
    /// What one file may cost.
    pub allowance: Allowance,
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
    let &Options { as_of, listing, all_files, allowance, .. } = options;
    let (segments, servers) = (&Segments::new(options.jobs), &Servers::new(shares, options.jobs, options.full_speed));
    let lens = Lens { shares, servers, rules, key, as_of, listing, segments, all_files, allowance, stop };
    let first = line(&ScanLine::new(Timestamp::now(), options, key, rules.fingerprint(), shares));
    let keeper = threads::run(&lens, options, progress, Keeper::new(&lens))?;
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
