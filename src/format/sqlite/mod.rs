//! Databases of SQLite: every value of every table, and the runs of characters in pages that no table uses any more.
//!
//! Read from the bytes by the description of the file format (sqlite.org/fileformat2.html), so that nothing is locked,
//! replayed or written. What stands in a log beside the file is read where that lies.

mod page;
mod record;
mod wal;

use std::io::{Read, Seek, SeekFrom};

use super::input::{ReadSeek, problem_kind};
use super::sql::declared::{self, Column};
use super::{Format, Input, Output, Reading, Weight, embedded, strings};
use crate::model::{Encoding, PartKind, Place, ProblemKind, TableCell};
use page::{Page, Tree};
use record::{Value, values};

pub use wal::FORMAT as WAL;

pub const FORMAT: Format = Format {
    name: "sqlite",
    version: 1,
    weight: Weight::Heavy,
    reads: "all tables with the names of their columns, files in blobs, what is left in unused pages",
    leaves: "databases whose pages are encrypted (they cannot be told), what only the log beside it holds",
    recognise: |input| input.head().starts_with(MAGIC),
    read,
};

/// What a database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The page of the table that lists all others.
const SCHEMA_PAGE: u32 = 1;

/// Steps from the root of a tree to a leaf, at most: more is a circle.
const DEPTH: usize = 64;

/// The pages of a database.
pub struct Pages<'r> {
    file: Box<dyn ReadSeek + 'r>,
    /// Bytes of a page.
    size: usize,
    /// Bytes of a page that hold something.
    usable: usize,
    count: u32,
    encoding: Encoding,
    /// Pages that were read: none is read twice, so that circles end.
    seen: Vec<bool>,
}

impl<'r> Pages<'r> {
    fn open(mut file: Box<dyn ReadSeek + 'r>) -> Result<Self, ProblemKind> {
        let mut header = [0; 100];
        file.read_exact(&mut header).map_err(|error| problem_kind(&error))?;
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        let usable = size.checked_sub(usize::from(header[20])).filter(|&usable| usable >= 480);
        let usable = usable.filter(|_| size.is_power_of_two()).ok_or(ProblemKind::Damaged)?;
        let bytes = file.seek(SeekFrom::End(0)).map_err(|error| problem_kind(&error))?;
        let count = u32::try_from(bytes.div_ceil(size as u64)).map_err(|_| ProblemKind::TooLarge)?;
        let encoding = match header[59] {
            2 => Encoding::Utf16Le,
            3 => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        };
        Ok(Self { file, size, usable, count, encoding, seen: vec![false; count as usize + 1] })
    }

    /// The bytes of a page that was not read before; a last one that is cut ends too soon.
    fn take(&mut self, number: u32) -> Result<Vec<u8>, ProblemKind> {
        let seen = self.seen.get_mut(number as usize).filter(|_| number > 0).ok_or(ProblemKind::Damaged)?;
        if std::mem::replace(seen, true) {
            return Err(ProblemKind::Damaged);
        }
        let at = u64::from(number - 1) * self.size as u64;
        self.file.seek(SeekFrom::Start(at)).map_err(|error| problem_kind(&error))?;
        let mut bytes = Vec::with_capacity(self.size);
        let limit = self.size as u64;
        (&mut self.file).take(limit).read_to_end(&mut bytes).map_err(|error| problem_kind(&error))?;
        Ok(bytes)
    }

    /// What follows `payload` in the pages from `next` on, up to `bytes` in all.
    fn overflow(&mut self, payload: &mut Vec<u8>, mut next: u32, bytes: usize) -> Reading {
        while payload.len() < bytes && next != 0 {
            let page = self.take(next)?;
            let (link, rest) = page.split_first_chunk::<4>().ok_or(ProblemKind::Damaged)?;
            next = u32::from_be_bytes(*link);
            let room = self.usable.saturating_sub(4).min(bytes - payload.len());
            payload.extend_from_slice(rest.get(..room).unwrap_or(rest));
        }
        if payload.len() < bytes { Err(ProblemKind::Damaged) } else { Ok(()) }
    }
}

/// An entry of the table that lists all others.
struct Entry {
    is_table: bool,
    name: String,
    root: u32,
    sql: String,
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut pages = Pages::open(input.seekable()?)?;
    let mut entries = Vec::new();
    let schema = walk(&mut pages, SCHEMA_PAGE, output, |_, pages, _, payload| {
        entries.extend(entry(payload, pages.encoding));
        Ok(())
    });
    output.attempt(|_| schema)?;
    for entry in entries.iter().filter(|entry| entry.root != 0 && !entry.is_table) {
        // An index holds what its table holds; its pages are not left over.
        output.attempt(|output| walk(&mut pages, entry.root, output, |_, _, _, _| Ok(())).or(Ok(())))?;
    }
    for entry in entries.iter().filter(|entry| entry.root != 0 && entry.is_table) {
        output.part(PartKind::Sheet, entry.name.as_bytes(), |output| table(&mut pages, entry, output))?;
    }
    output.field("schema", |output| {
        for entry in &entries {
            output.at(Place::Whole)?;
            output.push(&entry.sql)?;
        }
        Ok(())
    })?;
    output.field("unused pages", |output| left_over(&mut pages, output))
}

