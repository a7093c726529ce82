//! The log beside a database: pages as they were written last, or before that.

use super::super::{Format, Input, Output, Reading, Weight, strings};
use super::give;
use super::page::{Page, Tree};
use crate::model::{Encoding, ProblemKind};

pub const FORMAT: Format = Format {
    name: "sqlite-wal",
    version: 1,
    weight: Weight::Heavy,
    reads: "rows that stand whole in one of its pages, and runs of characters",
    leaves: "the names of tables and columns, which stand in the database",
    recognise: |input| matches!(input.head(), [0x37, 0x7f, 0x06, 0x82 | 0x83, ..]),
    read,
};

/// Bytes before the first page. File format, 4.1.
const HEADER_BYTES: usize = 32;

/// Bytes before each page.
const FRAME_BYTES: usize = 24;

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let head = input.head();
    let size = head.get(8..).and_then(|rest| rest.first_chunk()).map_or(0, |size| u32::from_be_bytes(*size)) as usize;
    if !(512..=65_536).contains(&size) || !size.is_power_of_two() {
        return Err(ProblemKind::Damaged);
    }
    let mut bytes = input.take_head();
    bytes.drain(..HEADER_BYTES.min(bytes.len()));
    let table = output.table();
    let mut row = 0;
    loop {
        let wanted = (FRAME_BYTES + size).saturating_sub(bytes.len());
        input.more(&mut bytes, wanted).map_err(|error| super::problem_kind(&error))?;
        let Some(page) = bytes.get(FRAME_BYTES..bytes.len().min(FRAME_BYTES + size)) else { return Ok(()) };
        let is_first = bytes.starts_with(&[0, 0, 0, 1]);
        match Page::parse(page, is_first).filter(|page| page.kind == Tree::TableLeaf) {
            Some(leaf) => {
                for cell in leaf.cells().filter_map(|at| leaf.cell(at, size)) {
                    row += 1;
                    give(cell.local, Encoding::Utf8, &[], None, (table, row), output)?;
                }
            }
            None => strings::give(page, output)?,
        }
        bytes.drain(..(FRAME_BYTES + size).min(bytes.len()));
    }
}
