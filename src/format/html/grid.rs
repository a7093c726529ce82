//! Which cell the text stands in: cells and rows may begin before the last one ended, and cells may span many.

use super::super::Output;
use super::super::table::Tables;
use super::tag::Tag;
use crate::model::TableCell;

/// Tables in one another that are told apart; deeper ones are read as text of the last.
const DEPTH: usize = 500;

/// Most columns or rows that one cell spans. HTML, "4.9.11 Attributes common to td and th elements".
const SPAN: u32 = 1000;

/// Cells that span rows of which a table knows at a time.
const SPANS: usize = 64;

/// The tables that began and did not end.
#[derive(Default)]
pub struct Grid {
    tables: Tables,
    open: Vec<Open>,
    /// Tables beyond [`DEPTH`].
    deeper: usize,
}

#[derive(Default)]
struct Open {
    in_row: bool,
    in_cell: bool,
    column: u32,
    /// Columns that a cell of an earlier row fills, and for how many rows from this one on.
    spans: Vec<Span>,
}

struct Span {
    from: u32,
    columns: u32,
    rows: u32,
}

impl Grid {
    /// The cell that the text stands in.
    pub fn cell(&self) -> Option<TableCell> {
        self.tables.cell()
    }

    /// True outside of all tables.
    pub fn is_outside(&self) -> bool {
        self.open.is_empty() && self.cell().is_none()
    }

    pub fn start_table(&mut self, output: &mut Output<'_>) {
        if self.open.len() == DEPTH {
            self.deeper += 1;
            return;
        }
        self.tables.start_table(output);
        self.open.push(Open::default());
    }

    pub fn end_table(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        self.end_cell();
        if self.open.pop().is_some() {
            self.tables.end_table();
        }
    }

    pub fn start_row(&mut self) {
        self.end_cell();
        let Some(table) = self.open.last_mut() else { return };
        table.in_row = true;
        table.column = 0;
        for span in &mut table.spans {
            span.rows -= 1;
        }
        table.spans.retain(|span| span.rows > 0);
        self.tables.start_row();
    }

    pub fn end_row(&mut self) {
        self.end_cell();
        if let Some(table) = self.open.last_mut() {
            table.in_row = false;
        }
    }

    pub fn start_cell(&mut self, tag: &Tag<'_>) {
        if self.open.last().is_some_and(|table| !table.in_row) {
            self.start_row();
        }
        self.end_cell();
        let Some(table) = self.open.last_mut() else { return };
        let before = table.column;
        while let Some(span) =
            table.spans.iter().find(|span| (span.from..span.from.saturating_add(span.columns)).contains(&table.column))
        {
            table.column = span.from.saturating_add(span.columns);
        }
        self.tables.skip_columns(table.column - before);
        let span = |name| tag.attribute(name).and_then(|span| span.trim().parse().ok()).unwrap_or(1).clamp(1, SPAN);
        let (columns, rows) = (span("colspan"), span("rowspan"));
        if rows > 1 && table.spans.len() < SPANS {
            table.spans.push(Span { from: table.column, columns, rows });
        }
        table.column = table.column.saturating_add(columns);
        table.in_cell = true;
        self.tables.start_cell();
        self.tables.skip_columns(columns - 1);
    }

    pub fn end_cell(&mut self) {
        if let Some(table) = self.open.last_mut()
            && std::mem::take(&mut table.in_cell)
        {
            self.tables.end_block();
        }
    }
}
