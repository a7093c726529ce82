//! Text in columns of fixed width, as mainframes write it: numbers stand against what comes before and after them.
//!
//! No mark parts the columns, so that ten digits are seen only where they are the same ten of line after line.

use std::collections::HashSet;

use super::decoded::Decoded;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::{Encoding, Place, TableCell};

pub const FORMAT: Format = Format {
    name: "fixed",
    version: 1,
    weight: Weight::Small,
    reads: "lines, parted where numbers of ten digits stand against their neighbours at the same place of many lines",
    leaves: "",
    recognise,
    read,
};

/// Bytes in which columns are looked for.
const SAMPLE_BYTES: usize = 16 * 1024;

/// Lines that are looked at.
const SAMPLE_LINES: usize = 64;

/// Longest line, in characters.
const LINE_CHARS: usize = 4096;

/// Numbers that must stand at the same place of different lines.
const LEAST: usize = 3;

/// Digits of a number.
const DIGITS: usize = 10;

fn recognise(input: &mut Input<'_>) -> bool {
    input.encoding().is_some_and(|encoding| !columns(input, encoding).is_empty())
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().expect("recognised as text");
    let columns = columns(input, encoding);
    let table = output.table();
    let mut text = Decoded::new(input, encoding);
    let mut row = 0;
    while let Some((number, bytes)) = text.line()? {
        row += 1;
        let line = text.take(bytes).trim_end_matches(['\r', '\n']);
        for (column, cell) in parted(line, &columns) {
            output.cell(Place::Line(number), TableCell { table, row, column })?;
            output.push(cell)?;
        }
    }
    Ok(())
}

/// The stretches of a line, each with its column: before, in and after the numbers.
fn parted<'l>(line: &'l str, columns: &[usize]) -> impl Iterator<Item = (u32, &'l str)> {
    let byte = |at: usize| line.char_indices().nth(at).map_or(line.len(), |(byte, _)| byte);
    let mut borders: Vec<usize> = columns.iter().flat_map(|&start| [byte(start), byte(start + DIGITS)]).collect();
    borders.insert(0, 0);
    borders.push(line.len());
    let cells: Vec<_> = borders.windows(2).zip(1..).map(|(ends, column)| (column, &line[ends[0]..ends[1]])).collect();
    cells.into_iter().filter(|(_, cell)| !cell.trim().is_empty())
}

/// Where the columns of numbers begin, in characters; none where no number stands against its neighbours.
fn columns(input: &Input<'_>, encoding: Encoding) -> Vec<usize> {
    let head = input.head();
    let sample = &head[..head.len().min(SAMPLE_BYTES)];
    if encoding.unit() == 1 && !(is_crowded(sample) && holds_numbers(sample)) {
        return Vec::new();
    }
    let mut text = String::new();
    encoding.decode_into(sample, &mut text);
    let lines: Vec<Vec<char>> =
        text.lines().take(SAMPLE_LINES).map(|line| line.chars().take(LINE_CHARS).collect()).collect();
    let length = lines.iter().map(Vec::len).max().unwrap_or(0);
    let mut found = Vec::new();
    let mut at = 0;
    while at + DIGITS <= length {
        let counts = Counts::of(&lines, at);
        if counts.tell(lines.len()) {
            found.push(at);
            at += DIGITS;
        } else {
            at += 1;
        }
    }
    found
}

/// True when digits stand in runs of more than ten, or ten against a letter, often enough for a column of numbers. Most text
/// holds none.
fn is_crowded(sample: &[u8]) -> bool {
    // A run of ten holds one of every tenth bytes, and half of it stands on one side.
    let tenths = (DIGITS - 1..sample.len()).step_by(DIGITS);
    let halves = tenths.filter(|&at| sample.get(at - 5..at + 6).is_none_or(stands_in_digits));
    let mut crowded = halves.filter(|&at| {
        let before = sample[..at].iter().rev().take_while(|byte| byte.is_ascii_digit()).take(DIGITS + 1).count();
        let after = sample[at..].iter().take_while(|byte| byte.is_ascii_digit()).take(DIGITS + 1).count();
        let beside = [(at - before).checked_sub(1), Some(at + after)];
        let letter = || beside.iter().flatten().any(|&at| sample.get(at).is_some_and(|&byte| is_letter(byte)));
        sample[at].is_ascii_digit() && (before + after > DIGITS || before + after == DIGITS && letter())
    });
    crowded.nth(LEAST - 1).is_some()
}

