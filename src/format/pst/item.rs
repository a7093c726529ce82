//! Items of a store: messages, what is attached to them, folders.

use super::super::code_page::decode;
use super::super::little::u32_at;
use super::super::mapi::{self, Names, Property, Value, id};
use super::super::{Input, Output, Reading};
use super::heap::{Entry, Heap};
use super::store::{Node, Place, Store, find};
use crate::model::{PartKind, ProblemKind};

/// Kinds of nodes that belong to a message.
const ATTACHMENT: u32 = 5;
const RECIPIENTS: u32 = 0x12;

/// Kinds of values.
const NARROW: u16 = 0x1e;
const WIDE: u16 = 0x1f;
const BYTES: u16 = 0x102;
const OBJECT: u16 = 0x0d;
const MANY: u16 = 0x1000;

/// Messages in messages; what lies deeper is told as too large.
const MESSAGES: usize = 16;

/// Longest subject that names a message, in characters.
const NAME_CHARS: usize = 60;

/// The properties of one thing in a store.
pub struct Item<'s, 'a> {
    heap: Heap<'s, 'a>,
    entries: Vec<Entry>,
    names: &'s Names,
    code_page: u32,
}

/// The names of the properties of a store.
///
/// # Errors
/// When they cannot be read or a limit was reached.
pub fn names(store: &Store<'_>, node: Node, output: &Output<'_>) -> Result<Names, ProblemKind> {
    let none = Names::default();
    let item = Item::open(store, node.place, &none, output)?;
    let read = |id: u16| -> Result<Vec<u8>, ProblemKind> {
        let entry = item.entries.iter().find(|entry| entry.id == id && entry.kind == BYTES);
        Ok(entry.map(|entry| item.heap.value(entry.value, output)).transpose()?.flatten().unwrap_or_default())
    };
    Ok(Names::read(&read(3)?, &read(4)?))
}

/// Gives a message, its recipients and its attachments; what is broken in it is its own problem.
///
/// # Errors
/// When a limit was reached.
pub fn message(store: &Store<'_>, place: Place, names: &Names, output: &mut Output<'_>) -> Reading {
    let opened = Item::open(store, place, names, output);
    let name = opened.as_ref().ok().and_then(|item| item.text(0x0037, output).ok().flatten()).unwrap_or_default();
    let name: String = name.trim().chars().take(NAME_CHARS).collect();
    output.field(if name.is_empty() { "message" } else { &name }, |output| opened?.give(MESSAGES, output))
}

impl<'s, 'a> Item<'s, 'a> {
    /// Reads the properties of a node.
    ///
    /// # Errors
    /// When they cannot be read or a limit was reached.
    pub fn open(
        store: &'s Store<'a>,
        place: Place,
        names: &'s Names,
        output: &Output<'_>,
    ) -> Result<Self, ProblemKind> {
        let heap = Heap::read(store, place, output)?;
        let entries = heap.entries()?;
        let number = |id: u16| entries.iter().find(|entry| entry.id == id && entry.kind == 3).map(|entry| entry.value);
        let code_page = number(id::MESSAGE_CODE_PAGE).or_else(|| number(id::INTERNET_CODE_PAGE)).unwrap_or(1252);
        Ok(Self { heap, entries, names, code_page })
    }

    /// What it is called: a folder, an attachment without a file.
    ///
    /// # Errors
    /// When it cannot be read or a limit was reached.
    pub fn name(&self, output: &Output<'_>) -> Result<Option<String>, ProblemKind> {
        self.text(id::DISPLAY_NAME, output)
    }

    fn text(&self, id: u16, output: &Output<'_>) -> Result<Option<String>, ProblemKind> {
        let entry = self.entries.iter().find(|entry| entry.id == id && matches!(entry.kind, NARROW | WIDE));
        let bytes = entry.map(|entry| self.heap.value(entry.value, output)).transpose()?.flatten();
        Ok(bytes.map(|bytes| self.decode(entry.map_or(WIDE, |entry| entry.kind), id, &bytes)))
    }

    fn decode(&self, kind: u16, id: u16, bytes: &[u8]) -> String {
        let text = decode(bytes, if kind == WIDE { 1200 } else { self.code_page });
        // A subject tells first how long its prefix is (2.5.3.1.1.1).
        let text = match text.strip_prefix('\u{1}').filter(|_| id == 0x0037) {
            Some(rest) => rest.chars().skip(1).collect(),
            None => text.into_owned(),
        };
        text.trim_end_matches('\0').to_owned()
    }

    /// Gives a message with all that belongs to it.
    fn give(&self, depth: usize, output: &mut Output<'_>) -> Reading {
        let (properties, broken) = self.properties(output)?;
        mapi::message(properties, output)?;
        for node in self.heap.below.iter().filter(|node| node.kind() == RECIPIENTS) {
            output.attempt(|output| self.recipients(*node, output))?;
        }
        let attachments = self.heap.below.iter().filter(|node| node.kind() == ATTACHMENT);
        for (i, node) in attachments.enumerate() {
            output.attempt(|output| {
                let attachment = Item::open(self.heap.store, node.place, self.names, output)?;
                attachment.attached(i + 1, depth, output)
            })?;
        }
        if broken { Err(ProblemKind::Damaged) } else { Ok(()) }
    }

    fn recipients(&self, node: Node, output: &mut Output<'_>) -> Reading {
        let table = Heap::read(self.heap.store, node.place, output)?;
        let mut properties = Vec::new();
        for (id, kind, value) in table.cells(output)? {
            if let Some(bytes) = table.value(value, output)? {
                properties.push(Property { id, name: None, value: Value::Text(self.decode(kind, id, &bytes)) });
            }
        }
        mapi::aside("recipient", properties, output)
    }

