//! What Outlook packs a message into for another Outlook: `winmail.dat`. MS-OXTNEF; the properties are of MS-OXPROPS.

use super::code_page::decode;
use super::little::Little;
use super::mail::Charset;
use super::{Format, Input, Output, Reading, Weight, mapi};
use crate::model::{PartKind, Place, ProblemKind};

pub const FORMAT: Format = Format {
    name: "tnef",
    version: 1,
    weight: Weight::Heavy,
    reads: "subject, sender, recipients, text, HTML, rich text, headers, all properties that are text, attachments as what they are",
    leaves: "",
    recognise: |input| input.head().starts_with(b"\x78\x9f\x3e\x22"),
    read,
};

const SUBJECT: u16 = 0x8004;
const BODY: u16 = 0x800c;
const PROPERTIES: u16 = 0x9003;
const ATTACHMENT_BEGINS: u16 = 0x9002;
const ATTACHMENT_DATA: u16 = 0x800f;
const ATTACHMENT_TITLE: u16 = 0x8010;
const ATTACHMENT_PROPERTIES: u16 = 0x9005;

/// The attachment that is read.
#[derive(Default)]
struct Attachment {
    name: Option<Vec<u8>>,
    data: Option<Vec<u8>>,
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let bytes = input.take_all()?;
    let mut rest = Little(bytes.get(6..).unwrap_or_default());
    let mut attachment = Attachment::default();
    while !rest.0.is_empty() {
        let Some((id, data)) = attribute(&mut rest) else {
            attachment.give(output)?;
            return Err(ProblemKind::Damaged);
        };
        match id {
            SUBJECT | BODY => text(&Charset::of(data, true).decode(data), output)?,
            PROPERTIES => output.attempt(|output| message(data, output))?,
            ATTACHMENT_BEGINS => std::mem::take(&mut attachment).give(output)?,
            ATTACHMENT_DATA => attachment.data = Some(data.to_vec()),
            ATTACHMENT_TITLE => attachment.name = Some(name(data)),
            ATTACHMENT_PROPERTIES => output.attempt(|_| attachment.take(data))?,
            _ => {}
        }
    }
    attachment.give(output)
}

fn text(text: &str, output: &mut Output<'_>) -> Reading {
    output.at(Place::Whole)?;
    output.push(text.trim_end_matches('\0'))
}

fn name(bytes: &[u8]) -> Vec<u8> {
    Charset::of(bytes, true).decode(bytes).trim_end_matches('\0').as_bytes().to_vec()
}

impl Attachment {
    fn take(&mut self, data: &[u8]) -> Reading {
        let mut rest = Little(data);
        for _ in 0..rest.u32().ok_or(ProblemKind::Damaged)? {
            let property = property(&mut rest).ok_or(ProblemKind::Damaged)?;
            match property.id {
                mapi::id::LONG_FILE_NAME => self.name = Some(property.text().into_bytes()),
                // An embedded object begins with what kind of object it is.
                mapi::id::ATTACHED if property.kind == 0x0d => self.data = property.value.get(16..).map(<[u8]>::to_vec),
                mapi::id::ATTACHED => self.data = Some(property.value.to_vec()),
                _ => {}
            }
        }
        Ok(())
    }

    fn give(self, output: &mut Output<'_>) -> Reading {
        let Some(data) = self.data else { return Ok(()) };
        output.charge_bytes(data.len() as u64)?;
        match self.name {
            Some(name) => output.member(PartKind::Attachment, &name, Ok(Input::bytes(data))),
            None => output.named_member(PartKind::Attachment, b"attachment", Ok(Input::bytes(data))),
        }
    }
}

/// Gives the message as one that was saved. One that is cut gives what came before.
fn message(data: &[u8], output: &mut Output<'_>) -> Reading {
    let mut rest = Little(data);
    let count = rest.u32().ok_or(ProblemKind::Damaged)?;
    let mut told = Vec::new();
    let mut reading = Ok(());
    for _ in 0..count {
        let Some(property) = property(&mut rest) else {
            reading = Err(ProblemKind::Damaged);
            break;
        };
        told.extend(property.told());
    }
    mapi::message(told, output)?;
    reading
}

struct Property<'b> {
    kind: u16,
    id: u16,
    /// Its name where a person gave it one.
    name: Option<String>,
    /// The last value, if there are many; empty for numbers.
    value: &'b [u8],
}

