//! Tables of dBase, FoxPro and Clipper (dbf), and the files of long texts beside them.

use super::{Format, Input, Output, Reading, UNKNOWN, Weight, input::problem_kind, known, strings};
use crate::model::{Encoding, Place, ProblemKind, TableCell};

pub const FORMAT: Format = Format {
    name: "dbf",
    version: 1,
    weight: Weight::Heavy,
    reads: "all records with the names of their fields, deleted ones too, in the code page that the file tells",
    leaves: "long texts, which stand in a file beside it and are read there",
    recognise: |input| header(input.head()).is_some(),
    read,
};

pub const MEMO: Format = Format {
    name: "dbf-memo",
    version: 1,
    weight: Weight::Heavy,
    reads: "the texts of a file of long texts beside a dbf",
    leaves: "",
    recognise: |input| is_memo(input),
    read: read_memo,
};

/// Bytes of the header before the fields, and of each field.
const BLOCK_BYTES: usize = 32;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Bytes of a block of long texts.
const MEMO_BYTES: usize = 512;

/// Versions that are written: dBase III to 7, Visual FoxPro, FoxPro 2, each with and without long texts.
const VERSIONS: &[u8] = &[0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0x8e, 0xcb, 0xf5, 0xfb];

/// A column.
struct Field {
    name: String,
    kind: u8,
    length: usize,
}

/// How the records lie.
struct Header {
    fields: Vec<Field>,
    /// Where the first record begins.
    start: usize,
    /// Bytes of a record, with the mark of deletion.
    record: usize,
    records: u32,
    encoding: Encoding,
}

/// The header if it holds.
fn header(head: &[u8]) -> Option<Header> {
    let fixed = head.first_chunk::<BLOCK_BYTES>()?;
    let fits = VERSIONS.contains(&fixed[0]) && fixed[2] <= 12 && fixed[3] <= 31;
    let records = u32::from_le_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]);
    let start = usize::from(u16::from_le_bytes([fixed[8], fixed[9]]));
    let record = usize::from(u16::from_le_bytes([fixed[10], fixed[11]]));
    if !fits || start <= BLOCK_BYTES || record < 2 {
        return None;
    }
    let encoding = encoding(fixed[29]);
    let blocks = head.get(BLOCK_BYTES..start.min(head.len()))?.chunks_exact(BLOCK_BYTES);
    let fields: Option<Vec<Field>> = blocks.take_while(|block| block[0] != b'\r').map(|b| field(b, encoding)).collect();
    let fields = fields.filter(|fields| !fields.is_empty())?;
    let bytes: usize = fields.iter().map(|field| field.length).sum();
    (bytes < record + BLOCK_BYTES && bytes + BLOCK_BYTES > record).then_some(Header {
        fields,
        start,
        record,
        records,
        encoding,
    })
}

fn field(block: &[u8], encoding: Encoding) -> Option<Field> {
    let name = block[..11].split(|&b| b == 0).next()?;
    let kind = block[11];
    let is_name = !name.is_empty() && name.iter().all(|&b| b > b' ' && b != 0x7f || b == b' ');
    let low = usize::from(block[16]);
    // The number of decimals of a text is the high byte of its length.
    let length = if kind == b'C' { low + 256 * usize::from(block[17]) } else { low };
    let mut decoded = String::new();
    encoding.decode_into(name, &mut decoded);
    (is_name && kind.is_ascii_graphic() && length > 0).then_some(Field { name: decoded, kind, length })
}

/// The encoding by the code page of the header; where there is none, that of Danish DOS programs.
fn encoding(code: u8) -> Encoding {
    match code {
        0x03 | 0x57 | 0x58 | 0x59 | 0x7d..=0x7f | 0x87..=0x8a | 0xc8..=0xcb => Encoding::Windows1252,
        _ => Encoding::Cp850,
    }
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let Header { fields, start, record, records, encoding } = header(input.head()).ok_or(ProblemKind::Damaged)?;
    let table = output.table();
    for (field, column) in fields.iter().zip(1..) {
        output.cell(Place::Cell(1, column), TableCell { table, row: 1, column })?;
        output.push(&field.name)?;
    }
    let mut bytes = input.take_head();
    bytes.drain(..start.min(bytes.len()));
    let mut text = String::new();
    let mut row = 1;
    loop {
        if bytes.len() < record {
            input.more(&mut bytes, CHUNK_BYTES).map_err(|error| problem_kind(&error))?;
        }
        let mut given = 0;
        for record in bytes.chunks(record).take_while(|chunk| chunk.len() == record) {
            given += record.len();
            row += 1;
            // What follows the end mark is read too: a program may have forgotten to count it.
            let mut at = 1;
            for (field, column) in fields.iter().zip(1..) {
                let end = (at + field.length).min(record.len());
                let value = record.get(at..end).unwrap_or_default();
                at = end;
                text.clear();
                show(field.kind, value, encoding, &mut text);
                if !text.trim().is_empty() {
                    output.cell(Place::Cell(row, column), TableCell { table, row, column })?;
                    output.push(text.trim())?;
                }
            }
        }
        if given == 0 {
            break;
        }
        bytes.drain(..given);
    }
    if row - 1 < records { Err(ProblemKind::Damaged) } else { Ok(()) }
}

