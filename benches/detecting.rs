//! Text to hits: the search on texts from easy to hard, 16 MiB each.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use jiff::civil::Date;
use sporhund::detect::{Detector, Rules};
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

#[divan::bench(
    args = ["prose", "prose, a number in 4 KB", "prose in utf-16", "numeric csv", "ten digits", "numbers"],
    sample_count = 10
)]
fn search(bencher: Bencher<'_, '_>, kind: &str) {
    let (bytes, encoding) = text(kind);
    let rules = Rules::built_in();
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        let mut detector = Detector::new(&rules, Date::constant(2026, 9, 1));
        let parts = Arc::from([]);
        let mut hits = 0;
        for own in (0..bytes.len()).step_by(256 << 10) {
            let own = own..(own + (256 << 10)).min(bytes.len());
            let places = Places::Lines(1);
            detector
                .text(&Text { bytes: &bytes, encoding, own, parts: &parts, places, delimited: None }, |_| hits += 1);
        }
        detector.finish(|_| hits += 1);
        hits
    });
}
