//! Messages between systems: EDIFACT (MedCom) and HL7 version 2, segment by segment and field by field.

use super::decoded::Decoded;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{Place, ProblemKind, TableCell};

pub const EDIFACT: Format = Format {
    name: "edifact",
    version: 1,
    weight: Weight::Small,
    reads: "every element of every segment",
    leaves: "",
    recognise: |input| begins(input, &[b"UNA", b"UNB"], |mark| !mark.is_ascii_alphanumeric()),
    read: read_edifact,
};

pub const HL7: Format = Format {
    name: "hl7",
    version: 1,
    weight: Weight::Small,
    reads: "every component of every field, with what the standard says that it is",
    leaves: "",
    recognise: |input| begins(input, &[b"MSH", b"FHS", b"BHS"], |mark| mark == b'|'),
    read: read_hl7,
};

/// Longest segment, in bytes.
const SEGMENT_BYTES: usize = 4 * 1024 * 1024;

/// What the fields of HL7 segments are that hold persons. HL7 2.5.1, chapters 3 and 6.
const HL7_FIELDS: &[(&str, usize, &str)] = &[
    ("PID", 2, "patient id"),
    ("PID", 3, "patient id"),
    ("PID", 4, "patient id"),
    ("PID", 5, "patient name"),
    ("PID", 7, "date of birth"),
    ("PID", 13, "telefon"),
    ("PID", 14, "telefon"),
    ("PID", 18, "kontonr"),
    ("PID", 19, "personnummer"),
    ("PID", 21, "moder"),
    ("MRG", 1, "patient id"),
    ("MRG", 4, "patient id"),
    ("NK1", 2, "person"),
    ("NK1", 12, "person"),
    ("NK1", 33, "person"),
    ("IN1", 49, "person"),
    ("GT1", 2, "person"),
];

/// Qualifiers of EDIFACT elements that say that a person follows. MedCom, "Den gode kommunikation".
const EDIFACT_PERSONS: &[&str] = &["PAT", "CPR", "PTP", "REL"];

fn begins(input: &mut Input<'_>, tags: &[&[u8]], mark: fn(u8) -> bool) -> bool {
    let head = input.head().trim_ascii_start();
    let head = head.strip_prefix(b"\x0b").unwrap_or(head);
    let tagged = tags.iter().any(|tag| head.starts_with(tag)) && head.get(3).is_some_and(|b| mark(*b));
    let closes = head.get(3..9).is_some_and(|marks| marks.iter().filter(|b| !b.is_ascii_alphanumeric()).count() >= 1);
    // The marks of EDIFACT are told in the first segment, or the first element of `UNB` is the alphabet.
    let edifact =
        |head: &[u8]| head.starts_with(b"UNA") || memchr::memmem::find(&head[..head.len().min(16)], b"UNO").is_some();
    tagged && closes && (!head.starts_with(b"UN") || edifact(head)) && input.encoding().is_some()
}

/// The characters that part a message. EDIFACT: ISO 9735.
struct Marks {
    component: char,
    element: char,
    release: char,
    segment: char,
}

fn read_edifact(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let mut text = Decoded::new(input, encoding);
    let mut marks = Marks { component: ':', element: '+', release: '?', segment: '\'' };
    text.holds(64)?;
    let rest = text.rest();
    let blanks = rest.len() - rest.trim_start().len();
    if let Some(told) = rest.trim_start().strip_prefix("UNA") {
        let told: Vec<char> = told.chars().take(6).collect();
        if let [component, element, _, release, _, segment] = told[..] {
            marks = Marks { component, element, release, segment };
            let bytes = blanks + 3 + told.iter().map(|c| c.len_utf8()).sum::<usize>();
            text.take(bytes);
        }
    }
    let mut segments = Segments::new(output);
    while let Some((line, bytes)) = segment(&mut text, |c, released| c == marks.segment && !released, marks.release)? {
        let written = text.take(bytes);
        segments.begin(line);
        edifact_segment(written.trim().trim_end_matches(marks.segment), &marks, &mut segments)?;
    }
    Ok(())
}

fn edifact_segment(segment: &str, marks: &Marks, segments: &mut Segments<'_, '_>) -> Reading {
    let mut component = String::new();
    let mut released = false;
    for c in segment.chars() {
        match c {
            c if released => {
                component.push(c);
                released = false;
            }
            c if c == marks.release => released = true,
            c if c == marks.component || c == marks.element => segments.edifact(&mut component)?,
            // A segment is broken over lines anywhere.
            '\r' | '\n' => {}
            c => component.push(c),
        }
    }
    segments.edifact(&mut component)
}

