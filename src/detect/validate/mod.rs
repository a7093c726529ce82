//! Code that weighs a candidate. To add a validator, write a file here and give it a row in [`VALIDATORS`].

use jiff::civil::Date;

use super::candidate::Candidate;
use super::reasons::Reasons;
use super::rule::Rule;
use crate::model::Identifier;

/// Weighs the candidates of the rules that name it.
#[derive(Clone, Copy, Debug)]
pub struct Validator {
    /// What rules call it.
    pub name: &'static str,
    /// The reasons that it may give; a rule must weigh each.
    pub reasons: &'static [&'static str],
    /// The lists that it looks things up in; a rule must hold each.
    pub lists: &'static [&'static str],
    /// What the candidate is, seen on a day; nothing when it cannot be what the rule looks for.
    pub validate: fn(&Candidate, &Rule, Date) -> Option<Verdict>,
}

/// All validators.
pub static VALIDATORS: &[Validator] = &[cpr::VALIDATOR];

/// What a candidate is.
#[derive(Debug)]
pub struct Verdict {
    /// The value in its normal form.
    pub identifier: Identifier,
    /// Of a person under 18 on the day.
    pub minor: bool,
    /// A number published for tests and examples.
    pub test: bool,
    /// What speaks for and against it.
    pub reasons: Reasons,
}

/// Names the reasons of a validator: a constant for each, and all of them in `REASONS`.
macro_rules! reasons {
    ($($name:ident = $text:expr;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "named as the constants that count by them")]
        enum Place { $($name),* }
        $(
            #[allow(dead_code, reason = "some are given by what stands round a number")]
            const $name: $crate::detect::reasons::Row = $crate::detect::reasons::Row(Place::$name as u16);
        )*
        const REASONS: &[&str] = &[$($text),*];
    };
}

mod cpr;
