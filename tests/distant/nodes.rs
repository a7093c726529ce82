//! What a server keeps in mind: numbers for paths and for what is open.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use fuser::{FileAttr, FileType, INodeNo};

/// Paths by number; the root is 1.
pub struct Nodes(Mutex<Paths>);

struct Paths {
    paths: Vec<PathBuf>,
    numbers: HashMap<PathBuf, u64>,
}

impl Nodes {
    pub fn new(root: PathBuf) -> Self {
        let nodes = Self(Mutex::new(Paths { paths: Vec::new(), numbers: HashMap::new() }));
        nodes.add(root);
        nodes
    }

    /// The number of a path.
    pub fn add(&self, path: PathBuf) -> u64 {
        let Paths { paths, numbers } = &mut *self.0.lock().unwrap();
        *numbers.entry(path).or_insert_with_key(|path| {
            paths.push(path.clone());
            paths.len() as u64
        })
    }

    pub fn path(&self, number: u64) -> Option<PathBuf> {
        self.0.lock().unwrap().paths.get(usize::try_from(number.checked_sub(1)?).ok()?).cloned()
    }
}

/// What is open, by number.
pub struct Handles<T>(Mutex<(u64, HashMap<u64, Arc<T>>)>);

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self(Mutex::new((0, HashMap::new())))
    }
}

impl<T> Handles<T> {
    pub fn add(&self, what: T) -> u64 {
        let (last, open) = &mut *self.0.lock().unwrap();
        *last += 1;
        open.insert(*last, Arc::new(what));
        *last
    }

    pub fn get(&self, number: u64) -> Option<Arc<T>> {
        self.0.lock().unwrap().1.get(&number).cloned()
    }

    pub fn remove(&self, number: u64) {
        self.0.lock().unwrap().1.remove(&number);
    }
}

/// What the kernel wants to know of a file.
pub fn attributes(node: u64, metadata: &Metadata) -> FileAttr {
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
    FileAttr {
        ino: INodeNo(node),
        size: metadata.size(),
        blocks: metadata.blocks(),
        atime: metadata.accessed().unwrap_or(UNIX_EPOCH),
        mtime: modified,
        ctime: modified,
        crtime: UNIX_EPOCH,
        kind: FileType::from_std(metadata.file_type()).unwrap_or(FileType::RegularFile),
        perm: (metadata.mode() & 0o7777) as u16,
        nlink: metadata.nlink() as u32,
        uid: metadata.uid(),
        gid: metadata.gid(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}
