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
    confidence_of(evidence.iter().map(|e| e.weight).sum())
}

/// The probability of a sum of weights in hundredths of log-odds, between 0 and 1.
pub fn confidence_of(weight: i32) -> f64 {
    1.0 / (1.0 + (-f64::from(weight) / 100.0).exp())
}

/// The least sum of weights that makes `confidence` or more.
pub fn weight_of(confidence: f64) -> i32 {
    if confidence <= 0.0 {
        return i32::MIN;
    }
    // Where rounding plays a part the sum itself decides.
    let near = ((confidence / (1.0 - confidence)).ln() * 100.0).clamp(-10_000.0, 10_000.0) as i32;
    (near - 2..near + 2).find(|&weight| confidence_of(weight) >= confidence).unwrap_or(near + 2)
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

    #[test]
    fn a_weight_is_the_least_that_makes_its_confidence() {
        for weight in [-700, -110, -1, 0, 1, 85, 220, 300, 700] {
            assert_eq!(weight_of(confidence_of(weight)), weight);
            assert_eq!(weight_of(confidence_of(weight) + 1e-6), weight + 1);
        }
        assert!(confidence_of(weight_of(0.0)) >= 0.0 && weight_of(0.0) < -5000);
        assert!(weight_of(1.0) > 3000);
    }
}