fn entry(payload: &[u8], encoding: Encoding) -> Option<Entry> {
    let mut values = values(payload);
    let mut text = || match values.next()? {
        Value::Text(bytes) => {
            let mut text = String::new();
            encoding.decode_into(bytes, &mut text);
            Some(text)
        }
        Value::Integer(number) => Some(number.to_string()),
        _ => Some(String::new()),
    };
    let [kind, name, _, root, sql] = [text()?, text()?, text()?, text()?, text().unwrap_or_default()];
    Some(Entry { is_table: kind == "table", name, root: root.parse().unwrap_or(0), sql })
}

/// Gives the rows of a table below the names of its columns.
fn table(pages: &mut Pages<'_>, entry: &Entry, output: &mut Output<'_>) -> Reading {
    let columns = declared::stored(&entry.sql);
    let table = output.table();
    for (heading, column) in columns.iter().zip(1..) {
        output.cell(Place::Cell(1, column), TableCell { table, row: 1, column })?;
        output.push(&heading.name)?;
    }
    let mut row = 1_u32;
    walk(pages, entry.root, output, |output, pages, number, payload| {
        row = row.saturating_add(1);
        give(payload, pages.encoding, &columns, number, (table, row), output)
    })
}

/// Gives one row.
fn give(
    payload: &[u8],
    encoding: Encoding,
    columns: &[Column],
    number: Option<i64>,
    (table, row): (u32, u32),
    output: &mut Output<'_>,
) -> Reading {
    let mut text = String::new();
    for (value, index) in values(payload).zip(0_u32..) {
        let column = columns.get(index as usize);
        text.clear();
        match value {
            Value::Null => match number.filter(|_| column.is_some_and(|column| column.is_row_number)) {
                Some(number) => text = number.to_string(),
                None => continue,
            },
            Value::Integer(number) => text = number.to_string(),
            Value::Real(number) => text = number.to_string(),
            Value::Text(bytes) => encoding.decode_into(bytes, &mut text),
            Value::Blob(bytes) => {
                let name = column.map_or("blob", |column| &column.name);
                if bytes.is_empty() || embedded::file(name, bytes.to_vec(), output)? {
                    continue;
                }
                output.cell(Place::Cell(row, index + 1), TableCell { table, row, column: index + 1 })?;
                strings::give(bytes, output)?;
                continue;
            }
        }
        output.cell(Place::Cell(row, index + 1), TableCell { table, row, column: index + 1 })?;
        output.push(&text)?;
    }
    Ok(())
}

/// Calls `each` with the number and the payload of every row of a tree.
///
/// A page that does not hold is told once; the others are read.
fn walk(
    pages: &mut Pages<'_>,
    root: u32,
    output: &mut Output<'_>,
    mut each: impl FnMut(&mut Output<'_>, &Pages<'_>, Option<i64>, &[u8]) -> Reading,
) -> Reading {
    let mut reading = Ok(());
    let mut open = vec![(root, 0)];
    while let Some((number, depth)) = open.pop() {
        output.push("")?;
        let bytes = match pages.take(number) {
            Ok(bytes) => bytes,
            Err(kind) => {
                reading = Err(kind);
                continue;
            }
        };
        let Some(page) = Page::parse(&bytes, number == SCHEMA_PAGE) else {
            reading = Err(ProblemKind::Damaged);
            continue;
        };
        if depth < DEPTH {
            // The last is taken first.
            open.extend(page.children().rev().map(|child| (child, depth + 1)));
        }
        if page.kind == Tree::TableInner {
            continue;
        }
        // Cells do not share bytes, so more than the page holds are none.
        let mut left = pages.size;
        for at in page.cells() {
            let cell = page.cell(at, pages.usable).filter(|cell| cell.local.len() < left);
            let Some(cell) = cell else {
                reading = Err(ProblemKind::Damaged);
                continue;
            };
            left -= cell.local.len();
            let mut payload = cell.local.to_vec();
            let whole = cell.overflow.map_or(Ok(()), |next| pages.overflow(&mut payload, next, cell.bytes));
            each(output, pages, cell.row, &payload)?;
            reading = reading.and(whole);
        }
    }
    reading
}

/// Gives the runs of characters in pages that were not read.
fn left_over(pages: &mut Pages<'_>, output: &mut Output<'_>) -> Reading {
    for number in 1..=pages.count {
        if !pages.seen.get(number as usize).copied().unwrap_or(true) {
            let bytes = pages.take(number)?;
            output.push("")?;
            strings::give(&bytes, output)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Limits;
    use crate::model::{Sink, Text};

    struct Nobody;

    impl Sink for Nobody {
        fn text(&mut self, _: &Text<'_>) {}
    }

    #[test]
    fn what_is_no_database_behind_its_first_bytes_ends() {
        let mut random = 1_u32;
        for size in [16, 99, 100, 600, 5000, 70_000] {
            let mut bytes = MAGIC.to_vec();
            bytes.extend([2, 0, 1, 1, 0, 64, 32, 32]);
            bytes.resize_with(size, || {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (random >> 24) as u8
            });
            for (at, kind) in (512..size).step_by(512).zip([5, 13, 2, 10].into_iter().cycle()) {
                bytes[at] = kind;
            }
            let mut nobody = Nobody;
            let output = Output::new(&mut nobody, &Limits::for_size(size as u64, Default::default()));
            assert_eq!(output.read(&mut Input::bytes(bytes)).0, "sqlite");
        }
    }
}
