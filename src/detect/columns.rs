//! What stands together: columns with their headings, and how many of the numbers in a column or a text are ones.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::Hit;
use super::reasons::Row;
use super::rule::Rule;
use super::words::fold;
use crate::model::{CELL_BREAK, Delimited, Encoding, Mark, Part, Places, TableCell, Text};

/// The reason that a number stands in a column of CPR numbers.
pub const COLUMN: &str = "column of CPR numbers";

/// The reason that a column's heading says that the last four digits stand in it.
pub const LAST_DIGITS: &str = "heading of the last digits";

/// The reason that most numbers of ten digits round it are none.
pub const FEW: &str = "few of its neighbours are numbers";

/// Rows at the top of a table in which headings are looked for.
const HEADING_ROWS: u32 = 20;

/// Longest heading, in bytes.
const HEADING_BYTES: usize = 80;

/// Numbers that must have passed before a column is told to be one of CPR numbers without a heading.
const LEAST: u32 = 3;

/// Numbers of ten digits that must stand together before their neighbours say anything of one.
const COMPANY: u32 = 12;

/// Hits that wait for what stands round them, in one file.
const WAITING: usize = 20_000;

/// A column of a table of the file, or all of a part that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// A column of a table, each by its number.
    OfTable(u32, u32),
    /// What stands in no table, by the number of its part.
    OfPart(u32),
}

/// What is known of the columns of one file.
#[derive(Debug, Default)]
pub struct Columns<'r> {
    headings: HashMap<Column, Row, FixedState>,
    last_digits: HashSet<Column, FixedState>,
    /// Tables of which a row with a number was seen: what comes below are no headings.
    with_data: HashSet<u32, FixedState>,
    tallies: HashMap<Column, Tally, FixedState>,
    /// Those of the column and of the part counted in last, which are mostly the next number's too.
    current: [Option<(Column, Tally)>; 2],
    waiting: Vec<(Column, Wait, Hit<'r>)>,
    /// The part that is read, and how many came before it.
    part: Option<(Arc<[Part]>, u32)>,
}

/// What a hit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// That its column is one of CPR numbers; else it is none.
    Column,
    /// That not most of its neighbours are none.
    Company,
}

/// What was seen in a column.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// Numbers of ten digits, however spelled.
    beside: u32,
    /// Ten bare digits.
    ten: u32,
    /// Those that are a number more likely than not.
    numbers: u32,
    /// Shortened or parted numbers.
    odd: u32,
    /// Those that would be a number in a column of CPR numbers.
    odd_numbers: u32,
}

impl<'r> Columns<'r> {
    /// Learns the headings in what is new of `text`.
    pub fn learn(&mut self, text: &Text<'_>, rule: &Rule) {
        match &mut self.part {
            Some((parts, _)) if Arc::ptr_eq(parts, text.parts) || parts.is_empty() && text.parts.is_empty() => {}
            Some((parts, number)) => (*parts, *number) = (Arc::clone(text.parts), *number + 1),
            none => *none = Some((Arc::clone(text.parts), 0)),
        }
        match (text.delimited, text.places) {
            (Some(delimited), _) => self.learn_delimited(delimited, rule),
            (None, Places::Marks(marks)) => self.learn_cells(text, marks, rule),
            (None, Places::Lines(_)) => {}
        }
    }

    fn learn_delimited(&mut self, delimited: &Delimited, rule: &Rule) {
        let headings = &delimited.headings;
        if self.with_data.contains(&delimited.table) || headings.iter().any(|heading| holds_number(heading.as_bytes()))
        {
            return;
        }
        self.with_data.insert(delimited.table);
        for (i, heading) in headings.iter().enumerate() {
            self.learn_heading(Column::OfTable(delimited.table, i as u32 + 1), heading, rule);
        }
    }

    /// Learns from the rows of a table that come before the first one with a number in it.
    fn learn_cells(&mut self, text: &Text<'_>, marks: &[Mark], rule: &Rule) {
        let new = marks.iter().enumerate().filter_map(|(i, mark)| {
            let end = marks.get(i + 1).map_or(text.bytes.len(), |next| next.offset);
            let cell = mark.cell.filter(|cell| cell.row <= HEADING_ROWS && end > text.own.start)?;
            Some((cell, &text.bytes[mark.offset..end]))
        });
        let new: Vec<(TableCell, &[u8])> = new.collect();
        for row in new.chunk_by(|(a, _), (b, _)| (a.table, a.row) == (b.table, b.row)) {
            let table = row[0].0.table;
            if row.iter().any(|(_, cell)| holds_number(cell)) {
                self.with_data.insert(table);
            }
            if self.with_data.contains(&table) {
                continue;
            }
            for (cell, heading) in row.iter().filter(|(_, heading)| heading.len() <= HEADING_BYTES) {
                let heading = String::from_utf8_lossy(heading);
                self.learn_heading(Column::of(*cell), heading.trim_end_matches(['\n', CELL_BREAK]), rule);
            }
        }
    }

