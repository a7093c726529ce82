//! The words that speak for or against a number beside them, and how text is folded before they are looked for.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::Deserialize;

/// Words of one meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What they say that a number is.
    pub about: String,
    /// Hundredths of log-odds.
    pub weight: i32,
    /// How many words may stand between such a word and the number that it labels.
    pub reach: usize,
    /// The words; a `*` at an end stands for any letters.
    pub list: Vec<String>,
}

/// Groups of words, ready to be looked for.
#[derive(Debug)]
pub struct Words {
    automaton: AhoCorasick,
    /// One for each pattern of the automaton.
    forms: Vec<Form>,
    groups: Vec<Meaning>,
}

/// What the words of a group mean.
#[derive(Debug)]
pub struct Meaning {
    /// What they say that a number is.
    pub about: String,
    /// Hundredths of log-odds.
    pub weight: i32,
    /// How many words may stand between such a word and the number that it labels.
    pub reach: usize,
}

#[derive(Debug)]
struct Form {
    group: usize,
    open_before: bool,
    open_after: bool,
}

/// A word found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which group, for [`Words::groups`].
    pub group: usize,
    /// Where it begins, in bytes of the folded text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

impl Words {
    /// Prepares the groups.
    ///
    /// # Errors
    /// With the word that is none.
    pub fn new(groups: Vec<Group>) -> Result<Self, String> {
        let mut patterns = Vec::new();
        let mut forms = Vec::new();
        for (group, words) in groups.iter().enumerate() {
            for word in &words.list {
                let core = word.trim_matches('*');
                if core.contains('*') || !core.contains(char::is_alphabetic) {
                    return Err(word.clone());
                }
                patterns.push(fold(core));
                forms.push(Form { group, open_before: word.starts_with('*'), open_after: word.ends_with('*') });
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            // At some hundred words the automatic choice is one half as fast.
            .kind(Some(AhoCorasickKind::DFA))
            .build(&patterns)
            .expect("some hundred words make an automaton");
        let meaning = |Group { about, weight, reach, .. }| Meaning { about, weight, reach };
        Ok(Self { automaton, forms, groups: groups.into_iter().map(meaning).collect() })
    }

    /// What the words of each group mean, in order.
    pub fn groups(&self) -> &[Meaning] {
        &self.groups
    }

    /// All words in a folded text, in the order of their ends; they may overlap.
    pub fn find<'t>(&'t self, folded: &'t str) -> impl Iterator<Item = Found> + 't {
        self.automaton.find_overlapping_iter(folded).filter_map(move |found| {
            let form = &self.forms[found.pattern()];
            let (start, end) = (found.start(), found.end());
            let before = folded[..start].chars().next_back();
            let after = folded[end..].chars().next();
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let whole = (form.open_before || !letter(before)) && (form.open_after || !letter(after));
            let rest: usize = folded[end..].chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
            whole.then_some(Found { group: form.group, start, end: end + rest })
        })
    }

    /// The last word of a folded text, the longest of those that end last.
    pub fn last(&self, folded: &str) -> Option<Found> {
        if folded.is_empty() {
            return None;
        }
        self.find(folded).max_by_key(|found| (found.end, found.end - found.start))
    }

    /// The first word of a folded text, the longest of those that begin first.
    pub fn first(&self, folded: &str) -> Option<Found> {
        if folded.is_empty() {
            return None;
        }
        self.find(folded).min_by_key(|found| (found.start, usize::MAX - found.end))
    }
}

/// Text in which a word looks alike however it is written: lower case, `å` composed or not, Swedish and German letters as
/// Danish ones.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        fold_into(c, &mut folded);
    }
    folded
}

/// Appends one folded character.
pub fn fold_into(c: char, folded: &mut String) {
    match c {
        'A'..='Z' => folded.push(c.to_ascii_lowercase()),
        _ if c.is_ascii() => folded.push(c),
        'å' | 'Å' => folded.push('a'),
        'ä' | 'Ä' | 'Æ' => folded.push('æ'),
        'ö' | 'Ö' | 'Ø' => folded.push('ø'),
        'é' | 'É' | 'è' | 'È' => folded.push('e'),
        'ü' | 'Ü' => folded.push('u'),
        '\u{300}'..='\u{36f}' | '\u{ad}' => {}
        _ if c.is_whitespace() => folded.push(' '),
        '‐'..='―' | '−' => folded.push('-'),
        _ => folded.extend(c.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        let group = |about: &str, list: &[&str]| Group {
            about: about.into(),
            weight: 1,
            reach: 4,
            list: list.iter().map(|word| (*word).to_owned()).collect(),
        };
        Words::new(vec![group("cpr", &["*cpr*", "fødselsnr*"]), group("other", &["p-nr*", "far"])]).unwrap()
    }

    fn last(text: &str) -> Option<usize> {
        words().last(&fold(text)).map(|found| found.group)
    }

    #[test]
    fn stars_say_where_a_word_may_go_on() {
        assert_eq!(last("BorgerCPRnummer"), Some(0));
        assert_eq!(last("P-nr.:"), Some(1));
        assert_eq!(last("op-nr"), None);
        assert_eq!(last("fare"), None);
        assert_eq!(last("far"), Some(1));
    }

    #[test]
    fn letters_look_alike_however_they_are_written() {
        assert_eq!(last("FØDSELSNR"), Some(0));
        assert_eq!(fold("Blåbær – A\u{30a}se"), "blabær - ase");
    }

    #[test]
    fn the_last_and_the_first_word_are_told_apart() {
        let text = fold("P-nr 1 og cpr");
        assert_eq!(words().last(&text).unwrap().group, 0);
        assert_eq!(words().first(&text).unwrap().group, 1);
    }
}
