//! Excel workbooks whose parts are binary: the same parts as in XML, each known by its first record. \[MS-XLSB\].

pub mod cache;
mod record;
pub mod sheet;
pub mod workbook;

use super::super::book::string::Strings;
use super::super::ooxml::{self, Kind};
use super::super::{Format, Input, Output, Reading, Weight};
use crate::model::Place;
pub use record::Records;

pub const FORMAT: Format = Format {
    name: "xlsb",
    version: 1,
    weight: Weight::Heavy,
    reads: "as xlsx",
    leaves: "pictures, macro code, themes, validation lists of later versions that refer to other sheets",
    recognise,
    read: super::read,
};

fn recognise(input: &mut Input<'_>) -> bool {
    ooxml::kind(input) == Some(Kind::ExcelBinary)
}

/// What a part is by its first record. \[MS-XLSB\] 2.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A sheet of any kind.
    Sheet,
    /// The texts that cells share.
    Strings,
    /// Comments at cells.
    Comments,
    /// The columns of a table.
    Table,
    /// Cells of another workbook.
    External,
    /// What the source of a pivot table is made of.
    PivotDefinition,
    /// The source of a pivot table.
    PivotRecords,
    /// A part without text: styles, the order of computing.
    Silent,
    /// One of which the texts are read as they lie.
    Other,
}

/// What a part is.
///
/// # Errors
/// When its first record cannot be read.
pub fn part(name: &str, records: &mut Records<'_>) -> Result<Part, crate::model::ProblemKind> {
    if name.contains("binaryindex") || name.contains("calcchain") {
        return Ok(Part::Silent);
    }
    Ok(match records.first()? {
        Some(129) => Part::Sheet,
        Some(159) => Part::Strings,
        Some(628) => Part::Comments,
        Some(343) => Part::Table,
        Some(353 | 360) => Part::External,
        Some(179) => Part::PivotDefinition,
        Some(193) => Part::PivotRecords,
        None | Some(278) => Part::Silent,
        Some(_) => Part::Other,
    })
}

/// Appends the texts of a part that holds the table of shared ones.
///
/// # Errors
/// As [`Records::next`], and when the texts are more than may be held.
pub fn read_strings(records: &mut Records<'_>, strings: &mut Strings) -> Reading {
    while let Some(kind) = records.next()? {
        if kind == 19 {
            // One that is broken keeps its number.
            strings.add(&record::rich(&mut records.body()).unwrap_or_default())?;
        }
    }
    Ok(())
}

