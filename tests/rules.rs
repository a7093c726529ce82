//! Every rule finds what its own examples say, and the published spellings are listed or not as they should be.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, one that is skipped says so"
)]

use jiff::civil::Date;
use sporhund::detect::{Detector, Hit, Rules};
use sporhund::format::{Input, Limits, Output};
use sporhund::model::{Sink, Text};

const TODAY: Date = Date::constant(2026, 11, 21);

/// What the rules find in a plain text: everything above their floor.
fn hits<'r>(rules: &'r Rules, text: &str) -> Vec<Hit<'r>> {
    hits_of(rules, text.into())
}

fn hits_of(rules: &Rules, bytes: Vec<u8>) -> Vec<Hit<'_>> {
    struct Hits<'r>(Detector<'r>, Vec<Hit<'r>>);
    impl Sink for Hits<'_> {
        fn text(&mut self, text: &Text<'_>) {
            self.0.text(text, |hit| self.1.push(hit));
        }
    }
    let mut sink = Hits(Detector::new(rules, TODAY), Vec::new());
    let limits = Limits::for_size(bytes.len() as u64, Default::default());
    let mut stream = &bytes[..];
    Output::new(&mut sink, &limits).read(&mut Input::stream(&mut stream).unwrap());
    let Hits(mut detector, mut hits) = sink;
    detector.finish(|hit| hits.push(hit));
    hits
}

/// The ten digits of what is listed, in order.
fn listed(rules: &Rules, text: &str) -> Vec<String> {
    let digits = |hit: &Hit<'_>| String::from_utf8_lossy(hit.identifier.normal()).into_owned();
    hits(rules, text).iter().filter(|hit| hit.confidence() >= 0.5 && !hit.test).map(digits).collect()
}

fn digits(spelled: &str) -> String {
    let digits: String = spelled.chars().filter(char::is_ascii_digit).collect();
    // A year of four digits: its century says nothing that the seventh digit does not.
    if digits.len() == 12 { format!("{}{}", &digits[..4], &digits[6..]) } else { digits }
}

#[test]
fn every_rule_finds_what_its_examples_say() {
    let rules = Rules::built_in();
    for rule in rules.iter() {
        let only = Rules::built_in().only(&[rule.id.to_string()]).unwrap();
        assert!(rule.examples.iter().any(|example| !example.finds.is_empty()), "rule {} has no example", rule.id);
        assert!(rule.examples.iter().any(|example| example.finds.is_empty()), "rule {} has no counterexample", rule.id);
        for example in &rule.examples {
            let expected: Vec<String> = example.finds.iter().map(|spelled| digits(spelled)).collect();
            assert_eq!(listed(&only, &example.text), expected, "rule {}: {:?}", rule.id, example.text);
        }
    }
}

#[test]
fn published_spellings_are_listed_or_not_as_they_should_be() {
    #[derive(serde::Deserialize)]
    struct Spelling {
        text: String,
        expect: Option<String>,
        why: String,
    }
    let spellings: Vec<Spelling> = serde_json::from_str(include_str!("../fixtures/vectors/spellings.json")).unwrap();
    assert!(spellings.len() > 50);
    let rules = Rules::built_in();
    for Spelling { text, expect, why } in spellings {
        // Nine digits are a number only in a column that says so.
        let text = if why.contains("column") { format!("Navn;CPR\nJens;{text}\n") } else { text };
        assert_eq!(listed(&rules, &text), Vec::from_iter(expect), "{text:?} ({why})");
    }
}

#[test]
fn the_seventh_digit_must_agree_with_a_four_digit_year() {
    let rules = Rules::built_in();
    assert_eq!(listed(&rules, "cpr 07.07.1961-4285").len(), 1);
    assert_eq!(listed(&rules, "cpr 07.07.2061-4285").len(), 0);
}

#[test]
fn test_persons_are_told_apart() {
    let rules = Rules::built_in();
    let hits = hits(&rules, "CPR 111111-1118 og cpr-nr. 251248-9996");
    assert_eq!(hits.iter().filter(|hit| hit.test).count(), 2);
}

#[test]
fn a_column_of_numbers_lifts_those_that_lost_their_zero() {
    let rules = Rules::built_in();
    assert_eq!(listed(&rules, "Navn;CPR-nr\nx;707614285\n").len(), 1, "a heading");
    let beside = "a;b\nx;1509883900\nx;2412096803\nx;1509883900\nx;707614285\n";
    assert_eq!(listed(&rules, beside).len(), 4, "numbers of ten digits beside it");
    assert_eq!(listed(&rules, "a;b\nx;707614285\nx;203913907\nx;101158918\n").len(), 3, "each of them passes");
    assert_eq!(listed(&rules, "a;b\nx;707614285\nx;707614286\nx;123456789\n").len(), 0, "chance");
}

#[test]
fn a_note_about_an_invoice_is_no_heading_of_its_column() {
    let rules = Rules::built_in();
    let notes = "Navn;Note\nAnna;se faktura 17\nBo;ring til 150988-3900\n";
    assert_eq!(listed(&rules, notes).len(), 1);
    assert_eq!(listed(&rules, "Navn;Fakturanr\nAnna;1509883900\nBo;2412096803\n").len(), 0);
}

#[test]
fn a_dozen_times_in_seconds_are_no_persons_and_a_labelled_number_among_them_is_one() {
    let rules = Rules::built_in();
    let log: String = (0..40).map(|i| format!("{} smbd ok\n", 1_701_300_000 + i * 1111)).collect();
    assert_eq!(listed(&rules, &log).len(), 0);
    assert_eq!(listed(&rules, &format!("{log}cpr 1509883900\n")).len(), 1);
}

#[test]
fn a_number_across_the_border_of_two_chunks_is_found_once_and_in_its_line() {
    const CHUNK: usize = 256 * 1024;
    let rules = Rules::built_in();
    let number = "cpr 150988-3900";
    for wide in [false, true] {
        for shift in (0..160).step_by(if cfg!(debug_assertions) { 7 } else { 1 }) {
            let line = "x".repeat(61) + "\n\n";
            let units = CHUNK / if wide { 2 } else { 1 } - shift;
            let before = line.repeat(units / 63) + &"y".repeat(units % 63);
            let lines = before.matches('\n').count() as u64 + 1;
            let text = format!("{before} {number}, {}", line.repeat(9000));
            let bytes = if wide { text.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { text.into_bytes() };
            let hits = hits_of(&rules, bytes);
            let places: Vec<String> = hits.iter().map(|hit| hit.location.to_string()).collect();
            assert_eq!(places, [format!("line {lines}")], "wide {wide}, shift {shift}");
        }
    }
}
