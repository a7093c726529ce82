//! Personal data found, with nothing of it in the clear.

use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::evidence::{Evidence, confidence};
use super::{Location, Subject};

/// Personal data found at a place. No field can hold a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where.
    pub location: Location,
    /// Id of the rule.
    pub rule: Arc<str>,
    /// Who.
    pub person: Person,
    /// Why it is believed; the confidence follows from it.
    pub evidence: Arc<[Evidence]>,
}

/// A person found, told apart by a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// The token.
    pub subject: Subject,
    /// Under 18 on the day of the scan.
    pub minor: bool,
    /// A number published for tests and examples, nobody's.
    pub test: bool,
}

impl Finding {
    /// The probability that this is what the rule says, between 0 and 1.
    pub fn confidence(&self) -> f64 {
        confidence(&self.evidence)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut finding = serializer.serialize_struct("Finding", 8)?;
        finding.serialize_field("rule", &*self.rule)?;
        finding.serialize_field("at", &self.location.to_string())?;
        finding.serialize_field("location", &self.location)?;
        finding.serialize_field("subject", &self.person.subject)?;
        finding.serialize_field("minor", &self.person.minor)?;
        if self.person.test {
            finding.serialize_field("test", &true)?;
        }
        finding.serialize_field("confidence", &((self.confidence() * 100.0).round() / 100.0))?;
        finding.serialize_field("evidence", &*self.evidence)?;
        finding.end()
    }
}

/// What kind of personal data a rule finds, as the law tells them apart.
///
/// Datatilsynet, "Hvad er personoplysninger"; forvaltningsloven § 27; GDPR Art. 9 and 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Almindelige: name, address, phone.
    Ordinary,
    /// Fortrolige: a CPR number, debt, social matters.
    Confidential,
    /// Følsomme (Art. 9): health, religion, union …
    Special,
    /// Strafbare forhold (Art. 10).
    Criminal,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Identifier, Key, Part, PartKind, Place};

    #[test]
    fn serialises_as_the_contract_says() {
        let weigh = |reason: &str, weight| Evidence { reason: reason.into(), weight };
        let finding = Finding {
            location: Location { parts: [Part::new(PartKind::Sheet, b"Ark1")].into(), place: Place::Cell(7, 2) },
            rule: "cpr".into(),
            person: Person {
                subject: Key::new(&[0; 32]).subject(&Identifier::new(b"0707614285")),
                minor: true,
                test: false,
            },
            evidence: [weigh("date", 90), weigh("modulus 11", 240)].into(),
        };
        assert_eq!(
            serde_json::to_string(&finding).unwrap(),
            concat!(
                r#"{"rule":"cpr","at":"Ark1!B7","location":{"parts":[{"kind":"sheet","name":"Ark1"}],"#,
                r#""place":{"cell":[7,2]}},"subject":"006e37f22d1655ca","minor":true,"confidence":0.96,"#,
                r#""evidence":[["date",90],["modulus 11",240]]}"#
            )
        );
    }
}
