//! What a worker and the program say to each other, as bytes.
//!
//! A packet is its length in four bytes and then its contents. Numbers are little-endian. What comes from a worker is
//! never trusted: it reads documents that could have taken it over.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::Arc;

use crate::format::{self, Resume, Summary};
use crate::model::{
    Delimited, Encoding, Location, Mark, Members, Part, PartKind, Place, Places, Problem, ProblemKind, TableCell, Text,
};

/// Longest packet, in bytes: a run of text with all its marks.
const LONGEST: usize = 64 << 20;

/// A file to read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Bytes that it may expand to.
    pub expanded_bytes: u64,
    /// Parts that it may have.
    pub parts: u64,
    /// Archives in archives that it may have.
    pub depth: usize,
    /// Its contents, where they are small; else an open file comes with the packet.
    pub contents: Option<Vec<u8>>,
    /// The files inside it at which its reading was lost before.
    pub resume: Resume,
}

/// What a worker says.
#[derive(Debug)]
pub enum Reply<'a> {
    /// How far it is locked in; the first thing that it says.
    Ready(u8),
    /// A run of text, of the parts that were told last.
    Text(WireText<'a>),
    /// The parts of the runs that follow.
    Parts(Arc<[Part]>),
    /// The columns of the runs that follow, where they have any.
    Delimited(Option<Delimited>),
    /// A file inside the file begins.
    MemberBegins,
    /// A file inside the file ends.
    MemberEnds,
    /// The reading goes on.
    GoesOn,
    /// The file was read: the name of its format, and what is known of it.
    Done(&'static str, Summary),
}

/// A run of text as it lies in a packet.
#[derive(Debug)]
pub struct WireText<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
    own: Range<usize>,
    /// The number of the first line, or marks.
    lines: Option<u64>,
    marks: Vec<Mark>,
    delimited: bool,
}

impl WireText<'_> {
    /// Bytes of it that are new.
    pub fn new_bytes(&self) -> usize {
        self.own.len()
    }

    /// The run, with the parts and columns that were told before it.
    pub fn text<'t>(&'t self, parts: &'t Arc<[Part]>, delimited: Option<&'t Delimited>) -> Text<'t> {
        Text {
            bytes: self.bytes,
            encoding: self.encoding,
            own: self.own.clone(),
            parts,
            places: self.lines.map_or(Places::Marks(&self.marks), Places::Lines),
            delimited: delimited.filter(|_| self.delimited),
        }
    }
}

