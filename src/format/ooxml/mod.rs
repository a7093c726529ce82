//! What all packages of Office Open XML share: finding their parts, and the parts that no format of its own reads.
//!
//! A part is known by its first element, not by its name. To read one more kind, give it a row in `read`.

mod aside;
mod drawing;
mod package;
mod property;
#[cfg(test)]
pub mod sample;

pub use aside::{Asides, Written};
pub use drawing::Drawing;
pub use package::{Kind, Package, kind};

use super::xml::Xml;
use super::{Output, Reading};
use crate::model::Place;

/// Reads a part of a kind that all packages share; `root` is its first element, `name` where it lies.
///
/// # Errors
/// When a limit of the whole file was reached.
pub fn read(name: &str, root: &str, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    match root {
        "" | "Types" | "datastoreItem" | "Signature" => Ok(()),
        "theme" | "themeManager" | "themeOverride" | "officeStyleSheet" => Ok(()),
        "styles" | "styleSheet" | "settings" | "webSettings" | "fonts" | "numbering" => Ok(()),
        "chartStyle" | "colorStyle" | "colorsDef" | "styleDef" | "layoutDef" => Ok(()),
        // Word and Excel keep a picture of each diagram in this part, with the text of its `dataModel`.
        "drawing" => Ok(()),
        "Relationships" => links(xml, output),
        "coreProperties" | "CoreProperties" | "Properties" => {
            output.field("document property", |output| property::document(xml, output))
        }
        "chartSpace" => Drawing::new("chart", &["t", "v", "pt"]).read(xml, output),
        "dataModel" => Drawing::new("diagram", &["t"]).read(xml, output),
        "wsDr" | "userShapes" => Drawing::new("drawing", &["t"]).read(xml, output),
        "xml" => Drawing::new("drawing", &["textbox"]).read(xml, output),
        "ocx" | "formControlPr" => output.field("form control", |output| property::any(xml, output)),
        _ if name.starts_with("customxml/") => output.field("custom xml", |output| property::any(xml, output)),
        _ => output.field("other part", |output| property::text(xml, output)),
    }
}

/// Gives what the relationships of a part name outside the package: links, templates, linked workbooks.
fn links(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut links = Vec::new();
    let reading = package::relationships(xml, &mut links);
    links.retain(|link| link.external);
    if links.is_empty() && reading.is_ok() {
        return Ok(());
    }
    output.field("hyperlink", |output| {
        for link in &links {
            output.at(Place::Whole)?;
            output.push(&link.target)?;
        }
        reading
    })
}

#[cfg(test)]
mod tests {
    use super::sample::{package, told};

    /// What is read of a part beside an empty document.
    fn lines(name: &str, xml: &str) -> Vec<String> {
        let told = told(package(&[("word/document.xml", "<w:document/>"), (name, xml)]));
        assert_eq!(told.problems, Vec::<String>::new(), "{xml}");
        told.lines
    }

    #[test]
    fn properties_that_a_person_fills_in_are_given() {
        let core = "<cp:coreProperties><dc:title>070761-4285</dc:title><dc:creator/><cp:revision>12</cp:revision>\
                    <dcterms:created>2019-03-12T00:00:00Z</dcterms:created></cp:coreProperties>";
        let custom = "<Properties><property name='Cpr'><vt:lpwstr>070761-4285</vt:lpwstr></property>\
                      <property name='Dato'><vt:filetime>2019-03-12T00:00:00Z</vt:filetime></property>\
                      <Company>Kommunen</Company><Application>Word</Application><Pages>7</Pages></Properties>";
        assert_eq!(lines("docProps/core.xml", core), ["document property: 070761-4285"]);
        assert_eq!(
            lines("docProps/custom.xml", custom),
            ["document property: Cpr: 070761-4285", "document property: Dato:", "document property: Kommunen"]
        );
    }

    #[test]
    fn xml_of_other_programs_is_given_with_its_attributes() {
        let item = "<sag xmlns='urn:1234567890' cpr='070761-4285'><navn>Karla</navn> <adr/></sag>";
        assert_eq!(lines("customXml/item1.xml", item), ["custom xml: 070761-4285", "custom xml: Karla"]);
        assert_eq!(lines("word/x.xml", "<x a='1'><b>2</b><b>3</b></x>"), ["other part: 2", "other part: 3"]);
    }

    #[test]
    fn charts_and_diagrams_are_given_paragraph_by_paragraph() {
        let chart = "<c:chartSpace><a:p><a:r><a:t>0707</a:t></a:r><a:r><a:t>61-4285</a:t></a:r></a:p>\
                     <c:cat><c:f>Ark1!$A$1</c:f><c:pt><c:v>a</c:v></c:pt><c:pt><c:v>b</c:v></c:pt></c:cat></c:chartSpace>";
        assert_eq!(lines("word/charts/chart1.xml", chart), ["chart: 070761-4285", "chart: a", "chart: b"]);
        let diagram = "<dgm:dataModel><dgm:t><a:p><a:r><a:t>x</a:t></a:r></a:p></dgm:t></dgm:dataModel>";
        assert_eq!(lines("word/diagrams/data1.xml", diagram), ["diagram: x"]);
        assert_eq!(lines("word/diagrams/drawing1.xml", &diagram.replace("dataModel", "drawing")), [""; 0]);
    }

    #[test]
    fn shapes_of_old_programs_are_read_though_their_tags_do_not_match() {
        let shapes = "<xml><v:shape alt='Karla'><v:textbox><div><font>0707</font>61-4285<br></div></v:textbox>\
                      <x:ClientData><x:Anchor>1, 2</x:Anchor></x:ClientData></v:shape></xml>";
        assert_eq!(lines("word/vmlDrawing1.vml", shapes), ["drawing: 070761-4285", "alternative text: Karla"]);
    }

    #[test]
    fn themes_styles_and_fonts_are_not_read() {
        for root in ["a:theme", "w:styles", "w:fonts", "styleSheet", "ds:datastoreItem"] {
            assert_eq!(lines("word/x.xml", &format!("<{root}><a>070761-4285</a></{root}>")), [""; 0], "{root}");
        }
    }
}
