//! Shares become entries: every file below a root is named, and every folder that could not be listed.
//!
//! Folders are listed one at a time, many at once. Nothing is asked of the file system but the listing: sizes and times
//! come when a file is opened.

mod open;
mod server;

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub use open::{Opener, Reach, open};
pub use server::{Request, Servers, Turn, Visit};

use crate::model::{Entry, Exclusion, ProblemKind, RelativePath, Share};

/// Folders that hold copies of the share at earlier times, or what the system keeps for itself. NetApp, Windows, DFS
/// replication, Synology, snapper, ZFS.
const SYSTEM_FOLDERS: [&str; 7] =
    [".snapshot", "~snapshot", "System Volume Information", "DfsrPrivate", "#snapshot", ".snapshots", ".zfs"];

/// What a walker has found on a server before it lets others ask.
const HELD: usize = 1024;

/// What the walk comes upon.
#[derive(Debug)]
pub enum Found {
    /// A file to examine.
    File(Entry),
    /// A file that is left out on purpose.
    Excluded(Entry, Exclusion),
    /// A folder; with a problem when not all its files are known.
    Folder(Entry, Option<ProblemKind>),
    /// A folder that is left out on purpose with all that is in it.
    ExcludedFolder(Entry),
}

/// The files that this scan writes or takes its key from.
#[derive(Clone, Debug, Default)]
pub struct OwnFiles {
    /// Files that stay, by their absolute path.
    pub lasting: Vec<PathBuf>,
    /// A file under its working name, and the name under which it will stay.
    pub growing: Option<(PathBuf, PathBuf)>,
}

impl Found {
    /// What was found.
    pub fn entry(&self) -> &Entry {
        match self {
            Self::File(entry) | Self::Excluded(entry, _) | Self::Folder(entry, _) | Self::ExcludedFolder(entry) => {
                entry
            }
        }
    }
}

/// Walks all shares, with as many threads as each server is asked by, until all is found or `stop` is set.
///
/// `found` is called from all threads, in no order, for each file and folder once.
pub fn walk(shares: &[Share], servers: &Servers, own: &OwnFiles, stop: &AtomicBool, found: &(dyn Fn(Found) + Sync)) {
    let walk = Walk::new(shares, servers, own, stop, found);
    for (index, share) in shares.iter().enumerate() {
        match &share.only {
            Some(name) => {
                let entry = Entry { share: index, path: RelativePath::root().join(name) };
                if let Some(item) = walk.file(entry, name) {
                    found(item);
                }
            }
            None => walk.add(vec![Entry { share: index, path: RelativePath::root() }]),
        }
    }
    std::thread::scope(|scope| {
        for (server, threads) in servers.threads().enumerate() {
            for _ in 0..threads {
                scope.spawn({
                    let walk = &walk;
                    move || walk.work(server)
                });
            }
        }
    });
}

struct Walk<'a> {
    shares: &'a [Share],
    servers: &'a Servers,
    own: Vec<OwnNames>,
    queue: Mutex<Queue>,
    /// Something is to be listed there, or nothing more will be.
    changed: Vec<Condvar>,
    stop: &'a AtomicBool,
    found: &'a (dyn Fn(Found) + Sync),
}

/// Folders that wait, by server.
struct Queue {
    lists: Vec<List>,
    /// Threads that list a folder and may yet find more.
    busy: usize,
}

/// Folders that wait, the last found first, so that few wait at a time.
#[derive(Default)]
struct List {
    folders: Vec<Entry>,
    /// Threads that sleep until there is one.
    idle: usize,
}

