//! Excel workbooks whose parts are XML or, in [`binary`], records: the cells of all sheets, and all that stands beside them.
//!
//! Sheets are read here and not by calamine, so that every byte out of the decompressor is charged to the budget.
//! calamine 0.38 holds 2 GB for a workbook of 2 MB that says so, and ends the process over an absurd `uniqueCount`.

mod binary;
mod cache;
mod comment;
mod formula;
mod sheet;
mod string;
mod style;

use super::book::pivot::Pivot;
use super::book::string::{Strings, give_unshown};
use super::ooxml::{self, Asides, Kind, Package};
use super::xml::{Event, Xml};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, Place, ProblemKind};
pub use binary::FORMAT as BINARY;
use binary::cache::Columns;
use binary::{Part, Records};
use sheet::Book;

pub const FORMAT: Format = Format {
    name: "xlsx",
    version: 2,
    weight: Weight::Heavy,
    reads: "cells with their number formats, formula results, hidden rows, columns and sheets, comments, headers and footers, text boxes, validation lists, links, defined and sheet names, properties, pivot and external-link caches, tables, embedded files",
    leaves: "pictures, macro code, themes",
    recognise,
    read,
};

/// What a person writes of a source outside the workbook.
const CONNECTION: &[&str] = &["name", "description", "connection", "command", "url", "sourceFile"];

/// Steps from a sheet to what belongs to it: a drawing, its chart, the shapes on that.
const STEPS: u8 = 4;

/// Relationships to parts that belong to the part that names them.
const BESIDE: &[&str] = &[
    "comments",
    "threadedComment",
    "drawing",
    "vmlDrawing",
    "chart",
    "chartEx",
    "chartUserShapes",
    "diagramData",
    "table",
    "package",
    "oleObject",
];

fn recognise(input: &mut Input<'_>) -> bool {
    ooxml::kind(input) == Some(Kind::Excel)
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let package = Package::open(input)?;
    let threads = package.has_folder("threadedcomments");
    let mut reader = Reader { package, threads, book: Book::default() };
    let main = reader.package.main(output);
    if let Some(main) = main {
        reader.read_workbook(main, output)?;
    }
    while let Some(part) = reader.package.unread() {
        reader.read_part(part, Beside::Nothing, output)?;
    }
    give_unshown(&reader.book.strings, output)?;
    reader.package.end(main)
}

struct Reader<'a> {
    package: Package<'a>,
    book: Book,
    /// True when the comments of some cells are threads.
    threads: bool,
}

/// What a part is read beside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    /// The name of the sheet was given.
    Sheet,
    /// A part of a sheet, so many steps away from it.
    Part(u8),
}

