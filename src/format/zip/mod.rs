//! Zip archives: each member is read as what it is, also where the directory at the end was lost.

mod salvage;

use std::io::Read;

use ::zip::read::ZipFile;
use ::zip::result::ZipError;
use ::zip::{CompressionMethod, ZipArchive};

use super::input::ReadSeek;
use super::packed::DICTIONARY_KIB;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, Place, ProblemKind};

pub const FORMAT: Format = Format {
    name: "zip",
    version: 2,
    weight: Weight::Heavy,
    reads: "every member as what it is, nested; the comment; an archive that lost its directory as far as it goes",
    leaves: "encrypted members, methods other than stored, deflate, deflate64, bzip2, lzma, xz and ppmd",
    recognise,
    read,
};

/// A zip archive over what an input holds.
pub type Archive<'a> = ZipArchive<Box<dyn ReadSeek + 'a>>;

pub fn recognise(input: &mut Input<'_>) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| input.head().starts_with(*magic))
}

/// Reads each member as what it is.
pub fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let Opened { mut archive, whole } = open(input)?;
    if !archive.comment().is_empty() {
        let comment = String::from_utf8_lossy(archive.comment()).into_owned();
        output.field("comment", |output| {
            output.at(Place::Whole)?;
            output.push(&comment)
        })?;
    }
    for index in 0..archive.len() {
        member(&mut archive, index, PartKind::Member, output)?;
    }
    if whole { Ok(()) } else { Err(ProblemKind::Damaged) }
}

/// An archive whose members can be read.
pub struct Opened<'a> {
    /// The archive.
    pub archive: Archive<'a>,
    /// False when its directory was lost: members may be missing, and the last one may end too soon.
    pub whole: bool,
}

/// Opens the archive; where its directory was lost, with one made of what stands before the members.
///
/// # Errors
/// When there is not one member, or the archive is more than may be held in memory and its directory was lost.
pub fn open<'a>(input: &'a mut Input<'_>) -> Result<Opened<'a>, ProblemKind> {
    if input.zip_names().is_none() {
        return Ok(Opened { archive: salvage::open(input)?, whole: false });
    }
    let archive = ZipArchive::new(input.seekable()?).map_err(|error| problem_kind(&error))?;
    Ok(Opened { archive, whole: true })
}

/// Names of all members, if there is a directory that can be read.
pub fn names(input: &mut Input<'_>) -> Option<Vec<String>> {
    let archive = ZipArchive::new(input.seekable().ok()?).ok()?;
    Some(archive.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

/// Names of the members that begin in the head of an archive whose directory was lost.
pub fn names_in_head(input: &Input<'_>) -> Vec<String> {
    salvage::names(input.head()).map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

/// Reads one member as what it is.
///
/// # Errors
/// When a limit of the whole file was reached.
pub fn member(archive: &mut Archive<'_>, index: usize, kind: PartKind, output: &mut Output<'_>) -> Reading {
    let name = match archive.by_index_raw(index) {
        Ok(file) if file.is_dir() => return Ok(()),
        Ok(mut file) => {
            let name = file.name_raw().to_vec();
            if !fits(&mut file) {
                return output.unread_member(kind, &name, ProblemKind::TooLarge);
            }
            name
        }
        Err(_) => Vec::new(),
    };
    match archive.by_index(index) {
        Ok(file) => {
            let mut file = output.meter(file);
            output.member(kind, &name, Input::stream(&mut file))
        }
        Err(error) => output.unread_member(kind, &name, problem_kind(&error)),
    }
}

/// False when a member needs a dictionary that is too large. APPNOTE 6.3.10, section 5.8.8.
fn fits<R: Read>(member: &mut ZipFile<'_, R>) -> bool {
    let mut header = [0; 9];
    if member.compression() != CompressionMethod::LZMA || member.read_exact(&mut header).is_err() {
        return true;
    }
    let [.., a, b, c, d] = header;
    u32::from_le_bytes([a, b, c, d]) / 1024 <= DICTIONARY_KIB
}

/// Which problem an error of the archive is.
pub fn problem_kind(error: &ZipError) -> ProblemKind {
    match error {
        ZipError::Io(error) => super::input::problem_kind(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => ProblemKind::Encrypted,
        ZipError::UnsupportedArchive(_) => ProblemKind::UnsupportedFormat,
        _ => ProblemKind::Damaged,
    }
}
