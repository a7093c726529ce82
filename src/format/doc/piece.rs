//! The pieces of which the text is put together ([MS-DOC] 2.8.35, 2.9.38).

use std::ops::Range;

use super::super::little::{u16_at, u32_at};
use super::fib::{Fib, Version};
use crate::model::ProblemKind;

/// A stretch of characters that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which characters of the document they are.
    pub characters: Range<u32>,
    /// Where the first stands in the stream of the text.
    pub start: usize,
    /// True when each is two bytes of UTF-16.
    pub wide: bool,
}

impl Piece {
    /// Bytes of a character.
    pub fn unit(&self) -> usize {
        if self.wide { 2 } else { 1 }
    }

    /// What of it stands between two characters of the document; none when nothing does.
    pub fn within(&self, characters: &Range<u32>) -> Option<Self> {
        let start = self.characters.start.max(characters.start);
        let end = self.characters.end.min(characters.end);
        let skipped = start.saturating_sub(self.characters.start) as usize * self.unit();
        let piece = Self { characters: start..end, start: self.start.checked_add(skipped)?, wide: self.wide };
        (start < end).then_some(piece)
    }

    /// Where its bytes stand in the stream of the text.
    pub fn bytes(&self) -> Range<usize> {
        let bytes = (self.characters.end - self.characters.start) as usize * self.unit();
        self.start..self.start.saturating_add(bytes)
    }
}

/// The pieces in their order, and what was wrong with them: then they are what can be told without their table.
pub fn pieces(fib: &Fib, word: &[u8], tables: &[u8]) -> (Vec<Piece>, Result<(), ProblemKind>) {
    match tables.get(fib.pieces.clone()).and_then(|table| listed(fib, table)) {
        Some(pieces) => (pieces, Ok(())),
        None if fib.version == Version::Word97 || fib.complex => (vec![whole(fib, word)], Err(ProblemKind::Damaged)),
        None => (vec![whole(fib, word)], Ok(())),
    }
}

/// The pieces of the table; none when there is none.
fn listed(fib: &Fib, table: &[u8]) -> Option<Vec<Piece>> {
    let mut rest = table;
    // Properties of pieces stand before them.
    while rest.first() == Some(&1) {
        rest = rest.get(3 + usize::from(u16_at(rest, 1))..)?;
    }
    let list = rest.strip_prefix(&[2])?.get(4..)?;
    let list = list.get(..u32_at(rest, 1) as usize).unwrap_or(list);
    let count = list.len().checked_sub(4)? / 12;
    let pieces = (0..count).map(|i| {
        let place = u32_at(list, 4 * (count + 1) + 8 * i + 2);
        let wide = fib.version == Version::Word97 && place & 0x4000_0000 == 0;
        let start = match fib.version {
            Version::Word97 if !wide => (place & 0x3fff_ffff) / 2,
            _ => place & 0x3fff_ffff,
        };
        Piece { characters: u32_at(list, 4 * i)..u32_at(list, 4 * i + 4), start: start as usize, wide }
    });
    let pieces: Vec<Piece> = pieces.filter(|piece| piece.characters.start < piece.characters.end).collect();
    Some(pieces).filter(|pieces| !pieces.is_empty())
}

/// All of the text as one piece. In Word 97 its characters are two bytes if nearly every other byte says so.
fn whole(fib: &Fib, word: &[u8]) -> Piece {
    let end = if fib.text.end > fib.text.start { fib.text.end } else { word.len() };
    let text = word.get(fib.text.start..end.min(word.len())).unwrap_or_default();
    let pairs = text.chunks_exact(2);
    let wide = fib.version == Version::Word97 && pairs.clone().filter(|pair| pair[1] == 0).count() > pairs.len() / 2;
    let characters = (text.len() / if wide { 2 } else { 1 }) as u32;
    Piece { characters: 0..characters, start: fib.text.start, wide }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_cut_to_what_is_asked_for() {
        let piece = Piece { characters: 10..20, start: 100, wide: true };
        let within = piece.within(&(15..30)).unwrap();
        assert_eq!((within.characters.clone(), within.bytes()), (15..20, 110..120));
        assert_eq!(piece.within(&(20..30)), None);
    }
}
