//! What hayro is given for fonts that are not in the document.

use std::sync::Arc;

use hayro_cmap::{CMapName, load_embedded};
use hayro_interpret::InterpreterSettings;

/// A character map that takes each code for the character itself. Documents name it where they should hold a map.
const IDENTITY: &[u8] = b"/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
1 begincodespacerange
<0000> <ffff>
endcodespacerange
1 beginbfrange
<0000> <ffff> <0000>
endbfrange
endcmap";

/// How pages are interpreted.
pub fn settings() -> InterpreterSettings {
    let font = Arc::new(widthless());
    InterpreterSettings {
        font_resolver: Arc::new(move |_| Some((Arc::clone(&font) as _, 0))),
        cmap_resolver: Arc::new(|name| match name {
            CMapName::IdentityH | CMapName::IdentityV => Some(IDENTITY),
            _ => load_embedded(name),
        }),
        ..InterpreterSettings::default()
    }
}

/// A font without glyphs, each of them zero wide.
///
/// It stands for all fonts that are not in the document. Nothing is drawn, so outlines are not missed; but hayro
/// stretches the glyphs of a substitute to the width that the document wants, and where they stand could then not be
/// told. Glyphs of no width are not stretched.
fn widthless() -> Vec<u8> {
    let tables: [(&[u8; 4], Vec<u8>); 3] = [
        (b"hhea", [&[0, 1, 0, 0][..], &[0; 30], &[0, 1]].concat()),
        (b"hmtx", vec![0; 4]),
        (b"maxp", vec![0, 0, 0x50, 0, 0, 1]),
    ];
    let mut font = vec![0, 1, 0, 0, 0, tables.len() as u8, 0, 0, 0, 0, 0, 0];
    let mut offset = font.len() + 16 * tables.len();
    for (tag, table) in &tables {
        font.extend_from_slice(*tag);
        font.extend_from_slice(&[0; 4]);
        font.extend_from_slice(&(offset as u32).to_be_bytes());
        font.extend_from_slice(&(table.len() as u32).to_be_bytes());
        offset += table.len();
    }
    font.extend(tables.into_iter().flat_map(|(_, table)| table));
    font
}
