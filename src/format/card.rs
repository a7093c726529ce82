//! Calendars and contacts: iCalendar (RFC 5545) and vCard 2.1 to 4.0 (RFC 6350), property by property.

use super::mail::{Charset, Coding, Lines};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, Place, ProblemKind};

pub const ICS: Format = Format {
    name: "ics",
    version: 1,
    weight: Weight::Small,
    reads: READS,
    leaves: LEAVES,
    recognise: |input| begins(input.head(), b"BEGIN:VCALENDAR"),
    read,
};

pub const VCF: Format = Format {
    name: "vcf",
    version: 1,
    weight: Weight::Small,
    reads: READS,
    leaves: LEAVES,
    recognise: |input| begins(input.head(), b"BEGIN:VCARD"),
    read,
};

const READS: &str = "every property with its name, folded lines joined; pictures and attachments as files";
const LEAVES: &str = "identifiers, versions and times of changes, rules of time zones";

/// Longest property that is kept whole, in bytes: a picture in a contact.
const PROPERTY_BYTES: usize = 32 << 20;

/// Properties that programs write for each other.
const PASSED_OVER: [&str; 19] = [
    "BEGIN",
    "END",
    "VERSION",
    "PRODID",
    "UID",
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "REV",
    "SEQUENCE",
    "CALSCALE",
    "METHOD",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "TRANSP",
    "CLASS",
    "RRULE",
    "TRIGGER",
];

fn begins(head: &[u8], with: &[u8]) -> bool {
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
    head.get(..with.len()).is_some_and(|first| first.eq_ignore_ascii_case(with))
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut lines = Lines::new(input.reader());
    let mut number = 0;
    let mut property = Vec::new();
    let mut first = 1;
    loop {
        let begins = lines.begins();
        let line = lines.peek();
        let ended = line.is_empty();
        let folded = begins && (line.starts_with(b" ") || line.starts_with(b"\t"));
        if begins && !folded && !goes_on(&mut property) {
            if !property.is_empty() {
                output.attempt(|output| give(&property, first, output))?;
            }
            property.clear();
            first = number + 1;
        }
        if ended {
            break;
        }
        let length = line.len();
        if property.len() < PROPERTY_BYTES {
            let from = usize::from(folded);
            if folded {
                while property.last().is_some_and(|b| matches!(b, b'\r' | b'\n')) {
                    property.pop();
                }
            }
            property.extend(&line[from..]);
        }
        // The rest of a longer one is passed over; what there is of it is told as cut.
        number += u64::from(begins);
        lines.consume(length);
    }
    lines.unbroken()
}

/// True when a property of vCard 2.1 goes on in the next line; the mark that says so is taken away.
fn goes_on(property: &mut Vec<u8>) -> bool {
    let text = property.trim_ascii_end().len();
    if !property[..text].ends_with(b"=") {
        return false;
    }
    let colon = property.iter().position(|b| *b == b':').unwrap_or(0);
    let quoted = property[..colon].to_ascii_uppercase();
    if memchr::memmem::find(&quoted, b"QUOTED-PRINTABLE").is_none() {
        return false;
    }
    property.truncate(text - 1);
    true
}

