//! The file information block: where in a Word document everything stands ([MS-DOC] 2.5.1; of older versions "Microsoft
//! Word 6.0 Binary File Format", 1994).

use std::ops::Range;

use super::super::little::{u16_at, u32_at};
use crate::model::ProblemKind;

/// What the block begins with: Word 2, Word 6 and 95, Word 97 and later.
const WORD_2: u16 = 0xa5db;
const WORD_6: u16 = 0xa5dc;
const WORD_97: u16 = 0xa5ec;

/// The first version of the block that is laid out as in Word 97.
const FIRST_OF_97: u16 = 0xa8;

/// Stretches of the text, in the order in which they follow one another.
pub const STORIES: [&str; 8] =
    ["", "footnote", "header or footer", "macro", "comment", "endnote", "text box", "text box"];

/// How the text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Word 2: characters of one byte, no compound file.
    Word2,
    /// Word 6 and 95: characters of one byte, tables in the stream of the text.
    Word6,
    /// Word 97 to 2003, and what others write so.
    Word97,
}

/// Where everything stands.
#[derive(Clone, Debug)]
pub struct Fib {
    /// How the text is kept.
    pub version: Version,
    /// True when what follows the block is encrypted.
    pub encrypted: bool,
    /// True when it is so by the weaker method.
    pub obfuscated: bool,
    /// Bytes that tell how it is encrypted, at the beginning of the tables.
    pub key: u32,
    /// The name of the stream with the tables; none where they stand in the stream of the text.
    pub tables: Option<&'static str>,
    /// Characters of each story of [`STORIES`].
    pub lengths: [u32; 8],
    /// Where the text stands when there are no pieces.
    pub text: Range<usize>,
    /// True when there must be pieces.
    pub complex: bool,
    /// The code page of characters of one byte.
    pub code_page: u32,
    /// Where the pieces stand in the tables.
    pub pieces: Range<usize>,
    /// Where the pages with the properties of characters are listed in the tables.
    pub characters: Range<usize>,
    /// As above, of paragraphs.
    pub paragraphs: Range<usize>,
    /// Where the fonts stand in the tables, in Word 6.
    pub fonts: Range<usize>,
    /// Where the drawings stand in the tables.
    pub drawings: Range<usize>,
    /// Where the variables of the document stand in the tables.
    pub variables: Range<usize>,
}

/// True when bytes begin as a Word document that is no compound file.
pub fn begins(head: &[u8]) -> bool {
    let version = u16_at(head, 2);
    head.len() >= 256 && matches!((u16_at(head, 0), version), (WORD_2, 33..=63) | (WORD_6, 100..=105))
}

impl Fib {
    /// Reads the block.
    ///
    /// # Errors
    /// When these bytes are no Word document.
    pub fn read(word: &[u8]) -> Result<Self, ProblemKind> {
        let magic = u16_at(word, 0);
        let version = match magic {
            WORD_2 => Version::Word2,
            WORD_6 | WORD_97 if u16_at(word, 2) < FIRST_OF_97 => Version::Word6,
            WORD_6 | WORD_97 => Version::Word97,
            _ => return Err(ProblemKind::Damaged),
        };
        let flags = u16_at(word, 10);
        let number = |at: usize| u32_at(word, at);
        let place = |at: usize| span(number(at), number(at + 4));
        let mut fib = Self {
            version,
            encrypted: flags & 0x100 != 0,
            obfuscated: flags & 0x8000 != 0,
            key: number(14),
            tables: None,
            lengths: [0; 8],
            text: number(24) as usize..number(28) as usize,
            complex: flags & 4 != 0,
            code_page: code_page(u16_at(word, 6), word.get(18) == Some(&1)),
            pieces: 0..0,
            characters: 0..0,
            paragraphs: 0..0,
            fonts: 0..0,
            drawings: 0..0,
            variables: 0..0,
        };
        match version {
            Version::Word2 => {
                fib.read_lengths(word, 0x34, 5);
                fib.pieces = span(number(0x11e), u16_at(word, 0x122).into());
            }
            Version::Word6 => {
                fib.read_lengths(word, 0x34, 8);
                fib.pieces = place(0x160);
                fib.characters = place(0xb8);
                fib.paragraphs = place(0xc0);
                fib.fonts = place(0xd0);
            }
            Version::Word97 => {
                fib.tables = Some(if flags & 0x200 != 0 { "1Table" } else { "0Table" });
                fib.read_lengths(word, 0x4c, 8);
                fib.pieces = place(0x1a2);
                fib.characters = place(0xfa);
                fib.paragraphs = place(0x102);
                fib.variables = place(0x27a);
                fib.drawings = place(0x22a);
            }
        }
        Ok(fib)
    }

    fn read_lengths(&mut self, word: &[u8], at: usize, count: usize) {
        for (i, length) in self.lengths.iter_mut().take(count).enumerate() {
            *length = Some(u32_at(word, at + 4 * i)).filter(|&length| length < 1 << 31).unwrap_or(0);
        }
    }
}

fn span(start: u32, bytes: u32) -> Range<usize> {
    start as usize..(start as usize).saturating_add(bytes as usize)
}

/// The code page of the language that the document was made in.
fn code_page(language: u16, macintosh: bool) -> u32 {
    match language & 0x3ff {
        _ if macintosh => 10000,
        0x05 | 0x0e | 0x15 | 0x18 | 0x1a | 0x1b | 0x24 => 1250,
        0x02 | 0x19 | 0x22 | 0x23 => 1251,
        0x08 => 1253,
        0x1f => 1254,
        0x0d => 1255,
        0x01 => 1256,
        0x25..=0x27 => 1257,
        0x11 => 932,
        0x12 => 949,
        0x04 if language == 0x404 => 950,
        0x04 => 936,
        _ => 1252,
    }
}
