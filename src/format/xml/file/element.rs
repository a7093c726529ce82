//! The elements of any XML, each on a line of its own.

use super::super::super::flow::Flow;
use super::super::super::quiet::{Quiet, holds_last_digits};
use super::super::super::{Output, Reading};
use super::super::tag::local;
use super::super::{Event, Tag, Xml};
use super::quiet::{Passed, pass};
use crate::model::{Place, ProblemKind};

/// Elements whose names are known at a time; deeper ones have none.
const DEPTH: usize = 1000;

/// Pieces of markup that do not hold, after which the rest is read as it is written.
const BROKEN: u32 = 16;

/// Longest name of an element or value that says what another is, in bytes.
const NAME_BYTES: usize = 64;

/// Names that say nothing without those of the elements around them.
const BLANK: &[&str] = &[
    "id",
    "nr",
    "no",
    "nummer",
    "number",
    "value",
    "vaerdi",
    "værdi",
    "text",
    "tekst",
    "data",
    "string",
    "identifier",
    "identifikation",
    "item",
    "v",
];

/// Gives the text of all elements and attributes, and what stands in comments.
///
/// # Errors
/// When the markup does not hold, though all of it was read; when its bytes cannot be read, or a limit was reached.
pub fn read(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut reader = Reader::default();
    let mut reading = Ok(());
    let mut broken = 0;
    loop {
        match reader.read(xml, output) {
            Err(ProblemKind::Damaged) => {
                reading = Err(ProblemKind::Damaged);
                reader.end(output)?;
            }
            ended => {
                reading = ended.and(reading);
                break;
            }
        }
        broken += 1;
        if broken > BROKEN || !xml.pass_over() {
            break;
        }
    }
    reader.rest(xml, output)?;
    reader.end(output)?;
    reading
}

#[derive(Default)]
struct Reader {
    flow: Flow,
    names: Names,
    /// The line at which the paragraph began.
    begun: Option<u64>,
    /// Elements of the paragraph that part nothing.
    inline: usize,
    /// What the element is, by its attributes.
    named: String,
    /// Where the text of the paragraph begins that says what the next element is.
    naming: Option<usize>,
    /// What that said.
    sibling: String,
    last: Last,
    quiet: Quiet,
}

/// What came last.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    /// Text that is not blank.
    Text,
    /// The end of an element, after which the text of the one around it may go on.
    End,
}

impl Reader {
    fn read(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        loop {
            if self.begun.is_none() && self.quiet.is_due(xml.window.offset()) {
                self.pass_over_quiet(xml, output)?;
            }
            let line = xml.line();
            let Some(event) = xml.next()? else { return Ok(()) };
            match event {
                Event::Start(tag) => self.start(&tag, line, output)?,
                Event::Text(text) => self.text(text, line, output)?,
                Event::End(_) => self.end_element(output)?,
                Event::Other => {
                    let aside = xml.take_aside();
                    if !aside.trim().is_empty() && !aside.starts_with("xml ") {
                        self.begun.get_or_insert(line);
                        self.flow.part();
                        self.flow.push_apart(aside.trim());
                        self.flow.part();
                    }
                }
            }
            if self.flow.is_full() {
                let place = self.place(line);
                self.flow.give(place, None, output)?;
            }
        }
    }

    /// Passes over elements in which no number stands.
    fn pass_over_quiet(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        let quiet_names =
            [&self.names.text, &self.named, &self.sibling].iter().all(|name| !holds_last_digits(name.as_bytes()));
        if !quiet_names || self.names.deeper > 0 || !output.may_pass_over() || !xml.is_between() {
            self.quiet.try_again_at(xml.window.offset() + Quiet::LEAST as u64);
            return Ok(());
        }
        let names = &mut self.names;
        let bytes = self.quiet.pass_over(&mut xml.window, |rest, length| {
            let (passed, followed) = pass(&rest.as_bytes()[..length], names.starts.len());
            names.pass(&passed, rest);
            (passed.bytes, followed)
        })?;
        if bytes == 0 {
            return Ok(());
        }
        self.named.clear();
        self.sibling.clear();
        self.last = Last::Nothing;
        let place = Place::Line(xml.line());
        output.pass_over_quiet(bytes, place)
    }