fn read_hl7(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let mut text = Decoded::new(input, encoding);
    let mut segments = Segments::new(output);
    while let Some((line, bytes)) = segment(&mut text, |c, _| matches!(c, '\r' | '\n'), '\0')? {
        let written = text.take(bytes).trim_matches(['\r', '\n', '\u{b}', '\u{1c}', ' ']).to_owned();
        segments.begin(line);
        let tag = written.get(..3).unwrap_or_default();
        for (field, number) in written.split('|').zip(0..) {
            segments.hl7(tag, number, field)?;
        }
    }
    Ok(())
}

/// The line of the next segment and the bytes that it takes with its end; none at the end of the text.
fn segment(
    text: &mut Decoded<'_, '_>,
    ends: impl Fn(char, bool) -> bool,
    release: char,
) -> Result<Option<(u64, usize)>, ProblemKind> {
    let mut from = 0;
    let mut released = false;
    loop {
        let line = text.line_number();
        let rest = text.rest();
        for (at, c) in rest[from..].char_indices() {
            if ends(c, released) {
                return Ok(Some((line, from + at + c.len_utf8())));
            }
            released = c == release && !released;
        }
        from = rest.len();
        if from > SEGMENT_BYTES || !text.more()? {
            return Ok((from > 0).then_some((line, from)));
        }
    }
}

/// The segments of a message as rows of a table.
struct Segments<'o, 's> {
    output: &'o mut Output<'s>,
    table: u32,
    row: u32,
    column: u32,
    line: u64,
}

impl<'o, 's> Segments<'o, 's> {
    fn new(output: &'o mut Output<'s>) -> Self {
        let table = output.table();
        // Below where headings are looked for: the first rows of a message are none.
        Self { output, table, row: 100, column: 0, line: 1 }
    }

    fn begin(&mut self, line: u64) {
        self.row = self.row.saturating_add(1);
        self.column = 0;
        self.line = line;
    }

    fn cell(&mut self, text: &str) -> Reading {
        self.column = self.column.saturating_add(1);
        if text.trim().is_empty() {
            return Ok(());
        }
        let cell = TableCell { table: self.table, row: self.row, column: self.column };
        self.output.cell(Place::Line(self.line), cell)?;
        self.output.push(text)
    }

    /// Gives a component, and takes it.
    fn edifact(&mut self, component: &mut String) -> Reading {
        self.cell(component)?;
        if EDIFACT_PERSONS.contains(&component.as_str()) {
            self.cell("patient")?;
        }
        component.clear();
        Ok(())
    }

    fn hl7(&mut self, tag: &str, number: usize, field: &str) -> Reading {
        if field.is_empty() || number == 0 {
            return self.cell(field);
        }
        let known = HL7_FIELDS.iter().find(|(segment, known, _)| *segment == tag && *known == number);
        for component in field.split(['~', '^', '&']) {
            if let Some((_, _, label)) = known
                && component.bytes().any(|b| b.is_ascii_digit())
            {
                self.cell(label)?;
            }
            self.cell(&unescaped(component))?;
        }
        Ok(())
    }
}

/// What the escapes of HL7 mean. HL7 2.5.1, 2.7.
fn unescaped(text: &str) -> String {
    let escapes = [
        ("\\F\\", "|"),
        ("\\S\\", "^"),
        ("\\T\\", "&"),
        ("\\R\\", "~"),
        ("\\.br\\", "\n"),
        ("\\X0D\\", "\n"),
        ("\\X0A\\", "\n"),
        ("\\E\\", "\\"),
    ];
    let mut text = text.to_owned();
    if text.contains('\\') {
        for (escape, meant) in escapes {
            text = text.replace(escape, meant);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_by_their_first_segment() {
        let named = |text: &str| {
            let mut input = Input::bytes(text.into());
            [&EDIFACT, &HL7].into_iter().find(|format| (format.recognise)(&mut input)).map(|format| format.name)
        };
        assert_eq!(named("UNA:+.? 'UNB+UNOC:3+a+b'"), Some("edifact"));
        assert_eq!(named("UNB+UNOC:3+5790000121526:14'"), Some("edifact"));
        assert_eq!(named("\u{b}MSH|^~\\&|EPJ|A\rPID|1||0707614285^^^CPR\r"), Some("hl7"));
        assert_eq!(named("UNBOXING: en film\n"), None);
        assert_eq!(named("MSH er en forkortelse\n"), None);
    }
}
