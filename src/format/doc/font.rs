//! The fonts of a document of Word 6: they tell of letters that the language of its program does not have.

/// The code page of the fonts, when many letters of the text are of one that is not of Western Europe.
pub fn code_page(fonts: &[u8], text: &[u8]) -> Option<u32> {
    let beyond = text.iter().filter(|&&b| b >= 0xc0).count();
    let letters = text.iter().filter(|b| b.is_ascii_alphabetic()).count();
    if beyond <= letters / 5 {
        return None;
    }
    let mut rest = fonts.get(2..)?;
    while let Some((&length, font)) = rest.split_first() {
        let page = font.get(3).and_then(|set| PAGES.iter().find(|(known, _)| known == set));
        if let Some((_, page)) = page {
            return Some(*page);
        }
        rest = font.get(usize::from(length)..)?;
    }
    None
}

/// Sets of characters, as Windows numbers them for fonts, and their code pages.
static PAGES: &[(u8, u32)] = &[
    (128, 932),
    (129, 949),
    (134, 936),
    (136, 950),
    (161, 1253),
    (162, 1254),
    (177, 1255),
    (178, 1256),
    (186, 1257),
    (204, 1251),
    (238, 1250),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_another_alphabet_are_told_by_a_font() {
        let fonts = [&[0, 0][..], &[6, 0, 0, 0, 0, 0, b'A'], &[6, 0, 0, 0, 204, 0, b'B']].concat();
        assert_eq!(code_page(&fonts, b"\xd7\xe5\xf2\xfb\xf0\xe5"), Some(1251));
        assert_eq!(code_page(&fonts, b"Pileparken tager imod b\xf8rn og \xe6ldre"), None);
    }
}
