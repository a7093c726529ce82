//! Excel workbooks whose parts are XML: the cells of all sheets, and all that stands beside them.

mod cache;
mod comment;
mod formula;
mod header;
mod number;
mod sheet;
mod string;
mod style;

use super::ooxml::{self, Kind, Package, Relationship};
use super::xml::{Event, Xml};
use super::{Format, Input, Output, Reading};
use crate::model::{PartKind, Place, ProblemKind};
use cache::Pivot;
use sheet::Book;
use string::Strings;

pub const FORMAT: Format = Format { name: "xlsx", version: 1, recognise, read };

/// What a person writes of a source outside the workbook.
const CONNECTION: &[&str] = &["name", "description", "connection", "command", "url", "sourceFile"];

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
    let mut reader = Reader { package: Package::open(input)?, book: Book::default() };
    let main = reader.package.main(output);
    if let Some(main) = main {
        reader.read_workbook(main, output)?;
    }
    while let Some(part) = reader.package.unread() {
        reader.read_part(part, output)?;
    }
    give_unshown(&reader.book.strings, output)?;
    main.map(drop).ok_or(ProblemKind::Damaged)
}

struct Reader<'a> {
    package: Package<'a>,
    book: Book,
}

impl Reader<'_> {
    /// Reads the main part, and in the order that it names them the sheets with all that belongs to them.
    fn read_workbook(&mut self, main: usize, output: &mut Output<'_>) -> Reading {
        let mut workbook = Workbook::default();
        self.package.read(main, output, |_, _, xml, output| workbook.read(xml, output))?;
        self.book.since_1904 = workbook.since_1904;
        let links = self.package.relationships(main, output);
        for part in self.targets(main, &links, "sharedStrings", "xl/sharedstrings.xml") {
            self.package.read(part, output, |_, _, xml, _| self.book.strings.read(xml))?;
        }
        for part in self.targets(main, &links, "styles", "xl/styles.xml") {
            self.package.read(part, output, |_, _, xml, _| style::read(xml, &mut self.book.formats))?;
        }
        for SheetName { name, id } in &workbook.sheets {
            let link = links.iter().find(|link| link.id == *id);
            match link.and_then(|link| self.package.target(main, link)) {
                Some(part) => self.read_sheet(part, name.as_bytes(), output)?,
                None => output.part(PartKind::Sheet, name.as_bytes(), |_| Err(ProblemKind::Damaged))?,
            }
        }
        Ok(())
    }

    /// The parts of a kind that the main part names, or else the one at the usual place.
    fn targets(&self, main: usize, links: &[Relationship], kind: &str, usual: &str) -> Vec<usize> {
        let named = links.iter().filter(|link| link.kind == kind).filter_map(|link| self.package.target(main, link));
        let named: Vec<usize> = named.collect();
        if named.is_empty() { self.package.find(usual).into_iter().collect() } else { named }
    }

    fn read_sheet(&mut self, part: usize, name: &[u8], output: &mut Output<'_>) -> Reading {
        output.part(PartKind::Sheet, name, |output| self.read_part(part, output))
    }

    /// Reads a part and those that belong to it, unless it was read.
    fn read_part(&mut self, part: usize, output: &mut Output<'_>) -> Reading {
        if self.package.is_read(part) {
            return Ok(());
        }
        let threads = self.package.has("threadedcomments/");
        let mut pivot = None;
        let book = &mut self.book;
        self.package.read(part, output, |name, root, xml, output| match root {
            "worksheet" | "chartsheet" | "dialogsheet" | "macrosheet" => sheet::read(xml, book, output),
            "sst" => give_orphans(xml, output),
            "comments" => output.field("comment", |output| comment::read(threads, xml, output)),
            "ThreadedComments" => output.field("comment", |output| comment::read_threads(xml, output)),
            "table" => output.field("table", |output| comment::read_table(xml, output)),
            "externalLink" => output.field("external link", |output| cache::read_external(xml, output)),
            "pivotCacheDefinition" => {
                let pivot = pivot.insert(Pivot::new(output));
                output.field("pivot cache", |output| pivot.read_definition(xml, output))
            }
            "pivotCacheRecords" => {
                let mut pivot = Pivot::new(output);
                output.field("pivot cache", |output| pivot.read_records(xml, output))
            }
            "connections" => output.field("connection", |output| read_connections(xml, output)),
            // The order in which formulas are computed: no text, but long.
            "calcChain" => Ok(()),
            _ => ooxml::read(name, root, xml, output),
        })?;
        let links = self.package.relationships(part, output);
        for link in &links {
            let Some(target) = self.package.target(part, link) else { continue };
            match (&*link.kind, &mut pivot) {
                ("pivotCacheRecords", Some(pivot)) => self.package.read(target, output, |_, _, xml, output| {
                    output.field("pivot cache", |output| pivot.read_records(xml, output))
                })?,
                (kind, _) if BESIDE.contains(&kind) => self.read_part(target, output)?,
                _ => {}
            }
        }
        match self.package.relationships_of(part) {
            Some(links) => self.read_part(links, output),
            None => Ok(()),
        }
    }
}

/// What the main part says of the others.
#[derive(Default)]
struct Workbook {
    sheets: Vec<SheetName>,
    since_1904: bool,
}

/// A sheet and the relationship that leads to it.
struct SheetName {
    name: String,
    id: String,
}

impl Workbook {
    /// Reads the names of the sheets and gives the names that are defined.
    fn read(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        output.field("defined name", |output| {
            while let Some(event) = xml.next()? {
                let Event::Start(tag) = event else { continue };
                let value = |name: &str| tag.attribute(name).unwrap_or_default().into_owned();
                match tag.name() {
                    "sheet" => self.sheets.push(SheetName { name: value("name"), id: value("id") }),
                    "workbookPr" => self.since_1904 |= matches!(&*value("date1904"), "1" | "true"),
                    "definedName" => {
                        let (name, comment) = (value("name"), value("comment"));
                        define(&name, &comment, xml, output)?;
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }
}

/// Gives a name, what is said of it, and the texts that it stands for.
fn define(name: &str, comment: &str, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut meaning = String::new();
    let reading = xml.text_into(&mut meaning);
    let mut found = format!("{name} {comment}\n").trim().to_owned();
    formula::literals(&meaning, &mut found);
    output.at(Place::Whole)?;
    output.push(&found)?;
    reading
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
    let reading = strings.read(xml);
    give_unshown(&strings, output)?;
    reading
}

/// Gives texts that were in cells once.
fn give_unshown(strings: &Strings, output: &mut Output<'_>) -> Reading {
    let mut unshown = strings.unshown().filter(|text| !text.trim().is_empty()).peekable();
    if unshown.peek().is_none() {
        return Ok(());
    }
    output.field("unused text", |output| {
        unshown.try_for_each(|text| {
            output.at(Place::Whole)?;
            output.push(text)
        })
    })
}