impl Reader<'_> {
    /// Reads the main part, and in the order that it names them the sheets with all that belongs to them.
    fn read_workbook(&mut self, main: usize, output: &mut Output<'_>) -> Reading {
        let mut workbook = Workbook::default();
        if self.package.is_binary(main) {
            self.package.read_binary(main, output, |_, reader, _| {
                binary::workbook::read(&mut Records::new(reader), &mut workbook)
            })?;
        } else {
            self.package.read(main, output, |_, _, xml, _| workbook.read(xml))?;
        }
        self.book.since_1904 = workbook.since_1904;
        let links = self.package.relationships(main, output);
        for part in self.targets(main, "sharedStrings", "xl/sharedstrings", output) {
            let strings = &mut self.book.strings;
            if self.package.is_binary(part) {
                self.package.read_binary(part, output, |_, reader, _| {
                    binary::read_strings(&mut Records::new(reader), strings)
                })?;
            } else {
                self.package.read(part, output, |_, _, xml, _| string::read(xml, strings))?;
            }
        }
        for part in self.targets(main, "styles", "xl/styles", output) {
            let formats = &mut self.book.formats;
            if self.package.is_binary(part) {
                self.package.read_binary(part, output, |_, reader, _| {
                    binary::workbook::read_styles(&mut Records::new(reader), formats)
                })?;
            } else {
                self.package.read(part, output, |_, _, xml, _| style::read(xml, formats))?;
            }
        }
        for SheetName { name, id } in &workbook.sheets {
            let link = links.iter().find(|link| link.id == *id);
            match link.and_then(|link| self.package.target(main, link)) {
                Some(part) => output
                    .part(PartKind::Sheet, name.as_bytes(), |output| self.read_part(part, Beside::Sheet, output))?,
                None => output.part(PartKind::Sheet, name.as_bytes(), |_| Err(ProblemKind::Damaged))?,
            }
        }
        workbook.defined.give(output)?;
        for part in self.package.targets(main, &["pivotCacheDefinition"], output) {
            self.read_part(part, Beside::Nothing, output)?;
        }
        Ok(())
    }

    /// The parts of a kind that the main part names, or else the one at the usual place.
    fn targets(&mut self, main: usize, kind: &str, usual: &str, output: &Output<'_>) -> Vec<usize> {
        let named = self.package.targets(main, &[kind], output);
        if !named.is_empty() {
            return named;
        }
        let endings = [".xml", ".bin"];
        endings.iter().filter_map(|ending| self.package.find(&format!("{usual}{ending}"))).take(1).collect()
    }

    /// Reads a part and those that belong to it, unless it was read.
    fn read_part(&mut self, part: usize, beside: Beside, output: &mut Output<'_>) -> Reading {
        if self.package.is_read(part) {
            return Ok(());
        }
        if self.package.is_binary(part) {
            self.read_binary(part, beside, output)?;
            return self.read_beside(part, beside, output);
        }
        let mut pivot = None;
        let (book, threads) = (&mut self.book, self.threads);
        self.package.read(part, output, |name, root, xml, output| match root {
            "worksheet" | "chartsheet" | "dialogsheet" | "macrosheet" if beside == Beside::Sheet => {
                sheet::read(xml, book, output)
            }
            "worksheet" | "chartsheet" | "dialogsheet" | "macrosheet" => {
                output.part(PartKind::Sheet, name.as_bytes(), |output| sheet::read(xml, book, output))
            }
            "sst" => give_orphans(xml, output),
            "comments" | "ThreadedComments" => output.field("comment", |output| comment::read(threads, xml, output)),
            "table" => output.field("table", |output| comment::read_table(xml, output)),
            "externalLink" => output.field("external link", |output| cache::read_external(xml, output)),
            "pivotCacheDefinition" => {
                let pivot = pivot.insert(Pivot::new(output));
                output.field("pivot cache", |output| cache::read_definition(pivot, xml, output))
            }
            "pivotCacheRecords" => {
                let mut pivot = Pivot::new(output);
                output.field("pivot cache", |output| cache::read_records(&mut pivot, xml, output))
            }
            "connections" => output.field("connection", |output| read_connections(xml, output)),
            // The order in which formulas are computed: no text, but long.
            "calcChain" => Ok(()),
            _ => ooxml::read(name, root, xml, output),
        })?;
        if let Some(mut pivot) = pivot {
            for target in self.package.targets(part, &["pivotCacheRecords"], output) {
                self.package.read(target, output, |_, _, xml, output| {
                    output.field("pivot cache", |output| cache::read_records(&mut pivot, xml, output))
                })?;
            }
        }
        self.read_beside(part, beside, output)
    }

    /// Reads a binary part.
    fn read_binary(&mut self, part: usize, beside: Beside, output: &mut Output<'_>) -> Reading {
        let mut pivot = None;
        let (book, threads) = (&mut self.book, self.threads);
        self.package.read_binary(part, output, |name, reader, output| {
            let records = &mut Records::new(reader);
            match binary::part(name, records)? {
                Part::Sheet if beside == Beside::Sheet => binary::sheet::read(records, book, output),
                Part::Sheet => {
                    output.part(PartKind::Sheet, name.as_bytes(), |output| binary::sheet::read(records, book, output))
                }
                Part::Strings => {
                    let mut strings = Strings::default();
                    let reading = binary::read_strings(records, &mut strings);
                    give_unshown(&strings, output)?;
                    reading
                }
                Part::Comments => output.field("comment", |output| binary::read_comments(threads, records, output)),
                Part::Table => output.field("table", |output| binary::read_table(records, output)),
                Part::External => output.field("external link", |output| binary::cache::read_external(records, output)),
                Part::PivotDefinition => {
                    let (pivot, columns) = pivot.insert((Pivot::new(output), Columns::default()));
                    output.field("pivot cache", |output| columns.read_definition(records, pivot, output))
                }
                Part::PivotRecords => {
                    let mut pivot = Pivot::new(output);
                    output.field("pivot cache", |output| Columns::default().read_records(records, &mut pivot, output))
                }
                Part::Silent => Ok(()),
                Part::Other => output.field("other part", |output| binary::read_texts(records, output)),
            }
        })?;
        if let Some((mut pivot, columns)) = pivot {
            for target in self.package.targets(part, &["pivotCacheRecords"], output) {
                self.package.read_binary(target, output, |_, reader, output| {
                    output.field("pivot cache", |output| {
                        columns.read_records(&mut Records::new(reader), &mut pivot, output)
                    })
                })?;
            }
        }
        Ok(())
    }

    /// Reads what belongs to a part of a sheet: its drawings, and their charts.
    fn read_beside(&mut self, part: usize, beside: Beside, output: &mut Output<'_>) -> Reading {
        let steps = match beside {
            Beside::Nothing | Beside::Part(STEPS) => return Ok(()),
            Beside::Sheet => 0,
            Beside::Part(steps) => steps,
        };
        let links = self.package.relationships_of(part);
        for target in self.package.targets(part, BESIDE, output).into_iter().chain(links) {
            self.read_part(target, Beside::Part(steps + 1), output)?;
        }
        Ok(())
    }
}

/// What the main part says.
#[derive(Default)]
struct Workbook {
    sheets: Vec<SheetName>,
    since_1904: bool,
    /// Names that stand for cells or values, with what they hold themselves.
    defined: Asides,
}

