//! One file a command.

pub mod text;
