//! What the file system takes of a scan of many tiny files: to list them, to open, read and close each, and both together
//! without anything of our own, which is the floor under every scan.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use sporhund::format::Input;
use sporhund::model::{Area, Entry, Share};
use sporhund::walk::{Found, Opener, OwnFiles, Servers, walk};
use tempfile::TempDir;
use walkdir::WalkDir;

fn main() {
    divan::main();
}

const FOLDERS: usize = 250;
const FILES: usize = 20;
const TEXT: &str = "Kære Karla, tak for brevet.\n";
const LINES: usize = 40;

fn tree() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in 0..FOLDERS {
        let folder = root.path().join(format!("sager/{}/{folder}", folder % 10));
        std::fs::create_dir_all(&folder).unwrap();
        for file in 0..FILES {
            std::fs::write(folder.join(format!("{file}.txt")), TEXT.repeat(LINES)).unwrap();
        }
    }
    root
}

fn share(root: &Path) -> Share {
    Share { path: root.into(), label: "share".into(), area: Area::Shared, only: None }
}

fn listed(share: &Share) -> Vec<Entry> {
    let files = Mutex::new(Vec::new());
    let shares = std::slice::from_ref(share);
    walk(shares, &Servers::new(shares, 1, false), &OwnFiles::default(), &AtomicBool::new(false), &|found| {
        if let Found::File(entry) = found {
            files.lock().unwrap().push(entry);
        }
    });
    files.into_inner().unwrap()
}

#[divan::bench(sample_count = 20)]
fn list(bencher: Bencher<'_, '_>) {
    let root = tree();
    let share = share(root.path());
    bencher.counter(ItemsCount::new(FOLDERS * FILES)).bench_local(|| listed(&share).len());
}

#[divan::bench(sample_count = 20)]
fn open_and_read(bencher: Bencher<'_, '_>) {
    let root = tree();
    let share = share(root.path());
    let files = listed(&share);
    let counted = bencher.counter(ItemsCount::new(files.len()));
    counted.counter(BytesCount::new(files.len() * TEXT.len() * LINES)).bench_local(|| {
        let mut opener = Opener::default();
        let mut buffer = Vec::new();
        for entry in &files {
            let file = opener.open(&share, entry.share, &entry.path).unwrap();
            buffer = divan::black_box(Input::regular_file(&file, buffer).unwrap()).into_buffer();
        }
    });
}

#[divan::bench(sample_count = 20)]
fn floor(bencher: Bencher<'_, '_>) {
    let root = tree();
    let mut buffer = vec![0; 256 << 10];
    let counted = bencher.counter(ItemsCount::new(FOLDERS * FILES));
    counted.counter(BytesCount::new(FOLDERS * FILES * TEXT.len() * LINES)).bench_local(|| {
        let entries = WalkDir::new(root.path()).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        files.map(|entry| File::open(entry.path()).unwrap().read(&mut buffer).unwrap()).sum::<usize>()
    });
}
