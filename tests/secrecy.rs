//! Nothing in the clear leaves the scanner: numbers are planted in contents, names and broken files, every command but
//! the doors is run at its highest verbosity, and every byte that was written is searched.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, one that is skipped says so"
)]

mod program;

use std::fs;
use std::io::Write;
use std::path::Path;

use program::Place;

/// Made up by hand; real dates, modulus 11 holds.
const PLANTED: [&str; 4] = ["1509883900", "2412096803", "0505772903", "0203913907"];

/// Every digit that a number could leave behind: date and serial together with anything short between, or the date
/// alone, which already says when somebody was born.
fn leaks(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut leaks = Vec::new();
    for number in PLANTED {
        let (date, serial) = number.split_at(6);
        let (day, month, year) = (&date[..2], &date[2..4], &date[4..]);
        let spelled = format!(r"{day}[^0-9a-f]{{0,3}}{month}[^0-9a-f]{{0,3}}(19|20)?{year}(.{{0,8}}{serial})?");
        let alone = regex::Regex::new(&format!(r"(^|[^0-9a-f]){spelled}($|[^0-9a-f])")).unwrap();
        leaks.extend(alone.find_iter(&text).map(|found| format!("{number}: {:?}", found.as_str())));
    }
    leaks
}

fn every_file(folder: &Path, give: &mut impl FnMut(&Path, Vec<u8>)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            every_file(&path, give);
        } else {
            give(&path, fs::read(&path).unwrap());
        }
    }
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, contents) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(contents.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn planted() -> Place {
    let place = Place::new();
    let [a, b, c, d] = PLANTED;
    let hyphen = |number: &str| format!("{}-{}", &number[..6], &number[6..]);
    place.file(&format!("Sager/{} Anna/{b}.txt", hyphen(a)), format!("cpr {} og {c} samt {d}", hyphen(b)));
    place.file(&format!("mappe {d}/liste {}.csv", hyphen(c)), format!("Navn;CPR {a}\nAnna;{b}\nBo;{c}\n"));
    place.file(&format!("sag_{}_{}.docx", &a[..6], &a[6..]), b"PK\x03\x04 broken");
    place.file(&format!("{}.pdf", hyphen(b)), format!("%PDF-1.7\n({a}) Tj broken {c}"));
    place.file("arkiv.zip", zip(&[(&format!("{}/brev {c}.txt", hyphen(d)), &format!("cpr {a}"))]));
    place.file("brudt.zip", zip(&[(&format!("{a}.txt"), b), ("x", d)]).split_last_chunk::<40>().unwrap().0);
    place.file(&format!("billede {c}.jpg"), b"\xff\xd8\xff\xe0");
    place.file("wide.txt", format!("cpr {a}").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    place.file("link.url", format!("https://x.dk/?sag={}%2D{}", &a[..6], &a[6..]));
    #[cfg(unix)]
    std::os::unix::fs::symlink(format!("{a}.txt"), place.path(&format!("share/link {b}"))).unwrap();
    place
}

#[test]
fn no_digit_of_a_number_stands_in_any_byte_written() {
    let place = planted();
    let [a, b, ..] = PLANTED;
    fs::create_dir(place.path(&format!("patterns {a}"))).unwrap();
    fs::write(place.path(&format!("patterns {a}/{b}.toml")), format!("id = {a}")).unwrap();
    fs::write(place.path("out/no.jsonl"), format!("{{\"type\":\"scan\",\"cpr\":\"{a}\"}}\n")).unwrap();
    fs::create_dir(place.path("elsewhere")).unwrap();
    let scan = "scan {}/share --key-file {}/key -vv --all-files --min-confidence 0 --findings-per-file 0";
    let mut written = Vec::new();
    for arguments in [
        scan.to_owned(),
        format!("{scan} -o {{}}/elsewhere/fund.jsonl"),
        format!("{scan} --jobs 1"),
        "scan {}/share -vv".to_owned(),
        format!("scan {{}}/share/{a}.txt"),
        format!("scan {{}}/share {{}}/share/{b}.pdf"),
        format!("scan {{}}/share --key-file {{}}/{a}"),
        format!("scan {{}}/share --key-file {{}}/key --rules {a}"),
        format!("scan {{}}/share --key-file {{}}/key -o {{}}/{a}/fund.jsonl"),
        format!("scan {{}}/share --key-file {{}}/key --as-of {a}"),
        "reveal 0123456789abcdef --from {}/elsewhere/fund.jsonl".to_owned(),
        format!("reveal {a} --from {{}}/out/no.jsonl"),
    ] {
        let output = place.run(&arguments);
        written.push((format!("standard output of {arguments}"), output.stdout));
        // What a person typed on the command line is theirs; clap shows it back where it cannot be read.
        if !arguments.contains("--as-of") {
            written.push((format!("standard error of {arguments}"), output.stderr));
        }
    }
    let patterns = place.path(&format!("patterns {a}"));
    let mut command = place.command("scan {}/share --key-file {}/key");
    let output = command.arg("--patterns").arg(patterns).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    written.push(("standard error of a broken rule".into(), output.stderr));
    for folder in ["home", "temporary", "elsewhere"] {
        every_file(&place.path(folder), &mut |path, bytes| written.push((path.display().to_string(), bytes)));
    }
    assert!(written.iter().any(|(from, bytes)| from.ends_with("fund.jsonl") && bytes.len() > 1000));
    for (from, bytes) in written {
        assert_eq!(leaks(&bytes), Vec::<String>::new(), "{from}");
    }
}

#[test]
fn the_search_for_leaks_would_find_one() {
    assert_eq!(leaks(b"sag 150988-3900").len(), 1);
    assert_eq!(leaks(b"15.09.1988").len(), 1);
    assert_eq!(leaks(b"\"subject\":\"a1509883900b2c3d\"").len(), 0, "a token may hold any digits");
}

#[test]
fn what_is_found_is_blanked_where_names_are_shown() {
    let place = planted();
    let lines = place.scan(&place.path("share"), "--all-files");
    let paths: Vec<&str> = lines.iter().filter_map(|line| line["path"].as_str()).collect();
    assert!(paths.contains(&"Sager/xxxxxx-xxxx Anna/xxxxxx-xxxx.txt"), "{paths:?}");
    assert!(paths.contains(&"sag_xxxxxx-xxxx.docx"), "{paths:?}");
    assert!(!program::of_type(&lines, "folder").is_empty());
}

#[cfg(unix)]
#[test]
fn reveal_shows_numbers_on_a_terminal_and_logs_its_use() {
    let place = planted();
    let scan = "scan {}/share --key-file {}/key -q -o {}/out/fund.jsonl";
    assert!(place.run(scan).status.success());
    let lines = program::lines(&fs::read(place.path("out/fund.jsonl")).unwrap());
    let id = program::file(&lines, "arkiv.zip")["id"].as_str().unwrap().to_owned();
    let reveal = format!("reveal {id} --from {{}}/out/fund.jsonl --key-file {{}}/key");
    let command = place.command(&reveal);
    let spelled: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    // `script` gives its command a terminal.
    let mut terminal = std::process::Command::new("script");
    terminal.args(["-qec", &spelled.join(" "), "/dev/null"]).env("HOME", place.path("home"));
    let Ok(output) = terminal.output() else {
        eprintln!("SKIPPED: reveal on a terminal, for there is no `script` (package bsdutils)");
        return;
    };
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("arkiv.zip") && shown.contains("150988-3900") && shown.contains("020391-3907"), "{shown}");
    let log = fs::read_to_string(place.path("home/.local/state/sporhund/use.log")).unwrap();
    assert!(log.contains(&id) && log.contains("\"command\":\"reveal\"") && log.contains("uid:"), "{log}");
    assert_eq!(leaks(log.as_bytes()), Vec::<String>::new());
}

#[test]
fn text_prints_what_the_scanner_sees_and_logs_its_use() {
    let place = planted();
    let output = place.run("text {}/share/arkiv.zip");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("cpr 1509883900"), "{shown}");
    assert!(shown.contains("== xxxxxx-xxxx/brev xxxxxx-xxxx.txt › line 1"), "{shown}");
    let log = fs::read_to_string(place.path("home/.local/state/sporhund/use.log")).unwrap();
    assert!(log.contains("arkiv.zip"), "{log}");
}
