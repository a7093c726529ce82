//! How many requests a server is asked at once: few at first, and more only while it answers as quickly as it did then.

use std::time::Duration;

/// Requests at once that every server is asked.
pub const FEWEST: usize = 4;

/// Requests at once that no server is asked more than.
pub const MOST: usize = 64;

/// A decision rests on at least so many answers,
const ANSWERS: usize = 64;

/// that came in at least this time.
const WINDOW: Duration = Duration::from_millis(50);

/// Answers of one kind whose median is believed.
const ENOUGH: usize = 16;

/// Answers of one kind that are remembered until the decision.
const REMEMBERED: usize = 4096;

/// An answer that came sooner crossed no network: this machine remembered it.
const AT_HOME: Duration = Duration::from_micros(50);

/// How many times as long as in the quiet an answer may take before fewer are asked for.
const TOO_SLOW: f64 = 2.0;

/// From here on no more are asked for, so that a step does not lead past [`TOO_SLOW`] when answers wait for each other.
const SLOW: f64 = 1.6;

/// From here on the steps are short.
const SLOWER: f64 = 1.3;

/// What a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The names in a folder.
    List,
    /// To open a file.
    Open,
    /// All of a small file.
    Read,
    /// Of a larger file, as much as is read at once.
    Fill,
}

/// Decides how many requests at once a server is asked, from how long its answers take.
///
/// The median of each kind of request is held against what it was when few were asked; the worst kind decides. Latency is
/// all that needs to be measured: as long as it stays and all who may ask do, twice as many get twice as much.
#[derive(Debug)]
pub struct Pace {
    limit: usize,
    kinds: [Kind; 4],
    /// Answers since the last decision, and when the first of them came.
    answers: usize,
    since: Option<Duration>,
    /// True when somebody had to wait to ask since the last decision.
    crowded: bool,
    /// True when the server was once asked too much.
    warned: bool,
    slowness: f64,
}

/// How long the answers to a kind of request take.
#[derive(Debug, Default)]
struct Kind {
    /// When few are asked, once that is known.
    quiet: Option<Duration>,
    recent: Vec<Duration>,
}

impl Pace {
    /// The pace at which every server is asked first.
    pub fn new() -> Self {
        Self {
            limit: FEWEST,
            kinds: Default::default(),
            answers: 0,
            since: None,
            crowded: false,
            warned: false,
            slowness: 1.0,
        }
    }

    /// Requests that may be asked at once.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Takes note that somebody has to wait to ask.
    pub fn crowd(&mut self) {
        self.crowded = true;
    }

    /// Takes note of an answer that took so long and came `at` this time after the beginning.
    pub fn answer(&mut self, request: Request, took: Duration, at: Duration) {
        if took < AT_HOME {
            return;
        }
        let recent = &mut self.kinds[request as usize].recent;
        if recent.len() < REMEMBERED {
            recent.push(took);
        }
        self.answers += 1;
        let since = *self.since.get_or_insert(at);
        if self.answers >= ANSWERS && at.saturating_sub(since) >= WINDOW {
            self.decide();
            (self.answers, self.since, self.crowded) = (0, Some(at), false);
        }
    }

    fn decide(&mut self) {
        let before = self.slowness;
        let slowness = self.kinds.iter_mut().filter_map(|kind| kind.slowness(before)).reduce(f64::max);
        let Some(slowness) = slowness else { return };
        self.slowness = slowness;
        self.warned |= slowness >= TOO_SLOW;
        let next = match self.limit {
            limit if slowness >= TOO_SLOW => limit / 2,
            limit if slowness >= SLOW || !self.crowded => limit,
            limit if slowness >= SLOWER || self.warned => limit + limit / 4,
            limit => limit * 2,
        };
        self.limit = next.clamp(FEWEST, MOST);
    }
}

