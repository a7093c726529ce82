//! Base64 (RFC 4648), in either alphabet.

/// The six bits that a letter stands for; none when it is no letter of base64.
pub fn six_bits(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// The bytes that a text spells, which may be broken into lines; none when it spells none.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut held) = (0_u32, 0);
    let written = text.trim_end().trim_end_matches('=');
    for letter in written.bytes().filter(|b| !matches!(b, b'\r' | b'\n')) {
        bits = bits << 6 | u32::from(six_bits(letter)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    (held < 6).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_and_other_words_are_not() {
        assert_eq!(decode("Qm9yZ2Vy").as_deref(), Some(&b"Borger"[..]));
        assert_eq!(decode("Qm9yZ2VyLg==").as_deref(), Some(&b"Borger."[..]));
        assert_eq!(decode("Qm9y Z2Vy"), None);
    }
}
