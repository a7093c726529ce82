//! The words beside a number.

use std::ops::Range;

use super::words::{Words, fold_into};
use crate::model::{CELL_BREAK, Text};

/// Characters before a number in which a label is looked for.
const BEFORE: usize = 64;

/// Characters after it.
const AFTER: usize = 24;

/// Longest cell that labels the one after it, in characters.
const LABEL_CELL: usize = 48;

/// The nearest label of the number at `span`: before it in its line, cell or sentence, in the cell before it, in the
/// line above where it begins a line, or close after it. It is told as a group of `words`.
pub fn label(text: &Text<'_>, span: &Range<usize>, words: &Words) -> Option<usize> {
    let before = before(text, span.start);
    let found = words.last(&before.folded).filter(|found| {
        // A cell that labels the next one does so as a whole.
        before.is_other_cell || words_in(&before.folded[found.end..]) <= words.groups()[found.group].reach
    });
    if let Some(found) = found {
        return Some(found.group);
    }
    // What speaks against a number stands before it; after it stands what comes next.
    let after = after(text, span.end);
    let found = words.first(&after).filter(|found| words_in(&after[..found.start]) <= 2)?;
    let counts = words.groups()[found.group].weight > 0 || after.trim_start().starts_with('(');
    counts.then_some(found.group)
}

/// How many words a text holds. What says that a number follows is none.
fn words_in(text: &str) -> usize {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !["nr", "no", "nummer", "number", "id"].contains(word)).count()
}

/// What stands before a number.
struct Before {
    folded: String,
    /// It stands in the cell before the number's own.
    is_other_cell: bool,
}

/// The folded text that can label a number beginning at `at`: read backwards, as far as it can.
fn before(text: &Text<'_>, at: usize) -> Before {
    let mut limit = Limit { delimiter: text.delimited.map(|d| char::from(d.delimiter)), ..Limit::default() };
    let mut start = at;
    for read in 0..BEFORE {
        let Some((c, length)) = text.encoding.char_before(text.bytes, start) else { break };
        match limit.pass(c, read) {
            Pass::On => start -= length,
            Pass::Stop => break,
            Pass::Nothing => return Before { folded: String::new(), is_other_cell: false },
        }
    }
    let mut folded = String::new();
    if limit.letters {
        folded.reserve(BEFORE + BEFORE / 4);
        while let Some((c, length)) = text.encoding.char_at(&text.bytes[..at], start) {
            fold_into(c, &mut folded);
            start += length;
        }
    }
    Before { folded, is_other_cell: limit.in_other_cell }
}

/// What is known while the text before a number is read backwards.
#[derive(Default)]
struct Limit {
    delimiter: Option<char>,
    /// A line end was passed.
    in_line_above: bool,
    /// A border of cells was passed.
    in_other_cell: bool,
    /// A letter or digit was passed.
    alphanumeric: bool,
    /// A letter was passed.
    letters: bool,
    /// The character after.
    after: Option<char>,
    /// The first one after that is no space.
    solid_after: Option<char>,
}

/// Whether reading backwards goes on.
enum Pass {
    On,
    /// What labels the number begins after this character.
    Stop,
    /// Nothing labels it.
    Nothing,
}

impl Limit {
    /// Passes `c`, after which `read` characters stand.
    fn pass(&mut self, c: char, read: usize) -> Pass {
        if c == '\n' {
            if self.in_line_above || self.alphanumeric {
                return Pass::Stop;
            }
            self.in_line_above = true;
        } else if c == CELL_BREAK || Some(c) == self.delimiter {
            // The cell before labels this one if that holds nothing else; a field of a csv has its heading instead.
            if self.in_other_cell || self.delimiter.is_some() || self.alphanumeric {
                return Pass::Stop;
            }
            self.in_other_cell = true;
        } else if self.in_other_cell && read >= LABEL_CELL {
            return Pass::Nothing;
        } else if self.ends_sentence(c) {
            return Pass::Stop;
        }
        self.alphanumeric |= c.is_alphanumeric();
        self.letters |= c.is_alphabetic();
        self.after = Some(c);
        if !c.is_whitespace() {
            self.solid_after = Some(c);
        }
        Pass::On
    }

