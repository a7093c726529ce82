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
#[cfg(test)]
mod sample;
mod spacing;
mod string;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_interpret::{Context, InterpreterCache, interpret_page};
use hayro_syntax::object::Dict;
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use kurbo::{Affine, Rect};
use memchr::{memchr_iter, memmem};

use self::page::PageText;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{Place, ProblemKind};

pub const FORMAT: Format = Format {
    name: "pdf",
    version: 2,
    weight: Weight::Heavy,
    reads: "text of the pages by geometry, form values, annotations, properties, bookmarks, attached files; empty passwords open",
    leaves: "text in pictures, glyphs without a character",
    recognise,
    read,
};

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
    let beginning = &head[..head.len().min(HEADER_BYTES)];
    let header = memchr_iter(b'%', beginning).find(|&at| beginning[at..].starts_with(b"%PDF-"));
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
    if !read && pdf.pages().iter().any(shows_text) {
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

/// True when the page has operators that show text, or contents that could not be read.
fn shows_text(page: &Page<'_>) -> bool {
    match page.page_stream() {
        Some(content) => [b"Tj", b"TJ"].iter().any(|operator| memmem::find(content, *operator).is_some()),
        None => page.raw().contains_key("Contents"),
    }
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

#[cfg(test)]
mod tests {
    use super::sample::{Sample, Told};
    use super::*;

    /// A page that shows a picture of one point.
    const PICTURE: &str = "q 500 0 0 700 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q";

    #[test]
    fn text_stands_at_its_page() {
        let told = Sample::pages(&["BT /F 10 Tf (en) Tj ET", "", "BT /F 10 Tf (tre) Tj ET"]).read();
        assert_eq!((told.at("page 1"), told.at("page 3")), ("en", "tre"));
        assert!(told.problems.is_empty(), "{:?}", told.problems);
    }

    #[test]
    fn a_file_of_pictures_is_one_problem() {
        assert_eq!(Sample::pages(&[PICTURE, PICTURE]).read().problems, ["whole: ImageWithoutOcr"]);
    }

    #[test]
    fn a_picture_among_pages_of_text_is_a_problem_of_its_page() {
        let told = Sample::pages(&["BT /F 10 Tf (en) Tj ET", PICTURE, ""]).read();
        assert_eq!(told.problems, ["page 2: ImageWithoutOcr"]);
    }

    #[test]
    fn a_picture_behind_text_is_no_problem() {
        let told = Sample::pages(&[&format!("{PICTURE} BT /F 10 Tf 3 Tr (070761-4285) Tj ET")]).read();
        assert_eq!(told.page(), "070761-4285");
        assert!(told.problems.is_empty());
    }

    #[test]
    fn a_password_is_needed() {
        let keys = "0".repeat(32);
        let encrypt = format!("/Encrypt<</Filter/Standard/V 1/R 2/O({keys})/U({keys})/P -4>>/ID[(a)(a)]");
        assert_eq!(Sample::words("070761-4285").trailer(&encrypt).read().problems, ["whole: Encrypted"]);
    }

    #[test]
    fn what_stood_before_the_cut_is_read() {
        let mut bytes = Sample::pages(&["BT /F 10 Tf (070761-4285) Tj ET"; 3]).bytes();
        let cut = memmem::find(&bytes, b"xref\n0").unwrap();
        bytes.truncate(cut);
        let told = Told::of(bytes);
        assert_eq!((told.at("page 1"), told.at("page 3")), ("070761-4285", "070761-4285"));
        assert_eq!(told.problems, ["whole: Damaged"]);
    }

    #[test]
    fn a_page_that_is_missing_is_a_damage() {
        let told = Sample::words("070761-4285").with("/Count 1", "/Count 2").read();
        assert_eq!(told.page(), "070761-4285");
        assert_eq!(told.problems, ["whole: Damaged"]);
    }

    #[test]
    fn zeros_behind_the_end_are_no_damage() {
        let mut bytes = Sample::words("x").bytes();
        bytes.resize(bytes.len() + 5000, 0);
        assert!(Told::of(bytes).problems.is_empty());
    }

    #[test]
    fn a_layer_that_is_switched_off_is_read() {
        let mut sample = Sample::pages(&["/OC /L BDC BT /F 10 Tf (070761-4285) Tj ET EMC"]);
        let layer = sample.object("<</Type/OCG/Name(Skjult)>>");
        let off = format!("/OCProperties<</OCGs[{layer} 0 R]/D<</OFF[{layer} 0 R]>>>>");
        let resources = format!("/Resources<</Properties<</L {layer} 0 R>>");
        assert_eq!(sample.catalog(&off).with("/Resources<<", &resources).read().page(), "070761-4285");
    }

    #[test]
    fn a_form_that_shows_itself_without_end_stops_at_the_limit() {
        let mut sample = Sample::pages(&["/X Do"]);
        let first = sample.stream("", b"") + 1;
        for number in first..first + 45 {
            let entries = format!("/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {} 0 R>>>>", number + 1);
            sample.stream(&entries, b"/X Do /X Do");
        }
        let told = sample.with("/Font<<", &format!("/XObject<</X {first} 0 R>>/Font<<")).read();
        assert_eq!(told.problems, ["whole: TooLarge"]);
    }

    #[test]
    fn other_bytes_may_stand_before_the_header() {
        let bytes = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), Sample::words("070761-4285").bytes()].concat();
        assert_eq!(Told::of(bytes).page(), "070761-4285");
    }

    #[test]
    fn a_text_about_pdf_is_no_pdf() {
        assert!(!recognise(&mut Input::bytes(b"En pdf begynder med %PDF-1.7".to_vec())));
    }
}
