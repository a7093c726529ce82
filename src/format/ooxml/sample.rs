//! Small packages for tests, and what is read of them.

use std::io::{Cursor, Write};

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};

use super::super::{Input, Limits, Output, Reading};
use crate::model::{CELL_BREAK, Location, Places, Sink, Text};

/// A package of these parts: where each lies, and what it holds.
pub fn package<T: AsRef<[u8]>>(parts: &[(&str, T)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in parts {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
        zip.write_all(contents.as_ref()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// What was read: each stretch behind its location.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub format: &'static str,
    pub lines: Vec<String>,
    /// Table, row and column of each cell.
    pub cells: Vec<(u32, u32, u32)>,
    pub problems: Vec<String>,
}

/// Reads a file as what it is.
pub fn told(bytes: Vec<u8>) -> Told {
    let mut told = Told::default();
    let limits = Limits::for_size(bytes.len() as u64, std::sync::Arc::default());
    let (format, summary) = Output::new(&mut told, &limits).read(&mut Input::bytes(bytes));
    told.format = format;
    told.problems = summary.problems.iter().map(|told| format!("{}: {:?}", told.location, told.kind)).collect();
    told
}

/// Reads a file cut at each place, and with each byte changed, where a panic is not caught.
pub fn survives(read: fn(&mut Input<'_>, &mut Output<'_>) -> Reading, bytes: &[u8]) {
    let limits = Limits::for_size(1 << 20, std::sync::Arc::default());
    let try_out = |bytes: Vec<u8>| {
        let mut told = Told::default();
        let _: Reading = read(&mut Input::bytes(bytes), &mut Output::new(&mut told, &limits));
    };
    for at in 0..bytes.len() {
        try_out(bytes[..at].to_vec());
        for other in [0, b'<', b'>', b'{', b'}', b'\\', b'&', b'"', b'9', 0x80, 0xff] {
            let mut changed = bytes.to_vec();
            changed[at] = other;
            try_out(changed);
        }
    }
}

impl Sink for Told {
    fn text(&mut self, text: &Text<'_>) {
        let whole = String::from_utf8_lossy(text.bytes);
        let Places::Marks(marks) = text.places else {
            return self.lines.push(whole.into_owned());
        };
        for (i, mark) in marks.iter().enumerate() {
            let end = marks.get(i + 1).map_or(whole.len(), |next| next.offset);
            let location = Location { parts: text.parts.clone(), place: mark.place };
            let stretch = whole[mark.offset..end].trim_end_matches(['\n', CELL_BREAK]);
            self.lines.push(format!("{location}: {stretch}"));
            self.cells.extend(mark.cell.map(|cell| (cell.table, cell.row, cell.column)));
        }
    }
}
