//! A share behind a network is read with few requests at once, more while it stays quick, and to its end when it hangs up.
//!
//! Nothing here looks at a clock: the share counts how many requests it has at once.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod distant;
mod program;

use std::path::Path;
use std::time::Duration;

use distant::{Distance, Distant};
use program::{Place, of_type};
use serde_json::Value;

/// Long against what a busy machine adds.
const DISTANCE: Distance =
    Distance { latency: Duration::from_millis(10), bytes_per_second: None, works_on: None, hangs_up_at: None };

/// A share of 600 small files in 200 folders.
fn many_small_files() -> Place {
    let place = Place::new();
    for folder in 0..200 {
        for file in 0..3 {
            let name = format!("{}/{folder}/{file}.txt", folder % 10);
            place.file(&name, format!("{folder} {file}: Borger med cpr 150988-3900\n"));
        }
    }
    place
}

fn scan(place: &Place, share: &Path, more: &str) -> Vec<Value> {
    place.scan(share, &format!("--all-files --jobs 2 {more}"))
}

/// The lines of files and folders, without what names the share and what FUSE does not tell.
fn lines_of_files(lines: Vec<Value>) -> Vec<String> {
    let mut lines: Vec<Value> = lines.into_iter().filter(|line| line["path"].is_string()).collect();
    for line in &mut lines {
        for name in ["share", "id", "created"] {
            line.as_object_mut().unwrap().remove(name);
        }
    }
    lines.iter().map(Value::to_string).collect()
}

#[test]
fn what_is_found_over_the_network_is_what_is_found_in_the_folder() {
    let place = Place::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join("share");
    let distance = Distance { latency: Duration::from_millis(1), ..DISTANCE };
    let Some(distant) = Distant::mount_or_skip(&fixtures, distance) else { return };
    let near = lines_of_files(scan(&place, &fixtures, ""));
    assert!(near.len() > 100);
    for more in ["", "--full-speed"] {
        let far = lines_of_files(scan(&place, distant.path(), more));
        let other = near.iter().zip(&far).find(|(near, far)| near != far);
        assert!(other.is_none() && near.len() == far.len(), "{more}: {other:?}");
    }
}

#[test]
fn a_server_is_asked_four_things_at_once_and_more_while_it_stays_quick() {
    let place = many_small_files();
    let Some(distant) = Distant::mount_or_skip(&place.path("share"), DISTANCE) else { return };
    scan(&place, distant.path(), "");
    let at_once: Vec<usize> = distant.requests().iter().map(|request| request.at_once).collect();
    assert!(at_once.len() > 2000, "{}", at_once.len());
    let most = |requests: &[usize]| requests.iter().copied().max().unwrap();
    // The listing of a folder is three requests, a file another three with two answers that count: 64 are not there yet.
    assert_eq!(most(&at_once[..90]), 4, "{:?}", &at_once[..90]);
    assert!((8..=64).contains(&most(&at_once)), "{}", most(&at_once));
}

#[test]
fn a_server_that_lets_requests_wait_is_asked_little_more_than_it_works_on() {
    let place = many_small_files();
    let distance = Distance { works_on: Some(6), ..DISTANCE };
    let Some(distant) = Distant::mount_or_skip(&place.path("share"), distance) else { return };
    scan(&place, distant.path(), "");
    let mut at_once: Vec<usize> = distant.requests().iter().map(|request| request.at_once).collect();
    at_once.drain(..1000);
    at_once.sort_unstable();
    let middle = at_once[at_once.len() / 2];
    assert!((4..=18).contains(&middle), "{middle}");
}

#[test]
fn at_full_speed_a_server_is_asked_up_to_64_things_at_once() {
    let place = many_small_files();
    let Some(distant) = Distant::mount_or_skip(&place.path("share"), DISTANCE) else { return };
    scan(&place, distant.path(), "--full-speed");
    let most = distant.requests().iter().map(|request| request.at_once).max().unwrap();
    assert!((48..=64).contains(&most), "{most}");
}

#[test]
fn a_share_that_hangs_up_costs_what_was_not_read_of_it() {
    let place = many_small_files();
    let distance = Distance { hangs_up_at: Some(900), ..DISTANCE };
    let Some(distant) = Distant::mount_or_skip(&place.path("share"), distance) else { return };
    let lines = scan(&place, distant.path(), "--full-speed");
    let summary = lines.last().unwrap();
    let count = |pointer: &str| summary.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let files = of_type(&lines, "file").len() as u64;
    let (read, unread) = (count("/coverage/read"), count("/coverage/unread/read error"));
    assert_eq!((summary["ended"].as_str(), count("/coverage/found")), (Some("complete"), files));
    assert_eq!(read + unread, files);
    assert!(read > 50 && unread + count("/folders/unlisted") > 10, "{summary}");
}