impl<'a> Walk<'a> {
    fn new(
        shares: &'a [Share],
        servers: &'a Servers,
        own: &OwnFiles,
        stop: &'a AtomicBool,
        found: &'a (dyn Fn(Found) + Sync),
    ) -> Self {
        Self {
            shares,
            servers,
            own: shares.iter().map(|share| OwnNames::new(share, own)).collect(),
            queue: Mutex::new(Queue { lists: servers.threads().map(|_| List::default()).collect(), busy: 0 }),
            changed: servers.threads().map(|_| Condvar::new()).collect(),
            stop,
            found,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, server: usize) {
        while let Some(folder) = self.next(server) {
            let folders = self.list(&folder);
            self.add(folders);
            self.lock().busy -= 1;
        }
        self.changed.iter().for_each(Condvar::notify_all);
    }

    /// Adds folders to be listed, and wakes as many as can list them.
    fn add(&self, folders: Vec<Entry>) {
        if folders.is_empty() {
            return;
        }
        let mut queue = self.lock();
        for folder in folders {
            let server = self.servers.of(&folder);
            let list = &mut queue.lists[server];
            list.folders.push(folder);
            if list.idle >= list.folders.len() {
                self.changed[server].notify_one();
            }
        }
    }

    /// The next folder of a server; waits while others may find one, and gives none when all is done.
    fn next(&self, server: usize) -> Option<Entry> {
        let mut queue = self.lock();
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(folder) = queue.lists[server].folders.pop() {
                queue.busy += 1;
                return Some(folder);
            }
            if queue.busy == 0 && queue.lists.iter().all(|list| list.folders.is_empty()) {
                return None;
            }
            queue.lists[server].idle += 1;
            queue = self.changed[server].wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.lists[server].idle -= 1;
        }
    }

    /// Lists a folder, hands on what it finds, and gives the folders in it.
    fn list(&self, folder: &Entry) -> Vec<Entry> {
        let mut finds = Finds::new(self, folder);
        let mut folders = Vec::new();
        let failed = self.names(folder, &mut finds, &mut folders).err().map(|error| error.kind());
        if !self.stop.load(Ordering::Relaxed) {
            finds.add(folder_found(folder, failed));
        }
        folders
    }

    /// Finds what is in a folder, the folders apart.
    ///
    /// # Errors
    /// When not all of it is found.
    fn names(&self, folder: &Entry, finds: &mut Finds<'_>, folders: &mut Vec<Entry>) -> std::io::Result<()> {
        let reach = Reach::new(&self.shares[folder.share].path, &folder.path)?;
        // A link may have taken the place of a folder since that was found.
        if !is_root(folder) && std::fs::symlink_metadata(reach.path())?.is_symlink() {
            return Err(std::io::ErrorKind::NotADirectory.into());
        }
        let mut all = Ok(());
        for entry in std::fs::read_dir(reach.path())? {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let (name, kind) = match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) {
                Ok(known) => known,
                Err(error) => {
                    all = Err(error);
                    continue;
                }
            };
            let below = Entry { share: folder.share, path: folder.path.join(&name) };
            if kind.is_dir() && is_system_folder(&name) {
                finds.add(Found::ExcludedFolder(below));
            } else if kind.is_dir() {
                folders.push(below);
            } else if kind.is_file() {
                self.file(below, &name).into_iter().for_each(|file| finds.add(file));
            } else if kind.is_symlink() {
                finds.add(Found::Excluded(below, Exclusion::Link));
            } else {
                finds.add(Found::Excluded(below, Exclusion::SpecialFile));
            }
        }
        all
    }

    /// What a file is to this scan; none when it counts under another name.
    fn file(&self, entry: Entry, name: &OsStr) -> Option<Found> {
        match self.own[entry.share].role(&entry.path, name) {
            Role::None => Some(Found::File(entry)),
            Role::Own => Some(Found::Excluded(entry, Exclusion::OwnOutput)),
            Role::GrowsTo(path) => Some(Found::Excluded(Entry { share: entry.share, path }, Exclusion::OwnOutput)),
            Role::Replaced => None,
        }
    }
}

fn is_root(folder: &Entry) -> bool {
    folder.path.as_bytes().is_empty()
}

fn folder_found(folder: &Entry, failed: Option<std::io::ErrorKind>) -> Found {
    let problem = failed.map(|kind| match kind {
        _ if is_root(folder) => ProblemKind::ShareUnreachable,
        std::io::ErrorKind::NotFound => ProblemKind::Gone,
        _ => ProblemKind::FolderNotListed,
    });
    Found::Folder(folder.clone(), problem)
}

/// What is found in a folder. It is handed on only when the server is left to others, for who takes it may wait for the
/// server; for a disk of this machine, at once.
struct Finds<'w> {
    found: &'w (dyn Fn(Found) + Sync),
    visit: Visit<'w>,
    asked: Option<Instant>,
    held: Vec<Found>,
}