impl Property<'_> {
    /// What it says of the message, if that is worth reading.
    fn told(self) -> Option<mapi::Property> {
        let value = match self.kind & 0xfff {
            0x1e | 0x1f => mapi::Value::Text(self.text()),
            0x102 if mapi::is_contents(self.id) => mapi::Value::Bytes(self.value.to_vec()),
            _ => return None,
        };
        Some(mapi::Property { id: self.id, name: self.name, value })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        match self.kind & 0xfff {
            0x1f => crate::model::Encoding::Utf16Le.decode_into(self.value, &mut text),
            0x1e => text = Charset::of(self.value, true).decode(self.value),
            _ => {}
        }
        text.trim_end_matches('\0').to_owned()
    }
}

/// An attribute: level, name and type, length, data, checksum.
fn attribute<'b>(rest: &mut Little<'b>) -> Option<(u16, &'b [u8])> {
    rest.u8()?;
    let id = rest.u32()?;
    let length = rest.size()?;
    let data = rest.take(length)?;
    rest.u16()?;
    Some((id as u16, data))
}

/// A value of a length of its own, which fills whole words.
fn sized<'b>(rest: &mut Little<'b>) -> Option<&'b [u8]> {
    let length = rest.size()?;
    let value = rest.take(length)?;
    // The last one may end without them.
    rest.0 = rest.0.get(length.next_multiple_of(4) - length..).unwrap_or_default();
    Some(value)
}

fn property<'b>(rest: &mut Little<'b>) -> Option<Property<'b>> {
    let (kind, id) = (rest.u16()?, rest.u16()?);
    let mut name = None;
    if id >= 0x8000 {
        rest.take(16)?;
        match rest.u32()? {
            0 => rest.take(4).map(drop)?,
            _ => name = Some(decode(sized(rest)?, 1200).trim_end_matches('\0').to_owned()),
        }
    }
    let many = kind & 0x1000 != 0;
    let variable = matches!(kind & 0xfff, 0x0d | 0x1e | 0x1f | 0x102);
    let count = if many || variable { rest.u32()? } else { 1 };
    let mut value: &[u8] = &[];
    for _ in 0..count {
        value = match kind & 0xfff {
            _ if variable => sized(rest)?,
            0x02 | 0x03 | 0x04 | 0x0a | 0x0b => rest.take(4).map(|_| &[][..])?,
            0x05 | 0x06 | 0x07 | 0x14 | 0x40 => rest.take(8).map(|_| &[][..])?,
            0x48 => rest.take(16).map(|_| &[][..])?,
            _ => return None,
        };
    }
    Some(Property { kind, id, name, value })
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::told;

    fn attribute(id: u32, data: &[u8]) -> Vec<u8> {
        [&[1][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &[0, 0]].concat()
    }

    fn sized(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
        let fill = vec![0; value.len().next_multiple_of(4) - value.len()];
        [
            &kind.to_le_bytes()[..],
            &id.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &(value.len() as u32).to_le_bytes(),
            value,
            &fill,
        ]
        .concat()
    }

    #[test]
    fn bodies_and_attachments_are_read() {
        let name: Vec<u8> = "børn.txt\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let properties = [
            &3_u32.to_le_bytes()[..],
            b"\x03\0\x17\0\x01\0\0\0",
            &sized(0x1e, 0x1000, b"cpr 070761-4285\0"),
            &sized(0x102, 0x1013, b"<p>x"),
        ];
        let bytes = [
            &b"\x78\x9f\x3e\x22\x01\0"[..],
            &attribute(0x0001_8004, b"emne\0"),
            &attribute(0x0006_9003, &properties.concat()),
            &attribute(0x0006_9002, b"x"),
            &attribute(0x0006_800f, b"tekst"),
            &attribute(0x0006_9005, &[&1_u32.to_le_bytes()[..], &sized(0x1f, 0x3707, &name)].concat()),
        ];
        let told = told(bytes.concat());
        assert_eq!((told.format, told.problems), ("tnef", vec![]));
        let lines = [
            "whole: emne",
            "cpr 070761-4285",
            "body.html › name: body.html",
            "body.html › line 1: x",
            "børn.txt › name: børn.txt",
            "tekst",
        ];
        assert_eq!(told.lines, lines);
    }
}
