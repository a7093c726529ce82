//! A folder as it is seen through a network: every request takes a while, and all bytes go through one link.
//!
//! It is mounted by FUSE and read only. What a server counts as requests is counted: looking up, listing, opening, reading
//! and closing. As over SMB, a listing brings the attributes of what it lists, which hold for a second.

#![allow(dead_code, clippy::unwrap_used, reason = "each uses a part; one that cannot go on fails")]

mod nodes;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use fuser::{
    BackgroundSession, Config, Errno, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, InitFlags,
    KernelConfig, LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyDirectory, ReplyDirectoryPlus,
    ReplyEmpty, ReplyEntry, ReplyOpen, Request,
};
use nodes::{Handles, Nodes, attributes};
use tempfile::TempDir;

/// Threads of the server: more than anybody may ask at once.
const THREADS: usize = 160;

/// How long what is known of a file holds.
const REMEMBERED: Duration = Duration::from_secs(1);

/// How a distant folder behaves; as a near one where nothing is given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Distance {
    /// What every request takes.
    pub latency: Duration,
    /// What the link carries in a second; without end where there is none.
    pub bytes_per_second: Option<f64>,
    /// How many requests the server works on at once, while others wait; any number where none is given.
    pub works_on: Option<usize>,
    /// From which request on, counted from 0, all fail.
    pub hangs_up_at: Option<usize>,
}

/// A request that came.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// For what.
    pub what: &'static str,
    /// When, since the mounting.
    pub at: Duration,
    /// How many were being answered then, itself among them.
    pub at_once: usize,
}

/// A mounted folder; gone when dropped.
pub struct Distant {
    server: Arc<Server>,
    session: Option<BackgroundSession>,
    point: TempDir,
}

impl Distant {
    /// Mounts what is in `source`.
    ///
    /// # Errors
    /// When this system does not let us.
    pub fn mount(source: &Path, distance: Distance) -> io::Result<Self> {
        let server = Arc::new(Server::new(source.canonicalize()?, distance));
        let point = TempDir::with_prefix("distant")?;
        let mut config = Config::default();
        config.mount_options = vec![MountOption::RO, MountOption::FSName("distant".to_owned())];
        config.n_threads = Some(THREADS);
        config.clone_fd = true;
        let session = fuser::spawn_mount(Door(Arc::clone(&server)), point.path(), &config)?;
        Ok(Self { server, session: Some(session), point })
    }

    /// Mounts, or says on standard error why what needs it is skipped.
    #[allow(clippy::print_stderr, reason = "nobody shall take it for tested")]
    pub fn mount_or_skip(source: &Path, distance: Distance) -> Option<Self> {
        let mounted = Self::mount(source, distance);
        mounted.inspect_err(|error| eprintln!("SKIPPED, not tested: FUSE cannot be mounted here ({error})")).ok()
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.point.path()
    }

    /// All requests, in the order of their coming.
    pub fn requests(&self) -> Vec<Asked> {
        self.server.asked.lock().unwrap().clone()
    }

    /// Forgets what was asked.
    pub fn forget(&self) {
        self.server.asked.lock().unwrap().clear();
    }
}

impl Drop for Distant {
    fn drop(&mut self) {
        // Lazily, for somebody may still have a file of it open.
        let unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            let _ = Command::new("fusermount3").args(["-u", "-z"]).arg(self.path()).status();
        }
        drop(self.session.take());
    }
}

/// What stands at the other end.
struct Server {
    distance: Distance,
    nodes: Nodes,
    files: Handles<File>,
    folders: Handles<Vec<(PathBuf, FileType)>>,
    /// When the link is free again.
    link: Mutex<Option<Instant>>,
    answering: AtomicUsize,
    working: Mutex<usize>,
    worked: Condvar,
    began: Instant,
    asked: Mutex<Vec<Asked>>,
}

impl Server {
    fn new(root: PathBuf, distance: Distance) -> Self {
        Self {
            distance,
            nodes: Nodes::new(root),
            files: Handles::default(),
            folders: Handles::default(),
            link: Mutex::default(),
            answering: AtomicUsize::default(),
            working: Mutex::default(),
            worked: Condvar::new(),
            began: Instant::now(),
            asked: Mutex::default(),
        }
    }

    /// Answers a request after the while that it takes.
    fn answer<T>(&self, what: &'static str, answer: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
        let at_once = self.answering.fetch_add(1, Ordering::SeqCst) + 1;
        let request = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(Asked { what, at: self.began.elapsed(), at_once });
            asked.len() - 1
        };
        self.work();
        let fails = self.distance.hangs_up_at.is_some_and(|at| request >= at);
        let answer = if fails { Err(Errno::EIO) } else { answer() };
        self.answering.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    /// Takes as long as a request takes, after those for which there is no room.
    fn work(&self) {
        let Some(room) = self.distance.works_on else { return std::thread::sleep(self.distance.latency) };
        let mut working = self.working.lock().unwrap();
        while *working >= room {
            working = self.worked.wait(working).unwrap();
        }
        *working += 1;
        drop(working);
        std::thread::sleep(self.distance.latency);
        *self.working.lock().unwrap() -= 1;
        self.worked.notify_one();
    }

