//! Why something is believed to be personal data.

use std::sync::Arc;

use serde::Serialize;
use serde::ser::SerializeTuple;

/// One reason and what it weighs. The reason comes from a rule in `patterns/`, never from a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The reason, in the words of the rule.
    pub reason: Arc<str>,
    /// Hundredths of log-odds: positive speaks for, negative against.
    pub weight: i32,
}

impl Serialize for Evidence {
    /// As `["modulus 11",240]`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&*self.reason)?;
        pair.serialize_element(&self.weight)?;
        pair.end()
    }
}

/// The probability that the reasons add up to: 1 / (1 + e^-Σ), between 0 and 1.
pub fn confidence(evidence: &[Evidence]) -> f64 {
    let sum: i32 = evidence.iter().map(|e| e.weight).sum();
    1.0 / (1.0 + (-f64::from(sum) / 100.0).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_add_up_and_none_is_an_even_chance() {
        let reason = |weight| Evidence { reason: "date".into(), weight };
        assert_eq!(confidence(&[]), 0.5);
        assert!((confidence(&[reason(90), reason(240)]) - 0.964).abs() < 0.001);
        assert_eq!(confidence(&[reason(300), reason(-300)]), 0.5);
    }
}
