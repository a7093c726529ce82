//! The command-line program.

mod args;
mod commands;
mod destination;
mod exit;
mod home;
mod key;
mod progress;
mod use_log;

use std::panic::{PanicHookInfo, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;

use clap::Parser;

use args::{Args, Command};
use exit::Exit;

/// Where the last panic was, file and line. Its message is dropped: it could hold a stretch of a document.
static FAULT: Mutex<String> = Mutex::new(String::new());

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == commands::worker::WORD) {
        return commands::worker::run().into();
    }
    let args = Args::parse();
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        if let (Ok(mut fault), Some(at)) = (FAULT.lock(), panic.location()) {
            *fault = format!("{}:{}", at.file(), at.line());
        }
    }));
    let exit = catch_unwind(|| run(&args.command)).unwrap_or_else(|_| {
        let fault = FAULT.lock().map(|fault| fault.clone()).unwrap_or_default();
        say(&format!("sporhund: a fault of its own at {fault}; nothing was written"));
        Exit::Fault
    });
    exit.into()
}

fn run(command: &Command) -> Exit {
    let done = match command {
        Command::Scan(scan) => commands::scan::run(scan),
        Command::Text { file, plain } => commands::text::run(file, *plain),
        Command::Formats => commands::formats::run(),
        Command::Reveal { id, from, key_file } => commands::reveal::run(id, from, key_file.as_deref()),
    };
    done.unwrap_or_else(|error| {
        say(&format!("sporhund: {error:#}"));
        Exit::Usage
    })
}

/// Tells a person something on standard error.
#[expect(clippy::print_stderr, reason = "this is where a person is told")]
fn say(line: &str) {
    eprintln!("{line}");
}
