//! PowerPoint presentations of 97 to 2003. \[MS-PPT\].

mod flow;
mod persist;
mod record;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::little::Little;
use super::ole::{self, Compound};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, ProblemKind};
use flow::{Flow, Given, Reads};
use persist::{Persist, last_edit};
use record::{HEAD_BYTES, Record, Step, Walk};

pub const FORMAT: Format = Format {
    name: "ppt",
    version: 1,
    weight: Weight::Heavy,
    reads: "PowerPoint 97 to 2003: slides with tables and groups, notes, comments, headers and footers, links, alternative text, properties, custom XML, what an edit left behind, embedded files",
    leaves: "pictures, macro code, sound; PowerPoint 95 and before",
    recognise,
    read,
};

/// The stream that holds all slides.
const STREAM: &str = "PowerPoint Document";

/// The stream of PowerPoint 95.
const OLD: &str = "PP40";

/// Bytes of an embedded file that may be held in memory, twice.
const OBJECT_BYTES: u64 = 96 * 1024 * 1024;

/// What stands in the stream `Current User` of a locked presentation.
const LOCKED: u32 = 0xf3d1_c4df;

/// Kinds of records that stand beside one another in the stream.
mod kind {
    pub const DOCUMENT: u16 = 1000;
    pub const SLIDE: u16 = 1006;
    pub const SLIDE_ATOM: u16 = 1007;
    pub const NOTES: u16 = 1008;
    pub const SLIDE_PERSIST: u16 = 1011;
    pub const MASTER: u16 = 1016;
    pub const SLIDE_LIST: u16 = 4080;
    pub const HANDOUT: u16 = 4041;
    pub const OBJECT: u16 = 4113;
}

fn recognise(input: &mut Input<'_>) -> bool {
    ole::holds(input, &[STREAM, OLD])
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let compound = Compound::open(input)?;
    let reading = read_stream(&compound, output);
    output.attempt(|output| ole::properties(&compound, Compound::ROOT, output))?;
    ole::custom_xml(&compound, output)?;
    reading.and_then(|()| compound.end())
}

fn read_stream(compound: &Compound<'_>, output: &mut Output<'_>) -> Reading {
    let find = |name| compound.find_stream(Compound::ROOT, name);
    let stream = find(STREAM).ok_or(ProblemKind::UnsupportedFormat)?;
    let user = find("Current User").map(|stream| compound.bytes(stream, output)).transpose()?;
    let token = user.as_deref().and_then(|user| {
        let mut user = Little(user);
        user.take(12)?;
        user.u32()
    });
    if token == Some(LOCKED) || find("EncryptedSummary").is_some() {
        return Err(ProblemKind::Encrypted);
    }
    let bytes = compound.bytes(stream, output)?;
    Presentation::new(&bytes, user.as_deref()).read(output)
}

struct Presentation<'a> {
    bytes: &'a [u8],
    /// Where each record begins that stands in no other.
    top: Vec<usize>,
    persist: Persist,
    given: Given,
    read: HashSet<usize>,
    objects: u32,
    /// False when the stream ends within a record.
    whole: bool,
    /// Bytes that may still be read: a broken directory may name what stands in something else again and again.
    left: usize,
}

/// A slide or a page of notes as the document lists it.
struct Listed<'a> {
    number: u32,
    persist: u32,
    /// The text that the document keeps of it.
    outline: &'a [u8],
}

impl<'a> Presentation<'a> {
    fn new(bytes: &'a [u8], user: Option<&[u8]>) -> Self {
        let mut top = Vec::new();
        let mut at = 0;
        while let Some(record) = bytes.get(at..).and_then(Record::first) {
            top.push(at);
            at += HEAD_BYTES + record.body.len();
        }
        let persist = last_edit(user, bytes, &top).map(|last| Persist::read(bytes, last)).unwrap_or_default();
        let last = top.last().and_then(|&last| Little(bytes.get(last + 4..)?).size().map(|size| (last, size)));
        let whole = last.is_none_or(|(last, size)| last.saturating_add(HEAD_BYTES + size) <= bytes.len());
        Self {
            bytes,
            top,
            persist,
            given: Given::default(),
            read: HashSet::new(),
            objects: 0,
            whole,
            left: 2 * bytes.len(),
        }
    }