    fn path(&self, node: INodeNo) -> Result<PathBuf, Errno> {
        self.nodes.path(node.0).ok_or(Errno::ENOENT)
    }

    /// Waits until so many bytes have gone through the link, after all that were sent before.
    fn send(&self, bytes: usize) {
        let Some(rate) = self.distance.bytes_per_second else { return };
        let sent = {
            let mut link = self.link.lock().unwrap();
            let now = Instant::now();
            let sent = link.unwrap_or(now).max(now) + Duration::from_secs_f64(bytes as f64 / rate);
            *link = Some(sent);
            sent
        };
        std::thread::sleep(sent.saturating_duration_since(Instant::now()));
    }

    fn read(&self, file: FileHandle, offset: u64, size: u32) -> Result<Vec<u8>, Errno> {
        let file = self.files.get(file.0).ok_or(Errno::EBADF)?;
        let mut bytes = vec![0; size as usize];
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read_at(&mut bytes[filled..], offset + filled as u64)? {
                0 => break,
                got => filled += got,
            }
        }
        bytes.truncate(filled);
        self.send(filled);
        Ok(bytes)
    }

    fn list(&self, folder: INodeNo) -> Result<u64, Errno> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(folder)?)? {
            let entry = entry?;
            names.push((entry.path(), FileType::from_std(entry.file_type()?).ok_or(Errno::EIO)?));
        }
        Ok(self.folders.add(names))
    }
}

/// What the kernel knocks at.
struct Door(Arc<Server>);

impl Filesystem for Door {
    fn init(&mut self, _: &Request, kernel: &mut KernelConfig) -> io::Result<()> {
        let _ = kernel.set_max_background(THREADS as u16);
        let _ = kernel.set_max_readahead(1 << 20);
        let _ = kernel.add_capabilities(InitFlags::FUSE_PARALLEL_DIROPS | InitFlags::FUSE_DO_READDIRPLUS);
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let server = &self.0;
        let found = server.answer("look up", || {
            let path = server.path(parent)?.join(name);
            let metadata = fs::symlink_metadata(&path)?;
            Ok(attributes(server.nodes.add(path), &metadata))
        });
        match found {
            Ok(attributes) => reply.entry(&REMEMBERED, &attributes, Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn getattr(&self, _: &Request, node: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        let server = &self.0;
        match server.answer("attributes", || Ok(attributes(node.0, &fs::symlink_metadata(server.path(node)?)?))) {
            Ok(attributes) => reply.attr(&REMEMBERED, &attributes),
            Err(error) => reply.error(error),
        }
    }

    fn open(&self, _: &Request, node: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let server = &self.0;
        match server.answer("open", || Ok(server.files.add(File::open(server.path(node)?)?))) {
            Ok(handle) => reply.opened(FileHandle(handle), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        file: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.0.answer("read", || self.0.read(file, offset, size)) {
            Ok(bytes) => reply.data(&bytes),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        match self.0.answer("close", || Ok(())) {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(error),
        }
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        file: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.0.files.remove(file.0);
        reply.ok();
    }

    fn opendir(&self, _: &Request, node: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.0.answer("open folder", || self.0.list(node)) {
            Ok(handle) => reply.opened(FileHandle(handle), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn readdir(&self, _: &Request, _: INodeNo, folder: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let server = &self.0;
        let names = match server.answer("list", || server.folders.get(folder.0).ok_or(Errno::EBADF)) {
            Ok(names) => names,
            Err(error) => return reply.error(error),
        };
        for (i, (path, kind)) in names.iter().enumerate().skip(offset as usize) {
            let node = INodeNo(server.nodes.add(path.clone()));
            if reply.add(node, i as u64 + 1, *kind, path.file_name().unwrap()) {
                break;
            }
        }
        reply.ok();
    }

    fn readdirplus(&self, _: &Request, _: INodeNo, folder: FileHandle, offset: u64, mut reply: ReplyDirectoryPlus) {
        let server = &self.0;
        let names = match server.answer("list", || server.folders.get(folder.0).ok_or(Errno::EBADF)) {
            Ok(names) => names,
            Err(error) => return reply.error(error),
        };
        for (i, (path, _)) in names.iter().enumerate().skip(offset as usize) {
            let Ok(metadata) = fs::symlink_metadata(path) else { continue };
            let attributes = attributes(server.nodes.add(path.clone()), &metadata);
            let name = path.file_name().unwrap();
            if reply.add(attributes.ino, i as u64 + 1, name, &REMEMBERED, &attributes, Generation(0)) {
                break;
            }
        }
        reply.ok();
    }

    fn releasedir(&self, _: &Request, _: INodeNo, folder: FileHandle, _: OpenFlags, reply: ReplyEmpty) {
        self.0.folders.remove(folder.0);
        reply.ok();
    }
}
