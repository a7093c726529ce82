//! The texts that the cells of a workbook share.

use std::hint::black_box;

use super::super::{Output, Reading};
use crate::model::{Place, ProblemKind};

/// Bytes of all texts that may be held in memory.
const HELD_BYTES: usize = 512 * 1024 * 1024;

/// Texts by their number.
#[derive(Default)]
pub struct Strings {
    /// All texts, one after the other.
    text: String,
    /// Where each ends, and with [`SHOWN`] that a cell shows it: what is looked up together lies together.
    ends: Vec<u32>,
}

/// A cell shows the text. No end comes near it, for [`HELD_BYTES`] are fewer.
const SHOWN: u32 = 1 << 31;

impl Strings {
    /// Appends a text.
    ///
    /// # Errors
    /// When the texts are more than may be held.
    pub fn add(&mut self, text: &str) -> Reading {
        self.text.push_str(text);
        self.end()
    }

    fn end(&mut self) -> Reading {
        if self.text.len() > HELD_BYTES {
            return Err(ProblemKind::TooLarge);
        }
        self.ends.push(self.text.len() as u32);
        Ok(())
    }

    /// The text of a number.
    pub fn get(&self, number: usize) -> Option<&str> {
        let end = self.end_of(number)?;
        let start = number.checked_sub(1).and_then(|before| self.end_of(before)).unwrap_or(0);
        Some(&self.text[start..end])
    }

    fn end_of(&self, number: usize) -> Option<usize> {
        self.ends.get(number).map(|end| (end & !SHOWN) as usize)
    }

    /// Notes that a cell shows the text of this number.
    pub fn show(&mut self, number: usize) {
        if let Some(end) = self.ends.get_mut(number) {
            *end |= SHOWN;
        }
    }

    /// Notes that cells show the texts of these numbers, and brings those near the processor: each is looked up without
    /// waiting for the one before.
    pub fn fetch(&mut self, numbers: impl Iterator<Item = usize> + Clone) {
        numbers.clone().for_each(|number| self.show(number));
        let starts = numbers.filter_map(|number| self.end_of(number.checked_sub(1)?));
        let sum = starts.filter_map(|start| self.text.as_bytes().get(start)).fold(0_u8, |sum, b| sum.wrapping_add(*b));
        black_box(sum);
    }

    /// The texts that no cell shows, in the order of the table.
    pub fn unshown(&self) -> impl Iterator<Item = &str> {
        let unshown = |number: &usize| self.ends[*number] & SHOWN == 0;
        (0..self.ends.len()).filter(unshown).filter_map(|number| self.get(number))
    }
}

/// Gives texts that were in cells once.
///
/// # Errors
/// When a limit was reached.
pub fn give_unshown(strings: &Strings, output: &mut Output<'_>) -> Reading {
    let mut unshown = strings.unshown().filter(|text| !text.trim().is_empty()).peekable();
    if unshown.peek().is_none() {
        return Ok(());
    }
    output.field("unused text", |output| {
        unshown.try_for_each(|text| {
            output.at(Place::Whole)?;
            output.push(text)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_no_cell_shows_are_known() {
        let mut strings = Strings::default();
        ["a", "b", "c"].iter().for_each(|text| strings.add(text).unwrap());
        strings.show(1);
        strings.show(7);
        assert_eq!(strings.unshown().collect::<Vec<_>>(), ["a", "c"]);
    }
}
