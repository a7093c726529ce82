//! Documents are read in worker processes: a parser that hangs, aborts, overflows its stack or takes all memory costs
//! the part it read, never the scan.
//!
//! A worker is the program itself, started anew and locked in. It is handed open files and gives text back; detection,
//! tokens and the key stay here.

mod sandbox;
mod serve;
#[cfg(test)]
mod tests;
mod wire;

use std::fs::File;
use std::io::{self, IoSlice, PipeReader, Read, Seek, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionbio;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::documents::{Reading, Sandbox};
use super::memory::{self, LEAST_BYTES};
use crate::format::{Limits, Resume, Summary};
use crate::model::{Delimited, Part, ProblemKind, Sink};
use wire::{Packet, Reply, Request, Unpacked};

pub use serve::serve;

/// Files after which a worker is replaced, so that what it may have lost of its memory comes back.
const FILES_PER_WORKER: u32 = 2000;

/// How often a silent worker is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Longest that a worker may take to start.
const START: Duration = Duration::from_secs(10);

/// Time after which a worker that says nothing waits for a disk that does not answer.
const SILENT: Duration = Duration::from_secs(120);

/// Part of a file's processor time that may go by without a word: the worker has lost its way then.
const SILENT_PART: u32 = 6;

/// Bytes of a file that add a second to its processor time.
const BYTES_PER_SECOND: u64 = 1 << 20;

/// What the standard library says when it ends a process for want of memory.
const OUT_OF_MEMORY: &[u8] = b"memory allocation of ";

/// Most that is read of what a worker said when it ended, in bytes.
const LAST_WORDS: usize = 4096;

/// Files inside a file that may be lost before the rest of it is given up.
const LOST_MEMBERS: usize = 20;

/// Bytes of answers that are taken at a time.
const TAKEN_BYTES: usize = 256 << 10;

/// Bytes of the stack and the program itself, which are counted with the memory of a worker.
const OWN_BYTES: u64 = 96 << 20;

/// How workers are started.
#[derive(Clone, Debug)]
pub struct Workers {
    program: PathBuf,
    /// With which arguments it becomes a worker.
    arguments: Vec<String>,
    /// Bytes that one may take when no other runs.
    memory: u64,
    time: Duration,
    level: Sandbox,
}

impl Workers {
    /// Workers that are `program`, started with `__worker`. All processes of the scan may take `memory` bytes together;
    /// one file may cost `time` of a processor and a second more for each MiB of it.
    ///
    /// # Errors
    /// When none can be started.
    pub fn new(program: PathBuf, memory: u64, time: Duration) -> io::Result<Self> {
        Self::started_with(program, vec!["__worker".to_owned()], memory::for_documents(memory), time)
    }

    fn started_with(program: PathBuf, arguments: Vec<String>, memory: u64, time: Duration) -> io::Result<Self> {
        let mut workers = Self { program, arguments, memory, time, level: Sandbox::None };
        workers.level = workers.start()?.level;
        Ok(workers)
    }

    /// How far they are locked in.
    pub fn level(&self) -> Sandbox {
        self.level
    }

    /// The most memory that one may take, in bytes.
    pub fn memory(&self) -> u64 {
        self.memory
    }

    fn start(&self) -> io::Result<Worker> {
        let (socket, theirs) = UnixStream::pair()?;
        // A worker that says more than a pipe holds does not wait: its words are lost.
        let (errors, their_errors) = io::pipe()?;
        ioctl_fionbio(&their_errors, true)?;
        ioctl_fionbio(&errors, true)?;
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(their_errors)
            .spawn()?;
        let (patience, level) = (self.time / SILENT_PART, Sandbox::None);
        let taken = Vec::new();
        let mut worker = Worker { child, socket, errors, taken, at: 0, files: 0, memory: 0, patience, level };
        worker.limit(self.memory, self.memory)?;
        worker.socket.set_read_timeout(Some(LOOK))?;
        let asked = Instant::now();
        while asked.elapsed() < START {
            if let Next::Packet(packet) = worker.next()?
                && let Some(Reply::Ready(level)) = Unpacked::new(&packet).reply()
            {
                worker.level = Sandbox::ALL.get(usize::from(level)).copied().unwrap_or(Sandbox::None);
                return Ok(worker);
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// Reads documents with one worker at a time, and another when that is lost.
pub struct Reader {
    workers: Workers,
    worker: Option<Worker>,
    stop: Arc<AtomicBool>,
}

impl Reader {
    /// A reader that ends when `stop` is set.
    pub fn new(workers: Workers, stop: Arc<AtomicBool>) -> Self {
        Self { workers, worker: None, stop }
    }

    /// Ends the worker, so that its memory is there for others.
    pub fn rest(&mut self) {
        self.worker = None;
    }

    /// Reads a file within `limits` and `memory` bytes, and gives its text to `sink`. `contents` are all of it, if it is
    /// small. None when it needs more memory and may have it: what was given is of no use then.
    pub fn read(
        &mut self,
        file: &File,
        contents: Option<&[u8]>,
        memory: u64,
        limits: &Limits,
        sink: &mut dyn Sink,
    ) -> Option<Reading> {
        let reading = self.read_within(memory, file, contents, limits, sink);
        if memory > LEAST_BYTES {
            // Memory that was used once stays with its process.
            self.rest();
        }
        reading
    }

    fn read_within(
        &mut self,
        memory: u64,
        file: &File,
        contents: Option<&[u8]>,
        limits: &Limits,
        sink: &mut dyn Sink,
    ) -> Option<Reading> {
        let &Limits { expanded_bytes, parts, depth, .. } = limits;
        let contents = contents.map(<[u8]>::to_vec);
        let mut request = Request { expanded_bytes, parts, depth, contents, resume: Resume::default() };
        let mut heard = Heard::new(expanded_bytes);
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        let mut left = self.workers.time + Duration::from_secs(size / BYTES_PER_SECOND);
        loop {
            let lost = match self.ask(&request, file, memory, &mut heard, &mut left, sink) {
                Ok((_, summary)) if lacked_memory(&summary) && memory < self.workers.memory => return None,
                Ok((format, summary)) => return Some(Reading { format: Some(format), summary }),
                Err(ProblemKind::Memory) if memory < self.workers.memory => return None,
                Err(lost) => lost,
            };
            let again = matches!(lost, ProblemKind::Damaged | ProblemKind::Timeout | ProblemKind::Memory);
            match heard.begin_again(&request.resume, lost) {
                Some(resume) if again && !left.is_zero() => request.resume = resume,
                _ => return Some(heard.lost(lost)),
            }
        }
    }

    fn ask(
        &mut self,
        request: &Request,
        file: &File,
        memory: u64,
        heard: &mut Heard,
        left: &mut Duration,
        sink: &mut dyn Sink,
    ) -> Result<(&'static str, Summary), ProblemKind> {
        let mut worker = match self.worker.take() {
            Some(worker) if worker.files < FILES_PER_WORKER => worker,
            _ => self.workers.start().map_err(|_| ProblemKind::ReadError)?,
        };
        worker.files += 1;
        worker.limit(memory, self.workers.memory).map_err(|_| ProblemKind::ReadError)?;
        // The worker reads from where the file stands.
        let mut at = file;
        let _ = at.rewind();
        let sent = worker.send(request, file);
        let done = match sent {
            Ok(()) => worker.hear(heard, left, sink, &self.stop),
            Err(_) => Err(Loss::Gone),
        };
        match done {
            Ok(done) => {
                self.worker = Some(worker);
                Ok(done)
            }
            Err(Loss::Kind(kind)) => Err(kind),
            Err(Loss::Gone) => Err(worker.end()),
        }
    }
}

/// True when a reader told that it had not the memory for something.
fn lacked_memory(summary: &Summary) -> bool {
    let members = summary.members.unread.contains_key(&ProblemKind::Memory);
    members || summary.problems.iter().any(|problem| problem.kind == ProblemKind::Memory)
}

/// A worker process.
struct Worker {
    child: Child,
    socket: UnixStream,
    /// What it says when it ends.
    errors: PipeReader,
    /// What it said and was not yet understood, from `at` on.
    taken: Vec<u8>,
    at: usize,
    files: u32,
    /// Bytes of memory that it may take.
    memory: u64,
    /// Processor time that it may take without a word.
    patience: Duration,
    level: Sandbox,
}

/// How a worker is lost.
enum Loss {
    /// It was given up, for this reason.
    Kind(ProblemKind),
    /// It ended by itself.
    Gone,
}

/// What comes next from a worker.
enum Next {
    Packet(Vec<u8>),
    /// It said nothing for a while.
    Silence,
}

impl Worker {
    /// Limits its memory to so many bytes, which may be raised to `most` later.
    fn limit(&mut self, memory: u64, most: u64) -> io::Result<()> {
        if memory != self.memory {
            let limit = Rlimit { current: Some(memory + OWN_BYTES), maximum: Some(most + OWN_BYTES) };
            prlimit(Pid::from_raw(self.child.id() as i32), Resource::Data, limit)?;
            self.memory = memory;
        }
        Ok(())
    }

    fn send(&mut self, request: &Request, file: &File) -> io::Result<()> {
        let packet = Packet::request(request).finish();
        let (length, contents) = packet.split_at(4);
        let files = [file.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if request.contents.is_none() {
            ancillary.push(SendAncillaryMessage::ScmRights(&files));
        }
        let sent = sendmsg(&self.socket, &[IoSlice::new(length)], &mut ancillary, SendFlags::NOSIGNAL)?;
        self.socket.write_all(&length[sent..])?;
        self.socket.write_all(contents)
    }

    /// Hands what the worker says to `sink` until the file is read. What it takes of a processor goes from `left`.
    fn hear(
        &mut self,
        heard: &mut Heard,
        left: &mut Duration,
        sink: &mut dyn Sink,
        stop: &AtomicBool,
    ) -> Result<(&'static str, Summary), Loss> {
        let mut looked = Instant::now();
        let mut last = looked;
        let mut spent = self.processor_time();
        let mut spent_in_silence = Duration::ZERO;
        loop {
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                let before = std::mem::replace(&mut spent, self.processor_time());
                let took = spent.saturating_sub(before);
                spent_in_silence += took;
                *left = left.saturating_sub(took);
                if left.is_zero() || spent_in_silence > self.patience || last.elapsed() > SILENT {
                    return Err(Loss::Kind(ProblemKind::Timeout));
                }
            }
            if stop.load(Ordering::Relaxed) {
                return Err(Loss::Kind(ProblemKind::NotReached));
            }
            let packet = match self.next().map_err(|_| Loss::Gone)? {
                Next::Packet(packet) => packet,
                Next::Silence => continue,
            };
            let reply = Unpacked::new(&packet).reply().ok_or(Loss::Kind(ProblemKind::Damaged))?;
            if let Some(done) = heard.take(reply, sink)? {
                return Ok(done);
            }
            (last, spent_in_silence) = (Instant::now(), Duration::ZERO);
        }
    }

    /// The next packet, or silence. An error when the worker is gone.
    fn next(&mut self) -> io::Result<Next> {
        if let Some(packet) = self.packet()? {
            return Ok(Next::Packet(packet));
        }
        self.taken.drain(..self.at);
        self.at = 0;
        let filled = self.taken.len();
        self.taken.resize(filled + TAKEN_BYTES, 0);
        let got = self.socket.read(&mut self.taken[filled..]);
        self.taken.truncate(filled + got.as_ref().copied().unwrap_or(0));
        match got {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(self.packet()?.map_or(Next::Silence, Next::Packet)),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                Ok(Next::Silence)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Next::Silence),
            Err(error) => Err(error),
        }
    }

    /// A whole packet of what was taken, if there is one.
    fn packet(&mut self) -> io::Result<Option<Vec<u8>>> {
        let rest = &self.taken[self.at..];
        let Some((length, contents)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let whole = wire::length(*length)?;
        let Some(packet) = contents.get(..whole) else { return Ok(None) };
        let packet = packet.to_vec();
        self.at += 4 + whole;
        Ok(Some(packet))
    }

    /// How long it kept a processor busy, as far as the system tells.
    fn processor_time(&self) -> Duration {
        let ticks = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok().and_then(|stat| {
            // The name of the program, in brackets, may hold anything; the 12th and 13th word after it are the times.
            let mut words = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
            Some(words.next()?.parse::<u64>().ok()? + words.next()?.parse::<u64>().ok()?)
        });
        // A hundred ticks a second on every Linux that there is.
        Duration::from_millis(ticks.unwrap_or(0) * 10)
    }

    /// Why it ended, when it did so by itself.
    fn end(mut self) -> ProblemKind {
        let status = self.gone();
        let mut last_words = [0; LAST_WORDS];
        let said = self.errors.read(&mut last_words).unwrap_or(0);
        let out_of_memory = memchr::memmem::find(&last_words[..said], OUT_OF_MEMORY).is_some();
        // Killed, and not by us: the system had no memory left.
        let killed = status.is_some_and(|status| status.signal() == Some(9));
        if out_of_memory || killed { ProblemKind::Memory } else { ProblemKind::Damaged }
    }

    /// Waits for it to be gone, as long as that may take. One that waits for a disk goes when the disk answers.
    fn gone(&mut self) -> Option<ExitStatus> {
        let asked = Instant::now();
        while asked.elapsed() < LOOK {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        self.gone();
    }
}

/// What was heard of a file.
struct Heard {
    /// Bytes of text that it may still give.
    budget: u64,
    parts: Arc<[Part]>,
    delimited: Option<Delimited>,
    /// True when some text came.
    read: bool,
    /// True when some came since the last file inside it began or ended.
    given: bool,
    /// Files inside it that began.
    begun: u64,
    /// Those that did not end, outermost first, each by how many began before it.
    open: Vec<u64>,
}

impl Heard {
    fn new(budget: u64) -> Self {
        Self { budget, parts: Arc::from([]), delimited: None, read: false, given: false, begun: 0, open: Vec::new() }
    }

    /// How to begin again when the reading was lost; none when nothing more can be had.
    ///
    /// What was lost without a word of it is read once more, carefully; a file inside the file that is lost once more is
    /// passed over.
    fn begin_again(&mut self, resume: &Resume, why: ProblemKind) -> Option<Resume> {
        let mut resume = resume.clone();
        let member = self.open.last().copied();
        let inside = member.map_or(0, |member| member + 1);
        if !self.given && inside == self.begun && !(resume.careful && resume.from == inside) {
            resume.from = inside;
            resume.careful = true;
        } else {
            let member = member.filter(|member| resume.lost.iter().all(|(lost, _)| lost != member))?;
            resume.lost.push((member, why));
            resume.from = member + 1;
            resume.careful = false;
        }
        self.parts = Arc::from([]);
        self.delimited = None;
        self.given = false;
        self.begun = 0;
        self.open.clear();
        (resume.lost.len() <= LOST_MEMBERS).then_some(resume)
    }

    fn take(&mut self, reply: Reply<'_>, sink: &mut dyn Sink) -> Result<Option<(&'static str, Summary)>, Loss> {
        match reply {
            Reply::Text(text) => {
                let left = self.budget.checked_sub(text.new_bytes() as u64);
                self.budget = left.ok_or(Loss::Kind(ProblemKind::TooLarge))?;
                self.read = true;
                self.given = true;
                sink.text(&text.text(&self.parts, self.delimited.as_ref()));
            }
            Reply::Parts(parts) => self.parts = parts,
            Reply::Delimited(delimited) => self.delimited = delimited,
            Reply::MemberBegins => {
                self.open.push(self.begun);
                self.begun += 1;
                self.given = false;
            }
            Reply::MemberEnds => drop(self.open.pop()),
            Reply::GoesOn => {}
            Reply::Done(format, summary) => return Ok(Some((format, summary))),
            Reply::Ready(_) => return Err(Loss::Kind(ProblemKind::Damaged)),
        }
        Ok(None)
    }

    /// What is known of a file whose reading was lost.
    fn lost(self, kind: ProblemKind) -> Reading {
        let mut reading = Reading::lost(kind);
        reading.summary.read = self.read;
        reading
    }
}