/// Gives the comments of a sheet. With `threads`, those that repeat a thread are left out.
///
/// # Errors
/// As [`Records::next`]; what stood before is given.
pub fn read_comments(threads: bool, records: &mut Records<'_>, output: &mut Output<'_>) -> Reading {
    let mut repeats = Vec::new();
    let (mut place, mut repeated) = (Place::Whole, false);
    while let Some(kind) = records.next()? {
        let mut body = records.body();
        match kind {
            632 => {
                let author = record::wide(&mut body).unwrap_or_default();
                repeats.push(threads && author.starts_with(super::comment::THREAD));
            }
            635 => {
                let author = body.size();
                repeated = author.and_then(|author| repeats.get(author)).is_some_and(|repeats| *repeats);
                let (row, _, column) = (body.u32(), body.u32(), body.u32());
                place = row.zip(column).map_or(Place::Whole, |(row, column)| sheet::place(row, column));
            }
            637 if !repeated => {
                let text = record::rich(&mut body).unwrap_or_default();
                if !text.trim().is_empty() {
                    output.at(place)?;
                    output.push(&text)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gives the names of a table and its columns. \[MS-XLSB\] 2.4.94, 2.4.96.
///
/// # Errors
/// As [`Records::next`]; what stood before is given.
pub fn read_table(records: &mut Records<'_>, output: &mut Output<'_>) -> Reading {
    while let Some(kind) = records.next()? {
        let mut body = records.body();
        let (before, texts) = match kind {
            343 => (64, 3),
            347 => (24, 3),
            _ => continue,
        };
        body.take(before);
        let mut given = String::new();
        for _ in 0..texts {
            let text = record::nullable(&mut body).unwrap_or_default();
            if text.trim().is_empty() || text == given {
                continue;
            }
            output.at(Place::Whole)?;
            output.push(&text)?;
            given = text;
        }
    }
    Ok(())
}

/// Gives the texts in the records of a part as they lie.
///
/// # Errors
/// As [`Records::next`]; what stood before is given.
pub fn read_texts(records: &mut Records<'_>, output: &mut Output<'_>) -> Reading {
    while records.next()?.is_some() {
        let mut reading = Ok(());
        record::texts(records.body(), |text| {
            if reading.is_ok() && !text.trim().is_empty() {
                reading = output.at(Place::Whole).and_then(|()| output.push(text));
            }
        });
        reading?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::{Told, package, told};

    fn record(kind: u32, body: &[&[u8]]) -> Vec<u8> {
        let body = body.concat();
        let kind = if kind < 128 { vec![kind as u8] } else { vec![kind as u8 | 0x80, (kind >> 7) as u8] };
        let length = [body.len() as u8 & 0x7f | 0x80, (body.len() >> 7) as u8];
        [&kind[..], &length, &body].concat()
    }

    fn wide(text: &str) -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [&(units.len() as u32 / 2).to_le_bytes()[..], &units].concat()
    }

    fn cell(column: u32, style: u32) -> Vec<u8> {
        [column.to_le_bytes(), style.to_le_bytes()].concat()
    }

    fn book(cells: &[Vec<u8>]) -> Vec<(&'static str, Vec<u8>)> {
        let links = "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/1.bin'/>\
                     <Relationship Id='r2' Type='x/pivotCacheDefinition' Target='p.bin'/></Relationships>";
        let sheet = [&record(129, &[]), &record(0, &[&2_u32.to_le_bytes()]), &cells.concat()[..]].concat();
        vec![
            ("xl/workbook.bin", [record(131, &[]), record(156, &[&[0; 8], &wide("r1"), &wide("Ark1")])].concat()),
            ("xl/_rels/workbook.bin.rels", links.into()),
            ("xl/worksheets/1.bin", sheet),
            ("xl/sharedStrings.bin", [record(159, &[]), record(19, &[&[0], &wide("Cpr")])].concat()),
            (
                "xl/styles.bin",
                [
                    record(278, &[]),
                    record(44, &[&[200, 0], &wide("000000-0000")]),
                    record(617, &[]),
                    record(47, &[&[0, 0, 0, 0]]),
                    record(47, &[&[0, 0, 200, 0]]),
                ]
                .concat(),
            ),
        ]
    }

    fn cells() -> Vec<Vec<u8>> {
        let number = ((101_801_234_u32 << 2) | 2).to_le_bytes();
        vec![
            record(7, &[&cell(0, 0), &[0; 4]]),
            record(2, &[&cell(1, 1), &number]),
            record(13, &[&1_u32.to_le_bytes(), &number]),
            record(6, &[&cell(4, 0), &wide("070761-4285")]),
            record(8, &[&cell(5, 0), &wide("x"), &[0, 0], &[7, 0, 0, 0, 0x17, 2, 0, b'j', 0, b'a', 0], &[0; 4]]),
        ]
    }

    #[test]
    fn cells_of_all_kinds_are_given() {
        let told: Told = told(package(&book(&cells())));
        assert_eq!((told.format, told.problems), ("xlsb", vec![]));
        assert_eq!(
            told.lines,
            [
                "Ark1 › name: Ark1",
                "Ark1!A3: Cpr",
                "Ark1!B3: 010180-1234",
                "Ark1!C3: 010180-1234",
                "Ark1!E3: 070761-4285",
                "Ark1!F3: x\nja",
            ]
        );
        assert_eq!(told.cells[0], (1, 3, 1));
    }

    #[test]
    fn a_broken_record_costs_itself() {
        let mut records = cells();
        records.insert(1, record(2, &[&cell(1, 1), &[1]]));
        records.insert(1, record(9999, &[&[1; 9]]));
        let told = told(package(&book(&records)));
        assert_eq!((told.lines.len(), &told.problems[..]), (6, &["Ark1: Damaged".to_owned()][..]));
    }

    #[test]
    fn what_stands_beside_the_cells_is_given() {
        let missing = u32::MAX.to_le_bytes();
        let header = record(479, &[&[0, 0], &wide("&Ch"), &wide("&Rf"), &missing, &missing, &missing, &missing]);
        let link = record(494, &[&[0; 16], &wide("r9"), &wide(""), &wide("tip"), &wide("")]);
        let formula = [&[9, 0, 0, 0, 0x17, 3, 0][..], b"l\0\0\0m\0", &[0; 4]].concat();
        let list = record(64, &[&[0; 8], &missing, &missing, &missing, &wide("p"), &formula, &[0; 8]]);
        let mut parts = book(&[header, link, list]);
        let comments = [
            record(628, &[]),
            record(632, &[&wide("Ole")]),
            record(635, &[&[0; 4], &[6, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]]),
            record(637, &[&[0], &wide("Karla")]),
        ];
        parts.push(("xl/comments1.bin", comments.concat()));
        let told = told(package(&parts));
        assert_eq!(
            told.lines[1..],
            [
                "Ark1 › data validation: p",
                "Ark1 › data validation: l\nm",
                "Ark1 › footer: f",
                "Ark1 › header: h",
                "Ark1 › hyperlink › A1: tip",
                "comment › B7: Karla",
                "unused text: Cpr",
            ]
        );
    }

    #[test]
    fn the_source_of_a_pivot_table_is_one_table() {
        let mut parts = book(&[]);
        let definition = [
            record(179, &[]),
            record(183, &[&[0; 18], &wide("Cpr")]),
            record(189, &[&[1, 0], &[1, 0, 0, 0]]),
            record(24, &[&wide("070761-4285")]),
            record(183, &[&[0; 18], &wide("Tal")]),
            record(189, &[&[0x40, 0], &[0; 4]]),
        ];
        parts.push(("xl/p.bin", definition.concat()));
        let records = record(33, &[&[0; 4], &707_614_285_f64.to_le_bytes()]);
        parts.push(("xl/r.bin", [record(193, &[]), records].concat()));
        let links = "<Relationships><Relationship Type='x/pivotCacheRecords' Target='r.bin'/></Relationships>";
        parts.push(("xl/_rels/p.bin.rels", links.into()));
        let told = told(package(&parts));
        assert_eq!(
            told.lines[1..5],
            [
                "pivot cache › A1: Cpr",
                "pivot cache › A2: 070761-4285",
                "pivot cache › B1: Tal",
                "pivot cache › B3: 707614285"
            ]
        );
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        let parts = book(&cells());
        for (at, part) in parts.iter().enumerate().filter(|(_, (name, _))| name.ends_with(".bin")) {
            for (i, flip) in (0..part.1.len()).flat_map(|i| [(i, 0x01), (i, 0x80), (i, 0xff)]) {
                let mut parts = parts.clone();
                parts[at].1[i] ^= flip;
                told(package(&parts));
                parts[at].1.truncate(i);
                told(package(&parts));
            }
        }
    }
}
