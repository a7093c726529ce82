//! What is embedded in a document: files, and documents of other programs.

use std::io::BufReader;

use super::super::code_page::decode;
use super::super::little::{u16_at, u32_at};
use super::super::{Input, Output, Reading};
use super::{Compound, Id};
use crate::model::PartKind;

/// Streams that hold a file as it lies.
const FILES: [&str; 4] = ["Package", "CONTENTS", "EmbeddedOdf", "package_stream"];

/// Streams that say that the storage is a document.
const DOCUMENTS: [&str; 6] =
    ["WordDocument", "Workbook", "Book", "PowerPoint Document", "VisioDocument", "__properties_version1.0"];

/// An embedded file, as programs before 2007 keep it.
const NATIVE: &str = "\u{1}Ole10Native";

/// Gives what each storage in a storage of objects embeds; they are numbered, for their own names are random.
///
/// # Errors
/// When a limit was reached.
pub fn objects(compound: &Compound<'_>, pool: Option<Id>, output: &mut Output<'_>) -> Reading {
    let storages = pool.map(|pool| compound.children(pool)).unwrap_or_default();
    for (i, &storage) in storages.iter().filter(|&&id| compound.is_storage(id)).enumerate() {
        object(compound, storage, &format!("object {}", i + 1), output)?;
    }
    Ok(())
}

/// Gives what a storage embeds, called `name`: the file in it, or itself when it is a document.
///
/// Pictures and formulas are passed over.
///
/// # Errors
/// When a limit was reached.
pub fn object(compound: &Compound<'_>, storage: Id, name: &str, output: &mut Output<'_>) -> Reading {
    let find = |name: &str| compound.find_stream(storage, name);
    if is_document(compound, storage) {
        let bytes = compound.storage_bytes(storage, output);
        return match bytes {
            Ok(bytes) => output.member(PartKind::Member, name.as_bytes(), Ok(Input::bytes(bytes))),
            Err(kind) => output.unread_member(PartKind::Member, name.as_bytes(), kind),
        };
    }
    if let Some(stream) = FILES.iter().find_map(|name| find(name)) {
        let mut reader = output.meter(BufReader::new(compound.stream(stream)));
        return output.member(PartKind::Member, name.as_bytes(), Input::stream(&mut reader));
    }
    match find(NATIVE) {
        Some(stream) => match compound.bytes(stream, output) {
            Ok(bytes) => native(&bytes, name, output),
            Err(kind) => output.unread_member(PartKind::Member, name.as_bytes(), kind),
        },
        None => Ok(()),
    }
}

/// True when a storage is a document of a program.
pub fn is_document(compound: &Compound<'_>, storage: Id) -> bool {
    DOCUMENTS.iter().any(|name| compound.find_stream(storage, name).is_some())
}

/// Gives a file that was packed: its size, its name, where it came from, and its bytes. Other programs keep their own
/// bytes there.
fn native(bytes: &[u8], name: &str, output: &mut Output<'_>) -> Reading {
    let (label, file) = match packed(bytes) {
        Some((label, file)) => (label, file),
        None => (String::new(), bytes.get(4..).unwrap_or_default()),
    };
    let name = if label.is_empty() { name } else { &label };
    if file.is_empty() {
        return Ok(());
    }
    let mut reader = output.meter(file);
    output.member(PartKind::Member, name.as_bytes(), Input::stream(&mut reader))
}

/// The name and the bytes of a packed file.
fn packed(bytes: &[u8]) -> Option<(String, &[u8])> {
    if u16_at(bytes, 4) != 2 {
        return None;
    }
    let (label, rest) = string(bytes.get(6..)?)?;
    let (_, rest) = string(rest)?;
    let path = u32_at(rest, 4) as usize;
    let rest = rest.get(8..)?.get(path..)?;
    let size = u32_at(rest, 0) as usize;
    let file = rest.get(4..)?;
    Some((decode(label, 1252).into_owned(), &file[..size.min(file.len())]))
}

fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, bytes)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_file_has_its_name() {
        let size = |text: &str| (text.len() as u32).to_le_bytes();
        let bytes =
            [&[0; 4][..], &[2, 0], b"a.txt\0C:\\a.txt\0\0\0\x03\0", &size("b\0"), b"b\0", &size("hej"), b"hej", b"x"];
        let bytes = bytes.concat();
        assert_eq!(packed(&bytes), Some(("a.txt".to_owned(), &b"hej"[..])));
        for end in 0..bytes.len() {
            let _ = packed(&bytes[..end]);
        }
    }
}
