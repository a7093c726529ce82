//! Compressed rtf. MS-OXRTFCP, section 3.1.

/// What every dictionary begins with.
const BEGINNING: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const DICTIONARY_BYTES: usize = 4096;

/// Largest text; a reference of two bytes gives 17, so no file is blown up far.
const TEXT_BYTES: usize = 64 << 20;

/// The rtf; none where the bytes are none. What is cut gives what came before.
pub fn expand(bytes: &[u8]) -> Option<Vec<u8>> {
    let (header, packed) = bytes.split_at_checked(16)?;
    match &header[8..12] {
        b"MELA" => return Some(packed.to_vec()),
        b"LZFu" => {}
        _ => return None,
    }
    let mut dictionary = [0; DICTIONARY_BYTES];
    dictionary[..BEGINNING.len()].copy_from_slice(BEGINNING);
    let mut end = BEGINNING.len();
    let mut text = Vec::new();
    let mut packed = packed.iter().copied();
    let mut add = |byte: u8, end: &mut usize, dictionary: &mut [u8; DICTIONARY_BYTES]| {
        text.push(byte);
        dictionary[*end % DICTIONARY_BYTES] = byte;
        *end = (*end + 1) % DICTIONARY_BYTES;
        text.len() < TEXT_BYTES
    };
    'all: while let Some(control) = packed.next() {
        for bit in 0..8 {
            let Some(first) = packed.next() else { break 'all };
            if control >> bit & 1 == 0 {
                if !add(first, &mut end, &mut dictionary) {
                    break 'all;
                }
                continue;
            }
            let Some(second) = packed.next() else { break 'all };
            let reference = usize::from(first) << 8 | usize::from(second);
            let (offset, length) = (reference >> 4, (reference & 0xf) + 2);
            if offset == end {
                break 'all;
            }
            for at in offset..offset + length {
                let byte = dictionary[at % DICTIONARY_BYTES];
                if !add(byte, &mut end, &mut dictionary) {
                    break 'all;
                }
            }
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_expanded() {
        // MS-OXRTFCP, section 4.1.1.
        let packed = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125\x42\x32\x0a\xf3 hel\x09\x00\x20bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(expand(packed).as_deref(), Some(&b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"[..]));
        assert_eq!(expand(b"kort"), None);
    }
}
