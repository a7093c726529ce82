//! Where in a file something stands: steps inward, then a position.

use std::fmt::{self, Display};
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::Shown;

/// Longest name of a part that is written, in characters.
const NAME_CHARS: usize = 255;

/// One step inward: a member of an archive, a sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Part {
    /// What it is a step into.
    pub kind: PartKind,
    /// Its name, blanked, at most 255 characters.
    pub name: Shown,
}

impl Part {
    /// A part by its raw name, which may hold numbers in the clear.
    pub fn new(kind: PartKind, name: &[u8]) -> Self {
        Self { kind, name: Shown::shortened(name, NAME_CHARS) }
    }
}

/// What a step leads into. A closed list: the names stand in the schema and are never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// A file in an archive or in a document.
    Member,
    /// A file attached to a mail or a pdf.
    Attachment,
    /// A sheet of a workbook.
    Sheet,
    /// A slide of a presentation.
    Slide,
    /// A named stretch outside the running text: a header, a comment, a document property, a form field.
    Field,
}

/// A position in a part. Counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The part as a whole.
    Whole,
    /// The name of the file, folder or part.
    Name,
    /// A line of text.
    Line(u64),
    /// A page.
    Page(u32),
    /// A paragraph, table cells counted as paragraphs.
    Paragraph(u32),
    /// Row and column of a sheet.
    Cell(u32, u32),
}

impl Place {
    /// What the position counts.
    fn unit(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Name => "name",
            Self::Line(_) => "line",
            Self::Page(_) => "page",
            Self::Paragraph(_) => "paragraph",
            Self::Cell(..) => "cell",
        }
    }
}

impl Serialize for Place {
    /// As `"whole"`, `"name"`, `{"line":3}` or `{"cell":[7,2]}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: u64 = match *self {
            Self::Whole => return serializer.serialize_str("whole"),
            Self::Name => return serializer.serialize_str("name"),
            Self::Cell(row, column) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("cell", &[row, column])?;
                return map.end();
            }
            Self::Line(number) => number,
            Self::Page(number) | Self::Paragraph(number) => number.into(),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.unit(), &number)?;
        map.end()
    }
}

/// Where in a file something stands: `sag.zip › liste.xlsx › Ark1!B7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Location {
    /// Steps inward, outermost first; none for the file itself.
    #[serde(serialize_with = "parts")]
    pub parts: Arc<[Part]>,
    /// The position in the innermost part.
    pub place: Place,
}

fn parts<S: Serializer>(parts: &Arc<[Part]>, serializer: S) -> Result<S::Ok, S::Error> {
    parts.as_ref().serialize(serializer)
}

impl Location {
    /// The file as a whole.
    pub fn whole() -> Self {
        Self { parts: Arc::from([]), place: Place::Whole }
    }

    /// True for the file as a whole.
    pub fn is_whole(&self) -> bool {
        self.parts.is_empty() && self.place == Place::Whole
    }
}

impl Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().enumerate() {
            let between = if i == 0 { "" } else { " › " };
            write!(f, "{between}{}", part.name)?;
        }
        let in_sheet = self.parts.last().is_some_and(|part| part.kind == PartKind::Sheet);
        match self.place {
            Place::Whole if self.parts.is_empty() => return f.write_str("whole"),
            Place::Whole => return Ok(()),
            Place::Cell(..) if in_sheet => f.write_str("!")?,
            _ if self.parts.is_empty() => {}
            _ => f.write_str(" › ")?,
        }
        match self.place {
            Place::Whole => Ok(()),
            Place::Name => f.write_str("name"),
            Place::Cell(row, column) => write!(f, "{}{row}", column_letters(column)),
            Place::Line(number) => write!(f, "line {number}"),
            Place::Page(number) | Place::Paragraph(number) => write!(f, "{} {number}", self.place.unit()),
        }
    }
}

/// The letters of a column counted from 1, as spreadsheets show them: `A`, `Z`, `AA`.
fn column_letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        column -= 1;
        letters.push(b'A' + (column % 26) as u8);
        column /= 26;
    }
    letters.reverse();
    String::from_utf8(letters).expect("letters are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(parts: &[(PartKind, &str)], place: Place) -> Location {
        Location { parts: parts.iter().map(|(kind, name)| Part::new(*kind, name.as_bytes())).collect(), place }
    }

    #[test]
    fn shows_steps_and_position() {
        use PartKind::{Member, Sheet};
        let steps = [(Member, "sag.zip"), (Member, "liste.xlsx"), (Sheet, "Ark1")];
        assert_eq!(at(&steps, Place::Cell(7, 2)).to_string(), "sag.zip › liste.xlsx › Ark1!B7");
        assert_eq!(at(&steps[..2], Place::Whole).to_string(), "sag.zip › liste.xlsx");
        assert_eq!(at(&steps[..1], Place::Line(3)).to_string(), "sag.zip › line 3");
        assert_eq!(at(&[], Place::Page(3)).to_string(), "page 3");
        assert_eq!(Location::whole().to_string(), "whole");
    }

    #[test]
    fn names_of_parts_are_blanked() {
        assert_eq!(at(&[(PartKind::Member, "070761-4285.txt")], Place::Whole).to_string(), "xxxxxx-xxxx.txt");
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([1, 26, 27, 52, 703].map(column_letters), ["A", "Z", "AA", "AZ", "AAA"]);
    }

    #[test]
    fn serialises_as_the_contract_says() {
        let json = serde_json::to_string(&at(&[(PartKind::Sheet, "Ark1")], Place::Cell(7, 2))).unwrap();
        assert_eq!(json, r#"{"parts":[{"kind":"sheet","name":"Ark1"}],"place":{"cell":[7,2]}}"#);
        assert_eq!(serde_json::to_string(&Place::Line(9)).unwrap(), r#"{"line":9}"#);
    }
}
