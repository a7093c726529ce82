//! Runs the program in a place of its own: with its own home, state and temporary folder.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A place of its own, gone when dropped.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        for folder in ["share", "home", "temporary", "out"] {
            std::fs::create_dir(place.path(folder)).unwrap();
        }
        std::fs::write(place.path("key"), format!("{}\n", "0123456789abcdef".repeat(4))).unwrap();
        place
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// Writes a file below the share, making its folders.
    pub fn file(&self, below: &str, contents: impl AsRef<[u8]>) {
        let path = self.path("share").join(below);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
    }

    /// The program, with arguments parted by spaces; `{}` in them is this place.
    pub fn command(&self, arguments: &str) -> Command {
        let place = self.0.path().to_str().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sporhund"));
        command.args(arguments.split_whitespace().map(|argument| argument.replace("{}", place)));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path("home")).env("TMPDIR", self.path("temporary"));
        command
    }

    pub fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A way to run the program as an account to which files can be closed; none where root's program cannot be run by
    /// another.
    #[cfg(unix)]
    pub fn without_rights(&self, arguments: &str) -> Option<impl Fn() -> Output> {
        use std::os::unix::fs::MetadataExt;
        use std::os::unix::process::CommandExt;
        const NOBODY: u32 = 65534;
        let root = self.0.path().metadata().unwrap().uid() == 0;
        let command = move |place: &Self, arguments: &str| {
            let mut command = place.command(arguments);
            if root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command
        };
        if root {
            give(self.0.path(), NOBODY);
        }
        command(self, "--version").output().ok().filter(|output| output.status.success())?;
        Some(move || command(self, arguments).output().unwrap())
    }

    /// Scans `share` with more arguments and gives the lines.
    pub fn scan(&self, share: &Path, more: &str) -> Vec<Value> {
        let share = share.to_str().unwrap();
        let output = self.run(&format!("scan {share} --key-file {{}}/key --as-of 2026-09-01 -q {more}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        lines(&output.stdout)
    }
}

/// Gives a folder and all in it to an account.
#[cfg(unix)]
fn give(path: &Path, account: u32) {
    std::os::unix::fs::chown(path, Some(account), Some(account)).unwrap();
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path(), account));
    }
}

/// The JSON lines of an output.
pub fn lines(output: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(output).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The lines of a type.
pub fn of_type<'l>(lines: &'l [Value], kind: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

/// The file line of a path.
pub fn file<'l>(lines: &'l [Value], path: &str) -> &'l Value {
    let found = of_type(lines, "file").into_iter().find(|line| line["path"] == path);
    found.unwrap_or_else(|| panic!("no line for {path}"))
}
