//! Text becomes hits: a shape makes a candidate, a validator weighs it, and the words beside it and over its column
//! add or take weight. Nothing vetoes.

pub mod candidate;
mod columns;
mod context;
mod escape;
mod glance;
mod mask;
mod rule;
mod runs;
mod validate;
mod window;
mod words;

use std::sync::Arc;

use jiff::civil::Date;

use candidate::{Candidate, Found};
use columns::{Column, Columns, Wait};
use validate::Verdict;

pub use rule::{Example, Rule, RuleError, Rules};

use crate::model::{Category, Evidence, Identifier, Location, Place, Places, Text, confidence};

/// What survived validation, still in the clear. It lives for moments.
#[derive(Debug)]
pub struct Hit {
    /// Id of the rule.
    pub rule: Arc<str>,
    /// What kind of personal data it is.
    pub category: Category,
    /// Where.
    pub location: Location,
    /// Who.
    pub identifier: Identifier,
    /// Under 18 on the day of the scan.
    pub minor: bool,
    /// A number published for tests and examples.
    pub test: bool,
    /// Why it is believed.
    pub evidence: Vec<Evidence>,
    /// Rises through the file: what comes first in its text has the least.
    pub order: u64,
}

impl Hit {
    /// The probability that this is what the rule says, between 0 and 1.
    pub fn confidence(&self) -> f64 {
        confidence(&self.evidence)
    }
}

/// Searches the text of one file.
pub struct Detector<'r> {
    rules: &'r Rules,
    today: Date,
    columns: Vec<Columns>,
    lines: Lines,
    order: u64,
}

impl<'r> Detector<'r> {
    /// A detector for one file, which sees ages and "in the future" from `today`.
    pub fn new(rules: &'r Rules, today: Date) -> Self {
        let columns = rules.iter().map(|_| Columns::default()).collect();
        Self { rules, today, columns, lines: Lines::default(), order: 0 }
    }

    /// Searches one run of text.
    pub fn text(&mut self, text: &Text<'_>, mut found: impl FnMut(Hit)) {
        self.lines = Lines::default();
        for (rule, columns) in self.rules.iter().zip(&mut self.columns) {
            columns.learn(text, rule);
        }
        candidate::search(text, |came_upon| match came_upon {
            Found::OtherTens { count, offset } => {
                self.columns.iter_mut().for_each(|columns| columns.count_others(text, offset, count));
            }
            Found::Candidate(candidate) => {
                for (index, rule) in self.rules.iter().enumerate() {
                    if let Some(hit) = self.weigh(index, rule, text, &candidate) {
                        found(hit);
                    }
                }
            }
        });
    }

    /// Gives what waited for the end of the file.
    pub fn finish(&mut self, mut found: impl FnMut(Hit)) {
        for (rule, columns) in self.rules.iter().zip(&mut self.columns) {
            columns.settle(rule).for_each(&mut found);
        }
    }

    /// What the candidate is to a rule; nothing when it is less likely than the rule's floor, or waits for what stands
    /// round it.
    fn weigh(&mut self, index: usize, rule: &Rule, text: &Text<'_>, candidate: &Candidate) -> Option<Hit> {
        let spelling = candidate.spelling;
        let needs_column = spelling.zero_lost || spelling.two_cells;
        let last = candidate.span.end - text.encoding.unit();
        let columns = &mut self.columns[index];
        let Some(verdict) = (rule.validator.validate)(candidate, rule, self.today) else {
            match () {
                () if needs_column => columns.count_odd(columns.column(text, last), false),
                () if spelling.is_bare() => columns.count_ten(text, last, false),
                () => {}
            }
            return None;
        };
        let column = columns.column(text, last);
        let context = context(rule, columns, column, text, candidate);
        let is_alone = context.is_empty();
        let mut evidence = Vec::with_capacity(verdict.reasons.len() + context.len() + 1);
        evidence.extend(verdict.reasons.iter().map(|reason| rule.evidence(reason)));
        evidence.extend(context);
        let mut hit = self.hit(rule, verdict, evidence, text, candidate);
        let columns = &mut self.columns[index];
        let confidence = hit.confidence();
        if needs_column && confidence < 0.5 {
            hit.evidence.push(rule.evidence(columns::COLUMN));
            let number = hit.confidence() >= 0.5;
            columns.count_odd(column, number);
            return if number { columns.wait(column, Wait::Column, hit, rule) } else { None };
        }
        if confidence >= 0.5 {
            columns.count_number(column);
        }
        if spelling.is_bare() {
            columns.count_ten(text, last, confidence >= 0.5);
            if is_alone && confidence >= 0.5 {
                return columns.wait(columns.company(text, last), Wait::Company, hit, rule);
            }
        }
        (confidence >= rule.floor).then_some(hit)
    }

    fn hit(
        &mut self,
        rule: &Rule,
        verdict: Verdict,
        evidence: Vec<Evidence>,
        text: &Text<'_>,
        candidate: &Candidate,
    ) -> Hit {
        self.order += 1;
        Hit {
            rule: Arc::clone(&rule.id),
            category: rule.category,
            location: Location { parts: Arc::clone(text.parts), place: self.lines.place(text, candidate.span.start) },
            identifier: verdict.identifier,
            minor: verdict.minor,
            test: verdict.test,
            evidence,
            order: self.order,
        }
    }
}

/// What the words beside a candidate and over its column say.
fn context(rule: &Rule, columns: &Columns, column: Column, text: &Text<'_>, candidate: &Candidate) -> Vec<Evidence> {
    if candidate.spelling.two_cells {
        let heading = columns.holds_last_digits(column).then(|| rule.evidence(columns::LAST_DIGITS));
        return heading.into_iter().collect();
    }
    let label = context::label(text, &candidate.span, &rule.words);
    label.into_iter().chain(columns.heading(column)).collect()
}

/// Counts lines only as far as there are hits.
#[derive(Default)]
struct Lines {
    offset: usize,
    ended: u64,
}

impl Lines {
    /// Where the byte at `offset` stands. Offsets rise from call to call.
    fn place(&mut self, text: &Text<'_>, offset: usize) -> Place {
        match text.places {
            Places::Lines(first) => {
                self.ended += text.encoding.count_line_ends(&text.bytes[self.offset..offset]);
                self.offset = offset;
                Place::Line(first + self.ended)
            }
            Places::Marks(marks) => {
                let at = marks.partition_point(|mark| mark.offset <= offset);
                at.checked_sub(1).map_or(Place::Whole, |at| marks[at].place)
            }
        }
    }
}
