//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Finds personal data lying where it does not belong.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print what the scanner sees of one file, in the clear
    Text {
        /// The file
        file: PathBuf,
        /// The text alone, without locations and names
        #[arg(long)]
        plain: bool,
    },
}