/// Reads the contents of a packet whose length was read into `buffer`.
///
/// # Errors
/// When they cannot be read, are cut off, or too long.
pub fn receive(from: &mut impl Read, bytes: [u8; 4], buffer: &mut Vec<u8>) -> io::Result<()> {
    let length = length(bytes)?;
    buffer.clear();
    from.take(length as u64).read_to_end(buffer)?;
    if buffer.len() < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// The length of a packet's contents.
///
/// # Errors
/// When it is longer than any.
pub fn length(bytes: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(bytes) as usize;
    if length > LONGEST { Err(io::ErrorKind::InvalidData.into()) } else { Ok(length) }
}

/// A packet being written, after the four bytes of its length.
pub struct Packet(Vec<u8>);

impl Packet {
    fn new(tag: u8) -> Self {
        Self(vec![0, 0, 0, 0, tag])
    }

    /// Its bytes with its length before them.
    pub fn finish(mut self) -> Vec<u8> {
        let length = (self.0.len() - 4) as u32;
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        self.0
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the other side is gone.
    pub fn send(self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&self.finish())
    }

    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }

    /// A file to read.
    pub fn request(request: &Request) -> Self {
        let mut packet = Self::new(0);
        packet.number(request.expanded_bytes);
        packet.number(request.parts);
        packet.number(request.depth as u64);
        packet.byte(request.contents.is_some().into());
        packet.bytes(request.contents.as_deref().unwrap_or_default());
        packet.number(request.resume.from);
        packet.byte(request.resume.careful.into());
        packet.number(request.resume.lost.len() as u64);
        for (member, kind) in &request.resume.lost {
            packet.number(*member);
            packet.byte(*kind as u8);
        }
        packet
    }

    /// How far the worker is locked in.
    pub fn ready(level: u8) -> Self {
        let mut packet = Self::new(0);
        packet.byte(level);
        packet
    }

    /// A run of text.
    pub fn text(text: &Text<'_>) -> Self {
        let mut packet = Self::new(1);
        packet.byte(code(&ENCODINGS, text.encoding));
        packet.number(text.own.start as u64);
        packet.number(text.own.end as u64);
        packet.byte(text.delimited.is_some().into());
        match text.places {
            Places::Lines(first) => {
                packet.byte(1);
                packet.number(first);
            }
            Places::Marks(marks) => {
                packet.byte(0);
                packet.number(marks.len() as u64);
                marks.iter().for_each(|mark| packet.mark(mark));
            }
        }
        packet.bytes(text.bytes);
        packet
    }

    fn mark(&mut self, mark: &Mark) {
        self.number(mark.offset as u64);
        self.place(mark.place);
        self.byte(mark.cell.is_some().into());
        if let Some(cell) = mark.cell {
            for number in [cell.table, cell.row, cell.column] {
                self.number(number.into());
            }
        }
    }

    fn place(&mut self, place: Place) {
        let (tag, first, second) = match place {
            Place::Whole => (0, 0, 0),
            Place::Name => (1, 0, 0),
            Place::Line(number) => (2, number, 0),
            Place::Page(number) => (3, number.into(), 0),
            Place::Paragraph(number) => (4, number.into(), 0),
            Place::Cell(row, column) => (5, row.into(), column.into()),
        };
        self.byte(tag);
        self.number(first);
        self.number(second);
    }

    /// The parts of what follows.
    pub fn parts(parts: &[Part]) -> Self {
        let mut packet = Self::new(2);
        packet.all_parts(parts);
        packet
    }

    fn all_parts(&mut self, parts: &[Part]) {
        self.number(parts.len() as u64);
        for part in parts {
            self.byte(code(&PART_KINDS, part.kind));
            self.bytes(part.name.as_str().as_bytes());
        }
    }

    /// The columns of what follows.
    pub fn delimited(delimited: Option<&Delimited>) -> Self {
        let mut packet = Self::new(3);
        packet.byte(delimited.is_some().into());
        if let Some(delimited) = delimited {
            packet.number(delimited.table.into());
            packet.byte(delimited.delimiter);
            packet.number(delimited.headings.len() as u64);
            delimited.headings.iter().for_each(|heading| packet.bytes(heading.as_bytes()));
        }
        packet
    }

    /// A file inside the file begins.
    pub fn member_begins() -> Self {
        Self::new(4)
    }

    /// A file inside the file ends.
    pub fn member_ends() -> Self {
        Self::new(5)
    }

    /// The reading goes on.
    pub fn goes_on() -> Self {
        Self::new(6)
    }

    /// The file was read.
    pub fn done(format: &str, summary: &Summary) -> Self {
        let mut packet = Self::new(7);
        packet.bytes(format.as_bytes());
        packet.byte(summary.read.into());
        packet.number(summary.members.read);
        packet.number(summary.members.unread.len() as u64);
        for (kind, count) in &summary.members.unread {
            packet.byte(*kind as u8);
            packet.number(*count);
        }
        packet.number(summary.problems_omitted);
        packet.number(summary.problems.len() as u64);
        for Problem { location, kind } in &summary.problems {
            packet.byte(*kind as u8);
            packet.place(location.place);
            packet.all_parts(&location.parts);
        }
        packet
    }
}

/// A packet being read. Every step gives nothing when the packet does not hold.
pub struct Unpacked<'a>(&'a [u8]);

