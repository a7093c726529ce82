//! A format's only way to be heard, and the gate where every limit is enforced.

use std::io::{self, Read};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::budget::{Budget, Limits, Metered};
use super::run::Run;
use super::{Input, Reading, Weight};
use crate::model::{
    Delimited, Encoding, Location, Mark, Members, Part, PartKind, Place, Places, Problem, ProblemKind, Sink, TableCell,
    Text,
};

/// Bytes of new text after which it is handed on.
const FLUSH_BYTES: usize = 128 * 1024;

/// Bytes at the end of a run that goes on: they are handed on again as the next run's, when what follows is known.
const PENDING_BYTES: usize = 128;

/// What a stretch costs beside its text, so that stretches without end reach a limit too.
const STRETCH_BYTES: u64 = 8;

/// Problems of one file that are told one by one; more of them are only counted.
const PROBLEMS: usize = 1000;

/// Takes what a format reads and hands it on as [`Text`], knowing where it stands.
pub struct Output<'s> {
    sink: &'s mut dyn Sink,
    budget: Rc<Budget>,
    depth: usize,
    parts: Arc<[Part]>,
    tables: u32,
    run: Run,
    summary: Summary,
    /// A limit's problem is told once, where it was reached.
    told: bool,
    /// Files inside the file that began.
    begun: u64,
    resume: Resume,
    light: Light,
}

/// Whether what is heavy may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Light {
    /// It may.
    No,
    /// It may not, and was not met yet.
    Yes,
    /// It was met, and the reading ended there.
    Broken,
}

/// How to read a file whose reading was lost before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    /// Nothing is given again of what stands before so many files inside the file began.
    pub from: u64,
    /// True when every stretch is handed on at once, so that little is lost when the reading is lost again.
    pub careful: bool,
    /// Files inside the file that are passed over: how many began before each, and why it was lost.
    pub lost: Vec<(u64, ProblemKind)>,
}

/// What is known of a file when it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// True when some text of its contents was given.
    pub read: bool,
    /// The files inside it.
    pub members: Members,
    /// What was not read, in the order of the reading.
    pub problems: Vec<Problem>,
    /// Problems beyond the first thousand.
    pub problems_omitted: u64,
}

impl<'s> Output<'s> {
    /// An output that hands its text to `sink`.
    pub fn new(sink: &'s mut dyn Sink, limits: &Limits) -> Self {
        Self {
            sink,
            budget: Rc::new(Budget::new(limits)),
            depth: limits.depth,
            parts: Arc::default(),
            tables: 0,
            run: Run::default(),
            summary: Summary::default(),
            told: false,
            begun: 0,
            resume: Resume::default(),
            light: Light::No,
        }
    }

    /// As it was, but for what was lost before.
    pub fn resume(mut self, resume: Resume) -> Self {
        self.resume = resume;
        self
    }

    /// As [`Output::read`], but nothing heavy is read: none when something heavy was met. What was given until then is void.
    pub fn read_light(mut self, input: &mut Input<'_>) -> Option<(&'static str, Summary)> {
        self.light = Light::Yes;
        let (format, reading) = super::read(input, &mut self);
        let _: Reading = self.conclude(reading);
        (self.light == Light::Yes).then_some((format, self.summary))
    }

    /// Says what work is to be done next.
    ///
    /// # Errors
    /// When it is heavy and must not be done here; the reading ends then.
    pub(super) fn bear(&mut self, weight: Weight) -> Reading {
        if weight != Weight::Heavy || self.light == Light::No {
            return Ok(());
        }
        self.light = Light::Broken;
        self.budget.stop()
    }

    /// True as long as what is read was given before.
    fn is_muted(&self) -> bool {
        self.begun < self.resume.from
    }

    /// Reads a file as what it is, gives the name of that and what is known of it.
    pub fn read(mut self, input: &mut Input<'_>) -> (&'static str, Summary) {
        let (format, reading) = super::read(input, &mut self);
        let _: Reading = self.conclude(reading);
        (format, self.summary)
    }

    /// Searches a name: of the file itself, or of a part.
    pub fn name(&mut self, name: &[u8]) {
        if self.is_muted() {
            return;
        }
        let marks = [Mark { offset: 0, place: Place::Name, cell: None }];
        self.sink.text(&Text {
            bytes: name,
            encoding: Encoding::Utf8,
            own: 0..name.len(),
            parts: &self.parts,
            places: Places::Marks(&marks),
            delimited: None,
        });
    }

