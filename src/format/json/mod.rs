//! JSON and JSON lines: values under their keys, as rows of tables.
//!
//! The scalars of an object are a row, its keys the headings of it; objects with the same keys are rows of one table. What
//! does not hold as JSON is read all the same: a value is what stands between two marks, whether it is quoted or not, so
//! that nothing of a broken file, of a log with JSON in it or of JavaScript is lost.

mod inline;
mod row;
mod string;

use memchr::memchr;

use super::decoded::Decoded;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::ProblemKind;
use row::{Row, Rows, Scalar};

pub const FORMAT: Format = Format {
    name: "json",
    version: 1,
    weight: Weight::Small,
    reads: "keys as headings, values with escapes resolved, JSON lines, broken JSON as far as it goes, files in base64",
    leaves: "",
    recognise,
    read,
};

/// Bytes at the beginning that must hold as JSON.
const SAMPLE_BYTES: usize = 4096;

/// Objects and arrays inside each other that are told apart; deeper ones are read as one.
const DEPTH: usize = 1000;

/// Longest piece of a scalar that is held, in bytes.
const SCALAR_BYTES: usize = 16 * 1024 * 1024;

/// True when the first bytes hold as JSON, and they begin an object or a list.
fn recognise(input: &mut Input<'_>) -> bool {
    let head = input.head();
    let begins =
        head.iter().find(|b| !matches!(b, 0 | 0xef | 0xbb | 0xbf | 0xff | 0xfe | b' ' | b'\t' | b'\r' | b'\n'));
    if !begins.is_some_and(|b| matches!(b, b'{' | b'[')) {
        return false;
    }
    let Some(encoding) = input.encoding() else { return false };
    let mut text = String::new();
    let head = input.head();
    encoding.decode_into(&head[..head.len().min(SAMPLE_BYTES)], &mut text);
    holds(text.trim_start_matches('\u{feff}'))
}

