//! Text becomes hits: a shape makes a candidate, a validator weighs it, and the words beside it and over its column
//! add or take weight. Nothing vetoes.

pub mod candidate;
mod columns;
mod context;
mod escape;
mod glance;
mod mask;
mod reasons;
mod rule;
mod runs;
mod validate;
mod window;
mod words;

use std::sync::Arc;

use jiff::civil::Date;
use rayon::ThreadPool;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use candidate::{Candidate, Found};
use columns::{Column, Columns, Wait};
use reasons::Row;
use validate::Verdict;

pub use reasons::Reasons;
pub use rule::{Example, Rule, RuleError, Rules};

use crate::model::{Evidence, Identifier, Location, Place, Places, Text, confidence_of};

/// What survived validation, still in the clear. It lives for moments.
#[derive(Debug)]
pub struct Hit<'r> {
    /// What it was found by.
    pub rule: &'r Rule,
    /// Where.
    pub location: Location,
    /// Who.
    pub identifier: Identifier,
    /// Under 18 on the day of the scan.
    pub minor: bool,
    /// A number published for tests and examples.
    pub test: bool,
    /// Why it is believed.
    pub reasons: Reasons,
    /// What the reasons weigh together, in hundredths of log-odds.
    pub weight: i32,
    /// Rises through the file: what comes first in its text has the least.
    pub order: u64,
}

/// The weight of what is as likely as not.
pub const EVEN: i32 = 0;

impl Hit<'_> {
    /// The probability that this is what the rule says, between 0 and 1.
    pub fn confidence(&self) -> f64 {
        confidence_of(self.weight)
    }

    /// Why it is believed, spelled out.
    pub fn evidence(&self) -> Vec<Evidence> {
        self.reasons.iter().map(|row| self.rule.evidence(row).clone()).collect()
    }

    fn add(&mut self, reason: Row) {
        self.reasons.push(reason);
        self.weight += self.rule.evidence(reason).weight;
    }
}

/// Searches the text of one file.
pub struct Detector<'r> {
    rules: &'r Rules,
    today: Date,
    columns: Vec<Columns<'r>>,
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
    pub fn text(&mut self, text: &Text<'_>, mut found: impl FnMut(Hit<'r>)) {
        self.begin(text);
        candidate::search(text, |came_upon| self.take(came_upon, text, &mut found));
    }

    /// Searches runs that follow one another, many at once on `threads`, and weighs what they came upon in order.
    pub fn texts(&mut self, texts: &[Text<'_>], threads: &ThreadPool, mut found: impl FnMut(Hit<'r>)) {
        let search = |text: &Text<'_>| {
            let mut all = Vec::new();
            candidate::search(text, |came_upon| match (all.last_mut(), came_upon) {
                // Counts that follow one another are one.
                (Some(Found::OtherTens { count, .. }), Found::OtherTens { count: more, .. })
                    if matches!(text.places, Places::Lines(_)) =>
                {
                    *count += more;
                }
                (_, came_upon) => all.push(came_upon),
            });
            all
        };
        let searched: Vec<Vec<Found>> = threads.install(|| texts.par_iter().map(search).collect());
        for (text, all) in texts.iter().zip(searched) {
            self.begin(text);
            all.into_iter().for_each(|came_upon| self.take(came_upon, text, &mut found));
        }
    }

    fn begin(&mut self, text: &Text<'_>) {
        self.lines = Lines::default();
        for (rule, columns) in self.rules.iter().zip(&mut self.columns) {
            columns.learn(text, rule);
        }
    }

    fn take(&mut self, came_upon: Found, text: &Text<'_>, found: &mut impl FnMut(Hit<'r>)) {
        match came_upon {
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
        }
    }

    /// Gives what waited for the end of the file.
    pub fn finish(&mut self, mut found: impl FnMut(Hit<'r>)) {
        self.columns.iter_mut().for_each(|columns| columns.settle().for_each(&mut found));
    }

    /// What the candidate is to a rule; nothing when it is less likely than the rule's floor, or waits for what stands
    /// round it.
    fn weigh(&mut self, index: usize, rule: &'r Rule, text: &Text<'_>, candidate: &Candidate) -> Option<Hit<'r>> {
        let spelling = candidate.spelling;
        let needs_column = spelling.zero_lost || spelling.two_cells;
        let last = candidate.span.end - text.encoding.unit();
        let columns = &mut self.columns[index];
        let Some(verdict) = (rule.validator.validate)(candidate, rule, self.today) else {
            match () {
                () if needs_column => columns.count_odd(columns.column(text, last), false),
                () if spelling.is_bare() => columns.count_others(text, last, 1),
                () => {}
            }
            return None;
        };
        // Fields are counted only where it matters in which a number stands.
        let column = (needs_column || columns.have_headings()).then(|| columns.column(text, last));
        let (label, heading) = context(rule, columns, column, text, candidate);
        let is_alone = label.is_none() && heading.is_none();
        let mut reasons = verdict.reasons;
        label.into_iter().chain(heading).for_each(|row| reasons.push(row));
        let mut weight = rule.weight(&reasons);
        if needs_column && weight < EVEN {
            let row = rule.row(columns::COLUMN);
            reasons.push(row);
            weight += rule.evidence(row).weight;
            let column = column.unwrap_or_else(|| columns.column(text, last));
            columns.count_odd(column, weight >= EVEN);
            if weight < EVEN {
                return None;
            }
            let hit = self.hit(rule, Verdict { reasons, ..verdict }, weight, text, candidate);
            return self.columns[index].wait(column, Wait::Column, hit);
        }
        if weight >= EVEN {
            columns.count_number(column.unwrap_or_else(|| columns.column(text, last)));
        }
        if spelling.is_bare() {
            columns.count_ten(text, last, weight >= EVEN);
        }
        if weight < rule.floor {
            return None;
        }
        let hit = self.hit(rule, Verdict { reasons, ..verdict }, weight, text, candidate);
        if spelling.is_bare() && is_alone && weight >= EVEN {
            let columns = &mut self.columns[index];
            return columns.wait(columns.company(text, last), Wait::Company, hit);
        }
        Some(hit)
    }

    fn hit(
        &mut self,
        rule: &'r Rule,
        verdict: Verdict,
        weight: i32,
        text: &Text<'_>,
        candidate: &Candidate,
    ) -> Hit<'r> {
        self.order += 1;
        Hit {
            rule,
            location: Location { parts: Arc::clone(text.parts), place: self.lines.place(text, candidate.span.start) },
            identifier: verdict.identifier,
            minor: verdict.minor,
            test: verdict.test,
            reasons: verdict.reasons,
            weight,
            order: self.order,
        }
    }
}

/// What the words beside a candidate and over its column say.
fn context(
    rule: &Rule,
    columns: &Columns<'_>,
    column: Option<Column>,
    text: &Text<'_>,
    candidate: &Candidate,
) -> (Option<Row>, Option<Row>) {
    if candidate.spelling.two_cells {
        let heads = column.is_some_and(|column| columns.holds_last_digits(column));
        return (None, heads.then(|| rule.row(columns::LAST_DIGITS)));
    }
    let label = context::label(text, &candidate.span, &rule.words).map(|group| rule.label(group));
    (label, column.and_then(|column| columns.heading(column)))
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
