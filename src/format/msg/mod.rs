//! Messages, appointments, contacts and tasks that were saved from Outlook ([MS-OXMSG]).

mod store;

use std::io::BufReader;

use super::mapi::{self, Property, Value, id};
use super::ole::{self, Compound};
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, ProblemKind};
use store::{Kind, Storage};

pub const FORMAT: Format = Format {
    name: "msg",
    version: 1,
    weight: Weight::Heavy,
    reads: "messages and other items of Outlook: subject, senders, recipients, text, HTML, rich text, headers, all properties that are text, attachments and messages in messages as what they are",
    leaves: "encrypted messages",
    recognise,
    read,
};

/// Messages in messages; what lies deeper is told as too large.
const DEPTH: usize = 16;

fn recognise(input: &mut Input<'_>) -> bool {
    ole::holds(input, &[store::PROPERTIES])
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let compound = Compound::open(input)?;
    let names = store::names(&compound, output)?;
    message(&Storage::open(&compound, Compound::ROOT, Kind::Message, &names, 1252, output)?, DEPTH, output)?;
    compound.end()
}

/// Gives a message, its recipients and its attachments.
fn message(storage: &Storage<'_, '_>, depth: usize, output: &mut Output<'_>) -> Reading {
    mapi::message(storage.properties(output)?, output)?;
    for recipient in storage.inner("__recip_version1.0_", Kind::Aside, output)? {
        mapi::aside("recipient", recipient.properties(output)?, output)?;
    }
    for (i, attachment) in storage.inner("__attach_version1.0_", Kind::Aside, output)?.iter().enumerate() {
        attached(attachment, i + 1, depth, output)?;
    }
    Ok(())
}

/// Gives an attachment: a file, a message, or an object of another program.
fn attached(attachment: &Storage<'_, '_>, number: usize, depth: usize, output: &mut Output<'_>) -> Reading {
    let mut properties = attachment.properties(output)?;
    let name = name(&properties).unwrap_or_else(|| format!("attachment {number}"));
    properties.retain(|property| !matches!(&property.value, Value::Text(text) if *text == name));
    mapi::aside("attachment", properties, output)?;
    let compound = attachment.compound;
    match attachment.attached() {
        Some(data) if !compound.is_storage(data) => {
            let mut reader = output.meter(BufReader::new(compound.stream(data)));
            output.member(PartKind::Attachment, name.as_bytes(), Input::stream(&mut reader))
        }
        Some(data) if compound.find(data, store::PROPERTIES).is_some() => {
            output.part(PartKind::Attachment, name.as_bytes(), |output| {
                let depth = depth.checked_sub(1).ok_or(ProblemKind::TooLarge)?;
                message(&attachment.message(data, output)?, depth, output)
            })
        }
        Some(data) => ole::object(compound, data, &name, output),
        None => Ok(()),
    }
}

/// The name of an attachment.
fn name(properties: &[Property]) -> Option<String> {
    let find = |id: u16| {
        properties.iter().find_map(|property| match &property.value {
            Value::Text(text) if property.id == id && !text.trim().is_empty() => Some(text.clone()),
            _ => None,
        })
    };
    [id::LONG_FILE_NAME, id::FILE_NAME, id::DISPLAY_NAME].into_iter().find_map(find)
}
