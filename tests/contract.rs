//! The output keeps its contract: the schema, the ledger, the order, and the same bytes at any number of threads.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, one that is skipped says so"
)]

mod program;

use std::path::Path;

use jsonschema::Validator;
use program::{Place, file, lines, of_type};
use serde_json::Value;

fn schema() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../docs/schema.json")).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// A share with something of everything that the contract tells apart.
fn varied() -> Place {
    let place = Place::new();
    place.file("a/liste.csv", "Navn;CPR\nAnna;150988-3900\nBo;241209-6803\nTest;111111-1118\n");
    place.file("a b/brev.txt", "Borger med cpr 150988-3900");
    place.file("Sager/150988-3900 Anna/notat.txt", "intet");
    place.file("ren.txt", "Menu: grød");
    place.file("mulig.txt", "se 150988-3901 her");
    place.file("billede.jpg", b"\xff\xd8\xff\xe0 not really");
    place.file("tom.txt", "");
    place.file("afbrudt.zip", b"PK\x03\x04broken");
    place.file(".snapshot/gammel.txt", "cpr 150988-3900");
    #[cfg(unix)]
    std::os::unix::fs::symlink("ren.txt", place.path("share/link")).unwrap();
    place
}

#[test]
fn every_line_keeps_the_schema() {
    let place = varied();
    let schema = schema();
    for more in ["", "--all-files --min-confidence 0 --findings-per-file 1"] {
        for line in place.scan(&place.path("share"), more) {
            let errors: Vec<String> = schema.iter_errors(&line).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{line}\n{errors:?}");
        }
    }
}

