//! `sporhund __worker`: reads documents for another process of this program. Not for people.

use crate::exit::Exit;

/// The word with which a worker is started.
pub const WORD: &str = "__worker";

/// Serves until the other process goes.
#[cfg(target_os = "linux")]
pub fn run() -> Exit {
    // A parser's panic could tell a stretch of a document.
    std::panic::set_hook(Box::new(|_| ()));
    match sporhund::scan::serve() {
        Ok(()) => Exit::Finished,
        Err(_) => Exit::Fault,
    }
}

/// There are no workers on this platform.
#[cfg(not(target_os = "linux"))]
pub fn run() -> Exit {
    Exit::Usage
}
