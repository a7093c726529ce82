//! The tokens of RTF: groups, control words, text, and what stands between them as bytes.

use std::io::Read;
use std::ops::Range;

use memchr::memchr3;

use super::super::input::problem_kind;
use crate::model::ProblemKind;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// More than the longest token other than text: a name of 32 letters with its number (Rich Text Format 1.9.1,
/// "Control Word").
const TOKEN_BYTES: usize = 64;

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A group begins.
    Open,
    /// A group ends.
    Close,
    /// A control word, and its number.
    Word(Range<usize>, Option<i64>),
    /// A control symbol.
    Symbol(u8),
    /// A byte of text that is written as two digits.
    Byte(u8),
    /// Text as it lies.
    Text(Range<usize>),
}

/// Tokens out of a stream. Memory does not grow with its length.
pub struct Tokens<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    whole: bool,
    /// The error that ends the source, given after what stood before it.
    error: Option<ProblemKind>,
}

impl<R: Read> Tokens<R> {
    /// Tokens from the beginning of `source`.
    pub fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), at: 0, whole: false, error: None }
    }

    /// The bytes of a range that the last token gave.
    pub fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// The next token; none at the end.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn next(&mut self) -> Result<Option<Token>, ProblemKind> {
        self.fill()?;
        let Some(&first) = self.buffer.get(self.at) else {
            return Ok(None);
        };
        let start = self.at;
        self.at += 1;
        Ok(Some(match first {
            b'{' => Token::Open,
            b'}' => Token::Close,
            b'\\' => self.control(),
            _ => {
                let rest = &self.buffer[start..];
                self.at = start + memchr3(b'{', b'}', b'\\', rest).unwrap_or(rest.len());
                Token::Text(start..self.at)
            }
        }))
    }

    /// Takes up to `count` bytes as they are, and appends them to `kept` where that is wanted.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn take(&mut self, mut count: u64, mut kept: Option<&mut Vec<u8>>) -> Result<(), ProblemKind> {
        while count > 0 {
            self.fill()?;
            let rest = &self.buffer[self.at..];
            let taken = &rest[..rest.len().min(usize::try_from(count).unwrap_or(usize::MAX))];
            if taken.is_empty() {
                break;
            }
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(taken);
            }
            self.at += taken.len();
            count -= taken.len() as u64;
        }
        Ok(())
    }

    fn control(&mut self) -> Token {
        let Some(&symbol) = self.buffer.get(self.at) else {
            return Token::Symbol(b'\n');
        };
        if symbol.is_ascii_alphabetic() {
            return self.word();
        }
        self.at += 1;
        if symbol != b'\'' {
            return Token::Symbol(symbol);
        }
        let digit = |at: usize| self.buffer.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (digit(self.at), digit(self.at + 1)) {
            (Some(high), Some(low)) => {
                self.at += 2;
                Token::Byte((high * 16 + low) as u8)
            }
            _ => Token::Symbol(symbol),
        }
    }

    fn word(&mut self) -> Token {
        let rest = &self.buffer[self.at..];
        let count =
            |bytes: &[u8], is: fn(&u8) -> bool| bytes.iter().take(TOKEN_BYTES / 2).take_while(|b| is(b)).count();
        let name = count(rest, u8::is_ascii_alphabetic);
        let minus = usize::from(rest.get(name) == Some(&b'-'));
        let digits = count(&rest[name + minus..], u8::is_ascii_digit);
        let written = &rest[name + minus..name + minus + digits];
        let mut end = self.at + name;
        let mut value = None;
        if digits > 0 {
            end += minus + digits;
            let add = |sum: i64, b: &u8| sum.saturating_mul(10).saturating_add(i64::from(b - b'0'));
            let number = written.iter().fold(0, add);
            value = Some(if minus > 0 { -number } else { number });
        }
        let word = Token::Word(self.at..self.at + name, value);
        self.at = end + usize::from(self.buffer.get(end) == Some(&b' '));
        word
    }

    /// Reads on until a whole token is there, or the end.
    fn fill(&mut self) -> Result<(), ProblemKind> {
        while self.buffer.len() - self.at < TOKEN_BYTES && !self.whole {
            if let Some(kind) = self.error {
                return if self.buffer.len() > self.at { Ok(()) } else { Err(kind) };
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            match (&mut self.source).take(CHUNK_BYTES as u64).read_to_end(&mut self.buffer) {
                Ok(got) => self.whole = got == 0,
                Err(error) => self.error = Some(problem_kind(&error)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut tokens = Tokens::new(text.as_bytes());
        let mut told = Vec::new();
        while let Some(token) = tokens.next().unwrap() {
            told.push(match token {
                Token::Word(name, value) => {
                    format!("{}={value:?}", String::from_utf8_lossy(tokens.bytes(name)))
                }
                Token::Text(range) => String::from_utf8_lossy(tokens.bytes(range)).into_owned(),
                other => format!("{other:?}"),
            });
        }
        told
    }

    #[test]
    fn a_word_ends_with_its_number_and_one_space() {
        assert_eq!(tokens("{\\b0  x\\u-3 y}"), ["Open", "b=Some(0)", " x", "u=Some(-3)", "y", "Close"]);
        assert_eq!(tokens("\\par-x\\'e6\\'zz\\"), ["par=None", "-x", "Byte(230)", "Symbol(39)", "zz", "Symbol(10)"]);
    }

    #[test]
    fn absurd_numbers_break_nothing() {
        assert_eq!(tokens("\\bin99999999999999999999999 x")[0], format!("bin=Some({})", i64::MAX));
        assert_eq!(tokens(&format!("\\{}", "a".repeat(100))).len(), 2);
    }
}
