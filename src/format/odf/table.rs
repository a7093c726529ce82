//! Which cell of which table or sheet the text stands in.

use super::super::Output;
use super::super::xml::Tag;
use crate::model::{Place, TableCell};

/// Tables in one another that are told apart; deeper ones are read as the last.
const DEPTH: usize = 500;

/// The tables that began and did not end, outermost first.
#[derive(Default)]
pub struct Tables {
    open: Vec<Table>,
    /// Tables beyond [`DEPTH`].
    deeper: usize,
}

#[derive(Default)]
struct Table {
    number: u32,
    is_sheet: bool,
    row: u32,
    column: u32,
    /// Rows and columns that the last row and cell stand for.
    rows: u32,
    columns: u32,
    in_cell: bool,
}

impl Tables {
    pub fn start_table(&mut self, is_sheet: bool, output: &mut Output<'_>) {
        if self.open.len() == DEPTH {
            self.deeper += 1;
            return;
        }
        self.open.push(Table { number: output.table(), is_sheet, ..Table::default() });
    }

    pub fn end_table(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.open.pop();
        }
    }

    pub fn start_row(&mut self, tag: &Tag<'_>) {
        if let Some(table) = self.open.last_mut() {
            table.row = table.row.saturating_add(table.rows.max(1));
            table.rows = repeated(tag, "number-rows-repeated");
            table.column = 0;
            table.columns = 0;
        }
    }

    pub fn start_cell(&mut self, tag: &Tag<'_>) {
        if let Some(table) = self.open.last_mut() {
            table.column = table.column.saturating_add(table.columns.max(1));
            table.columns = repeated(tag, "number-columns-repeated");
            table.in_cell = true;
        }
    }

    pub fn end_cell(&mut self) {
        if let Some(table) = self.open.last_mut() {
            table.in_cell = false;
        }
    }

    /// The cell that the text stands in.
    pub fn cell(&self) -> Option<TableCell> {
        let table = self.table()?;
        Some(TableCell { table: table.number, row: table.row.max(1), column: table.column.max(1) })
    }

    /// Where that is, in a sheet.
    pub fn place(&self) -> Option<Place> {
        let table = self.table().filter(|table| table.is_sheet)?;
        Some(Place::Cell(table.row.max(1), table.column.max(1)))
    }

    fn table(&self) -> Option<&Table> {
        self.open.last().filter(|table| table.in_cell)
    }
}

/// How many rows or columns an element stands for. Its text is given once.
fn repeated(tag: &Tag<'_>, name: &str) -> u32 {
    tag.attribute(name).and_then(|count| count.parse().ok()).unwrap_or(1)
}