impl<'a> Unpacked<'a> {
    /// The contents of a packet.
    pub fn new(contents: &'a [u8]) -> Self {
        Self(contents)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn flag(&mut self) -> Option<bool> {
        self.byte().map(|byte| byte != 0)
    }

    fn number(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*first))
    }

    fn small(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    fn size(&mut self) -> Option<usize> {
        self.number()?.try_into().ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.size()?;
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    /// So many of something; no more is set aside than the packet could hold.
    fn many<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.size()?;
        let mut all = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            all.push(one(self)?);
        }
        Some(all)
    }

    fn kind(&mut self) -> Option<ProblemKind> {
        ProblemKind::ALL.get(usize::from(self.byte()?)).copied()
    }

    /// A file to read.
    pub fn request(mut self) -> Option<Request> {
        self.byte()?;
        let (expanded_bytes, parts, depth) = (self.number()?, self.number()?, self.size()?);
        let contents = self.flag()?;
        let bytes = self.bytes()?;
        let (from, careful) = (self.number()?, self.flag()?);
        let lost = self.many(|packet| Some((packet.number()?, packet.kind()?)))?;
        let contents = contents.then(|| bytes.to_vec());
        Some(Request { expanded_bytes, parts, depth, contents, resume: Resume { from, careful, lost } })
    }

    /// What a worker says.
    pub fn reply(mut self) -> Option<Reply<'a>> {
        Some(match self.byte()? {
            0 => Reply::Ready(self.byte()?),
            1 => Reply::Text(self.text()?),
            2 => Reply::Parts(self.parts()?),
            3 => Reply::Delimited(self.delimited()?),
            4 => Reply::MemberBegins,
            5 => Reply::MemberEnds,
            6 => Reply::GoesOn,
            7 => self.done()?,
            _ => return None,
        })
    }

    fn text(&mut self) -> Option<WireText<'a>> {
        let encoding = *ENCODINGS.get(usize::from(self.byte()?))?;
        let own = self.size()?..self.size()?;
        let delimited = self.flag()?;
        let (mut lines, mut marks) = (None, Vec::new());
        if self.flag()? {
            lines = Some(self.number()?);
        } else {
            marks = self.many(Self::mark)?;
        }
        let bytes = self.bytes()?;
        let in_order = marks.is_sorted_by_key(|mark| mark.offset) && own.start <= own.end && own.end <= bytes.len();
        let placed = lines.is_some() || marks.first().is_some_and(|mark| mark.offset == 0);
        let inside = marks.last().is_none_or(|mark| mark.offset <= bytes.len());
        (in_order && placed && inside).then_some(WireText { bytes, encoding, own, lines, marks, delimited })
    }

    fn mark(&mut self) -> Option<Mark> {
        let offset = self.size()?;
        let place = self.place()?;
        let cell = match self.flag()? {
            true => Some(TableCell { table: self.small()?, row: self.small()?, column: self.small()? }),
            false => None,
        };
        Some(Mark { offset, place, cell })
    }

    fn place(&mut self) -> Option<Place> {
        let tag = self.byte()?;
        let (first, second) = (self.number()?, self.number()?);
        let small = |number: u64| u32::try_from(number).ok();
        Some(match tag {
            0 => Place::Whole,
            1 => Place::Name,
            2 => Place::Line(first),
            3 => Place::Page(small(first)?),
            4 => Place::Paragraph(small(first)?),
            5 => Place::Cell(small(first)?, small(second)?),
            _ => return None,
        })
    }

    fn parts(&mut self) -> Option<Arc<[Part]>> {
        let part = |packet: &mut Self| {
            let kind = *PART_KINDS.get(usize::from(packet.byte()?))?;
            // Made anew, so that what a worker sends is blanked here.
            Some(Part::new(kind, packet.bytes()?))
        };
        self.many(part).map(Arc::from)
    }

    fn delimited(&mut self) -> Option<Option<Delimited>> {
        if !self.flag()? {
            return Some(None);
        }
        let (table, delimiter) = (self.small()?, self.byte()?);
        let headings = self.many(|packet| Some(String::from_utf8_lossy(packet.bytes()?).into_owned()))?;
        Some(Some(Delimited { table, delimiter, headings }))
    }

    fn done(&mut self) -> Option<Reply<'a>> {
        let format = format::name_of(self.bytes()?)?;
        let read = self.flag()?;
        let members = Members {
            read: self.number()?,
            unread: self.many(|packet| Some((packet.kind()?, packet.number()?)))?.into_iter().collect(),
        };
        let problems_omitted = self.number()?;
        let problems = self.many(|packet| {
            let kind = packet.kind()?;
            let place = packet.place()?;
            Some(Problem { location: Location { parts: packet.parts()?, place }, kind })
        })?;
        Some(Reply::Done(format, Summary { read, members, problems, problems_omitted }))
    }
}

