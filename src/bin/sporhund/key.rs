//! Where the key comes from: a file that is named, or the user's own, which is made on first use.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sporhund::model::{Key, Shown};

use crate::home;

/// A key and the file that it was read from.
pub struct KeyFile {
    /// The key.
    pub key: Key,
    /// Where it lies.
    pub path: PathBuf,
}

/// Reads the key of `named`, or the user's own.
///
/// # Errors
/// When there is none, or what is there is none.
pub fn load(named: Option<&Path>) -> anyhow::Result<KeyFile> {
    let path = match named {
        Some(path) => path.to_path_buf(),
        None => own_path()?,
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => make(&path)?,
        Err(error) => {
            bail!("key file {}: could not be read ({})", Shown::path(&path), error.kind());
        }
    };
    let key = Key::from_hex(&text).with_context(|| format!("key file {}", Shown::path(&path)))?;
    Ok(KeyFile { key, path })
}

fn own_path() -> anyhow::Result<PathBuf> {
    let folder = home::configuration();
    let folder =
        folder.context("no key: this account has no home folder to keep one in; name a key with --key-file")?;
    Ok(folder.join("key"))
}

/// Makes the user's own key, readable by nobody else.
fn make(path: &Path) -> anyhow::Result<String> {
    // systemd sets one of these for every service that it starts.
    if ["INVOCATION_ID", "JOURNAL_STREAM"].iter().any(|variable| std::env::var_os(variable).is_some()) {
        bail!("no key: a service makes none of its own, for it could be lost unseen; name one with --key-file");
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).ok().context("could not make a key: the system gives no random bytes")?;
    let text = secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
    let write = || -> std::io::Result<()> {
        let mut file = home::open_private(path, OpenOptions::new().write(true).create_new(true))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("could not make a key at {}; name one with --key-file", Shown::path(path)))?;
    Ok(text)
}
