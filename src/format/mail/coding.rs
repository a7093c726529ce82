//! Content transfer encodings: quoted-printable and base64 (RFC 2045, section 6) and uuencode, undone as they are read.
//!
//! What does not belong in an encoding is passed over: mail that passed many hands holds all kinds of it.

use std::io::{self, Read};

use super::super::base64::six_bits;

/// Encoded bytes that are read at a time.
const CHUNK_BYTES: usize = 8 * 1024;

/// Longest stretch of encoded bytes that is waited for to end, in bytes.
const STRETCH_BYTES: usize = 128;

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As they are.
    Plain,
    QuotedPrintable,
    Base64,
    Uuencode,
}

impl Coding {
    /// By the value of `Content-Transfer-Encoding`.
    pub fn named(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "quoted-printable" => Self::QuotedPrintable,
            "base64" => Self::Base64,
            "x-uuencode" | "uuencode" | "x-uue" => Self::Uuencode,
            _ => Self::Plain,
        }
    }

    /// All of `encoded` at once.
    pub fn decode(self, encoded: &[u8]) -> Vec<u8> {
        let mut decoded = Vec::new();
        // Reading from memory does not fail.
        let _: io::Result<usize> = Decoder::new(encoded, self).read_to_end(&mut decoded);
        decoded
    }
}

/// A reader that undoes an encoding.
pub struct Decoder<R> {
    source: R,
    coding: Coding,
    encoded: Vec<u8>,
    decoded: Vec<u8>,
    at: usize,
    ended: bool,
    /// Bits of base64 that do not make a byte yet, and how many characters they are of.
    bits: (u32, u8),
}

impl<R: Read> Decoder<R> {
    /// What `source` gives, decoded.
    pub fn new(source: R, coding: Coding) -> Self {
        Self { source, coding, encoded: Vec::new(), decoded: Vec::new(), at: 0, ended: false, bits: (0, 0) }
    }

    /// Decodes some more.
    fn fill(&mut self) -> io::Result<()> {
        let got = self.source.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut self.encoded)?;
        self.ended = got < CHUNK_BYTES;
        self.decoded.clear();
        self.at = 0;
        let used = match self.coding {
            Coding::Plain => {
                self.decoded.extend(&self.encoded);
                self.encoded.len()
            }
            Coding::QuotedPrintable => quoted_printable(&self.encoded, self.ended, &mut self.decoded),
            Coding::Base64 => base64(&self.encoded, &mut self.bits, &mut self.decoded),
            Coding::Uuencode => uuencode(&self.encoded, self.ended, &mut self.decoded),
        };
        self.encoded.drain(..used);
        Ok(())
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.decoded.len() {
            if self.ended || buffer.is_empty() {
                return Ok(0);
            }
            self.fill()?;
        }
        let length = buffer.len().min(self.decoded.len() - self.at);
        buffer[..length].copy_from_slice(&self.decoded[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

/// Appends what `encoded` stands for; gives how much of it was used. `last` says that nothing follows.
fn quoted_printable(encoded: &[u8], last: bool, decoded: &mut Vec<u8>) -> usize {
    let mut at = 0;
    while let Some(&byte) = encoded.get(at) {
        if byte != b'=' {
            decoded.push(byte);
            at += 1;
            continue;
        }
        let rest = &encoded[at + 1..];
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        match (rest.get(blanks), rest) {
            (Some(b'\n'), _) => at += blanks + 2,
            (None, _) if last => at = encoded.len(),
            (None, _) if blanks < STRETCH_BYTES => break,
            (_, [high, low, ..]) if let (Some(high), Some(low)) = (hex(*high), hex(*low)) => {
                decoded.push(high << 4 | low);
                at += 3;
            }
            (_, [_]) if !last => break,
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    at
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|digit| digit as u8)
}

fn base64(encoded: &[u8], (bits, count): &mut (u32, u8), decoded: &mut Vec<u8>) -> usize {
    for byte in encoded {
        let six = match byte {
            b'=' => {
                // What follows a padding begins anew.
                *count = 0;
                *bits = 0;
                continue;
            }
            letter => match six_bits(*letter) {
                Some(six) => six,
                None => continue,
            },
        };
        *bits = *bits << 6 | u32::from(six);
        *count += 1;
        match *count {
            2 => decoded.push((*bits >> 4) as u8),
            3 => decoded.push((*bits >> 2) as u8),
            4 => {
                decoded.push(*bits as u8);
                *count = 0;
            }
            _ => {}
        }
    }
    encoded.len()
}

/// Whole lines of it; the first and the last line of the whole give nothing.
fn uuencode(encoded: &[u8], last: bool, decoded: &mut Vec<u8>) -> usize {
    let mut at = 0;
    while at < encoded.len() {
        let rest = &encoded[at..];
        let length = match memchr::memchr(b'\n', rest) {
            Some(end) => end + 1,
            None if last || rest.len() > STRETCH_BYTES => rest.len(),
            None => break,
        };
        if let Some(line) = uuencoded_line(&rest[..length]) {
            decoded.extend(line);
        }
        at += length;
    }
    at
}

/// The bytes of a line of uuencoded text; none when it is no such line.
pub fn uuencoded_line(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (first, rest) = line.split_first()?;
    let six = |byte: u8| byte.wrapping_sub(b' ') & 0x3f;
    let length = usize::from(six(*first));
    let characters = length.div_ceil(3) * 4;
    // Blanks at the end of a line are often lost, and some programs add a checksum.
    let fits = rest.len() <= characters + 2 && rest.len() + 4 >= characters;
    if !(b' '..=b'`').contains(first) || !fits || rest.iter().any(|b| !(b' '..=b'`').contains(b)) {
        return None;
    }
    let mut bytes = Vec::with_capacity(length + 3);
    for four in rest.chunks(4).take(characters / 4) {
        let at = |i: usize| four.get(i).map_or(0, |byte| u32::from(six(*byte)));
        let bits = at(0) << 18 | at(1) << 12 | at(2) << 6 | at(3);
        bytes.extend(&bits.to_be_bytes()[1..]);
    }
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Drop<'b>(&'b [u8]);

    impl Read for Drop<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let end = buffer.len().min(1);
            self.0.read(&mut buffer[..end])
        }
    }

    #[test]
    fn encodings_are_undone_however_the_bytes_come() {
        let cases: [(Coding, &str, &str); 6] = [
            (Coding::QuotedPrintable, "070761-=\r\n4285 =E6=C3=A6=3d", "070761-4285 \u{fffd}æ="),
            (Coding::QuotedPrintable, "a= \t\nb =zz= c=", "ab =zz= c"),
            (Coding::Base64, "MDcw\r\nNzYxLTQyODU=", "070761-4285"),
            (Coding::Base64, "MDcwNzYx!!LTQyODU=MQ==", "070761-42851"),
            (Coding::Uuencode, "begin 644 a.txt\n+,#<P-S8Q+30R.#4`\n`\nend\n", "070761-4285"),
            (Coding::Plain, "=41", "=41"),
        ];
        for (coding, encoded, text) in cases {
            let mut slowly = Vec::new();
            Decoder::new(Drop(encoded.as_bytes()), coding).read_to_end(&mut slowly).unwrap();
            assert_eq!(String::from_utf8_lossy(&slowly), text);
            assert_eq!(String::from_utf8_lossy(&coding.decode(encoded.as_bytes())), text);
        }
    }
}
