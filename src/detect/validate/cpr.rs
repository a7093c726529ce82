//! CPR numbers: date, century and modulus 11.

use jiff::civil::Date;

use super::{Validator, Verdict};
use crate::detect::candidate::Candidate;
use crate::detect::columns;
use crate::detect::reasons::Reasons;
use crate::detect::rule::Rule;
use crate::model::Identifier;

pub const VALIDATOR: Validator =
    Validator { name: "cpr", reasons: REASONS, lists: &[DATES_WITHOUT_MODULUS_11, TEST_NUMBERS], validate };

reasons! {
    DATE = "date";
    MODULUS_11 = "modulus 11";
    NO_MODULUS_11 = "no modulus 11";
    ISSUED_WITHOUT = "date issued without modulus 11";
    SEPARATOR = "separator";
    FOUR_DIGIT_YEAR = "four-digit year";
    ZERO_LOST = "leading zero lost";
    TWO_CELLS = "in two cells";
    REPLACEMENT = "replacement number";
    OLD = "older than 115 years";
    SERIAL_0000 = "serial 0000";
    PART_OF_LONGER = "part of a longer number";
    TEST_NUMBER = "published test number";
    COLUMN = columns::COLUMN;
    LAST_DIGITS = columns::LAST_DIGITS;
    FEW = columns::FEW;
}

const DATES_WITHOUT_MODULUS_11: &str = "dates issued without modulus 11";
const TEST_NUMBERS: &str = "test numbers";

/// Weights of the ten digits. Erhvervsstyrelsen, "Modulus 11"; CPR-kontoret, "Personnummeret i CPR".
const WEIGHTS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// Added to the day by systems outside CPR that need a number for somebody without one.
/// CPR-kontoret, "Erstatningspersonnummer i eksterne systemer": the first digit of the day plus 6.
const REPLACEMENT_DAY: u32 = 60;

/// Years after which a bearer is hardly alive; archives hold such numbers all the same.
const OLD_YEARS: i16 = 115;

/// Years at which a person is of age.
const ADULT_YEARS: i16 = 18;

fn validate(candidate: &Candidate, rule: &Rule, today: Date) -> Option<Verdict> {
    let birth = birth(&candidate.digits)?;
    if birth.date > today || candidate.spelling.year.is_some_and(|year| year != birth.date.year()) {
        return None;
    }
    let digits = candidate.digits.map(|digit| digit + b'0');
    let number = std::str::from_utf8(&digits).expect("digits are ASCII");
    let mut reasons = Reasons::default();
    reasons.push(DATE);
    match () {
        () if birth.replacement => reasons.push(REPLACEMENT),
        () if modulus_11(&candidate.digits) => reasons.push(MODULUS_11),
        () if rule.lists(DATES_WITHOUT_MODULUS_11, text_of(birth.date, &mut [0; 10])) => reasons.push(ISSUED_WITHOUT),
        () => reasons.push(NO_MODULUS_11),
    }
    let spelling = candidate.spelling;
    let test = rule.lists(TEST_NUMBERS, number);
    for (holds, reason) in [
        (spelling.separated && !spelling.two_cells, SEPARATOR),
        // Any date may stand beside a cell of four digits.
        (spelling.year.is_some() && !spelling.two_cells, FOUR_DIGIT_YEAR),
        (spelling.zero_lost, ZERO_LOST),
        (spelling.two_cells, TWO_CELLS),
        (spelling.goes_on, PART_OF_LONGER),
        (years_later(birth.date, OLD_YEARS) < today, OLD),
        (candidate.digits[6..] == [0; 4], SERIAL_0000),
        (test, TEST_NUMBER),
    ] {
        if holds {
            reasons.push(reason);
        }
    }
    Some(Verdict {
        identifier: Identifier::new(&digits),
        minor: years_later(birth.date, ADULT_YEARS) > today,
        test,
        reasons,
    })
}

/// The date as lists spell it, `1965-01-01`.
fn text_of(date: Date, text: &mut [u8; 10]) -> &str {
    let (year, month, day) = (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs());
    let digit = |value: u16| b'0' + (value % 10) as u8;
    let pair = |value: u8| [digit(u16::from(value) / 10), digit(u16::from(value))];
    let ([m1, m2], [d1, d2]) = (pair(month), pair(day));
    *text = [digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), b'-', m1, m2, b'-', d1, d2];
    std::str::from_utf8(text).expect("digits are ASCII")
}

/// When the bearer of a number was born.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Birth {
    date: Date,
    /// The day stands with 60 added.
    replacement: bool,
}