    fn place(&self, line: u64) -> Place {
        Place::Line(self.begun.unwrap_or(line))
    }

    fn start(&mut self, tag: &Tag<'_>, line: u64, output: &mut Output<'_>) -> Reading {
        let goes_on = self.last == Last::Text || (!self.flow.text().is_empty() && is_inline(tag.name.as_bytes()));
        if goes_on {
            self.inline += 1;
        } else {
            self.end(output)?;
            self.names.open_prefixed(tag.prefix, tag.name);
            self.named.clear();
        }
        self.attributes(tag, line);
        self.last = if goes_on { Last::Text } else { Last::Nothing };
        Ok(())
    }

    fn attributes(&mut self, tag: &Tag<'_>, line: u64) {
        let mut naming = None;
        for (name, value) in tag.attributes() {
            if value.trim().is_empty() || matches!(name, "schemaLocation" | "noNamespaceSchemaLocation") {
                continue;
            }
            self.begun.get_or_insert(line);
            self.flow.part();
            let label = naming.as_deref().filter(|_| BLANK.contains(&name)).unwrap_or(name);
            self.flow.push_apart(label);
            self.flow.push_apart(": ");
            self.flow.push_apart(value.trim());
            self.flow.part();
            if naming.is_none() && is_naming(name.as_bytes()) && value.len() <= NAME_BYTES {
                naming = Some(value.into_owned());
            }
        }
        self.named = naming.unwrap_or_default();
    }

    fn text(&mut self, text: &str, line: u64, output: &mut Output<'_>) -> Reading {
        let blank = text.trim_start();
        let white = &text[..text.len() - blank.len()];
        if blank.is_empty() {
            if !self.flow.text().is_empty() && self.last == Last::Text {
                self.flow.show(text);
            } else if self.last == Last::End {
                self.end(output)?;
            }
            return Ok(());
        }
        if self.last == Last::End && !white.is_empty() {
            self.end(output)?;
        }
        if self.flow.text().is_empty() {
            let lines = white.bytes().filter(|b| *b == b'\n').count() as u64;
            if self.begun.is_none() {
                self.begun = Some(line + lines);
            }
            let sibling = std::mem::take(&mut self.sibling);
            if self.names.is_blank() && !sibling.is_empty() {
                self.flow.show(&sibling);
            } else {
                self.names.show(&mut self.flow);
            }
            if !self.named.is_empty() {
                self.flow.show(" ");
                self.flow.show(&self.named);
            }
            if self.names.is_known() {
                self.flow.show(": ");
            }
            self.naming = self.names.is_naming().then_some(self.flow.text().len());
            self.flow.show(blank);
        } else {
            self.flow.show(text);
        }
        self.last = Last::Text;
        Ok(())
    }

    fn end_element(&mut self, output: &mut Output<'_>) -> Reading {
        if self.inline > 0 {
            self.inline -= 1;
            self.last = Last::Text;
            return Ok(());
        }
        if self.last != Last::Text {
            self.end(output)?;
        }
        self.names.close();
        self.last = Last::End;
        Ok(())
    }

    /// The paragraph ends.
    fn end(&mut self, output: &mut Output<'_>) -> Reading {
        self.inline = 0;
        self.last = Last::Nothing;
        let Some(line) = self.begun.take() else { return Ok(()) };
        let says = self.naming.take().and_then(|at| self.flow.text().get(at..)).map(str::trim);
        self.sibling.clear();
        self.sibling.push_str(says.filter(|says| says.len() <= NAME_BYTES).unwrap_or_default());
        self.flow.end(Place::Line(line), None, output)
    }