    fn record(&self, at: usize) -> Option<Record<'a>> {
        self.bytes.get(at..).and_then(Record::first)
    }

    fn read(mut self, output: &mut Output<'_>) -> Reading {
        let document = self.persist.offsets.get(&self.persist.document).copied();
        let is_document = |at: &usize| self.record(*at).is_some_and(|record| record.kind == kind::DOCUMENT);
        let document = document.filter(is_document).or_else(|| self.top.iter().rev().copied().find(is_document));
        if let Some(at) = document {
            self.read.insert(at);
            self.read_document(at, output)?;
        }
        let mut current: Vec<usize> = self.persist.offsets.values().copied().collect();
        current.sort_unstable();
        current.dedup();
        for at in current {
            self.read_rest(at, false, output)?;
        }
        let no_edits = self.persist.offsets.is_empty();
        for at in std::mem::take(&mut self.top) {
            self.read_rest(at, !no_edits, output)?;
        }
        if self.whole && document.is_some() { Ok(()) } else { Err(ProblemKind::Damaged) }
    }

    /// Reads the slides in the order of the document, each with its notes, and then what the document itself holds.
    fn read_document(&mut self, at: usize, output: &mut Output<'_>) -> Reading {
        let Some(document) = self.record(at) else { return Ok(()) };
        let slides = listed(document.body, 0);
        let notes: HashMap<u32, Listed<'a>> =
            listed(document.body, 2).into_iter().map(|notes| (notes.number, notes)).collect();
        for (i, slide) in slides.iter().enumerate() {
            let name = format!("slide {}", i + 1);
            output.part(PartKind::Slide, name.as_bytes(), |output| self.read_slide(slide, &notes, output))?;
        }
        output.attempt(|output| {
            let mut flow = Flow::new(&mut self.given, Reads::New);
            // Outlines of slides were given; those of masters only say what to write there.
            for child in children(document.body).filter(|child| child.kind != kind::SLIDE_LIST) {
                flow.read(child.whole, output)?;
            }
            flow.give_asides(output)
        })
    }

    fn read_slide(&mut self, slide: &Listed<'a>, notes: &HashMap<u32, Listed<'a>>, output: &mut Output<'_>) -> Reading {
        let container = self.take(slide.persist, kind::SLIDE);
        let mut flow = Flow::new(&mut self.given, Reads::All);
        flow.read(slide.outline, output)?;
        let container = container.ok_or(ProblemKind::Damaged)?;
        flow.read(container.body, output)?;
        flow.give_asides(output)?;
        let page = notes_of(container.body).and_then(|number| notes.get(&number));
        let Some(page) = page else { return Ok(()) };
        let container = self.take(page.persist, kind::NOTES);
        output.field("notes", |output| {
            let mut flow = Flow::new(&mut self.given, Reads::All);
            flow.read(page.outline, output)?;
            flow.read(container.map_or(&[], |container| container.body), output)?;
            flow.give_asides(output)
        })
    }

    /// The record of this number, which is read now.
    fn take(&mut self, persist: u32, kind: u16) -> Option<Record<'a>> {
        let at = *self.persist.offsets.get(&persist)?;
        let record = self.record(at).filter(|record| record.kind == kind)?;
        self.charge(&record).ok()?;
        self.read.insert(at).then_some(record)
    }

    fn charge(&mut self, record: &Record<'_>) -> Reading {
        self.left = self.left.checked_sub(HEAD_BYTES + record.body.len()).ok_or(ProblemKind::Damaged)?;
        Ok(())
    }

    /// Reads a record that no slide names. Of one that an edit left behind only what is new is given.
    fn read_rest(&mut self, at: usize, is_old: bool, output: &mut Output<'_>) -> Reading {
        let Some(record) = self.record(at) else { return Ok(()) };
        if !self.read.insert(at) {
            return Ok(());
        }
        self.charge(&record)?;
        let (field, reads) = match record.kind {
            kind::OBJECT => return self.read_object(&record, output),
            kind::DOCUMENT | kind::SLIDE | kind::NOTES if is_old => ("old text", Reads::New),
            kind::MASTER | kind::HANDOUT if is_old => ("old text", Reads::NewOfMaster),
            kind::SLIDE => ("other slide", Reads::All),
            kind::NOTES => ("notes", Reads::New),
            kind::MASTER | kind::HANDOUT => ("master", Reads::Master),
            kind::DOCUMENT => ("old text", Reads::New),
            _ => return Ok(()),
        };
        output.field(field, |output| {
            let mut flow = Flow::new(&mut self.given, reads);
            flow.read(record.body, output)?;
            flow.give_asides(output)
        })
    }

    /// Reads what is embedded, unless it was read before.
    fn read_object(&mut self, record: &Record<'_>, output: &mut Output<'_>) -> Reading {
        if !self.given.note(record.body) {
            return Ok(());
        }
        self.objects += 1;
        let name = format!("object {}", self.objects);
        let mut bytes = Vec::new();
        let reading = match (record.instance, record.body.get(4..)) {
            (1, Some(packed)) => output.meter(ZlibDecoder::new(packed)).take(OBJECT_BYTES + 1).read_to_end(&mut bytes),
            _ => output.meter(record.body).take(OBJECT_BYTES + 1).read_to_end(&mut bytes),
        };
        let told = |output: &mut Output<'_>, kind| output.unread_member(PartKind::Member, name.as_bytes(), kind);
        match reading {
            Ok(read) if read as u64 > OBJECT_BYTES => return told(output, ProblemKind::TooLarge),
            Ok(_) => {}
            Err(error) => return told(output, super::input::problem_kind(&error)),
        }
        match Compound::open(&mut Input::bytes(bytes)) {
            Ok(compound) => ole::object(&compound, Compound::ROOT, &name, output),
            Err(kind) => told(output, kind),
        }
    }
}

