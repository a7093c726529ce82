//! The worker's side: reads one file after another and says what is in them, until the program goes.

use std::fs::File;
use std::io::{self, BufWriter, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

use super::sandbox;
use super::wire::{self, Packet, Request, Unpacked};
use crate::format::{self, Input, Limits, Output, Summary, problem_kind};
use crate::model::{Delimited, Part, Problem, Sink, Text};

/// Stack of the thread that reads, in bytes: parsers go deep.
const STACK_BYTES: usize = 64 << 20;

/// Bytes of answers that are kept until they are sent together.
const BUFFER_BYTES: usize = 64 << 10;

/// How often a reading that gives no text says that it goes on.
const BEAT: Duration = Duration::from_millis(500);

/// Calls between two looks at the clock.
const CALLS_PER_LOOK: u32 = 256;

/// Serves requests that come over standard input, which is a socket, and answers there.
///
/// # Errors
/// When standard input is no socket, or the thread cannot be started.
pub fn serve() -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let level = sandbox::lock();
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || answer(&socket, level as u8))?
        .join()
        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

fn answer(socket: &UnixStream, level: u8) -> io::Result<()> {
    let mut pipe = Pipe::new(socket);
    pipe.say(Packet::ready(level));
    pipe.flush();
    let mut contents = Vec::new();
    let mut buffer = Vec::new();
    while let Some((file, length)) = receive_file(socket)? {
        wire::receive(&mut &*socket, length, &mut contents)?;
        let request = Unpacked::new(&contents).request().ok_or(io::ErrorKind::InvalidData)?;
        buffer = read(request, file, buffer, &mut pipe)?;
        pipe.flush();
        pipe.error.take().map_or(Ok(()), Err)?;
    }
    Ok(())
}

/// Reads one file and says what is in it. Gives the buffer back.
fn read(request: Request, file: Option<OwnedFd>, buffer: Vec<u8>, pipe: &mut Pipe<'_>) -> io::Result<Vec<u8>> {
    let Request { expanded_bytes, parts, depth, .. } = request;
    let limits = Limits { expanded_bytes, parts, depth, stop: Arc::default() };
    let file = file.map(File::from);
    let mut input = match (request.contents, &file) {
        (Some(contents), _) => Input::bytes(contents),
        (None, Some(file)) => match Input::file(file, buffer) {
            Ok(input) => input,
            // The file is at fault, not the worker: the disk or the server no longer gives it.
            Err(error) => {
                let summary = Summary { problems: vec![Problem::of_whole(problem_kind(&error))], ..Summary::default() };
                pipe.say(Packet::done(format::UNKNOWN, &summary));
                return Ok(Vec::new());
            }
        },
        (None, None) => return Err(io::ErrorKind::InvalidData.into()),
    };
    pipe.begin(request.resume.careful);
    let (format, summary) = Output::new(pipe, &limits).resume(request.resume).read(&mut input);
    pipe.say(Packet::done(format, &summary));
    Ok(input.into_buffer())
}

/// The open file that comes with a packet, if one does, and the length of the packet; none at the end.
fn receive_file(socket: &UnixStream) -> io::Result<Option<(Option<OwnedFd>, [u8; 4])>> {
    let mut length = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut length)];
    let got = recvmsg(socket, &mut parts, &mut ancillary, RecvFlags::CMSG_CLOEXEC)?.bytes;
    if got == 0 {
        return Ok(None);
    }
    let mut file = None;
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(mut files) = message {
            file = files.next();
        }
    }
    (&*socket).read_exact(&mut length[got..])?;
    Ok(Some((file, length)))
}

/// Says what is read.
struct Pipe<'a> {
    out: BufWriter<&'a UnixStream>,
    parts: Arc<[Part]>,
    delimited: Option<Delimited>,
    /// True when every word is sent at once.
    careful: bool,
    said: Instant,
    calls: u32,
    error: Option<io::Error>,
}

impl<'a> Pipe<'a> {
    fn new(socket: &'a UnixStream) -> Self {
        Self {
            out: BufWriter::with_capacity(BUFFER_BYTES, socket),
            parts: Arc::from([]),
            delimited: None,
            careful: false,
            said: Instant::now(),
            calls: 0,
            error: None,
        }
    }

    /// Forgets what was said of the file before.
    fn begin(&mut self, careful: bool) {
        self.careful = careful;
        self.parts = Arc::from([]);
        self.delimited = None;
        self.said = Instant::now();
    }

    fn say(&mut self, packet: Packet) {
        if self.error.is_none() {
            self.error = packet.send(&mut self.out).err();
        }
    }

    fn flush(&mut self) {
        if self.error.is_none() {
            self.error = self.out.flush().err();
        }
        self.said = Instant::now();
    }
}

impl Sink for Pipe<'_> {
    fn text(&mut self, text: &Text<'_>) {
        if !Arc::ptr_eq(&self.parts, text.parts) {
            self.parts = Arc::clone(text.parts);
            self.say(Packet::parts(text.parts));
        }
        if text.delimited.is_some() && text.delimited != self.delimited.as_ref() {
            self.delimited = text.delimited.cloned();
            self.say(Packet::delimited(text.delimited));
        }
        self.say(Packet::text(text));
        if self.careful {
            self.flush();
        }
    }

    fn member_begins(&mut self) {
        self.say(Packet::member_begins());
        // The program must know where a worker was when it is lost.
        self.flush();
    }

    fn member_ends(&mut self) {
        self.say(Packet::member_ends());
    }

    fn goes_on(&mut self) {
        self.calls += 1;
        if self.calls.is_multiple_of(CALLS_PER_LOOK) && self.said.elapsed() > BEAT {
            self.say(Packet::goes_on());
            self.flush();
        }
    }
}
