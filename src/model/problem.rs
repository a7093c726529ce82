//! What was not read, where, and why.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::Location;

/// Something that was not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub location: Location,
    /// Why.
    pub kind: ProblemKind,
}

impl ProblemKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [Self; 16] = [
        Self::ImageWithoutOcr,
        Self::UndecodableText,
        Self::PermissionDenied,
        Self::FolderNotListed,
        Self::Encrypted,
        Self::Locked,
        Self::Damaged,
        Self::UnsupportedFormat,
        Self::TooLarge,
        Self::ReadError,
        Self::Gone,
        Self::ChangedWhileRead,
        Self::ShareUnreachable,
        Self::NotReached,
        Self::Timeout,
        Self::Memory,
    ];

    /// True when it says that the contents were not read, though something about them may have been: the title of a
    /// scanned page, the names in a locked archive, runs of characters in a format that is not read.
    pub fn leaves_contents_unread(self) -> bool {
        matches!(self, Self::ImageWithoutOcr | Self::UnsupportedFormat | Self::Encrypted)
    }
}

impl Problem {
    /// Of a file or folder as a whole.
    pub fn of_whole(kind: ProblemKind) -> Self {
        Self { location: Location::whole(), kind }
    }
}

impl Serialize for Problem {
    /// As `{"kind":"encrypted","at":"bilag.zip › hemmelig.docx"}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut problem = serializer.serialize_struct("Problem", 2)?;
        problem.serialize_field("kind", &self.kind)?;
        problem.serialize_field("at", &self.location.to_string())?;
        problem.end()
    }
}

/// Why something was not read. A closed list: the names stand in the schema and are never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum ProblemKind {
    /// A picture, or a page that is one: its text needs recognition that this version does not do.
    #[serde(rename = "image without ocr")]
    ImageWithoutOcr,
    /// Glyphs whose characters the document does not tell.
    #[serde(rename = "undecodable text")]
    UndecodableText,
    /// The account of the scanner may not read it.
    #[serde(rename = "permission denied")]
    PermissionDenied,
    /// A folder whose files are unknown.
    #[serde(rename = "folder not listed")]
    FolderNotListed,
    /// Locked with a password.
    #[serde(rename = "encrypted")]
    Encrypted,
    /// Held by another program.
    #[serde(rename = "locked")]
    Locked,
    /// Its structure does not hold; what stood before the break was read.
    #[serde(rename = "damaged")]
    Damaged,
    /// A format that this version does not read.
    #[serde(rename = "unsupported format")]
    UnsupportedFormat,
    /// A limit was reached; what stood before it was read.
    #[serde(rename = "too large")]
    TooLarge,
    /// The disk or the server gave an error.
    #[serde(rename = "read error")]
    ReadError,
    /// Gone between the walk and the reading.
    #[serde(rename = "gone")]
    Gone,
    /// Another size at the end than at the beginning.
    #[serde(rename = "changed while read")]
    ChangedWhileRead,
    /// The root of a share could not be listed.
    #[serde(rename = "share unreachable")]
    ShareUnreachable,
    /// Found, but the scan ended before it was read.
    #[serde(rename = "not reached")]
    NotReached,
    /// Its reading took so long without giving anything that it was ended. Tried again the next time.
    #[serde(rename = "timeout")]
    Timeout,
    /// Its reading needed more memory than it may have. Tried again the next time.
    #[serde(rename = "memory")]
    Memory,
}

/// Why something was left out on purpose. A closed list, as [`ProblemKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Exclusion {
    /// A symbolic link: what it points to is read where it lies, if that is below a root.
    #[serde(rename = "link")]
    Link,
    /// A pipe, socket or device.
    #[serde(rename = "special file")]
    SpecialFile,
    /// A file that this scan writes or takes its key from.
    #[serde(rename = "own output")]
    OwnOutput,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_stand_in_the_list_in_their_order() {
        assert!(ProblemKind::ALL.iter().enumerate().all(|(i, kind)| *kind as usize == i));
        assert_eq!(ProblemKind::ALL.last(), Some(&ProblemKind::Memory));
    }

    #[test]
    fn serialises_as_the_contract_says() {
        let problem = Problem { location: Location::whole(), kind: ProblemKind::ImageWithoutOcr };
        assert_eq!(serde_json::to_string(&problem).unwrap(), r#"{"kind":"image without ocr","at":"whole"}"#);
    }
}
