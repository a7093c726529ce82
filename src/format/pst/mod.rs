//! Stores of Outlook ([MS-PST]): mailboxes, archives, and copies of mailboxes on a server.

mod code;
mod heap;
mod item;
mod store;

use std::collections::HashMap;

use super::mapi::Names;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{PartKind, ProblemKind};
use item::Item;
use store::{Node, Store};

pub const FORMAT: Format = Format {
    name: "pst",
    version: 1,
    weight: Weight::Heavy,
    reads: "stores of Outlook (pst, ost): all items of all folders, also those that no folder lists: subject, senders, recipients, text, HTML, rich text, headers, all properties that are text, attachments and messages in messages as what they are",
    leaves: "what was deleted, forms, rules, views",
    recognise,
    read,
};

/// Kinds of nodes (2.2.2.1).
const FOLDER: u32 = 2;
const MESSAGE: u32 = 4;

/// The node with the names of properties.
const NAMES: u32 = 0x61;

/// Folders in folders that are named.
const DEPTH: usize = 32;

fn recognise(input: &mut Input<'_>) -> bool {
    input.head().starts_with(b"!BDN")
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let store = Store::open(input)?;
    let names = match store.node(NAMES) {
        Some(node) => item::names(&store, node, output).or_else(limits)?,
        None => Names::default(),
    };
    let mut folders = HashMap::new();
    for node in store.nodes.iter().filter(|node| node.kind() == FOLDER) {
        let name = Item::open(&store, node.place, &names, output).and_then(|item| item.name(output));
        folders.insert(node.number, (name.or_else(limits)?.unwrap_or_default(), node.parent));
    }
    let mut messages: Vec<Node> = store.nodes.iter().copied().filter(|node| node.kind() == MESSAGE).collect();
    messages.sort_by_key(|node| node.parent);
    for messages in messages.chunk_by(|a, b| a.parent == b.parent) {
        output.part(PartKind::Member, path(&folders, messages[0].parent).as_bytes(), |output| {
            for message in messages {
                item::message(&store, message.place, &names, output)?;
            }
            Ok(())
        })?;
    }
    if store.whole { Ok(()) } else { Err(ProblemKind::Damaged) }
}

/// Nothing where something is broken; an error where a limit was reached.
fn limits<T: Default>(kind: ProblemKind) -> Result<T, ProblemKind> {
    if kind == ProblemKind::Damaged { Ok(T::default()) } else { Err(kind) }
}

/// The names of a folder and of those that it is in.
fn path(folders: &HashMap<u32, (String, u32)>, folder: u32) -> String {
    let mut names = Vec::new();
    let mut number = folder;
    while let Some((name, parent)) = folders.get(&number).filter(|_| names.len() < DEPTH) {
        names.push(name.as_str());
        if *parent == number {
            break;
        }
        number = *parent;
    }
    names.retain(|name| !name.is_empty());
    names.reverse();
    if names.is_empty() { "no folder".to_owned() } else { names.join("/") }
}
