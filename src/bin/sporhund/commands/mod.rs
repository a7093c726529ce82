//! One file a command.

pub mod reveal;
pub mod scan;
pub mod text;
