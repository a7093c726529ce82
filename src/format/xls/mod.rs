//! Excel workbooks of versions 2 to 2003: records in a stream, which since version 5 lies in a compound file.
//! \[MS-XLS\]; of older versions, "OpenOffice.org's Documentation of the Microsoft Excel File Format".

mod cache;
mod link;
mod lock;
mod record;
mod sheet;
mod workbook;

use std::collections::HashSet;

use super::ole::{self, Compound, Id};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, ProblemKind};
use lock::Lock;
use record::{Record, Records, Spelling};
use workbook::Workbook;

pub const FORMAT: Format = Format {
    name: "xls",
    version: 1,
    weight: Weight::Heavy,
    reads: "cells with their number formats, formula results, hidden rows, columns and sheets, comments, headers and footers, text boxes, validation lists, links, defined and sheet names, properties, custom XML, pivot and external-link caches, embedded files; versions 2 to 2003",
    leaves: "pictures, macro code, revision logs; workbooks locked with a password of their own",
    recognise,
    read,
};

/// The streams that hold the records: of versions since 97, and of 5 and 95.
const STREAMS: &[&str] = &["Workbook", "Book"];

/// How a stream of records begins: with a record that tells its version and what follows.
static BEGINNINGS: &[(u16, u8)] = &[(0x09, 2), (0x209, 3), (0x409, 4), (0x809, 5)];

/// Kinds of what a stream holds: the workbook, sheets of cells, charts, macros, and all sheets of version 4.
const KINDS: &[u16] = &[0x05, 0x06, 0x10, 0x20, 0x40, 0x100];

fn recognise(input: &mut Input<'_>) -> bool {
    is_stream(input.head()) || ole::holds(input, STREAMS)
}

fn is_stream(head: &[u8]) -> bool {
    let Some(record) = Records::new(head).next() else { return false };
    let mut body = record.body;
    let known = BEGINNINGS.iter().any(|(kind, _)| *kind == record.kind);
    let length = matches!(body.0.len(), 4 | 6 | 8 | 16);
    known && length && body.take(2).is_some() && body.u16().is_some_and(|kind| KINDS.contains(&kind))
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    if !ole::begins(input.head()) {
        let mut bytes = input.take_all()?;
        unlock(&mut bytes)?;
        return read_stream(&bytes, output).1;
    }
    let compound = Compound::open(input)?;
    let stream = STREAMS.iter().find_map(|name| compound.find_stream(Compound::ROOT, name));
    let stream = stream.ok_or(ProblemKind::Damaged)?;
    let mut bytes = compound.bytes(stream, output)?;
    let (spelling, lock, reading) = match unlock(&mut bytes) {
        Ok(lock) => {
            let (spelling, reading) = read_stream(&bytes, output);
            (Some(spelling), lock, reading)
        }
        Err(kind) => (None, None, Err(kind)),
    };
    drop(bytes);
    for &id in compound.children(Compound::ROOT) {
        read_beside(&compound, id, spelling, lock.as_ref(), output)?;
    }
    output.attempt(|output| ole::properties(&compound, Compound::ROOT, output))?;
    ole::custom_xml(&compound, output)?;
    reading.and_then(|()| compound.end())
}

/// Takes the lock off a stream; gives what opened it.
fn unlock(bytes: &mut [u8]) -> Result<Option<Lock>, ProblemKind> {
    let lock = Lock::find(bytes)?;
    if let Some(lock) = &lock {
        lock.open(bytes);
    }
    Ok(lock)
}

/// Reads a stream or storage that lies beside the records: sources of pivot tables, unless they are locked, and embedded
/// files.
fn read_beside(
    compound: &Compound<'_>,
    id: Id,
    spelling: Option<Spelling>,
    lock: Option<&Lock>,
    output: &mut Output<'_>,
) -> Reading {
    let name = compound.name(id);
    if !compound.is_storage(id) {
        return Ok(());
    }
    if name.starts_with("_SX_DB") {
        // Locked as the workbook is, which told so.
        let Some(spelling) = spelling else { return Ok(()) };
        for &stream in compound.children(id) {
            output.attempt(|output| {
                let mut bytes = compound.bytes(stream, output)?;
                if let Some(lock) = lock {
                    lock.open(&mut bytes);
                }
                output.field("pivot cache", |output| cache::read(&bytes, spelling, output))
            })?;
        }
    } else if name.starts_with("MBD") || name.starts_with("LNK") {
        return ole::object(compound, id, name, output);
    }
    Ok(())
}