    /// True for a full stop, question or exclamation mark before a space and a capital.
    fn ends_sentence(&self, c: char) -> bool {
        matches!(c, '.' | '?' | '!')
            && self.after.is_some_and(char::is_whitespace)
            && self.solid_after.is_some_and(char::is_uppercase)
    }
}

/// The folded text after a number that ends at `at`, as far as it belongs to it.
fn after(text: &Text<'_>, at: usize) -> String {
    let delimiter = text.delimited.map(|d| char::from(d.delimiter));
    let mut folded = String::new();
    let mut next = at;
    for _ in 0..AFTER {
        let Some((c, length)) = text.encoding.char_at(text.bytes, next) else { break };
        if matches!(c, '\n' | '.' | ';' | ',' | CELL_BREAK) || Some(c) == delimiter {
            break;
        }
        if folded.is_empty() {
            folded.reserve(2 * AFTER);
        }
        fold_into(c, &mut folded);
        next += length;
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::words::Group;
    use crate::model::{Encoding, Places};

    fn labelled(text: &str) -> Option<String> {
        let group = |about: &str, word: &str| Group {
            about: about.into(),
            weight: if about == "cpr" { 1 } else { -1 },
            reach: if about == "cpr" { 4 } else { 1 },
            list: vec![word.into()],
        };
        let words = Words::new(vec![group("cpr", "*cpr*"), group("invoice", "faktura*")]).unwrap();
        let start = text.find("070761").unwrap();
        let parts = std::sync::Arc::from([]);
        let text = Text {
            bytes: text.as_bytes(),
            encoding: Encoding::Utf8,
            own: 0..text.len(),
            parts: &parts,
            places: Places::Lines(1),
            delimited: None,
        };
        label(&text, &(start..start + 11), &words).map(|group| words.groups()[group].about.clone())
    }

    #[test]
    fn the_nearest_label_before_a_number_is_its_own() {
        assert_eq!(labelled("Faktura 17 for borger med CPR-nr. 070761-4285").as_deref(), Some("cpr"));
        assert_eq!(labelled("cpr ukendt, se faktura nr. 070761-4285").as_deref(), Some("invoice"));
    }

    #[test]
    fn a_label_reaches_no_further_than_its_sentence_and_its_words() {
        assert_eq!(labelled("Faktura betalt. Se 070761-4285"), None);
        assert_eq!(labelled("Fakturanummer nr. 070761-4285").as_deref(), Some("invoice"));
        assert_eq!(labelled("Faktura fra Sanne, 070761-4285"), None);
        assert_eq!(labelled("cpr på det ene barn 070761-4285").as_deref(), Some("cpr"));
        assert_eq!(labelled("cpr er ikke kendt af den nye borger 070761-4285"), None);
    }

    #[test]
    fn the_line_above_labels_a_number_that_begins_its_line() {
        assert_eq!(labelled("CPR-nr.\n070761-4285").as_deref(), Some("cpr"));
        assert_eq!(labelled("CPR-nr.\nJens 070761-4285"), None);
    }

    #[test]
    fn the_cell_before_labels_a_number_if_it_is_short_and_next_to_it() {
        assert_eq!(labelled("CPR-nr.\u{1f}070761-4285").as_deref(), Some("cpr"));
        assert_eq!(labelled("Faktura\u{1f}Jens\u{1f}070761-4285"), None);
        assert_eq!(labelled("Faktura nr. forfalder om 30 dage.\u{1f}070761-4285").as_deref(), Some("invoice"));
        assert_eq!(labelled("Faktura sendt i går til den forkerte mand på Nørregade\u{1f}070761-4285"), None);
    }

    #[test]
    fn a_label_close_after_a_number_counts_where_none_stands_before() {
        assert_eq!(labelled("070761-4285 (cpr)").as_deref(), Some("cpr"));
        assert_eq!(labelled("070761-4285. Cpr følger"), None);
        assert_eq!(labelled("070761-4285 faktura 17"), None);
        assert_eq!(labelled("070761-4285 (faktura)").as_deref(), Some("invoice"));
    }
}
