//! A second reader for documents that hayro cannot open or in which it finds nothing to read.

use lopdf::Document;

use crate::format::Output;
use crate::model::{Place, ProblemKind};

/// Larger documents are not opened: lopdf holds all objects at once, and one was seen to take 300 times its size.
const BYTES: usize = 2 << 20;

/// Gives the text of each page that lopdf can read; false when there is none.
///
/// # Errors
/// When a limit was reached.
pub fn read(bytes: &[u8], output: &mut Output<'_>) -> Result<bool, ProblemKind> {
    if bytes.len() > BYTES {
        return Ok(false);
    }
    let Ok(document) = Document::load_mem(bytes) else { return Ok(false) };
    let mut read = false;
    for number in document.get_pages().into_keys() {
        let text = document.extract_text(&[number]).unwrap_or_default();
        if !text.trim().is_empty() {
            read = true;
            output.at(Place::Page(number))?;
            output.push(&text)?;
        }
    }
    Ok(read)
}
