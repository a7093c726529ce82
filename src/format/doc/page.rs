//! Pages of properties: which characters and paragraphs have which ([MS-DOC] 2.9.33, 2.9.175, 2.6).

use std::collections::HashSet;
use std::ops::Range;

use super::super::little::{u16_at, u32_at};
use super::fib::Version;

const PAGE_BYTES: usize = 512;

/// Stretches of the stream of the text and where their properties stand in it, in order.
#[derive(Default)]
pub struct Pages(Vec<Stretch>);

struct Stretch {
    start: usize,
    end: usize,
    properties: Range<usize>,
}

/// Of what a page tells the properties.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Of characters.
    Characters,
    /// Of paragraphs.
    Paragraphs,
}

impl Pages {
    /// Reads the pages that a table lists. What is broken is left out.
    pub fn read(of: Of, version: Version, list: &[u8], word: &[u8]) -> Self {
        let number_bytes = if version == Version::Word97 { 4 } else { 2 };
        let count = list.len().saturating_sub(4) / (4 + number_bytes);
        let mut seen = HashSet::new();
        let mut stretches = Vec::new();
        for i in 0..count {
            let at = 4 * (count + 1) + number_bytes * i;
            let number = if number_bytes == 4 { u32_at(list, at) & 0x3f_ffff } else { u16_at(list, at).into() };
            let start = number as usize * PAGE_BYTES;
            if let Some(page) = word.get(start..start + PAGE_BYTES).filter(|_| seen.insert(number)) {
                stretches.extend(page_stretches(of, version, page, start));
            }
        }
        stretches.sort_by_key(|stretch: &Stretch| stretch.start);
        Self(stretches)
    }

    /// The properties of what stands at `at`, as they lie in the stream, and where the stretch that has them ends.
    ///
    /// Where none are told the next stretch ends it.
    pub fn at(&self, at: usize) -> (Option<Range<usize>>, usize) {
        let next = self.0.partition_point(|stretch| stretch.start <= at);
        match next.checked_sub(1).and_then(|here| self.0.get(here)).filter(|here| at < here.end) {
            Some(here) => (Some(here.properties.clone()), here.end),
            None => (None, self.0.get(next).map_or(usize::MAX, |next| next.start)),
        }
    }
}

fn page_stretches(of: Of, version: Version, page: &[u8], start: usize) -> Vec<Stretch> {
    let count = usize::from(page[PAGE_BYTES - 1]);
    let entry_bytes = match (of, version) {
        (Of::Characters, _) => 1,
        (Of::Paragraphs, Version::Word97) => 13,
        (Of::Paragraphs, _) => 7,
    };
    if 4 * (count + 1) + entry_bytes * count >= PAGE_BYTES {
        return Vec::new();
    }
    let stretches = (0..count).map(|i| {
        let offset = 2 * usize::from(page[4 * (count + 1) + entry_bytes * i]);
        let properties = properties(of, version, page, offset);
        let (from, end) = (u32_at(page, 4 * i) as usize, u32_at(page, 4 * i + 4) as usize);
        Stretch { start: from, end, properties: start + properties.start..start + properties.end }
    });
    stretches.filter(|stretch| stretch.start < stretch.end).collect()
}

/// Where the properties at an offset of a page stand in it.
fn properties(of: Of, version: Version, page: &[u8], offset: usize) -> Range<usize> {
    let byte = |at: usize| page.get(at).map_or(0, |&b| usize::from(b));
    let range = match (of, version) {
        _ if offset == 0 => 0..0,
        (Of::Characters, _) => offset + 1..offset + 1 + byte(offset),
        // The number of the style stands before them.
        (Of::Paragraphs, Version::Word97) if byte(offset) == 0 => offset + 4..offset + 2 + 2 * byte(offset + 1),
        (Of::Paragraphs, Version::Word97) => offset + 3..offset + 2 * byte(offset),
        (Of::Paragraphs, _) => offset + 3..offset + 1 + 2 * byte(offset),
    };
    if range.start <= range.end && range.end < PAGE_BYTES { range } else { 0..0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_by_where_the_text_stands() {
        let mut word = vec![0; 1024];
        let page = &mut word[512..];
        for (at, number) in [(0, 100_u32), (4, 110), (8, 120)] {
            page[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        page[12..14].copy_from_slice(&[0, 100]);
        page[200..204].copy_from_slice(&[3, 0, 8, 1]);
        page[511] = 2;
        let list = [0_u32, 1000, 1].map(u32::to_le_bytes).concat();
        let pages = Pages::read(Of::Characters, Version::Word97, &list, &word);
        assert_eq!(pages.at(99), (None, 100));
        assert_eq!(pages.at(105), (Some(512..512), 110));
        assert_eq!(pages.at(110), (Some(713..716), 120));
        assert_eq!(pages.at(120), (None, usize::MAX));
    }
}
