//! The coverage ledger and the sums of a scan.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::model::{Counts, FileRecord, FolderRecord, Outcome, Person, ProblemKind, TokenHash};

/// What the scan came upon, how far each file was examined, and who was found.
#[derive(Debug)]
pub struct Ledger {
    coverage: Coverage,
    folders: Folders,
    bytes: u64,
    files_with_findings: u64,
    possible: u64,
    tests: u64,
    shares: Vec<ShareSum>,
}

/// Files by what became of them. `found` is the sum of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Files found.
    pub found: u64,
    /// Read to the end.
    pub read: u64,
    /// Read but for what their problems name.
    pub partly: u64,
    /// Not read, by reason.
    pub unread: BTreeMap<ProblemKind, u64>,
    /// Left out on purpose.
    pub excluded: u64,
}

/// Folders by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Folders {
    /// All their files are known.
    pub listed: u64,
    /// Not all their files are known.
    pub unlisted: u64,
    /// Left out on purpose with all that is in them.
    pub excluded: u64,
}

#[derive(Debug, Default)]
struct ShareSum {
    found: u64,
    records: u64,
    /// Tokens of distinct persons: 8 bytes each.
    subjects: HashSet<u64, TokenHash>,
    minors: HashSet<u64, TokenHash>,
    unreachable: bool,
}

/// The sums of one share, as the summary shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShareTotals {
    /// Which share.
    pub label: String,
    /// Files found.
    pub found: u64,
    /// Distinct persons.
    pub subjects: u64,
    /// Those under 18.
    pub minors: u64,
    /// Occurrences.
    pub records: u64,
}

/// The sums of all shares, as the summary shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// What became of the files.
    pub coverage: Coverage,
    /// What became of the folders.
    pub folders: Folders,
    /// Files taken over from an earlier scan.
    pub carried: u64,
    /// Bytes of the files that were opened.
    pub bytes: u64,
    /// Distinct persons, each counted once however many shares hold them.
    pub subjects: u64,
    /// Those under 18.
    pub minors: u64,
    /// Occurrences.
    pub records: u64,
    /// Occurrences below even chance.
    pub possible: u64,
    /// Occurrences of test persons.
    pub tests: u64,
    /// Files with at least one occurrence, test persons counted too.
    pub files_with_findings: u64,
    /// The same for each share, in the order given.
    pub by_share: Vec<ShareTotals>,
}

impl Ledger {
    /// An empty ledger for so many shares.
    pub fn new(shares: usize) -> Self {
        Self {
            coverage: Coverage::default(),
            folders: Folders::default(),
            bytes: 0,
            files_with_findings: 0,
            possible: 0,
            tests: 0,
            shares: (0..shares).map(|_| ShareSum::default()).collect(),
        }
    }

    /// Enters a file.
    pub fn file(&mut self, record: &FileRecord) {
        let coverage = &mut self.coverage;
        coverage.found += 1;
        match record.outcome() {
            Outcome::Read => coverage.read += 1,
            Outcome::Partly => coverage.partly += 1,
            Outcome::Unread(kind) => *coverage.unread.entry(kind).or_default() += 1,
            Outcome::Excluded(_) => coverage.excluded += 1,
        }
        self.bytes += record.bytes;
        self.files_with_findings += u64::from(record.counts.records + record.counts.tests > 0);
        self.shares[record.entry.share].found += 1;
        self.enter(record.entry.share, &record.counts, &record.persons);
    }

    /// Enters so many files of a share, of so many bytes together, that were read and in which nothing was found.
    pub fn silent(&mut self, share: usize, files: u64, bytes: u64) {
        self.coverage.found += files;
        self.coverage.read += files;
        self.bytes += bytes;
        self.shares[share].found += files;
    }

    /// Enters a folder.
    pub fn folder(&mut self, record: &FolderRecord) {
        match record.problem {
            None => self.folders.listed += 1,
            Some(kind) => {
                self.folders.unlisted += 1;
                self.shares[record.share].unreachable |= kind == ProblemKind::ShareUnreachable;
            }
        }
        self.enter(record.share, &record.counts, &record.persons);
    }

    /// Counts a folder that was left out.
    pub fn excluded_folder(&mut self) {
        self.folders.excluded += 1;
    }

