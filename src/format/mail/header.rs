//! Headers: lines that were folded made whole, encoded words and parameters decoded.
//! RFC 5322 section 2.2, RFC 2047, RFC 2231.

use std::borrow::Cow;

use super::charset::Charset;
use super::coding::Coding;
use super::line::Part;

/// Longest header that is kept whole, in bytes: some thousand recipients. The rest of a longer one stands as one more.
const HEADER_BYTES: usize = 256 * 1024;

/// Longest encoded word, in bytes. RFC 2047 allows 75.
const WORD_BYTES: usize = 1024;

/// A header, made whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name, as it is written.
    pub name: String,
    /// Its value, its lines joined, not decoded.
    pub value: Vec<u8>,
    /// Its first line, from 1.
    pub line: u64,
}

impl Header {
    /// True when it has this name, written in lower case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value as people read it.
    pub fn text(&self) -> String {
        words(&self.value)
    }
}

/// Headers one after another, up to the empty line or the first that is none. Each comes when it is whole.
pub struct Headers<'h, 'p, 'r> {
    part: &'h mut Part<'p, 'r>,
    line: u64,
}

impl<'h, 'p, 'r> Headers<'h, 'p, 'r> {
    /// From the next line on.
    pub fn new(part: &'h mut Part<'p, 'r>) -> Self {
        Self { part, line: 0 }
    }
}

impl Iterator for Headers<'_, '_, '_> {
    type Item = Header;

    fn next(&mut self) -> Option<Header> {
        let first = self.part.peek()?;
        let length = first.len();
        if first.iter().all(u8::is_ascii_whitespace) {
            self.part.consume(length);
            return None;
        }
        let (name, value) = match name(first) {
            Some(name) => (String::from_utf8_lossy(&first[..name]).into_owned(), first[name + 1..].to_vec()),
            // What is left of a header that was too long, or no header at all.
            None if first.starts_with(b" ") || first.starts_with(b"\t") => (String::new(), first.to_vec()),
            None => return None,
        };
        self.line += 1;
        let mut header = Header { name, value, line: self.line };
        self.part.consume(length);
        while let Some(more) = self.part.peek()
            && (!header.value.ends_with(b"\n") || more.starts_with(b" ") || more.starts_with(b"\t"))
            && !more.iter().all(u8::is_ascii_whitespace)
            && header.value.len() < HEADER_BYTES
        {
            self.line += u64::from(header.value.ends_with(b"\n"));
            // A folded line goes on where it was cut: the blank that begins it is part of it.
            while header.value.last().is_some_and(|b| matches!(b, b'\r' | b'\n')) {
                header.value.pop();
            }
            header.value.extend(more);
            let length = more.len();
            self.part.consume(length);
        }
        header.value = header.value.trim_ascii().to_vec();
        Some(header)
    }
}

/// How long the name of the header is that the line begins with, if it does.
pub fn name(line: &[u8]) -> Option<usize> {
    let end = line.iter().take(128).position(|b| *b == b':')?;
    let named = line[..end].trim_ascii_end();
    (!named.is_empty() && named.iter().all(|b| b.is_ascii_graphic())).then_some(end)
}

/// The value of a header with its encoded words decoded.
pub fn words(value: &[u8]) -> String {
    let mut text = String::new();
    let mut at = 0;
    // Bytes of encoded words that stand together may make one character.
    let mut open: Option<(String, Vec<u8>)> = None;
    while at < value.len() {
        let rest = &value[at..];
        if let Some((length, charset, bytes)) = word(rest) {
            match &mut open {
                Some((same, together)) if *same == charset => together.extend(bytes),
                _ => {
                    close(&mut open, &mut text);
                    open = Some((charset, bytes));
                }
            }
            at += length;
            continue;
        }
        let length = 1 + rest[1..].iter().take_while(|b| **b != b'=').count();
        let piece = &rest[..length];
        // Blanks between encoded words part nothing.
        if open.is_some() && piece.iter().all(u8::is_ascii_whitespace) && word(&rest[length..]).is_some() {
            at += length;
            continue;
        }
        close(&mut open, &mut text);
        text.push_str(&plain(piece));
        at += length;
    }
    close(&mut open, &mut text);
    text
}

fn close(open: &mut Option<(String, Vec<u8>)>, text: &mut String) {
    if let Some((charset, bytes)) = open.take() {
        let charset = Charset::named(&charset).unwrap_or_else(|| Charset::of(&bytes, true));
        text.push_str(&charset.decode(&bytes));
    }
}

fn plain(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(Charset::of(bytes, true).decode(bytes)),
    }
}

/// An encoded word that `rest` begins with: its length, the name of its charset, and its bytes.
fn word(rest: &[u8]) -> Option<(usize, String, Vec<u8>)> {
    let inner = rest.strip_prefix(b"=?")?;
    let charset_end = inner.iter().take(64).position(|b| *b == b'?')?;
    let coding = inner.get(charset_end + 1)?;
    let encoded = inner.get(charset_end + 2..)?.strip_prefix(b"?")?;
    let end = memchr::memmem::find(&encoded[..encoded.len().min(WORD_BYTES)], b"?=")?;
    // `=?x?Q?=41?=` ends at its second `?=`.
    let end = if end == 0 && coding.eq_ignore_ascii_case(&b'q') {
        memchr::memmem::find(&encoded[1..encoded.len().min(WORD_BYTES)], b"?=").map_or(0, |end| end + 1)
    } else {
        end
    };
    let bytes = match coding.to_ascii_lowercase() {
        b'b' => Coding::Base64.decode(&encoded[..end]),
        b'q' => {
            let spaced: Vec<u8> = encoded[..end].iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
            Coding::QuotedPrintable.decode(&spaced)
        }
        _ => return None,
    };
    // RFC 2231 lets a language follow the charset.
    let charset = inner[..charset_end].split(|b| *b == b'*').next().unwrap_or_default();
    Some((2 + charset_end + 3 + end + 2, String::from_utf8_lossy(charset).to_ascii_lowercase(), bytes))
}