/// Appends a value as text.
fn show(kind: u8, value: &[u8], encoding: Encoding, text: &mut String) {
    match (kind, value.len()) {
        (b'I' | b'+', 4) => {
            let number = value.first_chunk().map_or(0, |bytes| i32::from_le_bytes(*bytes));
            text.push_str(&number.to_string());
        }
        (b'B' | b'O', 8) if value.iter().any(|b| !b.is_ascii_graphic() && *b != b' ') => {
            let number = value.first_chunk().map_or(0.0, |bytes| f64::from_le_bytes(*bytes));
            text.push_str(&number.to_string());
        }
        (b'Y', 8) => {
            let number = value.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes));
            text.push_str(&format!("{}.{:04}", number / 10_000, (number % 10_000).abs()));
        }
        // A date of eight digits is none of a number.
        (b'D', 8) if value.iter().all(u8::is_ascii_digit) => {
            let part = |range: std::ops::Range<usize>| String::from_utf8_lossy(&value[range]).into_owned();
            text.push_str(&[part(0..4), part(4..6), part(6..8)].join("-"));
        }
        // The number of a long text, a time, a mark.
        (b'M' | b'G' | b'P' | b'T' | b'@' | b'L' | b'0', _) => {}
        _ => {
            let end = value.iter().position(|&b| b == 0).unwrap_or(value.len());
            encoding.decode_into(&value[..end], text);
        }
    }
}

/// True for a file of long texts: its first block tells where the next text will go, the second one begins with a text.
fn is_memo(input: &Input<'_>) -> bool {
    let head = input.head();
    let Some((first, second)) = head.split_at_checked(MEMO_BYTES) else { return false };
    let first_text = second.get(8..24).is_some_and(|text| text.iter().all(|b| *b >= b' ' || b.is_ascii_whitespace()));
    let next = u32::from_le_bytes([first[0], first[1], first[2], first[3]]);
    let foxpro = second.starts_with(&[0, 0, 0, 1]) && first[4..6] == [0, 0] && first[6..8] != [0, 0];
    let dbase_4 = second.starts_with(&[0xff, 0xff, 8, 0]);
    let dbase_3 = first[4..16].iter().all(|&b| b == 0)
        && (2..1 << 22).contains(&next)
        && (!input.is_whole() || (next as usize - 1) * MEMO_BYTES <= head.len())
        && second.first().is_some_and(|b| *b >= b' ')
        && memchr::memmem::find(second, &[0x1a]).is_some();
    first_text && (foxpro || dbase_4 || dbase_3) && known::name(head) == UNKNOWN
}

fn read_memo(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let bytes = input.all()?;
    let texts = bytes.get(MEMO_BYTES..).unwrap_or_default();
    let dos = [0x91, 0x9b, 0x86, 0x92, 0x9d, 0x8f];
    let windows = [0xe6, 0xf8, 0xe5, 0xc6, 0xd8, 0xc5];
    let count = |letters: [u8; 6]| texts.iter().filter(|b| letters.contains(b)).count();
    let encoding = if count(windows) > count(dos) { Encoding::Windows1252 } else { Encoding::Cp850 };
    strings::give_spelled(texts, encoding, output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_told_from_other_bytes() {
        let mut bytes = vec![3, 118, 7, 21, 1, 0, 0, 0, 65, 0, 11, 0];
        bytes.resize(BLOCK_BYTES, 0);
        bytes.extend(b"CPR\0\0\0\0\0\0\0\0C\0\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r 0707614285\x1a");
        let header = header(&bytes).unwrap();
        assert_eq!((header.start, header.record, header.fields[0].name.as_str()), (65, 11, "CPR"));
        bytes[16 + BLOCK_BYTES] = 200;
        assert!(super::header(&bytes).is_none());
        assert!(super::header(b"\x03 en helt almindelig tekst, der er lang nok til at ligne").is_none());
    }

    #[test]
    fn values_are_shown_by_their_kind() {
        let shown = |kind, value: &[u8]| {
            let mut text = String::new();
            show(kind, value, Encoding::Cp850, &mut text);
            text
        };
        assert_eq!(shown(b'C', b"B\x9brn"), "Børn");
        assert_eq!(shown(b'D', b"19610707"), "1961-07-07");
        assert_eq!(shown(b'I', &1_808_534_181_i32.to_le_bytes()), "1808534181");
        assert_eq!(shown(b'M', b"0000000001"), "");
    }
}