    fn enter(&mut self, share: usize, counts: &Counts, persons: &[Person]) {
        let sum = &mut self.shares[share];
        sum.records += counts.records;
        self.possible += counts.possible;
        self.tests += counts.tests;
        sum.subjects.extend(persons.iter().map(|person| person.subject.token()));
        sum.minors.extend(persons.iter().filter(|person| person.minor).map(|person| person.subject.token()));
    }

    /// True when the root of a share could not be listed.
    pub fn has_unreachable_share(&self) -> bool {
        self.shares.iter().any(|sum| sum.unreachable)
    }

    /// The sums, with the labels of the shares.
    pub fn totals<'l>(self, labels: impl Iterator<Item = &'l str>) -> Totals {
        let by_share = labels.zip(&self.shares).map(|(label, sum)| ShareTotals {
            label: label.to_owned(),
            found: sum.found,
            subjects: sum.subjects.len() as u64,
            minors: sum.minors.len() as u64,
            records: sum.records,
        });
        let by_share: Vec<ShareTotals> = by_share.collect();
        Totals {
            coverage: self.coverage,
            folders: self.folders,
            carried: 0,
            bytes: self.bytes,
            subjects: distinct(self.shares.iter().map(|sum| &sum.subjects)),
            minors: distinct(self.shares.iter().map(|sum| &sum.minors)),
            records: by_share.iter().map(|share| share.records).sum(),
            possible: self.possible,
            tests: self.tests,
            files_with_findings: self.files_with_findings,
            by_share,
        }
    }
}

/// How many tokens there are in all sets together, each counted once.
fn distinct<'s>(sets: impl Iterator<Item = &'s HashSet<u64, TokenHash>>) -> u64 {
    let sets: Vec<_> = sets.collect();
    let first_in = |i: usize, token: &u64| !sets[..i].iter().any(|earlier| earlier.contains(token));
    sets.iter().enumerate().map(|(i, set)| set.iter().filter(|token| first_in(i, token)).count() as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entry, Identifier, Key, Location, Problem, RelativePath};

    fn person(number: &str, minor: bool) -> Person {
        Person { subject: Key::new(&[1; 32]).subject(&Identifier::new(number.as_bytes())), minor, test: false }
    }

    fn record(share: usize, persons: Vec<Person>) -> FileRecord {
        let mut record = FileRecord::new(Entry { share, path: RelativePath::root().join("f".as_ref()) });
        record.read = true;
        record.counts.records = persons.len() as u64 + 1;
        record.persons = persons;
        record
    }

    #[test]
    fn a_person_in_two_files_and_two_shares_counts_once_in_all() {
        let mut ledger = Ledger::new(2);
        let (anna, bo) = (person("0707614285", false), person("0101154000", true));
        ledger.file(&record(0, vec![anna]));
        ledger.file(&record(0, vec![anna, bo]));
        ledger.file(&record(1, vec![bo]));
        let totals = ledger.totals(["a", "b"].into_iter());
        assert_eq!((totals.subjects, totals.minors, totals.records), (2, 1, 7));
        assert_eq!(totals.by_share.iter().map(|share| share.subjects).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn files_without_findings_count_together_as_one_by_one() {
        let (mut one_by_one, mut together) = (Ledger::new(2), Ledger::new(2));
        for bytes in [5, 7] {
            let mut record = FileRecord { bytes, ..record(1, vec![]) };
            record.counts = Counts::default();
            one_by_one.file(&record);
        }
        together.silent(1, 2, 12);
        let [one_by_one, together] = [one_by_one, together].map(|ledger| ledger.totals(["a", "b"].into_iter()));
        assert_eq!(one_by_one, together);
    }

    #[test]
    fn the_outcomes_add_up_to_what_was_found() {
        let mut ledger = Ledger::new(1);
        ledger.file(&record(0, vec![]));
        let mut unread = record(0, vec![]);
        unread.read = false;
        unread.problems.push(Problem { location: Location::whole(), kind: ProblemKind::Encrypted });
        ledger.file(&unread);
        let coverage = ledger.totals(["a"].into_iter()).coverage;
        assert_eq!(coverage.found, coverage.read + coverage.partly + coverage.unread.values().sum::<u64>());
        assert_eq!(coverage.unread, [(ProblemKind::Encrypted, 1)].into());
    }
}
