//! What a document holds outside its pages: properties, form values, annotations, bookmarks and attached files.
//!
//! All is read with hayro-syntax, which has the document open already and resolves an object when it is asked for. It
//! costs a few look-ups where there is nothing; lopdf would parse and hold all objects first.

use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, ObjRef, Object, ObjectIdentifier, Stream, String as PdfString};
use hayro_syntax::xref::XRef;
use memchr::memmem;

use super::super::xml::carried;
use super::string;
use crate::format::{Input, Output, Reading};
use crate::model::{PartKind, Place, ProblemKind};

/// Document properties that tell how a file was made, not what it is about.
const TECHNICAL: [&str; 5] = ["producer", "creator", "creationdate", "moddate", "trapped"];

/// Beginnings of the names that TeX gives to such properties.
const TECHNICAL_OF_TEX: [&str; 3] = ["ptex.", "tex.", "context."];

/// Acrobat Distiller attaches its settings: programs for a printer, with words in hexadecimal digits.
const SETTINGS: &str = ".joboptions";

/// Reads all that stands outside the pages.
///
/// # Errors
/// When a limit was reached.
pub fn read(pdf: &Pdf, output: &mut Output<'_>) -> Reading {
    let xref = pdf.xref();
    let catalog: Dict<'_> = xref.get(xref.root_id()).unwrap_or_default();
    let mut fields = Walk::new(xref);
    lines("document property", &properties(pdf, &catalog), output)?;
    lines("form field", &form(&catalog, &mut fields), output)?;
    annotations(pdf, &mut fields, output)?;
    lines("bookmark", &bookmarks(&catalog, xref), output)?;
    attachments(pdf, &catalog, output)
}

/// Gives texts, a line each, under a name.
fn lines(name: &str, texts: &[String], output: &mut Output<'_>) -> Reading {
    if texts.is_empty() {
        return Ok(());
    }
    output.field(name, |output| texts.iter().try_for_each(|text| output.push(&format!("{text}\n"))))
}

/// A walk from object to object that comes to none twice, so that a circle has an end.
struct Walk<'a> {
    xref: &'a XRef,
    seen: HashSet<ObjRef>,
}

impl<'a> Walk<'a> {
    fn new(xref: &'a XRef) -> Self {
        Self { xref, seen: HashSet::new() }
    }