impl<'w> Finds<'w> {
    fn new(walk: &'w Walk<'_>, folder: &Entry) -> Self {
        let visit = walk.servers.visit(folder, Turn::After);
        Self { found: walk.found, asked: visit.asks(), visit, held: Vec::new() }
    }

    fn add(&mut self, found: Found) {
        if self.visit.is_local() {
            return (self.found)(found);
        }
        self.held.push(found);
        if self.held.len() == HELD {
            self.hand_on();
            self.visit.go_on();
            self.asked = self.visit.asks();
        }
    }

    fn hand_on(&mut self) {
        self.visit.answered(Request::List, self.asked);
        self.visit.leave();
        self.held.drain(..).for_each(self.found);
    }
}

impl Drop for Finds<'_> {
    fn drop(&mut self) {
        self.hand_on();
    }
}

fn is_system_folder(name: &OsStr) -> bool {
    SYSTEM_FOLDERS.iter().any(|system| name.eq_ignore_ascii_case(system))
}

/// What a file below a share is to this scan.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    None,
    Own,
    /// A file that is being written; it counts under the name that it will have.
    GrowsTo(RelativePath),
    /// What it will replace; it counts once, under the same name.
    Replaced,
}

/// The own files below one share, by folder and name.
#[derive(Debug, Default)]
struct OwnNames(HashMap<OsString, Vec<(RelativePath, Role)>>);

impl OwnNames {
    fn new(share: &Share, own: &OwnFiles) -> Self {
        let mut names = Self::default();
        let Ok(root) = share.path.canonicalize() else { return names };
        let below = |path: &Path| below(&root, path);
        for (path, name) in own.lasting.iter().filter_map(|path| below(path)) {
            names.add(path, name, Role::Own);
        }
        if let Some((growing, lasting)) = &own.growing
            && let (Some((from, from_name)), Some((to, to_name))) = (below(growing), below(lasting))
        {
            names.add(from, from_name, Role::GrowsTo(to.clone()));
            names.add(to, to_name, Role::Replaced);
        }
        names
    }

    fn add(&mut self, path: RelativePath, name: OsString, role: Role) {
        self.0.entry(name).or_default().push((path, role));
    }

    fn role(&self, path: &RelativePath, name: &OsStr) -> Role {
        let own = self.0.get(name).and_then(|own| own.iter().find(|(own, _)| own == path));
        own.map_or(Role::None, |(_, role)| role.clone())
    }
}