    /// Gives what is left as it is written.
    fn rest(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        loop {
            let line = xml.line();
            match xml.raw() {
                Ok(Some(text)) => self.flow.show(text),
                Ok(None) | Err(ProblemKind::Damaged) => return Ok(()),
                Err(kind) => return Err(kind),
            }
            self.begun.get_or_insert(line);
            let place = self.place(line);
            self.flow.give(place, None, output)?;
        }
    }
}

/// True for elements that part nothing, as programs that keep running text call them.
pub(super) fn is_inline(name: &[u8]) -> bool {
    matches!(
        name,
        b"a" | b"b"
            | b"i"
            | b"u"
            | b"em"
            | b"strong"
            | b"span"
            | b"font"
            | b"tspan"
            | b"hi"
            | b"emph"
            | b"small"
            | b"big"
            | b"mark"
    )
}

/// True for attributes that say what the text of an element is.
pub(super) fn is_naming(name: &[u8]) -> bool {
    matches!(name, b"name" | b"navn" | b"key" | b"label" | b"title" | b"code" | b"type" | b"felt" | b"field")
}

/// True for elements, in letters of any case, that say what the next one is.
pub(super) fn is_naming_element(name: &[u8]) -> bool {
    let mut lower = [0; 5];
    let Some(lower) = lower.get_mut(..name.len()) else { return false };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    is_naming(lower)
}

fn is_blank(name: &str) -> bool {
    BLANK.iter().any(|blank| blank.eq_ignore_ascii_case(name))
}

/// True for a prefix that is more than a short hand of some program.
fn says_something(prefix: &str) -> bool {
    prefix.len() > 2 && !prefix.starts_with("ns")
}

/// The names of the elements that are open.
#[derive(Default)]
struct Names {
    text: String,
    /// Where each begins.
    starts: Vec<usize>,
    /// Elements beyond [`DEPTH`].
    deeper: usize,
}

impl Names {
    /// An element begins. Its prefix is a part of its name where that says nothing alone.
    fn open_prefixed(&mut self, prefix: &str, name: &str) {
        if says_something(prefix) && is_blank(name) {
            self.open(&[prefix, name].join(" "));
        } else {
            self.open(name);
        }
    }

    /// Elements were passed over that stand in `text`.
    fn pass(&mut self, passed: &Passed, text: &str) {
        while self.starts.len() > passed.kept {
            self.close();
        }
        for written in &passed.opened {
            let name = local(text, written.clone());
            self.open_prefixed(text[written.start..name.start].trim_end_matches(':'), &text[name]);
        }
    }

    fn open(&mut self, name: &str) {
        if self.starts.len() == DEPTH {
            self.deeper += 1;
            return;
        }
        self.starts.push(self.text.len());
        if name.len() <= NAME_BYTES {
            self.text.push_str(name);
        }
    }

    fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(start) = self.starts.pop() {
            self.text.truncate(start);
        }
    }

    fn is_known(&self) -> bool {
        self.deeper == 0 && !self.starts.is_empty()
    }

    /// The name of the innermost element; empty when it is not known.
    fn last(&self) -> &str {
        let start = self.starts.last().filter(|_| self.deeper == 0);
        start.map_or("", |start| &self.text[*start..])
    }

    /// True when that name says nothing alone.
    fn is_blank(&self) -> bool {
        is_blank(self.last())
    }

    /// True when what it holds says what the next element is.
    fn is_naming(&self) -> bool {
        is_naming_element(self.last().as_bytes())
    }

    /// Shows the name of the innermost element, behind that of the one around it if it says nothing alone.
    fn show(&self, flow: &mut Flow) {
        if !self.is_known() {
            return;
        }
        let from = |back: usize| self.starts.len().checked_sub(back).and_then(|at| self.starts.get(at)).copied();
        let Some(start) = from(1) else { return };
        let name = self.last();
        if let Some(before) = from(2).filter(|_| self.is_blank()) {
            flow.show(&self.text[before..start]);
            flow.show(" ");
        }
        flow.show(name);
    }
}
