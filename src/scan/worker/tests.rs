//! Workers under a parser that has every fault.

use std::io::Write;
use std::time::Duration;

use super::*;
use crate::format::FAULTY_MAGIC;
use crate::model::Text;

/// The worker of the tests below, which is this test, started anew.
#[test]
#[ignore = "is started by other tests as their worker"]
fn worker() {
    super::serve().unwrap();
}

impl Workers {
    /// Workers that are this test program.
    fn of_this_test() -> Self {
        Self::with_memory(LEAST_BYTES)
    }

    /// As such, of which one may take so many bytes.
    fn with_memory(bytes: u64) -> Self {
        let words = ["scan::worker::tests::worker", "--exact", "--ignored"].map(str::to_owned);
        Self::started_with(std::env::current_exe().unwrap(), words.into(), bytes, Duration::from_secs(3)).unwrap()
    }
}

/// The text that was given, with where it stands.
#[derive(Default)]
struct Kept(Vec<String>);

impl Sink for Kept {
    fn text(&mut self, text: &Text<'_>) {
        let parts: Vec<&str> = text.parts.iter().map(|part| part.name.as_str()).collect();
        let own = String::from_utf8_lossy(&text.bytes[text.own.clone()]);
        self.0.push(format!("{}: {}", parts.join("/"), own.trim().replace('\n', " ")));
    }
}

/// What reading this file gives: the text, the problems, and if some of it counts as read.
///
/// Before and after it a file without fault is read.
fn read(contents: &[u8]) -> (Vec<String>, Vec<String>, bool) {
    let mut reader = Reader::new(Workers::of_this_test(), Arc::default());
    let limits = Limits { expanded_bytes: 1 << 20, parts: 10_000, depth: 3, stop: Arc::default() };
    let mut read = |contents: &[u8]| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(contents).unwrap();
        let mut kept = Kept::default();
        let summary = reader.read(&file, None, LEAST_BYTES, &limits, &mut kept).unwrap().summary;
        let problems: Vec<_> = summary.problems.iter().map(|p| format!("{}: {:?}", p.location, p.kind)).collect();
        (kept.0, problems, summary.read)
    };
    let well = (vec![": before after".to_owned()], vec![], true);
    assert_eq!(read(&faulty("well")), well);
    let outcome = read(contents);
    assert_eq!(read(&faulty("well")), well);
    outcome
}

fn faulty(word: &str) -> Vec<u8> {
    [FAULTY_MAGIC, word.as_bytes()].concat()
}

/// A zip of members that are stored.
fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, contents) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_fault_of_a_parser_costs_the_rest_of_its_file() {
    for (word, kind) in [
        ("panic", ProblemKind::Damaged),
        ("abort", ProblemKind::Damaged),
        ("overflow", ProblemKind::Damaged),
        ("hang", ProblemKind::Timeout),
        ("allocate", ProblemKind::Memory),
    ] {
        let expected = (vec![": before".to_owned()], vec![format!("whole: {kind:?}")], true);
        assert_eq!(read(&faulty(word)), expected, "{word}");
    }
}

#[test]
fn a_parser_that_never_ends_is_ended() {
    for word in ["talk", "call"] {
        assert_eq!(read(&faulty(word)).1, ["whole: TooLarge"], "{word}");
    }
}

#[test]
fn a_fault_in_a_member_leaves_its_siblings_unharmed() {
    let text = |text: &str| text.as_bytes().to_vec();
    let (given, problems, _) = read(&zip(&[
        ("a.txt", text("first")),
        ("b", faulty("abort")),
        ("c.txt", text("second")),
        ("d.zip", zip(&[("e", faulty("hang")), ("f.txt", text("third"))])),
        ("g", faulty("allocate")),
        ("h.txt", text("last")),
    ]));
    let expected = [
        ["a.txt: a.txt", "a.txt: first"],
        ["b: b", "b: before"],
        ["c.txt: c.txt", "c.txt: second"],
        ["d.zip: d.zip", "d.zip/e: e"],
        ["d.zip/e: before", "d.zip/f.txt: f.txt"],
        ["d.zip/f.txt: third", "g: g"],
        ["g: before", "h.txt: h.txt"],
    ];
    assert_eq!(given, [&expected.concat()[..], &["h.txt: last"]].concat());
    assert_eq!(problems, ["b: Damaged", "d.zip › e: Timeout", "g: Memory"]);
}

#[test]
fn a_file_that_is_no_longer_given_is_no_fault_of_a_parser() {
    let mut reader = Reader::new(Workers::of_this_test(), Arc::default());
    let limits = Limits::for_size(0, Arc::default());
    let folder = tempfile::tempdir().unwrap();
    // The system opens a folder and gives an error when it is read, as it does when a server is gone.
    let file = File::open(folder.path()).unwrap();
    let reading = reader.read(&file, None, LEAST_BYTES, &limits, &mut Kept::default()).unwrap();
    let problems: Vec<_> = reading.summary.problems.iter().map(|problem| problem.kind).collect();
    assert_eq!((reading.format, problems), (Some(crate::format::UNKNOWN), vec![ProblemKind::ReadError]));
    assert!(reader.worker.is_some());
}

#[test]
fn what_needs_more_than_it_was_given_is_read_again_with_all() {
    let mut reader = Reader::new(Workers::with_memory(2 * LEAST_BYTES), Arc::default());
    let limits = Limits { expanded_bytes: 1 << 20, parts: 10_000, depth: 3, stop: Arc::default() };
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&faulty("allocate")).unwrap();
    let mut read = |memory| {
        let reading = reader.read(&file, None, memory, &limits, &mut Kept::default())?;
        Some(reading.summary.problems.iter().map(|problem| problem.kind).collect::<Vec<_>>())
    };
    assert_eq!(read(LEAST_BYTES), None);
    assert_eq!(read(2 * LEAST_BYTES), Some(vec![ProblemKind::Memory]));
    assert!(reader.worker.is_none());
}

#[test]
fn a_worker_is_locked_in() {
    let workers = Workers::of_this_test();
    if workers.level() != Sandbox::Full {
        writeln!(std::io::stderr(), "SKIPPED: the sandbox of this system is {:?}", workers.level()).unwrap();
        return;
    }
    assert_eq!(read(&faulty("break out")).0, [": before [false, false, false, false, false, false]"]);
}
