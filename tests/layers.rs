//! The arrows between the rooms of the house, as `docs/architecture.md` draws them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, one that is skipped says so"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms that it may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("walk", &["model"]),
    ("format", &["model"]),
    ("detect", &["model"]),
    ("scan", &["model", "walk", "format", "detect"]),
];

/// What only the program may use, never the library.
const PROGRAM_ONLY: &[&str] = &["clap::", "indicatif::", "anyhow::", "println!", "eprintln!", "std::process::exit"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The room of a file: the first folder or file below `src`.
fn room(path: &Path) -> String {
    let below = path.strip_prefix("src").unwrap().components().next().unwrap();
    below.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// What a source names after `crate::`, alone or in braces, outside comments.
fn named(source: &str) -> Vec<String> {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let after = code.split("crate::").skip(1);
    after
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap().split(',').map(first_word).collect::<Vec<_>>(),
            None => vec![first_word(rest)],
        })
        .collect()
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn rooms_name_only_the_rooms_below_them() {
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let mut checked = 0;
    for path in sources(Path::new("src")) {
        let room = room(&path);
        if room == "bin" || room == "lib" {
            continue;
        }
        let (_, allowed) = ARROWS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| {
            panic!("{} is in a room without arrows: give it a row in ARROWS", path.display());
        });
        for name in named(&fs::read_to_string(&path).unwrap()) {
            let known = ARROWS.iter().any(|(room, _)| *room == name);
            assert!(known, "{} names crate::{name}, which is no room", path.display());
            let fine = name == room || allowed.contains(&name.as_str());
            assert!(fine, "{}: {room} may not name {name}", path.display());
        }
        checked += 1;
    }
    assert!(checked > 20);
}

#[test]
fn the_library_neither_prints_nor_knows_the_command_line() {
    for path in sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path()) {
        if path.components().any(|step| step.as_os_str() == "bin") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for word in PROGRAM_ONLY {
            assert!(!source.contains(word), "{} uses {word}", path.display());
        }
    }
}
