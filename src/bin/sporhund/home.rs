//! The user's own folders, and files in them that nobody else reads.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

/// Where the user keeps configuration; none for an account without a home.
pub fn configuration() -> Option<PathBuf> {
    folder("XDG_CONFIG_HOME", &[".config"])
}

/// Where the user keeps what programs remember; none for an account without a home.
pub fn state() -> Option<PathBuf> {
    folder("XDG_STATE_HOME", &[".local", "state"])
}

fn folder(variable: &str, below_home: &[&str]) -> Option<PathBuf> {
    let set = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || Some(set("HOME").or_else(|| set("USERPROFILE"))?.join(below_home.iter().collect::<PathBuf>()));
    Some(set(variable).or_else(home)?.join("sporhund"))
}

/// Opens a file as `options` say, making its folder, readable by the user alone when it is new.
///
/// # Errors
/// As the system says.
pub fn open_private(path: &Path, options: &mut OpenOptions) -> std::io::Result<File> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}
