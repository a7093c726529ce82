//! Text whose lines divide into columns: read as text, with the heading of each column known.

use std::borrow::Cow;

use super::{Format, Input, Output, Reading, text};
use crate::model::{Delimited, Encoding};

pub const FORMAT: Format = Format {
    name: "csv",
    version: 1,
    heavy: false,
    reads: "all of it, with the heading of each column known",
    leaves: "",
    recognise,
    read,
};

/// Lines that must agree on the number of their columns, if there are so many.
const SAMPLE_LINES: usize = 12;

/// Bytes in which those lines are looked for.
const SAMPLE_BYTES: usize = 16 * 1024;

/// Longest heading of a column, in bytes; more is running text.
const HEADING_BYTES: usize = 80;

fn recognise(input: &mut Input<'_>) -> bool {
    input.encoding().is_some_and(|encoding| columns(input, encoding).is_some())
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let (delimiter, headings) = columns(input, encoding).expect("recognised as columns");
    let delimited = Delimited { table: output.table(), delimiter, headings };
    text::stream(input, output, encoding, Some(&delimited))
}

/// The delimiter and the headings if the first lines agree on their number of columns.
fn columns(input: &Input<'_>, encoding: Encoding) -> Option<(u8, Vec<String>)> {
    let head = input.head();
    let sample = &head[..head.len().min(SAMPLE_BYTES)];
    let cut = sample.len() < head.len() || !input.is_whole();
    // Delimiters, quotation marks and line ends are the same byte in all encodings of one byte a character.
    let (sample, encoding) = match encoding.unit() {
        1 => (Cow::Borrowed(sample), encoding),
        _ => {
            let mut decoded = String::new();
            encoding.decode_into(sample, &mut decoded);
            (Cow::Owned(decoded.into_bytes()), Encoding::Utf8)
        }
    };
    let lines = lines(&sample, cut);
    let delimiter = *b";\t|,".iter().find(|&&delimiter| agree(&lines, delimiter))?;
    let headings = fields(lines[0], delimiter).map(|field| {
        let mut heading = String::new();
        encoding.decode_into(field, &mut heading);
        heading.trim().trim_matches('"').to_owned()
    });
    Some((delimiter, headings.collect()))
}

/// The first lines that are not empty, without what tells a spreadsheet of the delimiter, nor a last one that is cut.
fn lines(sample: &[u8], cut: bool) -> Vec<&[u8]> {
    let sample = sample.strip_prefix("\u{feff}".as_bytes()).unwrap_or(sample);
    let whole = if cut { memchr::memrchr(b'\n', sample).map_or(0, |end| end + 1) } else { sample.len() };
    let lines = sample[..whole].split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"sep=")).take(SAMPLE_LINES).collect()
}

/// True when each line has the same number of columns, more than one, and the first line could be headings.
///
/// A comma stands in running text too, so it needs a third line.
fn agree(lines: &[&[u8]], delimiter: u8) -> bool {
    let least = if delimiter == b',' { 3 } else { 2 };
    let Some(first) = lines.first().filter(|first| lines.len() >= least && first.contains(&delimiter)) else {
        return false;
    };
    let columns = fields(first, delimiter).count();
    columns > 1
        && fields(first, delimiter).all(|field| field.len() <= HEADING_BYTES)
        && lines.iter().all(|line| fields(line, delimiter).count() == columns)
}

/// The fields of a line; a delimiter between quotation marks parts nothing.
fn fields(line: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |&b| {
        quoted ^= b == b'"';
        !quoted && b == delimiter
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<(char, Vec<String>)> {
        let (delimiter, headings) = columns(&Input::bytes(text.into()), Encoding::Utf8)?;
        Some((char::from(delimiter), headings))
    }

    #[test]
    fn columns_are_told_by_lines_that_agree() {
        let headings = vec!["Navn".to_owned(), "Cpr".to_owned()];
        assert_eq!(told("Navn;Cpr\nKarla, 3.b;070761-4285\n"), Some((';', headings.clone())));
        assert_eq!(told("\"Navn\",\"Cpr\"\n\"Bæk, K\",0707614285\nLars,1\n"), Some((',', headings.clone())));
        assert_eq!(told("\u{feff}sep=;\r\nNavn;Cpr\r\nLars;1\r\n"), Some((';', headings)));
    }

    #[test]
    fn running_text_has_no_columns() {
        assert_eq!(told("Kære Karla,\ntak for brevet, og hilsen,\n"), None);
        assert_eq!(told("Navn;Cpr\n"), None);
        assert_eq!(told("en linje\nen linje til\n"), None);
    }
}
