//! The border: hits in the clear become findings without a number, and the text is dropped.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::segments::{Claim, Segments};
use crate::detect::{Detector, EVEN, Hit, Reasons, Rule};
use crate::model::{Counts, Evidence, Finding, Key, Person, Sink, Subject, Text, confidence_of};

/// What of the findings is kept.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Most findings of a file that are listed, the first by place; the rest is only counted.
    pub findings_per_file: usize,
    /// Least weight of a listed finding, in hundredths of log-odds.
    pub min_weight: i32,
}

/// Stretches of a long text, of 256 KiB each, that every thread searches before all go on: fewer make threads wait for each
/// other more often, more fall out of the processor's caches before they are searched.
const FOR_EACH: usize = 4;

/// Takes the text of one file and keeps what was found in it.
pub struct Border<'a> {
    detector: Detector<'a>,
    found: Found<'a>,
    segments: &'a Segments,
    /// The threads that search a long text.
    claim: Option<Claim<'a>>,
}

struct Found<'a> {
    key: &'a Key,
    listing: Listing,
    /// With their order in the file.
    findings: Vec<(u64, Finding)>,
    /// The order of the last finding that is listed, once there are as many as may be.
    last_listed: Option<u64>,
    counts: Counts,
    /// Occurrences at even chance and above of each rule.
    by_rule: Vec<(&'a Rule, u64)>,
    /// The highest weight of those that are no test persons'.
    highest: Option<i32>,
    persons: Persons,
    /// Evidence that many findings of a rule share.
    evidence: BTreeMap<(&'a str, Reasons), Arc<[Evidence]>>,
}

impl<'a> Border<'a> {
    /// A border for one file.
    pub fn new(detector: Detector<'a>, key: &'a Key, listing: Listing, segments: &'a Segments) -> Self {
        let found = Found {
            key,
            listing,
            findings: Vec::new(),
            last_listed: None,
            counts: Counts::default(),
            by_rule: Vec::new(),
            highest: None,
            persons: Persons::default(),
            evidence: BTreeMap::new(),
        };
        Self { detector, found, segments, claim: None }
    }

    /// What was found: the listed findings by place, the counts, the persons sorted.
    pub fn finish(mut self) -> (Vec<Finding>, Counts, Vec<Person>) {
        self.detector.finish(|hit| self.found.cross(&hit));
        self.found.trim();
        let Found { findings, mut counts, by_rule, highest, persons, .. } = self.found;
        for (rule, records) in by_rule {
            counts.records += records;
            *counts.rules.entry(Arc::clone(&rule.id)).or_default() += records;
            *counts.categories.entry(rule.category).or_default() += records;
        }
        counts.highest = highest.map_or(0.0, confidence_of);
        let findings = findings.into_iter().map(|(_, finding)| finding).collect();
        (findings, counts, persons.into_sorted())
    }
}

impl Sink for Border<'_> {
    fn text(&mut self, text: &Text<'_>) {
        self.detector.text(text, |hit| self.found.cross(&hit));
    }

    fn together(&mut self) -> usize {
        if self.claim.is_none() {
            self.claim = self.segments.claim();
        }
        self.claim.as_ref().map_or(1, |claim| FOR_EACH * claim.pool().current_num_threads())
    }

    fn texts(&mut self, texts: &[Text<'_>]) {
        match &self.claim {
            Some(claim) => self.detector.texts(texts, claim.pool(), |hit| self.found.cross(&hit)),
            None => texts.iter().for_each(|text| self.text(text)),
        }
    }
}

impl<'a> Found<'a> {
    fn cross(&mut self, hit: &Hit<'a>) {
        let late = self.last_listed.is_some_and(|last| hit.order > last);
        let listed = hit.weight >= self.listing.min_weight && !late;
        let counted = hit.weight >= EVEN && !hit.test;
        match () {
            () if hit.test => self.counts.tests += 1,
            () if counted => match self.by_rule.iter_mut().find(|(rule, _)| std::ptr::eq(*rule, hit.rule)) {
                Some((_, records)) => *records += 1,
                None => self.by_rule.push((hit.rule, 1)),
            },
            () => self.counts.possible += 1,
        }
        if !hit.test {
            self.highest = self.highest.max(Some(hit.weight));
        }
        if !listed && !counted {
            return;
        }
        let person = Person { subject: self.key.subject(&hit.identifier), minor: hit.minor, test: hit.test };
        if counted {
            self.persons.add(person);
        }
        if listed {
            self.list(hit, person);
        }
    }

    fn list(&mut self, hit: &Hit<'a>, person: Person) {
        let evidence = self.evidence.entry((&*hit.rule.id, hit.reasons)).or_insert_with(|| hit.evidence().into());
        let evidence = Arc::clone(evidence);
        let finding = Finding { location: hit.location.clone(), rule: Arc::clone(&hit.rule.id), person, evidence };
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

/// The distinct persons of a file: no more than 16 bytes each, for a file may hold every citizen.
#[derive(Default)]
struct Persons {
    all: Tokens,
    minors: Tokens,
}

impl Persons {
    fn add(&mut self, person: Person) {
        self.all.add(person.subject);
        if person.minor {
            self.minors.add(person.subject);
        }
    }

    fn into_sorted(mut self) -> Vec<Person> {
        self.all.settle();
        self.minors.settle();
        let minors = self.minors.tokens;
        let person = |subject| Person { subject, minor: minors.binary_search(&subject).is_ok(), test: false };
        self.all.tokens.into_iter().map(person).collect()
    }
}

/// Tokens, of which some may stand there more than once until they are settled.
#[derive(Default)]
struct Tokens {
    tokens: Vec<Subject>,
    /// How many there are before they are settled.
    room: usize,
}

/// Tokens that are kept before repeated ones are looked for.
const FEW: usize = 1024;

impl Tokens {
    fn add(&mut self, subject: Subject) {
        if self.tokens.last() == Some(&subject) {
            return;
        }
        self.tokens.push(subject);
        if self.tokens.len() >= self.room.max(FEW) {
            self.settle();
            self.room = 2 * self.tokens.len();
            self.tokens.reserve_exact(self.room - self.tokens.len());
        }
    }

    /// Sorts them, each once.
    fn settle(&mut self) {
        self.tokens.sort_unstable();
        self.tokens.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Identifier;

    #[test]
    fn persons_are_kept_once_however_often_they_come() {
        let key = Key::new(&[7; 32]);
        let person = |n: u32| Person {
            subject: key.subject(&Identifier::new(format!("{n:010}").as_bytes())),
            minor: n.is_multiple_of(3),
            test: false,
        };
        let mut persons = Persons::default();
        // Far more than are kept unsettled, each some times, next to each other and far apart.
        (0..20_000).chain(0..20_000).for_each(|n| persons.add(person(n / 3)));
        assert!(persons.all.tokens.len() < 3 * 6_667);
        let mut expected: Vec<Person> = (0..6_667).map(person).collect();
        expected.sort_unstable_by_key(|person| person.subject);
        assert_eq!(persons.into_sorted(), expected);
    }
}