/// Gives all sheets of a stream, then what stands in none; tells how its texts are spelled.
fn read_stream(bytes: &[u8], output: &mut Output<'_>) -> (Spelling, Reading) {
    let mut records = Records::new(bytes);
    let mut book = Workbook::default();
    let reading = read_records(&mut records, &mut book, output);
    let spelling = book.spelling;
    (spelling, reading.and_then(|()| book.give(output)))
}

fn read_records(records: &mut Records<'_>, book: &mut Workbook, output: &mut Output<'_>) -> Reading {
    let mut read = HashSet::new();
    let mut inside = false;
    while let Some(record) = records.next() {
        match record.kind {
            0x2f => return Err(ProblemKind::Encrypted),
            0x0a => inside = false,
            kind if is_beginning(kind) => {
                let kind = begin(&record, book);
                if matches!(kind, 0x05 | 0x100) {
                    inside = true;
                } else {
                    read.insert(record.at);
                    read_sheet(record.at, kind, records, book, output)?;
                }
            }
            // What follows the last sheet fills the stream up.
            _ if !inside && !read.is_empty() => {}
            _ => {
                let known = book.take(&record, records.at);
                book.broken |= known.is_none();
            }
        }
    }
    book.broken |= inside || records.cut && read.is_empty();
    read_lost(&mut read, records, book, output)
}

/// Reads the sheets that the workbook names and that were not come upon: a broken record hid them.
fn read_lost(
    read: &mut HashSet<usize>,
    records: &mut Records<'_>,
    book: &mut Workbook,
    output: &mut Output<'_>,
) -> Reading {
    let mut lost: Vec<usize> = book.sheets.iter().filter(|(_, sheet)| !sheet.is_module).map(|(at, _)| *at).collect();
    lost.sort_unstable();
    // Sheets do not stand in one another, so all are no longer than the stream.
    let mut left = records.at;
    for at in lost {
        if !read.insert(at) {
            continue;
        }
        records.at = at;
        let record = records.next().filter(|record| is_beginning(record.kind) && left > 0);
        match record.map(|record| begin(&record, book)) {
            Some(kind) => read_sheet(at, kind, records, book, output)?,
            None => {
                let name = book.sheets.get(&at).map(|sheet| sheet.name.clone()).unwrap_or_default();
                output.part(PartKind::Sheet, name.as_bytes(), |_| Err(ProblemKind::Damaged))?;
            }
        }
        left = left.saturating_sub(records.at.saturating_sub(at));
    }
    Ok(())
}

fn is_beginning(kind: u16) -> bool {
    BEGINNINGS.iter().any(|(beginning, _)| *beginning == kind)
}

/// Gives a sheet; its name, where it has one, is a step inward.
fn read_sheet(
    at: usize,
    kind: u16,
    records: &mut Records<'_>,
    book: &mut Workbook,
    output: &mut Output<'_>,
) -> Reading {
    let name = book.sheets.get(&at).map(|sheet| sheet.name.clone());
    let read = |output: &mut Output<'_>| sheet::read(records, book, kind == 0x20, output);
    match name {
        Some(name) => output.part(PartKind::Sheet, name.as_bytes(), read),
        None => output.attempt(read),
    }
}

/// Notes the version that a beginning tells, and gives what follows it.
fn begin(record: &Record<'_>, book: &mut Workbook) -> u16 {
    let mut body = record.body;
    let (version, kind) = (body.u16().unwrap_or(0), body.u16().unwrap_or(0x10));
    // Some programs tell another version in their sheets than in what stands before.
    if record.kind == 0x809 && kind != 0x05 && book.is_told {
        return kind;
    }
    book.is_told = true;
    let beginning = BEGINNINGS.iter().find(|(beginning, _)| *beginning == record.kind);
    book.spelling.version = match beginning.map_or(8, |(_, version)| *version) {
        5 if version >= 0x600 => 8,
        5 if matches!(version, 0x200 | 0x300 | 0x400) => (version >> 8) as u8,
        version => version,
    };
    kind
}

