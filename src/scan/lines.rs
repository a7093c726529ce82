//! The lines of the output, each one JSON object, as `docs/schema.json` says.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::ledger::Totals;
use super::{Options, Sandbox};
use crate::model::{
    Area, Category, Counts, Exclusion, FileRecord, Finding, FolderRecord, Key, Members, Outcome, Problem, ProblemKind,
    Share, Shown,
};

/// Number of the contract. Additive changes keep it.
const SCHEMA: &str = "sporhund/1";

/// The first line: what is scanned, and with what.
#[derive(Serialize)]
pub struct ScanLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    version: &'static str,
    #[serde(serialize_with = "seconds")]
    started: Timestamp,
    as_of: Date,
    host: &'a str,
    key: String,
    rules: &'a str,
    sandbox: Sandbox,
    shares: Vec<ShareEntry>,
}

#[derive(Serialize)]
struct ShareEntry {
    path: Shown,
    label: Shown,
    area: Area,
}

impl<'a> ScanLine<'a> {
    /// A scan that started at a time, under a key, with the rules of a fingerprint.
    pub fn new(started: Timestamp, options: &'a Options, key: &Key, rules: &'a str, shares: &[Share]) -> Self {
        let shares = shares.iter().map(|share| ShareEntry {
            path: Shown::new(share.given().as_os_str().as_encoded_bytes()),
            label: Shown::new(share.label.as_bytes()),
            area: share.area,
        });
        Self {
            r#type: "scan",
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            started,
            as_of: options.as_of,
            host: &options.host,
            key: key.fingerprint(),
            rules,
            sandbox: options.isolation.sandbox(),
            shares: shares.collect(),
        }
    }
}

/// A file.
#[derive(Serialize)]
pub struct FileLine<'a> {
    r#type: &'static str,
    id: String,
    share: Shown,
    path: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_seconds")]
    created: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_seconds")]
    modified: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    subjects: usize,
    minors: usize,
    records: u64,
    possible: u64,
    tests: u64,
    rules: &'a BTreeMap<Arc<str>, u64>,
    categories: &'a BTreeMap<Category, u64>,
    findings: &'a [Finding],
    members: MembersEntry<'a>,
    problems: &'a [Problem],
    #[serde(skip_serializing_if = "is_zero")]
    problems_omitted: u64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Reason {
    Unread(ProblemKind),
    Excluded(Exclusion),
}

#[derive(Serialize)]
struct MembersEntry<'a> {
    read: u64,
    unread: &'a BTreeMap<ProblemKind, u64>,
}

impl<'a> FileLine<'a> {
    /// The line of a record of a file on `share`.
    pub fn new(record: &'a FileRecord, share: &Share, key: &Key) -> Self {
        let (outcome, reason) = match record.outcome() {
            Outcome::Read => ("read", None),
            Outcome::Partly => ("partly", None),
            Outcome::Unread(kind) => ("unread", Some(Reason::Unread(kind))),
            Outcome::Excluded(exclusion) => ("excluded", Some(Reason::Excluded(exclusion))),
        };
        let stamp = record.stamp.as_ref();
        let Counts { records, possible, tests, rules, categories, .. } = &record.counts;
        let Members { read, unread } = &record.members;
        Self {
            r#type: "file",
            id: key.place_id(&share.label, &record.entry.path),
            share: Shown::new(share.label.as_bytes()),
            path: record.entry.path.shown(),
            format: record.format,
            size: stamp.map(|stamp| stamp.size),
            created: stamp.and_then(|stamp| stamp.created),
            modified: stamp.and_then(|stamp| stamp.modified),
            owner: stamp.and_then(|stamp| stamp.owner.as_deref()),
            outcome,
            reason,
            subjects: record.persons.len(),
            minors: record.minors(),
            records: *records,
            possible: *possible,
            tests: *tests,
            rules,
            categories,
            findings: &record.findings,
            members: MembersEntry { read: *read, unread },
            problems: &record.problems,
            problems_omitted: record.problems_omitted,
        }
    }
}

/// A folder whose name holds a finding or that could not be listed.
#[derive(Serialize)]
pub struct FolderLine<'a> {
    r#type: &'static str,
    id: String,
    share: Shown,
    path: Shown,
    findings: &'a [Finding],
    problems: Vec<Problem>,
}

impl<'a> FolderLine<'a> {
    /// The line of a record of a folder on `share`.
    pub fn new(record: &'a FolderRecord, share: &Share, key: &Key) -> Self {
        Self {
            r#type: "folder",
            id: key.place_id(&share.label, &record.path),
            share: Shown::new(share.label.as_bytes()),
            path: record.path.shown(),
            findings: &record.findings,
            problems: record.problem.into_iter().map(Problem::of_whole).collect(),
        }
    }
}

/// The last line: how the scan ended, and the sums.
#[derive(Serialize)]
pub struct SummaryLine<'a> {
    r#type: &'static str,
    ended: &'static str,
    #[serde(serialize_with = "seconds")]
    finished: Timestamp,
    #[serde(flatten)]
    totals: &'a Totals,
}

impl<'a> SummaryLine<'a> {
    /// A scan that finished at a time, interrupted or complete.
    pub fn new(finished: Timestamp, interrupted: bool, totals: &'a Totals) -> Self {
        let ended = if interrupted { "interrupted" } else { "complete" };
        Self { r#type: "summary", ended, finished, totals }
    }
}

fn seconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.strftime("%Y-%m-%dT%H:%M:%SZ"))
}

fn optional_seconds<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => seconds(time, serializer),
        None => serializer.serialize_none(),
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// One line of the output, with its line break.
pub fn line(value: &impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("lines are plain structs with string keys");
    line.push(b'\n');
    line
}