impl Kind {
    /// How many times as long as in the quiet the recent answers took; none when there were too few to tell.
    ///
    /// What is asked for the first time was never asked in the quiet: it is taken to be as slow as everything else was
    /// `before`.
    fn slowness(&mut self, before: f64) -> Option<f64> {
        if self.recent.len() < ENOUGH {
            if self.quiet.is_some() {
                self.recent.clear();
            }
            return None;
        }
        let middle = self.recent.len() / 2;
        let median = *self.recent.select_nth_unstable(middle).1;
        self.recent.clear();
        let quiet = *self.quiet.get_or_insert_with(|| median.div_f64(before.max(1.0)));
        Some(median.as_secs_f64() / quiet.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A server that is asked as much as the pace allows, and how the limit went.
    struct Server {
        pace: Pace,
        now: Duration,
        limits: Vec<usize>,
    }

    impl Server {
        fn new() -> Self {
            Self { pace: Pace::new(), now: Duration::ZERO, limits: vec![FEWEST] }
        }

        /// Answers so many requests, each after what `takes` says for the number at once.
        fn answers(mut self, request: Request, times: usize, takes: impl Fn(usize) -> Duration) -> Self {
            for _ in 0..times {
                let limit = self.pace.limit();
                let took = takes(limit);
                self.now += took.div_f64(limit as f64);
                self.pace.crowd();
                self.pace.answer(request, took, self.now);
                if self.pace.limit() != limit {
                    self.limits.push(self.pace.limit());
                }
            }
            self
        }
    }

    #[test]
    fn a_server_that_stays_quick_is_asked_more_and_more() {
        let server = Server::new().answers(Request::Open, 10_000, |_| 3 * MS);
        assert_eq!(server.limits, [4, 8, 16, 32, 64]);
    }

    #[test]
    fn one_that_answers_sixteen_at_once_is_asked_less_than_twice_as_many() {
        let queueing = |at_once: usize| 3 * MS * at_once.max(16) as u32 / 16;
        let server = Server::new().answers(Request::Read, 100_000, queueing);
        assert_eq!(server.limits, [4, 8, 16, 32, 16, 20, 25, 31][..server.limits.len()], "{:?}", server.limits);
        assert!(server.pace.limit() < 32 && server.pace.limit() >= 16);
    }

    #[test]
    fn one_that_slows_with_every_request_stays_with_few() {
        let server = Server::new().answers(Request::Open, 100_000, |at_once| MS * at_once as u32);
        assert!(server.limits.iter().all(|limit| *limit <= 8), "{:?}", server.limits);
        assert!(server.pace.limit() < 8, "{:?}", server.limits);
    }

    #[test]
    fn one_that_becomes_busy_is_left_in_peace_and_taken_up_again_in_short_steps() {
        let server = Server::new().answers(Request::Open, 10_000, |_| 3 * MS);
        let server = server.answers(Request::Open, 10_000, |_| 30 * MS);
        assert_eq!(server.limits[4..], [64, 32, 16, 8, 4]);
        let server = server.answers(Request::Open, 2000, |_| 3 * MS);
        assert_eq!(server.limits[8..12], [4, 5, 6, 7]);
    }

    #[test]
    fn a_pace_that_nobody_waits_for_is_kept() {
        let mut pace = Pace::new();
        (0..1000).for_each(|i| pace.answer(Request::List, 3 * MS, MS * i));
        assert_eq!(pace.limit(), FEWEST);
    }

    #[test]
    fn what_this_machine_remembers_tells_nothing_of_the_server() {
        let quick = |_| Duration::from_micros(5);
        let server = Server::new().answers(Request::Open, 100_000, quick);
        assert_eq!(server.limits, [4]);
        assert_eq!(server.answers(Request::Open, 10_000, |_| 3 * MS).limits, [4, 8, 16, 32, 64]);
    }

    #[test]
    fn the_slowest_kind_of_request_decides() {
        let mut server = Server::new();
        for _ in 0..1000 {
            server = server.answers(Request::List, 1, |_| 3 * MS);
            server = server.answers(Request::Fill, 1, |at_once| 9 * MS * at_once as u32 / 4);
        }
        assert!(server.limits.iter().all(|limit| *limit <= 8), "{:?}", server.limits);
    }

    #[test]
    fn what_is_first_asked_of_a_slowed_server_counts_as_slowed() {
        // Slow by half at eight and more.
        let slowed = |ms: u32| move |at_once: usize| if at_once >= 8 { ms * MS * 3 / 2 } else { ms * MS };
        let server = Server::new().answers(Request::Open, 600, slowed(4));
        assert!(server.pace.limit() >= 8);
        let mut server = server.answers(Request::Fill, 600, slowed(40));
        assert_eq!(server.pace.kinds[Request::Fill as usize].quiet, Some(40 * MS));
        server = server.answers(Request::Fill, 6000, |_| 81 * MS);
        assert_eq!(server.pace.limit(), FEWEST);
    }

    proptest! {
        #[test]
        fn no_answers_lead_out_of_the_bounds(answers in prop::collection::vec((0_usize..4, 1_u64..200_000), 0..5000)) {
            let mut pace = Pace::new();
            let mut now = Duration::ZERO;
            for (kind, micros) in answers {
                let request = [Request::List, Request::Open, Request::Read, Request::Fill][kind];
                let (took, before) = (Duration::from_micros(micros), pace.limit());
                now += took / before as u32;
                pace.crowd();
                pace.answer(request, took, now);
                prop_assert!((FEWEST..=MOST).contains(&pace.limit()));
                prop_assert!(pace.limit() <= 2 * before, "at most twice as many at a time");
            }
        }
    }
}
