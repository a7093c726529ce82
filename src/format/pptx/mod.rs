//! PowerPoint presentations: the slides in their order, each with what belongs to it.

mod slide;

use super::ooxml::{self, Asides, Kind, Package};
use super::xml::{Event, Xml};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, Place, ProblemKind};
use slide::Prompts;

pub const FORMAT: Format = Format {
    name: "pptx",
    version: 1,
    weight: Weight::Heavy,
    reads: "slides in their order with tables, groups, notes, comments, charts, diagrams, headers, footers, links, alternative text, masters, properties, embedded files",
    leaves: "pictures, macro code, themes, prompts of layouts",
    recognise,
    read,
};

/// Steps from a slide to what belongs to it: a chart, the shapes on that.
const STEPS: u8 = 4;

/// Relationships to parts that belong to the part that names them.
const BESIDE: &[&str] = &[
    "notesSlide",
    "comments",
    "chart",
    "chartEx",
    "chartUserShapes",
    "diagramData",
    "vmlDrawing",
    "tags",
    "package",
    "oleObject",
];

fn recognise(input: &mut Input<'_>) -> bool {
    ooxml::kind(input) == Some(Kind::PowerPoint)
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut package = Package::open(input)?;
    let main = package.main(output);
    if let Some(main) = main {
        read_presentation(&mut package, main, output)?;
    }
    while let Some(part) = package.unread() {
        package.read(part, output, |name, root, xml, output| match root {
            // One that the presentation does not name.
            "sld" => output.part(PartKind::Slide, name.as_bytes(), |output| slide::read(xml, Prompts::Read, output)),
            _ => self::part(name, root, xml, output),
        })?;
    }
    package.end(main)
}

/// Reads the main part, and the slides in the order that it names them, with all that belongs to each.
fn read_presentation(package: &mut Package<'_>, main: usize, output: &mut Output<'_>) -> Reading {
    let mut slides = Vec::new();
    let mut names = Asides::default();
    package.read(main, output, |_, _, xml, _| read_main(xml, &mut slides, &mut names))?;
    let links = package.relationships(main, output);
    for (number, id) in (1_u32..).zip(&slides) {
        let link = links.iter().find(|link| link.id == *id);
        let part = link.and_then(|link| package.target(main, link));
        output.part(PartKind::Slide, format!("slide {number}").as_bytes(), |output| match part {
            Some(part) => read_part(package, part, 0, output),
            None => Err(ProblemKind::Damaged),
        })?;
    }
    names.give(output)
}

