//! The command line: help and one clear line for wrong use in `tests/cmd`, exit statuses and interruption here.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, one that is skipped says so"
)]

mod program;

use std::process::Stdio;
use std::time::Duration;

use program::{Place, lines, of_type};

#[test]
fn help_and_wrong_use_read_as_written() {
    trycmd::TestCases::new().case("tests/cmd/*.toml");
}

#[test]
fn the_readme_shows_the_table_of_formats() {
    let printed = String::from_utf8(Place::new().run("formats").stdout).unwrap();
    assert!(printed.lines().count() > 8);
    let update = "the table of the README is what `sporhund formats` prints";
    assert!(include_str!("../README.md").contains(&printed), "{update}");
}

/// What goes to standard error, and the exit status.
fn told(place: &Place, arguments: &str) -> (String, Option<i32>) {
    let output = place.run(arguments);
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    let told = String::from_utf8_lossy(&output.stderr).replace(place.path("").to_str().unwrap(), "{}/");
    (told.trim_end().to_owned(), output.status.code())
}

#[test]
fn wrong_use_is_told_in_one_line_and_leaves_nothing() {
    let place = Place::new();
    place.file("a/b.txt", "x");
    std::fs::write(place.path("short"), "0123").unwrap();
    std::fs::create_dir(place.path("patterns")).unwrap();
    std::fs::write(place.path("patterns/my.toml"), "id = \"my\"\n").unwrap();
    for (arguments, expected) in [
        ("scan {}/nothing", "path {}/nothing: could not be found: No such file or directory (os error 2)"),
        ("scan {}/share {}/share/a", "paths {}/share and {}/share/a overlap; give only one of them"),
        (
            "scan {}/share --key-file {}/short",
            "key file {}/short: a key is 64 hexadecimal digits (32 bytes), this one has 4 characters",
        ),
        ("scan {}/share --key-file {}/missing", "key file {}/missing: could not be read (entity not found)"),
        ("scan {}/share --key-file {}/key --rules iban", "no rule is called \"iban\" (there are: cpr)"),
        (
            "scan {}/share --key-file {}/key -o {}/no/fund.jsonl",
            "output folder {}/no: could not be written (entity not found); give another with --output",
        ),
        (
            "scan {}/share --key-file {}/key -o {}/fund.jsonl",
            "output {}/fund.jsonl: lies beside the key; write the findings to another folder",
        ),
        ("scan {}/share --key-file {}/key -o {}/out", "output {}/out: is a folder; name a file in it"),
        (
            "reveal 0123456789abcdef --from {}/share/a/b.txt",
            "reveal shows numbers in the clear and does so on a terminal only",
        ),
    ] {
        assert_eq!(told(&place, arguments), (format!("sporhund: {expected}"), Some(2)), "{arguments}");
    }
    let (told, status) = told(&place, "scan {}/share --key-file {}/key --patterns {}/patterns");
    assert!(told.starts_with("sporhund: my.toml: TOML parse error at line 1, column 1"), "{told}");
    assert_eq!(status, Some(2));
    assert_eq!(std::fs::read_dir(place.path("out")).unwrap().count(), 0);
}

#[test]
fn the_users_own_key_is_made_once_and_never_by_a_service() {
    let place = Place::new();
    place.file("b.txt", "cpr 150988-3900");
    let service = place.command("scan {}/share").env("INVOCATION_ID", "1").output().unwrap();
    assert_eq!(service.status.code(), Some(2));
    let told = String::from_utf8_lossy(&service.stderr);
    assert!(told.starts_with("sporhund: no key: a service makes none of its own"), "{told}");
    let first = lines(&place.run("scan {}/share").stdout);
    let second = lines(&place.run("scan {}/share").stdout);
    assert_eq!(first[1]["findings"], second[1]["findings"]);
    let key = place.path("home/.config/sporhund/key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_to_string(key).unwrap().trim().len(), 64);
}

#[test]
fn the_exit_status_says_what_the_contract_says() {
    let place = Place::new();
    place.file("b.txt", "cpr 150988-3900");
    let status = |more: &str| place.run(&format!("scan {{}}/share --key-file {{}}/key -q {more}")).status.code();
    assert_eq!(status(""), Some(0), "findings are no failure");
    assert_eq!(status("--fail-on 0.9"), Some(1));
    assert_eq!(status("--fail-on 1"), Some(0));
    assert_eq!(status("--fail-on-incomplete"), Some(0));
    place.file("c.jpg", b"\xff\xd8\xff\xe0");
    assert_eq!(status("--fail-on-incomplete --fail-on 0.9"), Some(3), "a gap comes before findings");
    assert_eq!(status("--min-confidence 2"), Some(2));
}

#[cfg(unix)]
#[test]
fn an_interrupted_scan_leaves_whole_valid_lines() {
    let place = Place::new();
    place.file("a/0.txt", "intet at se her\n".repeat(1 << 20));
    for i in 1..3000 {
        std::fs::hard_link(place.path("share/a/0.txt"), place.path(&format!("share/a/{i}.txt"))).unwrap();
    }
    let mut scan = place.command("scan {}/share --key-file {}/key --all-files -o {}/out/fund.jsonl");
    let scan = scan.stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let pid = scan.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = scan.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&std::fs::read(place.path("out/fund.jsonl")).unwrap());
    let summary = lines.last().unwrap();
    assert_eq!(summary["ended"], "interrupted");
    let coverage = &summary["coverage"];
    assert_eq!(coverage["found"], of_type(&lines, "file").len() as u64);
    assert!(coverage["unread"]["not reached"].as_u64().unwrap() > 0);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_as_it_is() {
    let place = Place::new();
    place.file("b.txt", "cpr 150988-3900");
    let made = std::process::Command::new("mkfifo").arg(place.path("out/pipe")).status().unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let path = place.path("out/pipe");
        move || std::fs::read(path).unwrap()
    });
    assert!(place.run("scan {}/share --key-file {}/key -q -o {}/out/pipe").status.success());
    assert_eq!(lines(&reader.join().unwrap()).len(), 3);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_listed_has_a_line_and_a_share_that_cannot_ends_with_5() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.file("lukket/b.txt", "x");
    place.file("lukket.txt", "x");
    let close = |path: &str, mode| {
        std::fs::set_permissions(place.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let Some(scan) = place.without_rights("scan {}/share --key-file {}/key -q") else {
        eprintln!("SKIPPED: nothing is closed to root, and root's program cannot be run by another here");
        return;
    };
    close("share/lukket", 0);
    close("share/lukket.txt", 0);
    let lines = lines(&scan().stdout);
    assert_eq!(of_type(&lines, "folder")[0]["problems"][0]["kind"], "folder not listed");
    assert_eq!(program::file(&lines, "lukket.txt")["reason"], "permission denied");
    assert_eq!(program::file(&lines, "lukket.txt")["size"], 1);
    assert_eq!(lines.last().unwrap()["folders"]["unlisted"], 1);
    close("share", 0);
    assert_eq!(scan().status.code(), Some(5));
    close("share", 0o700);
    close("share/lukket", 0o700);
}
