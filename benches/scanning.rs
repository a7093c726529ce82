//! The whole way, files on the disk to lines: many tiny files, many with a number and a line each, one large text, and the
//! fixture share.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::path::Path;
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::time::Duration;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use jiff::civil::Date;
use sporhund::detect::{EVEN, Rules};
use sporhund::format::Allowance;
use sporhund::model::{Area, Key, Share};
#[cfg(target_os = "linux")]
use sporhund::scan::Workers;
use sporhund::scan::{Isolation, Listing, Options, Silent, scan};
use sporhund::walk::OwnFiles;

fn main() {
    divan::main();
}

fn scanned(path: &Path, jobs: usize) -> u64 {
    scanned_by(path, jobs, Isolation::InProcess)
}

fn scanned_by(path: &Path, jobs: usize, isolation: Isolation) -> u64 {
    told_by(path, jobs, isolation, false)
}

fn told_by(path: &Path, jobs: usize, isolation: Isolation, all_files: bool) -> u64 {
    let share = Share { path: path.into(), label: "share".into(), area: Area::Shared, only: None };
    let options = Options {
        jobs,
        full_speed: false,
        isolation,
        allowance: Allowance::default(),
        listing: Listing { findings_per_file: 100, min_weight: EVEN },
        all_files,
        as_of: Date::constant(2026, 9, 1),
        host: String::new(),
        own: OwnFiles::default(),
    };
    let key = Key::new(&[7; 32]);
    let scanned = scan(&[share], &Rules::built_in(), &key, &options, &Silent, &Arc::default()).unwrap();
    scanned.write(&mut std::io::sink()).unwrap().coverage.found
}

fn many_files(folders: usize, text: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in 0..folders {
        let folder = root.path().join(folder.to_string());
        std::fs::create_dir(&folder).unwrap();
        for file in 0..50 {
            std::fs::write(folder.join(format!("{file}.txt")), text).unwrap();
        }
    }
    root
}

#[divan::bench(args = [1, 2], sample_count = 10)]
fn tiny_files(bencher: Bencher<'_, '_>, jobs: usize) {
    let root = many_files(100, &"Kære Karla, tak for brevet.\n".repeat(40));
    bencher.counter(ItemsCount::new(5000_usize)).bench(|| assert_eq!(scanned(root.path(), jobs), 5000));
}

/// A line for each file, with a finding, kept and written in order.
#[divan::bench(args = [1, 2], sample_count = 10)]
fn records(bencher: Bencher<'_, '_>, jobs: usize) {
    let root = many_files(40, "Borger med cpr 150988-3900 har ringet.\n");
    bencher
        .counter(ItemsCount::new(2000_usize))
        .bench(|| assert_eq!(told_by(root.path(), jobs, Isolation::InProcess, true), 2000));
}

#[divan::bench(args = [1, 2], sample_count = 10)]
fn large_text(bencher: Bencher<'_, '_>, jobs: usize) {
    let root = tempfile::tempdir().unwrap();
    let text = "Udvalget tog orienteringen til efterretning, og budgettet vedtages i oktober.\n".repeat(2 << 20);
    std::fs::write(root.path().join("stor.txt"), &text).unwrap();
    bencher.counter(BytesCount::new(text.len())).bench(|| scanned(root.path(), jobs));
}

#[divan::bench(args = [1, 2], sample_count = 10)]
fn fixture_share(bencher: Bencher<'_, '_>, jobs: usize) {
    let share = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join("share");
    let files = scanned(&share, 1);
    bencher.counter(ItemsCount::new(files)).bench(|| scanned(&share, jobs));
}

#[cfg(target_os = "linux")]
#[divan::bench(args = [1, 2], sample_count = 10)]
fn fixture_share_by_workers(bencher: Bencher<'_, '_>, jobs: usize) {
    let share = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join("share");
    let program = env!("CARGO_BIN_EXE_sporhund").into();
    let workers = Isolation::Workers(Workers::new(program, 512 << 20, Duration::from_secs(60)).unwrap());
    let files = scanned(&share, 1);
    bencher.counter(ItemsCount::new(files)).bench(|| scanned_by(&share, jobs, workers.clone()));
}
