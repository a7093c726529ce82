//! Bytes to text, without detection: each format on its fixtures, and documents of many pages and rows.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::io::{Cursor, Write};
use std::path::Path;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use sporhund::format::{Input, Limits, Output};
use sporhund::model::{Sink, Text};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

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

/// Packs the parts of a document.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(part.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn document(format: &str) -> Vec<u8> {
    let text = "Udvalget tog orienteringen til efterretning, og budgettet vedtages i oktober.";
    match format {
        "docx" => {
            let body = format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>").repeat(20_000);
            package(&[("word/document.xml", &format!("<w:document><w:body>{body}</w:body></w:document>"))])
        }
        "odf" => {
            let body = format!("<text:p>{text}</text:p>").repeat(20_000);
            package(&[
                ("mimetype", ""),
                (
                    "content.xml",
                    &format!("<office:document-content><office:body>{body}</office:body></office:document-content>"),
                ),
            ])
        }
        "xlsx" => {
            let cells = |row: u32| (0..10).map(move |column| format!("<c><v>{}</v></c>", row * 97 + column));
            let rows = (1..20_000).map(|row| format!("<row>{}</row>", cells(row).collect::<String>()));
            let sheet = rows.collect::<String>();
            package(&[
                ("xl/workbook.xml", ""),
                ("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>")),
            ])
        }
        "zip" => package(&[("brev.txt", &format!("{text}\n").repeat(50_000))]),
        "html" => format!("<html><body>{}</body></html>", format!("<p>{text}</p>\n").repeat(20_000)).into_bytes(),
        "xml" => format!("<sag>{}</sag>", format!("<note>{text}</note>\n").repeat(20_000)).into_bytes(),
        "json" => format!("[{}]", vec![format!("{{\"note\": \"{text}\"}}"); 20_000].join(",")).into_bytes(),
        _ => unreachable!("no such document"),
    }
}

#[divan::bench(args = ["docx", "odf", "xlsx", "zip", "html", "xml", "json"], sample_count = 10)]
fn documents(bencher: Bencher<'_, '_>, format: &str) {
    let document = document(format);
    bencher.counter(BytesCount::new(document.len())).with_inputs(|| document.clone()).bench_values(|document| {
        let limits = Limits::for_size(document.len() as u64, Default::default());
        let (read_as, summary) = Output::new(&mut Nobody, &limits).read(&mut Input::bytes(document));
        assert_eq!((read_as, summary.read, summary.problems), (format, true, Vec::new()));
    });
}
