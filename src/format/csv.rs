//! Text whose lines divide into columns: read as text, with the heading of each column known.

use super::{Format, Input, Output, Reading, text};
use crate::model::{Delimited, Encoding};

pub const FORMAT: Format = Format { name: "csv", version: 1, heavy: false, recognise, read };

/// Lines that must agree on the number of their columns, if there are so many.
const SAMPLE_LINES: usize = 12;

/// Bytes in which those lines are looked for.
const SAMPLE_BYTES: usize = 16 * 1024;

/// Longest heading of a column, in bytes; more is running text.
const HEADING_BYTES: usize = 80;

fn recognise(input: &mut Input<'_>) -> bool {
    text::encoding(input).is_some_and(|encoding| columns(input, encoding).is_some())
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = text::encoding(input).expect("recognised as text");
    let (delimiter, headings) = columns(input, encoding).expect("recognised as columns");
    let delimited = Delimited { table: output.table(), delimiter, headings };
    text::stream(input, output, encoding, Some(&delimited))
}

/// The delimiter and the headings if the first lines agree on their number of columns.
fn columns(input: &Input<'_>, encoding: Encoding) -> Option<(u8, Vec<String>)> {
    let head = input.head();
    let mut sample = String::new();
    encoding.decode_into(&head[..head.len().min(SAMPLE_BYTES)], &mut sample);
    let cut = head.len() > SAMPLE_BYTES || !input.is_whole();
    let mut lines: Vec<&str> = sample.trim_start_matches('\u{feff}').lines().collect();
    if cut && !sample.ends_with('\n') {
        lines.pop();
    }
    lines.retain(|line| !line.trim().is_empty() && !line.starts_with("sep="));
    lines.truncate(SAMPLE_LINES);
    let delimiter = *b";\t|,".iter().find(|&&delimiter| agree(&lines, delimiter))?;
    let headings = fields(lines[0], delimiter).map(|field| field.trim().trim_matches('"').to_owned()).collect();
    Some((delimiter, headings))
}

/// True when each line has the same number of columns, more than one, and the first line could be headings.
///
/// A comma stands in running text too, so it needs a third line.
fn agree(lines: &[&str], delimiter: u8) -> bool {
    let least = if delimiter == b',' { 3 } else { 2 };
    let Some(first) = lines.first().filter(|_| lines.len() >= least) else {
        return false;
    };
    let columns = fields(first, delimiter).count();
    columns > 1
        && fields(first, delimiter).all(|field| field.len() <= HEADING_BYTES)
        && lines.iter().all(|line| fields(line, delimiter).count() == columns)
}

/// The fields of a line; a delimiter between quotation marks parts nothing.
fn fields(line: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |c| {
        quoted ^= c == '"';
        !quoted && c == char::from(delimiter)
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
