//! What one file may cost, counted so that two runs stop at the same place.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Reading;
use crate::model::ProblemKind;

/// What files may cost, as it is set.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Bytes out of decompressors, and of text made from documents, that each file may give.
    pub expanded_bytes: u64,
    /// And so many for each byte of the file.
    pub expanded_per_byte: u64,
    /// Members, sheets, fields and the like; and one more for each KiB of the file, so that a mailbox of many gigabytes,
    /// whose messages have some nine parts each, is read to its end.
    pub parts: u64,
    /// Archives in archives.
    pub depth: usize,
}

/// Bytes of a file that allow it one more part.
const BYTES_A_PART: u64 = 1024;

impl Default for Allowance {
    /// 256 MiB and two hundred times the size of the file, a million parts, 16 steps inward.
    ///
    /// Office files and text archives expand 3 to 20 times; deflate cannot exceed 1032 times.
    fn default() -> Self {
        Self { expanded_bytes: 256 << 20, expanded_per_byte: 200, parts: 1_000_000, depth: 16 }
    }
}

impl Allowance {
    /// The limits of a file of `size` bytes.
    pub fn for_size(self, size: u64, stop: Arc<AtomicBool>) -> Limits {
        Limits {
            expanded_bytes: size.saturating_mul(self.expanded_per_byte).saturating_add(self.expanded_bytes),
            parts: self.parts.saturating_add(size / BYTES_A_PART),
            depth: self.depth,
            stop,
        }
    }
}

/// What one file may cost. All are counted, so that two runs stop at the same place.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes out of decompressors, and of text made from documents.
    pub expanded_bytes: u64,
    /// Members, sheets, fields and the like.
    pub parts: u64,
    /// Archives in archives.
    pub depth: usize,
    /// Set from outside when the scan is to end.
    pub stop: Arc<AtomicBool>,
}

impl Limits {
    /// The limits of a file of `size` bytes by default.
    pub fn for_size(size: u64, stop: Arc<AtomicBool>) -> Self {
        Allowance::default().for_size(size, stop)
    }
}

/// What is left of a file's limits. Shared by all readers of the file.
#[derive(Debug)]
pub struct Budget {
    bytes: Cell<u64>,
    parts: Cell<u64>,
    /// Bytes that what is read now must leave to its siblings.
    kept: Cell<u64>,
    ended: Cell<Option<ProblemKind>>,
    stop: Arc<AtomicBool>,
}

impl Budget {
    /// All that the limits give.
    pub fn new(limits: &Limits) -> Self {
        Self {
            bytes: Cell::new(limits.expanded_bytes),
            parts: Cell::new(limits.parts),
            kept: Cell::new(0),
            ended: Cell::new(None),
            stop: Arc::clone(&limits.stop),
        }
    }

    /// Takes `bytes` of the budget.
    ///
    /// # Errors
    /// When the limit is reached, was reached before, or the scan is to end.
    pub fn charge(&self, bytes: u64) -> Reading {
        self.take(&self.bytes, bytes, self.kept.get())
    }

    /// Takes one part of the budget.
    ///
    /// # Errors
    /// As [`Budget::charge`].
    pub fn charge_part(&self) -> Reading {
        self.take(&self.parts, 1, 0)
    }

    /// Keeps half of what is left for later; gives what was kept before.
    pub fn keep_half(&self) -> u64 {
        let kept = self.kept.get();
        self.kept.set(kept + self.bytes.get().saturating_sub(kept) / 2);
        kept
    }

    /// Ends what [`Budget::keep_half`] began.
    pub fn release(&self, kept: u64) {
        self.kept.set(kept);
        if self.ended.get() == Some(ProblemKind::TooLarge) && self.bytes.get() > kept && self.parts.get() > 0 {
            self.ended.set(None);
        }
    }

    fn take(&self, of: &Cell<u64>, amount: u64, kept: u64) -> Reading {
        if let Some(kind) = self.ended.get() {
            return Err(kind);
        }
        if self.stop.load(Ordering::Relaxed) {
            return self.end(ProblemKind::NotReached);
        }
        match of.get().checked_sub(amount).filter(|&left| left >= kept) {
            Some(left) => of.set(left),
            None => return self.end(ProblemKind::TooLarge),
        }
        Ok(())
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Always, and from here on whatever is taken.
    pub fn stop(&self) -> Reading {
        self.end(ProblemKind::NotReached)
    }

    /// The limit that was reached, if one was.
    pub fn ended(&self) -> Option<ProblemKind> {
        self.ended.get()
    }

    fn end(&self, kind: ProblemKind) -> Reading {
        self.ended.set(Some(kind));
        Err(kind)
    }

    /// The limit that an error of a metered reader stands for, if it does.
    pub fn reached(error: &io::Error) -> Option<ProblemKind> {
        error.get_ref()?.downcast_ref::<Reached>().map(|Reached(kind)| *kind)
    }
}

/// The error of a metered reader at a limit.
#[derive(Debug, thiserror::Error)]
#[error("a limit was reached")]
struct Reached(ProblemKind);

/// A reader out of a decompressor, each byte of which is charged to the file's budget.
pub struct Metered<R> {
    reader: R,
    budget: Rc<Budget>,
}

impl<R> Metered<R> {
    /// A reader that charges `budget`.
    pub fn new(reader: R, budget: &Rc<Budget>) -> Self {
        Self { reader, budget: Rc::clone(budget) }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(buffer)?;
        self.budget.charge(got as u64).map_err(|kind| io::Error::other(Reached(kind)))?;
        Ok(got)
    }
}
