//! What Outlook keeps of a message, an appointment, a contact or a task, whether it lies alone or in a store: properties
//! with numbers ([MS-OXPROPS]).

mod name;
mod rtf;

use std::collections::HashSet;

pub use name::Names;

use super::output::Stretch;
use super::{Input, Output, Reading};
use crate::model::{Encoding, PartKind, Place};

/// A property that has a value worth reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// Its number; from 0x8000 on the numbers mean something else in each file.
    pub id: u16,
    /// Its name where a person gave it one.
    pub name: Option<String>,
    /// What it says.
    pub value: Value,
}

/// What a property says.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, or a number as text.
    Text(String),
    /// Bytes: the contents of a message in another form.
    Bytes(Vec<u8>),
}

/// Numbers of properties.
pub mod id {
    pub const BODY: u16 = 0x1000;
    pub const RTF: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const HEADERS: u16 = 0x007d;
    pub const DISPLAY_NAME: u16 = 0x3001;
    pub const ATTACHED: u16 = 0x3701;
    pub const FILE_NAME: u16 = 0x3704;
    pub const LONG_FILE_NAME: u16 = 0x3707;
    pub const MESSAGE_CODE_PAGE: u16 = 0x3ffd;
    pub const INTERNET_CODE_PAGE: u16 = 0x3fde;
}

/// Properties by the field in which they are given, in this order.
static FIELDS: &[(u16, &str)] = &[
    (0x0037, "subject"),
    (0x0e1d, "subject"),
    (0x0070, "subject"),
    (0x0042, "sender"),
    (0x0065, "sender"),
    (0x5d02, "sender"),
    (0x0c1a, "sender"),
    (0x0c1f, "sender"),
    (0x5d01, "sender"),
    (0x0e04, "recipient"),
    (0x0e03, "recipient"),
    (0x0e02, "recipient"),
    (0x0050, "recipient"),
    (0x1046, "recipient"),
];

/// Properties whose text no person writes: classes, kinds of addresses, identifiers, what leads to other places.
static PASSED_OVER: &[u16] = &[
    0x001a, 0x001e, 0x0064, 0x0066, 0x0068, 0x006a, 0x0075, 0x0077, 0x0c1e, 0x1035, 0x1039, 0x1042, 0x3002, 0x3613,
    0x3703, 0x370a, 0x370b, 0x370e, 0x370f, 0x3712, 0x3713, 0x3ff8, 0x4019, 0x401a, 0x4022, 0x4024, 0x65e2,
];

/// True when the bytes of a property are the contents of a message in another form.
pub fn is_contents(id: u16) -> bool {
    matches!(id, id::RTF | id::HTML)
}

/// Gives a message: its fields, its text in each of its forms, what else is known of it.
///
/// # Errors
/// When a limit was reached.
pub fn message(properties: Vec<Property>, output: &mut Output<'_>) -> Reading {
    let mut contents = Vec::new();
    let mut lines = Vec::new();
    for property in properties {
        let field = FIELDS.iter().position(|(id, _)| *id == property.id).unwrap_or(FIELDS.len());
        match (property.id, property.value) {
            (id @ (id::BODY | id::HTML | id::HEADERS), Value::Text(text)) => contents.push((id, text.into_bytes())),
            (id, Value::Bytes(bytes)) => contents.push((id, bytes)),
            (id, _) if PASSED_OVER.contains(&id) => {}
            (_, Value::Text(text)) => lines.push((field, line(property.name, text))),
        }
    }
    lines.sort_by_key(|(field, _)| *field);
    let (fields, others): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(field, _)| *field < FIELDS.len());
    give(fields.into_iter().map(|(field, line)| (FIELDS[field].1, line)).collect(), output)?;
    contents.sort_by_key(|(id, _)| [id::BODY, id::HTML, id::RTF].iter().position(|first| first == id).unwrap_or(3));
    let forms: Vec<u16> = contents.iter().map(|(id, _)| *id).collect();
    for (id, bytes) in contents {
        form(id, bytes, &forms, output)?;
    }
    give(others.into_iter().map(|(_, line)| ("property", line)).collect(), output)
}

/// Gives what is known of a recipient or an attachment, in a field of its own.
///
/// # Errors
/// When a limit was reached.
pub fn aside(field: &'static str, properties: Vec<Property>, output: &mut Output<'_>) -> Reading {
    let lines = properties.into_iter().filter_map(|property| match property.value {
        Value::Text(text) if !PASSED_OVER.contains(&property.id) => Some((field, line(property.name, text))),
        _ => None,
    });
    give(lines.collect(), output)
}

fn line(name: Option<String>, text: String) -> String {
    name.map_or(text.clone(), |name| format!("{name}: {text}"))
}

/// Gives each text once, those of one field together.
fn give(lines: Vec<(&'static str, String)>, output: &mut Output<'_>) -> Reading {
    let mut given = HashSet::new();
    let mut lines = lines;
    lines.retain(|(_, line)| !line.trim().is_empty() && given.insert(line.trim().to_owned()));
    for lines in lines.chunk_by(|a, b| a.0 == b.0) {
        output.field(lines[0].0, |output| {
            lines.iter().try_for_each(|(_, line)| {
                output.at(Place::Whole)?;
                output.push(line.trim())
            })
        })?;
    }
    Ok(())
}

/// Bytes in which rich text says that it wraps another form ([MS-OXRTFEX] 2.1.3.1).
const WRAPPING_BYTES: usize = 1024;

/// True when rich text says that it wraps a form, and that form is there.
fn wraps(rtf: &[u8], word: &[u8], form: u16, forms: &[u16]) -> bool {
    let head = &rtf[..rtf.len().min(WRAPPING_BYTES)];
    forms.contains(&form) && memchr::memmem::find(head, word).is_some()
}

/// Gives the contents of a message in one of its forms. Rich text that only wraps another form is left out.
fn form(id: u16, bytes: Vec<u8>, forms: &[u16], output: &mut Output<'_>) -> Reading {
    let member = |name: &str, bytes: &[u8], output: &mut Output<'_>| {
        let mut reader = output.meter(bytes);
        output.member(PartKind::Member, name.as_bytes(), Input::stream(&mut reader))
    };
    match id {
        _ if bytes.iter().all(u8::is_ascii_whitespace) => Ok(()),
        id::HTML => member("body.html", &bytes, output),
        id::RTF => match rtf::decompress(&bytes) {
            Ok(rtf) if wraps(&rtf, b"\\fromhtml", id::HTML, forms) || wraps(&rtf, b"\\fromtext", id::BODY, forms) => {
                Ok(())
            }
            Ok(rtf) => member("body.rtf", &rtf, output),
            Err(kind) => output.unread_member(PartKind::Member, b"body.rtf", kind),
        },
        _ => {
            let field = if id == id::HEADERS { "header" } else { "body" };
            let (own, encoding) = (0..bytes.len(), Encoding::Utf8);
            let whole = Stretch { bytes: &bytes, own, encoding, first_line: 1, delimited: None };
            output.field(field, |output| output.raw(&[whole]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_that_wraps_another_form_is_left_out() {
        let rtf = b"{\\rtf1\\ansi\\fromhtml1 \\deff0{";
        assert!(wraps(rtf, b"\\fromhtml", id::HTML, &[id::BODY, id::HTML, id::RTF]));
        assert!(!wraps(rtf, b"\\fromhtml", id::HTML, &[id::BODY, id::RTF]));
        assert!(!wraps(rtf, b"\\fromtext", id::BODY, &[id::BODY, id::RTF]));
    }
}
