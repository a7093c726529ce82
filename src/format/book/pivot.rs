//! The source of a pivot table, which a workbook keeps a copy of.

use super::super::{Output, Reading};
use crate::model::{Place, TableCell};

/// The source of a pivot table: one table, the names of its columns in the first row.
pub struct Pivot {
    table: u32,
    row: u32,
    column: u32,
    /// The last row in which something stands.
    last: u32,
}

impl Pivot {
    /// A source of which nothing is read.
    pub fn new(output: &mut Output<'_>) -> Self {
        Self { table: output.table(), row: 1, column: 0, last: 1 }
    }

    /// A column begins; its name stands above its values.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn begin_column(&mut self, name: &str, output: &mut Output<'_>) -> Reading {
        self.column += 1;
        self.row = 1;
        self.give(name, output)
    }

    /// Gives the next value that records share, below the one before.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn give_shared(&mut self, text: &str, output: &mut Output<'_>) -> Reading {
        self.row += 1;
        self.last = self.last.max(self.row);
        self.give(text, output)
    }

    /// The records begin, below what was given before.
    pub fn begin_records(&mut self) {
        self.row = self.last;
    }

    /// A record begins.
    pub fn begin_record(&mut self) {
        self.row += 1;
        self.column = 0;
    }

    /// Gives the next value of a record; empty when it is a shared one.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn give_next(&mut self, text: &str, output: &mut Output<'_>) -> Reading {
        self.column += 1;
        self.give(text, output)
    }

    fn give(&self, text: &str, output: &mut Output<'_>) -> Reading {
        if text.is_empty() {
            return Ok(());
        }
        let cell = TableCell { table: self.table, row: self.row, column: self.column };
        output.cell(Place::Cell(self.row, self.column), cell)?;
        output.push(text)
    }
}