/// True when the sixth of eleven bytes is a digit, and all before it or all behind it are. They are weighed in two words: in
/// text full of digits a look at one after another guesses wrong too often.
fn stands_in_digits(around: &[u8]) -> bool {
    let (Some(first), Some(last)) = (around.first_chunk(), around.last_chunk()) else { return false };
    let others = |bytes: &[u8; 8]| {
        let word = u64::from_le_bytes(*bytes) ^ 0x3030_3030_3030_3030;
        (((word & 0x7f7f_7f7f_7f7f_7f7f) + 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
    };
    (others(first) & 0x0000_ffff_ffff_ffff == 0) | (others(last) & 0xffff_ffff_ffff_0000 == 0)
}

/// True when enough numbers stand in longer runs of digits or against a letter, wherever that is: times and other long
/// numbers are seldom such.
fn holds_numbers(sample: &[u8]) -> bool {
    let mut start = 0;
    let runs = sample.chunk_by(|a, b| a.is_ascii_digit() && b.is_ascii_digit()).map(|run| {
        start += run.len();
        start - run.len()..start
    });
    let places = runs.flat_map(|run| run.start..(run.end + 1).saturating_sub(DIGITS).max(run.start));
    let stands_against = |at: usize| sample.get(at).is_some_and(|&byte| byte.is_ascii_digit() || is_letter(byte));
    let mut numbers = places.filter(|&at| {
        let beside = stands_against(at + DIGITS) || at > 0 && stands_against(at - 1);
        beside && is_number(sample[at..at + DIGITS].iter().map(|byte| u32::from(byte - b'0')))
    });
    numbers.nth(LEAST - 1).is_some()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || !byte.is_ascii()
}

/// What stands at one place of the lines. The same digits in many lines count once: they are a time or a kind.
#[derive(Default)]
struct Counts {
    /// Ten digits that stand there.
    digits: usize,
    /// Those that are a number.
    numbers: usize,
    /// What stands before and after those: the same in all lines, if it is a column.
    neighbours: HashSet<(Class, Class)>,
}

/// What kind of character stands beside a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Class {
    Digit,
    Letter,
    Other,
}

impl Class {
    fn of(c: Option<&char>) -> Self {
        match c {
            Some(c) if c.is_ascii_digit() => Self::Digit,
            Some(c) if c.is_alphabetic() => Self::Letter,
            _ => Self::Other,
        }
    }
}

impl Counts {
    fn of(lines: &[Vec<char>], at: usize) -> Self {
        let mut counts = Self::default();
        let mut seen = HashSet::new();
        for line in lines {
            let ten = line.get(at..at + DIGITS).filter(|ten| ten.iter().all(char::is_ascii_digit));
            let Some(ten) = ten.filter(|ten| seen.insert(*ten)) else { continue };
            counts.digits += 1;
            if is_number(ten.iter().filter_map(|c| c.to_digit(10))) {
                counts.numbers += 1;
                let before = at.checked_sub(1).and_then(|before| line.get(before));
                counts.neighbours.insert((Class::of(before), Class::of(line.get(at + DIGITS))));
            }
        }
        counts
    }

    /// True when they tell of a column whose numbers do not stand free, in so many lines.
    fn tell(&self, lines: usize) -> bool {
        let alike = self.neighbours.len() == 1 && !self.neighbours.contains(&(Class::Other, Class::Other));
        alike && self.numbers >= LEAST && self.numbers * 2 >= self.digits && self.numbers * 4 >= lines
    }
}

/// True for what could be a date, with a control digit that fits: by chance 0.3 % of ten digits.
fn is_number(ten: impl Iterator<Item = u32>) -> bool {
    let mut digits = [0; DIGITS];
    digits.iter_mut().zip(ten).for_each(|(digit, value)| *digit = value);
    let (day, month) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]);
    let sum: u32 = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1].iter().zip(digits).map(|(weight, digit)| weight * digit).sum();
    (1..=31).contains(&day) && (1..=12).contains(&month) && sum.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        columns(&Input::bytes(text.into()), Encoding::Utf8)
    }

    #[test]
    fn a_column_of_numbers_is_seen_between_digits_and_letters() {
        let line = "0100707614285ÆRØ     9000\n";
        let numbers = ["0707614285", "0712439068", "0503563983"];
        let lines: Vec<String> = numbers.iter().map(|number| line.replace(numbers[0], number)).collect();
        assert_eq!(found(&lines.concat()), [3]);
        assert_eq!(found(&lines[..2].concat()), [0; 0]);
        assert_eq!(found(&line.repeat(9)), [0; 0]);
        let parts: Vec<_> = parted(line.trim_end(), &[3]).collect();
        assert_eq!(parts, [(1, "010"), (2, "0707614285"), (3, "ÆRØ     9000")]);
    }

    #[test]
    fn digits_on_one_side_are_seen_in_two_words() {
        for other in [b'0' - 1, b'9' + 1, 0, b'0' | 0x80, 0xff, b' '] {
            for shape in 0..1 << 11 {
                let around: Vec<u8> =
                    (0..11).map(|at| if shape >> at & 1 == 1 { b'0' + at % 10 } else { other }).collect();
                let all = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
                assert_eq!(stands_in_digits(&around), all(&around[..6]) || all(&around[5..]), "{around:?}");
            }
        }
    }

    #[test]
    fn other_long_numbers_are_told_from_columns_before_lines_are_compared() {
        assert!(!holds_numbers(&b"1764259200123 INFO\n".repeat(9)));
        assert!(!holds_numbers(&b"Karla 0707614285 9000\n".repeat(9)));
        let numbers: [&[u8]; 4] = [b"0707614285X", b"X0707614285", b"10707614285", b"07076142859"];
        for number in numbers {
            assert!(
                holds_numbers(&[number; 3].join(&b'\n')) && !holds_numbers(&[number; 2].join(&b'\n')),
                "{number:?}"
            );
        }
    }

    #[test]
    fn a_number_after_letters_that_take_two_bytes_stands_at_its_place() {
        assert_eq!(found("ÆRØ  X0707614285\nHOLM X0712439068\nÅS   X0503563983\n"), [6]);
    }

    #[test]
    fn other_digits_and_numbers_that_stand_free_are_no_columns() {
        assert_eq!(found(&"123456789012345\n".repeat(9)), [0; 0]);
        assert_eq!(found(&"Karla 0707614285 9000\n".repeat(9)), [0; 0]);
        assert_eq!(found("session a0707614285\ntoken 4470712439068\nsvar 0.10503563983 s\n"), [0; 0]);
    }
}