    fn visit(&mut self, item: MaybeRef<Object<'a>>) -> Option<Object<'a>> {
        match item {
            MaybeRef::Ref(reference) if !self.seen.insert(reference) => None,
            item => resolved(item, self.xref),
        }
    }

    /// The dictionary at `key`.
    fn dict(&mut self, of: &Dict<'a>, key: &str) -> Option<Dict<'a>> {
        self.visit(of.get_raw(key)?)?.into_dict()
    }

    /// The dictionaries of the array at `key`, the last first.
    fn dicts_reversed(&mut self, of: &Dict<'a>, key: &str) -> Vec<Dict<'a>> {
        let items = of.get::<Array<'a>>(key).into_iter().flat_map(|array| array.raw_iter());
        let mut dicts: Vec<_> = items.filter_map(|item| self.visit(item)?.into_dict()).collect();
        dicts.reverse();
        dicts
    }
}

fn resolved<'a>(item: MaybeRef<Object<'a>>, xref: &'a XRef) -> Option<Object<'a>> {
    match item {
        MaybeRef::Ref(reference) => xref.get(reference.into()),
        MaybeRef::NotRef(object) => Some(object),
    }
}

/// A value under its name, which tells what it is.
fn named(name: &str, value: &str) -> String {
    if name.is_empty() { value.to_owned() } else { format!("{name}: {value}") }
}

fn text(dict: &Dict<'_>, key: &str) -> Option<String> {
    let text = string::text(&dict.get::<PdfString<'_>>(key)?);
    (!text.trim().is_empty()).then_some(text)
}

fn decoded(stream: &Stream<'_>) -> Option<String> {
    Some(string::text(&stream.decoded_data().ok()?))
}

/// The information dictionaries, and what the metadata say beyond them.
fn properties(pdf: &Pdf, catalog: &Dict<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for information in information(pdf) {
        for key in information.keys() {
            let name = string::text(&key);
            let value = information.get::<PdfString<'_>>(&key).map(|value| string::text(&value));
            told.extend(value.filter(|_| !is_technical(&name)).map(|value| (name, value)));
        }
    }
    told.sort();
    told.dedup();
    let metadata = catalog.get::<Stream<'_>>("Metadata").and_then(|stream| decoded(&stream));
    for (name, value) in carried::properties(&metadata.unwrap_or_default()) {
        if !told.iter().any(|(_, other)| *other == value) {
            told.push((name, value));
        }
    }
    told.retain(|(_, value)| !value.trim().is_empty() && !is_date(value) && !holds_version(value));
    told.iter().map(|(name, value)| named(name, value)).collect()
}

fn is_technical(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TECHNICAL.contains(&name.as_str()) || TECHNICAL_OF_TEX.iter().any(|beginning| name.starts_with(beginning))
}

/// True for a program's name and version: a word of four numbers and more, as in `Acme Viewer;2.5.316.0`.
fn holds_version(value: &str) -> bool {
    let numbers = |word: &str| word.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    value.split([' ', ';']).any(|word| word.matches('.').count() >= 3 && numbers(word))
}

/// Dates are written as `D:20170604120000`.
fn is_date(value: &str) -> bool {
    value.strip_prefix("D:").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The information dictionaries that trailers point to. hayro gives no trailer, but none is ever compressed.
fn information(pdf: &Pdf) -> Vec<Dict<'_>> {
    let bytes = pdf.data().as_ref();
    let mut ids: Vec<_> = memmem::find_iter(bytes, "/Info").filter_map(|at| reference(&bytes[at + 5..])).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(|id| pdf.xref().get(id)).collect()
}

/// The object that bytes like ` 12 0 R` refer to.
fn reference(bytes: &[u8]) -> Option<ObjectIdentifier> {
    let mut words = bytes[..bytes.len().min(24)].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut number = || std::str::from_utf8(words.next()?).ok()?.parse::<u32>().ok();
    let (object, generation) = (number()?, number()?);
    words.next()?.starts_with(b"R").then(|| ObjectIdentifier::new(object, generation as i32))
}

/// The values of form fields, also of those that no page shows.
fn form<'a>(catalog: &Dict<'a>, walk: &mut Walk<'a>) -> Vec<String> {
    let form: Dict<'_> = catalog.get("AcroForm").unwrap_or_default();
    let mut values = Vec::new();
    let mut open = walk.dicts_reversed(&form, "Fields");
    while let Some(field) = open.pop() {
        values.extend(field_values(&field, walk));
        open.extend(walk.dicts_reversed(&field, "Kids"));
    }
    let data: String = match form.get::<Object<'_>>("XFA") {
        Some(Object::Stream(stream)) => decoded(&stream).unwrap_or_default(),
        Some(Object::Array(packets)) => {
            packets.raw_iter().filter_map(|item| decoded(&walk.visit(item)?.into_stream()?)).collect()
        }
        _ => String::new(),
    };
    let told = carried::form(&data).into_iter().filter(|(_, value)| !holds_version(value));
    values.extend(told.map(|(name, value)| named(&name, &value)));
    values
}

/// What is filled in, what is offered if nothing is, and what there is to choose from.
fn field_values<'a>(field: &Dict<'a>, walk: &mut Walk<'a>) -> Vec<String> {
    let name = text(field, "T").unwrap_or_default();
    let mut values = Vec::new();
    for key in ["V", "DV", "Opt"] {
        if let Some(item) = field.get_raw(key) {
            item_texts(item, walk, &mut values);
        }
    }
    values.dedup();
    values.iter().map(|value| named(&name, value)).collect()
}

fn item_texts<'a>(item: MaybeRef<Object<'a>>, walk: &mut Walk<'a>, texts: &mut Vec<String>) {
    let text = match walk.visit(item) {
        Some(Object::String(value)) => string::text(&value),
        Some(Object::Name(value)) if *value != *b"Off" => string::text(&value),
        Some(Object::Stream(stream)) => decoded(&stream).unwrap_or_default(),
        Some(Object::Array(array)) => return array.raw_iter().for_each(|item| item_texts(item, walk, texts)),
        _ => return,
    };
    if !text.trim().is_empty() {
        texts.push(text);
    }
}

