//! Places for those who do something at the same time, of which there are only so many.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::pace::{Pace, Request};

/// Slots of which each is taken by one thread at a time.
#[derive(Debug)]
pub struct Slots {
    state: Mutex<State>,
    /// One may be free for who goes first, and for who goes after them.
    free: [Condvar; 2],
    began: Instant,
}

#[derive(Debug)]
struct State {
    limit: usize,
    taken: usize,
    waiting: [usize; 2],
    pace: Option<Pace>,
}

/// Who goes first where slots are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// What was found is read soon, while what the system remembers of it holds.
    First,
    /// More is found when nothing waits to be read.
    After,
}

/// How long an answer took.
#[derive(Debug)]
pub struct Answer {
    /// To what.
    pub request: Request,
    /// The time.
    pub took: Duration,
}

impl Slots {
    /// So many, always.
    pub fn fixed(limit: usize) -> Self {
        Self::new(limit, None)
    }

    /// As many as a pace allows.
    pub fn paced(pace: Pace) -> Self {
        Self::new(pace.limit(), Some(pace))
    }

    fn new(limit: usize, pace: Option<Pace>) -> Self {
        let state = State { limit, taken: 0, waiting: [0; 2], pace };
        Self { state: Mutex::new(state), free: Default::default(), began: Instant::now() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a slot; waits while there is none for this turn.
    pub fn take(&self, turn: Turn) {
        let turn = turn as usize;
        let mut state = self.lock();
        while state.taken >= state.limit || state.waiting[..turn].iter().any(|first| *first > 0) {
            if let Some(pace) = &mut state.pace {
                pace.crowd();
            }
            state.waiting[turn] += 1;
            state = self.free[turn].wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting[turn] -= 1;
        }
        state.taken += 1;
        self.wake(&state);
    }

    /// Gives a slot back, and tells how long the answers took that came meanwhile.
    pub fn give_back(&self, answers: &mut Vec<Answer>) {
        let mut state = self.lock();
        state.taken -= 1;
        let state = &mut *state;
        if let Some(pace) = &mut state.pace {
            let at = self.began.elapsed();
            answers.drain(..).for_each(|Answer { request, took }| pace.answer(request, took, at));
            state.limit = pace.limit();
        }
        answers.clear();
        self.wake(state);
    }

    /// Wakes one of those who wait, if one may go on. Who goes on wakes the next.
    fn wake(&self, state: &State) {
        if state.taken < state.limit
            && let Some(turn) = state.waiting.iter().position(|waiting| *waiting > 0)
        {
            self.free[turn].notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_are_taken_than_there_are_and_nobody_waits_for_ever() {
        let slots = Slots::fixed(3);
        let (at_once, most, all) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..12 {
                let (slots, at_once, most, all) = (&slots, &at_once, &most, &all);
                scope.spawn(move || {
                    for _ in 0..500 {
                        slots.take(if thread % 3 == 0 { Turn::After } else { Turn::First });
                        most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        at_once.fetch_sub(1, Ordering::SeqCst);
                        all.fetch_add(1, Ordering::SeqCst);
                        slots.give_back(&mut Vec::new());
                    }
                });
            }
        });
        assert!(most.into_inner() <= 3);
        assert_eq!(all.into_inner(), 6000);
    }

    #[test]
    fn who_goes_after_goes_when_nobody_goes_first() {
        let slots = Slots::fixed(2);
        slots.take(Turn::After);
        slots.take(Turn::After);
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let (slots, order) = (&slots, &order);
            let wait = |turn: Turn| {
                scope.spawn(move || {
                    slots.take(turn);
                    order.lock().unwrap().push(turn);
                    slots.give_back(&mut Vec::new());
                });
                while slots.lock().waiting[turn as usize] == 0 {
                    std::thread::yield_now();
                }
            };
            wait(Turn::After);
            wait(Turn::First);
            // With one slot only, so that one goes on after the other.
            slots.give_back(&mut Vec::new());
        });
        assert_eq!(order.into_inner().unwrap(), [Turn::First, Turn::After]);
    }
}
