//! Text to hits, on texts from easy to hard, 16 MiB each: the whole of it, and its stages: candidates by their shape, what
//! the validator says of each, the words that speak for or against.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use jiff::civil::Date;
use sporhund::detect::candidate::{self, Candidate, Found};
use sporhund::detect::{Detector, Rule, Rules};
use sporhund::model::{Encoding, Places, Text};

fn main() {
    divan::main();
}

const BYTES: usize = 16 << 20;

/// Numbers that look random and are the same in every run.
fn noise(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn filled(mut line: impl FnMut(u64) -> String) -> Vec<u8> {
    let mut state = 42;
    let mut text = String::with_capacity(BYTES + 200);
    while text.len() < BYTES {
        text.push_str(&line(noise(&mut state)));
        text.push('\n');
    }
    text.into_bytes()
}

const PROSE: &str =
    "Udvalget tog orienteringen til efterretning, og budgettet for næste år forventes vedtaget i oktober.";

fn text(kind: &str) -> (Vec<u8>, Encoding) {
    let utf8 = |text| (text, Encoding::Utf8);
    match kind {
        "prose" => utf8(filled(|_| PROSE.into())),
        "prose, a number in 4 KB" => utf8(filled(|n| match n % 40 {
            0 => "Borger med cpr 150988-3900 har ringet.".into(),
            _ => PROSE.into(),
        })),
        "numeric csv" => utf8(filled(|n| format!("{};{};{};{}", n % 97, n % 9_973, n % 99_991, n % 1_000_003))),
        "ten digits" => utf8(filled(|n| format!("{:010}", n % 10_000_000_000))),
        "numbers" => utf8(filled(|_| "150988-3900".into())),
        "prose in utf-16" => {
            let (prose, _) = text("prose");
            let wide = String::from_utf8(prose).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
            (wide, Encoding::Utf16Le)
        }
        _ => unreachable!("no such text"),
    }
}

const TEXTS: [&str; 6] =
    ["prose", "prose, a number in 4 KB", "prose in utf-16", "numeric csv", "ten digits", "numbers"];

/// Gives the text in pieces as a scan does, with what stands round each.
fn pieces(bytes: &[u8], encoding: Encoding, mut each: impl FnMut(&Text<'_>)) {
    let parts = Arc::from([]);
    for start in (0..bytes.len()).step_by(256 << 10) {
        let end = (start + (256 << 10)).min(bytes.len());
        let (from, to) = (start.saturating_sub(2048), (end + 128).min(bytes.len()));
        let (bytes, own) = (&bytes[from..to], start - from..end - from);
        each(&Text { bytes, encoding, own, parts: &parts, places: Places::Lines(1), delimited: None });
    }
}

#[divan::bench(args = TEXTS, sample_count = 10)]
fn search(bencher: Bencher<'_, '_>, kind: &str) {
    let (bytes, encoding) = text(kind);
    let rules = Rules::built_in();
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        let mut detector = Detector::new(&rules, Date::constant(2026, 9, 1));
        let mut hits = 0;
        pieces(&bytes, encoding, |text| detector.text(text, |_| hits += 1));
        detector.finish(|_| hits += 1);
        hits
    });
}

#[divan::bench(args = TEXTS, sample_count = 10)]
fn candidates(bencher: Bencher<'_, '_>, kind: &str) {
    let (bytes, encoding) = text(kind);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        let mut found = 0;
        pieces(&bytes, encoding, |text| candidate::search(text, |_| found += 1));
        found
    });
}

#[divan::bench(sample_count = 10)]
fn validate(bencher: Bencher<'_, '_>) {
    let mut candidates = Vec::new();
    pieces(&text("numbers").0[..1 << 20], Encoding::Utf8, |text| {
        candidate::search(text, |found| candidates.extend(candidate_of(found)));
    });
    let rules = Rules::built_in();
    let weigh = |candidate| rules.iter().filter_map(move |rule| weighed(rule, candidate)).count();
    bencher.counter(ItemsCount::new(candidates.len())).bench(|| candidates.iter().map(weigh).sum::<usize>());
}

fn candidate_of(found: Found) -> Option<Candidate> {
    if let Found::Candidate(candidate) = found { Some(candidate) } else { None }
}

fn weighed(rule: &Rule, candidate: &Candidate) -> Option<bool> {
    (rule.validator.validate)(candidate, rule, Date::constant(2026, 9, 1)).map(|verdict| verdict.minor)
}

#[divan::bench(sample_count = 10)]
fn terms(bencher: Bencher<'_, '_>) {
    let text = String::from_utf8(text("prose, a number in 4 KB").0).unwrap();
    let rules = Rules::built_in();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| rules.iter().map(|rule| rule.words.find(&text).count()).sum::<usize>());
}
