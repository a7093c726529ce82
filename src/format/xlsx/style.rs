//! The formats of the numbers of a workbook.

use std::collections::HashMap;

use super::super::Reading;
use super::super::book::number::NumberFormat;
use super::super::xml::{Event, Tag, Xml};

/// Appends how numbers are shown, by the style of a cell.
///
/// # Errors
/// As [`Xml::next`]; what stood before is there.
pub fn read(xml: &mut Xml<'_>, formats: &mut Vec<NumberFormat>) -> Reading {
    let mut own = HashMap::new();
    let mut among_cells = false;
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) => match tag.name {
                "numFmt" => {
                    let code = tag.attribute("formatCode").unwrap_or_default();
                    own.insert(number(&tag), NumberFormat::parse(&code));
                }
                "cellXfs" => among_cells = true,
                "xf" if among_cells => {
                    let number = number(&tag);
                    formats.push(own.get(&number).cloned().unwrap_or_else(|| NumberFormat::built_in(number)));
                }
                _ => {}
            },
            Event::End("cellXfs") => among_cells = false,
            Event::End(_) | Event::Text(_) | Event::Other => {}
        }
    }
    Ok(())
}

fn number(tag: &Tag<'_>) -> u32 {
    tag.attribute("numFmtId").and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_those_of_cells_in_their_order() {
        let styles = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='000000\\-0000'/></numFmts>\
                      <cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>\
                      <cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='14'/><xf/></cellXfs>\
                      <dxfs><dxf><numFmt numFmtId='0' formatCode='d'/></dxf></dxfs></styleSheet>";
        let mut formats = Vec::new();
        read(&mut Xml::new(styles.as_bytes()), &mut formats).unwrap();
        let date = NumberFormat::Date { day: true, time: false };
        assert_eq!(formats, [NumberFormat::Plain, NumberFormat::parse("000000-0000"), date, NumberFormat::Plain]);
    }
}
