//! The compression of rich text in messages ([MS-OXRTFCP]).

use super::super::little::u32_at;
use crate::model::ProblemKind;

/// What the window holds at the beginning (2.2.1.1.1).
const DICTIONARY: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const WINDOW: usize = 4096;
const HEADER_BYTES: usize = 16;
const COMPRESSED: u32 = 0x7546_5a4c;
const UNCOMPRESSED: u32 = 0x414c_454d;

/// The rich text; at most nine times as many bytes. One that is cut gives what it holds.
///
/// # Errors
/// When it is no compressed rich text.
pub fn decompress(bytes: &[u8]) -> Result<Vec<u8>, ProblemKind> {
    let (size, kind) = (u32_at(bytes, 4) as usize, u32_at(bytes, 8));
    let contents = bytes.get(HEADER_BYTES..).ok_or(ProblemKind::Damaged)?;
    match kind {
        UNCOMPRESSED => Ok(contents[..size.min(contents.len())].to_vec()),
        COMPRESSED => Ok(expand(contents)),
        _ => Err(ProblemKind::Damaged),
    }
}

fn expand(contents: &[u8]) -> Vec<u8> {
    let mut window = [b' '; WINDOW];
    window[..DICTIONARY.len()].copy_from_slice(DICTIONARY);
    let mut at = DICTIONARY.len();
    let mut text = Vec::new();
    let mut bytes = contents.iter().copied();
    while let Some(control) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { return text };
            if control & (1 << bit) == 0 {
                window[at] = first;
                at = (at + 1) % WINDOW;
                text.push(first);
                continue;
            }
            let Some(second) = bytes.next() else { return text };
            let reference = usize::from(first) << 8 | usize::from(second);
            let (from, length) = (reference >> 4, (reference & 15) + 2);
            // A reference to where the window is written ends the text.
            if from == at {
                return text;
            }
            for i in 0..length {
                let byte = window[(from + i) % WINDOW];
                window[at] = byte;
                at = (at + 1) % WINDOW;
                text.push(byte);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Example 1 of the specification (3.2).
    const EXAMPLE: &[u8] = &[
        0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72,
        0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62,
        0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
    ];

    #[test]
    fn the_example_of_the_specification_is_expanded() {
        assert_eq!(DICTIONARY.len(), 207);
        assert_eq!(decompress(EXAMPLE).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    }

    #[test]
    fn broken_text_ends() {
        for end in 0..EXAMPLE.len() {
            let _ = decompress(&EXAMPLE[..end]);
        }
        assert!(decompress(&[0; 40]).is_err());
    }
}
