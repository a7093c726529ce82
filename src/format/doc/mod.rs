//! Word documents of before 2007: Word 97 to 2003, Word 6 and 95, Word 2.

mod drawing;
mod fib;
mod flow;
mod font;
mod page;
mod piece;
mod sprm;
mod story;
mod variable;

use super::crypt::Rc4;
use super::ole::{self, Compound};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::ProblemKind;
use fib::{Fib, STORIES};
use story::Document;

pub const FORMAT: Format = Format {
    name: "doc",
    version: 1,
    weight: Weight::Heavy,
    reads: "Word 2, 6, 95 and 97 to 2003: body with tables, headers, footers, footnotes, endnotes, comments, text boxes, hidden and deleted text, instructions and results of fields, form fields, variables, alternative text, properties, embedded files",
    leaves: "pictures, macro code, styles, what a quick save left behind",
    recognise,
    read,
};

/// The stream with the document when it is locked for some persons alone; what else there is says only that.
const RIGHTS: &str = "\u{9}DRMContent";

/// Bytes that are locked with one key, and those at the beginning that are not locked ([MS-DOC] 2.2.6).
const BLOCK_BYTES: u64 = 512;
const CLEAR_BYTES: usize = 68;

fn recognise(input: &mut Input<'_>) -> bool {
    fib::begins(input.head()) || ole::holds(input, &["WordDocument"])
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    if fib::begins(input.head()) {
        let word = input.take_all()?;
        let fib = Fib::read(&word)?;
        if fib.encrypted {
            return Err(ProblemKind::Encrypted);
        }
        return stories(&fib, &Document::new(&fib, word, None, Vec::new()), output);
    }
    let compound = Compound::open(input)?;
    output.attempt(|output| text(&compound, output))?;
    ole::properties(&compound, Compound::ROOT, output)?;
    ole::custom_xml(&compound, output)?;
    ole::objects(&compound, compound.path(&["ObjectPool"]), output)?;
    match compound.find(Compound::ROOT, RIGHTS) {
        Some(_) => Err(ProblemKind::Encrypted),
        None => compound.end(),
    }
}

/// Gives the text of all stories.
fn text(compound: &Compound<'_>, output: &mut Output<'_>) -> Reading {
    let find = |name| compound.find_stream(Compound::ROOT, name);
    let mut word = compound.bytes(find("WordDocument").ok_or(ProblemKind::Damaged)?, output)?;
    let mut fib = Fib::read(&word)?;
    let read = |name| find(name).map(|id| compound.bytes(id, output)).transpose();
    let mut tables = match fib.tables {
        Some(name) => Some(read(name)?.unwrap_or_default()),
        None => None,
    };
    let mut data = read("Data")?.unwrap_or_default();
    if fib.encrypted {
        let lock = tables.as_deref().filter(|_| !fib.obfuscated).and_then(|tables| Rc4::open(tables, BLOCK_BYTES));
        let mut lock = lock.ok_or(ProblemKind::Encrypted)?;
        let clear = CLEAR_BYTES.min(word.len());
        lock.apply(&mut word[clear..], clear as u64);
        let clear = fib.key as usize;
        if let Some(locked) = tables.as_mut().and_then(|tables| tables.get_mut(clear..)) {
            lock.apply(locked, clear as u64);
        }
        lock.apply(&mut data, 0);
        fib = Fib::read(&word)?;
    }
    let document = Document::new(&fib, word, tables.as_deref(), data);
    output.attempt(|output| stories(&fib, &document, output))?;
    let held = |range: &std::ops::Range<usize>| tables.as_deref().and_then(|tables| tables.get(range.clone()));
    variable::read(held(&fib.variables), output)?;
    drawing::read(held(&fib.drawings).unwrap_or_default(), &document.data, output)
}

/// Gives each story where it stands, and what follows them all.
fn stories(fib: &Fib, document: &Document, output: &mut Output<'_>) -> Reading {
    let mut start = 0_u32;
    let all = document.length();
    for (name, length) in STORIES.iter().zip(fib.lengths) {
        let end = start.saturating_add(length).min(all);
        story(name, start..end, document, output)?;
        start = end;
    }
    story(if start == 0 { "" } else { "other text" }, start..all, document, output)?;
    document.broken
}

fn story(name: &str, characters: std::ops::Range<u32>, document: &Document, output: &mut Output<'_>) -> Reading {
    match name {
        _ if characters.is_empty() => Ok(()),
        "" => document.read(&characters, output),
        _ => output.field(name, |output| document.read(&characters, output)),
    }
}
