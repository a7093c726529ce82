//! The values of a row. File format, 2.1.

use super::page::varint;

/// A value.
#[derive(Debug, PartialEq)]
pub enum Value<'r> {
    /// None, or one that is not stored.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with decimals.
    Real(f64),
    /// Text in the encoding of the database.
    Text(&'r [u8]),
    /// Bytes.
    Blob(&'r [u8]),
}

/// The values of a record; those that are cut off are left out, of the last one stands what there is.
pub fn values(record: &[u8]) -> impl Iterator<Item = Value<'_>> {
    let mut types = record;
    let length = varint(&mut types).and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let used = record.len() - types.len();
    let (mut types, mut body) = match record.split_at_checked(length) {
        Some((header, body)) if used <= length => (&header[used..], body),
        _ => (&[][..], &[][..]),
    };
    std::iter::from_fn(move || {
        let kind = varint(&mut types)?;
        value(kind, &mut body)
    })
}

fn value<'r>(kind: i64, body: &mut &'r [u8]) -> Option<Value<'r>> {
    let length = match kind {
        0 | 8 | 9 => 0,
        1..=4 => usize::try_from(kind).ok()?,
        5 => 6,
        6 | 7 => 8,
        12.. => usize::try_from((kind - 12) / 2).ok()?,
        _ => return None,
    };
    let (bytes, rest) = body.split_at(length.min(body.len()));
    *body = rest;
    if bytes.len() < length && (kind < 12 || bytes.is_empty()) {
        return None;
    }
    Some(match kind {
        0 => Value::Null,
        8 | 9 => Value::Integer(kind - 8),
        7 => Value::Real(f64::from_be_bytes(*bytes.first_chunk()?)),
        1..=6 => Value::Integer(integer(bytes)),
        kind if kind % 2 == 0 => Value::Blob(bytes),
        _ => Value::Text(bytes),
    })
}

/// A number of up to eight bytes, the highest first, with its sign.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|&b| b >= 0x80);
    let start = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |number, &byte| number << 8 | i64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_types_as_far_as_they_go() {
        let record = [6, 0, 4, 9, 15, 19, 0x6b, 0xcc, 0x51, 0x05, b'h', b'e', b'j'];
        let read: Vec<_> = values(&record).collect();
        assert_eq!(read[..3], [Value::Null, Value::Integer(1_808_552_197), Value::Integer(1)]);
        assert_eq!(read[3..], [Value::Text(b"h"), Value::Text(b"ej")]);
        assert_eq!(integer(&[0xff, 0xfe]), -2);
        assert_eq!(values(&[200, 1]).count(), 0);
    }
}
