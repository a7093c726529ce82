//! `sporhund text`: what the scanner sees of one file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use sporhund::format::{Input, Limits, Output};
use sporhund::model::{CELL_BREAK, Location, Place, Places, Shown, Sink, Text};

use crate::exit::Exit;
use crate::use_log;

/// Prints the text of `path`: each stretch under its location, or with `plain` the text alone.
///
/// The text is in the clear, so the use is logged.
///
/// # Errors
/// When the file cannot be opened or the text not be written.
pub fn run(path: &Path, plain: bool) -> anyhow::Result<Exit> {
    use_log::append("text", Shown::path(path).as_str())?;
    let file = File::open(path).with_context(|| format!("could not open {}", Shown::path(path)))?;
    let size = file.metadata().with_context(|| format!("could not read {}", Shown::path(path)))?.len();
    let mut input = Input::file(&file, Vec::new()).with_context(|| format!("could not read {}", Shown::path(path)))?;
    let mut printer = Printer { out: BufWriter::new(std::io::stdout().lock()), plain, last: None, error: None };
    let limits = Limits::for_size(size, Arc::default());
    let (_, summary) = Output::new(&mut printer, &limits).read(&mut input);
    printer.out.flush().context("could not write the text")?;
    if let Some(error) = printer.error {
        return Err(error).context("could not write the text");
    }
    for problem in &summary.problems {
        let kind = serde_json::to_string(&problem.kind).expect("a kind is a word");
        crate::say(&format!("sporhund: not read: {} ({})", problem.location, kind.trim_matches('"')));
    }
    Ok(if summary.read || summary.problems.is_empty() { Exit::Finished } else { Exit::Incomplete })
}

struct Printer<W> {
    out: W,
    plain: bool,
    last: Option<Location>,
    error: Option<std::io::Error>,
}

impl<W: Write> Sink for Printer<W> {
    fn text(&mut self, text: &Text<'_>) {
        if self.error.is_none() {
            self.error = self.print(text).err();
        }
    }
}

impl<W: Write> Printer<W> {
    fn print(&mut self, text: &Text<'_>) -> std::io::Result<()> {
        match text.places {
            Places::Lines(first) => {
                let before = text.encoding.count_line_ends(&text.bytes[..text.own.start]);
                self.stretch(text, Place::Line(first + before), text.own.start, text.own.end)
            }
            Places::Marks(marks) => {
                for (i, mark) in marks.iter().enumerate() {
                    let end = marks.get(i + 1).map_or(text.bytes.len(), |next| next.offset);
                    let own = mark.offset.max(text.own.start)..end.min(text.own.end);
                    if !own.is_empty() {
                        self.stretch(text, mark.place, own.start, own.end)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn stretch(&mut self, text: &Text<'_>, place: Place, start: usize, end: usize) -> std::io::Result<()> {
        if !self.plain {
            let location = Location { parts: Arc::clone(text.parts), place };
            let goes_on = |last: &Location| match text.places {
                Places::Lines(_) => last.parts == location.parts && matches!(last.place, Place::Line(_)),
                Places::Marks(_) => *last == location,
            };
            if !self.last.as_ref().is_some_and(goes_on) {
                writeln!(self.out, "== {location}")?;
                self.last = Some(location);
            }
        }
        let mut decoded = String::new();
        text.encoding.decode_into(&text.bytes[start..end], &mut decoded);
        let decoded = decoded.trim_start_matches('\u{feff}').replace(CELL_BREAK, "\t");
        self.out.write_all(decoded.as_bytes())?;
        if matches!(text.places, Places::Marks(_)) && !decoded.ends_with(['\n', '\t']) {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }
}