const ENCODINGS: [Encoding; 5] =
    [Encoding::Utf8, Encoding::Windows1252, Encoding::Cp850, Encoding::Utf16Le, Encoding::Utf16Be];

const PART_KINDS: [PartKind; 5] =
    [PartKind::Member, PartKind::Attachment, PartKind::Sheet, PartKind::Slide, PartKind::Field];

/// Where something stands in a list that holds all of its kind.
fn code<T: PartialEq>(all: &[T], one: T) -> u8 {
    all.iter().position(|other| *other == one).expect("the list holds all") as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contents(packet: Packet) -> Vec<u8> {
        let bytes = packet.finish();
        let (length, rest) = bytes.split_first_chunk().unwrap();
        let mut contents = Vec::new();
        receive(&mut &rest[..], *length, &mut contents).unwrap();
        contents
    }

    #[test]
    fn a_request_arrives_as_it_was_sent() {
        let resume = Resume { from: 8, careful: true, lost: vec![(7, ProblemKind::Timeout)] };
        for contents_of in [None, Some(b"abc".to_vec())] {
            let resume = resume.clone();
            let request = Request { expanded_bytes: 9, parts: 8, depth: 7, contents: contents_of, resume };
            assert_eq!(Unpacked::new(&contents(Packet::request(&request))).request(), Some(request));
        }
    }

    #[test]
    fn a_run_of_text_arrives_as_it_was_sent() {
        let parts: Arc<[Part]> = [Part::new(PartKind::Sheet, b"Ark1")].into();
        let marks = [
            Mark { offset: 0, place: Place::Cell(7, 2), cell: Some(TableCell { table: 1, row: 7, column: 2 }) },
            Mark { offset: 3, place: Place::Name, cell: None },
        ];
        let delimited = Delimited { table: 2, delimiter: b';', headings: vec!["Navn".into()] };
        for (places, delimited) in [(Places::Marks(&marks), None), (Places::Lines(9), Some(&delimited))] {
            let encoding = Encoding::Utf16Be;
            let sent = Text { bytes: b"abcdef", encoding, own: 2..5, parts: &parts, places, delimited };
            let packet = contents(Packet::text(&sent));
            let Some(Reply::Text(arrived)) = Unpacked::new(&packet).reply() else { panic!("no text") };
            assert_eq!(format!("{:?}", arrived.text(&parts, delimited)), format!("{sent:?}"));
        }
        let packet = contents(Packet::parts(&parts));
        assert!(matches!(Unpacked::new(&packet).reply(), Some(Reply::Parts(arrived)) if arrived == parts));
        let packet = contents(Packet::delimited(Some(&delimited)));
        assert!(
            matches!(Unpacked::new(&packet).reply(), Some(Reply::Delimited(Some(arrived))) if arrived == delimited)
        );
    }

    #[test]
    fn what_is_known_of_a_file_arrives_as_it_was_sent() {
        let location = Location { parts: [Part::new(PartKind::Member, b"a.zip")].into(), place: Place::Page(3) };
        let summary = Summary {
            read: true,
            members: Members { read: 3, unread: [(ProblemKind::Encrypted, 2)].into() },
            problems: vec![Problem { location, kind: ProblemKind::Damaged }],
            problems_omitted: 5,
        };
        let packet = contents(Packet::done("pdf", &summary));
        let Some(Reply::Done(format, arrived)) = Unpacked::new(&packet).reply() else { panic!("not done") };
        assert_eq!((format, arrived), ("pdf", summary));
    }

    #[test]
    fn a_name_from_a_worker_is_blanked_again() {
        let mut packet = Packet::new(2);
        packet.number(1);
        packet.byte(0);
        packet.bytes(b"070761-4285.txt");
        let packet = contents(packet);
        let Some(Reply::Parts(parts)) = Unpacked::new(&packet).reply() else { panic!("no parts") };
        assert_eq!(parts[0].name.as_str(), "xxxxxx-xxxx.txt");
    }

    proptest! {
        #[test]
        fn no_bytes_of_a_worker_break_the_reading(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(Reply::Text(text)) = Unpacked::new(&bytes).reply() {
                let parts: Arc<[Part]> = [].into();
                let text = text.text(&parts, None);
                prop_assert!(text.own.end <= text.bytes.len());
            }
        }
    }
}
