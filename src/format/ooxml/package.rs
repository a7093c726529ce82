//! The parts of a package and how they hang together.

use std::collections::HashMap;
use std::io::Read;

use super::super::xml::{Event, Xml};
use super::super::zip::{self, Archive, Opened};
use super::super::{Input, Output, Reading};
use crate::model::{PartKind, ProblemKind};

/// Which program's documents a package holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text document.
    Word,
    /// A workbook whose parts are XML.
    Excel,
    /// A presentation.
    PowerPoint,
    /// A workbook whose parts are binary.
    ExcelBinary,
}

/// Where the main part of a package usually lies, and how its content type begins.
static KINDS: &[(Kind, &str, [&str; 2])] = &[
    (
        Kind::Word,
        "word/document.xml",
        ["application/vnd.openxmlformats-officedocument.wordprocessingml.", "application/vnd.ms-word."],
    ),
    (
        Kind::Excel,
        "xl/workbook.xml",
        ["application/vnd.openxmlformats-officedocument.spreadsheetml.", "application/vnd.ms-excel."],
    ),
    (
        Kind::PowerPoint,
        "ppt/presentation.xml",
        ["application/vnd.openxmlformats-officedocument.presentationml.", "application/vnd.ms-powerpoint."],
    ),
    (Kind::ExcelBinary, "xl/workbook.bin", [BINARY, BINARY]),
];

/// How the content type of a main part ends that is XML, also of templates and of documents with macros.
const MAIN: &str = ".main+xml";

/// The content type of a main part that is binary.
const BINARY: &str = "application/vnd.ms-excel.sheet.binary.macroEnabled.main";

/// The part that names the content types of the others.
const CONTENT_TYPES: &str = "[content_types].xml";

/// Bytes of that part that are looked at.
const CONTENT_TYPES_BYTES: u64 = 1 << 20;

/// What a zip archive is a package of, if it is one that is read.
pub fn kind(input: &mut Input<'_>) -> Option<Kind> {
    let names: Vec<String> = match input.zip_names() {
        Some(names) => names.iter().map(|name| normal(name)).collect(),
        None => zip::names_in_head(input).iter().map(|name| normal(name)).collect(),
    };
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if let Some((kind, ..)) = KINDS.iter().find(|(_, main, _)| has(main)) {
        return Some(*kind);
    }
    if !has(CONTENT_TYPES) {
        return None;
    }
    let mut package = Package::open(input).ok()?;
    let index = package.find(CONTENT_TYPES)?;
    let file = package.archive.by_index(index).ok()?;
    kind_by_types(&mut Xml::new(file.take(CONTENT_TYPES_BYTES)))
}

fn kind_by_types(xml: &mut Xml<'_>) -> Option<Kind> {
    while let Some(event) = xml.next().ok()? {
        let Event::Start(tag) = event else { continue };
        let content_type = tag.attribute("ContentType").unwrap_or_default();
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| content_type.starts_with(prefix));
        if content_type == BINARY {
            return Some(Kind::ExcelBinary);
        }
        if content_type.ends_with(MAIN)
            && let Some((kind, ..)) = KINDS.iter().find(|(_, _, prefixes)| begins(prefixes))
        {
            return Some(*kind);
        }
    }
    None
}

/// A package whose parts are read one at a time.
pub struct Package<'a> {
    archive: Archive<'a>,
    /// Where each part lies, as [`normal`] spells it.
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    taken: Vec<bool>,
    /// The part before which all are taken.
    first: usize,
    /// False when parts may be lost.
    whole: bool,
}

/// One part names another, or something outside the package.
#[derive(Debug, PartialEq, Eq)]
pub struct Relationship {
    /// How the part refers to it.
    pub id: String,
    /// The last word of its type: `hyperlink`, `worksheet`.
    pub kind: String,
    /// Where it lies, as the part writes it.
    pub target: String,
    /// True when it lies outside the package.
    pub external: bool,
}

impl<'a> Package<'a> {
    /// Opens the package, also when its directory was lost.
    ///
    /// # Errors
    /// When it cannot be read as a zip archive.
    pub fn open(input: &'a mut Input<'_>) -> Result<Self, ProblemKind> {
        let Opened { archive, whole } = zip::open(input)?;
        let names: Vec<String> = archive.file_names_raw().map(|name| normal(&String::from_utf8_lossy(name))).collect();
        let by_name = names.iter().cloned().enumerate().map(|(part, name)| (name, part)).collect();
        Ok(Self { archive, taken: vec![false; names.len()], names, by_name, first: 0, whole })
    }

    /// How the reading of the package ends when `main`, its main part, was read.
    ///
    /// # Errors
    /// When there is no main part, or parts may be lost.
    pub fn end(&self, main: Option<usize>) -> Reading {
        if main.is_none() || !self.whole { Err(ProblemKind::Damaged) } else { Ok(()) }
    }

