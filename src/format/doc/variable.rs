//! Variables that programs keep in a document which they fill in ([MS-DOC] 2.9.298).

use super::super::little::u16_at;
use super::super::{Output, Reading};
use crate::model::Place;

/// Gives the variables, each with its name.
///
/// # Errors
/// When a limit was reached.
pub fn read(table: Option<&[u8]>, output: &mut Output<'_>) -> Reading {
    let lines = table.and_then(lines).unwrap_or_default();
    if lines.is_empty() {
        return Ok(());
    }
    output.field("document variable", |output| {
        lines.iter().try_for_each(|line| {
            output.at(Place::Whole)?;
            output.push(line)
        })
    })
}

fn lines(table: &[u8]) -> Option<Vec<String>> {
    let count = usize::from(u16_at(table, 2)).min(table.len());
    let more = usize::from(u16_at(table, 4));
    let mut rest = table.get(6..)?;
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(string(&mut rest)?);
        rest = rest.get(more..)?;
    }
    let mut lines = Vec::new();
    for name in names {
        let Some(value) = string(&mut rest) else { break };
        rest = rest.get(2..).unwrap_or_default();
        lines.push(format!("{name}: {value}"));
    }
    Some(lines)
}

/// A string after its length, taken off the beginning.
fn string(rest: &mut &[u8]) -> Option<String> {
    let bytes = 2 * usize::from(u16_at(rest, 0));
    let text = rest.get(2..)?.get(..bytes)?;
    *rest = rest.get(2 + bytes..)?;
    let units: Vec<u16> = text.chunks_exact(2).map(|unit| u16_at(unit, 0)).collect();
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_names_and_values() {
        let string = |text: &str| -> Vec<u8> {
            let units: Vec<u16> = [text.len() as u16].into_iter().chain(text.encode_utf16()).collect();
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect()
        };
        let table = [&[0xff, 0xff, 1, 0, 4, 0][..], &string("cpr"), &[0; 4], &string("070761-4285"), &[0, 0]].concat();
        assert_eq!(lines(&table), Some(vec!["cpr: 070761-4285".to_owned()]));
        for end in 0..table.len() {
            lines(&table[..end]);
        }
    }
}
