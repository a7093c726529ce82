//! Mail: a message with its parts and attachments, and mailboxes of many. RFC 5322, RFC 2045 to 2049.
//!
//! A message is read as a stream, part by part. Its headers stand in one field; running text stands in it at its lines;
//! html and calendars are read by their own formats; what is attached is a file inside it, a message too.

mod body;
mod charset;
mod coding;
mod header;
mod line;
mod mailbox;

use std::io::Read;

use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, Place, ProblemKind};
pub use charset::Charset;
pub use coding::Coding;
use coding::Decoder;
use header::{Header, Headers, Parameters};
pub use line::Lines;
use line::{Boundary, Part};
pub use mailbox::{EMLX, MBOX};

pub const FORMAT: Format = Format {
    name: "mail",
    version: 1,
    weight: Weight::Small,
    reads: "subject, addresses and other headers, decoded; text, html and calendar of every alternative in any charset; attachments, uuencoded files, attached messages, signed contents; web archives (mht)",
    leaves: "headers of transport, detached signatures; what is encrypted is told",
    recognise: |input| is_message(input.head()),
    read,
};

/// Headers of which a message has two in its first lines.
const HEADERS: [&str; 15] = [
    "return-path:",
    "received:",
    "from:",
    "to:",
    "cc:",
    "subject:",
    "date:",
    "message-id:",
    "mime-version:",
    "content-type:",
    "content-transfer-encoding:",
    "delivered-to:",
    "reply-to:",
    "x-mozilla-status:",
    "dkim-signature:",
];

/// Headers that programs write for each other. Of those that end in `-` all that begin so.
const TRANSPORT: [&str; 31] = [
    "received",
    "message-id",
    "references",
    "in-reply-to",
    "date",
    "mime-version",
    "content-",
    "return-path",
    "dkim-signature",
    "domainkey-signature",
    "arc-",
    "authentication-results",
    "received-spf",
    "thread-index",
    "resent-message-id",
    "resent-date",
    "user-agent",
    "x-received",
    "x-mailer",
    "x-mimeole",
    "x-ms-exchange-",
    "x-ms-has-attach",
    "x-ms-tnef-correlator",
    "x-microsoft-antispam",
    "x-forefront-antispam-report",
    "x-google-",
    "x-gm-",
    "x-mozilla-",
    "x-uidl",
    "x-originating-ip",
    "x-spam-",
];

/// What some programs write before text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes in which the headers of a mail are looked for.
const RECOGNISED_BYTES: usize = 16 * 1024;

/// Multiparts in multiparts that are followed; mail programs nest four at most.
const MULTIPARTS: usize = 64;

/// Longest subject that names a message, in characters.
const SUBJECT_CHARS: usize = 80;

/// True when these bytes begin as a message does.
fn is_message(head: &[u8]) -> bool {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    let head = &head[..head.len().min(RECOGNISED_BYTES)];
    // Most text is told at its first line.
    let name = head.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    if name == 0 || head.get(name) != Some(&b':') {
        return false;
    }
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let lines = head.lines().take_while(|line| !line.is_empty());
    // What was cut out of a message may have this one alone.
    head.starts_with("content-type: multipart/")
        || lines.filter(|line| HEADERS.iter().any(|header| line.starts_with(header))).take(2).count() == 2
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mark = if input.head().starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut source = input.reader();
    // The mark lies in the first bytes, which were read before.
    source.read_exact(&mut [0; BYTE_ORDER_MARK.len()][..mark]).map_err(|error| super::input::problem_kind(&error))?;
    let mut lines = Lines::new(source);
    let reading = message(&mut lines, output);
    reading.and_then(|()| lines.unbroken())
}

/// A message up to the end of its lines.
fn message(lines: &mut Lines<'_>, output: &mut Output<'_>) -> Reading {
    let mut open: Vec<Vec<u8>> = Vec::new();
    let mut parts: u32 = 0;
    let mut digest = Vec::new();
    let mut entity = Entity::default();
    output.field("header", |output| {
        let mut part = Part::new(lines, &open);
        for header in Headers::new(&mut part) {
            entity.take(&header);
            give(&header, output)?;
        }
        Ok(())
    })?;
    loop {
        let boundary = entity.content.raw("boundary").filter(|_| entity.is_multipart());
        match boundary {
            Some(_) if open.len() == MULTIPARTS => output.problem(Place::Whole, ProblemKind::TooLarge),
            Some(boundary) if !boundary.is_empty() => {
                open.push(boundary.to_vec());
                digest.push(entity.content.value == "multipart/digest");
            }
            _ => {}
        }
        parts = parts.saturating_add(1);
        let mut part = Part::new(lines, &open);
        let reading = entity.give(&mut part, parts, output);
        output.attempt(|_| reading)?;
        let mut end = part.end();
        // What stands between the end of a multipart and the next part around it is text that some program added.
        while let Some(Boundary::Close(level)) = end {
            open.truncate(level);
            digest.truncate(level);
            let mut part = Part::new(lines, &open);
            let reading = body::read(&mut part, &Parameters::default(), output);
            output.attempt(|_| reading)?;
            end = part.end();
        }
        let Some(Boundary::Next(level)) = end else { break };
        open.truncate(level + 1);
        digest.truncate(level + 1);
        entity = Entity::default();
        if digest.last() == Some(&true) {
            entity.content.value = "message/rfc822".into();
        }
        let mut part = Part::new(lines, &open);
        Headers::new(&mut part).for_each(|header| entity.take(&header));
    }
    if open.is_empty() { Ok(()) } else { Err(ProblemKind::Damaged) }
}

