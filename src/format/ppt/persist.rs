//! Which records of a presentation are its own now: saving adds to the end, and what stood before stays in the file.
//! \[MS-PPT\] 2.1.2.

use std::collections::HashMap;

use super::super::little::Little;
use super::record::{HEAD_BYTES, Record};

/// The edit that was made last, or one before it.
const EDIT: u16 = 4085;

/// Where the records of an edit begin.
const DIRECTORY: u16 = 6002;

/// The records that are its own now.
#[derive(Debug, Default)]
pub struct Persist {
    /// Where each begins, by its number.
    pub offsets: HashMap<u32, usize>,
    /// The number of the document.
    pub document: u32,
}

impl Persist {
    /// Follows the edits from the last one, which begins at `last`, back to the first.
    pub fn read(bytes: &[u8], last: usize) -> Self {
        let mut persist = Self::default();
        let mut at = last;
        // No edit has the records of another: all directories together are no longer than the stream.
        let mut left = bytes.len();
        while let Some(edit) = Edit::read(bytes, at) {
            if persist.document == 0 {
                persist.document = edit.document;
            }
            if let Some(directory) = record(bytes, edit.directory, DIRECTORY) {
                let Some(after) = left.checked_sub(directory.len()) else { break };
                left = after;
                persist.add(Little(directory));
            }
            // Each edit stands after the one before it.
            if edit.before >= at {
                break;
            }
            at = edit.before;
        }
        persist
    }

    fn add(&mut self, mut directory: Little<'_>) -> Option<()> {
        loop {
            let head = directory.u32()?;
            let (first, count) = (head & 0x000f_ffff, head >> 20);
            for number in first..first + count {
                let offset = directory.size()?;
                self.offsets.entry(number).or_insert(offset);
            }
        }
    }
}

/// Where the edit that was made last begins: as `Current User` says, or else where the last one in the stream stands.
pub fn last_edit(current_user: Option<&[u8]>, bytes: &[u8], top: &[usize]) -> Option<usize> {
    let told = current_user.and_then(|user| {
        let mut user = Little(user);
        user.take(16)?;
        user.size()
    });
    let is_edit = |at: usize| record(bytes, at, EDIT).is_some();
    told.filter(|&at| is_edit(at)).or_else(|| top.iter().rev().copied().find(|&at| is_edit(at)))
}

struct Edit {
    before: usize,
    directory: usize,
    document: u32,
}

impl Edit {
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let mut body = Little(record(bytes, at, EDIT)?);
        body.take(8)?;
        Some(Self { before: body.size()?, directory: body.size()?, document: body.u32()? })
    }
}

fn record(bytes: &[u8], at: usize, kind: u16) -> Option<&[u8]> {
    let record = bytes.get(at..).and_then(Record::first)?;
    (record.kind == kind && at.checked_add(HEAD_BYTES).is_some()).then_some(record.body)
}
