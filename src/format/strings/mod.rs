//! Runs of text between bytes that are none: in what no format reads, and in what is left of a structure that is not known.

mod run;
mod search;

pub use search::search;

use run::Runs;

use super::{Output, Reading};
use crate::model::{Encoding, Place};

/// Shortest run that is given where text is expected, in characters.
const LEAST: usize = 6;

/// Gives each run of text on a line of its own.
///
/// # Errors
/// When a limit was reached.
pub fn give(bytes: &[u8], output: &mut Output<'_>) -> Reading {
    give_all(&Runs::at_least(LEAST), bytes, output)
}

/// As [`give`], for text of one byte a character that is known to be spelled so.
///
/// # Errors
/// When a limit was reached.
pub fn give_spelled(bytes: &[u8], encoding: Encoding, output: &mut Output<'_>) -> Reading {
    give_all(&Runs::at_least(LEAST).spelled(encoding), bytes, output)
}

fn give_all(runs: &Runs, bytes: &[u8], output: &mut Output<'_>) -> Reading {
    runs.walk(bytes, 0, true, |run| line(run, output)).map(drop)
}

/// The runs of text.
pub fn all(bytes: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    let walked = Runs::at_least(LEAST).walk(bytes, 0, true, |run| {
        all.push(run.to_owned());
        Ok(())
    });
    debug_assert!(walked.is_ok(), "nothing that is kept reaches a limit");
    all
}

fn line(run: &str, output: &mut Output<'_>) -> Reading {
    output.at(Place::Whole)?;
    output.push(run)
}
