//! What a scan tells while it runs.

use crate::model::{Entry, FileRecord};

/// Hears what a scan does, from many threads. Every call has an empty default.
pub trait Progress: Sync {
    /// A file was found.
    fn found(&self) {}
    /// All files are found; from here on the end can be told.
    fn walked(&self) {}
    /// A file is being read.
    fn reading(&self, _entry: &Entry) {}
    /// A file was examined.
    fn examined(&self, _record: &FileRecord) {}
}

/// Hears nothing.
pub struct Silent;

impl Progress for Silent {}
