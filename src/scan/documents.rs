//! Who reads documents: worker processes that are locked in, or the thread that has the document.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::Serialize;

#[cfg(target_os = "linux")]
use super::worker;
use crate::format::{Input, Limits, Output, Summary};
use crate::model::{Problem, ProblemKind, Sink};

/// Where documents are read.
#[derive(Clone, Debug)]
pub enum Isolation {
    /// In the program itself: what a parser does to its process, it does to the scan.
    InProcess,
    /// In worker processes.
    #[cfg(target_os = "linux")]
    Workers(worker::Workers),
}

/// How far those who read documents are locked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sandbox {
    /// Documents are read in the program itself, or in workers that are not locked in.
    None,
    /// In workers of which the system locks in a part only.
    Partial,
    /// In workers that can open nothing and reach nothing.
    Full,
}

impl Sandbox {
    /// All levels, the least first.
    pub const ALL: [Self; 3] = [Self::None, Self::Partial, Self::Full];
}

impl Isolation {
    /// The memory that documents may take together, in bytes; all that there is where nothing limits it.
    pub fn memory(&self) -> u64 {
        match self {
            Self::InProcess => u64::MAX,
            #[cfg(target_os = "linux")]
            Self::Workers(workers) => workers.memory(),
        }
    }

    /// How far those who read documents are locked in.
    pub fn sandbox(&self) -> Sandbox {
        match self {
            Self::InProcess => Sandbox::None,
            #[cfg(target_os = "linux")]
            Self::Workers(workers) => workers.level(),
        }
    }
}

/// The documents that one thread has read.
pub enum Documents {
    /// By itself.
    Here,
    /// By a worker of its own.
    #[cfg(target_os = "linux")]
    Worker(worker::Reader),
}

/// What reading a file gave beside its text.
pub struct Reading {
    /// What it was read as, where that is known.
    pub format: Option<&'static str>,
    /// What is known of it.
    pub summary: Summary,
}

impl Reading {
    /// What is known of a file of which nothing more came.
    pub fn lost(kind: ProblemKind) -> Self {
        let summary = Summary { problems: vec![Problem::of_whole(kind)], ..Summary::default() };
        Self { format: None, summary }
    }
}

impl Documents {
    /// Documents that are read as `isolation` says, until `stop` is set.
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "only workers need to be stopped"))]
    pub fn new(isolation: &Isolation, stop: &Arc<AtomicBool>) -> Self {
        match isolation {
            Isolation::InProcess => Self::Here,
            #[cfg(target_os = "linux")]
            Isolation::Workers(workers) => Self::Worker(worker::Reader::new(workers.clone(), Arc::clone(stop))),
        }
    }

    /// Ends who reads, so that its memory is there for others, until there is more to read.
    pub fn rest(&mut self) {
        match self {
            Self::Here => {}
            #[cfg(target_os = "linux")]
            Self::Worker(reader) => reader.rest(),
        }
    }

    /// Reads a file of `size` bytes, of which the first are in `head`, and gives its text to `sink`. It may take `memory`
    /// bytes; none when that is too little and it may have more: what was given is of no use then.
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "only workers are limited in memory"))]
    pub fn read(
        &mut self,
        file: &File,
        size: u64,
        head: &mut Vec<u8>,
        memory: u64,
        limits: &Limits,
        sink: &mut dyn Sink,
    ) -> Option<Reading> {
        match self {
            Self::Here => {
                let (format, summary) = Output::new(sink, limits).read(&mut Input::resumed(file, std::mem::take(head)));
                Some(Reading { format: Some(format), summary })
            }
            #[cfg(target_os = "linux")]
            Self::Worker(reader) => {
                let whole = Some(&head[..]).filter(|head| head.len() as u64 == size);
                reader.read(file, whole, memory, limits, sink)
            }
        }
    }
}