#[test]
fn the_ledger_reconciles_with_the_records_and_the_disk() {
    let place = varied();
    let lines = place.scan(&place.path("share"), "--all-files");
    let coverage = &lines.last().unwrap()["coverage"];
    let files = of_type(&lines, "file");
    let with = |outcome: &str| files.iter().filter(|file| file["outcome"] == outcome).count() as u64;
    assert_eq!(coverage["found"], files.len() as u64);
    assert_eq!(coverage["found"], 9, "eight files and a link; the snapshot's is not looked at");
    for outcome in ["read", "partly", "excluded"] {
        assert_eq!(coverage[outcome], with(outcome), "{outcome}");
    }
    let unread: u64 = coverage["unread"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(unread, with("unread"));
    assert_eq!(lines.last().unwrap()["folders"]["excluded"], 1);
}

#[test]
fn lines_stand_in_the_order_of_raw_paths_and_folders_among_them() {
    let place = varied();
    let lines = place.scan(&place.path("share"), "--all-files");
    let paths: Vec<&str> = lines.iter().filter_map(|line| line["path"].as_str()).collect();
    let named: Vec<&str> = paths.iter().copied().filter(|path| path.starts_with(['a', 'S'])).collect();
    assert_eq!(
        named,
        ["Sager/xxxxxx-xxxx Anna", "Sager/xxxxxx-xxxx Anna/notat.txt", "a b/brev.txt", "a/liste.csv", "afbrudt.zip"]
    );
}

#[test]
fn persons_are_told_apart_and_test_persons_are_none() {
    let place = varied();
    let lines = place.scan(&place.path("share"), "");
    let summary = lines.last().unwrap();
    assert_eq!((&summary["subjects"], &summary["minors"]), (&2.into(), &1.into()));
    assert_eq!((&summary["records"], &summary["tests"], &summary["possible"]), (&4.into(), &1.into(), &1.into()));
    let list = file(&lines, "a/liste.csv");
    assert_eq!((&list["subjects"], &list["records"], &list["tests"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!(list["findings"][0]["subject"], file(&lines, "a b/brev.txt")["findings"][0]["subject"]);
    assert_eq!(list["findings"][2]["test"], true);
}

#[test]
fn the_same_bytes_come_out_at_any_number_of_threads() {
    let place = varied();
    for i in 0..200 {
        place.file(&format!("mange/{i}/fil {i}.txt"), format!("cpr 150988-3900 og {i}"));
    }
    let one = timeless(&place, "--all-files --jobs 1");
    assert_eq!(one, timeless(&place, "--all-files --jobs 7"));
    assert_eq!(one, timeless(&place, "--all-files --jobs 2"));
}

/// The lines of a scan without its times.
fn timeless(place: &Place, more: &str) -> Vec<Value> {
    let mut lines = place.scan(&place.path("share"), more);
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        line.remove("started");
        line.remove("finished");
    }
    lines
}

#[test]
fn a_long_text_is_told_alike_by_one_thread_and_by_many() {
    let place = Place::new();
    let numbers = ["150988-3900", "241209-6803", "0707614285", "1209886543", "150988-3901", "intet"];
    // Lines of many lengths, so that a number stands across every kind of border between stretches.
    let line = |i: usize| format!("{i};{};{}\n", numbers[i % 7 % 6], "ord ".repeat(i * 31 % 97));
    for (name, heading) in [("liste.csv", "Nr;Cpr;Note\n"), ("log.txt", "Dette er en log\n\n")] {
        let text: String = std::iter::once(heading.to_owned()).chain((0..75_000).map(line)).collect();
        // More than two rounds of stretches, and an end inside of one.
        assert!(text.len() > 12 << 20 && !text.len().is_multiple_of(256 << 10));
        place.file(name, text);
    }
    let more = "--all-files --min-confidence 0 --findings-per-file 0 --jobs";
    let one = timeless(&place, &format!("{more} 1"));
    assert!(file(&one, "liste.csv")["records"].as_u64().unwrap() > 30_000);
    assert_eq!(one, timeless(&place, &format!("{more} 4")));
}

#[test]
fn listed_findings_are_capped_and_counts_are_not() {
    let place = Place::new();
    place.file("liste.txt", "cpr 150988-3900\n".repeat(50));
    let of = |more: &str| {
        let lines = place.scan(&place.path("share"), more);
        let line = file(&lines, "liste.txt").clone();
        (line["findings"].as_array().unwrap().len(), line["records"].as_u64().unwrap())
    };
    assert_eq!(of("--findings-per-file 7"), (7, 50));
    assert_eq!(of("--findings-per-file 0"), (50, 50));
    let lines = place.scan(&place.path("share"), "--findings-per-file 3");
    let first: Vec<&Value> =
        file(&lines, "liste.txt")["findings"].as_array().unwrap().iter().map(|f| &f["at"]).collect();
    assert_eq!(first, ["line 1", "line 2", "line 3"]);
}

#[test]
fn a_file_is_written_whole_and_for_its_owner_only() {
    let place = varied();
    let scan = "scan {}/share --key-file {}/key --as-of 2026-09-01 -q -o";
    assert!(place.run(&format!("{scan} {{}}/out/fund.jsonl")).status.success());
    let written = std::fs::read(place.path("out/fund.jsonl")).unwrap();
    assert_eq!(lines(&written).last().unwrap()["ended"], "complete");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(place.path("out/fund.jsonl")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_dir(place.path("out")).unwrap().count(), 1, "nothing half-written is left");
}

#[test]
fn an_output_in_the_share_counts_once_and_is_not_read() {
    let place = varied();
    for _ in 0..2 {
        let scan = "scan {}/share --key-file {}/key --as-of 2026-09-01 -q --all-files -o {}/share/fund.jsonl";
        assert!(place.run(scan).status.success());
        let lines = lines(&std::fs::read(place.path("share/fund.jsonl")).unwrap());
        assert_eq!(file(&lines, "fund.jsonl")["reason"], "own output");
        assert_eq!(lines.last().unwrap()["coverage"]["found"], 10);
    }
}

#[test]
fn a_single_file_is_a_share_of_its_own() {
    let place = varied();
    let lines = place.scan(&place.path("share/a/liste.csv"), "");
    assert_eq!(lines.last().unwrap()["coverage"]["found"], 1);
    assert_eq!(file(&lines, "liste.csv")["records"], 2);
}

#[test]
fn access_times_stay_as_they_were() {
    if !cfg!(target_os = "linux") {
        eprintln!("SKIPPED: access times are kept on Linux only");
        return;
    }
    let place = varied();
    let path = place.path("share/ren.txt");
    let past = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let times = std::fs::FileTimes::new().set_accessed(past).set_modified(past + std::time::Duration::from_secs(9));
    std::fs::File::options().write(true).open(&path).unwrap().set_times(times).unwrap();
    place.scan(Path::new(&place.path("share")), "");
    assert_eq!(std::fs::metadata(&path).unwrap().accessed().unwrap(), past);
}
