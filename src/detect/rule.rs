//! Rules: what to look for, as data from `patterns/`.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use foldhash::fast::FixedState;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::reasons::{Reasons, Row};
use super::validate::{self, Validator};
use super::words::{Group, Words};
use crate::model::{Category, Evidence, Shown, weight_of};

/// The rules that ship with the program: name of the file, contents.
static BUILT_IN: &[(&str, &str)] = &[("cpr.toml", include_str!("../../patterns/cpr.toml"))];

/// What to look for, and what speaks for and against it.
#[derive(Debug)]
pub struct Rule {
    /// Its name in findings; never renamed.
    pub id: Arc<str>,
    /// Its Danish title, for reports.
    pub title: String,
    /// What kind of personal data it finds.
    pub category: Category,
    /// What weighs a candidate.
    pub validator: &'static Validator,
    /// The least weight at which a candidate is counted, in hundredths of log-odds.
    pub floor: i32,
    /// The words beside a number or at the head of its column.
    pub words: Words,
    /// Headings of a column that holds the last four digits where birth dates stand in the column before.
    pub last_digits: Words,
    /// What must and must not be found, checked by the tests.
    pub examples: Vec<Example>,
    lists: Vec<(&'static str, HashSet<String, FixedState>)>,
    /// The reasons of the validator, in its order, and a label and a heading for each group of words.
    evidence: Vec<Evidence>,
}

/// A text and what the rule lists in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The text.
    pub text: String,
    /// The stretches that are listed, in order; none for a counterexample.
    pub finds: Vec<String>,
}

impl Rule {
    /// What a reason says and weighs.
    pub fn evidence(&self, Row(row): Row) -> &Evidence {
        &self.evidence[usize::from(row)]
    }

    /// What reasons weigh together, in hundredths of log-odds.
    pub fn weight(&self, reasons: &Reasons) -> i32 {
        reasons.iter().map(|row| self.evidence(row).weight).sum()
    }

    /// The row of a reason that the validator declares.
    ///
    /// # Panics
    /// When it declares no such reason.
    pub fn row(&self, reason: &'static str) -> Row {
        let row = self.validator.reasons.iter().position(|known| *known == reason);
        Row(row.expect("the validator declares its reasons") as u16)
    }

    /// The reason that a word of a group stands beside a number.
    pub fn label(&self, group: usize) -> Row {
        Row((self.validator.reasons.len() + 2 * group) as u16)
    }

    /// The reason that a word of a group heads the column of a number.
    pub fn heading(&self, group: usize) -> Row {
        Row((self.validator.reasons.len() + 2 * group + 1) as u16)
    }

    /// True when the rule's list of that name holds `value`.
    pub fn lists(&self, list: &'static str, value: &str) -> bool {
        named(&self.lists, list).is_some_and(|values| values.contains(value))
    }
}

/// What a validator's own name stands for. Mostly it is the same string, so nothing is compared but where it lies.
fn named<'n, T>(of: &'n [(&'static str, T)], name: &'static str) -> Option<&'n T> {
    let same = of.iter().find(|(known, _)| std::ptr::eq(*known, name));
    same.or_else(|| of.iter().find(|(known, _)| *known == name)).map(|(_, value)| value)
}

/// A set of rules.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    fingerprint: String,
}