    /// The part that lies at `name`, as [`Package::name`] spells it.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Where a part lies: in lower case, folders parted by `/`, none before the first.
    pub fn name(&self, part: usize) -> &str {
        &self.names[part]
    }

    /// True when some part lies in a folder of this name, wherever that lies.
    pub fn has_folder(&self, folder: &str) -> bool {
        self.names.iter().any(|name| in_folder(name, folder))
    }

    /// True when a part was read.
    pub fn is_read(&self, part: usize) -> bool {
        self.taken[part]
    }

    /// The part that was not yet read and stands first in the archive.
    pub fn unread(&mut self) -> Option<usize> {
        self.first += self.taken[self.first..].iter().take_while(|taken| **taken).count();
        (self.first < self.taken.len()).then_some(self.first)
    }

    /// The part that the package is about, by its relationships or else by its usual place.
    pub fn main(&mut self, output: &Output<'_>) -> Option<usize> {
        let named = self.relationships_in("_rels/.rels", output);
        let main = named.iter().find(|relationship| relationship.kind == "officeDocument");
        main.and_then(|main| self.find(&resolve("", &main.target)))
            .or_else(|| KINDS.iter().find_map(|(_, name, _)| self.find(name)))
    }

    /// What a part names, as far as it can be read.
    pub fn relationships(&mut self, part: usize, output: &Output<'_>) -> Vec<Relationship> {
        self.relationships_in(&relationships_name(self.name(part)), output)
    }

    fn relationships_in(&mut self, name: &str, output: &Output<'_>) -> Vec<Relationship> {
        let mut found = Vec::new();
        if let Some(part) = self.find(name)
            && let Ok(file) = self.archive.by_index(part)
        {
            // The part is read again for its links, and what is wrong with it is told then.
            let _: Reading = relationships(&mut Xml::new(output.meter(file)), &mut found);
        }
        found
    }

    /// The part that the relationship of another leads to.
    pub fn target(&self, from: usize, relationship: &Relationship) -> Option<usize> {
        let folder = self.name(from).rsplit_once('/').map_or("", |(folder, _)| folder);
        let inside = !relationship.external;
        inside.then(|| self.find(&resolve(folder, &relationship.target))).flatten()
    }

    /// The parts that the relationships of these kinds lead to, in the order in which they stand.
    pub fn targets(&mut self, part: usize, kinds: &[&str], output: &Output<'_>) -> Vec<usize> {
        let links = self.relationships(part, output);
        let wanted = links.iter().filter(|link| kinds.contains(&&*link.kind));
        wanted.filter_map(|link| self.target(part, link)).collect()
    }

    /// The part in which the relationships of another stand.
    pub fn relationships_of(&self, part: usize) -> Option<usize> {
        self.find(&relationships_name(self.name(part)))
    }

    /// True when a part is one of a workbook and binary.
    pub fn is_binary(&self, part: usize) -> bool {
        matches!(content(&self.names[part]), Content::Records)
    }

    /// Reads a binary part that was not yet read by `read`, which is given its name.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn read_binary(
        &mut self,
        part: usize,
        output: &mut Output<'_>,
        read: impl FnOnce(&str, &mut dyn Read, &mut Output<'_>) -> Reading,
    ) -> Reading {
        if std::mem::replace(&mut self.taken[part], true) {
            return Ok(());
        }
        let name = &self.names[part];
        match self.archive.by_index(part) {
            Ok(file) => {
                let mut file = output.meter(file);
                output.attempt(|output| read(name, &mut file, output))
            }
            Err(error) => output.part(PartKind::Member, name.as_bytes(), |_| Err(zip::problem_kind(&error))),
        }
    }

    /// Reads a part that was not yet read: XML by `read`, which is given the name of the part and that of its first
    /// element; a file that is embedded as what it is. Pictures and fonts are passed over.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn read(
        &mut self,
        part: usize,
        output: &mut Output<'_>,
        read: impl FnOnce(&str, &str, &mut Xml<'_>, &mut Output<'_>) -> Reading,
    ) -> Reading {
        if std::mem::replace(&mut self.taken[part], true) {
            return Ok(());
        }
        let name = &self.names[part];
        match content(name) {
            Content::Xml => {}
            Content::File | Content::Records => return zip::member(&mut self.archive, part, PartKind::Member, output),
            Content::PassedOver => return Ok(()),
        }
        let opened = self.archive.by_index(part).map_err(|error| zip::problem_kind(&error)).and_then(|file| {
            let mut xml = Xml::new(output.meter(file));
            let root = xml.root()?.to_owned();
            Ok((root, xml))
        });
        match opened {
            Ok((root, mut xml)) => output.attempt(|output| read(name, &root, &mut xml, output)),
            Err(kind) => output.part(PartKind::Member, name.as_bytes(), |_| Err(kind)),
        }
    }
}

