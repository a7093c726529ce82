//! A queue between threads that wakes them seldom: who fills it sleeps until half of it is free, who empties it takes a
//! share of what waits at once.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Items that are taken at once, at most.
const MOST: usize = 32;

/// A bounded queue of many fillers and many takers.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    /// Something came, or nothing more will.
    filled: Condvar,
    /// Half is free.
    freed: Condvar,
    room: usize,
    takers: usize,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    /// Threads that sleep until something comes.
    idle: usize,
    /// Threads that sleep until half is free.
    held_up: usize,
}

impl<T> Queue<T> {
    /// An empty queue with room for so many items, from which so many threads will take.
    pub fn new(room: usize, takers: usize) -> Self {
        let state = State { items: VecDeque::new(), closed: false, idle: 0, held_up: 0 };
        Self { state: Mutex::new(state), filled: Condvar::new(), freed: Condvar::new(), room, takers: takers.max(1) }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an item; waits while there is no room.
    pub fn push(&self, item: T) {
        let mut state = self.lock();
        if state.items.len() >= self.room {
            state.held_up += 1;
            while state.items.len() > self.room / 2 {
                state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.held_up -= 1;
        }
        state.items.push_back(item);
        if state.idle > 0 {
            self.filled.notify_one();
        }
    }

    /// Says that nothing more will come when what it gives is dropped, whatever happens until then.
    pub fn close_at_end(&self) -> impl Drop + '_ {
        Closing(self)
    }

    /// Moves some items to `taken`; waits while there are none. False when nothing more will come.
    ///
    /// Each takes a part of what waits, so that what is left at the end is spread over all.
    pub fn take(&self, taken: &mut Vec<T>) -> bool {
        let mut state = self.lock();
        while state.items.is_empty() {
            if state.closed {
                return false;
            }
            state.idle += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
        let share = (state.items.len() / (4 * self.takers)).clamp(1, MOST);
        taken.extend(state.items.drain(..share));
        if state.held_up > 0 && state.items.len() <= self.room / 2 {
            self.freed.notify_all();
        }
        true
    }

    /// True when a taker would wait.
    pub fn is_empty(&self) -> bool {
        self.lock().items.is_empty()
    }
}

/// Closes a queue when dropped.
struct Closing<'q, T>(&'q Queue<T>);

impl<T> Drop for Closing<'_, T> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn everything_pushed_is_taken_once() {
        let queue: Queue<u64> = Queue::new(8, 3);
        let (sum, fillers) = (AtomicU64::new(0), AtomicU64::new(4_u64));
        std::thread::scope(|scope| {
            for filler in 0..4_u64 {
                let (queue, fillers) = (&queue, &fillers);
                scope.spawn(move || {
                    (0..1000).for_each(|i| queue.push(filler * 1000 + i));
                    if fillers.fetch_sub(1, Ordering::AcqRel) == 1 {
                        drop(queue.close_at_end());
                    }
                });
            }
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut taken = Vec::new();
                    while queue.take(&mut taken) {
                        sum.fetch_add(taken.drain(..).sum::<u64>(), Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(sum.into_inner(), (0..4000).sum::<u64>());
    }

    #[test]
    fn the_last_items_are_taken_one_by_one() {
        let queue = Queue::new(100, 2);
        (0..80).for_each(|i| queue.push(i));
        drop(queue.close_at_end());
        let mut sizes = Vec::new();
        let mut taken: Vec<i32> = Vec::new();
        while queue.take(&mut taken) {
            sizes.push(taken.len());
            taken.clear();
        }
        assert_eq!((sizes[0], sizes.iter().sum::<usize>(), sizes.last()), (10, 80, Some(&1)));
    }
}