/// A value with parameters, as of `Content-Type`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// What stands before them, in lower case.
    pub value: String,
    named: Vec<(String, Vec<u8>)>,
}

impl Parameters {
    /// Of the value of a header.
    pub fn of(header: &[u8]) -> Self {
        let mut pieces = pieces(header);
        let value = pieces.next().unwrap_or_default();
        let value = String::from_utf8_lossy(value.trim_ascii()).to_ascii_lowercase();
        let named = pieces.filter_map(|piece| {
            let equal = piece.iter().position(|b| *b == b'=')?;
            let name = String::from_utf8_lossy(piece[..equal].trim_ascii()).to_ascii_lowercase();
            Some((name, unquoted(piece[equal + 1..].trim_ascii())))
        });
        Self { value, named: named.take(256).collect() }
    }

    /// The bytes of a parameter, as they are written.
    pub fn raw(&self, name: &str) -> Option<&[u8]> {
        self.named.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// A parameter as people read it, also when it is written in pieces or in another charset.
    pub fn text(&self, name: &str) -> Option<String> {
        let mut charset = None;
        let mut bytes = Vec::new();
        let mut found = false;
        for number in 0..64 {
            let written = [format!("{name}*{number}*"), format!("{name}*{number}"), format!("{name}*")];
            let pieces = if number == 0 { &written[..] } else { &written[..2] };
            let Some((extended, piece)) = pieces.iter().find_map(|name| Some((name.ends_with('*'), self.raw(name)?)))
            else {
                break;
            };
            found = true;
            let mut piece = piece;
            if extended && number == 0 {
                let mut quotes = piece.iter().enumerate().filter(|(_, b)| **b == b'\'').map(|(i, _)| i);
                if let (Some(first), Some(second)) = (quotes.next(), quotes.next()) {
                    charset = Charset::named(&String::from_utf8_lossy(&piece[..first]));
                    piece = &piece[second + 1..];
                }
            }
            bytes.extend(if extended { percent(piece) } else { piece.to_vec() });
        }
        if found {
            return Some(charset.unwrap_or_else(|| Charset::of(&bytes, true)).decode(&bytes));
        }
        self.raw(name).map(words)
    }
}

/// Pieces between semicolons that do not stand between quotation marks.
fn pieces(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    header.split(move |byte| {
        let parts = *byte == b';' && !quoted;
        quoted ^= *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        parts
    })
}

fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value.strip_prefix(b"\"") else {
        // A comment may follow a value that is not quoted.
        let end = value.iter().position(|b| matches!(b, b' ' | b'\t' | b'(')).unwrap_or(value.len());
        let encoded = value.starts_with(b"=?");
        return if encoded { value.to_vec() } else { value[..end].to_vec() };
    };
    let mut text = Vec::new();
    let mut bytes = inner.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => text.extend(bytes.next()),
            _ => text.push(*byte),
        }
    }
    text
}

fn percent(value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        let digit = |i: usize| value.get(i).and_then(|b| char::from(*b).to_digit(16));
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                at += 3;
            }
            _ => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::line::Lines;
    use super::*;

    fn headers(text: &str) -> Vec<(String, String)> {
        let mut lines = Lines::new(text.as_bytes());
        let mut part = Part::new(&mut lines, &[]);
        Headers::new(&mut part).map(|header| (header.name.clone(), header.text())).collect()
    }

    #[test]
    fn folded_headers_are_made_whole_up_to_the_empty_line() {
        let told = headers("Subject: en\r\n to\r\n\ttre\r\nTo:\r\n\r\nX-No: x\r\n");
        assert_eq!(told, [("Subject".into(), "en to\ttre".into()), ("To".into(), String::new())]);
        assert_eq!(headers("Subject: x\nKære Karla\nTo: y\n").len(), 1);
    }

    #[test]
    fn encoded_words_are_decoded_and_joined() {
        assert_eq!(words(b"=?ISO-8859-1?Q?B=F8rne_liste?= 2016"), "Børne liste 2016");
        assert_eq!(words(b"cpr =?utf-8?B?MDcwNzYx?= =?utf-8?b?LTQyODU=?= x"), "cpr 070761-4285 x");
        assert_eq!(words(b"=?utf-8?Q?=C3?= =?utf-8?Q?=A6?="), "æ");
        assert_eq!(words(b"B\xf8rn =?x =3D?="), "Børn =?x =3D?=");
    }

    #[test]
    fn parameters_are_read_in_all_spellings() {
        let of = |text: &str, name: &str| Parameters::of(text.as_bytes()).text(name);
        assert_eq!(of("a/b; Name=\"x;\\\"y.txt\"; c=d", "name").as_deref(), Some("x;\"y.txt"));
        assert_eq!(of("a/b; name*=iso-8859-1'da'B%F8rn.txt", "name").as_deref(), Some("Børn.txt"));
        assert_eq!(of("a; name*0*=utf-8''B%C3; name*1*=%B8r; name*2=\"n.txt\"", "name").as_deref(), Some("Børn.txt"));
        assert_eq!(of("a; name=\"=?utf-8?Q?B=C3=B8rn?=\"", "name").as_deref(), Some("Børn"));
        assert_eq!(of("a; name=x.txt (note)", "name").as_deref(), Some("x.txt"));
        assert_eq!(Parameters::of(b"TEXT/Plain ; charset=x").value, "text/plain");
    }
}
