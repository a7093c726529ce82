//! Tells how far a scan is: a line on a terminal, one heartbeat a minute elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sporhund::model::{Entry, FileRecord, Outcome};
use sporhund::scan::Progress;

/// How often the line on a terminal changes.
const TICK: Duration = Duration::from_millis(200);

/// How often a line is written where nobody looks.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// Counts what a scan does and tells of it on standard error.
pub struct Told {
    bar: ProgressBar,
    verbose: u8,
    started: Instant,
    found: AtomicU64,
    walked: AtomicBool,
    done: AtomicU64,
    bytes: AtomicU64,
    records: AtomicU64,
    reading: Mutex<String>,
}

impl Told {
    /// Tells nothing when `quiet`; with `verbose` also of each unread file (1) or of each file (2).
    pub fn new(quiet: bool, verbose: u8) -> Self {
        let terminal = !quiet && std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg}").expect("the template is a constant"));
        Self {
            bar,
            verbose,
            started: Instant::now(),
            found: AtomicU64::new(0),
            walked: AtomicBool::new(false),
            done: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            records: AtomicU64::new(0),
            reading: Mutex::new(String::new()),
        }
    }

    /// Runs `work` and tells of it until it is done.
    pub fn during<T>(&self, quiet: bool, work: impl FnOnce() -> T) -> T {
        let (ended, wait) = crossbeam_channel::bounded::<()>(0);
        std::thread::scope(|scope| {
            if !quiet {
                scope.spawn(move || {
                    let every = if self.bar.is_hidden() { HEARTBEAT } else { TICK };
                    while wait.recv_timeout(every).is_err_and(|error| error.is_timeout()) {
                        self.tell();
                    }
                });
            }
            let result = work();
            drop(ended);
            self.bar.finish_and_clear();
            result
        })
    }

    fn tell(&self) {
        if self.bar.is_hidden() {
            crate::say(&self.state());
        } else {
            let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner).clone();
            self.bar.set_message(format!("{} · {reading}", self.state()));
            self.bar.tick();
        }
    }

    fn state(&self) -> String {
        let [done, found, bytes, records] =
            [&self.done, &self.found, &self.bytes, &self.records].map(|count| count.load(Ordering::Relaxed));
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let walked = self.walked.load(Ordering::Relaxed);
        let left = if walked && done > 0 {
            let left = Duration::from_secs_f64(seconds * found.saturating_sub(done) as f64 / done as f64);
            format!(", {} left", HumanDuration(left))
        } else {
            String::new()
        };
        format!(
            "{} of {}{} files, {} ({}/s), {} records of persons{left}",
            HumanCount(done),
            HumanCount(found),
            if walked { "" } else { " or more" },
            BinaryBytes(bytes),
            BinaryBytes((bytes as f64 / seconds) as u64),
            HumanCount(records),
        )
    }
}

impl Progress for Told {
    fn found(&self) {
        self.found.fetch_add(1, Ordering::Relaxed);
    }

    fn walked(&self) {
        self.walked.store(true, Ordering::Relaxed);
    }

    fn reading(&self, entry: &Entry) {
        // Only what is shown is made: nobody looks at every file of a million.
        if !self.bar.is_hidden()
            && let Ok(mut reading) = self.reading.try_lock()
        {
            *reading = entry.path.shown().to_string();
        }
    }

    fn examined(&self, record: &FileRecord) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(record.bytes, Ordering::Relaxed);
        self.records.fetch_add(record.counts.records, Ordering::Relaxed);
        let clean = matches!(record.outcome(), Outcome::Read | Outcome::Excluded(_));
        if self.verbose > 1 || self.verbose == 1 && !clean {
            let problems: Vec<String> = record
                .problems
                .iter()
                .map(|problem| serde_json::to_string(problem).expect("a problem is two words"))
                .collect();
            self.bar.suspend(|| crate::say(&format!("{}: {}", record.entry.path.shown(), problems.join(" "))));
        }
    }
}