/// Gives a header that people read.
fn give(header: &Header, output: &mut Output<'_>) -> Reading {
    let name = header.name.to_ascii_lowercase();
    let transport = |known: &str| if known.ends_with('-') { name.starts_with(known) } else { name == known };
    if TRANSPORT.iter().any(|known| transport(known)) || header.value.is_empty() {
        return Ok(());
    }
    output.at(Place::Line(header.line))?;
    let text = header.text();
    if name.is_empty() { output.push(&text) } else { output.push(&format!("{}: {text}", header.name)) }
}

/// What the headers of a part say of it.
#[derive(Default)]
struct Entity {
    content: Parameters,
    disposition: Parameters,
    coding: Option<Coding>,
    description: Option<String>,
    location: Option<String>,
}

impl Entity {
    fn take(&mut self, header: &Header) {
        match header.name.to_ascii_lowercase().as_str() {
            "content-type" => self.content = Parameters::of(&header.value),
            "content-disposition" => self.disposition = Parameters::of(&header.value),
            "content-transfer-encoding" => self.coding = Some(Coding::named(&header.text())),
            "content-description" => self.description = Some(header.text()),
            "content-location" => self.location = Some(header.text()),
            _ => {}
        }
    }

    fn is_multipart(&self) -> bool {
        self.content.value.starts_with("multipart/")
    }

    /// The name of the file that is attached, if it has one.
    fn name(&self) -> Option<String> {
        let names = [self.disposition.text("filename"), self.content.text("name"), self.location.clone()];
        names.into_iter().flatten().find(|name| !name.trim().is_empty())
    }

    /// Reads the part as what it is. `number` is its place among the parts.
    fn give(&self, part: &mut Part<'_, '_>, number: u32, output: &mut Output<'_>) -> Reading {
        let coding = self.coding.unwrap_or(Coding::Plain);
        let value = self.content.value.as_str();
        let attached = self.disposition.value == "attachment";
        let named = [(&self.disposition, "filename"), (&self.content, "name")];
        let named = named.iter().any(|(of, name)| of.text(name).is_some());
        match value {
            _ if self.is_multipart() => return body::read(part, &Parameters::default(), output),
            "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature" => {
                return Ok(());
            }
            "application/pgp-encrypted" => {
                output.problem(Place::Whole, ProblemKind::Encrypted);
                return Ok(());
            }
            _ => {}
        }
        let mut decoded = output.meter(Decoder::new(part, coding));
        match value.split_once('/') {
            None if !attached => body::read(&mut decoded, &self.content, output),
            Some(("text", "plain" | "rfc822-headers")) | Some(("message", "delivery-status"))
                if !attached && !named =>
            {
                body::read(&mut decoded, &self.content, output)
            }
            Some(("text", kind)) if !attached && !named => {
                let name = if kind == "html" { "html" } else { "text" };
                output.named_member(PartKind::Field, name.as_bytes(), Input::stream(&mut decoded))
            }
            Some(("message", "rfc822" | "global" | "partial")) => {
                let input = Input::stream(&mut decoded).map(forced);
                let name = self.name().or_else(|| self.description.clone());
                attached_message(name, number, input, output)
            }
            _ => {
                let name = self.name().or_else(|| self.description.clone());
                member(name, number, Input::stream(&mut decoded), output)
            }
        }
    }
}

fn member(name: Option<String>, number: u32, input: std::io::Result<Input<'_>>, output: &mut Output<'_>) -> Reading {
    match name {
        Some(name) => output.member(PartKind::Attachment, name.as_bytes(), input),
        None => output.named_member(PartKind::Attachment, format!("part {number}").as_bytes(), input),
    }
}

/// A message in a message, named by its subject where it has no name.
fn attached_message(
    name: Option<String>,
    number: u32,
    input: std::io::Result<Input<'_>>,
    output: &mut Output<'_>,
) -> Reading {
    let subject = input.as_ref().ok().and_then(|input| subject(input.head()));
    match (name, subject) {
        (None, Some(subject)) => output.named_member(PartKind::Attachment, subject.as_bytes(), input),
        (name, _) => member(name, number, input, output),
    }
}

