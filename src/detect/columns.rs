//! Columns of tables: their headings, and which of them hold CPR numbers.

use std::collections::HashMap;
use std::sync::Arc;

use super::Hit;
use super::words::{Words, fold};
use crate::model::{CELL_BREAK, Delimited, Evidence, Mark, Places, TableCell, Text};

/// The reason that a number stands in a column of CPR numbers.
pub const COLUMN: &str = "column of CPR numbers";

/// Rows at the top of a table in which headings are looked for.
const HEADING_ROWS: u32 = 20;

/// Longest heading, in bytes.
const HEADING_BYTES: usize = 80;

/// Numbers that must have passed before a column is told to be one of CPR numbers without a heading.
const LEAST: u32 = 3;

/// Numbers without their leading zero that wait for what their column is, in one file.
const WAITING: usize = 100_000;

/// A column of a table of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    table: u32,
    column: u32,
}

/// What is known of the columns of one file.
#[derive(Debug, Default)]
pub struct Columns {
    headings: HashMap<Column, Option<Evidence>>,
    tallies: HashMap<Column, Tally>,
    waiting: Vec<(Column, Hit)>,
}

/// What was seen in a column.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// Ten digits that are a number more likely than not.
    numbers: u32,
    /// Nine digits with modulus 11 when a zero is put before them.
    shortened: u32,
    /// Nine digits without.
    other_nine: u32,
}

impl Columns {
    /// Learns the headings in what is new of `text`.
    pub fn learn(&mut self, text: &Text<'_>, words: &Words) {
        match (text.delimited, text.places) {
            (Some(delimited), _) => self.learn_delimited(delimited, words),
            (None, Places::Marks(marks)) => self.learn_cells(text, marks, words),
            (None, Places::Lines(_)) => {}
        }
    }

    fn learn_delimited(&mut self, delimited: &Delimited, words: &Words) {
        for (i, heading) in delimited.headings.iter().enumerate() {
            let column = Column { table: delimited.table, column: i as u32 + 1 };
            self.headings.entry(column).or_insert_with(|| heading_evidence(heading, words));
        }
    }

    fn learn_cells(&mut self, text: &Text<'_>, marks: &[Mark], words: &Words) {
        for (i, mark) in marks.iter().enumerate() {
            let Some(cell) = mark.cell.filter(|cell| cell.row <= HEADING_ROWS) else { continue };
            let end = marks.get(i + 1).map_or(text.bytes.len(), |next| next.offset);
            if end <= text.own.start || end - mark.offset > HEADING_BYTES {
                continue;
            }
            let heading = String::from_utf8_lossy(&text.bytes[mark.offset..end]);
            if let Some(evidence) = heading_evidence(heading.trim_end_matches(['\n', CELL_BREAK]), words) {
                self.headings.insert(Column::of(cell), Some(evidence));
            }
        }
    }

    /// The column in which the byte at `offset` stands, if it stands in one.
    pub fn column(text: &Text<'_>, offset: usize) -> Option<Column> {
        match (text.delimited, text.places) {
            (Some(delimited), _) => delimited_column(text, delimited, offset),
            (None, Places::Marks(marks)) => {
                let mark = marks[..marks.partition_point(|mark| mark.offset <= offset)].last()?;
                mark.cell.map(Column::of)
            }
            (None, Places::Lines(_)) => None,
        }
    }

    /// What the heading of a column says of the numbers below it.
    pub fn heading(&self, column: Column) -> Option<Evidence> {
        self.headings.get(&column).cloned().flatten()
    }

    /// Counts a number of ten digits if it is one more likely than not.
    pub fn count(&mut self, column: Column, confidence: f64) {
        if confidence >= 0.5 {
            self.tallies.entry(column).or_default().numbers += 1;
        }
    }

    /// Keeps a number of nine digits until its column is known, if it would then be one more likely than not. It is
    /// dropped when too many wait.
    pub fn wait(&mut self, column: Column, hit: Hit) {
        if hit.confidence() < 0.5 {
            return self.other_nine(column);
        }
        self.tallies.entry(column).or_default().shortened += 1;
        if self.waiting.len() < WAITING {
            self.waiting.push((column, hit));
        }
    }

    /// Counts nine digits that are no number.
    pub fn other_nine(&mut self, column: Column) {
        self.tallies.entry(column).or_default().other_nine += 1;
    }

    /// The numbers that waited and stand in a column of CPR numbers, in the order in which they came.
    ///
    /// By chance 0.93 % of nine digits pass with a zero before them, so a column in which four of five pass is one of
    /// CPR numbers; beside numbers of ten digits half of them are enough.
    pub fn settle(&mut self) -> impl Iterator<Item = Hit> {
        let tallies = std::mem::take(&mut self.tallies);
        std::mem::take(&mut self.waiting).into_iter().filter_map(move |(column, hit)| {
            let tally = tallies.get(&column)?;
            let nine = tally.shortened + tally.other_nine;
            let alone = tally.shortened >= LEAST && tally.shortened * 5 >= nine * 4;
            let beside = tally.numbers >= LEAST && tally.shortened * 2 >= nine;
            (alone || beside).then_some(hit)
        })
    }
}

impl Column {
    fn of(cell: TableCell) -> Self {
        Self { table: cell.table, column: cell.column }
    }
}

fn heading_evidence(heading: &str, words: &Words) -> Option<Evidence> {
    let digits = heading.bytes().filter(u8::is_ascii_digit).count();
    let found = words.last(&fold(heading)).filter(|_| digits < 6)?;
    let evidence = words.evidence(found.group);
    let reason = Arc::from(format!("heading, {}", evidence.reason));
    Some(Evidence { reason, ..evidence })
}

/// Counts the delimiters between the beginning of the line and `offset`; nothing when the line begins before the text.
fn delimited_column(text: &Text<'_>, delimited: &Delimited, offset: usize) -> Option<Column> {
    let unit = text.encoding.unit();
    let ends = |at: usize| text.encoding.count_line_ends(&text.bytes[at..at + unit]) == 1;
    let mut start = offset - offset % unit;
    while start > 0 && !ends(start - unit) {
        start -= unit;
    }
    if start == 0 && !matches!(text.places, Places::Lines(1)) {
        return None;
    }
    let mut column = 1;
    let mut quoted = false;
    let mut at = start;
    while at < offset {
        let Some((c, length)) = text.encoding.char_at(text.bytes, at) else { break };
        quoted ^= c == '"';
        if !quoted && c == char::from(delimited.delimiter) {
            column += 1;
        }
        at += length;
    }
    Some(Column { table: delimited.table, column })
}
