//! Bytes to text: each format on the fixtures, without detection.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::path::Path;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use sporhund::format::{Input, Limits, Output};
use sporhund::model::{Sink, Text};

fn main() {
    divan::main();
}

/// Takes text and does nothing with it.
struct Nobody;

impl Sink for Nobody {
    fn text(&mut self, text: &Text<'_>) {
        divan::black_box(text.bytes);
    }
}

fn fixtures(format: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_none_or(|e| e != "toml")).map(|path| std::fs::read(path).unwrap()).collect()
}

#[divan::bench(args = ["text", "csv", "docx", "xlsx", "pdf", "zip"])]
fn fixture_files(bencher: Bencher<'_, '_>, format: &str) {
    let files = fixtures(format);
    let bytes: usize = files.iter().map(Vec::len).sum();
    bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(files.len())).bench(|| {
        for file in &files {
            let limits = Limits::for_size(file.len() as u64, Default::default());
            divan::black_box(Output::new(&mut Nobody, &limits).read(&mut Input::bytes(file.clone())));
        }
    });
}
