//! What the walk comes upon: shares and the files in them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::Shown;

/// A root to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The folder that it is.
    pub path: PathBuf,
    /// What people call it, such as `\\gxaf3102\Daginst`; the path as given where nothing else is configured.
    pub label: String,
    /// What it is used for.
    pub area: Area,
    /// The one file of it that is scanned, where not all of it is.
    pub only: Option<std::ffi::OsString>,
}

impl Share {
    /// The path that was asked for: the folder, or the one file in it.
    pub fn given(&self) -> PathBuf {
        self.only.as_ref().map_or_else(|| self.path.clone(), |name| self.path.join(name))
    }
}

/// What a share is used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// A drive shared by many.
    #[default]
    Shared,
}

/// A file or folder's path below its share, as raw bytes with `/` between names on every platform.
///
/// Orders by its bytes, which is the order of the output. It may hold numbers in the clear: show it with
/// [`RelativePath::shown`] only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelativePath(Box<[u8]>);

impl RelativePath {
    /// The path of a share's own root.
    pub fn root() -> Self {
        Self(Box::default())
    }

    /// The path of `name` in this folder.
    pub fn join(&self, name: &std::ffi::OsStr) -> Self {
        let name = name.as_encoded_bytes();
        if self.0.is_empty() {
            return Self(name.into());
        }
        Self([&self.0, b"/".as_slice(), name].concat().into())
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last name; empty for the root.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|&b| b == b'/').next().unwrap_or_default()
    }

    /// The path of the folder that it lies in; that of the root for what lies there.
    pub fn folder(&self) -> Self {
        let slash = self.0.iter().rposition(|&b| b == b'/');
        Self(self.0[..slash.unwrap_or(0)].into())
    }

    /// How it may be written: numbers blanked, bytes that are not UTF-8 as U+FFFD.
    pub fn shown(&self) -> Shown {
        Shown::new(&self.0)
    }

    /// Where it stands below `root`.
    pub fn below(&self, root: &Path) -> PathBuf {
        if self.0.is_empty() {
            return root.to_path_buf();
        }
        root.join(os_path(&self.0))
    }
}

impl std::fmt::Debug for RelativePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RelativePath({:?})", self.shown().as_str())
    }
}

#[cfg(unix)]
fn os_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn os_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// A file that the walk came upon.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Index of its share in the order given.
    pub share: usize,
    /// Its path below the share.
    pub path: RelativePath,
}

/// What the file system says of an opened file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When it came into being at this place, where the file system keeps that.
    pub created: Option<Timestamp>,
    /// When its contents last changed.
    pub modified: Option<Timestamp>,
    /// Who owns it: `uid:N` where nothing better is known.
    pub owner: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_with_a_slash_and_knows_its_last_name() {
        let path = RelativePath::root().join("Sager".as_ref()).join("070761-4285 Jensen".as_ref());
        assert_eq!(path.as_bytes(), b"Sager/070761-4285 Jensen");
        assert_eq!(path.name(), b"070761-4285 Jensen");
        assert_eq!(path.folder().as_bytes(), b"Sager");
        assert_eq!(path.folder().folder(), RelativePath::root());
        assert_eq!(path.shown().as_str(), "Sager/xxxxxx-xxxx Jensen");
        assert_eq!(format!("{path:?}"), "RelativePath(\"Sager/xxxxxx-xxxx Jensen\")");
    }

    #[test]
    fn the_root_is_empty_and_stands_at_the_share() {
        assert_eq!(RelativePath::root().below(Path::new("/mnt")), Path::new("/mnt"));
        assert_eq!(RelativePath::root().name(), b"");
    }
}