/// Why a rule cannot be used. Names the file or rule and the way out.
#[derive(Debug, Error)]
pub enum RuleError {
    /// The folder or a file in it cannot be read.
    #[error("patterns {path}: could not be read ({kind})")]
    Unreadable {
        /// Which.
        path: Shown,
        /// Why.
        kind: std::io::ErrorKind,
    },
    /// It is no TOML, or a key is missing, unknown or of the wrong kind.
    #[error("{file}: {message}")]
    Malformed {
        /// Name of the file.
        file: Shown,
        /// What is wrong and in which line.
        message: Shown,
    },
    /// A validator that does not exist.
    #[error("rule {rule}: no validator is called \"{validator}\" (there are: {known})")]
    UnknownValidator {
        /// Which rule.
        rule: Shown,
        /// What it asks for.
        validator: Shown,
        /// What there is.
        known: String,
    },
    /// A reason that has no weight.
    #[error("rule {rule}: no weight for \"{reason}\" under [weights]")]
    MissingWeight {
        /// Which rule.
        rule: Shown,
        /// Which reason.
        reason: String,
    },
    /// A list that the validator needs.
    #[error("rule {rule}: no list \"{list}\" under [lists]")]
    MissingList {
        /// Which rule.
        rule: Shown,
        /// Which list.
        list: String,
    },
    /// A word with a `*` elsewhere than at its ends, or without a letter.
    #[error("rule {rule}: \"{word}\" is no word; a * may stand at its ends only")]
    Word {
        /// Which rule.
        rule: Shown,
        /// Which word.
        word: Shown,
    },
    /// A rule that was asked for by id.
    #[error("no rule is called \"{rule}\" (there are: {known})")]
    UnknownRule {
        /// What was asked for.
        rule: Shown,
        /// What there is.
        known: String,
    },
}

impl Rules {
    /// The rules that ship with the program.
    ///
    /// # Panics
    /// Never: the tests load them.
    pub fn built_in() -> Self {
        Self::from_sources(built_in_sources()).expect("the built-in rules are constants and load")
    }

    /// The built-in rules and those of `folder`: each `*.toml` file there is a rule that replaces the one of its id or
    /// is added.
    ///
    /// # Errors
    /// When the folder or a file in it is unreadable, or a rule cannot be used.
    pub fn with_folder(folder: &Path) -> Result<Self, RuleError> {
        let unreadable = |path: &Path| {
            let path = Shown::path(path);
            move |error: std::io::Error| RuleError::Unreadable { path, kind: error.kind() }
        };
        let mut sources = built_in_sources();
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
            paths.push(entry.map_err(unreadable(folder))?.path());
        }
        paths.sort();
        for path in paths.into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml")) {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            sources.push((file, std::fs::read_to_string(&path).map_err(unreadable(&path))?));
        }
        Self::from_sources(sources)
    }

    /// Only the rules of these ids.
    ///
    /// # Errors
    /// When an id is none of a rule.
    pub fn only(mut self, ids: &[String]) -> Result<Self, RuleError> {
        for id in ids {
            if !self.rules.iter().any(|rule| *rule.id == **id) {
                let known = self.rules.iter().map(|rule| &*rule.id).collect::<Vec<_>>().join(", ");
                return Err(RuleError::UnknownRule { rule: Shown::new(id.as_bytes()), known });
            }
        }
        self.rules.retain(|rule| ids.iter().any(|id| **id == *rule.id));
        Ok(self)
    }

    /// Each rule, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The first 8 bytes of SHA-256 over ids and sources, as 16 hexadecimal digits: which rules these are.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn from_sources(sources: Vec<(String, String)>) -> Result<Self, RuleError> {
        let mut by_id = BTreeMap::new();
        for (file, source) in sources {
            let rule = parse(&file, &source)?;
            by_id.insert(Arc::clone(&rule.id), (rule, source));
        }
        let mut digest = Sha256::new();
        for (id, (_, source)) in &by_id {
            digest.update(id.as_bytes());
            digest.update(b"\0");
            digest.update(source.as_bytes());
            digest.update(b"\0");
        }
        let fingerprint = digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { rules: by_id.into_values().map(|(rule, _)| rule).collect(), fingerprint })
    }
}

fn built_in_sources() -> Vec<(String, String)> {
    BUILT_IN.iter().map(|(file, source)| ((*file).to_owned(), (*source).to_owned())).collect()
}

/// A rule as its file spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    id: String,
    title: String,
    category: Category,
    validator: String,
    floor: f64,
    #[serde(default)]
    weights: BTreeMap<String, i32>,
    #[serde(default)]
    words: Vec<Group>,
    #[serde(default)]
    last_digits: LastDigits,
    #[serde(default)]
    lists: BTreeMap<String, HashSet<String, FixedState>>,
    #[serde(default)]
    examples: Vec<Example>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LastDigits {
    list: Vec<String>,
}

