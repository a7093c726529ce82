//! The use log: who let something out in the clear, when, and of what.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;
use sporhund::model::Shown;

#[derive(Serialize)]
struct Use<'a> {
    when: String,
    who: String,
    command: &'a str,
    of: &'a str,
}

/// Appends that `command` is used on `of`: an id, or a path with its numbers blanked.
///
/// # Errors
/// When the log cannot be written: then nothing may be let out.
pub fn append(command: &str, of: &str) -> anyhow::Result<()> {
    let path = path()?;
    let when = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut line = serde_json::to_string(&Use { when, who: who(), command, of }).expect("a use is four words");
    line.push('\n');
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(line.as_bytes())
    };
    write().with_context(|| {
        format!("the use log {} could not be written; name another folder in XDG_STATE_HOME", Shown::path(&path))
    })
}

fn path() -> anyhow::Result<PathBuf> {
    let home = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = home("XDG_STATE_HOME")
        .or_else(|| Some(home("HOME").or_else(|| home("USERPROFILE"))?.join(".local").join("state")))
        .context("no use log: this account has no home folder to keep one in; name a folder in XDG_STATE_HOME")?;
    Ok(state.join("sporhund").join("use.log"))
}

/// The account, and the one behind it where somebody acts as another.
#[cfg(unix)]
fn who() -> String {
    let uid = rustix::process::getuid().as_raw();
    match std::env::var("SUDO_UID") {
        Ok(behind) if uid == 0 => format!("uid:{uid} for uid:{behind}"),
        _ => format!("uid:{uid}"),
    }
}

#[cfg(not(unix))]
fn who() -> String {
    std::env::var("USERNAME").unwrap_or_else(|_| "unknown".to_owned())
}