#[cfg(test)]
mod tests {
    use super::super::ole::sample::compound;
    use super::super::ooxml::sample::{Told, told};

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), &(body.len() as u16).to_le_bytes(), body].concat()
    }

    /// A text with its length in two bytes.
    fn long(text: &str) -> Vec<u8> {
        [&(text.len() as u16).to_le_bytes(), &[0][..], text.as_bytes()].concat()
    }

    fn cell(row: u16, column: u16, style: u16, value: &[u8]) -> Vec<u8> {
        [&row.to_le_bytes(), &column.to_le_bytes(), &style.to_le_bytes(), value].concat()
    }

    /// The records of a workbook of version 8 with one sheet.
    fn stream(sheet: &[Vec<u8>]) -> Vec<u8> {
        let before = |at: usize| {
            let name = [&(at as u32).to_le_bytes()[..], &[0, 0, 4, 0], b"Ark1"].concat();
            [
                record(0x809, &[0, 6, 5, 0, 0, 0, 0, 0]),
                record(0x41e, &[&[200, 0], &long("000000-0000")[..]].concat()),
                record(0xe0, &[0; 4]),
                record(0xe0, &[0, 0, 200, 0]),
                record(0x85, &name),
                record(0xfc, &[&[0; 8], &long("Cpr")[..], &long("unused")].concat()),
                record(0x0a, &[]),
            ]
            .concat()
        };
        let at = before(0).len();
        [before(at), record(0x809, &[0, 6, 0x10, 0, 0, 0, 0, 0]), sheet.concat(), record(0x0a, &[])].concat()
    }

    fn sheet() -> Vec<Vec<u8>> {
        let number = ((101_801_234_u32 << 2) | 2).to_le_bytes();
        let text = [0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 5, 0, 0x17, 2, 0, b'j', b'a'];
        vec![
            record(0xfd, &cell(0, 0, 0, &[0; 4])),
            record(0x27e, &cell(1, 0, 1, &number)),
            record(0xbd, &cell(2, 0, 1, &[&number[..], &[0, 0], &number, &[1, 0]].concat())),
            record(0x204, &cell(3, 0, 0, &long("070761-4285"))),
            record(0x06, &cell(3, 1, 0, &text)),
            record(0x207, &long("x")),
            record(0x203, &cell(4, 0, 1, &101_801_234_f64.to_le_bytes())),
        ]
    }

    fn read(sheet: &[Vec<u8>]) -> Told {
        told(compound(&[("Workbook", &stream(sheet))]))
    }

    #[test]
    fn cells_of_all_kinds_are_given() {
        let told = read(&sheet());
        assert_eq!((told.format, told.problems), ("xls", vec![]));
        assert_eq!(
            told.lines,
            [
                "Ark1 › name: Ark1",
                "Ark1!A1: Cpr",
                "Ark1!A2: 010180-1234",
                "Ark1!A3: 010180-1234",
                "Ark1!B3: 101801234",
                "Ark1!A4: 070761-4285",
                "Ark1!B4: x\nja",
                "Ark1!A5: 010180-1234",
                "unused text: unused",
            ]
        );
        assert_eq!(told.cells[0], (1, 1, 1));
    }

    #[test]
    fn a_stream_needs_no_compound_file() {
        let old = [
            record(0x09, &[2, 0, 0x10, 0]),
            record(0x42, &[0x52, 3]),
            record(0x1e, b"\x07General"),
            record(0x1e, b"\x0b000000-0000"),
            record(0x04, &cell(0, 0, 0, b"\0\x05B\x9brn!")),
            record(0x03, &cell(1, 0, 0x0100, &[&[0][..], &101_801_234_f64.to_le_bytes()].concat())),
            record(0x1c, &cell(1, 0, 5, b"Karla")),
            record(0x0a, &[]),
        ];
        let told = told(old.concat());
        assert_eq!((told.format, told.problems), ("xls", vec![]));
        assert_eq!(told.lines, ["A1: Børn!", "A2: 010180-1234", "comment › A2: Karla"]);
    }

    #[test]
    fn sheets_of_version_4_are_named_where_they_begin() {
        let old = [
            record(0x409, &[0, 4, 0, 1, 0, 0]),
            record(0x8f, b"\x30\0\0\0\x04Ark1"),
            record(0x409, &[0, 4, 0x10, 0, 0, 0]),
            record(0x204, &cell(0, 0, 0, b"\x05\0Karla")),
            record(0x0a, &[]),
            record(0x0a, &[]),
        ];
        let told = told(old.concat());
        assert_eq!((told.format, told.problems), ("xls", vec![]));
        assert_eq!(told.lines, ["Ark1 › name: Ark1", "Ark1!A1: Karla"]);
    }

    #[test]
    fn sheets_behind_a_broken_record_are_found_by_where_they_begin() {
        let mut stream = stream(&sheet());
        // The record before the sheet says that it is longer than it is.
        let at = memchr::memmem::rfind(&stream, &[0x09, 0x08, 8, 0]).unwrap();
        stream[at - 2] = 3;
        let told = told(compound(&[("Workbook", &stream)]));
        assert_eq!(told.lines[..2], ["Ark1 › name: Ark1", "Ark1!A1: Cpr"]);
        assert_eq!(told.problems, ["whole: Damaged"]);
    }

    #[test]
    fn comments_stand_at_their_cells_and_text_boxes_beside_them() {
        let object = |number: u8| record(0x5d, &[0x15, 0, 0x12, 0, 0, 0, number, 0]);
        let text = |text: &str| {
            let body = [&[0; 10], &(text.len() as u16).to_le_bytes()[..], &[0; 6]].concat();
            [record(0x1b6, &body), record(0x3c, &[&[0], text.as_bytes()].concat())].concat()
        };
        let told = read(&[
            object(1),
            text("Karla"),
            object(2),
            text("070761-4285"),
            record(0x1c, &cell(6, 1, 0, &[1, 0])),
            record(0x14, &long("&Ch")),
        ]);
        assert_eq!(told.lines[1..4], ["Ark1 › comment › B7: Karla", "Ark1 › drawing: 070761-4285", "Ark1 › header: h"]);
    }

    #[test]
    fn a_broken_record_costs_itself() {
        let mut records = sheet();
        records.insert(1, record(0x203, &[1, 0]));
        records.insert(1, record(0xfd, &cell(9, 9, 0, &[9, 0, 0, 0])));
        records.insert(1, record(0x7777, &[1; 9]));
        let told = read(&records);
        assert_eq!((told.lines.len(), &told.problems[..]), (9, &["Ark1: Damaged".to_owned()][..]));
    }

    #[test]
    fn sheets_and_charts_in_sheets_do_not_stop_the_others() {
        let chart = [
            record(0x809, &[0, 6, 0x20, 0, 0, 0, 0, 0]),
            record(0x203, &cell(0, 0, 0, &7_f64.to_le_bytes())),
            record(0x0a, &[]),
        ];
        let mut records = vec![chart.concat()];
        records.extend(sheet());
        let told = read(&records);
        assert_eq!((told.lines.len(), told.problems), (10, vec![]));
        assert_eq!(told.lines[8], "Ark1 › chart › A1: 7");
    }

    #[test]
    fn the_source_of_a_pivot_table_is_one_table() {
        let field =
            |values: u16, name: &str| record(0xc7, &[&[0; 12], &values.to_le_bytes()[..], &long(name)].concat());
        let cache = [
            record(0xc6, &[0; 8]),
            field(1, "Navn"),
            record(0xcd, &long("Karla")),
            field(0, "Cpr"),
            record(0xc8, &[0]),
            record(0xcd, &long("070761-4285")),
            record(0xc8, &[0]),
            record(0xc9, &707_614_285_f64.to_le_bytes()),
            record(0x0a, &[]),
        ];
        let told = told(compound(&[("Workbook", &stream(&[])), ("_SX_DB_CUR/0001", &cache.concat())]));
        assert_eq!(
            told.lines[3..],
            [
                "pivot cache › A1: Navn",
                "pivot cache › A2: Karla",
                "pivot cache › B1: Cpr",
                "pivot cache › B3: 070761-4285",
                "pivot cache › B4: 707614285",
            ]
        );
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        let stream = stream(&sheet());
        for i in 0..stream.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut broken = stream.clone();
                broken[i] ^= flip;
                told(broken);
            }
            told(stream[..i].to_vec());
        }
    }
}
