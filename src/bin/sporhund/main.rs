//! The command-line program.

mod args;
mod commands;
mod exit;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use exit::Exit;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Command::Text { file, plain } => commands::text::run(&file, plain),
    };
    done.unwrap_or_else(|error| {
        #[expect(clippy::print_stderr, reason = "this is where a person is told")]
        {
            eprintln!("sporhund: {error:#}");
        }
        Exit::Usage
    })
    .into()
}