/// Notes, link targets, and the values of fields that the form does not name.
fn annotations<'a>(pdf: &'a Pdf, fields: &mut Walk<'a>, output: &mut Output<'_>) -> Reading {
    for (page, number) in pdf.pages().iter().zip(1..) {
        let items = page.raw().get::<Array<'_>>("Annots").into_iter().flat_map(|array| array.raw_iter());
        let mut texts = Vec::new();
        for item in items {
            let is_field = matches!(item, MaybeRef::Ref(reference) if fields.seen.contains(&reference));
            let Some(annotation) = resolved(item, pdf.xref()).and_then(Object::into_dict) else { continue };
            texts.extend(["Subj", "Contents"].iter().filter_map(|key| text(&annotation, key)));
            texts.extend(annotation.get::<Dict<'_>>("A").and_then(|action| text(&action, "URI")));
            if !is_field {
                texts.extend(field_values(&annotation, fields));
            }
        }
        if !texts.is_empty() {
            output.field("annotation", |output| {
                output.at(Place::Page(number))?;
                texts.iter().try_for_each(|text| output.push(&format!("{text}\n")))
            })?;
        }
    }
    Ok(())
}

/// The titles of all bookmarks in their order.
fn bookmarks<'a>(catalog: &Dict<'a>, xref: &'a XRef) -> Vec<String> {
    let mut walk = Walk::new(xref);
    let mut titles = Vec::new();
    let outlines: Option<Dict<'_>> = catalog.get("Outlines");
    let mut open: Vec<_> = outlines.and_then(|outlines| walk.dict(&outlines, "First")).into_iter().collect();
    while let Some(bookmark) = open.pop() {
        titles.extend(text(&bookmark, "Title"));
        open.extend(walk.dict(&bookmark, "Next"));
        open.extend(walk.dict(&bookmark, "First"));
    }
    titles
}

/// The files that are attached to the document or to a place on a page.
fn attachments(pdf: &Pdf, catalog: &Dict<'_>, output: &mut Output<'_>) -> Reading {
    let mut walk = Walk::new(pdf.xref());
    let mut files = Walk::new(pdf.xref());
    let names: Dict<'_> = catalog.get("Names").unwrap_or_default();
    let mut open: Vec<Dict<'_>> = names.get("EmbeddedFiles").into_iter().collect();
    while let Some(node) = open.pop() {
        for file in walk.dicts_reversed(&node, "Names").iter().rev() {
            attachment(file, &mut files, output)?;
        }
        open.extend(walk.dicts_reversed(&node, "Kids"));
    }
    for file in walk.dicts_reversed(catalog, "AF").iter().rev() {
        attachment(file, &mut files, output)?;
    }
    for page in pdf.pages().iter() {
        let annotations = page.raw().get::<Array<'_>>("Annots").into_iter().flat_map(|array| array.raw_iter());
        for file in annotations.filter_map(|item| walk.visit(item)?.into_dict()?.get::<Dict<'_>>("FS")) {
            attachment(&file, &mut files, output)?;
        }
    }
    Ok(())
}