/// True when the text holds as far as it goes, and there are keys or several values.
fn holds(text: &str) -> bool {
    let mut open = Vec::new();
    let mut telling = 0;
    let mut rest = text.trim_start();
    while let Some(first) = rest.bytes().next() {
        let taken = match first {
            b'{' | b'[' => {
                open.push(first);
                1
            }
            b'}' | b']' => {
                let fits = open.pop().is_some_and(|opened| opened + 2 == first);
                if !fits {
                    return false;
                }
                1
            }
            b',' | b':' => {
                telling += 1;
                1
            }
            b'"' => match string::end(&rest.as_bytes()[1..]) {
                Some(end) => end + 2,
                None => return telling > 0 || open.last() == Some(&b'['),
            },
            _ => {
                let bytes = rest.find([',', ':', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(rest.len());
                let (word, after) = rest.split_at(bytes);
                if !after.is_empty() && !is_bare(word) {
                    return false;
                }
                bytes
            }
        };
        rest = rest[taken..].trim_start();
    }
    telling > 0 || text.contains('"')
}

/// True for what stands in JSON without quotation marks.
fn is_bare(word: &str) -> bool {
    matches!(word, "true" | "false" | "null" | "NaN") || word.parse::<f64>().is_ok()
}

/// What is open.
enum Open {
    Object { row: Row, key: Option<String> },
    List { row: Row },
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let mut text = Decoded::new(input, encoding);
    let mut reader = Reader { rows: Rows::default(), open: Vec::new(), deeper: 0, output };
    let reading = reader.all(&mut text);
    let closing = reader.close_all();
    reading.and(closing)
}

/// Reads value by value.
struct Reader<'o, 's> {
    rows: Rows,
    open: Vec<Open>,
    /// Objects and lists that are open beyond the depth that is told apart.
    deeper: usize,
    output: &'o mut Output<'s>,
}

impl Reader<'_, '_> {
    fn all(&mut self, text: &mut Decoded<'_, '_>) -> Reading {
        while let Some(byte) = text.peek()? {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b':' => drop(text.take(1)),
                b',' => {
                    text.take(1);
                    self.next()?;
                }
                b'{' | b'[' => {
                    text.take(1);
                    self.begin(byte)?;
                }
                b'}' | b']' => {
                    text.take(1);
                    self.end()?;
                }
                b'"' => {
                    let line = text.line_number();
                    text.take(1);
                    let value = quoted(text)?;
                    self.scalar(Scalar { line, value, is_text: true })?;
                }
                _ => {
                    let line = text.line_number();
                    let value = bare(text)?;
                    self.scalar(Scalar { line, value, is_text: false })?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, byte: u8) -> Reading {
        if self.open.len() >= DEPTH {
            self.deeper += 1;
            return self.rows.go_on(self.output);
        }
        let row = match self.open.last_mut() {
            Some(Open::Object { row, key }) => {
                let key = key.take().unwrap_or_default();
                // A key that is a number is what the object is about.
                if key.bytes().any(|b| b.is_ascii_digit()) {
                    let line = row.last_line();
                    row.push(String::new(), Scalar { line, value: key.clone(), is_text: true });
                }
                Row::named(key)
            }
            Some(Open::List { row }) => row.inner(byte == b'['),
            None => Row::named(String::new()),
        };
        self.open.push(if byte == b'{' { Open::Object { row, key: None } } else { Open::List { row } });
        self.rows.go_on(self.output)
    }

    fn end(&mut self) -> Reading {
        if self.deeper > 0 {
            self.deeper -= 1;
            return Ok(());
        }
        match self.open.pop() {
            Some(Open::Object { mut row, key }) => {
                if let Some(key) = key {
                    row.push(String::new(), Scalar { line: 0, value: key, is_text: true });
                }
                self.rows.object(&mut row, self.output)
            }
            Some(Open::List { mut row }) => self.rows.list(&mut row, self.output),
            None => Ok(()),
        }
    }

    /// A key without a value is a value.
    fn next(&mut self) -> Reading {
        if let Some(Open::Object { row, key: key @ Some(_) }) = self.open.last_mut() {
            let value = key.take().unwrap_or_default();
            let line = row.last_line();
            row.push(String::new(), Scalar { line, value, is_text: true });
        }
        Ok(())
    }

    fn scalar(&mut self, scalar: Scalar) -> Reading {
        match self.open.last_mut() {
            None => self.rows.alone(&scalar, self.output),
            Some(Open::List { row }) => {
                row.push(String::new(), scalar);
                if row.is_long() { self.rows.list(row, self.output) } else { Ok(()) }
            }
            Some(Open::Object { key: key @ None, .. }) => {
                *key = Some(scalar.value);
                Ok(())
            }
            Some(Open::Object { row, key }) => {
                row.push(key.take().unwrap_or_default(), scalar);
                if row.is_long() { self.rows.object(row, self.output) } else { Ok(()) }
            }
        }
    }

    /// What is still open at the end is given too.
    fn close_all(&mut self) -> Reading {
        self.deeper = 0;
        while !self.open.is_empty() {
            self.end()?;
        }
        Ok(())
    }
}

/// The string up to its closing mark, which is taken too, or to the end; one that is too long comes in pieces.
fn quoted(text: &mut Decoded<'_, '_>) -> Result<String, ProblemKind> {
    loop {
        let rest = text.rest().as_bytes();
        if let Some(end) = string::end(rest) {
            let value = string::unescaped(text.take(end));
            text.take(1);
            return Ok(value);
        }
        let length = rest.len();
        if length > SCALAR_BYTES || !text.more()? {
            return Ok(string::unescaped(text.take(length)));
        }
    }
}

/// What stands up to the next mark or the end of the line.
fn bare(text: &mut Decoded<'_, '_>) -> Result<String, ProblemKind> {
    const MARKS: &[u8] = b"{}[],:\"\r\n";
    let mut from = 0;
    loop {
        let rest = text.rest().as_bytes();
        if let Some(end) = rest[from..].iter().position(|&b| memchr(b, MARKS).is_some()) {
            return Ok(text.take(from + end).trim_end().to_owned());
        }
        from = rest.len();
        if from > SCALAR_BYTES || !text.more()? {
            return Ok(text.take(from).to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_from_what_looks_like_it() {
        for text in [
            "{\"a\": 1}",
            "[{\"a\": \"b\"}, {}]",
            "{\"a\": 1}\n{\"a\": 2}\n",
            "[\n \"070761-4285\",\n \"cut in the mid",
            "[1, 2.5, true, null, \"x\"]",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in ["[Fremmøde]\nnr=1\n", "[1] Jensen, s. 4", "{\\rtf1 \"a\"", "{ int a = 1; }", "[]", "{{navn}}, hej"]
        {
            assert!(!holds(text), "{text}");
        }
    }
}
