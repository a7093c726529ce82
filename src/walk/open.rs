//! Opens what the walk found without disturbing it: access times stay, links are not followed, pipes do not block.

use std::fs::File;
#[cfg(not(unix))]
use std::fs::OpenOptions;
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

/// Files of a folder that are opened by their whole path before the folder is held: to hold it costs as much as opening one.
#[cfg(unix)]
const BEFORE_HELD: usize = 2;

/// Opens one file after another. Those of one folder that follow each other are opened from there, which spares the
/// system the way to it.
#[derive(Debug, Default)]
pub struct Opener {
    share: usize,
    /// The folder of the last file, with a slash at its end.
    #[cfg(unix)]
    folder: Vec<u8>,
    /// Files of it that were opened.
    #[cfg(unix)]
    opened: usize,
    #[cfg(unix)]
    held: Option<std::os::fd::OwnedFd>,
}

impl Opener {
    /// As [`open`]; `index` is that of the share.
    ///
    /// # Errors
    /// As [`open`].
    #[cfg(unix)]
    pub fn open(&mut self, share: &Share, index: usize, path: &RelativePath) -> io::Result<File> {
        let name = path.name();
        let folder = &path.as_bytes()[..path.as_bytes().len() - name.len()];
        if self.share != index || self.folder != folder {
            (self.share, self.opened, self.held) = (index, 0, None);
            self.folder.clear();
            self.folder.extend_from_slice(folder);
        }
        if self.opened == BEFORE_HELD {
            // Where it cannot be held, each file says why it cannot be opened.
            self.held = hold(share, &path.folder()).ok();
        }
        self.opened += 1;
        match &self.held {
            Some(folder) => open_in(folder, name),
            None => open(share, path),
        }
    }

    /// As [`open`]; `index` is that of the share.
    ///
    /// # Errors
    /// As [`open`].
    #[cfg(not(unix))]
    pub fn open(&mut self, share: &Share, index: usize, path: &RelativePath) -> io::Result<File> {
        self.share = index;
        open(share, path)
    }
}

/// A folder from which files are opened.
#[cfg(unix)]
fn hold(share: &Share, folder: &RelativePath) -> io::Result<std::os::fd::OwnedFd> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    #[cfg(target_os = "linux")]
    let reading = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    let reading = OFlags::RDONLY;
    let link = if folder.as_bytes().is_empty() { OFlags::empty() } else { OFlags::NOFOLLOW };
    let flags = reading | link | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(openat(CWD, Reach::new(&share.path, folder)?.path(), flags, Mode::empty())?)
}

#[cfg(unix)]
fn open_at(path: &Path) -> io::Result<File> {
    open_in(rustix::fs::CWD, path)
}

#[cfg(unix)]
fn open_in(folder: impl std::os::fd::AsFd, name: impl rustix::path::Arg + Copy) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, openat};
    use rustix::io::{Errno, retry_on_intr};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let open = |flags: OFlags| retry_on_intr(|| openat(&folder, name, flags, Mode::empty())).map(File::from);
    #[cfg(target_os = "linux")]
    {
        // Only the owner of a file, or who may act as one, opens it without moving its access time.
        match open(flags | OFlags::NOATIME) {
            Err(Errno::PERM) => {}
            opened => return Ok(opened?),
        }
    }
    Ok(open(flags)?)
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

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::model::Area;

    #[test]
    fn files_of_a_folder_are_opened_whatever_was_opened_before() {
        let root = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for folder in ["", "a", "a/b", "b"] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
            for file in 0..4 {
                let path = Path::new(folder).join(file.to_string());
                std::fs::write(root.path().join(&path), path.as_os_str().as_encoded_bytes()).unwrap();
                paths.push(path);
            }
        }
        let share = |path: &Path| Share { path: path.into(), label: "s".into(), area: Area::Shared, only: None };
        let shares = [share(root.path()), share(&root.path().join("a"))];
        let mut opener = Opener::default();
        let mut read = |index: usize, path: &Path| {
            let steps = path.components().fold(RelativePath::root(), |path, step| path.join(step.as_os_str()));
            let mut text = String::new();
            opener.open(&shares[index], index, &steps)?.read_to_string(&mut text).map(|_| text)
        };
        for path in &paths {
            assert_eq!(read(0, path).unwrap(), path.to_str().unwrap());
        }
        // The same folder of another share is another one.
        for path in paths.iter().filter(|path| path.starts_with("b")) {
            assert_eq!(read(1, path).unwrap(), format!("a/{}", path.display()));
        }
        std::os::unix::fs::symlink("0", root.path().join("b/link")).unwrap();
        for path in &paths {
            read(0, path).unwrap();
        }
        assert!(read(0, Path::new("b/link")).is_err() && read(0, Path::new("b/none")).is_err());
    }
}
