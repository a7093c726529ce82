//! The one currency: what is known of one file after it was examined.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Category, Entry, Exclusion, Finding, Person, Problem, ProblemKind, RelativePath, Stamp};

/// What is known of one file. Exactly one exists for each entry of the walk, whatever happened.
#[derive(Clone, Debug)]
pub struct FileRecord {
    /// Which file.
    pub entry: Entry,
    /// Name of the format it was recognised as; none where it was not opened.
    pub format: Option<&'static str>,
    /// What the file system says of it; none where it could not be asked.
    pub stamp: Option<Stamp>,
    /// Why it was left out on purpose, if it was.
    pub exclusion: Option<Exclusion>,
    /// Its size as it was read, in bytes; 0 where it was not opened.
    pub bytes: u64,
    /// True when some of its contents were read.
    pub read: bool,
    /// The listed findings, the first by place.
    pub findings: Vec<Finding>,
    /// All that was found, listed or not.
    pub counts: Counts,
    /// The persons of its findings at even chance and above, sorted, each once.
    pub persons: Vec<Person>,
    /// The files inside it.
    pub members: Members,
    /// What of it was not read, in the order of the reading.
    pub problems: Vec<Problem>,
    /// Problems beyond those.
    pub problems_omitted: u64,
}

/// Numbers of occurrences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Persons' numbers at even chance and above, test persons apart.
    pub records: u64,
    /// Those below even chance.
    pub possible: u64,
    /// Occurrences of test persons' numbers, whatever their confidence.
    pub tests: u64,
    /// The highest confidence of those that are no test persons'; 0 where there are none.
    pub highest: f64,
    /// Occurrences at even chance and above by rule.
    pub rules: BTreeMap<Arc<str>, u64>,
    /// The same by category.
    pub categories: BTreeMap<Category, u64>,
}

/// The files inside a file: members of archives, attachments, embedded documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// How many were read, in whole or in part.
    pub read: u64,
    /// How many were not, by reason.
    pub unread: BTreeMap<ProblemKind, u64>,
}

/// How far a file was examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it.
    Read,
    /// All but what its problems name.
    Partly,
    /// Nothing of its contents.
    Unread(ProblemKind),
    /// Left out on purpose.
    Excluded(Exclusion),
}

impl FileRecord {
    /// A record of a file of which nothing is known yet.
    pub fn new(entry: Entry) -> Self {
        Self {
            entry,
            format: None,
            stamp: None,
            exclusion: None,
            bytes: 0,
            read: false,
            findings: Vec::new(),
            counts: Counts::default(),
            persons: Vec::new(),
            members: Members::default(),
            problems: Vec::new(),
            problems_omitted: 0,
        }
    }

    /// How far it was examined; follows from what the record holds.
    pub fn outcome(&self) -> Outcome {
        if let Some(exclusion) = self.exclusion {
            return Outcome::Excluded(exclusion);
        }
        let whole = self.problems.iter().find(|problem| problem.location.is_whole());
        match whole {
            Some(problem) if !self.read || problem.kind.leaves_contents_unread() => Outcome::Unread(problem.kind),
            _ if self.problems.is_empty() => Outcome::Read,
            _ => Outcome::Partly,
        }
    }

    /// True when it belongs in the output even where not all files do: it found something or could not read something.
    pub fn is_noteworthy(&self) -> bool {
        let counts = &self.counts;
        counts.records + counts.possible + counts.tests > 0 || !self.findings.is_empty() || !self.problems.is_empty()
    }

    /// Distinct persons under 18 on the day of the scan.
    pub fn minors(&self) -> usize {
        self.persons.iter().filter(|person| person.minor).count()
    }
}

/// What is known of a folder whose name holds a finding or that could not be listed.
#[derive(Clone, Debug)]
pub struct FolderRecord {
    /// Index of its share.
    pub share: usize,
    /// Its path below the share.
    pub path: RelativePath,
    /// Findings in its name.
    pub findings: Vec<Finding>,
    /// What was found in its name, listed or not.
    pub counts: Counts,
    /// The persons of its name.
    pub persons: Vec<Person>,
    /// Why not all its files are known, if they are not.
    pub problem: Option<ProblemKind>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Location, PartKind, Place};

    fn record(read: bool, problems: &[(&str, ProblemKind)]) -> FileRecord {
        let mut record = FileRecord::new(Entry { share: 0, path: RelativePath::root() });
        record.read = read;
        for (member, kind) in problems {
            let location = match *member {
                "" => Location::whole(),
                name => Location {
                    parts: [crate::model::Part::new(PartKind::Member, name.as_bytes())].into(),
                    place: Place::Whole,
                },
            };
            record.problems.push(Problem { location, kind: *kind });
        }
        record
    }

    #[test]
    fn the_outcome_follows_from_what_was_read_and_what_was_not() {
        use ProblemKind::{Damaged, Encrypted, UnsupportedFormat};
        for (read, problems, outcome) in [
            (true, vec![], Outcome::Read),
            (false, vec![("", Encrypted)], Outcome::Unread(Encrypted)),
            (true, vec![("", Damaged)], Outcome::Partly),
            (true, vec![("a.docx", Encrypted)], Outcome::Partly),
            (false, vec![("a.docx", Encrypted)], Outcome::Partly),
            (true, vec![("", UnsupportedFormat)], Outcome::Unread(UnsupportedFormat)),
        ] {
            assert_eq!(record(read, &problems).outcome(), outcome);
        }
    }
}