/// Gives one property.
fn give(property: &[u8], line: u64, output: &mut Output<'_>) -> Reading {
    let property = property.trim_ascii();
    let property = property.strip_prefix("\u{feff}".as_bytes()).unwrap_or(property);
    let Some(colon) = colon(property) else {
        output.at(Place::Line(line))?;
        return output.push(&Charset::of(property, true).decode(property));
    };
    let label = String::from_utf8_lossy(&property[..colon]).into_owned();
    let mut written = label.split(';');
    let name = written.next().unwrap_or_default().to_ascii_uppercase();
    let parameters: Vec<String> = written.map(str::to_ascii_uppercase).collect();
    // A group stands before the name: `item1.TEL`.
    let bare = name.rsplit('.').next().unwrap_or_default();
    if PASSED_OVER.contains(&bare) {
        return Ok(());
    }
    let has = |value: &str| parameters.iter().any(|parameter| parameter.split('=').next_back() == Some(value));
    let value = &property[colon + 1..];
    if let Some(encoded) = file(value, has("BASE64") || has("B")) {
        let contents = Coding::Base64.decode(encoded);
        output.charge_bytes(contents.len() as u64)?;
        let mut input = Input::bytes(contents);
        if property.len() >= PROPERTY_BYTES {
            input.breaks(ProblemKind::TooLarge);
        }
        let named = label.split(';').filter_map(|parameter| parameter.split_once('='));
        let named =
            named.filter(|(name, _)| name.to_ascii_uppercase().ends_with("FILENAME")).map(|(_, name)| name).next();
        return match named {
            Some(file) => output.member(PartKind::Attachment, file.trim_matches('"').as_bytes(), Ok(input)),
            None => output.named_member(PartKind::Attachment, bare.to_ascii_lowercase().as_bytes(), Ok(input)),
        };
    }
    let cut = property.len() >= PROPERTY_BYTES;
    let decoded = if has("QUOTED-PRINTABLE") { Coding::QuotedPrintable.decode(value) } else { value.to_vec() };
    let named = parameters.iter().find_map(|parameter| parameter.strip_prefix("CHARSET="));
    let charset = named.and_then(Charset::named).unwrap_or_else(|| Charset::of(&decoded, true));
    let text = unescaped(&charset.decode(&decoded));
    output.at(Place::Line(line))?;
    // As Outlook writes what is formatted.
    if has("TEXT/HTML") || bare == "X-ALT-DESC" {
        output.push(&format!("{label}:"))?;
        output.field("html", |output| super::html::read_text(&text, output))?;
    } else {
        output.push(&format!("{label}: {text}"))?;
    }
    if cut { Err(ProblemKind::TooLarge) } else { Ok(()) }
}

/// Where the value begins: at the first colon that is not quoted.
fn colon(property: &[u8]) -> Option<usize> {
    let mut quoted = false;
    property.iter().take(4096).position(|byte| {
        quoted ^= *byte == b'"';
        *byte == b':' && !quoted
    })
}

/// The base64 of a file, if the value is one.
fn file(value: &[u8], encoded: bool) -> Option<&[u8]> {
    if value.get(..5).is_some_and(|first| first.eq_ignore_ascii_case(b"data:")) {
        let comma = value.iter().take(256).position(|b| *b == b',')?;
        return memchr::memmem::find(&value[..comma], b"base64").map(|_| &value[comma + 1..]);
    }
    encoded.then_some(value)
}

fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(c @ ('\\' | ',' | ';' | ':' | '"')) => text.push(c),
                Some(c) => text.extend(['\\', c]),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::told;

    #[test]
    fn a_number_that_a_fold_splits_is_joined() {
        let told = told(
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:M\xc3\xb8de om 070761-42\r\n 85\\, kl. 9\\nrum 2\r\n\
              DTSTART:20160104T090000Z\r\nATTENDEE;CN=\"Karla: B\":mailto:k@x.dk\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
                .to_vec(),
        );
        assert_eq!((told.format, told.problems), ("ics", vec![]));
        let lines = ["line 4: SUMMARY: Møde om 070761-4285, kl. 9\nrum 2", "line 6: DTSTART: 20160104T090000Z"];
        assert_eq!(told.lines[..2], lines);
        assert_eq!(told.lines[2], "line 7: ATTENDEE;CN=\"Karla: B\": mailto:k@x.dk");
    }

    #[test]
    fn a_description_in_html_is_read_as_a_page() {
        let told = told(
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nX-ALT-DESC;FMTTYPE=text/html:<html><p>Cpr <b>0707\r\n 61</b>-4285</p>\r\n\
              END:VEVENT\r\nEND:VCALENDAR\r\n"
                .to_vec(),
        );
        assert!(told.lines.iter().any(|line| line.contains("Cpr 070761-4285")), "{:?}", told.lines);
    }

    #[test]
    fn contacts_of_old_are_read_with_their_files() {
        let told = told(
            b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1:B\xe6k;Karla\nNOTE;ENCODING=QUOTED-PRINTABLE:B=C3=B8rn 0707=\n61-4285\n\
              PHOTO;X;ENCODING=BASE64:\n MDcwNzYx\n LTQyODU=\n\nitem1.TEL:1\nNOTE:data:;base64,eA==\nEND:VCARD\n"
                .to_vec(),
        );
        assert_eq!((told.format, told.problems), ("vcf", vec![]));
        assert_eq!(
            told.lines[..2],
            ["line 3: N;CHARSET=ISO-8859-1: Bæk;Karla", "line 4: NOTE;ENCODING=QUOTED-PRINTABLE: Børn 070761-4285"]
        );
        assert_eq!(told.lines[2..], ["070761-4285", "line 10: item1.TEL: 1", "x"]);
    }
}
