//! A sheet in records: its cells, and what stands beside them. \[MS-XLSB\] 2.1.7.62.

use super::super::super::book::cell::{self, Cells};
use super::super::super::book::header;
use super::super::super::little::Little;
use super::super::super::ooxml::Asides;
use super::super::super::{Output, Reading};
use super::super::sheet::Book;
use super::Records;
use super::record::{nullable, rich, texts, wide};
use super::workbook::literals;
use crate::model::{Place, ProblemKind};

/// The place of a cell. Row and column count from 0.
pub fn place(row: u32, column: u32) -> Place {
    Place::Cell(row.saturating_add(1), column.saturating_add(1))
}

/// Gives the cells of a sheet, then what stands beside them.
///
/// # Errors
/// As [`Records::next`]; what stood before is given. When a record is broken, all others are given.
pub fn read(records: &mut Records<'_>, book: &mut Book, output: &mut Output<'_>) -> Reading {
    let mut sheet = Sheet { cells: Cells::new(output), row: 0, column: None, asides: Asides::default(), whole: true };
    let reading = sheet.read(records, book, output);
    let whole = sheet.whole;
    sheet.asides.give(output)?;
    reading.and(if whole { Ok(()) } else { Err(ProblemKind::Damaged) })
}

struct Sheet {
    cells: Cells,
    row: u32,
    /// The column of the cell before, in its row.
    column: Option<u32>,
    asides: Asides,
    whole: bool,
}

impl Sheet {
    fn read(&mut self, records: &mut Records<'_>, book: &mut Book, output: &mut Output<'_>) -> Reading {
        while let Some(kind) = records.next()? {
            let mut body = records.body();
            let known = match kind {
                0 => body.u32().map(|row| (self.row, self.column) = (row, None)),
                2..=11 | 13..=18 | 62 => match self.cell(kind, body, book) {
                    Some((column, text)) => {
                        self.column = Some(column);
                        Some(self.cells.give(self.row, column, &text, output)?)
                    }
                    None => None,
                },
                1 | 12 => self.head(kind == 12, &mut body).map(|(column, _)| self.column = Some(column)),
                _ => self.beside(kind, body),
            };
            self.whole &= known.is_some();
        }
        Ok(())
    }

    /// The column and the style of a cell; one that is short stands right of the one before.
    fn head(&self, short: bool, body: &mut Little<'_>) -> Option<(u32, usize)> {
        let column = if short { self.column.map_or(0, |column| column.saturating_add(1)) } else { body.u32()? };
        Some((column, (body.u32()? & 0x00ff_ffff) as usize))
    }

    fn cell(&self, kind: u32, mut body: Little<'_>, book: &mut Book) -> Option<(u32, String)> {
        let (column, style) = self.head((13..=18).contains(&kind), &mut body)?;
        let number = |number: f64| cell::show(number, book.formats.get(style), book.since_1904);
        let mut text = match kind {
            2 | 13 => number(body.rk()?),
            3 | 11 | 14 => cell::error(body.u8()?).to_owned(),
            4 | 10 | 15 => cell::truth(body.u8()? != 0).to_owned(),
            5 | 9 | 16 => number(body.f64()?),
            6 | 8 | 17 => wide(&mut body)?,
            62 => rich(&mut body)?,
            _ => {
                let shared = body.size()?;
                let text = book.strings.get(shared)?.to_owned();
                book.strings.show(shared);
                text
            }
        };
        if (8..=11).contains(&kind) {
            let mut found = String::new();
            body.u16();
            literals(&mut body, &mut found);
            cell::add_literals(&found, &mut text);
        }
        Some((column, text))
    }

    /// Keeps what stands beside the cells.
    fn beside(&mut self, kind: u32, mut body: Little<'_>) -> Option<()> {
        match kind {
            479 => {
                body.u16()?;
                for field in ["header", "footer"].into_iter().cycle().take(6) {
                    let mut shown = String::new();
                    header::text_into(&nullable(&mut body)?, &mut shown);
                    self.asides.keep(field, Place::Whole, shown.trim());
                }
            }
            494 => {
                let (row, _, column, _) = (body.u32()?, body.u32()?, body.u32()?, body.u32()?);
                nullable(&mut body)?;
                for _ in 0..3 {
                    self.asides.keep("hyperlink", place(row, column), &wide(&mut body)?);
                }
            }
            // One that is laid out otherwise still gives its texts.
            64 => self.validation(body).unwrap_or_else(|| self.keep_texts("data validation", body)),
            463 => self.condition(body).unwrap_or_else(|| self.keep_texts("conditional format", body)),
            // Filters, scenarios, and what later versions added.
            168 | 174 => self.keep_texts("filter", body),
            _ if (500..=510).contains(&kind) => self.keep_texts("scenario", body),
            1045..=1053 => self.keep_texts("data validation", body),
            _ => {}
        }
        Some(())
    }

    fn validation(&mut self, mut body: Little<'_>) -> Option<()> {
        body.u32()?;
        let areas = body.size()?;
        body.take(areas.checked_mul(16)?)?;
        for _ in 0..4 {
            self.asides.keep("data validation", Place::Whole, &nullable(&mut body)?);
        }
        self.keep_literals("data validation", body, 2);
        Some(())
    }

    fn condition(&mut self, mut body: Little<'_>) -> Option<()> {
        body.take(42)?;
        self.asides.keep("conditional format", Place::Whole, &nullable(&mut body)?);
        self.keep_literals("conditional format", body, 3);
        Some(())
    }

    fn keep_literals(&mut self, field: &'static str, mut body: Little<'_>, formulas: usize) {
        let mut found = String::new();
        for _ in 0..formulas {
            literals(&mut body, &mut found);
        }
        self.asides.keep(field, Place::Whole, &found);
    }

    fn keep_texts(&mut self, field: &'static str, body: Little<'_>) {
        texts(body, |text| self.asides.keep(field, Place::Whole, text));
    }
}