/// The same, to be read as a message whatever it looks like.
fn forced(mut input: Input<'_>) -> Input<'_> {
    const MESSAGE: &Format = &FORMAT;
    input.format = Some(Some(MESSAGE));
    input
}

/// The same, to be read as a part of a message when it begins as one.
pub fn entity(input: Input<'_>) -> Input<'_> {
    let head = input.head();
    let begins = head.get(..8).is_some_and(|first| first.eq_ignore_ascii_case(b"content-"));
    if begins && header::name(head).is_some() { forced(input) } else { input }
}

/// The subject of a message of which these are the first bytes.
fn subject(head: &[u8]) -> Option<String> {
    let mut lines = Lines::new(&head[..head.len().min(RECOGNISED_BYTES)]);
    let mut part = Part::new(&mut lines, &[]);
    let subject = Headers::new(&mut part).find(|header| header.is("subject"))?.text();
    let subject = subject.trim();
    (!subject.is_empty()).then(|| subject.chars().take(SUBJECT_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::{Told, told};
    use super::*;

    fn mail(text: &str) -> Told {
        told([b"From: a@b.dk\nTo: c@d.dk\n", text.as_bytes()].concat())
    }

    #[test]
    fn a_message_is_told_by_its_headers() {
        assert!(is_message(b"From: a@b.dk\r\nSubject: Hej\r\n\r\nK\xc3\xa6re Karla"));
        assert!(!is_message(b"From: Karla\nHej\n"));
        assert!(!is_message("Kære Karla\n".as_bytes()));
    }

    #[test]
    fn headers_that_people_read_are_given_decoded() {
        let told = mail("Subject: =?utf-8?Q?cpr_0707?=\n =?utf-8?Q?61-4285?=\nMessage-ID: <1>\nX-Sag: 12\n\nhej\n");
        assert_eq!((told.format, &*told.problems), ("mail", &[][..]));
        let header = ["From: a@b.dk", "To: c@d.dk", "Subject: cpr 070761-4285", "X-Sag: 12"];
        let lines = [1, 2, 3, 6].iter().zip(header).map(|(line, text)| format!("header › line {line}: {text}"));
        assert_eq!(told.lines, lines.chain(["line 1: hej".into()]).collect::<Vec<_>>());
    }

    #[test]
    fn all_alternatives_and_attachments_are_read() {
        let told = mail(
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=\"b c\"\n\n\
             --b c\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=iso-8859-1\n\nB=F8rn 0707=\n61-4285\n\
             --b c\nContent-Type: text/html\n\n<p>html\n--b c--\n\
             --a\nContent-Type: application/octet-stream; name=x\nContent-Transfer-Encoding: base64\n\
             Content-Disposition: attachment; filename*=utf-8''b%C3%B8rn.txt\n\nZW4gdGVrc3Q=\n--a--\n",
        );
        assert_eq!(told.problems, Vec::<String>::new());
        assert_eq!(told.lines[2..4], ["line 1: Børn 070761-4285", "html › line 1: html"]);
        assert_eq!(told.lines[4..], ["børn.txt › name: børn.txt", "en tekst"]);
    }

    #[test]
    fn attached_messages_are_named_by_their_subject_and_end_where_they_should() {
        let told = mail(
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\nSubject: Den =?utf-8?Q?f=C3=B8r?=\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\n\nindre\n--a\n\nydre\n--a--\n",
        );
        assert_eq!(told.problems, ["Den før: Damaged"]);
        assert_eq!(
            told.lines[2..],
            ["Den før › header › line 1: Subject: Den før", "Den før › line 1: indre", "line 1: ydre"]
        );
    }

    #[test]
    fn a_byte_order_mark_hides_no_header() {
        let told = told("\u{feff}From: a\nSubject: b\n\nhej\n".into());
        assert_eq!((told.format, &*told.lines[0]), ("mail", "header › line 1: From: a"));
    }

    #[test]
    fn flowed_lines_are_joined_where_they_were_broken() {
        let told =
            mail("Content-Type: text/plain; format=flowed; delsp=yes\n\ncpr 070761- \n4285\n> citat \n> mere\nslut\n");
        assert_eq!(told.lines[2..], ["line 1: cpr 070761-4285", "line 3: citatmere", "line 5: slut"]);
    }

    #[test]
    fn uuencoded_files_stand_in_the_text_and_are_read() {
        let told = mail("\nhej\nbegin 644 a.txt\n+,#<P-S8Q+30R.#4`\n`\nend\nbegin 10 meget\nhilsen\n");
        assert_eq!(told.lines[2], "line 1: hej");
        assert_eq!(told.lines[3..5], ["a.txt › name: a.txt", "070761-4285"]);
        assert_eq!(told.lines[5..], ["line 6: begin 10 meget", "line 7: hilsen"]);
    }
}
