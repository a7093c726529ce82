//! The flow of paragraphs and cells in one story of a document.

use super::super::{Output, Reading};
use super::sprm::Paragraph;
use crate::model::{Place, ProblemKind, TableCell};

/// Bytes of a paragraph that are held before they are handed on.
const PARAGRAPH_BYTES: usize = 64 * 1024;

/// Fields, and tables, that may stand in one another; more are read as one.
const DEPTH: usize = 100;

/// What ends a cell and a row. Other marks end a paragraph.
pub const CELL_END: u16 = 7;

/// Takes the characters of a story and gives its paragraphs.
///
/// Instructions of fields and deleted text stand on lines of their own after the paragraph, since what is shown before
/// and after them belongs together.
#[derive(Default)]
pub struct Flow {
    /// Paragraphs that began.
    count: u32,
    /// What is shown of the paragraph.
    text: String,
    /// Instructions and what was deleted.
    apart: String,
    /// True when what comes apart next does not belong to what came before it.
    parted: bool,
    /// Fields that began and did not end, outermost first: true while their instruction is told.
    fields: Vec<bool>,
    /// How many of them are so.
    instructions: usize,
    /// Tables that the text stands in, outermost first.
    tables: Vec<Table>,
    /// True after the end of a cell.
    cell_ended: bool,
    /// Where the text that was given last stood.
    last: Option<(u32, Option<TableCell>)>,
}

struct Table {
    number: u32,
    row: u32,
    column: u32,
}

impl Flow {
    /// Appends text.
    pub fn push(&mut self, text: &str, deleted: bool, output: &mut Output<'_>) -> Reading {
        if deleted || self.instructions > 0 {
            if std::mem::take(&mut self.parted) && !self.apart.is_empty() {
                self.apart.push('\n');
            }
            self.apart.push_str(text);
        } else {
            self.text.push_str(text);
            self.parted = true;
        }
        if self.text.len().max(self.apart.len()) > PARAGRAPH_BYTES {
            self.give(None, output)?;
        }
        Ok(())
    }

    /// A field begins with its instruction.
    pub fn begin_field(&mut self) {
        self.parted = true;
        if self.fields.len() < DEPTH {
            self.fields.push(true);
            self.instructions += 1;
        }
    }

    /// The result of the innermost field begins.
    pub fn begin_result(&mut self) {
        if self.fields.last_mut().is_some_and(std::mem::take) {
            self.instructions -= 1;
        }
    }

    /// The innermost field ends.
    pub fn end_field(&mut self) {
        self.parted = true;
        if self.fields.pop() == Some(true) {
            self.instructions -= 1;
        }
    }

    /// The paragraph ends with this mark, and is such a one; nothing is known of some.
    pub fn end_paragraph(&mut self, mark: u16, paragraph: Option<Paragraph>, output: &mut Output<'_>) -> Reading {
        let told = paragraph.unwrap_or_default();
        let empty = self.text.is_empty() && self.apart.is_empty();
        let ends_row = match (mark, paragraph) {
            // A cell that is empty and the last of its row cannot be told from the end of the row.
            (CELL_END, None) => self.cell_ended && empty,
            (CELL_END, Some(told)) => told.ends_row,
            _ => told.ends_inner_row,
        };
        let ends_cell = !ends_row && (mark == CELL_END || told.ends_inner_cell);
        if mark == CELL_END || told.in_table || told.ends_inner_cell || told.ends_inner_row {
            self.stand_in_table(told.depth, output);
        } else {
            self.tables.clear();
        }
        self.give(self.cell(), output)?;
        self.parted = true;
        self.count = self.count.saturating_add(1);
        if let Some(table) = self.tables.last_mut() {
            match (ends_row, ends_cell) {
                (true, _) => (table.row, table.column) = (table.row.saturating_add(1), 1),
                (_, true) => table.column = table.column.saturating_add(1),
                _ => {}
            }
        }
        self.cell_ended = ends_cell;
        Ok(())
    }

    /// Gives what is left at the end.
    pub fn end(&mut self, output: &mut Output<'_>) -> Reading {
        self.give(None, output)
    }

    fn stand_in_table(&mut self, depth: u32, output: &mut Output<'_>) {
        let depth = (depth as usize).clamp(1, DEPTH);
        self.tables.truncate(depth);
        while self.tables.len() < depth {
            self.tables.push(Table { number: output.table(), row: 1, column: 1 });
        }
    }

    fn cell(&self) -> Option<TableCell> {
        let cell = |table: &Table| TableCell { table: table.number, row: table.row, column: table.column };
        self.tables.last().map(cell)
    }

    /// Hands on what the paragraph holds so far.
    fn give(&mut self, cell: Option<TableCell>, output: &mut Output<'_>) -> Reading {
        if !self.text.trim().is_empty() {
            self.stand(cell, output)?;
            output.push(&self.text)?;
        }
        if !self.apart.trim().is_empty() {
            if !self.stand(cell, output)? {
                output.push("\n")?;
            }
            output.push(&self.apart)?;
        }
        self.text.clear();
        self.apart.clear();
        Ok(())
    }

    /// From here on the text stands in this paragraph; false when it already did.
    ///
    /// The paragraphs of a cell stand at the first of them.
    fn stand(&mut self, cell: Option<TableCell>, output: &mut Output<'_>) -> Result<bool, ProblemKind> {
        let here = (self.count.saturating_add(1), cell);
        match (self.last.replace(here), cell) {
            (Some(last), _) if last == here => return Ok(false),
            (Some((_, Some(last))), Some(cell)) if last == cell => output.push("\n")?,
            (_, Some(cell)) => output.cell(Place::Paragraph(here.0), cell)?,
            (_, None) => output.at(Place::Paragraph(here.0))?,
        }
        Ok(true)
    }
}
