//! Running text of a mail: characters decoded, lines that were flowed joined (RFC 3676), uuencoded files taken out.

use std::io::Read;

use super::super::input::problem_kind;
use super::super::{Input, Output, Reading};
use super::charset::{Charset, Spelling};
use super::coding::uuencoded_line;
use super::header::Parameters;
use crate::model::{PartKind, Place, ProblemKind};

/// Bytes that are decoded at a time. The charset of text that does not name it is told from the first of them.
const CHUNK_BYTES: usize = 32 * 1024;

/// Longest line that is looked at whole, in bytes.
const LINE_BYTES: usize = 64 * 1024;

/// Most of a uuencoded file that is held, in bytes.
const FILE_BYTES: usize = 64 << 20;

/// Reads text to its end.
pub fn read(source: &mut dyn Read, content: &Parameters, output: &mut Output<'_>) -> Reading {
    let flowed = content.raw("format").is_some_and(|format| format.eq_ignore_ascii_case(b"flowed"));
    let deleted = content.raw("delsp").is_some_and(|delsp| delsp.eq_ignore_ascii_case(b"yes"));
    let mut body = Body { line: 0, flowed, deleted, soft: None, file: None, locked: false };
    let named = content.raw("charset").and_then(|name| Charset::named(&String::from_utf8_lossy(name)));
    let mut spelling = None;
    let mut text = String::new();
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        let read = source.take(CHUNK_BYTES as u64).read_to_end(&mut chunk);
        let last = read.is_err() || chunk.len() < CHUNK_BYTES;
        // What calls itself UTF-8 and is not was written by Windows.
        let charset = || named.filter(|named| named.fits(&chunk)).unwrap_or_else(|| Charset::of(&chunk, last));
        spelling.get_or_insert_with(|| Spelling::new(charset())).decode(&chunk, last, &mut text);
        let whole = match text.rfind('\n') {
            _ if last => text.len(),
            Some(end) => end + 1,
            None if text.len() > LINE_BYTES => text.len(),
            None => 0,
        };
        for line in text[..whole].split_inclusive('\n') {
            body.line(line, output)?;
        }
        text.drain(..whole);
        read.map_err(|error| problem_kind(&error))?;
        if last {
            return body.end(output);
        }
    }
}

struct Body {
    /// Lines so far.
    line: u64,
    flowed: bool,
    /// True when the blank at the end of a flowed line is no part of the text.
    deleted: bool,
    /// How deep the line before was quoted, if it goes on.
    soft: Option<usize>,
    file: Option<Uuencoded>,
    locked: bool,
}

/// A file that stands in the text.
struct Uuencoded {
    name: String,
    /// The line that began it.
    first: String,
    contents: Vec<u8>,
}

impl Body {
    fn line(&mut self, line: &str, output: &mut Output<'_>) -> Reading {
        self.line += 1;
        if let Some(mut file) = self.file.take() {
            let decoded = uuencoded_line(line.as_bytes()).filter(|_| file.contents.len() < FILE_BYTES);
            return match decoded {
                _ if line.trim_end() == "end" && !file.contents.is_empty() => file.give(None, output),
                Some(bytes) => {
                    file.contents.extend(bytes);
                    self.file = Some(file);
                    Ok(())
                }
                None if file.contents.is_empty() => {
                    self.text(&file.first, output)?;
                    self.text(line, output)
                }
                None => {
                    file.give(Some(ProblemKind::Damaged), output)?;
                    self.text(line, output)
                }
            };
        }
        if let Some(name) = uuencoded_name(line) {
            self.file = Some(Uuencoded { name: name.to_owned(), first: line.to_owned(), contents: Vec::new() });
            return Ok(());
        }
        self.locked |= line.starts_with("-----BEGIN PGP MESSAGE-----");
        self.text(line, output)
    }

    fn text(&mut self, line: &str, output: &mut Output<'_>) -> Reading {
        if !self.flowed {
            output.at(Place::Line(self.line))?;
            return output.push(line);
        }
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let inner = &line[depth..];
        let inner = inner.strip_prefix(' ').unwrap_or(inner);
        let inner = inner.trim_end_matches(['\r', '\n']);
        if self.soft != Some(depth) {
            output.at(Place::Line(self.line))?;
        }
        self.soft = (inner.ends_with(' ') && inner != "-- ").then_some(depth);
        match self.soft {
            Some(_) if self.deleted => output.push(inner.strip_suffix(' ').unwrap_or(inner)),
            _ => output.push(inner),
        }
    }

    fn end(self, output: &mut Output<'_>) -> Reading {
        if let Some(file) = self.file {
            if file.contents.is_empty() {
                output.at(Place::Line(self.line))?;
                output.push(&file.first)?;
            } else {
                file.give(Some(ProblemKind::Damaged), output)?;
            }
        }
        if self.locked { Err(ProblemKind::Encrypted) } else { Ok(()) }
    }
}

impl Uuencoded {
    fn give(self, broken: Option<ProblemKind>, output: &mut Output<'_>) -> Reading {
        let mut input = Input::bytes(self.contents);
        if let Some(kind) = broken {
            input.breaks(kind);
        }
        output.member(PartKind::Attachment, self.name.as_bytes(), Ok(input))
    }
}

/// The name of the uuencoded file that the line begins, if it does.
fn uuencoded_name(line: &str) -> Option<&str> {
    let (mode, name) = line.strip_prefix("begin ")?.trim_end().split_once(' ')?;
    let octal = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| (b'0'..b'8').contains(&b));
    (octal && !name.is_empty()).then_some(name)
}