/// A record that stands in another.
struct Child<'a> {
    kind: u16,
    instance: u16,
    body: &'a [u8],
    /// With its head.
    whole: &'a [u8],
}

/// The records that stand in some bytes, not those in them.
fn children(bytes: &[u8]) -> impl Iterator<Item = Child<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let record = Record::first(rest)?;
        let (whole, after) = rest.split_at(HEAD_BYTES + record.body.len());
        rest = after;
        Some(Child { kind: record.kind, instance: record.instance, body: record.body, whole })
    })
}

/// The slides (0) or notes (2) of a document in their order. \[MS-PPT\] 2.4.14.
fn listed(document: &[u8], instance: u16) -> Vec<Listed<'_>> {
    let mut listed: Vec<Listed<'_>> = Vec::new();
    for list in children(document).filter(|list| list.kind == kind::SLIDE_LIST && list.instance == instance) {
        let mut at = 0;
        for child in children(list.body) {
            at += child.whole.len();
            if child.kind == kind::SLIDE_PERSIST {
                let mut body = Little(child.body);
                let persist = body.u32().unwrap_or(0);
                let number = body.take(8).and_then(|_| body.u32()).unwrap_or(0);
                listed.push(Listed { number, persist, outline: &list.body[at..at] });
            } else if let Some(last) = listed.last_mut() {
                let start = at - child.whole.len() - last.outline.len();
                last.outline = &list.body[start..at];
            }
        }
    }
    listed
}

/// The number of the notes of a slide. \[MS-PPT\] 2.5.10.
fn notes_of(slide: &[u8]) -> Option<u32> {
    let atom = Walk::new(slide).find_map(|step| match step {
        Step::Start(record) if record.kind == kind::SLIDE_ATOM => Some(record.body),
        _ => None,
    })?;
    let mut atom = Little(atom);
    atom.take(16)?;
    atom.u32()
}

#[cfg(test)]
mod tests {
    use super::super::ole::sample::compound;
    use super::super::ooxml::sample::{Told, told};

