//! What a person writes of shapes in documents of before 2007: what stands for a picture, and text that is drawn.
//! \[MS-ODRAW\] 2.3.

use super::little::Little;

/// Properties that are texts: drawn text, what stands for a picture, what a link shows.
const TEXTS: [u16; 3] = [0x00c0, 0x0381, 0x038d];

/// The name of a shape, which programs number; that of a picture is the name of its file.
const NAME: u16 = 0x0380;

/// The number of a property that only groups have which are tables.
const TABLE: u16 = 0x039f;

/// Kinds of records.
const RECORDS: std::ops::RangeInclusive<u16> = 0xf000..=0xf1ff;

/// True when some records hold the properties of shapes.
pub fn is_properties(kind: u16) -> bool {
    matches!(kind, 0xf00b | 0xf121 | 0xf122)
}

/// Gives the texts among so many properties of a shape; true when it is a table.
pub fn properties(body: &[u8], count: usize, mut give: impl FnMut(&str)) -> bool {
    let Some((properties, rest)) = body.split_at_checked(6 * count) else { return false };
    let mut texts = Little(rest);
    let mut is_table = false;
    for property in properties.chunks_exact(6) {
        let mut property = Little(property);
        let (Some(number), Some(value)) = (property.u16(), property.size()) else { break };
        is_table |= number & 0x3fff == TABLE && value & 1 != 0;
        if number & 0x8000 == 0 {
            continue;
        }
        let Some(bytes) = texts.take(value) else { break };
        let text = Little(bytes).utf16(value / 2).unwrap_or_default();
        let text = text.trim_end_matches('\0').trim();
        let number = number & 0x3fff;
        let is_written = TEXTS.contains(&number) || number == NAME && text.contains('.');
        if is_written && !text.is_empty() {
            give(text);
        }
    }
    is_table
}

/// Gives the texts of all shapes in some drawings.
pub fn texts(drawings: &[u8], mut give: impl FnMut(&str)) {
    let mut rest = Little(drawings);
    loop {
        let here = rest.0;
        let (Some(head), Some(kind), Some(length)) = (rest.u16(), rest.u16(), rest.size()) else { return };
        if !RECORDS.contains(&kind) {
            // A byte, or a name, stands between some records of Word.
            rest = Little(&here[1..]);
            continue;
        }
        // What holds others is entered.
        if head & 15 == 15 {
            continue;
        }
        let body = match rest.take(length) {
            Some(body) => body,
            None => std::mem::take(&mut rest.0),
        };
        if is_properties(kind) {
            properties(body, usize::from(head >> 4), &mut give);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_shapes_are_found() {
        let wide: Vec<u8> = "Karla\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let properties = [&[0x7f, 0, 1, 0, 1, 0, 0x81, 0xc3, 12, 0, 0, 0][..], &wide].concat();
        let head = [0x23, 0, 0x0b, 0xf0, properties.len() as u8, 0, 0, 0];
        let drawing = [&[0x0f, 0, 4, 0xf0, 99, 0, 0, 0][..], &head, &properties].concat();
        let mut found = Vec::new();
        texts(&drawing, |text| found.push(text.to_owned()));
        assert_eq!(found, ["Karla"]);
        for end in 0..drawing.len() {
            texts(&drawing[..end], |_| {});
        }
    }

    fn record(version: u16, kind: u16, contents: &[u8]) -> Vec<u8> {
        let head = [version.to_le_bytes(), kind.to_le_bytes()].concat();
        [&head[..], &(contents.len() as u32).to_le_bytes(), contents].concat()
    }

    #[test]
    fn what_is_said_of_a_picture_is_read_at_any_depth() {
        let text: Vec<u8> = "cpr 070761-4285\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let name = [0x80, 0xc3, 4, 0, 0, 0];
        let said = [&[0x81, 0xc3][..], &(text.len() as u32).to_le_bytes()].concat();
        let properties = [&name[..], &said, &[b'n', 0, 0, 0], &text].concat();
        let shape = record(15, 0xf004, &[record(2, 0xf00a, &[0; 8]), record(0x23, 0xf00b, &properties)].concat());
        let drawings =
            [&record(15, 0xf000, &record(0, 0xf006, &[1; 16]))[..], &[0], &record(15, 0xf002, &shape)].concat();
        let mut written = Vec::new();
        texts(&drawings, |text| written.push(text.to_owned()));
        assert_eq!(written, ["cpr 070761-4285"]);
        for end in 0..drawings.len() {
            texts(&drawings[..end], |_| {});
        }
    }
}
