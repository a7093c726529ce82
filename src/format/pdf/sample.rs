//! Small documents for the tests, and what is read of them.

use std::sync::Arc;

use super::FORMAT;
use crate::format::{Input, Limits, Output};
use crate::model::{Location, Place, Places, Sink, Text};

/// A document that is put together object by object.
pub struct Sample {
    objects: Vec<Vec<u8>>,
    catalog: String,
    trailer: String,
}

/// The catalog, the page tree, and Helvetica as `F`.
const FIXED: usize = 3;

impl Sample {
    /// A document with a page for each of these contents.
    pub fn pages(contents: &[&str]) -> Self {
        let mut sample = Self { objects: vec![Vec::new(); FIXED], catalog: String::new(), trailer: String::new() };
        let pages: Vec<String> = contents
            .iter()
            .map(|content| {
                let content = sample.stream("", content.as_bytes());
                let resources = "/Font<</F 3 0 R>>";
                let page = format!("<</Type/Page/Parent 2 0 R/Contents {content} 0 R/Resources<<{resources}>>>>");
                format!("{} 0 R", sample.object(&page))
            })
            .collect();
        sample.objects[1] = format!("<</Type/Pages/Kids[{}]/Count {}>>", pages.join(" "), pages.len()).into_bytes();
        sample.objects[2] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec();
        sample
    }

    /// A document with one page that shows these words.
    pub fn words(words: &str) -> Self {
        Self::pages(&[&format!("BT /F 10 Tf 50 700 Td ({words}) Tj ET")])
    }

    /// Adds an object and gives its number.
    pub fn object(&mut self, object: &str) -> usize {
        self.objects.push(object.as_bytes().to_vec());
        self.objects.len()
    }

    /// Says what the object of this number is.
    pub fn set(&mut self, number: usize, object: &str) {
        self.objects[number - 1] = object.as_bytes().to_vec();
    }

    /// Adds a stream and gives its number.
    pub fn stream(&mut self, entries: &str, data: &[u8]) -> usize {
        let head = format!("<<{entries}/Length {}>>\nstream\n", data.len());
        self.objects.push([head.as_bytes(), data, b"\nendstream"].concat());
        self.objects.len()
    }

    /// Adds entries to the catalog.
    pub fn catalog(mut self, entries: &str) -> Self {
        self.catalog.push_str(entries);
        self
    }

    /// Adds entries to the trailer.
    pub fn trailer(mut self, entries: &str) -> Self {
        self.trailer.push_str(entries);
        self
    }

    /// Replaces text in an object or in a page, of which there is one.
    pub fn with(mut self, from: &str, to: &str) -> Self {
        for object in &mut self.objects {
            if let Ok(text) = std::str::from_utf8(object) {
                *object = text.replace(from, to).into_bytes();
            }
        }
        self
    }

    /// The file.
    pub fn bytes(mut self) -> Vec<u8> {
        self.objects[0] = format!("<</Type/Catalog/Pages 2 0 R{}>>", self.catalog).into_bytes();
        let mut bytes = b"%PDF-1.7\n".to_vec();
        let mut offsets = String::new();
        for (object, number) in self.objects.iter().zip(1..) {
            offsets += &format!("{:010} 00000 n \n", bytes.len());
            bytes.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
        }
        let (at, size) = (bytes.len(), self.objects.len() + 1);
        bytes.extend(format!("xref\n0 {size}\n0000000000 65535 f \n{offsets}").as_bytes());
        bytes.extend(format!("trailer\n<</Size {size}/Root 1 0 R{}>>\n", self.trailer).as_bytes());
        bytes.extend(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        bytes
    }

    /// What is read of it.
    pub fn read(self) -> Told {
        Told::of(self.bytes())
    }
}

/// What is read of a document.
#[derive(Debug, Default)]
pub struct Told {
    /// Texts under their locations.
    pub texts: Vec<(String, String)>,
    /// Problems, as location and kind.
    pub problems: Vec<String>,
}

impl Told {
    /// Reads a file.
    pub fn of(bytes: Vec<u8>) -> Self {
        let mut told = Self::default();
        let limits = Limits { expanded_bytes: 8 << 20, parts: 1000, depth: 3, stop: Arc::default() };
        let (format, summary) = Output::new(&mut told, &limits).read(&mut Input::bytes(bytes));
        assert_eq!(format, FORMAT.name);
        told.problems = summary.problems.iter().map(|p| format!("{}: {:?}", p.location, p.kind)).collect();
        told
    }

    /// The text at a location; none is given twice.
    pub fn at(&self, location: &str) -> &str {
        self.texts.iter().find(|(at, _)| at == location).map_or("", |(_, text)| text)
    }

    /// The text of the first page.
    pub fn page(&self) -> &str {
        self.at("page 1")
    }
}

impl Sink for Told {
    fn text(&mut self, text: &Text<'_>) {
        let mut give = |place: Place, bytes: &[u8]| {
            let location = Location { parts: Arc::clone(text.parts), place };
            self.texts.push((location.to_string(), String::from_utf8_lossy(bytes).trim_end().to_owned()));
        };
        match text.places {
            Places::Lines(first) => give(Place::Line(first), text.bytes),
            Places::Marks(marks) => {
                let ends = marks.iter().skip(1).map(|mark| mark.offset).chain([text.bytes.len()]);
                marks.iter().zip(ends).for_each(|(mark, end)| give(mark.place, &text.bytes[mark.offset..end]));
            }
        }
    }
}