    /// A file inside this one: its name is searched and it is read as what it is.
    ///
    /// What goes wrong in it is its own problem; an error here means that a limit of the whole file was reached. It may
    /// take half of what is left of the budget, so that one that grows without end leaves something to its siblings.
    pub fn member(&mut self, kind: PartKind, name: &[u8], input: io::Result<Input<'_>>) -> Reading {
        self.enter(kind, name, true, input)
    }

    /// As [`Output::member`], but its name is ours, or was searched elsewhere: it is not searched.
    pub fn named_member(&mut self, kind: PartKind, name: &[u8], input: io::Result<Input<'_>>) -> Reading {
        self.enter(kind, name, false, input)
    }

    fn enter(&mut self, kind: PartKind, name: &[u8], search: bool, input: io::Result<Input<'_>>) -> Reading {
        let kept = self.budget.keep_half();
        let told = self.told;
        let lost = self.resume.lost.iter().find(|(member, _)| *member == self.begun).map(|(_, kind)| *kind);
        let _: Reading = self.inside(kind, name, |output| {
            if search {
                output.name(name);
            }
            output.begun += 1;
            output.sink.member_begins();
            match lost {
                Some(kind) => output.pass_over(kind),
                None => output.read_member(input),
            }
        });
        self.sink.member_ends();
        self.budget.release(kept);
        self.told = told && self.budget.ended().is_some();
        self.budget.ended().map_or(Ok(()), Err)
    }

    fn read_member(&mut self, input: io::Result<Input<'_>>) -> Reading {
        let depth = self.depth.checked_sub(1);
        let before = std::mem::take(&mut self.summary.read);
        let reading = match (depth, input) {
            (None, _) => Err(ProblemKind::TooLarge),
            (Some(_), Err(error)) => Err(super::input::problem_kind(&error)),
            (Some(depth), Ok(mut input)) => {
                self.depth = depth;
                let (_, reading) = super::read(&mut input, self);
                self.depth = depth + 1;
                reading.and_then(|()| input.unbroken())
            }
        };
        self.flush();
        let members = &mut self.summary.members;
        let own_file = self.parts.last().is_none_or(|part| part.kind != PartKind::Field);
        match reading {
            _ if !own_file => {}
            Err(kind) if !self.summary.read || kind.leaves_contents_unread() => {
                *members.unread.entry(kind).or_default() += 1;
            }
            _ => members.read += 1,
        }
        self.summary.read |= before;
        reading
    }

