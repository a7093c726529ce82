//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Args as Arguments, Parser, Subcommand};
use jiff::civil::Date;

/// Finds personal data lying where it does not belong
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
    /// Scan folders and write what was found, as JSON Lines
    Scan(Scan),
    /// Print what the scanner sees of one file, in the clear
    Text {
        /// The file
        file: PathBuf,
        /// The text alone, without locations and names
        #[arg(long)]
        plain: bool,
    },
    /// Print what is read of which format
    Formats,
    /// Show path and numbers of one record on this terminal, in the clear
    Reveal {
        /// Id of a file or folder line
        id: String,
        /// The output of the scan that it stands in
        #[arg(long, value_name = "FINDINGS")]
        from: PathBuf,
        /// The key of that scan [default: the user's own]
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
    },
}

/// What `scan` takes.
#[derive(Debug, Arguments)]
pub struct Scan {
    /// Folders or files to scan
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write the findings to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Threads that read and search, and threads that parse documents [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Ask a network server up to 64 things at once from the beginning, instead of 4 and more only while it answers quickly
    #[arg(long)]
    pub full_speed: bool,
    /// File with the key under which persons become tokens: 64 hexadecimal digits [default: made on first use]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// List at most N findings of a file, the first by place; 0 lists all
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub findings_per_file: usize,
    /// List findings of this confidence and above, from 0 to 1
    #[arg(long, value_name = "X", default_value_t = 0.5, value_parser = confidence)]
    pub min_confidence: f64,
    /// Write a line for every file, not only for those with findings or problems
    #[arg(long)]
    pub all_files: bool,
    /// The day from which ages are counted, as 2026-09-01 [default: today]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// Run only these rules
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub rules: Vec<String>,
    /// Folder with rules that replace or add to the built-in ones
    #[arg(long, value_name = "FOLDER")]
    pub patterns: Option<PathBuf>,
    /// End with status 1 when something of this confidence or above was found
    #[arg(long, value_name = "CONFIDENCE", value_parser = confidence)]
    pub fail_on: Option<f64>,
    /// End with status 3 when something could not be read
    #[arg(long)]
    pub fail_on_incomplete: bool,
    /// Refuse to run when those who read documents cannot be locked in
    #[arg(long)]
    pub require_sandbox: bool,
    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Tell of each file that could not be read; twice: of each file
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
    /// MiB of memory for the scan, all its processes together: documents wait for theirs, and one that needs more is unread
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u32).range(128..))]
    pub max_memory: u32,
    /// What one file may cost.
    #[command(flatten)]
    pub limits: Limits,
}

/// What one file may cost.
#[derive(Clone, Copy, Debug, Arguments)]
#[command(next_help_heading = "Limits of one file")]
pub struct Limits {
    /// MiB that a file may expand to, beside what its size allows
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_expanded: u32,
    /// Bytes that a file may expand to for each of its own
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub max_expansion: u32,
    /// Members, sheets, fields and the like, beside one for each KiB
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_parts: u32,
    /// Archives in archives
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub max_depth: u8,
    /// Processor seconds that reading a file may take, beside one for each MiB; a sixth of them without a word
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_seconds: u32,
}

fn confidence(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|x| (0.0..=1.0).contains(x)).ok_or_else(|| "a number from 0 to 1 is needed".to_owned())
}
