//! Formats without a reader of their own yet: searched as the text or the archive that they are made of, and told as
//! unsupported, for a number that markup splits is not seen that way.

use super::{Format, Input, Output, Reading, text, zip};
use crate::model::ProblemKind;

pub const PPTX: Format = archive("pptx", |input| holds(input, "ppt/presentation.xml"));
pub const XLSB: Format = archive("xlsb", |input| holds(input, "xl/workbook.bin"));
pub const ODF: Format = archive("odf", |input| holds(input, "mimetype") && holds(input, "content.xml"));
pub const RTF: Format = marked("rtf", |input| input.head().starts_with(b"{\\rtf"));

/// What a raw search does not see.
const SPLIT: &str = "what markup splits or encodes; told as `unsupported format`";

const fn archive(name: &'static str, recognise: fn(&mut Input<'_>) -> bool) -> Format {
    let reads = "searched as a zip archive";
    Format { name, version: 1, heavy: true, reads, leaves: SPLIT, recognise, read: read_archive }
}

const fn marked(name: &'static str, recognise: fn(&mut Input<'_>) -> bool) -> Format {
    let reads = "searched as text";
    Format { name, version: 1, heavy: false, reads, leaves: SPLIT, recognise, read: read_text }
}

fn holds(input: &mut Input<'_>, member: &str) -> bool {
    input.zip_names().is_some_and(|names| names.iter().any(|name| name == member))
}

fn read_archive(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    zip::read(input, output)?;
    Err(ProblemKind::UnsupportedFormat)
}

fn read_text(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().unwrap_or(crate::model::Encoding::Windows1252);
    text::stream(input, output, encoding, None)?;
    Err(ProblemKind::UnsupportedFormat)
}