fn parse(file: &str, source: &str) -> Result<Rule, RuleError> {
    let parsed: Source = toml::from_str(source).map_err(|error| RuleError::Malformed {
        file: Shown::new(file.as_bytes()),
        message: Shown::new(error.to_string().trim().as_bytes()),
    })?;
    let rule = Shown::new(parsed.id.as_bytes());
    let validator =
        validate::VALIDATORS.iter().find(|validator| validator.name == parsed.validator).ok_or_else(|| {
            RuleError::UnknownValidator {
                rule: rule.clone(),
                validator: Shown::new(parsed.validator.as_bytes()),
                known: validate::VALIDATORS.iter().map(|validator| validator.name).collect::<Vec<_>>().join(", "),
            }
        })?;
    if let Some(reason) = validator.reasons.iter().find(|reason| !parsed.weights.contains_key(**reason)) {
        return Err(RuleError::MissingWeight { rule, reason: (*reason).to_owned() });
    }
    if let Some(list) = validator.lists.iter().find(|list| !parsed.lists.contains_key(**list)) {
        return Err(RuleError::MissingList { rule, list: (*list).to_owned() });
    }
    let words = |groups: Vec<Group>| {
        Words::new(groups).map_err(|word| RuleError::Word { rule: rule.clone(), word: Shown::new(word.as_bytes()) })
    };
    let beside = words(parsed.words)?;
    let last_digits = Group { about: String::new(), weight: 0, reach: 0, list: parsed.last_digits.list };
    let evidence = |reason: &str, weight: i32| Evidence { reason: reason.into(), weight };
    let weight = |reason: &str| parsed.weights.get(reason).copied().unwrap_or_default();
    let reasons = validator.reasons.iter().map(|reason| evidence(reason, weight(reason)));
    let of_words = beside.groups().iter().flat_map(|group| {
        let reason = |what: &str| evidence(&format!("{what} {}", group.about), group.weight);
        [reason("label"), reason("column heading")]
    });
    let lists = validator.lists.iter().map(|&list| (list, parsed.lists.get(list).cloned().unwrap_or_default()));
    Ok(Rule {
        id: parsed.id.into(),
        title: parsed.title,
        category: parsed.category,
        validator,
        floor: weight_of(parsed.floor),
        last_digits: words(vec![last_digits])?,
        examples: parsed.examples,
        lists: lists.collect(),
        evidence: reasons.chain(of_words).collect(),
        words: beside,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(change: impl Fn(&str) -> String) -> String {
        let source = change(BUILT_IN[0].1);
        Rules::from_sources(vec![("cpr.toml".into(), source)]).unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_rules_load() {
        assert_eq!(Rules::built_in().iter().map(|rule| &*rule.id).collect::<Vec<_>>(), ["cpr"]);
        assert_eq!(Rules::built_in().fingerprint().len(), 16);
    }

    #[test]
    fn a_mistake_is_told_with_its_place_and_the_way_out() {
        let misnamed = error(|s| s.replace("validator = \"cpr\"", "validator = \"crp\""));
        assert_eq!(misnamed, "rule cpr: no validator is called \"crp\" (there are: cpr)");
        assert_eq!(error(|s| s.replace("\"date\" = 90", "")), "rule cpr: no weight for \"date\" under [weights]");
        assert!(error(|s| s.replace("floor", "flor")).starts_with("cpr.toml: TOML parse error at line"));
        assert!(error(|s| s.replace("\"test numbers\"", "\"tests\"")).contains("no list \"test numbers\""));
        assert!(error(|s| s.replace("\"far\"", "\"fa*r\"")).contains("\"fa*r\" is no word"));
    }

    #[test]
    fn a_rule_that_is_asked_for_must_exist() {
        let unknown = Rules::built_in().only(&["iban".into()]).unwrap_err().to_string();
        assert_eq!(unknown, "no rule is called \"iban\" (there are: cpr)");
        assert_eq!(Rules::built_in().only(&["cpr".into()]).unwrap().iter().count(), 1);
    }
}