    /// A file inside this one that cannot be opened: its name is searched, and `why` is told where it stands.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn unread_member(&mut self, kind: PartKind, name: &[u8], why: ProblemKind) -> Reading {
        self.inside(kind, name, |output| {
            output.name(name);
            output.pass_over(why)
        })
    }

    fn pass_over(&mut self, why: ProblemKind) -> Reading {
        *self.summary.members.unread.entry(why).or_default() += 1;
        Err(why)
    }

    /// A sheet or slide: its name is searched, then `read` gives what is in it.
    pub fn part(&mut self, kind: PartKind, name: &[u8], read: impl FnOnce(&mut Self) -> Reading) -> Reading {
        self.inside(kind, name, |output| {
            output.name(name);
            read(output)
        })
    }

    /// A stretch outside the running text: a header, a comment, a property. The name is ours and is not searched.
    pub fn field(&mut self, name: &str, read: impl FnOnce(&mut Self) -> Reading) -> Reading {
        self.inside(PartKind::Field, name.as_bytes(), read)
    }

    /// A stretch that is no part of its own: its problem is told where it stands, and what follows it is still read.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn attempt(&mut self, read: impl FnOnce(&mut Self) -> Reading) -> Reading {
        let reading = read(self);
        self.conclude(reading)
    }

    /// From here on the text stands at `place`.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn at(&mut self, place: Place) -> Reading {
        self.begin(Mark { offset: 0, place, cell: None })
    }

    /// From here on the text stands in this cell, which is at `place`.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn cell(&mut self, place: Place, cell: TableCell) -> Reading {
        self.begin(Mark { offset: 0, place, cell: Some(cell) })
    }

    /// A number for a table that begins.
    pub fn table(&mut self) -> u32 {
        self.tables += 1;
        self.tables
    }

    /// Appends text where it stands.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn push(&mut self, text: &str) -> Reading {
        self.budget.charge(text.len() as u64)?;
        if self.run.marks.is_empty() {
            self.begin(Mark { offset: 0, place: Place::Whole, cell: None })?;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(FLUSH_BYTES));
            self.run.bytes.extend_from_slice(piece.as_bytes());
            rest = after;
            if self.run.bytes.len() - self.run.fresh > 2 * FLUSH_BYTES {
                self.roll(PENDING_BYTES);
            }
        }
        Ok(())
    }

    /// True when stretches in which no number can stand may be passed over: some text of this part was given, and nothing
    /// is asked for twice.
    pub(super) fn may_pass_over(&self) -> bool {
        !self.run.bytes.is_empty() && !self.resume.careful
    }

    /// Passes over `bytes` before `place` in which no number can stand. What stood before them and what comes behind them
    /// do not touch.
    ///
    /// # Errors
    /// When a limit was reached.
    pub(super) fn pass_over_quiet(&mut self, bytes: u64, place: Place) -> Reading {
        self.budget.charge(bytes)?;
        self.at(place)?;
        self.push("…")
    }

    /// A problem at `place` of this part; the reading goes on.
    pub fn problem(&mut self, place: Place, kind: ProblemKind) {
        if self.summary.problems.len() >= PROBLEMS {
            self.summary.problems_omitted += 1;
            return;
        }
        self.summary.problems.push(Problem { location: Location { parts: Arc::clone(&self.parts), place }, kind });
    }

    /// Says that the reading goes on, where nothing is given for long.
    pub fn goes_on(&mut self) {
        self.sink.goes_on();
    }

    /// Passes over what is left of a member, which has to be unpacked to reach the next.
    ///
    /// # Errors
    /// When it cannot be unpacked, or a limit was reached.
    pub fn pass(&mut self, rest: &mut dyn Read) -> Reading {
        loop {
            let passed = io::copy(&mut rest.take(FLUSH_BYTES as u64), &mut io::sink());
            self.sink.goes_on();
            if passed.map_err(|error| super::input::problem_kind(&error))? == 0 {
                return Ok(());
            }
        }
    }

    /// Charges bytes that were unpacked in memory.
    ///
    /// # Errors
    /// When a limit was reached.
    pub fn charge_bytes(&self, bytes: u64) -> Reading {
        self.budget.charge(bytes)
    }

    /// A reader whose every byte is charged to the file's budget: for what comes out of a decompressor.
    pub fn meter<R: Read>(&self, reader: R) -> Metered<R> {
        Metered::new(reader, &self.budget)
    }

    /// How many stretches of a long text are taken at once with [`Output::raw`].
    pub fn together(&mut self) -> usize {
        self.sink.together()
    }

    /// Hands on stretches of text that already lie in memory as a file spells them, one after another.
    ///
    /// # Errors
    /// When the scan is to end.
    pub fn raw(&mut self, stretches: &[Stretch<'_>]) -> Reading {
        self.summary.read |= stretches.iter().any(|stretch| !stretch.own.is_empty());
        if self.is_muted() {
            return self.budget.charge(0);
        }
        let parts = &self.parts;
        match stretches {
            [stretch] => self.sink.text(&stretch.text(parts)),
            many => self.sink.texts(&many.iter().map(|stretch| stretch.text(parts)).collect::<Vec<_>>()),
        }
        self.budget.charge(0)
    }

    /// Enters a part, lets `read` read it, and tells its problem where it stands.
    fn inside(&mut self, kind: PartKind, name: &[u8], read: impl FnOnce(&mut Self) -> Reading) -> Reading {
        self.flush();
        let outer = Arc::clone(&self.parts);
        self.parts = outer.iter().cloned().chain([Part::new(kind, name)]).collect();
        let reading = self.budget.charge_part().and_then(|()| read(self));
        let reading = self.conclude(reading);
        self.parts = outer;
        reading
    }

    /// Tells the problem of this part; gives an error only when a limit of the whole file was reached.
    fn conclude(&mut self, reading: Reading) -> Reading {
        self.flush();
        let ended = self.budget.ended();
        match ended.map_or(reading, Err) {
            Err(kind) if ended.is_none() || !self.told => {
                self.told = ended.is_some();
                self.problem(Place::Whole, kind);
            }
            _ => {}
        }
        ended.map_or(Ok(()), Err)
    }

    fn begin(&mut self, mark: Mark) -> Reading {
        self.budget.charge(STRETCH_BYTES)?;
        self.sink.goes_on();
        if self.resume.careful || self.run.bytes.len() - self.run.fresh > FLUSH_BYTES {
            self.roll(0);
        }
        self.run.begin(mark);
        Ok(())
    }

    /// Hands on what is new and forgets it: what follows stands in another part.
    fn flush(&mut self) {
        self.hand_on(self.run.bytes.len());
        self.run.clear();
    }

    /// Hands on what is new, but for the last `pending` bytes, and keeps some of it as context for what follows.
    fn roll(&mut self, pending: usize) {
        let end = self.run.bytes.len().saturating_sub(pending);
        self.hand_on(end);
        self.run.keep_from(end);
    }

    fn hand_on(&mut self, end: usize) {
        let run = &self.run;
        if run.fresh >= end {
            return;
        }
        self.summary.read = true;
        if self.is_muted() {
            return;
        }
        self.sink.text(&Text {
            bytes: &run.bytes,
            encoding: Encoding::Utf8,
            own: run.fresh..end,
            parts: &self.parts,
            places: Places::Marks(&run.marks),
            delimited: None,
        });
    }
}