/// The path below `root` and its last name, if the file lies below it.
fn below(root: &Path, path: &Path) -> Option<(RelativePath, OsString)> {
    let name = path.file_name()?.to_owned();
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok()?;
    let folder = folder.strip_prefix(root).ok()?;
    let path = folder.components().fold(RelativePath::root(), |path, step| path.join(step.as_os_str()));
    Some((path.join(&name), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Area;

    /// What a walk finds below a folder, a word and a path each, sorted.
    fn found(root: &Path, own: &OwnFiles) -> Vec<(String, String)> {
        let share = Share { path: root.into(), label: "s".into(), area: Area::Shared, only: None };
        let found = Mutex::new(Vec::new());
        let shares = [share];
        let servers = Servers::new(&shares, 3, false);
        walk(&shares, &servers, own, &AtomicBool::new(false), &|item| {
            let (what, entry) = match item {
                Found::File(entry) => ("file".into(), entry),
                Found::Excluded(entry, why) => (format!("{why:?}"), entry),
                Found::Folder(entry, None) => ("folder".into(), entry),
                Found::Folder(entry, Some(why)) => (format!("{why:?}"), entry),
                Found::ExcludedFolder(entry) => ("excluded".into(), entry),
            };
            let path = String::from_utf8_lossy(entry.path.as_bytes()).into_owned();
            found.lock().unwrap().push((what, path));
        });
        let mut found = found.into_inner().unwrap();
        found.sort();
        found
    }

    fn named(what: &str, paths: &[(String, String)]) -> Vec<String> {
        paths.iter().filter(|(w, _)| w == what).map(|(_, path)| path.clone()).collect()
    }

    #[test]
    fn every_file_is_named_once_and_snapshots_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["a/b", ".Snapshot/old", "$RECYCLE.BIN", "a/system volume information"] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for file in ["1.txt", "a/2.txt", "a/b/3.txt", ".Snapshot/old/4.txt", "$RECYCLE.BIN/5.txt"] {
            std::fs::write(root.path().join(file), "x").unwrap();
        }
        let found = found(root.path(), &OwnFiles::default());
        assert_eq!(named("file", &found), ["$RECYCLE.BIN/5.txt", "1.txt", "a/2.txt", "a/b/3.txt"]);
        assert_eq!(named("excluded", &found), [".Snapshot", "a/system volume information"]);
        assert_eq!(named("folder", &found), ["", "$RECYCLE.BIN", "a", "a/b"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_are_counted_and_never_followed() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("a")).unwrap();
        std::os::unix::fs::symlink("..", root.path().join("a/loop")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("out")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
        let found = found(root.path(), &OwnFiles::default());
        assert_eq!(named("Link", &found), ["a/loop", "out"]);
        assert_eq!(named("SpecialFile", &found), ["socket"]);
        assert_eq!(named("file", &found), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_took_the_place_of_a_folder_is_told_and_not_followed() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(other.path().join("fremmed.txt"), "x").unwrap();
        std::os::unix::fs::symlink(other.path(), root.path().join("a")).unwrap();
        let shares = [Share { path: root.path().into(), label: "s".into(), area: Area::Shared, only: None }];
        let (servers, stop, found) = (Servers::new(&shares, 1, false), AtomicBool::new(false), Mutex::new(Vec::new()));
        let note = |item| found.lock().unwrap().push(item);
        let walk = Walk::new(&shares, &servers, &OwnFiles::default(), &stop, &note);
        walk.list(&Entry { share: 0, path: RelativePath::root().join("a".as_ref()) });
        let found = found.lock().unwrap();
        assert!(matches!(found[..], [Found::Folder(_, Some(ProblemKind::FolderNotListed))]), "{found:?}");
    }

    #[cfg(unix)]
    #[test]
    fn names_of_any_bytes_and_any_depth_are_walked() {
        use std::os::unix::ffi::OsStrExt;
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(OsStr::from_bytes(b"B\xf8rn\n.txt")), "x").unwrap();
        // 30 names of 200 bytes: the whole path is longer than the system takes at once.
        let name = "d".repeat(200);
        let mut path = RelativePath::root();
        for _ in 0..30 {
            let at = Reach::new(root.path(), &path).unwrap();
            std::fs::create_dir(at.path().join(&name)).unwrap();
            path = path.join(name.as_ref());
        }
        let at = Reach::new(root.path(), &path).unwrap();
        std::fs::write(at.path().join("dyb.txt"), "x").unwrap();
        let share = Share { path: root.path().into(), label: "s".into(), area: Area::Shared, only: None };
        let found = found(root.path(), &OwnFiles::default());
        assert_eq!(named("file", &found).len(), 2, "{:?}", named("FolderNotListed", &found).len());
        assert_eq!(open(&share, &path.join("dyb.txt".as_ref())).unwrap().metadata().unwrap().len(), 1);
        // A temporary folder this deep is not removed by path; empty it from within.
        drop(std::process::Command::new("rm").arg("-rf").arg(root.path()).status());
    }

    #[test]
    fn a_root_that_is_not_there_is_unreachable() {
        let found = found(Path::new("/nowhere/at/all"), &OwnFiles::default());
        assert_eq!(named("ShareUnreachable", &found), [""]);
    }

    #[test]
    fn own_files_are_left_out_and_the_one_being_written_counts_once() {
        let root = tempfile::tempdir().unwrap();
        for file in ["key", "fund.jsonl", ".fund.jsonl.part", "other"] {
            std::fs::write(root.path().join(file), "x").unwrap();
        }
        let at = |name: &str| root.path().join(name);
        let own = OwnFiles { lasting: vec![at("key")], growing: Some((at(".fund.jsonl.part"), at("fund.jsonl"))) };
        let found = found(root.path(), &own);
        assert_eq!(named("OwnOutput", &found), ["fund.jsonl", "key"]);
        assert_eq!(named("file", &found), ["other"]);
    }
}
