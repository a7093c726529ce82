//! Excel workbooks of versions 2 to 2003: records in a stream, which since version 5 lies in a compound file.
//! \[MS-XLS\]; of older versions, "OpenOffice.org's Documentation of the Microsoft Excel File Format".

mod cache;
mod link;
mod record;
mod sheet;
mod workbook;

use super::ole::{self, Compound, Id};
use super::{Format, Input, Output, Reading};
use crate::model::{PartKind, ProblemKind};
use record::{Record, Records, Spelling};
use workbook::Workbook;

pub const FORMAT: Format = Format {
    name: "xls",
    version: 1,
    heavy: true,
    reads: "cells with their number formats, formula results, hidden rows, columns and sheets, comments, headers and footers, text boxes, validation lists, links, defined and sheet names, properties, pivot and external-link caches, embedded files; versions 2 to 2003",
    leaves: "pictures, macro code, revision logs",
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
        let bytes = input.take_all()?;
        return read_stream(&bytes, output).1;
    }
    let compound = Compound::open(input)?;
    let stream = STREAMS.iter().find_map(|name| compound.find_stream(Compound::ROOT, name));
    let stream = stream.ok_or(ProblemKind::Damaged)?;
    let bytes = compound.bytes(stream, output)?;
    let (spelling, reading) = read_stream(&bytes, output);
    drop(bytes);
    output.attempt(|_| reading)?;
    for &id in compound.children(Compound::ROOT) {
        read_beside(&compound, id, spelling, output)?;
    }
    output.attempt(|output| ole::properties(&compound, Compound::ROOT, output))?;
    compound.end()
}

/// Reads a stream or storage that lies beside the records: sources of pivot tables, and embedded files.
fn read_beside(compound: &Compound<'_>, id: Id, spelling: Spelling, output: &mut Output<'_>) -> Reading {
    let name = compound.name(id);
    if !compound.is_storage(id) {
        return Ok(());
    }
    if name.starts_with("_SX_DB") {
        for &stream in compound.children(id) {
            output.attempt(|output| {
                let bytes = compound.bytes(stream, output)?;
                output.field("pivot cache", |output| cache::read(&bytes, spelling, output))
            })?;
        }
    } else if name.starts_with("MBD") || name.starts_with("LNK") {
        let bytes = compound.storage_bytes(id, output);
        let input = bytes.map(Input::bytes);
        return match input {
            Ok(input) => output.member(PartKind::Member, name.as_bytes(), Ok(input)),
            Err(kind) => output.unread_member(PartKind::Member, name.as_bytes(), kind),
        };
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
    let mut read = Vec::new();
    let mut inside = false;
    while let Some(record) = records.next() {
        match record.kind {
            0x2f => return Err(ProblemKind::Encrypted),
            0x0a => inside = false,
            kind if BEGINNINGS.iter().any(|(beginning, _)| *beginning == kind) => {
                let kind = begin(&record, book);
                if matches!(kind, 0x05 | 0x100) {
                    inside = true;
                } else {
                    read.push(record.at);
                    read_sheet(record.at, kind, records, book, output)?;
                }
            }
            0x8f => {
                let mut pieces = record.pieces();
                let name = pieces.skip(4).and_then(|()| book.spelling.short(&mut pieces));
                let name = name.unwrap_or_default();
                book.sheets.push(workbook::SheetName { at: records.at, name, is_module: false });
            }
            // What follows the last sheet fills the stream up.
            _ if !inside && !read.is_empty() => {}
            _ => {
                let known = book.take(&record);
                book.broken |= known.is_none();
            }
        }
    }
    book.broken |= inside || records.cut && read.is_empty();
    let lost: Vec<(usize, bool)> = book.sheets.iter().map(|sheet| (sheet.at, sheet.is_module)).collect();
    for (at, is_module) in lost {
        if read.contains(&at) || is_module || at == 0 {
            continue;
        }
        records.at = at;
        let record = records.next().filter(|record| BEGINNINGS.iter().any(|(kind, _)| *kind == record.kind));
        let kind = record.map(|record| begin(&record, book));
        read.push(at);
        match kind {
            Some(kind) => read_sheet(at, kind, records, book, output)?,
            None => {
                let name = book.sheets.iter().find(|sheet| sheet.at == at).map(|sheet| sheet.name.clone());
                let name = name.unwrap_or_default();
                output.part(PartKind::Sheet, name.as_bytes(), |_| Err(ProblemKind::Damaged))?;
            }
        }
    }
    Ok(())
}

/// Gives a sheet; its name, where it has one, is a step inward.
fn read_sheet(
    at: usize,
    kind: u16,
    records: &mut Records<'_>,
    book: &mut Workbook,
    output: &mut Output<'_>,
) -> Reading {
    let name = book.sheets.iter().find(|sheet| sheet.at == at).map(|sheet| sheet.name.clone());
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
