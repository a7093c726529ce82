//! What a formula holds itself that lies in tokens: texts and long numbers, not what it refers to. \[MS-XLS\] 2.5.198,
//! \[MS-XLSB\] 2.5.97; of older versions, "OpenOffice.org's Documentation of the Microsoft Excel File Format", 3.

use super::super::little::Little;

/// A number that could be one of a person has so many digits or more.
const LONG: std::ops::Range<f64> = 100_000.0..1e15;

/// Bytes of tokens that are looked at. Excel writes 16 KiB at most.
const TOKEN_BYTES: usize = 64 * 1024;

/// How tokens are laid out.
#[derive(Clone, Copy)]
pub enum Tokens<'d> {
    /// Of a version up to 7, with how its texts are decoded.
    Old(u8, &'d dyn Fn(&[u8]) -> String),
    /// Of version 8.
    Eight,
    /// Of version 12.
    Twelve,
}

/// Appends the texts and long numbers in a formula, each on a line; texts joined by `&` are one. `extra` is what
/// follows the tokens: the values of arrays.
///
/// A token that is not known ends it, for its size is not known either.
pub fn literals(tokens: &[u8], extra: &[u8], layout: Tokens<'_>, found: &mut String) {
    let mut stack = Stack { operands: Vec::new(), found };
    let mut rest = Little(&tokens[..tokens.len().min(TOKEN_BYTES)]);
    let mut arrays = Little(extra);
    while let Some(token) = rest.u8() {
        if stack.take(token, &mut rest, &mut arrays, layout).is_none() {
            break;
        }
    }
    stack.flush();
}

struct Stack<'f> {
    /// Texts that may yet be joined, none where an operand is no text.
    operands: Vec<Option<String>>,
    found: &'f mut String,
}

impl Stack<'_> {
    fn take(&mut self, token: u8, rest: &mut Little<'_>, arrays: &mut Little<'_>, layout: Tokens<'_>) -> Option<()> {
        let kind = if token >= 0x20 { token & 0x1f | 0x20 } else { token };
        match kind {
            0x03..=0x07 | 0x09..=0x11 => {
                let right = self.operands.pop().flatten();
                let left = self.operands.pop().flatten();
                self.give(left);
                self.give(right);
                self.operands.push(None);
            }
            0x08 => self.join(),
            0x12..=0x16 => {}
            0x17 => {
                let text = layout.text(rest)?;
                self.operands.push(Some(text.replace('\0', "\n")));
            }
            0x19 => attribute(rest, layout)?,
            0x1e => self.operand(rest, 2)?,
            0x1f => {
                let number = rest.f64()?;
                let long = LONG.contains(&number) && number.fract() == 0.0;
                self.give(long.then(|| number.to_string()));
                self.operands.push(None);
            }
            0x20 => {
                self.operand(rest, layout.size(kind)?)?;
                self.array(arrays, layout);
            }
            0x21 | 0x22 | 0x38 => {
                rest.take(layout.size(kind)?)?;
                self.flush();
                self.operands.push(None);
            }
            // What an area in memory is made of follows as tokens of its own.
            0x26..=0x29 | 0x2e..=0x2f => drop(rest.take(layout.size(kind)?)?),
            _ => self.operand(rest, layout.size(kind)?)?,
        }
        Some(())
    }

    fn operand(&mut self, rest: &mut Little<'_>, bytes: usize) -> Option<()> {
        rest.take(bytes)?;
        self.operands.push(None);
        Some(())
    }

    fn join(&mut self) {
        let right = self.operands.pop().flatten();
        let left = self.operands.pop().flatten();
        let joined = match (left, right) {
            (Some(left), Some(right)) => Some(left + &right),
            (left, right) => {
                self.give(left);
                self.give(right);
                None
            }
        };
        self.operands.push(joined);
    }

    fn give(&mut self, text: Option<String>) {
        if let Some(text) = text {
            if !self.found.is_empty() {
                self.found.push('\n');
            }
            self.found.push_str(&text);
        }
    }

    fn flush(&mut self) {
        for operand in std::mem::take(&mut self.operands) {
            self.give(operand);
        }
    }

    /// The values of an array; what follows one that is not known is left.
    fn array(&mut self, rest: &mut Little<'_>, layout: Tokens<'_>) -> Option<()> {
        let (values, number, text) = match layout {
            Tokens::Old(..) => return None,
            Tokens::Eight => ((usize::from(rest.u8()?) + 1) * (usize::from(rest.u16()?) + 1), 1, 2),
            Tokens::Twelve => (rest.size()?.checked_mul(rest.size()?)?, 0, 1),
        };
        for _ in 0..values {
            match rest.u8()? {
                kind if kind == text => {
                    let units = usize::from(rest.u16()?);
                    let wide = matches!(layout, Tokens::Twelve) || rest.u8()? & 1 != 0;
                    let value = if wide { rest.utf16(units)? } else { latin(rest.take(units)?) };
                    self.give(Some(value));
                }
                kind if kind == number => {
                    let value = rest.f64()?;
                    let long = LONG.contains(&value) && value.fract() == 0.0;
                    self.give(long.then(|| value.to_string()));
                }
                _ if matches!(layout, Tokens::Eight) => drop(rest.take(8)?),
                2 => drop(rest.take(1)?),
                _ => drop(rest.take(4)?),
            }
        }
        Some(())
    }
}

