//! How the memory of a scan is divided: each document has a permit for what it is expected to need, and all permits together
//! are no more than there is.

/// Memory that the program takes beside its workers, in bytes.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "workers are Linux only"))]
const OWN_BYTES: u64 = 64 << 20;

/// Memory of a worker that reads what is small or streams, in bytes. Of 2,249 documents none took more.
pub const LEAST_BYTES: u64 = 32 << 20;

/// How files begin that are held whole, and how often: as they are, and what is made of them.
const HELD: &[(&[u8], u64)] = &[(b"%PDF-", 3), (b"\xd0\xcf\x11\xe0", 2), (b"Rar!", 2)];

/// What of the memory of all processes of a scan is there for documents. Both in bytes.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "workers are Linux only"))]
pub fn for_documents(of_scan: u64) -> u64 {
    of_scan.saturating_sub(OWN_BYTES).max(LEAST_BYTES)
}

/// The memory that a file of `size` bytes, which begins with `head`, is expected to need, in bytes.
pub fn expected(head: &[u8], size: u64) -> u64 {
    let held = HELD.iter().find(|(mark, _)| head.starts_with(mark)).map_or(0, |(_, times)| *times);
    LEAST_BYTES.max(size.saturating_mul(held).saturating_add(LEAST_BYTES / 2))
}

/// The memory for documents and what of it is permitted.
#[derive(Debug)]
pub struct Memory {
    all: u64,
    permitted: u64,
}

impl Memory {
    /// So many bytes, none of them permitted.
    pub fn new(all: u64) -> Self {
        Self { all, permitted: 0 }
    }

    /// Permits as many bytes as are expected to be needed, or all where they are fewer, and gives how many; none while
    /// others have them.
    pub fn take(&mut self, expected: u64) -> Option<u64> {
        let bytes = expected.min(self.all);
        let fits = bytes <= self.all - self.permitted;
        self.permitted += if fits { bytes } else { 0 };
        fits.then_some(bytes)
    }

    /// Takes back what was permitted.
    pub fn give_back(&mut self, bytes: u64) {
        self.permitted -= bytes;
    }

    /// True when not even a small document could be permitted.
    pub fn is_used_up(&self) -> bool {
        self.all - self.permitted < LEAST_BYTES.min(self.all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_held_whole_needs_more_than_what_streams() {
        let need = |head: &[u8]| expected(head, 100 << 20) >> 20;
        assert_eq!([need(b"PK\x03\x04"), need(b"%PDF-1.7"), need(b"\xd0\xcf\x11\xe0\xa1")], [32, 316, 216]);
        assert_eq!((expected(b"%PDF-", 9), expected(b"%PDF-", u64::MAX)), (LEAST_BYTES, u64::MAX));
    }

    #[test]
    fn a_document_that_needs_more_than_there_is_has_all_alone() {
        let mut memory = Memory::new(100);
        assert_eq!(memory.take(30), Some(30));
        assert_eq!(memory.take(500), None);
        memory.give_back(30);
        assert_eq!(memory.take(500), Some(100));
        assert!(memory.is_used_up());
        assert_eq!(memory.take(1), None);
    }

    #[test]
    fn something_is_left_of_the_smallest_memory() {
        assert_eq!((for_documents(512 << 20), for_documents(0)), (448 << 20, LEAST_BYTES));
    }

    proptest! {
        #[test]
        fn permits_are_never_more_than_there_is(needs in prop::collection::vec((0..200_u64, any::<bool>()), 0..50)) {
            let mut memory = Memory::new(100);
            let mut permits = Vec::new();
            for (need, ends) in needs {
                permits.extend(memory.take(need));
                prop_assert!(permits.iter().sum::<u64>() <= 100);
                if ends && let Some(permit) = permits.pop() {
                    memory.give_back(permit);
                }
            }
            permits.into_iter().for_each(|permit| memory.give_back(permit));
            prop_assert_eq!(memory.take(100), Some(100));
        }
    }
}
