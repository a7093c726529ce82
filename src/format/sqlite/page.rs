//! A page of a tree: which pages stand below it, and its cells.

/// What kind of tree a page belongs to, and where in it. File format, 1.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree {
    /// Rows with a number below it.
    TableInner,
    /// Rows with a number.
    TableLeaf,
    /// Keys: of an index, or rows of a table without numbers.
    IndexInner,
    /// The same, with nothing below it.
    IndexLeaf,
}

/// A page of a tree.
pub struct Page<'p> {
    bytes: &'p [u8],
    /// Where its header begins.
    header: usize,
    /// What it holds.
    pub kind: Tree,
}

/// What a page holds of a row.
pub struct Cell<'p> {
    /// The number of the row, if it has one.
    pub row: Option<i64>,
    /// Its bytes as far as they stand in the page.
    pub local: &'p [u8],
    /// How many bytes it has in all.
    pub bytes: usize,
    /// The page in which the others begin.
    pub overflow: Option<u32>,
}

impl<'p> Page<'p> {
    /// The page if its header holds. The first one of a file begins with the header of that.
    pub fn parse(bytes: &'p [u8], is_first: bool) -> Option<Self> {
        let header = if is_first { 100 } else { 0 };
        let kind = match bytes.get(header)? {
            2 => Tree::IndexInner,
            5 => Tree::TableInner,
            10 => Tree::IndexLeaf,
            13 => Tree::TableLeaf,
            _ => return None,
        };
        bytes.get(header..header + 12)?;
        Some(Self { bytes, header, kind })
    }

    fn is_inner(&self) -> bool {
        matches!(self.kind, Tree::TableInner | Tree::IndexInner)
    }

    /// Where its cells begin.
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = usize> + use<'_, 'p> {
        let count = self.u16(self.header + 3).unwrap_or(0);
        let first = self.header + if self.is_inner() { 12 } else { 8 };
        (0..count).filter_map(move |index| self.u16(first + 2 * index))
    }

    /// The pages below it, in order.
    pub fn children(&self) -> impl DoubleEndedIterator<Item = u32> + use<'_, 'p> {
        let inner = self.is_inner();
        let left = self.cells().filter_map(|at| self.u32(at));
        let last = self.u32(self.header + 8);
        left.chain(last).filter(move |_| inner)
    }

    /// The cell at `at`, in a database of which `usable` bytes of a page hold something. File format, 1.6, "B-tree Cell
    /// Format".
    pub fn cell(&self, at: usize, usable: usize) -> Option<Cell<'p>> {
        let mut rest = self.bytes.get(at + if self.kind == Tree::IndexInner { 4 } else { 0 }..)?;
        let bytes = usize::try_from(varint(&mut rest)?).ok()?;
        let is_table = self.kind == Tree::TableLeaf;
        let row = if is_table { Some(varint(&mut rest)?) } else { None };
        let most = if is_table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
        if bytes <= most {
            return Some(Cell { row, local: rest.get(..bytes)?, bytes, overflow: None });
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let fitting = least + (bytes - least) % (usable - 4);
        let length = if fitting <= most { fitting } else { least };
        let (local, after) = rest.split_at_checked(length)?;
        let next = u32::from_be_bytes(*after.first_chunk()?);
        Some(Cell { row, local, bytes, overflow: Some(next) })
    }

    fn u16(&self, at: usize) -> Option<usize> {
        let bytes = self.bytes.get(at..)?.first_chunk()?;
        Some(usize::from(u16::from_be_bytes(*bytes)))
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }
}

/// A number of one to nine bytes. File format, 1.6.
pub fn varint(rest: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for count in 0..9 {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        if count == 8 {
            return Some((number << 8 | u64::from(byte)).cast_signed());
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some(number.cast_signed());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_one_to_nine_bytes() {
        let read = |mut bytes: &[u8]| varint(&mut bytes);
        assert_eq!(read(&[0x7f]), Some(127));
        assert_eq!(read(&[0x81, 0x00]), Some(128));
        assert_eq!(read(&[0xff; 9]), Some(-1));
        assert_eq!(read(&[0x81]), None);
    }
}
