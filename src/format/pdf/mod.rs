//! Pdf documents: the text of each page, then what stands outside the pages.
//!
//! hayro interprets the pages. It is told to draw, and what it would draw is heard in [`page`]; nothing is drawn, so no
//! picture is decoded and no outline is built.

mod character;
mod fallback;
mod field;
mod font;
mod line;
mod page;
mod string;
mod xml;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_interpret::{Context, InterpreterCache, interpret_page};
use hayro_syntax::object::Dict;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use kurbo::{Affine, Rect};
use memchr::memmem;

use self::page::PageText;
use super::{Format, Input, Output, Reading};
use crate::model::{Place, ProblemKind};

pub const FORMAT: Format = Format { name: "pdf", version: 1, recognise, read };

/// Bytes in which the header stands; others may stand before it (PDF Reference 1.7, implementation note 13).
const HEADER_BYTES: usize = 1024;

/// Bytes at the end in which a whole file says that it ends.
const END_BYTES: usize = 2048;

/// Names that only hinder the reading. The first says which layers are switched off; they hold text, too. The second
/// begins a colour profile, which takes long to set up.
const NEEDLESS: [&[u8]; 2] = [b"/OCProperties", b"/ICCBased"];

/// A header alone does not make a pdf: a text may speak of one. There is an object near the beginning, too.
fn recognise(input: &mut Input<'_>) -> bool {
    let head = input.head();
    let header = memmem::find(&head[..head.len().min(HEADER_BYTES)], b"%PDF-");
    header.is_some_and(|at| at == 0 || memmem::find(head, b" obj").is_some())
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut bytes = input.take_all()?;
    NEEDLESS.iter().for_each(|name| make_unknown(name, &mut bytes));
    let bytes = Arc::new(bytes);
    let why = match Pdf::new(Arc::clone(&bytes)) {
        Ok(pdf) => return document(&pdf, output),
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => return Err(ProblemKind::Encrypted),
        Err(LoadPdfError::Decryption(_)) => ProblemKind::Encrypted,
        Err(LoadPdfError::Invalid) => ProblemKind::Damaged,
    };
    if fallback::read(&bytes, output)? { Ok(()) } else { Err(why) }
}

/// Changes a name so that hayro does not know it.
fn make_unknown(name: &[u8], bytes: &mut [u8]) {
    let found: Vec<_> = memmem::find_iter(bytes, name).collect();
    for at in found {
        bytes[at + 1] = b'-';
    }
}

fn document(pdf: &Pdf, output: &mut Output<'_>) -> Reading {
    let seen = pages(pdf, output)?;
    field::read(pdf, output)?;
    let mut read = seen.read > 0;
    if !read && seen.pictures.is_empty() {
        read = fallback::read(pdf.data().as_ref(), output)?;
    }
    if !read && !seen.pictures.is_empty() {
        return Err(ProblemKind::ImageWithoutOcr);
    }
    for page in seen.pictures {
        output.problem(Place::Page(page), ProblemKind::ImageWithoutOcr);
    }
    if is_cut(pdf) { Err(ProblemKind::Damaged) } else { Ok(()) }
}

/// What the pages hold.
#[derive(Default)]
struct Seen {
    /// Pages with text.
    read: u32,
    /// Numbers of the pages that hold a picture and no text.
    pictures: Vec<u32>,
}

fn pages(pdf: &Pdf, output: &mut Output<'_>) -> Result<Seen, ProblemKind> {
    let cache = InterpreterCache::new();
    let settings = font::settings();
    let mut seen = Seen::default();
    let mut shown = PageText::new(output);
    for (page, number) in pdf.pages().iter().zip(1..) {
        let bounds = Rect::new(0.0, 0.0, 1.0, 1.0);
        let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings.clone());
        let drawn = catch_unwind(AssertUnwindSafe(|| interpret_page(page, &mut context, &mut shown)));
        output.at(Place::Page(number))?;
        output.push(shown.text())?;
        match drawn {
            Err(_) => output.problem(Place::Page(number), ProblemKind::Damaged),
            Ok(()) if shown.is_undecodable() => output.problem(Place::Page(number), ProblemKind::UndecodableText),
            Ok(()) => {}
        }
        match (shown.text().trim().is_empty(), shown.has_picture()) {
            (false, _) => seen.read += 1,
            (true, true) => seen.pictures.push(number),
            (true, false) => {}
        }
        shown.clear();
    }
    Ok(seen)
}

/// True when the file does not end as one does, or has fewer pages than it says.
fn is_cut(pdf: &Pdf) -> bool {
    let bytes = pdf.data().as_ref();
    let length = bytes.iter().rposition(|&byte| byte != 0 && !byte.is_ascii_whitespace()).unwrap_or(0);
    let end = &bytes[length.saturating_sub(END_BYTES)..];
    let ends = [&b"startxref"[..], b"%%EOF"].iter().any(|mark| memmem::find(end, mark).is_some());
    let catalog: Dict<'_> = pdf.xref().get(pdf.xref().root_id()).unwrap_or_default();
    let count = catalog.get::<Dict<'_>>("Pages").and_then(|pages| pages.get::<u32>("Count"));
    !ends || count.is_some_and(|count| count as usize > pdf.pages().len())
}