    fn learn_heading(&mut self, column: Column, heading: &str, rule: &Rule) {
        let folded = fold(heading);
        if let Some(found) = rule.words.last(&folded) {
            self.headings.insert(column, rule.heading(found.group));
        }
        if rule.last_digits.last(&folded).is_some() {
            self.last_digits.insert(column);
        }
    }

    /// The column in which the byte at `offset` stands, or all of the part where there are none.
    pub fn column(&self, text: &Text<'_>, offset: usize) -> Column {
        let column = match (text.delimited, text.places) {
            (Some(delimited), _) => delimited_column(text, delimited, offset),
            (None, Places::Marks(marks)) => {
                let mark = marks[..marks.partition_point(|mark| mark.offset <= offset)].last();
                mark.and_then(|mark| mark.cell).map(Column::of)
            }
            (None, Places::Lines(_)) => None,
        };
        column.unwrap_or_else(|| self.part())
    }

    fn part(&self) -> Column {
        Column::OfPart(self.part.as_ref().map_or(0, |(_, number)| *number))
    }

    /// What ten digits at `offset` are counted with: the cells of their column, or all of a part, for counting the
    /// fields of every line of a csv would cost more than the search.
    pub fn company(&self, text: &Text<'_>, offset: usize) -> Column {
        if text.delimited.is_some() { self.part() } else { self.column(text, offset) }
    }

    /// What the heading of a column says of the numbers below it.
    pub fn heading(&self, column: Column) -> Option<Row> {
        self.headings.get(&column).copied()
    }

    /// True when some column's heading says something of the numbers below it.
    pub fn have_headings(&self) -> bool {
        !self.headings.is_empty() || !self.last_digits.is_empty()
    }

    /// True when the heading says that the last four digits stand below it.
    pub fn holds_last_digits(&self, column: Column) -> bool {
        self.last_digits.contains(&column)
    }

    /// Counts a number of ten digits that is one more likely than not.
    pub fn count_number(&mut self, column: Column) {
        self.tally(column).beside += 1;
    }

    /// Counts ten bare digits among their neighbours, and whether they are a number more likely than not.
    pub fn count_ten(&mut self, text: &Text<'_>, offset: usize, number: bool) {
        let company = self.company(text, offset);
        let tally = self.tally(company);
        tally.ten += 1;
        tally.numbers += u32::from(number);
    }

    /// Counts so many ten bare digits that are no number.
    pub fn count_others(&mut self, text: &Text<'_>, offset: usize, count: u32) {
        let company = self.company(text, offset);
        self.tally(company).ten += count;
    }

    /// Counts a shortened or parted number, and whether it would be one in a column of CPR numbers.
    pub fn count_odd(&mut self, column: Column, number: bool) {
        let tally = self.tally(column);
        tally.odd += 1;
        tally.odd_numbers += u32::from(number);
    }

    /// Keeps a hit until what stands round it is known. When too many wait it is settled by what is known now.
    pub fn wait(&mut self, column: Column, wait: Wait, hit: Hit<'r>) -> Option<Hit<'r>> {
        if self.waiting.len() < WAITING {
            self.waiting.push((column, wait, hit));
            return None;
        }
        settled(*self.tally(column), wait, hit)
    }

    fn tally(&mut self, column: Column) -> &mut Tally {
        let current = &mut self.current[usize::from(matches!(column, Column::OfPart(_)))];
        let tallies = &mut self.tallies;
        let other = current.take_if(|(counted, _)| *counted != column);
        tallies.extend(other);
        let new = || (column, tallies.get(&column).copied().unwrap_or_default());
        &mut current.get_or_insert_with(new).1
    }

    /// The hits that waited, in the order in which they came, with what their neighbours say.
    pub fn settle(&mut self) -> impl Iterator<Item = Hit<'r>> {
        let waiting = std::mem::take(&mut self.waiting);
        self.tallies.extend(self.current.iter_mut().filter_map(Option::take));
        waiting.into_iter().filter_map(|(column, wait, hit)| {
            settled(self.tallies.get(&column).copied().unwrap_or_default(), wait, hit)
        })
    }
}