    /// All properties that are text, the contents of a message in its other forms, and numbers that have a name; and
    /// whether one was broken.
    fn properties(&self, output: &Output<'_>) -> Result<(Vec<Property>, bool), ProblemKind> {
        let mut properties = Vec::new();
        let mut broken = false;
        for entry in &self.entries {
            match self.property(*entry, output) {
                Ok(mut values) => properties.append(&mut values),
                Err(ProblemKind::Damaged) => broken = true,
                Err(kind) => return Err(kind),
            }
        }
        Ok((properties, broken))
    }

    fn property(&self, entry: Entry, output: &Output<'_>) -> Result<Vec<Property>, ProblemKind> {
        let Entry { id, kind, value } = entry;
        let name = self.names.find(id);
        let bytes = |wanted: bool| match wanted && value != 0 {
            true => self.heap.value(value, output),
            false => Ok(None),
        };
        let text = |text: String| Property { id, name: name.clone(), value: Value::Text(text) };
        Ok(match kind {
            NARROW | WIDE => bytes(true)?.map(|bytes| text(self.decode(kind, id, &bytes))).into_iter().collect(),
            BYTES => bytes(mapi::is_contents(id))?
                .map(|bytes| Property { id, name: None, value: Value::Bytes(bytes) })
                .into_iter()
                .collect(),
            3 if name.is_some() => vec![text(value.to_string())],
            5 | 20 => match bytes(name.is_some())?.as_deref().and_then(<[u8]>::first_chunk) {
                Some(&long) if kind == 5 => vec![text(f64::from_le_bytes(long).to_string())],
                Some(&long) => vec![text(i64::from_le_bytes(long).to_string())],
                None => Vec::new(),
            },
            _ if matches!(kind & !MANY, NARROW | WIDE) => {
                let many = bytes(true)?.unwrap_or_default();
                pieces(&many).map(|piece| text(self.decode(kind & !MANY, id, piece))).collect()
            }
            _ => Vec::new(),
        })
    }

    /// Gives what is attached: a file, a message, or a document of another program.
    fn attached(&self, number: usize, depth: usize, output: &mut Output<'_>) -> Reading {
        let mut name = None;
        for id in [id::LONG_FILE_NAME, id::FILE_NAME, id::DISPLAY_NAME] {
            name = name.or(self.text(id, output)?.filter(|name| !name.trim().is_empty()));
        }
        let name = name.unwrap_or_else(|| format!("attachment {number}"));
        let (mut properties, _) = self.properties(output)?;
        properties.retain(|property| !matches!(&property.value, Value::Text(text) if *text == name));
        mapi::aside("attachment", properties, output)?;
        let data = self.entries.iter().find(|entry| entry.id == id::ATTACHED && matches!(entry.kind, BYTES | OBJECT));
        let Some(data) = data else { return Ok(()) };
        if data.kind == BYTES {
            return self.file(data.value, &name, output);
        }
        let inner =
            self.heap.item(data.value).map(|item| u32_at(item, 0)).and_then(|node| find(&self.heap.below, node));
        let inner = inner.ok_or(ProblemKind::Damaged)?;
        let message = Item::open(self.heap.store, inner.place, self.names, output);
        match message {
            Ok(message) => output.part(PartKind::Attachment, name.as_bytes(), |output| {
                message.give(depth.checked_sub(1).ok_or(ProblemKind::TooLarge)?, output)
            }),
            // No properties: a compound file of another program.
            Err(ProblemKind::Damaged) => self.file(inner.number, &name, output),
            Err(kind) => Err(kind),
        }
    }

    fn file(&self, value: u32, name: &str, output: &mut Output<'_>) -> Reading {
        if value & 0x1f == 0 {
            let mut reader = output.meter(self.heap.item(value).unwrap_or_default());
            return output.member(PartKind::Attachment, name.as_bytes(), Input::stream(&mut reader));
        }
        let node = find(&self.heap.below, value).ok_or(ProblemKind::Damaged)?;
        match self.heap.store.reader(node.place) {
            Ok(reader) => {
                let mut reader = output.meter(reader);
                output.member(PartKind::Attachment, name.as_bytes(), Input::stream(&mut reader))
            }
            Err(kind) => output.unread_member(PartKind::Attachment, name.as_bytes(), kind),
        }
    }
}

/// The texts of a value of many: their count, where each begins, and they themselves (2.3.3.4.2).
fn pieces(many: &[u8]) -> impl Iterator<Item = &[u8]> {
    let count = (u32_at(many, 0) as usize).min(many.len() / 4);
    // Pieces do not share bytes: all of them are no longer than the value.
    let mut left = many.len();
    (0..count).filter_map(move |i| {
        let end = if i + 1 < count { u32_at(many, 8 + 4 * i) as usize } else { many.len() };
        let piece = many.get(u32_at(many, 4 + 4 * i) as usize..end)?;
        left = left.checked_sub(piece.len())?;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_many_has_pieces() {
        let many = [&2_u32.to_le_bytes()[..], &12_u32.to_le_bytes(), &14_u32.to_le_bytes(), b"abcd"].concat();
        assert_eq!(pieces(&many).collect::<Vec<_>>(), [b"ab", b"cd"]);
        assert_eq!(pieces(&many[..3]).count(), 0);
        let shared = [200_u32, 0, 1000].repeat(100).into_iter().chain([0; 100]).flat_map(u32::to_le_bytes);
        let shared: Vec<u8> = shared.collect();
        assert!(pieces(&shared).map(<[u8]>::len).sum::<usize>() <= shared.len());
    }
}
