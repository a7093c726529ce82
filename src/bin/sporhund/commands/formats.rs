//! `sporhund formats`: what is read of which format.

use std::io::Write;

use anyhow::Context;
use sporhund::format::FORMATS;

use crate::exit::Exit;

/// Prints the formats as a table in Markdown.
///
/// # Errors
/// When it cannot be written.
pub fn run() -> anyhow::Result<Exit> {
    std::io::stdout().write_all(table().as_bytes()).context("could not write the table")?;
    Ok(Exit::Finished)
}

fn table() -> String {
    let mut table = String::from("| format | version | what of it is read | what is not |\n|---|---|---|---|\n");
    for format in FORMATS {
        table.push_str(&format!("| {} | {} | {} | {} |\n", format.name, format.version, format.reads, format.leaves));
    }
    table
}
