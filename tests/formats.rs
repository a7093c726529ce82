//! Every file in `fixtures/<format>/` holds what its `.expected.toml` says. A new case needs no Rust.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod program;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use program::{Place, of_type};
use serde::Deserialize;
use serde_json::Value;
use sporhund::format::FORMATS;
use sporhund::model::{Identifier, Key};

/// What must be found in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    outcome: String,
    persons: Vec<String>,
    #[serde(default)]
    tests: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
    #[serde(default)]
    problems: Vec<(String, String)>,
}

fn cases() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = std::fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.is_dir() && !path.ends_with("share"));
    let entries = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.to_str().unwrap().ends_with(".expected.toml"));
    cases.sort();
    cases
}

fn tokens(key: &Key, numbers: &[String]) -> BTreeSet<String> {
    let token = |number: &String| serde_json::to_value(key.subject(&Identifier::new(number.as_bytes()))).unwrap();
    numbers.iter().map(|number| token(number).as_str().unwrap().to_owned()).collect()
}

/// What is not as expected, in words that name the numbers: they are made up.
fn differences(place: &Place, case: &Path) -> Vec<String> {
    let expected: Expected = toml::from_str(&std::fs::read_to_string(case).unwrap()).unwrap();
    let file = case.to_str().unwrap().strip_suffix(".expected.toml").unwrap();
    let lines = place.scan(Path::new(file), "--all-files --findings-per-file 0");
    let line = of_type(&lines, "file")[0];
    let key = Key::from_hex(&std::fs::read_to_string(place.path("key")).unwrap()).unwrap();
    let listed = |test: bool| -> BTreeSet<String> {
        let findings = line["findings"].as_array().unwrap().iter();
        let of_kind = findings.filter(|finding| finding.get("test").is_some() == test);
        of_kind.map(|finding| finding["subject"].as_str().unwrap().to_owned()).collect()
    };
    let mut differences = Vec::new();
    for (what, numbers, test) in [("person", &expected.persons, false), ("test person", &expected.tests, true)] {
        let (wanted, found) = (tokens(&key, numbers), listed(test));
        for number in numbers {
            if !tokens(&key, std::slice::from_ref(number)).is_subset(&found) {
                differences.push(format!("{what} {number} is not listed"));
            }
        }
        let more = found.difference(&wanted).count();
        if more > 0 {
            let never: Vec<&String> =
                expected.never.iter().filter(|n| found.is_superset(&tokens(&key, std::slice::from_ref(n)))).collect();
            differences.push(format!("{more} listed as {what} that are none, of them {never:?}"));
        }
    }
    let outcome = match (&line["outcome"], &line["reason"]) {
        (Value::String(outcome), Value::String(reason)) => format!("{outcome}:{reason}"),
        (outcome, _) => outcome.as_str().unwrap().to_owned(),
    };
    if outcome != expected.outcome {
        differences.push(format!("outcome {outcome:?} for {:?}", expected.outcome));
    }
    let problems: Vec<(String, String)> = serde_json::from_value(Value::Array(
        line["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| Value::from(vec![p["kind"].clone(), p["at"].clone()]))
            .collect(),
    ))
    .unwrap();
    if problems != expected.problems {
        differences.push(format!("problems {problems:?} for {:?}", expected.problems));
    }
    differences
}

#[test]
fn every_fixture_holds_what_its_page_says() {
    let place = Place::new();
    let cases = cases();
    assert!(cases.len() > 70, "{} cases", cases.len());
    let mut failed = Vec::new();
    for case in &cases {
        let differences = differences(&place, case);
        if !differences.is_empty() {
            let name = case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display();
            failed.push(format!("{name}:\n    {}", differences.join("\n    ")));
        }
    }
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[test]
fn every_format_has_a_fixture() {
    let place = Place::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let lines = place.scan(&fixtures, "--all-files");
    let seen: BTreeSet<&str> = of_type(&lines, "file").iter().filter_map(|file| file["format"].as_str()).collect();
    let without: Vec<&str> = FORMATS.iter().map(|format| format.name).filter(|name| !seen.contains(name)).collect();
    assert!(without.is_empty(), "{without:?}");
}