/// A stretch of text as a file spells it.
pub struct Stretch<'t> {
    /// The bytes, with context before and after what is new.
    pub bytes: &'t [u8],
    /// What is new.
    pub own: Range<usize>,
    /// How the bytes spell characters.
    pub encoding: Encoding,
    /// The number of the line at the beginning.
    pub first_line: u64,
    /// How lines divide into columns, where they do.
    pub delimited: Option<&'t Delimited>,
}

impl<'t> Stretch<'t> {
    fn text(&self, parts: &'t Arc<[Part]>) -> Text<'t> {
        Text {
            bytes: self.bytes,
            encoding: self.encoding,
            own: self.own.clone(),
            parts,
            places: Places::Lines(self.first_line),
            delimited: self.delimited,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what it is given: where its end stands, and the text that is new.
    #[derive(Default)]
    struct Kept(Vec<(String, String)>);

    impl Sink for Kept {
        fn text(&mut self, text: &Text<'_>) {
            let place = match text.places {
                Places::Marks(marks) => marks[marks.partition_point(|m| m.offset < text.own.end) - 1].place,
                Places::Lines(first) => Place::Line(first),
            };
            let location = Location { parts: Arc::clone(text.parts), place };
            let own = String::from_utf8_lossy(&text.bytes[text.own.clone()]).into_owned();
            self.0.push((location.to_string(), own));
        }
    }

    fn limits(expanded_bytes: u64) -> Limits {
        Limits { expanded_bytes, parts: 100, depth: 3, stop: Arc::default() }
    }

    #[test]
    fn a_light_reading_ends_where_something_heavy_is_met() {
        let read = |attached: &str| {
            let mail = format!(
                "From: a@b.dk\nSubject: en\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ncpr\n--x\n\
                 Content-Disposition: attachment; filename=a\n\n{attached}\n--x--\n"
            );
            let mut kept = Kept::default();
            Output::new(&mut kept, &limits(1000)).read_light(&mut Input::bytes(mail.into())).map(|(format, _)| format)
        };
        assert_eq!(read("<html><p>cpr</p></html>"), Some("mail"));
        assert_eq!(read("%PDF-1.4"), None);
    }

    #[test]
    fn cells_of_a_row_are_parted_by_a_cell_break_and_rows_by_a_line_end() {
        let mut kept = Kept::default();
        let mut output = Output::new(&mut kept, &limits(1000));
        let table = output.table();
        for (row, column) in [(1, 1), (1, 2), (2, 1)] {
            output.cell(Place::Cell(row, column), TableCell { table, row, column }).unwrap();
            output.push("x").unwrap();
        }
        output.flush();
        assert_eq!(kept.0, [("A2".into(), "x\u{1f}x\nx".into())]);
    }

    #[test]
    fn a_number_across_two_runs_is_whole_in_one_of_them() {
        struct Whole(usize);
        impl Sink for Whole {
            fn text(&mut self, text: &Text<'_>) {
                let end = memchr::memmem::find_iter(text.bytes, b"0707614285").map(|at| at + 9);
                self.0 += end.filter(|last| text.own.contains(last)).count();
            }
        }
        for shift in 0..40 {
            let mut whole = Whole(0);
            let mut output = Output::new(&mut whole, &limits(10_000_000));
            let filler = "x".repeat(2 * FLUSH_BYTES - 20 - PENDING_BYTES + shift);
            for piece in [&filler, "0707614285", &"y".repeat(3 * FLUSH_BYTES), "0707614285"] {
                output.push(piece).unwrap();
            }
            output.flush();
            assert_eq!(whole.0, 2, "shift {shift}");
        }
    }

    #[test]
    fn what_follows_a_roll_keeps_its_place() {
        let mut kept = Kept::default();
        let mut output = Output::new(&mut kept, &limits(10_000_000));
        for paragraph in 1..=3 {
            output.at(Place::Paragraph(paragraph)).unwrap();
            output.push(&"a".repeat(FLUSH_BYTES + 1)).unwrap();
        }
        output.flush();
        let places: Vec<&str> = kept.0.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["paragraph 1", "paragraph 2", "paragraph 3"]);
    }

    #[test]
    fn a_limit_is_told_once_where_it_was_reached() {
        let mut kept = Kept::default();
        let mut output = Output::new(&mut kept, &limits(10));
        let reading = output.field("header", |output| output.field("inner", |output| output.push(&"a".repeat(11))));
        assert_eq!(reading, Err(ProblemKind::TooLarge));
        assert!(output.field("footer", |output| output.push("a")).is_err());
        let told: Vec<String> = output.summary.problems.iter().map(|p| p.location.to_string()).collect();
        assert_eq!(told, ["header › inner"]);
    }

    #[test]
    fn what_was_lost_is_passed_over_and_nothing_before_it_is_given_again() {
        let read = |resume: Resume| {
            let mut kept = Kept::default();
            let mut output = Output::new(&mut kept, &limits(100_000)).resume(resume);
            for name in ["a", "b", "c", "d"] {
                output.push(name).unwrap();
                let input = Ok(Input::bytes(format!("i {name}").into_bytes()));
                output.member(PartKind::Member, name.as_bytes(), input).unwrap();
            }
            let problems: Vec<String> = output.summary.problems.iter().map(|p| p.location.to_string()).collect();
            (kept.0.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), problems)
        };
        let (all, none) = read(Resume::default());
        assert_eq!((all.len(), none), (12, vec![]));
        let (rest, lost) =
            read(Resume { from: 3, careful: false, lost: vec![(0, ProblemKind::Timeout), (2, ProblemKind::Damaged)] });
        assert_eq!(rest, all[9..]);
        assert_eq!(lost, ["a", "c"]);
    }

    #[test]
    fn a_member_that_grows_without_end_leaves_something_to_its_siblings() {
        let mut kept = Kept::default();
        let mut output = Output::new(&mut kept, &limits(100_000));
        let mut endless = output.meter(std::io::repeat(b'a'));
        output.member(PartKind::Member, b"a.txt", Input::stream(&mut endless)).unwrap();
        let mut letter = output.meter(&b"tekst"[..]);
        output.member(PartKind::Member, b"b.txt", Input::stream(&mut letter)).unwrap();
        let told: Vec<String> = output.summary.problems.iter().map(|p| p.location.to_string()).collect();
        assert_eq!(told, ["a.txt"]);
        assert!(kept.0.contains(&("b.txt › line 1".into(), "tekst".into())));
    }

    #[test]
    fn a_broken_member_does_not_hide_its_siblings() {
        let mut kept = Kept::default();
        let mut output = Output::new(&mut kept, &limits(1000));
        output.member(PartKind::Member, b"a.bin", Ok(Input::bytes(vec![0; 64]))).unwrap();
        output.member(PartKind::Member, b"b.txt", Ok(Input::bytes(b"tekst".to_vec()))).unwrap();
        assert_eq!(output.summary.members.read, 1);
        assert_eq!(output.summary.members.unread, [(ProblemKind::UnsupportedFormat, 1)].into());
        assert!(kept.0.contains(&("b.txt › line 1".into(), "tekst".into())));
    }
}