    fn atom(kind: u16, instance: u16, body: &[u8]) -> Vec<u8> {
        let (head, length) = (instance << 4, body.len() as u32);
        [&head.to_le_bytes()[..], &kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
    }

    fn holder(kind: u16, instance: u16, inner: &[Vec<u8>]) -> Vec<u8> {
        let mut record = atom(kind, instance, &inner.concat());
        record[0] |= 15;
        record
    }

    fn text(text: &str) -> Vec<u8> {
        atom(4008, 0, text.as_bytes())
    }

    fn shape(shown: &str, at: Option<(u32, u32)>, more: Vec<u8>) -> Vec<u8> {
        let anchor = at.map(|(left, top)| atom(0xf00f, 0, &[left, top, 9, 9].map(u32::to_le_bytes).concat()));
        holder(0xf004, 0, &[anchor.unwrap_or_default(), more, holder(0xf00d, 0, &[text(shown)])])
    }

    /// A presentation of one slide with these shapes and this outline, after some other records.
    fn stream(before: Vec<u8>, shapes: &[Vec<u8>], outline: &str) -> Vec<u8> {
        let slide = holder(1006, 0, &[atom(1007, 0, &[0; 24]), holder(0xf003, 0, shapes)]);
        let persist = atom(1011, 0, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        let document = holder(1000, 0, &[holder(4080, 0, &[persist, text(outline)])]);
        let (first, second) = (before.len() as u32, (before.len() + slide.len()) as u32);
        let directory_at = second + document.len() as u32;
        let directory = atom(6002, 0, &[1 | (2 << 20), first, second].map(u32::to_le_bytes).concat());
        let edit = atom(4085, 0, &[0, 0, 0, directory_at, 2, 3].map(u32::to_le_bytes).concat());
        [before, slide, document, directory, edit].concat()
    }

    fn read(stream: &[u8]) -> Told {
        told(compound(&[("PowerPoint Document", stream)]))
    }

    #[test]
    fn outlines_and_shapes_are_given_paragraph_by_paragraph() {
        let told = read(&stream(Vec::new(), &[shape("a\rb\x0bc", None, Vec::new())], "070761-4285"));
        assert_eq!((told.format, told.problems), ("ppt", vec![]));
        assert_eq!(
            told.lines,
            [
                "slide 1 › name: slide 1",
                "slide 1 › paragraph 1: 070761-4285",
                "slide 1 › paragraph 2: a",
                "slide 1 › paragraph 3: b\nc",
            ]
        );
    }

    #[test]
    fn cells_of_a_table_have_rows_and_columns() {
        let group = holder(0xf004, 0, &[atom(0xf122, 1, &[0x9f, 3, 1, 0, 0, 0])]);
        let cells = [(90, 40, "4285"), (0, 0, "Navn"), (90, 0, "Cpr"), (0, 40, "Karla")];
        let cells = cells.map(|(left, top, text)| shape(text, Some((left, top)), Vec::new()));
        let table = holder(0xf003, 0, &[&[group][..], &cells].concat());
        let told = read(&stream(Vec::new(), &[table], "x"));
        assert_eq!(told.cells, [(1, 1, 1), (1, 1, 2), (1, 2, 1), (1, 2, 2)]);
        assert_eq!(told.lines[2..4], ["slide 1 › paragraph 2: Navn", "slide 1 › paragraph 3: Cpr"]);
    }

    #[test]
    fn what_an_edit_left_behind_is_given_unless_it_still_stands() {
        let old = holder(1006, 0, &[shape("x\r070761-4285", None, Vec::new())]);
        let told = read(&stream(old, &[shape("x", None, Vec::new())], "y"));
        assert_eq!(told.lines[3..], ["old text › paragraph 1: 070761-4285"]);
    }

    #[test]
    fn what_placeholders_of_a_master_say_is_not_given() {
        let prompt = shape("Click to edit", None, atom(3011, 0, &[0; 8]));
        let master = holder(1016, 0, &[prompt, shape("Kommunen", None, Vec::new())]);
        let told = read(&[&stream(Vec::new(), &[], "y")[..], &holder(1008, 0, &[]), &master].concat());
        assert_eq!(told.lines[2..], ["old text › paragraph 1: Kommunen"]);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        let object = atom(4113, 1, &[9; 40]);
        let stream = stream(object, &[shape("x", Some((1, 1)), Vec::new())], "y");
        for i in 0..stream.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut broken = stream.clone();
                broken[i] ^= flip;
                read(&broken);
            }
            read(&stream[..i]);
        }
    }
}
