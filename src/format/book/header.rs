//! Headers and footers of sheets, whose text is mixed with codes. ECMA-376 part 1, 18.3.1.39.

/// Digits of the size of a font. Three are allowed, but would take digits of a number that follows.
const SIZE_DIGITS: usize = 2;

/// Appends the text of a header without its codes, its three sections on lines of their own.
pub fn text_into(header: &str, text: &mut String) {
    let mut rest = header;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let Some(code) = after.chars().next() else {
            return;
        };
        let length = match code {
            '&' => {
                text.push('&');
                1
            }
            'L' | 'C' | 'R' => {
                text.push('\n');
                1
            }
            '"' => after[1..].find('"').map_or(after.len(), |end| end + 2),
            '0'..='9' => after.bytes().take(SIZE_DIGITS).take_while(u8::is_ascii_digit).count(),
            // A colour: six hexadecimal digits, or one of the theme such as `01+000`.
            'K' => after.char_indices().nth(7).map_or(after.len(), |(end, _)| end),
            _ => code.len_utf8(),
        };
        rest = &after[length..];
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    fn text(header: &str) -> String {
        let mut text = String::new();
        super::text_into(header, &mut text);
        text
    }

    #[test]
    fn codes_are_no_text() {
        assert_eq!(
            text("&L&\"Arial,Bold\"&8 Cpr 070761-4285&CSide &P af &N&R&KFF0000A && B"),
            "\n Cpr 070761-4285\nSide  af \nA & B"
        );
        assert_eq!(text("&K01+000x&10070761-4285"), "x070761-4285");
    }

    #[test]
    fn a_header_may_end_anywhere() {
        assert_eq!(["&", "a&", "&\"Arial", "&Kø", "&1", "&æ"].map(text), ["", "a", "", "", "", ""]);
    }
}
