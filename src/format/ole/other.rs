//! Compound files of programs that have no reader here: Publisher, Visio, Project, Works, lists of thumbnails.

use super::super::{Format, Input, Output, Reading, Weight, strings};
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
    let runs = strings::all(&bytes);
    if runs.is_empty() {
        return Ok(());
    }
    output.field(compound.name(id), |output| {
        runs.iter().try_for_each(|run| {
            output.at(Place::Whole)?;
            output.push(run)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::told;
    use super::super::sample::compound;

    #[test]
    fn embedded_documents_are_read_as_what_they_are() {
        let inner = b"Cpr 070761-4285";
        let told = told(compound(&[("a/VisioDocument", inner), ("Contents", b"\x01Karla Holm\x02")]));
        assert_eq!(told.format, "ole");
        assert_eq!(told.lines, ["a › name: a", "a › VisioDocument: Cpr 070761-4285", "Contents: Karla Holm"]);
        assert_eq!(told.problems.len(), 2);
    }
}
