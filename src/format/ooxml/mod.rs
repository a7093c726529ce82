//! What all packages of Office Open XML share: finding their parts, and the parts that no format of its own reads.
//!
//! A part is known by its first element, not by its name. To read one more kind, give it a row in `read`.

mod aside;
mod drawing;
mod package;
mod property;
mod salvage;

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
        "coreProperties" | "CoreProperties" | "Properties" => output.field("document property", |output| property::document(xml, output)),
        "chartSpace" => Drawing::new("chart", &["t", "v", "pt"]).read(xml, output),
        "dataModel" => Drawing::new("diagram", &["t"]).read(xml, output),
        "wsDr" | "userShapes" => Drawing::new("drawing", &["t"]).read(xml, output),
        "xml" => Drawing::new("drawing", &["textbox"]).read(xml, output),
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
