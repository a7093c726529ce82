//! The border: hits in the clear become findings without a number, and the text is dropped.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::detect::{Detector, Hit};
use crate::model::{Counts, Evidence, Finding, Key, Person, Sink, Subject, Text, TokenHash};

/// What of the findings is kept.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Most findings of a file that are listed, the first by place; the rest is only counted.
    pub findings_per_file: usize,
    /// Least confidence of a listed finding.
    pub min_confidence: f64,
}

/// Takes the text of one file and keeps what was found in it.
pub struct Border<'a> {
    detector: Detector<'a>,
    found: Found<'a>,
}

struct Found<'a> {
    key: &'a Key,
    listing: Listing,
    /// With their order in the file.
    findings: Vec<(u64, Finding)>,
    /// The order of the last finding that is listed, once there are as many as may be.
    last_listed: Option<u64>,
    counts: Counts,
    /// Token to "under 18".
    persons: HashMap<Subject, bool, TokenHash>,
    /// Evidence that many findings share.
    evidence: BTreeSet<Arc<[Evidence]>>,
}

impl<'a> Border<'a> {
    /// A border for one file.
    pub fn new(detector: Detector<'a>, key: &'a Key, listing: Listing) -> Self {
        let found = Found {
            key,
            listing,
            findings: Vec::new(),
            last_listed: None,
            counts: Counts::default(),
            persons: HashMap::default(),
            evidence: BTreeSet::new(),
        };
        Self { detector, found }
    }

    /// What was found: the listed findings by place, the counts, the persons sorted.
    pub fn finish(mut self) -> (Vec<Finding>, Counts, Vec<Person>) {
        self.detector.finish(|hit| self.found.cross(&hit));
        self.found.trim();
        let Found { findings, counts, persons, .. } = self.found;
        let findings = findings.into_iter().map(|(_, finding)| finding).collect();
        let persons = persons.into_iter().map(|(subject, minor)| Person { subject, minor, test: false });
        let mut persons: Vec<Person> = persons.collect();
        persons.sort_unstable_by_key(|person| person.subject);
        (findings, counts, persons)
    }
}

impl Sink for Border<'_> {
    fn text(&mut self, text: &Text<'_>) {
        self.detector.text(text, |hit| self.found.cross(&hit));
    }
}

impl Found<'_> {
    fn cross(&mut self, hit: &Hit) {
        let confidence = hit.confidence();
        let person = Person { subject: self.key.subject(&hit.identifier), minor: hit.minor, test: hit.test };
        match () {
            () if hit.test => self.counts.tests += 1,
            () if confidence >= 0.5 => {
                self.counts.records += 1;
                *self.counts.rules.entry(Arc::clone(&hit.rule)).or_default() += 1;
                *self.counts.categories.entry(hit.category).or_default() += 1;
                self.persons.insert(person.subject, person.minor);
            }
            () => self.counts.possible += 1,
        }
        if !hit.test {
            self.counts.highest = self.counts.highest.max(confidence);
        }
        let late = self.last_listed.is_some_and(|last| hit.order > last);
        if confidence >= self.listing.min_confidence && !late {
            self.list(hit, person);
        }
    }

    fn list(&mut self, hit: &Hit, person: Person) {
        let evidence = match self.evidence.get(hit.evidence.as_slice()) {
            Some(shared) => Arc::clone(shared),
            None => {
                let shared: Arc<[Evidence]> = hit.evidence.as_slice().into();
                self.evidence.insert(Arc::clone(&shared));
                shared
            }
        };
        let finding = Finding { location: hit.location.clone(), rule: Arc::clone(&hit.rule), person, evidence };
        self.findings.push((hit.order, finding));
        if self.findings.len() / 2 > self.listing.findings_per_file {
            self.trim();
        }
    }

    /// Keeps the first findings by place. Those that waited for their column came late.
    fn trim(&mut self) {
        self.findings.sort_by_key(|(order, _)| *order);
        self.findings.truncate(self.listing.findings_per_file);
        let full = self.findings.len() == self.listing.findings_per_file;
        self.last_listed = self.findings.last().filter(|_| full).map(|(order, _)| *order);
    }
}
