//! Documents that wait to be read: each until a thread has the time for it and there is memory for it. One that waits for
//! memory holds up none of those behind it that need less.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::memory::Memory;

/// Documents that may be put aside until there is memory for them. Each is an open file.
const ASIDE: usize = 32;

/// What waits, and the memory for it.
pub struct Waiting<T> {
    state: Mutex<State<T>>,
    /// Something may be taken that could not be before, or nothing more will come.
    changed: Condvar,
    /// One more may come.
    freed: Condvar,
    room: usize,
}

struct State<T> {
    memory: Memory,
    arrived: VecDeque<Item<T>>,
    /// Those for which there was not enough memory when it was their turn.
    aside: VecDeque<Item<T>>,
    fillers: usize,
}

struct Item<T> {
    expected: u64,
    item: T,
}

impl<T> State<T> {
    /// The next that there is memory for, and how much of it: first of those put aside, then of those that arrived.
    fn next(&mut self) -> Option<(T, u64)> {
        for at in 0..self.aside.len() {
            if let Some(bytes) = self.memory.take(self.aside[at].expected) {
                return self.aside.remove(at).map(|Item { item, .. }| (item, bytes));
            }
        }
        while let Some(first) = self.arrived.front() {
            let bytes = self.memory.take(first.expected);
            if bytes.is_none() && self.aside.len() >= ASIDE {
                return None;
            }
            let Item { expected, item } = self.arrived.pop_front()?;
            match bytes {
                Some(bytes) => return Some((item, bytes)),
                None => self.aside.push_back(Item { expected, item }),
            }
        }
        None
    }

    fn is_over(&self) -> bool {
        self.fillers == 0 && self.arrived.is_empty() && self.aside.is_empty()
    }

    /// True when others need the memory that an idle thread holds.
    fn is_short(&self) -> bool {
        !self.aside.is_empty() || self.memory.is_used_up()
    }
}

impl<T> Waiting<T> {
    /// Nothing waits yet, and so many may.
    pub fn new(memory: Memory, room: usize) -> Self {
        let state = State { memory, arrived: VecDeque::new(), aside: VecDeque::new(), fillers: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new(), freed: Condvar::new(), room }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that brings something. When all that were made are dropped, nothing more will come.
    pub fn filler(&self) -> Filler<'_, T> {
        self.lock().fillers += 1;
        Filler(self)
    }

    /// Takes the next for which there is memory, with the permit for that; waits while there is none. None when nothing
    /// more will come. `rest` is called before a wait while others need memory.
    pub fn take(&self, mut rest: impl FnMut()) -> Option<(T, Permit<'_, T>)> {
        let mut rested = false;
        let mut state = self.lock();
        loop {
            let next = state.next();
            self.freed.notify_one();
            if let Some((item, bytes)) = next {
                if state.is_short() {
                    self.changed.notify_all();
                }
                return Some((item, Permit { waiting: self, bytes }));
            }
            if state.is_over() {
                return None;
            }
            if state.is_short() && !rested {
                drop(state);
                rest();
                rested = true;
                state = self.lock();
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Puts back what needed more than it was permitted: it has all memory, alone, when its turn comes again.
    pub fn needs_all(&self, item: T) {
        self.lock().aside.push_back(Item { expected: u64::MAX, item });
    }
}

/// One that brings what waits.
pub struct Filler<'w, T>(&'w Waiting<T>);

impl<T> Filler<'_, T> {
    /// Adds what is expected to need so many bytes of memory; waits while there is no room.
    pub fn push(&self, item: T, expected: u64) {
        let mut state = self.0.lock();
        while state.arrived.len() >= self.0.room {
            state = self.0.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.arrived.push_back(Item { expected, item });
        self.0.changed.notify_one();
    }
}

impl<T> Drop for Filler<'_, T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.fillers -= 1;
        if state.fillers == 0 {
            self.0.changed.notify_all();
        }
    }
}

/// Memory that a document may take until this is dropped.
pub struct Permit<'w, T> {
    waiting: &'w Waiting<T>,
    bytes: u64,
}

impl<T> Permit<'_, T> {
    /// How much.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        let mut state = self.waiting.lock();
        state.memory.give_back(self.bytes);
        if !state.aside.is_empty() {
            self.waiting.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn waiting(items: &[(&'static str, u64)]) -> Waiting<&'static str> {
        let waiting = Waiting::new(Memory::new(100 << 20), items.len());
        let filler = waiting.filler();
        items.iter().for_each(|(item, need)| filler.push(*item, need << 20));
        drop(filler);
        waiting
    }

    #[test]
    fn a_large_document_holds_up_none_behind_it() {
        let waiting = waiting(&[("small", 40), ("large", 90), ("next", 40), ("huge", 500)]);
        let rest = || panic!("there is memory");
        let (small, of_small) = waiting.take(rest).unwrap();
        let (next, of_next) = waiting.take(rest).unwrap();
        assert_eq!((small, next), ("small", "next"));
        drop((of_small, of_next));
        let (large, of_large) = waiting.take(rest).unwrap();
        drop(of_large);
        let (huge, of_huge) = waiting.take(rest).unwrap();
        assert_eq!((large, huge, of_huge.bytes()), ("large", "huge", 100 << 20));
        drop(of_huge);
        assert!(waiting.take(rest).is_none());
    }

    #[test]
    fn what_needed_more_comes_again_with_all_memory() {
        let waiting = waiting(&[("a", 40), ("b", 40)]);
        let (a, of_a) = waiting.take(|| {}).unwrap();
        waiting.needs_all(a);
        drop(of_a);
        let (a, of_a) = waiting.take(|| {}).unwrap();
        assert_eq!((a, of_a.bytes()), ("a", 100 << 20));
        drop(of_a);
        assert_eq!(waiting.take(|| {}).unwrap().0, "b");
    }

    #[test]
    fn an_idle_thread_rests_while_others_need_memory() {
        let waiting = waiting(&[("huge", 500), ("small", 40)]);
        let rested = AtomicU64::new(0);
        let (_, of_huge) = waiting.take(|| {}).unwrap();
        std::thread::scope(|scope| {
            let taken = scope.spawn(|| waiting.take(|| _ = rested.fetch_add(1, Ordering::Relaxed)).unwrap().0);
            while rested.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
            drop(of_huge);
            assert_eq!(taken.join().unwrap(), "small");
        });
        assert_eq!(rested.into_inner(), 1);
    }

    #[test]
    fn many_threads_take_everything_once_and_never_more_memory_than_there_is() {
        let waiting: &Waiting<u64> = &Waiting::new(Memory::new(100 << 20), 3);
        let last = waiting.filler();
        let (sum, taken) = (&AtomicU64::new(0), &AtomicU64::new(0));
        std::thread::scope(|scope| {
            for start in [0, 1] {
                let filler = waiting.filler();
                scope.spawn(move || (start..400).step_by(2).for_each(|i| filler.push(i, (i % 120) << 20)));
            }
            drop(last);
            for _ in 0..4 {
                scope.spawn(move || {
                    while let Some((item, permit)) = waiting.take(|| {}) {
                        assert!(taken.fetch_add(permit.bytes(), Ordering::SeqCst) + permit.bytes() <= 100 << 20);
                        taken.fetch_sub(permit.bytes(), Ordering::SeqCst);
                        if item % 7 == 0 && permit.bytes() < 100 << 20 {
                            waiting.needs_all(item);
                        } else {
                            sum.fetch_add(item, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(sum.load(Ordering::Relaxed), (0..400).sum::<u64>());
    }
}
