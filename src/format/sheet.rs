//! Sheets as text for exchange between programs: SYLK (slk) and DIF.

use super::decoded::Decoded;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{Place, TableCell};

pub const SYLK: Format = Format {
    name: "sylk",
    version: 1,
    weight: Weight::Small,
    reads: "cells by row and column",
    leaves: "",
    recognise: |input| begins(input, b"ID;"),
    read: read_sylk,
};

pub const DIF: Format = Format {
    name: "dif",
    version: 1,
    weight: Weight::Small,
    reads: "cells by row and column",
    leaves: "",
    recognise: |input| begins(input, b"TABLE\r\n0,1") || begins(input, b"TABLE\n0,1"),
    read: read_dif,
};

fn begins(input: &mut Input<'_>, magic: &[u8]) -> bool {
    input.head().starts_with(magic) && input.encoding().is_some_and(|encoding| encoding.unit() == 1)
}

fn read_sylk(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let table = output.table();
    let (mut row, mut column) = (1_u32, 1_u32);
    let mut text = Decoded::new(input, encoding);
    while let Some((number, bytes)) = text.line()? {
        let line = text.take(bytes).trim_end_matches(['\r', '\n']);
        let mut fields = fields(line);
        let kind = fields.next().unwrap_or_default();
        let mut value = None;
        for field in fields {
            let mut letters = field.chars();
            let (letter, rest) = (letters.next(), letters.as_str());
            match letter {
                Some('X') => column = rest.parse().unwrap_or(column),
                Some('Y') => row = rest.parse().unwrap_or(row),
                Some('K') => value = Some(rest.trim_matches('"').to_owned()),
                _ => {}
            }
        }
        match (kind.as_str(), value) {
            ("C", Some(value)) => {
                output.cell(Place::Cell(row, column), TableCell { table, row, column })?;
                output.push(&value)?;
            }
            // Formats, sizes, the end.
            ("C" | "P" | "F" | "B" | "O" | "E" | "ID", _) => {}
            _ => {
                output.at(Place::Line(number))?;
                output.push(line)?;
            }
        }
    }
    Ok(())
}

/// The fields of a line; a semicolon that is doubled parts nothing, and `ESC : ` stands for a line break.
fn fields(line: &str) -> impl Iterator<Item = String> {
    let marked = line.replace(";;", "\u{1}").replace("\u{1b} :", "\n");
    let fields: Vec<String> = marked.split(';').map(|field| field.replace('\u{1}', ";")).collect();
    fields.into_iter()
}

/// A value is two lines: its kind with a number, then a text.
fn read_dif(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let table = output.table();
    let (mut row, mut column) = (0_u32, 0_u32);
    let mut kind = None;
    let mut text = Decoded::new(input, encoding);
    while let Some((number, bytes)) = text.line()? {
        let line = text.take(bytes).trim_end_matches(['\r', '\n']);
        let Some((code, value)) = kind.take() else {
            kind = line.split_once(',').and_then(|(code, value)| {
                let code: i32 = code.trim().parse().ok()?;
                Some((code, value.to_owned()))
            });
            continue;
        };
        match (code, line) {
            (-1, "BOT") => (row, column) = (row.saturating_add(1), 0),
            (-1, _) => {}
            // Before the first row stands what the file is about.
            _ if row == 0 => {
                output.at(Place::Line(number))?;
                output.push(line.trim_matches('"'))?;
            }
            _ => {
                column = column.saturating_add(1);
                output.cell(Place::Cell(row, column), TableCell { table, row, column })?;
                output.push(if code == 0 { value.trim() } else { line.trim_matches('"') })?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_semicolon_parts_nothing() {
        let read: Vec<String> = fields("C;Y1;X2;K\"a;;b\"").collect();
        assert_eq!(read, ["C", "Y1", "X2", "K\"a;b\""]);
    }
}
