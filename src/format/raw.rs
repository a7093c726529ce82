//! Formats without a reader of their own yet: searched as the text or the archive that they are made of, and told as
//! unsupported, for a number that markup splits is not seen that way.

use super::{Format, Input, Output, Reading, zip};
use crate::model::ProblemKind;

pub const XLSB: Format = archive("xlsb", |input| holds(input, "xl/workbook.bin"));

/// What a raw search does not see.
const SPLIT: &str = "what markup splits or encodes; told as `unsupported format`";

const fn archive(name: &'static str, recognise: fn(&mut Input<'_>) -> bool) -> Format {
    let reads = "searched as a zip archive";
    Format { name, version: 1, heavy: true, reads, leaves: SPLIT, recognise, read: read_archive }
}

fn holds(input: &mut Input<'_>, member: &str) -> bool {
    input.zip_names().is_some_and(|names| names.iter().any(|name| name == member))
}

fn read_archive(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    zip::read(input, output)?;
    Err(ProblemKind::UnsupportedFormat)
}
