//! Which cell the text stands in. RTF ends cells and rows but begins neither.

use super::super::Output;
use crate::model::TableCell;

/// Tables in one another that are told apart; deeper ones are read as the last.
const DEPTH: usize = 32;

/// The tables that the text stands in, outermost first.
#[derive(Default)]
pub struct Rows {
    tables: Vec<Table>,
    /// True from where a row is defined to where it ends.
    in_row: bool,
}

struct Table {
    number: u32,
    row: u32,
    column: u32,
}

impl Rows {
    /// A row is defined.
    pub fn start_row(&mut self) {
        self.in_row = true;
    }

    /// The cell of text that stands so many tables deep by its paragraph; none in running text, which ends all tables.
    pub fn cell(&mut self, level: usize, output: &mut Output<'_>) -> Option<TableCell> {
        let level = self.level(level);
        self.tables.truncate(level);
        while self.tables.len() < level {
            self.tables.push(Table { number: output.table(), row: 1, column: 1 });
        }
        let table = self.tables.last()?;
        Some(TableCell { table: table.number, row: table.row, column: table.column })
    }

    /// The cell ends.
    pub fn end_cell(&mut self, level: usize) {
        self.tables.truncate(self.level(level));
        if let Some(table) = self.tables.last_mut() {
            table.column = table.column.saturating_add(1);
        }
    }

    /// The row ends; `level` is that of its table.
    pub fn end_row(&mut self, level: usize) {
        self.tables.truncate(self.level(level));
        if let Some(table) = self.tables.last_mut() {
            table.row = table.row.saturating_add(1);
            table.column = 1;
        }
        self.in_row &= level > 1;
    }

    fn level(&self, level: usize) -> usize {
        level.max(usize::from(self.in_row)).min(DEPTH)
    }
}
