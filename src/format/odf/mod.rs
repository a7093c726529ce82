//! Documents of LibreOffice and OpenOffice: texts, workbooks, presentations, drawings, and their templates.
//!
//! Open Document Format 1.3. The parts of a package lie at known places; those of embedded documents in folders of their
//! own.

mod content;
mod story;
mod table;

use std::collections::HashSet;

use super::xml::{Event, Xml};
use super::zip::{self, Archive, Opened};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, ProblemKind};

pub use content::read_flat;

pub const FORMAT: Format = Format {
    name: "odf",
    version: 1,
    weight: Weight::Heavy,
    reads: "text, tables, sheets with shown and stored values, slides and notes, headers, footers, footnotes, comments, text boxes, deleted text, links, properties, alternative text, embedded files",
    leaves: "pictures, macro code, styles",
    recognise,
    read,
};

/// Where the parts of a package lie that are read as such.
const PARTS: &[(&str, Option<&'static str>)] =
    &[("content.xml", None), ("styles.xml", Some("page style")), ("meta.xml", None)];

/// The part that names the others, and says which of them are locked.
const MANIFEST: &str = "META-INF/manifest.xml";

/// A package that is locked as a whole. LibreOffice 24.8.
const LOCKED: &str = "encrypted-package";

/// Folders of pictures, settings and macros.
const PASSED_OVER_FOLDERS: &[&str] = &[
    "META-INF/",
    "Pictures/",
    "Thumbnails/",
    "ObjectReplacements/",
    "Configurations2/",
    "Basic/",
    "Dialogs/",
    "Scripts/",
    "Fonts/",
    "layout-cache",
];

/// Parts that hold no text of their own.
const PASSED_OVER: &[&str] = &["mimetype", "settings.xml", "manifest.rdf", "current.xml", "rdf"];

fn recognise(input: &mut Input<'_>) -> bool {
    let names = match input.zip_names() {
        Some(names) => names.to_vec(),
        None => zip::names_in_head(input),
    };
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    (has("content.xml") && (has("mimetype") || has(MANIFEST))) || (has(LOCKED) && has(MANIFEST))
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let Opened { mut archive, whole } = zip::open(input)?;
    let names: Vec<String> = archive.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let locked = locked(&mut archive, &names, output);
    let mut taken: HashSet<usize> = HashSet::new();
    for (name, field) in PARTS {
        if let Some(part) = names.iter().position(|known| known == name) {
            taken.insert(part);
            if !locked.contains(*name) {
                output.attempt(|output| document(&mut archive, part, *field, output))?;
            }
        }
    }
    for (part, name) in names.iter().enumerate() {
        if !taken.insert(part) || locked.contains(name) || is_passed_over(name) {
            continue;
        }
        match name.rsplit_once('/') {
            Some((folder, "content.xml")) => {
                output
                    .part(PartKind::Member, folder.as_bytes(), |output| document(&mut archive, part, None, output))?;
            }
            Some((_, "styles.xml" | "meta.xml")) => {}
            _ => zip::member(&mut archive, part, PartKind::Member, output)?,
        }
    }
    match () {
        () if !locked.is_empty() || names.iter().any(|name| name == LOCKED) => Err(ProblemKind::Encrypted),
        () if !whole || !names.iter().any(|name| name == "content.xml") => Err(ProblemKind::Damaged),
        () => Ok(()),
    }
}

fn is_passed_over(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    name.ends_with('/')
        || PASSED_OVER.contains(&last)
        || name == LOCKED
        || PASSED_OVER_FOLDERS.iter().any(|folder| name.starts_with(folder) || name.contains(&format!("/{folder}")))
}

/// Reads the content of a document; `field` is as what its running text is given.
fn document(archive: &mut Archive<'_>, part: usize, field: Option<&'static str>, output: &mut Output<'_>) -> Reading {
    let file = archive.by_index(part).map_err(|error| zip::problem_kind(&error))?;
    let mut xml = Xml::new(output.meter(file));
    content::read(&mut xml, field, output)
}

/// The parts that are locked with a password, as far as the manifest tells.
fn locked(archive: &mut Archive<'_>, names: &[String], output: &Output<'_>) -> HashSet<String> {
    let mut locked = HashSet::new();
    if let Some(part) = names.iter().position(|name| name == MANIFEST)
        && let Ok(file) = archive.by_index(part)
    {
        let mut xml = Xml::new(output.meter(file));
        let mut path = String::new();
        while let Ok(Some(event)) = xml.next() {
            match event {
                Event::Start(tag) if tag.name == "file-entry" => {
                    path = tag.attribute("full-path").unwrap_or_default().into_owned();
                }
                Event::Start(tag) if tag.name == "encryption-data" => {
                    locked.insert(std::mem::take(&mut path));
                }
                _ => {}
            }
        }
    }
    locked
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::{Told, package, told};

    const TYPE: &str = "application/vnd.oasis.opendocument.text";

    fn read(parts: &[(&str, &str)]) -> Told {
        let told = told(package(&[&[("mimetype", TYPE)], parts].concat()));
        assert_eq!(told.format, "odf");
        told
    }

    fn content(body: &str) -> String {
        format!("<office:document-content><office:body>{body}</office:body></office:document-content>")
    }

    fn lines(body: &str) -> Vec<String> {
        let told = read(&[("content.xml", &content(&format!("<office:text>{body}</office:text>")))]);
        assert_eq!(told.problems, Vec::<String>::new(), "{body}");
        told.lines
    }

    #[test]
    fn a_number_split_over_spans_is_one_number() {
        let body = "<text:p>Cpr<text:tab/><text:span>0707</text:span>61<text:soft-page-break/>-<text:span>4285</text:span>\
                    <text:s text:c='2'/>x<text:line-break/>y</text:p>";
        assert_eq!(lines(body), ["paragraph 1: Cpr\t070761-4285  x\ny"]);
    }

    #[test]
    fn what_stands_beside_the_text_does_not_part_it() {
        let body = "<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>A</dc:creator>\
                    </office:change-info><text:p>D</text:p></text:deletion></text:changed-region></text:tracked-changes>\
                    <text:p>070761<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>F</text:p>\
                    </text:note-body></text:note>-<office:annotation><dc:creator>K</dc:creator><dc:date>2019</dc:date>\
                    <text:p>C</text:p></office:annotation><draw:frame draw:name='b.jpg'><draw:text-box><text:p>T</text:p>\
                    </draw:text-box><svg:desc>B</svg:desc></draw:frame><text:a xlink:href='mailto:k'>4285</text:a></text:p>";
        assert_eq!(
            lines(body),
            [
                "paragraph 1: 070761-4285",
                "alternative text › paragraph 1: b.jpg",
                "alternative text › paragraph 1: B",
                "comment › paragraph 1: K",
                "comment › paragraph 1: C",
                "deleted text › paragraph 1: D",
                "footnote › paragraph 1: F",
                "hyperlink › paragraph 1: mailto:k",
                "text box › paragraph 1: T",
            ]
        );
    }

    #[test]
    fn cells_of_sheets_show_what_is_stored_too() {
        let cell = |attributes: &str, text: &str| format!("<table:table-cell {attributes}>{text}</table:table-cell>");
        let rows = [
            cell("table:number-columns-repeated='3'", ""),
            cell("office:value='707614285'", "<text:p>0707614285</text:p>"),
            cell("office:value='707614285'", "<text:p>070761-4285</text:p>"),
            cell("office:value='1707614285'", "<text:p>1.707.614.285</text:p>"),
        ]
        .concat();
        let body = format!(
            "<office:spreadsheet><table:table table:name='Ark1'><table:table-row table:number-rows-repeated='4'/>\
             <table:table-row>{rows}</table:table-row></table:table></office:spreadsheet>"
        );
        let told = read(&[("content.xml", &content(&body))]);
        assert_eq!(
            told.lines,
            ["Ark1 › name: Ark1", "Ark1!D5: 0707614285", "Ark1!E5: 070761-4285", "Ark1!F5: 1.707.614.285\n1707614285"]
        );
        assert_eq!(told.cells, [(1, 5, 4), (1, 5, 5), (1, 5, 6)]);
    }

    #[test]
    fn slides_have_notes_and_tables() {
        let page = "<draw:page draw:name='side1'><draw:frame><draw:text-box><text:p>a</text:p></draw:text-box></draw:frame>\
                    <draw:frame><table:table><table:table-row><table:table-cell><text:p>b</text:p></table:table-cell>\
                    </table:table-row></table:table></draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>c\
                    </text:p></draw:text-box></draw:frame></presentation:notes></draw:page>";
        let told = read(&[("content.xml", &content(&format!("<office:presentation>{page}</office:presentation>")))]);
        assert_eq!(
            told.lines,
            [
                "side1 › name: side1",
                "side1 › paragraph 1: a",
                "side1 › paragraph 2: b",
                "side1 › notes › paragraph 2: c"
            ]
        );
    }

    #[test]
    fn headers_properties_and_embedded_documents_are_read() {
        let styles = "<office:document-styles><office:master-styles><style:master-page><style:header><text:p>H</text:p>\
                      </style:header></style:master-page></office:master-styles></office:document-styles>";
        let meta = "<office:document-meta><office:meta><dc:title>T</dc:title><meta:editing-cycles>7</meta:editing-cycles>\
                    <meta:user-defined meta:name='Cpr'>1</meta:user-defined></office:meta></office:document-meta>";
        let told = read(&[
            ("meta.xml", meta),
            ("styles.xml", styles),
            ("Object 1/content.xml", &content("<office:text><text:p>O</text:p></office:text>")),
            ("content.xml", &content("<office:text><text:p>x</text:p></office:text>")),
            ("Pictures/1.png", "x"),
            ("bilag.txt", "070761-4285"),
        ]);
        assert_eq!(told.problems, Vec::<String>::new());
        assert_eq!(
            told.lines,
            [
                "paragraph 1: x",
                "header › paragraph 1: H",
                "document property › paragraph 1: T",
                "document property › paragraph 1: Cpr: 1",
                "Object 1 › name: Object 1",
                "Object 1 › paragraph 1: O",
                "bilag.txt › name: bilag.txt",
                "070761-4285",
            ]
        );
    }

    #[test]
    fn locked_parts_are_told() {
        let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data/>\
                        </manifest:file-entry></manifest:manifest>";
        let told = read(&[("content.xml", "\x01"), ("META-INF/manifest.xml", manifest)]);
        assert_eq!((told.lines, told.problems), (vec![], vec!["whole: Encrypted".into()]));
    }

    #[test]
    fn what_stood_before_a_break_is_given() {
        let told = read(&[("content.xml", "<office:document-content><office:text><text:p>070761-4285")]);
        assert_eq!(
            (told.lines, told.problems),
            (vec!["paragraph 1: 070761-4285".into()], vec!["whole: Damaged".into()])
        );
    }

    #[test]
    fn documents_in_one_file_are_read_as_such() {
        let flat = "<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'>\
                    <office:body><office:spreadsheet><table:table table:name='A'><table:table-row><table:table-cell>\
                    <text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>\
                    </office:document>";
        assert_eq!(told(flat.as_bytes().to_vec()).lines, ["A › name: A", "A!A1: x"]);
    }
}
