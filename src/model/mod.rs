//! The nouns: plain values that flow from a share to a report. No input or output happens here.

mod blank;
mod entry;
mod evidence;
mod finding;
mod identifier;
mod key;
mod location;
mod problem;
mod record;
mod text;

pub use blank::Shown;
pub use entry::{Area, Entry, RelativePath, Share, Stamp};
pub use evidence::{Evidence, confidence, confidence_of, weight_of};
pub use finding::{Category, Finding, Person};
pub use identifier::Identifier;
pub use key::{Key, KeyError, Subject, TokenHash};
pub use location::{Location, Part, PartKind, Place};
pub use problem::{Exclusion, Problem, ProblemKind};
pub use record::{Counts, FileRecord, FolderRecord, Members, Outcome};
pub use text::{CELL_BREAK, Delimited, Encoding, Mark, Places, Sink, TableCell, Text, mask_of};