/// A choice holds how far each of its branches lies.
fn attribute(rest: &mut Little<'_>, layout: Tokens<'_>) -> Option<()> {
    let kind = rest.u8()?;
    let old = matches!(layout, Tokens::Old(2, _));
    let (number, width) = if old { (usize::from(rest.u8()?), 1) } else { (usize::from(rest.u16()?), 2) };
    if kind & 4 != 0 {
        rest.take((number + 1) * width)?;
    }
    Some(())
}

/// Text whose units have one byte.
pub fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

impl Tokens<'_> {
    fn text(self, rest: &mut Little<'_>) -> Option<String> {
        match self {
            Self::Old(_, decode) => {
                let bytes = usize::from(rest.u8()?);
                rest.take(bytes).map(decode)
            }
            Self::Eight => {
                let units = usize::from(rest.u8()?);
                if rest.u8()? & 1 != 0 { rest.utf16(units) } else { rest.take(units).map(latin) }
            }
            Self::Twelve => {
                let units = usize::from(rest.u16()?);
                rest.utf16(units)
            }
        }
    }

    /// Bytes that follow the number of a token.
    fn size(self, kind: u8) -> Option<usize> {
        // Of versions 2, 3, 4, 5, 8 and 12; zero where the token is not known.
        let sizes = match kind {
            0x01 | 0x02 => [3, 4, 4, 4, 4, 4],
            0x18 => [0, 0, 0, 0, 5, 13],
            0x1c | 0x1d => [1; 6],
            0x20 => [6, 7, 7, 7, 7, 14],
            0x21 => [1, 1, 2, 2, 2, 2],
            0x22 => [2, 2, 3, 3, 3, 3],
            0x23 => [7, 10, 10, 14, 4, 4],
            0x24 | 0x2a | 0x2c => [3, 3, 3, 3, 4, 6],
            0x25 | 0x2b | 0x2d => [6, 6, 6, 6, 8, 12],
            0x26..=0x28 => [4, 6, 6, 6, 6, 6],
            0x29 | 0x2e | 0x2f => [1, 2, 2, 2, 2, 2],
            0x38 => [1, 2, 2, 2, 2, 2],
            0x39 => [0, 0, 0, 24, 6, 6],
            0x3a | 0x3c => [0, 0, 0, 17, 6, 8],
            0x3b | 0x3d => [0, 0, 0, 20, 10, 14],
            _ => [0; 6],
        };
        let version = match self {
            Self::Old(version, _) => usize::from(version.clamp(2, 5)) - 2,
            Self::Eight => 4,
            Self::Twelve => 5,
        };
        Some(sizes[version]).filter(|size| *size > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Vec<u8> {
        [&[0x17, text.len() as u8, 0], text.as_bytes()].concat()
    }

    fn eight(tokens: &[u8], extra: &[u8]) -> String {
        let mut found = String::new();
        literals(tokens, extra, Tokens::Eight, &mut found);
        found
    }

    #[test]
    fn texts_that_are_joined_are_one() {
        let joined = [text("070761"), text("-"), vec![8], text("4285"), vec![8]].concat();
        assert_eq!(eight(&joined, &[]), "070761-4285");
        let apart = [text("a"), vec![0x44, 0, 0, 0, 0, 8], text("b"), vec![8]].concat();
        assert_eq!(eight(&apart, &[]), "a\nb");
        let function = [text("a"), vec![0x41, 1, 0], text("b"), vec![8]].concat();
        assert_eq!(eight(&function, &[]), "a\nb");
    }

    #[test]
    fn long_numbers_and_arrays_are_found() {
        let number = [&[0x1f][..], &707_614_285.0_f64.to_le_bytes(), &[0x1e, 7, 0, 3]].concat();
        assert_eq!(eight(&number, &[]), "707614285");
        let array = [0x60, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(eight(&array, &[0, 1, 0, 2, 1, 0, 0, b'x', 2, 1, 0, 1, b'y', 0]), "x\ny");
    }

    #[test]
    fn any_bytes_are_tokens_of_some_kind() {
        for seed in 0..=255_u8 {
            let bytes: Vec<u8> = (0..64_u8).map(|i| seed.wrapping_mul(i | 1).wrapping_add(i)).collect();
            for layout in [Tokens::Old(2, &latin), Tokens::Old(5, &latin), Tokens::Eight, Tokens::Twelve] {
                literals(&bytes, &bytes, layout, &mut String::new());
            }
        }
    }
}
