//! How the program ends.

use std::process::ExitCode;

/// What the exit status says. A closed list: schedulers hang on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All was done; findings are no failure.
    Finished = 0,
    /// Findings at or above `--fail-on`.
    Found = 1,
    /// Wrong use or configuration.
    Usage = 2,
    /// Gaps in coverage.
    Incomplete = 3,
    /// A share could not be reached.
    Unreachable = 5,
    /// A fault of our own.
    Fault = 70,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
