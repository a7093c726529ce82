//! What other programs keep in a document as XML, such as what a case system knows of it. \[MS-OSHARED\] 2.3.6.

use std::io::BufReader;

use super::super::ooxml;
use super::super::xml::Xml;
use super::super::{Output, Reading};
use super::Compound;

/// The storage that holds a storage for each.
const STORE: &str = "MsoDataStore";

/// The stream of the XML itself; beside it stands what it is.
const ITEM: &str = "Item";

/// Gives the text and the attributes of each.
///
/// # Errors
/// When a limit was reached.
pub fn custom_xml(compound: &Compound<'_>, output: &mut Output<'_>) -> Reading {
    let storages = compound.path(&[STORE]).map(|store| compound.children(store)).unwrap_or_default();
    for item in storages.iter().filter_map(|&storage| compound.find_stream(storage, ITEM)) {
        output.attempt(|output| {
            let mut xml = Xml::new(output.meter(BufReader::new(compound.stream(item))));
            let root = xml.root()?.to_owned();
            ooxml::read("customxml/item.xml", &root, &mut xml, output)
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::told;
    use super::super::sample::compound;

    #[test]
    fn xml_of_other_programs_is_given() {
        let stream = [&[9, 8, 8, 0, 0, 6, 0x10, 0, 0, 0, 0, 0][..], &[0x0a, 0, 0, 0]].concat();
        let told = told(compound(&[
            ("MsoDataStore/A/Item", b"<sag cpr='070761-4285'><navn>Karla</navn></sag>"),
            ("MsoDataStore/A/Properties", b"<x/>"),
            ("Workbook", &stream),
        ]));
        assert_eq!(told.lines, ["custom xml: 070761-4285", "custom xml: Karla"]);
    }
}