/// A sheet and the relationship that leads to it.
struct SheetName {
    name: String,
    id: String,
}

impl Workbook {
    fn read(&mut self, xml: &mut Xml<'_>) -> Reading {
        while let Some(event) = xml.next()? {
            let Event::Start(tag) = event else { continue };
            let value = |name: &str| tag.attribute(name).unwrap_or_default().into_owned();
            match tag.name {
                "sheet" => self.sheets.push(SheetName { name: value("name"), id: value("id") }),
                "workbookPr" => self.since_1904 |= matches!(&*value("date1904"), "1" | "true"),
                "definedName" => {
                    let mut found = [value("name"), value("comment")].join("\n").trim().to_owned();
                    let mut meaning = String::new();
                    let reading = xml.text_into(&mut meaning);
                    formula::literals(&meaning, &mut found);
                    self.defined.keep("defined name", Place::Whole, &found);
                    reading?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Gives what is said of sources outside the workbook.
fn read_connections(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        for (name, value) in tag.attributes() {
            if CONNECTION.contains(&name) && !value.is_empty() {
                output.at(Place::Whole)?;
                output.push(&value)?;
            }
        }
    }
    Ok(())
}

/// Gives the texts of a table that no workbook names.
fn give_orphans(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut strings = Strings::default();
    let reading = string::read(xml, &mut strings);
    give_unshown(&strings, output)?;
    reading
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::{package, told};

    const BOOK: &str = "<workbook><sheets><sheet name='Liste' sheetId='1' r:id='a'/>\
                        <sheet name='Skjult' state='veryHidden' sheetId='2' r:id='b'/></sheets>\
                        <definedNames><definedName name='leder'>\"070761-4285\"</definedName></definedNames></workbook>";
    const LINKS: &str = "<Relationships><Relationship Id='b' Type='x/worksheet' Target='/xl/2.xml'/>\
                         <Relationship Id='a' Type='x/worksheet' Target='1.xml'/></Relationships>";

    fn sheet(text: &str) -> String {
        format!("<worksheet><sheetData><row><c t='str'><v>{text}</v></c></row></sheetData></worksheet>")
    }

    #[test]
    fn sheets_are_read_in_the_order_of_the_workbook_and_lost_ones_after() {
        let told = told(package(&[
            ("xl/3.xml", &*sheet("lost")),
            ("xl/2.xml", &sheet("hidden")),
            ("xl/1.xml", &sheet("shown")),
            ("xl/workbook.xml", BOOK),
            ("xl/_rels/workbook.xml.rels", LINKS),
        ]));
        assert_eq!((told.format, told.problems), ("xlsx", vec![]));
        assert_eq!(
            told.lines,
            [
                "Liste › name: Liste",
                "Liste!A1: shown",
                "Skjult › name: Skjult",
                "Skjult!A1: hidden",
                "defined name: leder\n070761-4285",
                "xl/3.xml › name: xl/3.xml",
                "xl/3.xml!A1: lost",
            ]
        );
    }

    #[test]
    fn a_sheet_that_cannot_be_read_does_not_hide_the_others() {
        let told = told(package(&[
            ("xl/workbook.xml", BOOK),
            ("xl/_rels/workbook.xml.rels", LINKS),
            ("xl/2.xml", &*sheet("hidden")),
            ("xl/sharedStrings.xml", "<sst><si><t>a"),
        ]));
        assert!(told.lines.contains(&"Skjult!A1: hidden".to_owned()));
        assert_eq!(told.problems, ["whole: Damaged", "Liste: Damaged"]);
    }

    #[test]
    fn what_belongs_to_a_sheet_stands_in_it() {
        let drawing = "<wsDr><from><col>1</col><colOff>1234567890</colOff><row>4</row></from>\
                       <sp><cNvPr descr='Karla'/><a:p><a:t>070761-4285</a:t></a:p></sp></wsDr>";
        let links = "<Relationships><Relationship Type='x/drawing' Target='drawings/d.xml'/>\
                     <Relationship Type='x/hyperlink' Target='https://x.dk' TargetMode='External'/></Relationships>";
        let chart = "<Relationships><Relationship Type='x/chart' Target='c.xml'/>\
                     <Relationship Type='x/drawing' Target='d.xml'/></Relationships>";
        let told = told(package(&[
            ("xl/workbook.xml", BOOK),
            ("xl/_rels/workbook.xml.rels", LINKS),
            ("xl/1.xml", &*sheet("1")),
            ("xl/2.xml", &sheet("2")),
            ("xl/_rels/1.xml.rels", links),
            ("xl/drawings/d.xml", drawing),
            ("xl/drawings/_rels/d.xml.rels", chart),
            ("xl/drawings/c.xml", "<chartSpace><v>a</v></chartSpace>"),
        ]));
        assert_eq!(
            told.lines[2..6],
            [
                "Liste › drawing › B5: 070761-4285",
                "Liste › alternative text › B5: Karla",
                "Liste › chart: a",
                "Liste › hyperlink: https://x.dk",
            ]
        );
    }
}
