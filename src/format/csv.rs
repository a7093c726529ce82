//! Text whose lines divide into columns: read as text, with the heading of each column known.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::{Format, Input, Output, Reading, Weight, text};
use crate::model::{Delimited, Encoding};

pub const FORMAT: Format = Format {
    name: "csv",
    version: 2,
    weight: Weight::Light,
    reads: "all of it, with the heading of each column known, below a title too",
    leaves: "",
    recognise,
    read,
};

/// Lines that must agree on the number of their columns, if there are so many.
const SAMPLE_LINES: usize = 12;

/// Bytes in which those lines are looked for.
const SAMPLE_BYTES: usize = 16 * 1024;

/// Lines above the headings that are none of the table, at most.
const TITLE_LINES: usize = 10;

/// Lines that must agree below such lines.
const TABLE_LINES: usize = 3;

/// What parts columns, the surest first.
const DELIMITERS: [u8; 4] = *b";\t|,";

/// Longest heading of a column, in bytes; more is running text.
const HEADING_BYTES: usize = 80;

fn recognise(input: &mut Input<'_>) -> bool {
    let Some(encoding) = input.encoding() else { return false };
    input.columns = columns(input, encoding);
    input.columns.is_some()
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let known = input.columns.take().or_else(|| columns(input, encoding));
    let (delimiter, headings) = known.expect("recognised as columns");
    let delimited = Delimited { table: output.table(), delimiter, headings };
    text::stream(input, output, encoding, Some(&delimited))
}

/// The delimiter of a table, and the headings of its columns.
pub type Columns = (u8, Vec<String>);

/// The delimiter and the headings if the first lines agree on their number of columns, or those below a few others.
fn columns(input: &Input<'_>, encoding: Encoding) -> Option<Columns> {
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
    let sample = body(&sample, cut);
    // Most text holds few of them.
    let delimiters: Vec<u8> = DELIMITERS.into_iter().filter(|&delimiter| memchr(delimiter, sample).is_some()).collect();
    if delimiters.is_empty() {
        return None;
    }
    let (delimiter, heading) = heading(&lines(sample), &delimiters).or_else(|| {
        let quoted = memchr(b'"', sample).is_some();
        if quoted { heading(&records(sample), &delimiters) } else { None }
    })?;
    let headings = fields(heading, delimiter).map(|field| {
        let mut heading = String::new();
        encoding.decode_into(field, &mut heading);
        heading.trim().trim_matches('"').to_owned()
    });
    Some((delimiter, headings.collect()))
}

/// The delimiter on which the lines agree, and the first of them; else that on which those below a few others do.
fn heading<'l>(lines: &[&'l [u8]], delimiters: &[u8]) -> Option<(u8, &'l [u8])> {
    let at = |first: usize, delimiter: u8| {
        let lines = lines.get(first..)?;
        agree(&lines[..lines.len().min(SAMPLE_LINES)], delimiter).then(|| (delimiter, lines[0]))
    };
    delimiters.iter().find_map(|&delimiter| at(0, delimiter)).or_else(|| {
        // A title needs no delimiter, and more lines to show that what follows is a table.
        let below = |&delimiter: &u8| {
            let first = lines.iter().position(|line| count(line, delimiter) > 2)?;
            at(first, delimiter).filter(|_| (1..=TITLE_LINES).contains(&first) && lines.len() >= first + TABLE_LINES)
        };
        delimiters.iter().find_map(below)
    })
}

/// The sample without a byte order mark, nor a last line that is cut.
fn body(sample: &[u8], cut: bool) -> &[u8] {
    let sample = sample.strip_prefix("\u{feff}".as_bytes()).unwrap_or(sample);
    let whole = if cut { memchr::memrchr(b'\n', sample).map_or(0, |end| end + 1) } else { sample.len() };
    &sample[..whole]
}