/// Appends what a part of relationships names.
///
/// # Errors
/// As [`Xml::next`]; what stood before is there.
pub fn relationships(xml: &mut Xml<'_>, found: &mut Vec<Relationship>) -> Reading {
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        if tag.name != "Relationship" {
            continue;
        }
        let value = |name: &str| tag.attribute(name).unwrap_or_default().into_owned();
        let kind = value("Type");
        found.push(Relationship {
            id: value("Id"),
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            target: value("Target"),
            external: value("TargetMode").eq_ignore_ascii_case("external"),
        });
    }
    Ok(())
}

/// What a part is by its name.
enum Content {
    Xml,
    /// Binary, and no file of its own.
    Records,
    File,
    PassedOver,
}

/// Folders of pictures, of fonts, and of what belongs to printers.
const PASSED_OVER_FOLDERS: &[&str] = &["media", "fonts", "printersettings"];

/// Endings of pictures, of fonts, of sound, and of signatures, whose text is in the parts that they sign.
const PASSED_OVER_ENDINGS: &[&str] = &[
    "png", "jpg", "jpeg", "jfif", "gif", "bmp", "tif", "tiff", "emf", "wmf", "emz", "wmz", "wdp", "svg", "ico",
    "odttf", "ttf", "fntdata", "wav", "mp3", "mp4", "m4a", "sigs",
];

/// Folders of a workbook whose binary parts are files of their own.
const FILE_FOLDERS: &[&str] = &["embeddings", "activex", "ctrlprops", "customproperty", "model"];

fn content(name: &str) -> Content {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "xml" | "rels" | "vml" | "psmdcp" => Content::Xml,
        _ if name.ends_with('/') || name.ends_with("vbaproject.bin") => Content::PassedOver,
        _ if PASSED_OVER_ENDINGS.contains(&ending) => Content::PassedOver,
        _ if PASSED_OVER_FOLDERS.iter().any(|folder| in_folder(name, folder)) => Content::PassedOver,
        "bin" if name.starts_with("xl/") && !FILE_FOLDERS.iter().any(|folder| in_folder(name, folder)) => {
            Content::Records
        }
        _ => Content::File,
    }
}

fn in_folder(name: &str, folder: &str) -> bool {
    name.rsplit('/').skip(1).any(|step| step == folder)
}

/// Spells the name of a part as names are compared: their letters have no case, and some programs write `\` or begin
/// with `/`.
fn normal(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// Where the relationships of the part at `name` lie.
fn relationships_name(name: &str) -> String {
    let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
    normal(&format!("{folder}/_rels/{file}.rels"))
}

/// Where `target` lies, seen from `folder`.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/").to_lowercase();
    let mut steps: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            _ => steps.push(step),
        }
    }
    normal(&steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn targets_are_seen_from_the_part_that_names_them() {
        assert_eq!(resolve("xl/worksheets", "../Drawings/drawing1.xml"), "xl/drawings/drawing1.xml");
        assert_eq!(resolve("xl", "/word/./document.xml"), "word/document.xml");
        assert_eq!(resolve("", "..\\..\\xl\\workbook.xml"), "xl/workbook.xml");
        assert_eq!(relationships_name("xl/workbook.xml"), "xl/_rels/workbook.xml.rels");
        assert_eq!(relationships_name("workbook.xml"), "_rels/workbook.xml.rels");
    }

    #[test]
    fn kinds_are_told_by_the_main_part_or_the_content_types() {
        let kind_of = |parts: &[(&str, &str)]| kind(&mut Input::bytes(sample::package(parts)));
        let types = |main: &str| format!("<Types><Override PartName='/x' ContentType='application/{main}'/></Types>");
        let by_types = |main: &str| kind_of(&[("[Content_Types].xml", &types(main))]);
        assert_eq!(kind_of(&[("word/document.xml", "")]), Some(Kind::Word));
        assert_eq!(kind_of(&[("XL\\Workbook.xml", "")]), Some(Kind::Excel));
        assert_eq!(kind_of(&[("brev/word/document.xml", "")]), None);
        assert_eq!(by_types("vnd.ms-excel.addin.macroEnabled.main+xml"), Some(Kind::Excel));
        assert_eq!(by_types("vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"), Some(Kind::Word));
        assert_eq!(by_types("vnd.ms-excel.sheet.binary.macroEnabled.main"), Some(Kind::ExcelBinary));
        assert_eq!(kind(&mut Input::bytes(b"PK\x03\x04".to_vec())), None);
    }

    #[test]
    fn a_part_that_cannot_be_opened_does_not_hide_the_others() {
        let mut bytes = sample::package(&[
            ("word/document.xml", "<w:document><w:p><w:r><w:t>x</w:t></w:r></w:p></w:document>"),
            ("word/header1.xml", "<w:hdr/>"),
        ]);
        // The flag of a password on the second member, in its header and in the directory.
        for (signature, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
            let at = memchr::memmem::rfind(&bytes, signature).unwrap();
            bytes[at + flags] |= 1;
        }
        let told = sample::told(bytes);
        assert_eq!(told.lines[0], "paragraph 1: x");
        assert_eq!(told.problems, ["word/header1.xml: Encrypted"]);
    }
}
