//! What is embedded in a document: files, and documents of other programs.

use std::borrow::Cow;
use std::io::BufReader;

use super::super::code_page::decode;
use super::super::little::Little;
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
    let behind_size = bytes.get(4..).unwrap_or_default();
    let (label, file) = packaged(behind_size).unwrap_or((Cow::Borrowed(""), behind_size));
    let name = if label.is_empty() { name } else { &label };
    if file.is_empty() {
        return Ok(());
    }
    let mut reader = output.meter(file);
    output.member(PartKind::Member, name.as_bytes(), Input::stream(&mut reader))
}

/// The name and the bytes of a file as the packager of Windows wraps it: a name, where it lay, where it was put, and its
/// bytes. One that is cut has what is left of them.
pub fn packaged(bytes: &[u8]) -> Option<(Cow<'_, str>, &[u8])> {
    let mut rest = Little(bytes);
    if rest.u16()? != 2 {
        return None;
    }
    let label = terminated(&mut rest)?;
    let _path = terminated(&mut rest)?;
    let _kind = rest.u32()?;
    let path = rest.size()?;
    let _put = rest.take(path)?;
    let size = rest.size()?;
    Some((decode(label, 1252), &rest.0[..size.min(rest.0.len())]))
}

/// What stands before the next zero.
fn terminated<'b>(rest: &mut Little<'b>) -> Option<&'b [u8]> {
    let text = rest.take(memchr::memchr(0, rest.0)?)?;
    rest.u8()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_file_has_its_name() {
        let size = |text: &str| (text.len() as u32).to_le_bytes();
        let bytes = [&[2, 0][..], b"a.txt\0C:\\a.txt\0\0\0\x03\0", &size("b\0"), b"b\0", &size("hej"), b"hej", b"x"];
        let bytes = bytes.concat();
        assert_eq!(packaged(&bytes), Some(("a.txt".into(), &b"hej"[..])));
        for end in 0..bytes.len() {
            let _ = packaged(&bytes[..end]);
        }
    }
}
