//! The threads that search a long text together, a stretch each, where one file would keep the others waiting.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads that search one text at a time. They are started when a first one is long.
pub struct Segments {
    threads: usize,
    pool: OnceLock<Option<ThreadPool>>,
    busy: AtomicBool,
}

/// The threads, claimed for one text until this is dropped.
pub struct Claim<'s> {
    segments: &'s Segments,
    pool: &'s ThreadPool,
}

impl Segments {
    /// So many threads, of which none is started.
    pub fn new(threads: usize) -> Self {
        Self { threads, pool: OnceLock::new(), busy: AtomicBool::new(false) }
    }

    /// The threads, if there are several and nobody has them: who has a long text to search goes on alone otherwise, and
    /// finds the same.
    pub fn claim(&self) -> Option<Claim<'_>> {
        if self.threads < 2 || self.busy.swap(true, Ordering::Acquire) {
            return None;
        }
        let start = || ThreadPoolBuilder::new().num_threads(self.threads).build().ok();
        match self.pool.get_or_init(start) {
            Some(pool) => Some(Claim { segments: self, pool }),
            None => {
                self.busy.store(false, Ordering::Release);
                None
            }
        }
    }
}

impl Claim<'_> {
    /// The threads.
    pub fn pool(&self) -> &ThreadPool {
        self.pool
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.segments.busy.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_at_a_time_has_the_threads() {
        let segments = Segments::new(2);
        let claim = segments.claim().unwrap();
        assert_eq!(claim.pool().current_num_threads(), 2);
        assert!(segments.claim().is_none());
        drop(claim);
        assert!(segments.claim().is_some());
        assert!(Segments::new(1).claim().is_none());
    }
}