fn attachment<'a>(specification: &Dict<'a>, files: &mut Walk<'a>, output: &mut Output<'_>) -> Reading {
    const KEYS: [&str; 5] = ["UF", "F", "Unix", "DOS", "Mac"];
    let name = KEYS.iter().find_map(|key| text(specification, key)).unwrap_or_default();
    if name.ends_with(SETTINGS) {
        return Ok(());
    }
    let streams: Dict<'_> = specification.get("EF").unwrap_or_default();
    for key in KEYS {
        let stream = streams.get_raw(key).and_then(|item| files.visit(item)?.into_stream());
        let Some(stream) = stream else { continue };
        match stream.decoded_data() {
            Ok(data) => {
                let mut data = output.meter(&*data);
                output.member(PartKind::Attachment, name.as_bytes(), Input::stream(&mut data))?;
            }
            Err(_) => output.unread_member(PartKind::Attachment, name.as_bytes(), ProblemKind::Damaged)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;

    #[test]
    fn properties_are_read_but_for_technical_ones() {
        let mut sample = Sample::words("x");
        let values = "/Title(Sag 070761-4285)/Sagsnr(17/42)/Producer(p)/Creator(c)/ModDate(D:2017)/Seen(D:2017)";
        let information = sample.object(&format!("<<{values}>>"));
        let told = sample.trailer(&format!("/Info {information} 0 R")).read();
        assert_eq!(told.at("document property"), "Sagsnr: 17/42\nTitle: Sag 070761-4285");
    }

    #[test]
    fn metadata_are_read_where_they_hold_more() {
        let mut sample = Sample::words("x");
        let information = sample.object("<</Title(Sag)>>");
        let description = r#"<rdf:Description pdf:Keywords="070761-4285"><dc:title>Sag</dc:title></rdf:Description>"#;
        let metadata = sample.stream("", description.as_bytes());
        let sample = sample.trailer(&format!("/Info {information} 0 R"));
        let told = sample.catalog(&format!("/Metadata {metadata} 0 R")).read();
        assert_eq!(told.at("document property"), "Title: Sag\nKeywords: 070761-4285");
    }

    #[test]
    fn values_of_a_form_are_read_under_their_names() {
        let mut sample = Sample::words("x");
        let kid = sample.object("<</T(Cpr)/V<feff0030003700300037003600310034003200380035>>>");
        let parent = sample.object(&format!("<</T(Barn)/Kids[{kid} 0 R]>>"));
        let choice = sample.object("<</T(Valg)/DV/Ja/V/Off/Opt[(a)[(b)(c)]]>>");
        let form = format!("/AcroForm<</Fields[{parent} 0 R {choice} 0 R {parent} 0 R]>>");
        let told = sample.catalog(&form).read();
        assert_eq!(told.at("form field"), "Cpr: 0707614285\nValg: Ja\nValg: a\nValg: b\nValg: c");
    }

    #[test]
    fn a_value_that_holds_itself_has_an_end() {
        let mut sample = Sample::words("x");
        let array = sample.object("");
        sample.set(array, &format!("[(a) {array} 0 R (b)]"));
        let field = sample.object(&format!("<</V {array} 0 R>>"));
        let told = sample.catalog(&format!("/AcroForm<</Fields[{field} 0 R]>>")).read();
        assert_eq!(told.at("form field"), "a\nb");
    }

    #[test]
    fn the_data_of_an_xfa_form_are_read() {
        let mut sample = Sample::words("x");
        let (start, end) = (sample.stream("", b"<form1><Cpr>070761"), sample.stream("", b"-4285</Cpr></form1>"));
        let form = format!("/AcroForm<</XFA[(a){start} 0 R(b){end} 0 R]>>");
        assert_eq!(sample.catalog(&form).read().at("form field"), "Cpr: 070761-4285");
    }

    #[test]
    fn annotations_are_read_at_their_page_also_behind_one_that_is_gone() {
        let mut sample = Sample::words("x");
        let note = sample.object("<</Subtype/Text/Contents(cpr 070761-4285)>>");
        let link = sample.object("<</Subtype/Link/A<</S/URI/URI(https://a.dk/?cpr=0707614285)>>>>");
        let annotations = format!("/Type/Page/Annots[999 0 R {note} 0 R {link} 0 R]/Parent");
        let told = sample.with("/Type/Page/Parent", &annotations).read();
        assert_eq!(told.at("annotation › page 1"), "cpr 070761-4285\nhttps://a.dk/?cpr=0707614285");
    }

    #[test]
    fn bookmarks_are_read_in_their_order_and_a_circle_ends() {
        let mut sample = Sample::words("x");
        let (first, inner, second) = (sample.object(""), sample.object(""), sample.object(""));
        let outlines = sample.object(&format!("<</First {first} 0 R>>"));
        let links = [(first, format!("/First {inner} 0 R/Next {second} 0 R")), (inner, String::new())];
        for (number, link) in links.into_iter().chain([(second, format!("/Next {first} 0 R"))]) {
            sample.set(number, &format!("<</Title(Nr {number}){link}>>"));
        }
        let told = sample.catalog(&format!("/Outlines {outlines} 0 R")).read();
        assert_eq!(told.at("bookmark"), format!("Nr {first}\nNr {inner}\nNr {second}"));
    }

    #[test]
    fn an_attached_file_is_read_as_what_it_is() {
        let mut sample = Sample::words("x");
        let file = sample.stream("/Type/EmbeddedFile", b"cpr 070761-4285");
        let tree = format!("/Names[(a)<</UF(brev.txt)/EF<</F {file} 0 R>>>>]");
        let node = sample.object(&format!("<<{tree}>>"));
        let told = sample.catalog(&format!("/Names<</EmbeddedFiles<</Kids[{node} 0 R]>>>>")).read();
        assert_eq!(told.at("brev.txt › line 1"), "cpr 070761-4285");
    }

    #[test]
    fn a_document_attached_to_a_document_is_read() {
        let mut sample = Sample::words("x");
        let file = sample.stream("/Type/EmbeddedFile", &Sample::words("070761-4285").bytes());
        let specification = sample.object(&format!("<</F(indre.pdf)/EF<</F {file} 0 R>>>>"));
        let told = sample.catalog(&format!("/AF[{specification} 0 R]")).read();
        assert_eq!(told.at("indre.pdf › page 1"), "070761-4285");
    }

    #[test]
    fn a_file_attached_to_a_place_on_a_page_is_read() {
        let mut sample = Sample::words("x");
        let file = sample.stream("", b"cpr 070761-4285");
        let annotation = format!("<</Subtype/FileAttachment/FS<</F(note.txt)/EF<</F {file} 0 R>>>>>>");
        let told = sample.with("/Type/Page/Parent", &format!("/Type/Page/Annots[{annotation}]/Parent")).read();
        assert_eq!(told.at("note.txt › line 1"), "cpr 070761-4285");
    }
}
