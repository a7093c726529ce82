//! Bytes become text.
//!
//! A format is a row in [`FORMATS`]: how to know it by its content, and how to read it. To add one, write a file here
//! with `recognise` and `read`, and give it a row before those that would also take its files.

mod base64;
mod book;
mod budget;
mod card;
mod cms;
mod code_page;
mod crypt;
mod csv;
mod dbf;
mod decoded;
mod doc;
mod docx;
mod embedded;
mod escher;
#[cfg(test)]
mod faulty;
mod fixed;
mod flow;
mod html;
mod input;
mod json;
mod known;
mod little;
mod lnk;
mod mail;
mod mapi;
mod msg;
mod odf;
mod ole;
mod ooxml;
mod output;
mod packed;
mod pdf;
mod picture;
mod ppt;
mod pptx;
mod pst;
mod quiet;
mod rar;
mod rtf;
mod run;
mod segment;
mod sevenz;
mod sheet;
mod sql;
mod sqlite;
mod strings;
mod table;
mod tar;
mod text;
mod tnef;
mod xls;
mod xlsx;
mod xml;
mod zip;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use budget::{Allowance, Limits};
#[cfg(test)]
pub use faulty::MAGIC as FAULTY_MAGIC;
pub use input::{Input, problem_kind};
pub use output::{Output, Resume, Summary};

use crate::model::ProblemKind;

/// What reading gives: nothing, or why the rest of this part was not read.
pub type Reading = Result<(), ProblemKind>;

/// How to know a file format and how to read it.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name in records and in `docs/formats.md`.
    pub name: &'static str,
    /// Raised when it reads other text than before, so that older results expire.
    pub version: u32,
    /// What work reading it is.
    pub weight: Weight,
    /// What of it is read, for people.
    pub reads: &'static str,
    /// What of it is not read, for people; empty when nothing is left.
    pub leaves: &'static str,
    /// True when these bytes are of this format, whatever their name says.
    pub recognise: fn(&mut Input<'_>) -> bool,
    /// Gives the text, and a problem for each part that could not be read.
    ///
    /// An error says why the rest of the file was not read; what was given before it stands.
    pub read: fn(&mut Input<'_>, &mut Output<'_>) -> Reading,
}

/// What work reading a format is, which decides where it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Work for the disk: it is searched as it lies.
    Light,
    /// A reader of our own walks through it once. While it is small that costs less than handing it to another process.
    Small,
    /// Work for a processor, or of code that is not ours.
    Heavy,
}

/// All formats, the first that recognises a file reads it.
pub static FORMATS: &[Format] = &[
    #[cfg(test)]
    faulty::FORMAT,
    docx::FORMAT,
    xlsx::FORMAT,
    pptx::FORMAT,
    odf::FORMAT,
    xlsx::BINARY,
    xls::FORMAT,
    ppt::FORMAT,
    zip::FORMAT,
    sevenz::FORMAT,
    rar::FORMAT,
    packed::GZIP,
    packed::BZIP2,
    packed::XZ,
    packed::LZMA,
    packed::ZSTD,
    tar::FORMAT,
    pdf::FORMAT,
    crypt::FORMAT,
    doc::FORMAT,
    msg::FORMAT,
    ole::FORMAT,
    pst::FORMAT,
    picture::JPEG,
    picture::PNG,
    picture::GIF,
    picture::TIFF,
    picture::WEBP,
    picture::HEIC,
    picture::BMP,
    picture::DICOM,
    lnk::FORMAT,
    sqlite::FORMAT,
    sqlite::WAL,
    dbf::FORMAT,
    dbf::MEMO,
    rtf::FORMAT,
    html::SVG,
    html::FORMAT,
    xml::FORMAT,
    card::ICS,
    card::VCF,
    cms::FORMAT,
    cms::PGP,
    tnef::FORMAT,
    mail::MBOX,
    mail::EMLX,
    mail::FORMAT,
    sheet::SYLK,
    sheet::DIF,
    segment::EDIFACT,
    segment::HL7,
    json::FORMAT,
    sql::FORMAT,
    csv::FORMAT,
    fixed::FORMAT,
    text::FORMAT,
];

/// The name of what no format recognises and no signature names.
pub const UNKNOWN: &str = "unknown";

/// The name of what has no bytes.
pub const EMPTY: &str = "empty";

/// The name of a format, or of what is told by a signature, as this program spells it.
pub fn name_of(name: &[u8]) -> Option<&'static str> {
    let mut names = FORMATS.iter().map(|format| format.name).chain(known::names()).chain([UNKNOWN, EMPTY]);
    names.find(|known| known.as_bytes() == name)
}

/// What the file is; none when no format recognises it.
pub fn recognise(input: &mut Input<'_>) -> Option<&'static Format> {
    if let Some(known) = input.format {
        return known;
    }
    let find = || FORMATS.iter().find(|format| (format.recognise)(input));
    let format = catch_unwind(AssertUnwindSafe(find)).unwrap_or(None);
    input.format = Some(format);
    format
}

/// True when `input` can be read where it was opened: plain text, what is made of text and small, or nothing. No parser runs
/// to tell that.
pub fn is_quick(input: &mut Input<'_>) -> bool {
    let text = !input.head().starts_with(b"PK") && input.encoding().is_some();
    let weight = if text { recognise(input).map(|format| format.weight) } else { None };
    let light = |weight| weight == Weight::Light || weight == Weight::Small && input.is_whole();
    input.is_empty() || weight.is_some_and(light)
}

/// Reads `input` as what it is and gives the name of that.
///
/// A parser that panics costs the rest of this part, nothing else: what it gave before stands.
pub fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> (&'static str, Reading) {
    if input.is_empty() {
        return (EMPTY, Ok(()));
    }
    let Some(format) = recognise(input) else {
        let (name, problem) = (known::name(input.head()), known::problem(input.head()));
        let search = if known::is_searched(input.head()) { strings::search(input, output) } else { Ok(()) };
        return (name, search.and(Err(problem)));
    };
    if let Err(kind) = output.bear(format.weight) {
        return (format.name, Err(kind));
    }
    let reading = catch_unwind(AssertUnwindSafe(|| (format.read)(input, output)));
    (format.name, reading.unwrap_or(Err(ProblemKind::Damaged)))
}
