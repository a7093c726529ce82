//! The records of a presentation, which stand in one another. \[MS-PPT\] 2.3.1.

use super::super::little::Little;

/// Records that hold others though they do not say so: what programs keep in a slide.
const TAG_DATA: u16 = 5003;

/// Bytes before what a record holds.
pub const HEAD_BYTES: usize = 8;

/// A record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// What it is.
    pub kind: u16,
    /// Which of several of its kind.
    pub instance: u16,
    /// What it holds; as much as there is.
    pub body: &'a [u8],
    holds_others: bool,
}

impl<'a> Record<'a> {
    /// The record at the beginning of some bytes; none when not even its head is there.
    pub fn first(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = Little(bytes);
        let (head, kind, length) = (rest.u16()?, rest.u16()?, rest.size()?);
        let body = rest.0.get(..length).unwrap_or(rest.0);
        Some(Self { kind, instance: head >> 4, body, holds_others: head & 15 == 15 || kind == TAG_DATA })
    }
}

/// A step through records.
pub enum Step<'a> {
    /// A record begins; those that it holds follow.
    Start(Record<'a>),
    /// A record of this kind that holds others ends.
    End(u16),
}

/// Goes through records and those that they hold, from the first to the last.
pub struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where those end that the walk stands in, and their kinds.
    open: Vec<(usize, u16)>,
}

impl<'a> Walk<'a> {
    /// Through the records that lie one after the other in some bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, open: Vec::new() }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        let end = self.open.last().map_or(self.bytes.len(), |(end, _)| *end);
        let Some(record) = self.bytes.get(self.at..end).and_then(Record::first) else {
            let (end, kind) = self.open.pop()?;
            self.at = end;
            return Some(Step::End(kind));
        };
        let start = self.at + HEAD_BYTES;
        self.at = start + record.body.len();
        if record.holds_others {
            self.open.push((self.at, record.kind));
            self.at = start;
        }
        Some(Step::Start(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_walked_with_those_that_they_hold() {
        let atom = |kind: u8| vec![0x10, 0, kind, 0, 1, 0, 0, 0, kind];
        let inner = [atom(1), atom(2)].concat();
        let bytes = [&[0x0f, 0, 9, 0, inner.len() as u8, 0, 0, 0][..], &inner, &atom(3), &[1, 2]].concat();
        let steps: Vec<i32> = Walk::new(&bytes)
            .map(|step| match step {
                Step::Start(record) => i32::from(record.kind),
                Step::End(kind) => -i32::from(kind),
            })
            .collect();
        assert_eq!(steps, [9, 1, 2, -9, 3]);
    }

    #[test]
    fn a_record_that_says_more_than_it_holds_ends_with_what_holds_it() {
        let bytes = [0x0f, 0, 9, 0, 9, 0, 0, 0, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 7];
        let bodies: Vec<usize> = Walk::new(&bytes)
            .filter_map(|step| match step {
                Step::Start(record) => Some(record.body.len()),
                Step::End(_) => None,
            })
            .collect();
        assert_eq!(bodies, [9, 1]);
    }
}
