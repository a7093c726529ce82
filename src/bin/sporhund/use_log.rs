//! The use log: who let something out in the clear, when, and of what.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;
use sporhund::model::Shown;

use crate::home;

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
    let write = || home::open_private(&path, OpenOptions::new().append(true).create(true))?.write_all(line.as_bytes());
    write().with_context(|| {
        format!("the use log {} could not be written; name another folder in XDG_STATE_HOME", Shown::path(&path))
    })
}

fn path() -> anyhow::Result<PathBuf> {
    let folder = home::state()
        .context("no use log: this account has no home folder to keep one in; name a folder in XDG_STATE_HOME")?;
    Ok(folder.join("use.log"))
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