/// The birth date that ten digits hold; none when there is no such day.
fn birth(digits: &[u8; 10]) -> Option<Birth> {
    let pair = |i: usize| u32::from(digits[i]) * 10 + u32::from(digits[i + 1]);
    let (day, month, year) = (pair(0), pair(2), pair(4));
    let replacement = day > REPLACEMENT_DAY;
    let day = if replacement { day - REPLACEMENT_DAY } else { day };
    let year = century(digits[6], year) + year as i16;
    let date = Date::new(year, month as i8, day as i8).ok()?;
    Some(Birth { date, replacement })
}

/// The century by the seventh digit and the two digits of the year.
/// CPR-kontoret, "Opbygning af CPR-nummeret".
fn century(seventh: u8, year: u32) -> i16 {
    match (seventh, year) {
        (0..=3, _) | (4 | 9, 37..) => 1900,
        (4 | 9, _) | (_, ..=57) => 2000,
        _ => 1800,
    }
}

/// True when the weighted sum is divisible by 11. Since 1 October 2007 numbers are issued for which it is not.
fn modulus_11(digits: &[u8; 10]) -> bool {
    digits.iter().zip(WEIGHTS).map(|(&digit, weight)| u32::from(digit) * weight).sum::<u32>().is_multiple_of(11)
}

/// The same day some years later; 28 February for 29 February where there is none.
fn years_later(date: Date, years: i16) -> Date {
    let year = date.year() + years;
    Date::new(year, date.month(), date.day())
        .unwrap_or_else(|_| Date::new(year, 2, 28).expect("every February has 28 days"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(number: &str) -> [u8; 10] {
        let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        digits.try_into().unwrap()
    }

    #[test]
    fn the_official_example_passes_and_its_neighbour_does_not() {
        assert!(modulus_11(&digits("070761-4285")));
        assert!(!modulus_11(&digits("070761-4286")));
    }

    #[test]
    fn the_century_follows_from_the_seventh_digit_and_the_year() {
        for (seventh, year, century) in [
            (0, 99, 1900),
            (3, 0, 1900),
            (4, 36, 2000),
            (4, 37, 1900),
            (5, 57, 2000),
            (5, 58, 1800),
            (8, 99, 1800),
            (8, 0, 2000),
            (9, 36, 2000),
            (9, 37, 1900),
            (9, 99, 1900),
        ] {
            assert_eq!(super::century(seventh, year), century, "{seventh} {year}");
        }
    }

    #[test]
    fn only_real_days_are_birth_dates() {
        assert_eq!(birth(&digits("290200-0000")), None, "1900 had no 29 February");
        assert!(birth(&digits("290200-4000")).is_some(), "2000 had one");
        assert_eq!(birth(&digits("310499-1234")), None);
        assert_eq!(birth(&digits("000199-1234")), None);
        let replaced = birth(&digits("670761-4285")).unwrap();
        assert!(replaced.replacement);
        assert_eq!(replaced.date, Date::constant(1961, 7, 7));
        assert_eq!(birth(&digits("600160-0001")), None);
        assert_eq!(birth(&digits("920180-1234")), None);
    }

    #[test]
    fn a_person_is_of_age_on_the_eighteenth_birthday() {
        assert_eq!(years_later(Date::constant(2008, 2, 29), 18), Date::constant(2026, 2, 28));
        assert_eq!(years_later(Date::constant(2008, 11, 24), 18), Date::constant(2026, 11, 24));
    }

    #[test]
    fn arithmetic_agrees_with_the_published_numbers() {
        let rules = crate::detect::Rules::built_in();
        let rule = rules.iter().next().unwrap();
        let table = include_str!("../../../fixtures/vectors/numbers.tsv");
        let rows = table.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        let mut count = 0;
        for row in rows {
            let fields: Vec<&str> = row.split('\t').collect();
            let [number, date, mod11, exception, future, test] = fields[..] else { panic!("{row}") };
            let (told, digits) = (|claim| claim == "yes", digits(number));
            let born = birth(&digits).filter(|birth| !birth.replacement).map(|birth| birth.date);
            assert_eq!(born.is_some(), told(date), "date of {number}");
            assert_eq!(modulus_11(&digits), told(mod11), "modulus 11 of {number}");
            let without = born.is_some_and(|date| rule.lists(DATES_WITHOUT_MODULUS_11, text_of(date, &mut [0; 10])));
            assert_eq!(without, told(exception), "exception of {number}");
            assert_eq!(
                born.is_some_and(|date| date > Date::constant(2026, 11, 21)),
                told(future),
                "future of {number}"
            );
            assert!(!told(test) || rule.lists(TEST_NUMBERS, number), "test person {number}");
            count += 1;
        }
        assert!(count > 80, "{count} rows");
    }
}
