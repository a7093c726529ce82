//! Opens what the walk found without disturbing it: access times stay, links are not followed, pipes do not block.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{RelativePath, Share};

/// Opens a file below a share for reading.
///
/// # Errors
/// As the system says; a link or a folder in its place is an error too.
pub fn open(share: &Share, path: &RelativePath) -> io::Result<File> {
    open_at(Reach::new(&share.path, path)?.path())
}

#[cfg(unix)]
fn open_at(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let open = |flags: OFlags| OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path);
    #[cfg(target_os = "linux")]
    {
        // Only the owner of a file, or who may act as one, opens it without moving its access time.
        match open(flags | OFlags::NOATIME) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::PERM.raw_os_error()) => {}
            opened => return opened,
        }
    }
    open(flags)
}

#[cfg(not(unix))]
fn open_at(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// Longest path that is handed to the system in one piece, in bytes. Linux takes 4,095.
#[cfg(target_os = "linux")]
const LONGEST: usize = 3800;

/// A path that the system takes, however long the whole one is.
pub struct Reach {
    path: PathBuf,
    /// The folder that a shortened path begins in; it must stay open as long as the path is used.
    _held: Option<File>,
}

impl Reach {
    /// The way to `path` below `root`.
    ///
    /// # Errors
    /// When a folder on the way of a long path cannot be opened.
    #[cfg(target_os = "linux")]
    pub fn new(root: &Path, path: &RelativePath) -> io::Result<Self> {
        use std::os::fd::AsRawFd;
        let whole = path.below(root);
        if whole.as_os_str().len() <= LONGEST {
            return Ok(Self { path: whole, _held: None });
        }
        let mut reach = Self { path: PathBuf::new(), _held: None };
        for step in whole.components() {
            let next = reach.path.join(step);
            if next.as_os_str().len() <= LONGEST {
                reach.path = next;
                continue;
            }
            let folder = File::open(&reach.path)?;
            reach.path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(step);
            reach._held = Some(folder);
        }
        Ok(reach)
    }

    /// The way to `path` below `root`.
    ///
    /// # Errors
    /// None here.
    #[cfg(not(target_os = "linux"))]
    pub fn new(root: &Path, path: &RelativePath) -> io::Result<Self> {
        Ok(Self { path: path.below(root), _held: None })
    }

    /// A path that is valid while this lives.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
