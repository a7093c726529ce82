//! Which cell of which table the text stands in.

use super::Output;
use crate::model::TableCell;

/// Tables and cells that may stand in one another; more are read as one.
const DEPTH: usize = 1000;

/// The tables, cells and text boxes that began and did not end, outermost first.
#[derive(Default)]
pub struct Tables {
    tables: Vec<Table>,
    /// Cells, and text boxes, which are none.
    blocks: Vec<Option<TableCell>>,
}

struct Table {
    number: u32,
    row: u32,
    column: u32,
}

impl Tables {
    /// The cell that the text stands in; none in running text and in a text box.
    pub fn cell(&self) -> Option<TableCell> {
        self.blocks.last().copied().flatten()
    }

    /// A table begins, with a number of its own.
    pub fn start_table(&mut self, output: &mut Output<'_>) {
        if self.tables.len() < DEPTH {
            self.tables.push(Table { number: output.table(), row: 0, column: 0 });
        }
    }

    /// The innermost table ends.
    pub fn end_table(&mut self) {
        self.tables.pop();
    }

    /// A row of the innermost table begins.
    pub fn start_row(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.row += 1;
            table.column = 0;
        }
    }

    /// A cell of the row begins.
    pub fn start_cell(&mut self) {
        self.skip_columns(1);
        let cell = |table: &Table| TableCell { table: table.number, row: table.row, column: table.column };
        self.start_block(self.tables.last().map(cell));
    }

    /// The next cell stands so many columns further on: a cell that spans many stands in the first of them.
    pub fn skip_columns(&mut self, columns: u32) {
        if let Some(table) = self.tables.last_mut() {
            table.column = table.column.saturating_add(columns);
        }
    }

    /// A text box begins.
    pub fn start_text_box(&mut self) {
        self.start_block(None);
    }

    fn start_block(&mut self, block: Option<TableCell>) {
        if self.blocks.len() < DEPTH {
            self.blocks.push(block);
        }
    }

    /// The innermost cell or text box ends.
    pub fn end_block(&mut self) {
        self.blocks.pop();
    }
}
