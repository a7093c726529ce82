//! Compound files of programs that have no reader here: Publisher, Visio, Project, Works, lists of thumbnails.

use super::super::{Format, Input, Output, Reading, Weight};
use super::{Compound, Id, object, properties};
use crate::model::{Place, ProblemKind};

pub const FORMAT: Format = Format {
    name: "ole",
    version: 1,
    weight: Weight::Heavy,
    reads: "other compound files (Publisher, Visio, Project, lists of thumbnails): properties, embedded documents, runs of characters",
    leaves: "what their own structure splits or encodes; told as `unsupported format`",
    recognise: |input| input.ole_names().is_some(),
    read,
};

/// Characters that follow one another before they are taken as text.
const RUN: usize = 6;

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let compound = Compound::open(input)?;
    properties(&compound, Compound::ROOT, output)?;
    let mut waiting = vec![Compound::ROOT];
    while let Some(storage) = waiting.pop() {
        for &id in compound.children(storage) {
            if !compound.is_storage(id) {
                stream(&compound, id, output)?;
            } else if object::is_document(&compound, id) {
                object(&compound, id, compound.name(id), output)?;
            } else {
                waiting.push(id);
            }
        }
    }
    Err(ProblemKind::UnsupportedFormat)
}

/// Gives the runs of characters of a stream.
fn stream(compound: &Compound<'_>, id: Id, output: &mut Output<'_>) -> Reading {
    // Properties begin so; they are given as such.
    if compound.name(id).starts_with('\u{5}') {
        return Ok(());
    }
    let bytes = compound.bytes(id, output)?;
    if runs(&bytes).next().is_none() {
        return Ok(());
    }
    output.field(compound.name(id), |output| {
        runs(&bytes).try_for_each(|run| {
            output.at(Place::Whole)?;
            output.push(&run)
        })
    })
}

/// Runs of letters, digits and signs, of one or two bytes each.
pub fn runs(bytes: &[u8]) -> impl Iterator<Item = String> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let rest = &bytes[at..];
            let wide = rest.chunks_exact(2).take_while(|pair| pair[1] == 0 && is_text(pair[0])).count();
            let narrow = rest.iter().take_while(|&&b| is_text(b)).count();
            let (count, unit) = if wide > 1 { (wide, 2) } else { (narrow, 1) };
            at += (count * unit).max(1);
            if count >= RUN {
                return Some(rest.iter().step_by(unit).take(count).map(|&b| char::from(b)).collect());
            }
        }
        None
    })
}

/// Characters of text in Latin 1.
fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0xa0..=0xff)
}

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::told;
    use super::super::sample::compound;
    use super::*;

    #[test]
    fn runs_of_characters_are_found_between_other_bytes() {
        let wide: Vec<u8> = "Cpr 070761-4285".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let bytes = [&[1, 2, b'x', 0, 3][..], &wide, &[0, 1], b"B\xf8rneliste\0kort", &[7]].concat();
        assert_eq!(runs(&bytes).collect::<Vec<_>>(), ["Cpr 070761-4285", "Børneliste"]);
    }

    #[test]
    fn embedded_documents_are_read_as_what_they_are() {
        let inner = b"Cpr 070761-4285";
        let told = told(compound(&[("a/VisioDocument", inner), ("Contents", b"\x01Karla Holm\x02")]));
        assert_eq!(told.format, "ole");
        assert_eq!(told.lines, ["a › name: a", "a › VisioDocument: Cpr 070761-4285", "Contents: Karla Holm"]);
        assert_eq!(told.problems.len(), 2);
    }
}
