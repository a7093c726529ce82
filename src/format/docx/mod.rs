//! Word documents: the running text, and all that stands beside it.

mod flow;

use super::ooxml::{self, Asides, Kind, Package};
use super::xml::{Event, Xml};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::Place;

pub const FORMAT: Format = Format {
    name: "docx",
    version: 2,
    weight: Weight::Heavy,
    reads: "body with tables, headers, footers, footnotes, endnotes, comments, text boxes, content controls, insertions and deletions, hidden text, fields, links, properties, custom XML, charts, diagrams, alternative text and chunks, embedded files",
    leaves: "pictures, macro code, themes, styles",
    recognise,
    read,
};

fn recognise(input: &mut Input<'_>) -> bool {
    ooxml::kind(input) == Some(Kind::Word)
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut package = Package::open(input)?;
    let main = package.main(output);
    if let Some(main) = main {
        package.read(main, output, part)?;
    }
    while let Some(index) = package.unread() {
        package.read(index, output, part)?;
    }
    package.end(main)
}

/// Gives the text of a document that is no package: paragraphs and tables are those of one.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read_flow(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    flow::read(xml, output)
}

/// Reads a part by its first element.
fn part(name: &str, root: &str, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let field = match root {
        "document" => return flow::read(xml, output),
        "hdr" => "header",
        "ftr" => "footer",
        "footnotes" => "footnote",
        "endnotes" => "endnote",
        "comments" => "comment",
        "glossaryDocument" => "glossary",
        "txbx" => "text box",
        "settings" => return variables(xml, output),
        _ => return ooxml::read(name, root, xml, output),
    };
    output.field(field, |output| flow::read(xml, output))
}

/// Gives the variables that programs keep in a document which they fill in.
fn variables(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut variables = Asides::default();
    let reading = keep_variables(xml, &mut variables);
    variables.give(output)?;
    reading
}

fn keep_variables(xml: &mut Xml<'_>, variables: &mut Asides) -> Reading {
    while let Some(event) = xml.next()? {
        if let Event::Start(tag) = event
            && tag.name == "docVar"
        {
            let value = |name| tag.attribute(name).unwrap_or_default();
            variables.keep("document variable", Place::Whole, &[value("name"), value("val")].join(": "));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::{package, told};

    fn part(root: &str, text: &str) -> String {
        format!("<w:{root} xmlns:w='urn:w'><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{root}>")
    }

    #[test]
    fn each_part_is_known_by_its_first_element() {
        let roots = [
            ("ftr", "footer"),
            ("hdr", "header"),
            ("footnotes", "footnote"),
            ("endnotes", "endnote"),
            ("comments", "comment"),
            ("glossaryDocument", "glossary"),
        ];
        for (root, field) in roots {
            let told =
                told(package(&[("word/x.xml", &part(root, "x")), ("word/document.xml", &part("document", "y"))]));
            assert_eq!(told.format, "docx");
            assert_eq!(told.lines, ["paragraph 1: y".to_owned(), format!("{field} › paragraph 1: x")]);
        }
    }

    #[test]
    fn the_main_part_is_found_wherever_it_lies() {
        let types = "<Types><Override PartName='/w/d.xml' ContentType='application/vnd.ms-word.template.\
                     macroEnabledTemplate.main+xml'/></Types>";
        let links = "<Relationships><Relationship Type='http://purl.oclc.org/ooxml/officeDocument/relationships/\
                     officeDocument' Target='/w/d.xml'/></Relationships>";
        let document = part("document", "x");
        let parts = [("[Content_Types].xml", types), ("_rels/.rels", links), ("w\\d.xml", document.as_str())];
        let told = told(package(&parts));
        assert_eq!((told.format, told.problems), ("docx", vec![]));
        assert_eq!(told.lines, ["paragraph 1: x"]);
    }

    #[test]
    fn embedded_files_are_read_and_pictures_passed_over() {
        let inner = package(&[("word/document.xml", part("document", "070761-4285").as_bytes())]);
        let document = part("document", "x");
        let told = told(package(&[
            ("word/document.xml", document.as_bytes()),
            ("word/media/image1.png", b"\x89PNG\r\n\x1a\n"),
            ("word/embeddings/Dokument1.docx", &inner),
        ]));
        assert_eq!(told.problems, Vec::<String>::new());
        assert_eq!(
            told.lines,
            [
                "paragraph 1: x",
                "word/embeddings/Dokument1.docx › name: word/embeddings/Dokument1.docx",
                "word/embeddings/Dokument1.docx › paragraph 1: 070761-4285",
            ]
        );
    }

    #[test]
    fn variables_and_links_are_given() {
        let document = part("document", "x");
        let settings = "<w:settings><w:docVars><w:docVar w:name='cpr' w:val='070761-4285'/></w:docVars></w:settings>";
        let links = "<Relationships><Relationship Type='x/styles' Target='styles.xml'/>\
                     <Relationship Type='x/hyperlink' Target='https://x.dk/1' TargetMode='External'/></Relationships>";
        let told = told(package(&[
            ("word/document.xml", document.as_str()),
            ("word/settings.xml", settings),
            ("word/_rels/document.xml.rels", links),
        ]));
        assert_eq!(told.lines, ["paragraph 1: x", "document variable: cpr: 070761-4285", "hyperlink: https://x.dk/1"]);
    }
}
