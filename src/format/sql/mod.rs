//! Dumps of databases as SQL: the rows of `INSERT` and `COPY` with the names of their columns, all else as text.

pub mod declared;
mod statement;
mod value;

use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::decoded::Decoded;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{Place, ProblemKind, TableCell};
use statement::{Statement, bare_name};
use value::Dialect;

pub const FORMAT: Format = Format {
    name: "sql",
    version: 1,
    weight: Weight::Small,
    reads: "rows of INSERT and COPY with the names of their columns, quotation marks resolved; all else as text",
    leaves: "",
    recognise,
    read,
};

/// Longest beginning of a statement, in bytes.
const STATEMENT_BYTES: usize = 256 * 1024;

/// Longest piece of a value that is held, in bytes.
const VALUE_BYTES: usize = 1024 * 1024;

/// Beginnings of this length may turn out to be none of a statement so many times: then those that are cut are none.
const PATIENT_BYTES: usize = 16 * 1024;
const PATIENCE: usize = 200;

/// Tables whose columns are known at once.
const TABLES: usize = 10_000;

/// What statements with rows begin with, and how many bytes of a word stand before it.
static WORDS: LazyLock<[(Finder<'static>, usize); 3]> =
    LazyLock::new(|| [("NSERT ", 1), ("nsert ", 1), ("COPY ", 0)].map(|(word, before)| (Finder::new(word), before)));

/// True when a line begins as rows do.
fn recognise(input: &mut Input<'_>) -> bool {
    let Some(encoding) = input.encoding() else { return false };
    let head = input.head();
    if encoding.unit() == 1 {
        return begins(head);
    }
    let mut text = String::new();
    encoding.decode_into(head, &mut text);
    begins(text.trim_start_matches('\u{feff}').as_bytes())
}

fn begins(text: &[u8]) -> bool {
    let at_line = |at: usize| text[..at].iter().rev().take_while(|&&b| b != b'\n').all(|b| b.is_ascii_whitespace());
    WORDS.iter().any(|(word, before)| {
        word.find_iter(text).filter_map(|at| at.checked_sub(*before)).any(|at| {
            let rest = &text[at..text.len().min(at + 4096)];
            at_line(at) && !matches!(Statement::parse(&String::from_utf8_lossy(rest)), Statement::Other)
        })
    })
}

/// What is known of a table.
#[derive(Default)]
struct Known {
    columns: Vec<String>,
    /// Its number and the rows that were given, once it has some.
    given: Option<(u32, u32)>,
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let dialect = Dialect::of(input.head());
    let mut reader =
        Reader { text: Decoded::new(input, encoding), dialect, tables: HashMap::new(), patience: PATIENCE, output };
    while let Some((line, bytes)) = reader.text.line()? {
        reader.statement(line, bytes)?;
    }
    Ok(())
}

struct Reader<'r, 'a, 'o, 's> {
    text: Decoded<'r, 'a>,
    dialect: Dialect,
    tables: HashMap<String, Known>,
    /// How many more beginnings of statements may turn out to be none.
    patience: usize,
    output: &'o mut Output<'s>,
}

impl Reader<'_, '_, '_, '_> {
    /// Reads a line, or the statement that begins in it.
    fn statement(&mut self, line: u64, bytes: usize) -> Reading {
        let mut looked = bytes;
        let statement = loop {
            let rest = self.text.rest();
            match Statement::parse(&rest[..rest.floor_char_boundary(looked.min(STATEMENT_BYTES))]) {
                // What is cut may go on in the next lines.
                Statement::Cut if looked < STATEMENT_BYTES && self.patience > 0 => match self.lines(2 * looked)? {
                    more if more > looked => looked = more,
                    _ => break Statement::Other,
                },
                statement => break statement,
            }
        };
        if looked > PATIENT_BYTES && matches!(statement, Statement::Cut | Statement::Other) {
            self.patience = self.patience.saturating_sub(1);
        }
        match statement {
            Statement::Insert { table, columns, taken } => {
                self.text.take(taken);
                let (number, row) = self.table(&table, columns, line)?;
                let row = self.rows(number, row)?;
                self.keep(&table, number, row);
                Ok(())
            }
            Statement::Copy { table, columns, taken } => {
                self.text.take(taken);
                let (number, row) = self.table(&table, columns, line)?;
                let row = self.copied(number, row)?;
                self.keep(&table, number, row);
                Ok(())
            }
            Statement::Create { table, columns } => {
                if self.tables.len() < TABLES {
                    self.tables.insert(table, Known { columns, given: None });
                }
                self.as_text(line, bytes)
            }
            Statement::Cut | Statement::Other => self.as_text(line, bytes),
        }
    }

    /// How many bytes the next lines take, at least `bytes` if there are so many.
    fn lines(&mut self, bytes: usize) -> Result<usize, ProblemKind> {
        self.text.holds(bytes)?;
        loop {
            let rest = self.text.rest().as_bytes();
            if let Some(end) = rest.get(bytes..).and_then(|rest| memchr::memchr(b'\n', rest)) {
                return Ok(bytes + end + 1);
            }
            let length = rest.len();
            if length > STATEMENT_BYTES || !self.text.more()? {
                return Ok(length);
            }
        }
    }

    fn as_text(&mut self, line: u64, bytes: usize) -> Reading {
        let lines = self.text.take(bytes);
        for (line, text) in (line..).zip(lines.lines()) {
            self.output.at(Place::Line(line))?;
            self.output.push(text)?;
        }
        Ok(())
    }

    /// The number of a table and the row that was given last; its headings are given first.
    fn table(&mut self, name: &str, columns: Vec<String>, line: u64) -> Result<(u32, u32), ProblemKind> {
        if self.tables.len() >= TABLES {
            self.tables.clear();
        }
        let known = self.tables.entry(name.to_owned()).or_default();
        if !columns.is_empty() && columns != known.columns {
            *known = Known { columns, given: None };
        }
        if let Some(given) = known.given {
            return Ok(given);
        }
        let table = self.output.table();
        known.given = Some((table, 1));
        for (heading, column) in known.columns.iter().zip(1..) {
            self.output.cell(Place::Line(line), TableCell { table, row: 1, column })?;
            self.output.push(heading)?;
        }
        Ok((table, 1))
    }

    fn keep(&mut self, name: &str, number: u32, row: u32) {
        if let Some(known) = self.tables.get_mut(name) {
            known.given = Some((number, row));
        }
    }

    /// Reads `(…), (…);` and gives the number of the last row.
    fn rows(&mut self, table: u32, mut row: u32) -> Result<u32, ProblemKind> {
        loop {
            match self.text.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',') => drop(self.text.take(1)),
                Some(b'(') => {
                    self.text.take(1);
                    row = row.saturating_add(1);
                    self.row(table, row)?;
                }
                Some(b';') => {
                    self.text.take(1);
                    return Ok(row);
                }
                _ => return Ok(row),
            }
        }
    }

    /// Reads the values up to the closing bracket.
    fn row(&mut self, table: u32, row: u32) -> Reading {
        let mut column = 1;
        let mut depth = 0;
        let mut begun = false;
        loop {
            let Some(byte) = self.text.peek()? else { return Ok(()) };
            match byte {
                b')' if depth == 0 => {
                    self.text.take(1);
                    return Ok(());
                }
                b',' if depth == 0 => {
                    self.text.take(1);
                    column += 1;
                    begun = false;
                    continue;
                }
                b' ' | b'\t' | b'\r' | b'\n' if !begun => {
                    self.text.take(1);
                    continue;
                }
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if !begun {
                begun = true;
                let place = Place::Line(self.text.line_number());
                self.output.cell(place, TableCell { table, row, column })?;
            }
            self.piece(byte)?;
        }
    }

    /// Gives a string without its marks, or what stands up to the next mark.
    fn piece(&mut self, first: u8) -> Reading {
        if matches!(first, b'\'' | b'"') {
            return self.string(first, false);
        }
        let is_end = |b: &u8| b",()'\"".contains(b);
        if is_end(&first) {
            let piece = self.text.take(1);
            return self.output.push(piece);
        }
        loop {
            let rest = self.text.rest().as_bytes();
            let end = rest.iter().position(is_end);
            let length = rest.len();
            if let Some(end) = end {
                let word = self.text.take(end);
                // `N'…'` and `E'…'` of SQL Server and PostgreSQL.
                if matches!(word, "N" | "E" | "n" | "e" | "U&" | "_binary " | "_utf8mb4 ") {
                    let escapes = word.eq_ignore_ascii_case("e");
                    return match self.text.peek()? {
                        Some(mark @ (b'\'' | b'"')) => self.string(mark, escapes),
                        _ => Ok(()),
                    };
                }
                return self.output.push(word);
            }
            if length > VALUE_BYTES || !self.text.more()? {
                let piece = self.text.take(length);
                return self.output.push(piece);
            }
        }
    }

    fn string(&mut self, mark: u8, escapes: bool) -> Reading {
        self.text.take(1);
        let dialect = if escapes { Dialect::Backslash } else { self.dialect };
        loop {
            let rest = self.text.rest();
            let length = rest.len();
            if let Some(end) = dialect.end(rest.as_bytes(), mark) {
                self.output.push(&dialect.resolved(self.text.take(end), mark))?;
                self.text.take(1);
                return Ok(());
            }
            let more = self.text.more()?;
            if !more {
                // The mark may be the last byte.
                let end = dialect.last(self.text.rest().as_bytes(), mark).unwrap_or(length);
                self.output.push(&dialect.resolved(self.text.take(end), mark))?;
                let rest = self.text.rest().len();
                self.text.take(rest);
                return Ok(());
            }
            if length > VALUE_BYTES {
                let bytes = dialect.cut(self.text.rest(), length);
                self.output.push(&dialect.resolved(self.text.take(bytes), mark))?;
            }
        }
    }

    /// Reads the lines of `COPY` up to `\.` and gives the number of the last row.
    fn copied(&mut self, table: u32, mut row: u32) -> Result<u32, ProblemKind> {
        while let Some((line, bytes)) = self.text.line()? {
            let text = self.text.take(bytes).trim_end_matches(['\r', '\n']);
            if text == "\\." {
                break;
            }
            row = row.saturating_add(1);
            for (cell, column) in text.split('\t').zip(1..).filter(|(cell, _)| *cell != "\\N") {
                self.output.cell(Place::Line(line), TableCell { table, row, column })?;
                self.output.push(&Dialect::Backslash.resolved(cell, b'\''))?;
            }
        }
        Ok(row)
    }
}

/// The name of a table without marks and without that of its schema.
fn table_name(written: &str) -> String {
    let last = written.rsplit('.').next().unwrap_or(written);
    bare_name(last).to_lowercase()
}
