//! Links from cells. \[MS-XLS\] 2.4.140, \[MS-OSHARED\] 2.3.7.

use super::super::little::Little;
use super::super::ooxml::Asides;
use super::sheet::place;

/// The class of a moniker that is an address.
const ADDRESS: [u8; 4] = [0xe0, 0xc9, 0xea, 0x79];

/// The class of a moniker that is a file.
const FILE: [u8; 4] = [0x03, 0x03, 0, 0];

/// Keeps what a link shows and where it leads.
pub fn read(mut body: Little<'_>, asides: &mut Asides) -> Option<()> {
    let (row, _, column, _) = (body.u16()?, body.u16()?, body.u16()?, body.u16()?);
    let mut keep = |text: &str| asides.keep("hyperlink", place(row, column), text.trim_end_matches('\0'));
    body.take(20)?;
    let flags = body.u32()?;
    for flag in [0x10, 0x80] {
        if flags & flag != 0 {
            keep(&text(&mut body)?);
        }
    }
    match flags & 0x101 {
        0x101 => keep(&text(&mut body)?),
        1 => keep(&moniker(&mut body)?),
        _ => {}
    }
    if flags & 8 != 0 {
        keep(&text(&mut body)?);
    }
    Some(())
}

fn text(body: &mut Little<'_>) -> Option<String> {
    let units = body.size()?;
    body.utf16(units)
}

/// Where a link leads outside the workbook; what is of another class ends it.
fn moniker(body: &mut Little<'_>) -> Option<String> {
    let class = body.take(16)?;
    if class.starts_with(&ADDRESS) {
        let bytes = body.size()?;
        let address = Little(body.take(bytes)?).utf16(bytes / 2)?;
        return Some(address.split('\0').next().unwrap_or_default().to_owned());
    }
    if !class.starts_with(&FILE) {
        return Some(String::new());
    }
    body.u16()?;
    let bytes = body.size()?;
    let short = super::super::code_page::decode(body.take(bytes)?, 1252).into_owned();
    body.take(24)?;
    let long = body.size()?;
    if long == 0 {
        return Some(short);
    }
    let mut long = Little(body.take(long)?);
    let bytes = long.size()?;
    long.u16()?;
    long.utf16(bytes / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_are_cut_are_told() {
        let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let address = wide("https://x.dk\0");
        let whole = [
            &[0; 28][..],
            &0x11_u32.to_le_bytes(),
            &2_u32.to_le_bytes(),
            &wide("x\0"),
            &ADDRESS,
            &[0; 12],
            &26_u32.to_le_bytes(),
            &address,
        ]
        .concat();
        assert_eq!(read(Little(&whole), &mut Asides::default()), Some(()));
        for end in 0..whole.len() {
            assert_eq!(read(Little(&whole[..end]), &mut Asides::default()), None, "{end}");
        }
    }
}