/// The first lines that are not empty, without what tells a spreadsheet of the delimiter.
fn lines(body: &[u8]) -> Vec<&[u8]> {
    let mut start = 0;
    let mut first = Vec::with_capacity(TITLE_LINES + SAMPLE_LINES);
    let lines = memchr_iter(b'\n', body).chain([body.len()]).map(|end| {
        let line = &body[start..end];
        start = end + 1;
        line.strip_suffix(b"\r").unwrap_or(line)
    });
    first.extend(lines.filter(|line| tells(line)).take(TITLE_LINES + SAMPLE_LINES));
    first
}

/// The same, where a line break between quotation marks ends nothing. A last one that is cut is left out.
fn records(body: &[u8]) -> Vec<&[u8]> {
    let mut quoted = false;
    let records = body.split_inclusive(|&b| {
        quoted ^= b == b'"';
        !quoted && b == b'\n'
    });
    let whole = |record: &&[u8]| record.ends_with(b"\n");
    let records = records.filter(whole).map(|record| {
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        record.strip_suffix(b"\r").unwrap_or(record)
    });
    records.filter(|record| tells(record)).take(TITLE_LINES + SAMPLE_LINES).collect()
}

fn tells(line: &[u8]) -> bool {
    !line.iter().all(u8::is_ascii_whitespace) && !line.starts_with(b"sep=")
}

/// True when each line has the same number of columns, more than one, and the first line could be headings.
///
/// A comma stands in running text too, so it needs a third line, and its lines agree without exception.
fn agree(lines: &[&[u8]], delimiter: u8) -> bool {
    let least = if delimiter == b',' { 3 } else { 2 };
    let Some(first) = lines.first().filter(|first| lines.len() >= least && first.contains(&delimiter)) else {
        return false;
    };
    let columns = count(first, delimiter);
    let others_at_most = if delimiter == b',' || columns < 3 { 0 } else { lines.len() / 5 };
    let mut others = lines.iter().filter(|line| count(line, delimiter) != columns);
    columns > 1
        && fields(first, delimiter).all(|field| field.len() <= HEADING_BYTES)
        && others.nth(others_at_most).is_none()
}

/// How many fields a line has.
fn count(line: &[u8], delimiter: u8) -> usize {
    match memchr(b'"', line) {
        Some(_) => fields(line, delimiter).count(),
        None => memchr_iter(delimiter, line).count() + 1,
    }
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
    fn a_title_and_line_breaks_between_quotation_marks_do_not_hide_columns() {
        let rows = "Navn;Cpr;By\nLars;1;Nibe\nIda;2;Nibe\nBo;3;Nibe\n";
        let headings = ["Navn", "Cpr", "By"].map(str::to_owned).to_vec();
        assert_eq!(told(&format!("Udtræk af borgere\nDannet 2. maj\n\n{rows}")), Some((';', headings)));
        let broken = "Navn;Note;Cpr\nLars;\"a\nb;c\nd\";1\nIda;\"x\ny\";2\n";
        assert_eq!(told(broken).map(|(_, headings)| headings.len()), Some(3));
    }

    #[test]
    fn fields_are_counted_as_they_are_parted() {
        for line in ["", ";", "a", "a;b;", "\"a;b\";c", "\"a;b", "a\"b;c\";d", ";;\";\"\""] {
            let line = line.as_bytes();
            assert_eq!(count(line, b';'), fields(line, b';').count(), "{line:?}");
        }
        let body = b"a\r\n\n \t\nsep=;\n\rb\nc";
        let split: Vec<&[u8]> = vec![b"a", b"\rb", b"c"];
        assert_eq!(lines(body), split);
    }

    #[test]
    fn running_text_has_no_columns() {
        assert_eq!(told("Kære Karla,\ntak for brevet, og hilsen,\n"), None);
        assert_eq!(told("Navn;Cpr\n"), None);
        assert_eq!(told("en linje\nen linje til\n"), None);
    }
}
