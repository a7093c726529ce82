//! Values under their keys as rows of tables.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::embedded;
use super::super::{Output, Reading};
use super::inline;
use crate::model::{Place, ProblemKind, TableCell};

/// Values of one object that are held, in bytes, before they are given.
const ROW_BYTES: usize = 64 * 1024;

/// Longest key that names the values in an object or list, in bytes.
const NAME_BYTES: usize = 80;

/// Digits of the longest key that is the number of a row; longer ones may say something.
const ROW_DIGITS: usize = 7;

/// Tables that are known at once: objects with other keys than those of the last ones begin a new one.
const TABLES: usize = 256;

/// Keys that say nothing of a value: it is what the key of the object says.
const EMPTY_KEYS: &[&str] = &[
    "",
    "value",
    "values",
    "text",
    "#text",
    "$",
    "_",
    "id",
    "nr",
    "no",
    "number",
    "nummer",
    "værdi",
    "vaerdi",
    "extension",
];

/// A value and where it stands.
pub struct Scalar {
    /// Its line; 0 for that of the value before.
    pub line: u64,
    /// What it says.
    pub value: String,
    /// It is quoted.
    pub is_text: bool,
}

/// The values of an object or list that are not yet given.
pub struct Row {
    /// The key under which the object or list stands.
    name: String,
    cells: Vec<(String, Scalar)>,
    bytes: usize,
    line: u64,
    /// How many lists in this list began, or the number of this one.
    rows: u32,
    /// It is a list in a list: its values stand side by side.
    lies: bool,
}

impl Row {
    /// The values that stand under `name`.
    pub fn named(mut name: String) -> Self {
        name.truncate(name.floor_char_boundary(NAME_BYTES));
        Self { name, cells: Vec::new(), bytes: 0, line: 1, rows: 0, lies: false }
    }

    /// Those of an object or list in this list.
    pub fn inner(&mut self, is_list: bool) -> Self {
        let mut inner = Self::named(self.name.clone());
        if is_list {
            self.rows = self.rows.saturating_add(1);
            inner.lies = true;
            inner.rows = self.rows;
        }
        inner
    }

    /// Adds a value.
    pub fn push(&mut self, key: String, mut scalar: Scalar) {
        if scalar.line == 0 {
            scalar.line = self.line;
        }
        self.line = scalar.line;
        self.bytes += key.len() + scalar.value.len() + 64;
        self.cells.push((key, scalar));
    }

    /// The line of the value that came last.
    pub fn last_line(&self) -> u64 {
        self.line
    }

    /// True when the values should be given now.
    pub fn is_long(&self) -> bool {
        self.bytes > ROW_BYTES
    }

    /// True when its keys are but numbers of rows, as where a program writes a table column by column.
    fn is_column(&self) -> bool {
        let is_number = |key: &str| (1..=ROW_DIGITS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_digit());
        !self.cells.is_empty() && self.cells.iter().all(|(key, _)| is_number(key))
    }

    fn take(&mut self) -> Vec<(String, Scalar)> {
        self.bytes = 0;
        std::mem::take(&mut self.cells)
    }
}

/// The tables to which objects with the same keys belong, and how many rows each has.
#[derive(Default)]
pub struct Rows {
    tables: HashMap<u64, (u32, u32)>,
}

impl Rows {
    /// Charges what gives no text.
    pub fn go_on(&self, output: &mut Output<'_>) -> Reading {
        output.push("")
    }

    /// Gives a value that stands in no object and no list.
    pub fn alone(&self, scalar: &Scalar, output: &mut Output<'_>) -> Reading {
        output.at(Place::Line(scalar.line))?;
        value("", scalar, output)
    }

    /// Gives the values of an object as a row under their keys.
    pub fn object(&mut self, row: &mut Row, output: &mut Output<'_>) -> Reading {
        if row.is_column() {
            return self.list(row, output);
        }
        let cells = row.take();
        let Some((_, first)) = cells.first() else { return Ok(()) };
        let name = row.name.as_str();
        let heading = |key: &str| match EMPTY_KEYS.contains(&key.to_lowercase().as_str()) {
            true if !name.is_empty() => format!("{name} {key}"),
            _ => key.to_owned(),
        };
        let headings: Vec<String> = cells.iter().map(|(key, _)| heading(key)).collect();
        let mut hasher = DefaultHasher::new();
        headings.hash(&mut hasher);
        let place = Place::Line(first.line);
        let (table, number) = self.next_row(hasher.finish(), &headings, place, output)?;
        for ((heading, (_, scalar)), column) in headings.iter().zip(&cells).zip(1..) {
            output.cell(Place::Line(scalar.line), TableCell { table, row: number, column })?;
            value(heading, scalar, output)?;
        }
        Ok(())
    }

    /// Gives the values of a list: side by side if the list is one of several, else one below the other.
    pub fn list(&mut self, row: &mut Row, output: &mut Output<'_>) -> Reading {
        let cells = row.take();
        let Some((_, first)) = cells.first() else { return Ok(()) };
        if row.lies {
            let (table, _) = self.next_row(cells.len() as u64, &[], Place::Line(first.line), output)?;
            for ((_, scalar), column) in cells.iter().zip(1..) {
                output.cell(Place::Line(scalar.line), TableCell { table, row: row.rows, column })?;
                value(&row.name, scalar, output)?;
            }
            return Ok(());
        }
        let headings = [row.name.clone()];
        let mut hasher = DefaultHasher::new();
        (&headings, "list").hash(&mut hasher);
        for (_, scalar) in &cells {
            let (table, number) = self.next_row(hasher.finish(), &headings, Place::Line(scalar.line), output)?;
            output.cell(Place::Line(scalar.line), TableCell { table, row: number, column: 1 })?;
            value(&row.name, scalar, output)?;
        }
        Ok(())
    }

    /// The table of rows of this shape and the number of the next one; a new table begins with its headings.
    fn next_row(
        &mut self,
        shape: u64,
        headings: &[String],
        place: Place,
        output: &mut Output<'_>,
    ) -> Result<(u32, u32), ProblemKind> {
        if let Some((table, row)) = self.tables.get_mut(&shape) {
            *row = row.saturating_add(1);
            return Ok((*table, *row));
        }
        if self.tables.len() >= TABLES {
            self.tables.clear();
        }
        let table = output.table();
        for (heading, column) in headings.iter().zip(1..) {
            output.cell(place, TableCell { table, row: 1, column })?;
            output.push(heading)?;
        }
        self.tables.insert(shape, (table, 2));
        Ok((table, 2))
    }
}

/// Gives a value; a file that it spells in base64 is read as what it is.
fn value(key: &str, scalar: &Scalar, output: &mut Output<'_>) -> Reading {
    if scalar.is_text && embedded::is_base64(&scalar.value) && embedded::base64(key, &scalar.value, output)? {
        return Ok(());
    }
    output.push(&inline::without_tags(&scalar.value))
}
