//! DICOM: what stands about the patient before the pixels.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::{pixels, text};
use crate::format::input::problem_kind;
use crate::format::{Format, Input, Output, Reading, Weight};
use crate::model::{Encoding, ProblemKind};

pub const FORMAT: Format = Format {
    name: "dicom",
    version: 1,
    weight: Weight::Heavy,
    reads: "names, numbers and descriptions of patient, study and series",
    leaves: "text in the picture; told as `image without ocr`",
    recognise: |input| input.head().get(128..132) == Some(b"DICM"),
    read,
};

/// Longest value that is read, in bytes; longer ones are no text.
const VALUE_BYTES: u32 = 1024 * 1024;

/// What elements are, by group and number. DICOM PS3.6.
const LABELS: &[((u16, u16), &str)] = &[
    ((0x0008, 0x0050), "accession number"),
    ((0x0008, 0x0090), "referring physician"),
    ((0x0008, 0x1030), "study"),
    ((0x0008, 0x103e), "series"),
    ((0x0010, 0x0010), "patient name"),
    ((0x0010, 0x0020), "patient id"),
    ((0x0010, 0x1000), "patient id"),
    ((0x0010, 0x1001), "patient name"),
    ((0x0010, 0x1040), "patient address"),
    ((0x0010, 0x21b0), "patient history"),
    ((0x0010, 0x4000), "patient comments"),
    ((0x0020, 0x4000), "comments"),
    ((0x0032, 0x1060), "procedure"),
    ((0x0040, 0x0254), "procedure"),
];

/// Kinds of values that hold words, and numbers of persons.
const WORDS: &[&[u8; 2]] = &[b"PN", b"LO", b"SH", b"LT", b"ST", b"UT", b"UC"];

/// How elements are written. DICOM PS3.5, annex A.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Syntax {
    explicit: bool,
    big: bool,
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut file = input.seekable()?;
    output.field("metadata", |output| {
        let mut preamble = [0; 132];
        file.read_exact(&mut preamble).map_err(|error| problem_kind(&error))?;
        let mut head = Elements { source: &mut file, syntax: Syntax { explicit: true, big: false }, held: None };
        let mut syntax = String::new();
        while let Some(element) = head.next()? {
            if element.tag.0 != 2 {
                head.held = Some(element);
                break;
            }
            let value = head.value(element.length)?;
            if element.tag == (2, 0x10) {
                syntax = String::from_utf8_lossy(&value).trim_end_matches(['\0', ' ']).to_owned();
            }
        }
        let held = head.held.take();
        match syntax.as_str() {
            // What is deflated begins behind the head, where the first eight bytes were taken for an element.
            "1.2.840.10008.1.2.1.99" => {
                let taken = held.map(|element| element.written).unwrap_or_default();
                let mut inflated = output.meter(DeflateDecoder::new(taken.chain(&mut file)));
                let mut elements =
                    Elements { source: &mut inflated, syntax: Syntax { explicit: true, big: false }, held: None };
                data(&mut elements, output)
            }
            name => {
                let syntax = Syntax { explicit: name != "1.2.840.10008.1.2", big: name == "1.2.840.10008.1.2.2" };
                let taken = held.map(|element| element.written).unwrap_or_default();
                let mut rest = taken.chain(&mut file);
                data(&mut Elements { source: &mut rest, syntax, held: None }, output)
            }
        }
    })?;
    pixels(output)
}

/// Gives the words of all elements up to the pixels.
fn data(elements: &mut Elements<'_>, output: &mut Output<'_>) -> Reading {
    let mut is_utf8 = false;
    while let Some(element) = elements.next()? {
        output.push("")?;
        match element.tag {
            // The pixels, or what does not hold any more.
            (0x7fe0 | 0xffff, _) => break,
            // Items of a list: what is in them follows.
            (0xfffe, _) => continue,
            _ => {}
        }
        let is_list = element.kind == *b"SQ" || element.length == u32::MAX;
        if is_list {
            continue;
        }
        let known = LABELS.iter().find(|(tag, _)| *tag == element.tag).map(|(_, label)| *label);
        let is_words = WORDS.contains(&&element.kind) || element.kind == [0, 0] && known.is_some();
        if element.tag == (0x0008, 0x0005) {
            is_utf8 = elements.value(element.length)?.windows(3).any(|name| name == b"192");
        } else if is_words && element.length <= VALUE_BYTES {
            let value = elements.value(element.length)?;
            let encoding = if is_utf8 { Encoding::Utf8 } else { Encoding::Windows1252 };
            let mut words = String::new();
            encoding.decode_into(&value, &mut words);
            text(known.unwrap_or("text"), &words.replace('^', " "), output)?;
        } else {
            elements.skip(element.length)?;
        }
    }
    Ok(())
}

/// The head of an element.
struct Element {
    tag: (u16, u16),
    /// Two letters, or zeros where they are not written.
    kind: [u8; 2],
    length: u32,
    /// Its bytes.
    written: std::io::Cursor<Vec<u8>>,
}

/// The elements of a data set, one behind the other whatever they stand in.
struct Elements<'r> {
    source: &'r mut dyn Read,
    syntax: Syntax,
    held: Option<Element>,
}

impl Elements<'_> {
    /// The next head; none at the end.
    fn next(&mut self) -> Result<Option<Element>, ProblemKind> {
        let mut written = self.value(8)?;
        let &[a, b, c, d, e, f, g, h] = written.as_slice() else { return Ok(None) };
        let syntax = self.syntax;
        let short = |bytes| if syntax.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
        let long = |bytes| if syntax.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        let tag = (short([a, b]), short([c, d]));
        let (kind, length) = match [e, f] {
            _ if tag.0 == 0xfffe || !self.syntax.explicit => ([0, 0], long([e, f, g, h])),
            // These have two bytes of nothing and a length of four bytes.
            kind if b"OB OW OF OD OL OV SQ UC UR UT UN SV UV".chunks(3).any(|known| known.starts_with(&kind)) => {
                let more = self.value(4)?;
                let length = more.first_chunk().map_or(0, |bytes| long(*bytes));
                written.extend(more);
                (kind, length)
            }
            kind => (kind, u32::from(short([g, h]))),
        };
        Ok(Some(Element { tag, kind, length, written: std::io::Cursor::new(written) }))
    }

    /// The value of an element, as far as it goes.
    fn value(&mut self, bytes: u32) -> Result<Vec<u8>, ProblemKind> {
        let mut value = Vec::new();
        let limit = u64::from(bytes.min(VALUE_BYTES));
        (&mut *self.source).take(limit).read_to_end(&mut value).map_err(|error| problem_kind(&error))?;
        self.skip(bytes.saturating_sub(VALUE_BYTES))?;
        Ok(value)
    }

    fn skip(&mut self, bytes: u32) -> Reading {
        let mut rest = (&mut *self.source).take(bytes.into());
        std::io::copy(&mut rest, &mut std::io::sink()).map_err(|error| problem_kind(&error))?;
        Ok(())
    }
}
