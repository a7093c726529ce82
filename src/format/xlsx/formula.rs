//! What a formula holds itself: texts and long numbers, not what it refers to.

/// Digits of a number that could be one of a person. Rows have seven at most and stand behind a letter.
const DIGITS: usize = 6;

/// Appends the texts and long numbers in a formula, each on a line; texts joined by `&` are one.
pub fn literals(formula: &str, found: &mut String) {
    let mut rest = formula;
    // True while a text that was found may go on.
    let mut joined = false;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => {
                start(found, joined);
                joined = true;
                quoted(rest, found)
            }
            '&' | ' ' => 1,
            '\'' => {
                joined = false;
                quoted(rest, &mut String::new())
            }
            c if is_name(c) => {
                joined = false;
                let name = rest.find(|c| !is_name(c)).map_or(rest, |end| &rest[..end]);
                if name.len() >= DIGITS && name.bytes().all(|b| b.is_ascii_digit()) {
                    start(found, false);
                    found.push_str(name);
                }
                name.len()
            }
            _ => {
                joined = false;
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
}

/// What names, references and numbers are made of.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '$' | '_' | '.' | '!' | ':')
}

fn start(found: &mut String, joined: bool) {
    if !joined && !found.is_empty() {
        found.push('\n');
    }
}

/// Appends what stands between quotation marks and gives the length with them. A doubled one stands for itself.
fn quoted(text: &str, found: &mut String) -> usize {
    let mark = text.chars().next().expect("begins with a quotation mark");
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != mark {
            found.push(c);
        } else if chars.next_if(|(_, next)| *next == mark).is_some() {
            found.push(mark);
        } else {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    fn literals(formula: &str) -> String {
        let mut found = String::new();
        super::literals(formula, &mut found);
        found
    }

    #[test]
    fn texts_that_are_joined_are_one() {
        assert_eq!(literals(r#""070761"&"-" & "4285""#), "070761-4285");
        assert_eq!(literals(r#"IF(A1="ja","070761-4285",B2&"x")"#), "ja\n070761-4285\nx");
        assert_eq!(literals(r#""a ""b"" c"#), r#"a "b" c"#);
    }

    #[test]
    fn long_numbers_are_found_and_references_are_not() {
        assert_eq!(literals("IF(A1=0707614285,1,101801234)"), "0707614285\n101801234");
        assert_eq!(literals("SUM($A$1048576:B1048576,1:1048576,'0707614285 Jensen'!A1)+LOG10(2)"), "");
        assert_eq!(literals("Ark1!A1+0.1234567"), "");
    }
}
