//! Files that are embedded, written as digits in the format of OLE 1.

use std::borrow::Cow;

use super::super::code_page::decode;
use super::super::little::Little;
use super::super::ole::packaged;
use super::super::{Input, Output, Reading};
use crate::model::{PartKind, Place, ProblemKind};

/// An object that is read. [MS-OLEDS] 2.2.4 and 2.2.5.
#[derive(Default)]
pub struct Object {
    bytes: Vec<u8>,
    /// The first digit of a byte whose second did not come yet.
    half: Option<u8>,
}

/// Formats of an object by its header.
const LINKED: u32 = 1;
const EMBEDDED: u32 = 2;
/// Nothing but a picture of it, or not even that.
const PICTURES: [u32; 2] = [0, 5];

impl Object {
    /// What was read of it.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Appends bytes that are written as digits. What is no digit only lays out the file.
    pub fn push_hex(&mut self, text: &[u8]) {
        for digit in text.iter().filter_map(|b| char::from(*b).to_digit(16)) {
            let digit = digit as u8;
            match self.half.take() {
                Some(high) => self.bytes.push(high << 4 | digit),
                None => self.half = Some(digit),
            }
        }
    }

    /// Gives the file that it holds as a member; of one that lies elsewhere, where. `class` is what the document says.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn give(self, class: &str, output: &mut Output<'_>) -> Reading {
        if self.bytes.is_empty() {
            return Ok(());
        }
        match parse(&self.bytes) {
            Some(Parsed::Embedded { name, data }) => {
                let name = if name.is_empty() { class } else { &name };
                output.member(PartKind::Member, name.as_bytes(), Ok(Input::bytes(data.to_vec())))
            }
            Some(Parsed::Linked(path)) => output.field("hyperlink", |output| {
                output.at(Place::Whole)?;
                output.push(&String::from_utf8_lossy(path))
            }),
            Some(Parsed::Picture) => Ok(()),
            None => output.unread_member(PartKind::Member, class.as_bytes(), ProblemKind::Damaged),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Parsed<'b> {
    Embedded { name: Cow<'b, str>, data: &'b [u8] },
    Linked(&'b [u8]),
    Picture,
}

fn parse(bytes: &[u8]) -> Option<Parsed<'_>> {
    let mut rest = Little(bytes);
    let _version = rest.u32()?;
    let format = rest.u32()?;
    let class = string(&mut rest)?;
    if PICTURES.contains(&format) {
        return Some(Parsed::Picture);
    }
    let topic = string(&mut rest)?;
    let _item = string(&mut rest)?;
    match format {
        LINKED => return Some(Parsed::Linked(topic)),
        EMBEDDED => {}
        _ => return None,
    }
    let length = rest.size()?;
    let data = &rest.0[..length.min(rest.0.len())];
    let packaged = if class == b"Package" { packaged(data) } else { None };
    let (name, data) = packaged.unwrap_or_else(|| (decode(class, 1252), data));
    Some(Parsed::Embedded { name, data })
}

/// A text behind its length, without the zero that ends it.
fn string<'b>(rest: &mut Little<'b>) -> Option<&'b [u8]> {
    let length = rest.size()?;
    let text = rest.take(length)?;
    Some(text.strip_suffix(b"\0").unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(format: u32, class: &str, data: &[u8]) -> Vec<u8> {
        let string = |text: &str| match text.len() {
            0 => vec![0; 4],
            length => [&(length as u32 + 1).to_le_bytes()[..], text.as_bytes(), &[0]].concat(),
        };
        let mut bytes = [&0x501_u32.to_le_bytes()[..], &format.to_le_bytes()].concat();
        bytes.extend([string(class), string("C:\\brev.doc"), string("")].concat());
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn a_packaged_file_is_found_by_its_name() {
        let file = b"070761-4285";
        let mut wrapped = b"\x02\0brev.txt\0C:\\brev.txt\0\0\0\x03\0\x04\0\0\0C:\\\0".to_vec();
        wrapped.extend((file.len() as u32).to_le_bytes());
        wrapped.extend(file);
        let bytes = object(EMBEDDED, "Package", &wrapped);
        assert_eq!(parse(&bytes), Some(Parsed::Embedded { name: "brev.txt".into(), data: file }));
        assert_eq!(
            parse(&object(EMBEDDED, "Word.Document.8", b"x")),
            Some(Parsed::Embedded { name: "Word.Document.8".into(), data: b"x" })
        );
        assert_eq!(parse(&object(LINKED, "Package", b"")), Some(Parsed::Linked(b"C:\\brev.doc")));
    }

    #[test]
    fn what_is_cut_is_no_object() {
        let bytes = object(EMBEDDED, "Package", b"\x02\0brev");
        assert!((0..bytes.len() - 6).all(|end| parse(&bytes[..end]).is_none_or(|_| end > 30)));
    }
}