/// Reads what the main part says: which slides there are, and what persons call them.
fn read_main(xml: &mut Xml<'_>, slides: &mut Vec<String>, names: &mut Asides) -> Reading {
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        match tag.name {
            "sldId" => {
                // The number of a slide is called `id` too, but without a prefix.
                let id = tag.prefixed_attributes().find(|(name, _)| name.ends_with(":id"));
                slides.extend(id.map(|(_, id)| id.into_owned()));
            }
            "section" | "custShow" => {
                names.keep("section", Place::Whole, &tag.attribute("name").unwrap_or_default());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads a part of a slide and those that belong to it, unless it was read.
fn read_part(package: &mut Package<'_>, part: usize, steps: u8, output: &mut Output<'_>) -> Reading {
    if package.is_read(part) {
        return Ok(());
    }
    package.read(part, output, self::part)?;
    if steps == STEPS {
        return Ok(());
    }
    let links = package.relationships_of(part);
    for target in package.targets(part, BESIDE, output).into_iter().chain(links) {
        read_part(package, target, steps + 1, output)?;
    }
    Ok(())
}

/// Reads a part by its first element.
fn part(name: &str, root: &str, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    match root {
        "sld" => slide::read(xml, Prompts::Read, output),
        "notes" => output.field("notes", |output| slide::read(xml, Prompts::Read, output)),
        "sldLayout" | "sldMaster" | "notesMaster" | "handoutMaster" => {
            output.field("slide master", |output| slide::read(xml, Prompts::PassedOver, output))
        }
        "cmLst" => output.field("comment", |output| slide::read(xml, Prompts::Read, output)),
        "cmAuthorLst" | "authorLst" => written(xml, "comment author", &["name"], output),
        "tagLst" => written(xml, "tag", &["name", "val"], output),
        "presentation" | "viewPr" | "tblStyleLst" | "presentationPr" | "revInfo" => Ok(()),
        _ => ooxml::read(name, root, xml, output),
    }
}

/// Gives these attributes of all elements.
fn written(xml: &mut Xml<'_>, field: &'static str, attributes: &[&str], output: &mut Output<'_>) -> Reading {
    let mut asides = Asides::default();
    let reading = loop {
        match xml.next() {
            Ok(Some(Event::Start(tag))) => {
                let values = attributes.iter().filter_map(|attribute| tag.attribute(attribute));
                asides.keep(field, Place::Whole, &values.collect::<Vec<_>>().join(": "));
            }
            Ok(Some(_)) => {}
            Ok(None) => break Ok(()),
            Err(kind) => break Err(kind),
        }
    };
    asides.give(output)?;
    reading
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::{Told, package, told};

    const MAIN: &str = "<p:presentation xmlns:r='r'><p:sldIdLst><p:sldId id='257' r:id='r2'/><p:sldId id='256' r:id='r1'/>\
                        </p:sldIdLst></p:presentation>";
    const LINKS: &str = "<Relationships><Relationship Id='r1' Type='x/slide' Target='slides/slide1.xml'/>\
                         <Relationship Id='r2' Type='x/slide' Target='slides/slide2.xml'/></Relationships>";

    fn run(text: &str) -> String {
        format!("<a:r><a:rPr lang='da'/><a:t>{text}</a:t></a:r>")
    }

    fn shape(inner: &str) -> String {
        format!("<p:sp><p:nvSpPr><p:cNvPr id='1' name='Titel 1'/></p:nvSpPr><p:txBody>{inner}</p:txBody></p:sp>")
    }

    fn slide(inner: &str) -> String {
        format!("<p:sld><p:cSld><p:spTree>{inner}</p:spTree></p:cSld></p:sld>")
    }

    fn read(more: &[(&str, &str)]) -> Told {
        let one = slide(&shape(&format!("<a:p>{}</a:p>", run("one"))));
        let parts = [
            ("ppt/presentation.xml", MAIN),
            ("ppt/_rels/presentation.xml.rels", LINKS),
            ("ppt/slides/slide1.xml", &one),
        ];
        let told = told(package(&[&parts, more].concat()));
        assert_eq!((told.format, &*told.problems), ("pptx", &[][..]));
        told
    }

    #[test]
    fn slides_come_in_their_order_with_what_belongs_to_them() {
        let text = [run("070761-"), run("42"), run("85")].concat();
        let group = format!("<p:grpSp>{}</p:grpSp>", shape(&format!("<a:p>{text}<a:br/>{}</a:p><a:p/>", run("x"))));
        let cell = |text: &str| format!("<a:tc><a:txBody><a:p>{}</a:p></a:txBody></a:tc>", run(text));
        let table = format!("<a:tbl><a:tr>{}{}</a:tr><a:tr>{}</a:tr></a:tbl>", cell("a"), cell("b"), cell("c"));
        let picture = "<p:pic><p:cNvPr name='b.jpg' descr='Karla'/></p:pic>";
        let notes = format!("<p:notes>{}</p:notes>", shape(&format!("<a:p>{}</a:p>", run("n"))));
        let links = "<Relationships><Relationship Id='a' Type='x/notesSlide' Target='../notesSlides/n.xml'/>\
                     <Relationship Id='b' Type='x/comments' Target='../comments/c.xml'/>\
                     <Relationship Id='c' Type='x/hyperlink' Target='http://x' TargetMode='External'/></Relationships>";
        let told = read(&[
            ("ppt/slides/slide2.xml", &slide(&(group + &table + picture))),
            ("ppt/slides/_rels/slide2.xml.rels", links),
            ("ppt/notesSlides/n.xml", &notes),
            ("ppt/comments/c.xml", "<p:cmLst><p:cm><p:text>k</p:text></p:cm><p:cm><p:text>l</p:text></p:cm></p:cmLst>"),
        ]);
        assert_eq!(
            told.lines,
            [
                "slide 1 › name: slide 1",
                "slide 1 › paragraph 1: 070761-4285\nx",
                "slide 1 › paragraph 3: a",
                "slide 1 › paragraph 4: b",
                "slide 1 › paragraph 5: c",
                "slide 1 › alternative text › paragraph 5: Karla",
                "slide 1 › alternative text › paragraph 5: b.jpg",
                "slide 1 › notes › paragraph 1: n",
                "slide 1 › comment › paragraph 1: k",
                "slide 1 › comment › paragraph 2: l",
                "slide 1 › hyperlink: http://x",
                "slide 2 › name: slide 2",
                "slide 2 › paragraph 1: one",
            ]
        );
        assert_eq!(told.cells, [(1, 1, 1), (1, 1, 2), (1, 2, 1)]);
    }

    #[test]
    fn prompts_of_layouts_are_no_text_and_footers_are() {
        let prompt = |kind: &str, text: &str| {
            format!("<p:sp><p:nvPr><p:ph type='{kind}'/></p:nvPr><a:p>{}</a:p></p:sp>", run(text))
        };
        let layout = format!("<p:sldLayout>{}{}</p:sldLayout>", prompt("title", "Klik"), prompt("ftr", "F"));
        let told = read(&[("ppt/slides/slide2.xml", &slide("")), ("ppt/slideLayouts/l.xml", &layout)]);
        assert_eq!(told.lines.last().unwrap(), "slide master › paragraph 2: F");
    }
}
