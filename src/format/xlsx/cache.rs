//! Copies of data that a workbook keeps: of the source of a pivot table, and of cells in other workbooks.

use super::super::book::number;
use super::super::book::pivot::Pivot;
use super::super::xml::{Event, Tag, Xml};
use super::super::{Output, Reading};
use super::sheet::position;
use crate::model::{Place, TableCell};

/// Gives the names of the columns and the values that its records share.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read_definition(pivot: &mut Pivot, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        match tag.name {
            "cacheField" => pivot.begin_column(&tag.attribute("name").unwrap_or_default(), output)?,
            name if is_value(name) => pivot.give_shared(&value(&tag), output)?,
            _ => {}
        }
    }
    Ok(())
}

/// Gives the records below what was given before. Values that they share stand there already.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read_records(pivot: &mut Pivot, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    pivot.begin_records();
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        match tag.name {
            "r" => pivot.begin_record(),
            "x" => pivot.give_next("", output)?,
            name if is_value(name) => pivot.give_next(&value(&tag), output)?,
            _ => {}
        }
    }
    Ok(())
}

/// What a value shows.
fn value(tag: &Tag<'_>) -> String {
    let value = tag.attribute("v").unwrap_or_default();
    match tag.name {
        "s" => value.into_owned(),
        "d" => value.trim_end_matches("T00:00:00").to_owned(),
        "n" => {
            let mut shown = String::new();
            number::show_plain(&value, &mut shown);
            shown
        }
        _ => String::new(),
    }
}

/// A text, number, date, truth value, error or nothing.
fn is_value(name: &str) -> bool {
    matches!(name, "s" | "n" | "d" | "b" | "e" | "m")
}

/// Gives the cells of other workbooks that this one shows.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read_external(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut table = output.table();
    let mut place = None;
    let mut is_number = true;
    let mut value = String::new();
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) => match tag.name {
                "sheetData" => table = output.table(),
                "sheetName" => {
                    output.at(Place::Whole)?;
                    output.push(&tag.attribute("val").unwrap_or_default())?;
                }
                "cell" => {
                    place = tag.attribute("r").as_deref().and_then(position);
                    is_number = tag.attribute("t").is_none_or(|kind| kind == "n");
                }
                "v" => {
                    value.clear();
                    xml.text_into(&mut value)?;
                    let mut shown = String::new();
                    if is_number {
                        number::show_plain(&value, &mut shown);
                    } else {
                        shown.push_str(&value);
                    }
                    if let Some((row, column)) = place {
                        output.cell(Place::Cell(row, column), TableCell { table, row, column })?;
                        output.push(&shown)?;
                    }
                }
                _ => {}
            },
            Event::End(_) | Event::Text(_) | Event::Other => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::{package, told};

    #[test]
    fn the_source_of_a_pivot_table_is_one_table_with_its_headings() {
        let told = told(package(&[
            (
                "xl/pivotCacheRecords1.xml",
                "<pivotCacheRecords><r><x v='0'/><n v='1.01801234E8'/></r></pivotCacheRecords>",
            ),
            ("xl/workbook.xml", "<workbook/>"),
            (
                "xl/_rels/workbook.xml.rels",
                "<Relationships><Relationship Type='x/pivotCacheDefinition' Target='p.xml'/></Relationships>",
            ),
            (
                "xl/p.xml",
                "<pivotCacheDefinition><cacheField name='Cpr'><sharedItems><s v='070761-4285'/></sharedItems>\
                 </cacheField><cacheField name='Dato'><d v='2019-03-12T00:00:00'/></cacheField></pivotCacheDefinition>",
            ),
            (
                "xl/_rels/p.xml.rels",
                "<Relationships><Relationship Type='x/pivotCacheRecords' Target='pivotCacheRecords1.xml'/></Relationships>",
            ),
        ]));
        assert_eq!(told.problems, [""; 0]);
        assert_eq!(
            told.lines,
            [
                "pivot cache › A1: Cpr",
                "pivot cache › A2: 070761-4285",
                "pivot cache › B1: Dato",
                "pivot cache › B2: 2019-03-12",
                "pivot cache › B3: 101801234",
            ]
        );
        assert!(told.cells.iter().all(|(table, ..)| *table == 1));
    }

    #[test]
    fn cells_of_other_workbooks_are_given() {
        let link = "<externalLink><sheetName val='Ark 9'/><sheetData><row><cell r='B2' t='str'><v>070761-4285</v></cell>\
                    <cell r='C2'><v>3.01116707E9</v></cell></row></sheetData></externalLink>";
        let told = told(package(&[("xl/workbook.xml", "<workbook/>"), ("xl/externalLinks/externalLink1.xml", link)]));
        assert_eq!(
            told.lines,
            ["external link: Ark 9", "external link › B2: 070761-4285", "external link › C2: 3011167070"]
        );
    }
}
