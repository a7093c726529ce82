//! The cases that sporhund exists for, on the fixture share: counts of persons, children and files, and the ledger.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod program;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use program::{Place, of_type};
use serde_json::{Value, json};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn scanned(below: &str) -> Vec<Value> {
    Place::new().scan(&fixtures().join("share").join(below), "--all-files --findings-per-file 0")
}

fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixtures().join("share.expected.json")).unwrap()).unwrap()
}

/// Outcome, distinct persons, children, occurrences and test persons of a file line.
fn counts(line: &Value) -> Value {
    let outcome = match (&line["outcome"], &line["reason"]) {
        (Value::String(outcome), Value::String(reason)) => format!("{outcome}:{reason}"),
        (outcome, _) => outcome.as_str().unwrap().to_owned(),
    };
    json!([outcome, line["subjects"], line["minors"], line["records"], line["tests"]])
}

#[test]
fn every_file_of_the_share_is_told_as_planted() {
    let lines = scanned("");
    let mut failed = Vec::new();
    for (path, expected) in expected()["files"].as_object().unwrap() {
        let expected = ["outcome", "persons", "minors", "records", "tests"].map(|key| expected[key].clone());
        // Names of files are shown blanked, so a file with a number in its name is looked up by its blanked name.
        let shown = sporhund::model::Shown::new(path.as_bytes()).to_string();
        let of_name: Vec<Value> =
            of_type(&lines, "file").into_iter().filter(|line| line["path"] == *shown).map(counts).collect();
        if !of_name.contains(&json!(expected)) {
            failed.push(format!("{path}: {of_name:?} for {}", json!(expected)));
        }
    }
    assert!(failed.is_empty(), "{} files:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn the_share_adds_up_with_every_person_counted_once() {
    let lines = scanned("");
    let (summary, expected) = (lines.last().unwrap(), &expected()["share"]);
    let coverage = &summary["coverage"];
    for outcome in ["found", "read", "partly", "unread"] {
        assert_eq!(coverage[outcome], expected[outcome], "{outcome}");
    }
    for (ours, theirs) in [
        ("subjects", "persons"),
        ("minors", "minors"),
        ("records", "records"),
        ("tests", "tests"),
        ("files_with_findings", "files_with_findings"),
    ] {
        assert_eq!(summary[ours], expected[theirs], "{theirs}");
    }
}

/// Tokens of all persons below a folder of the share.
fn persons(lines: &[Value], below: &str) -> BTreeSet<String> {
    let files = of_type(lines, "file").into_iter();
    let below = files.filter(|line| line["path"].as_str().unwrap().starts_with(below));
    let findings = below.flat_map(|line| line["findings"].as_array().unwrap());
    findings.map(|finding| finding["subject"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_old_computers_folder_is_found_with_its_children() {
    let lines = scanned("Daginst");
    let summary = lines.last().unwrap();
    assert!(summary["minors"].as_u64().unwrap() >= 30, "{}", summary["minors"]);
    let formats: BTreeSet<&str> = of_type(&lines, "file")
        .into_iter()
        .filter(|line| line["records"].as_u64().unwrap() > 0)
        .filter_map(|line| line["format"].as_str())
        .collect();
    assert!(formats.is_superset(&BTreeSet::from(["csv", "docx", "pdf", "text", "xlsx", "zip"])), "{formats:?}");
}

#[test]
fn copies_of_a_list_hold_the_same_persons() {
    let lines = scanned("Aalborg");
    let extract = of_type(&lines, "file").into_iter().filter(|line| line["subjects"] == 2000);
    let lists: Vec<BTreeSet<String>> =
        extract.map(|line| persons(std::slice::from_ref(line), line["path"].as_str().unwrap())).collect();
    assert_eq!(lists.len(), 3, "the csv, its copy and the workbook");
    assert!(lists.iter().all(|list| *list == lists[0]));
    let all = lines.last().unwrap()["subjects"].as_u64().unwrap();
    assert!(all < 2300, "{all}: persons in several files count once");
}

#[test]
fn a_desktops_list_of_forty_citizens_is_forty_persons() {
    let lines = scanned("Desktop");
    assert_eq!(lines.last().unwrap()["subjects"], 40);
}

#[test]
fn a_folder_named_by_a_number_has_a_line_of_its_own() {
    let lines = scanned("Blandet");
    let folders = of_type(&lines, "folder");
    assert_eq!(folders[0]["path"], "Sager/xxxxxx-xxxx Ågaard");
    assert_eq!(folders[0]["findings"][0]["at"], "name");
}
