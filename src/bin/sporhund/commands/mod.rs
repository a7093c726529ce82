//! One file a command.

pub mod formats;
pub mod reveal;
pub mod scan;
pub mod text;
pub mod worker;
