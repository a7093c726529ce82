//! Files that hold messages: mailboxes of many (mbox, RFC 4155), and the messages of Apple Mail (emlx).

use std::io::{self, Read};

use super::super::{Format, Input, Output, Reading, Weight};
use super::line::Lines;
use super::{forced, header, is_message, subject};
use crate::model::{PartKind, ProblemKind};

pub const MBOX: Format = Format {
    name: "mbox",
    version: 1,
    weight: Weight::Small,
    reads: "every message of a mailbox as mail",
    leaves: "",
    recognise: |input| is_mailbox(input.head()),
    read: read_mbox,
};

pub const EMLX: Format = Format {
    name: "emlx",
    version: 1,
    weight: Weight::Small,
    reads: "the message as mail, and what Apple Mail notes of it",
    leaves: "",
    recognise: |input| emlx(input.head()).is_some(),
    read: read_emlx,
};

/// True when a line begins a message: `From karla@x.dk Mon Jan  4 09:00:00 2016`, or what Thunderbird writes.
fn is_from(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else {
        return false;
    };
    let rest = &rest[..rest.len().min(256)];
    let time = |four: &[u8]| matches!(four, [a, b':', b, c] if [a, b, c].iter().all(|d| d.is_ascii_digit()));
    rest.trim_ascii().is_empty() || rest.starts_with(b"- ") || rest.windows(4).any(time)
}

fn is_mailbox(head: &[u8]) -> bool {
    if !head.starts_with(b"From ") {
        return false;
    }
    let next = head.split(|b| *b == b'\n').nth(1).unwrap_or_default();
    let next = next.strip_prefix(b">").unwrap_or(next);
    next.starts_with(b"From ") || header::name(next).is_some()
}

fn read_mbox(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut lines = Lines::new(input.reader());
    let mut number: u64 = 0;
    while lines.peek().starts_with(b"From ") {
        number += 1;
        let mut message = Message { lines: &mut lines, blank: false };
        message.pass();
        let input = Input::stream(&mut message).map(forced);
        let subject = input.as_ref().ok().and_then(|input| subject(input.head())).unwrap_or_default();
        let name = format!("message {number} {subject}");
        output.named_member(PartKind::Member, name.trim_end().as_bytes(), input)?;
        while !message.peek().is_empty() {
            message.pass();
        }
    }
    lines.unbroken()
}

/// The message that the lines go on with, up to the line that begins the next.
struct Message<'m, 'r> {
    lines: &'m mut Lines<'r>,
    /// True when the line before is empty.
    blank: bool,
}

impl Message<'_, '_> {
    /// The next line; empty at the end.
    fn peek(&mut self) -> &[u8] {
        let could_end = self.blank && self.lines.begins();
        let line = self.lines.peek();
        if could_end && is_from(line) { &[] } else { line }
    }

    fn pass(&mut self) {
        let length = self.lines.peek().len();
        self.consume(length);
    }

    fn consume(&mut self, length: usize) {
        let begins = self.lines.begins();
        let line = self.lines.peek();
        if length > 0 && length >= line.len() {
            self.blank = begins && line.iter().all(|b| matches!(b, b'\r' | b'\n'));
        }
        self.lines.consume(length);
    }
}

impl Read for Message<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let begins = self.lines.begins();
        let line = self.peek();
        // A line that would begin a message is quoted once for each time that it was stored.
        let quoted =
            begins && line.starts_with(b">") && line.trim_ascii_start().iter().find(|b| **b != b'>') == Some(&b'F');
        let quoted = quoted && line[line.iter().take_while(|b| **b == b'>').count()..].starts_with(b"From ");
        if quoted && buffer.len() > 1 {
            let length = (line.len() - 1).min(buffer.len());
            buffer[..length].copy_from_slice(&line[1..=length]);
            self.consume(length + 1);
            return Ok(length);
        }
        let length = line.len().min(buffer.len());
        buffer[..length].copy_from_slice(&line[..length]);
        self.consume(length);
        Ok(length)
    }
}

/// Where the message begins and how long it is, when the first line tells that.
fn emlx(head: &[u8]) -> Option<(usize, usize)> {
    let end = head.iter().take(20).position(|b| *b == b'\n')?;
    let length = std::str::from_utf8(&head[..end]).ok()?.trim().parse().ok()?;
    is_message(&head[end + 1..]).then_some((end + 1, length))
}

fn read_emlx(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let (start, length) = emlx(input.head()).ok_or(ProblemKind::Damaged)?;
    let mut source = input.reader();
    let skipped = io::copy(&mut source.by_ref().take(start as u64), &mut io::sink());
    skipped.map_err(|error| super::super::input::problem_kind(&error))?;
    let mut message = source.by_ref().take(length as u64);
    let mut lines = Lines::new(&mut message);
    let reading = super::message(&mut lines, output).and_then(|()| lines.unbroken());
    drop(lines);
    output.attempt(|_| reading)?;
    let whole = message.limit() == 0;
    output.named_member(PartKind::Field, b"properties", Input::stream(&mut source))?;
    if whole { Ok(()) } else { Err(ProblemKind::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::told;

    #[test]
    fn each_message_of_a_mailbox_is_one_of_its_own() {
        let mbox = "From karla@x.dk Mon Jan  4 09:00:00 2016\nSubject: en\n\nFrom her\n\n>From there\n\
                    \nFrom - Mon Jan  4 09:00:00 2016\nSubject: to\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nbrudt\n\
                    \nFrom \nSubject: tre\n\nslut\n";
        let told = told(mbox.into());
        assert_eq!((told.format, &*told.problems), ("mbox", &["message 2 to: Damaged".to_owned()][..]));
        let lines: Vec<&str> = told.lines.iter().map(String::as_str).filter(|line| !line.contains("header")).collect();
        assert_eq!(lines[0], "message 1 en › line 1: From her");
        assert!(lines.contains(&"message 1 en › line 3: From there"), "{lines:?}");
        assert!(lines.contains(&"message 2 to › line 1: brudt") && lines.contains(&"message 3 tre › line 1: slut"));
    }

    #[test]
    fn a_message_of_apple_mail_ends_where_its_first_line_says() {
        let message = "From: a@b.dk\nSubject: en\n\nhej\n";
        let told = told(
            format!("{}\n{message}<?xml version=\"1.0\"?><plist><string>flag</string></plist>", message.len())
                .into_bytes(),
        );
        assert_eq!((told.format, told.problems), ("emlx", vec![]));
        assert_eq!(told.lines[2], "line 1: hej");
        assert!(told.lines[3..].iter().any(|line| line.ends_with("flag")), "{:?}", told.lines);
    }
}