fn settled(tally: Tally, wait: Wait, mut hit: Hit<'_>) -> Option<Hit<'_>> {
    match wait {
        Wait::Column => tally.is_of_numbers().then_some(hit),
        Wait::Company if tally.has_few_numbers() => {
            hit.add(hit.rule.row(FEW));
            (hit.weight >= hit.rule.floor).then_some(hit)
        }
        Wait::Company => Some(hit),
    }
}

impl Tally {
    /// By chance 0.93 % of nine digits pass with a zero before them and 9 % of four digits after a date, so a column in
    /// which four of five pass is one of CPR numbers; beside numbers of ten digits half of them are enough.
    fn is_of_numbers(self) -> bool {
        let alone = self.odd_numbers >= LEAST && self.odd_numbers * 5 >= self.odd * 4;
        let beside = self.beside >= LEAST && self.odd_numbers * 2 >= self.odd;
        alone || beside
    }

    /// By chance 0.28 % of ten digits pass, of times in seconds and of file names made of dates 9 %: where not one in
    /// four of a dozen passes, the others are no numbers and neither is this one, unless something else speaks for it.
    fn has_few_numbers(self) -> bool {
        self.ten >= COMPANY && self.numbers * 4 < self.ten
    }
}

impl Column {
    fn of(cell: TableCell) -> Self {
        Self::OfTable(cell.table, cell.column)
    }
}

/// True for what holds more digits than a heading does.
fn holds_number(cell: &[u8]) -> bool {
    cell.iter().filter(|b| b.is_ascii_digit()).nth(5).is_some()
}

/// The column by the delimiters between the beginning of the line and `offset`; nothing when the line begins before the
/// text. In a line that begins inside of a quoted field those that follow are counted back from the last column.
fn delimited_column(text: &Text<'_>, delimited: &Delimited, offset: usize) -> Option<Column> {
    let unit = text.encoding.unit();
    let before = &text.bytes[..offset - offset % unit];
    let start = text.encoding.last_line_start(before);
    if start.is_none() && !matches!(text.places, Places::Lines(1)) {
        return None;
    }
    let line = &before[start.unwrap_or(0)..];
    // A first quotation mark at the beginning of a field ends none.
    let mark = memchr::memchr(b'"', line).and_then(|mark| mark.checked_sub(1));
    if mark.is_some_and(|before| line[before] != delimited.delimiter) {
        let counted = Line { text, delimiter: char::from(delimited.delimiter) };
        if let Some(column) = counted.column_from_the_end(start.unwrap_or(0), offset, delimited.headings.len()) {
            return Some(Column::OfTable(delimited.table, column));
        }
    }
    let mut quoted = false;
    let mut parts = |unit: u8| {
        quoted ^= unit == b'"';
        !quoted && unit == delimited.delimiter
    };
    // Delimiters and quotation marks are the same byte in all encodings of one byte a unit.
    let delimiters = match text.encoding {
        Encoding::Utf8 | Encoding::Windows1252 | Encoding::Cp850 => line.iter().filter(|&&b| parts(b)).count(),
        Encoding::Utf16Le => line.chunks_exact(2).filter(|unit| unit[1] == 0 && parts(unit[0])).count(),
        Encoding::Utf16Be => line.chunks_exact(2).filter(|unit| unit[0] == 0 && parts(unit[1])).count(),
    };
    Some(Column::OfTable(delimited.table, delimiters as u32 + 1))
}

/// A line of a csv.
struct Line<'l, 't> {
    text: &'l Text<'t>,
    delimiter: char,
}

/// What stands in a stretch of a line.
#[derive(Default)]
struct Counted {
    delimiters: u32,
    /// The first quotation mark ends what began in a line before: it stands before a delimiter and after none, and the
    /// marks of the line do not pair.
    goes_on_from_before: bool,
}

impl Line<'_, '_> {
    /// The column at `offset`, counted back from the last of `columns`; nothing when the line that begins at `start` does
    /// not begin inside of a quoted field.
    fn column_from_the_end(&self, start: usize, offset: usize, columns: usize) -> Option<u32> {
        if !self.count(start, None, false).goes_on_from_before {
            return None;
        }
        let (whole, before) = (self.count(start, None, true), self.count(start, Some(offset), true));
        (columns as u32).checked_sub(whole.delimiters - before.delimiters)
    }

    /// Counts from `start` up to `end` or the end of the line, beginning between quotation marks if `quoted`.
    fn count(&self, start: usize, end: Option<usize>, mut quoted: bool) -> Counted {
        let mut counted = Counted::default();
        let mut closes = false;
        let mut marks = 0;
        let mut before = None;
        let mut at = start;
        while end.is_none_or(|end| at < end) {
            let Some((c, length)) = self.text.encoding.char_at(self.text.bytes, at) else { break };
            if c == '\n' {
                break;
            }
            at += length;
            if c == '"' {
                let after = self.text.encoding.char_at(self.text.bytes, at).map(|(c, _)| c);
                if marks == 0 {
                    closes = before.is_some_and(|c| c != self.delimiter)
                        && after.is_none_or(|c| c == self.delimiter || c == '\r' || c == '\n');
                }
                marks += 1;
                quoted = !quoted;
            } else if !quoted && c == self.delimiter {
                counted.delimiters += 1;
            }
            before = Some(c);
        }
        counted.goes_on_from_before = closes && marks % 2 == 1;
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_after_a_quoted_line_break_stands_in_its_column() {
        let bytes = b"Navn,Note,Cpr,By\nLars,\"a, b\nc, d\",0707614285,Nibe\nIda,\"x\",0707614285,\"Nibe\"\n";
        let parts = Arc::from([]);
        let text = Text {
            bytes,
            encoding: Encoding::Utf8,
            own: 0..bytes.len(),
            parts: &parts,
            places: Places::Lines(1),
            delimited: None,
        };
        let headings = ["Navn", "Note", "Cpr", "By"].map(str::to_owned).to_vec();
        let delimited = Delimited { table: 1, delimiter: b',', headings };
        for at in memchr::memmem::find_iter(bytes, b"0707614285") {
            assert_eq!(delimited_column(&text, &delimited, at + 9), Some(Column::OfTable(1, 3)));
        }
    }
}
