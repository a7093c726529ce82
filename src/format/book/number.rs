//! How a number is shown: with the zeros and dashes of its format, as a date, or as its digits.

use std::cmp::Ordering;
use std::fmt::Write;
use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::date;

/// Whole numbers up to here have all their digits.
const WHOLE: f64 = 1e15;

/// Numbers that are written without an exponent.
const SHORT: Range<f64> = 1e-4..1e16;

/// Days that a date may lie after the first: up to the year 9999.
const DAYS: f64 = 2_958_466.0;

const SECONDS_A_DAY: f64 = 86_400.0;

/// How the numbers of a cell are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NumberFormat {
    /// As their digits.
    #[default]
    Plain,
    /// As a day, a time of day, or both.
    Date {
        /// True when the format shows a day.
        day: bool,
        /// True when the format shows a time.
        time: bool,
    },
    /// As hours, which may be more than a day has.
    Elapsed,
    /// As digits among other characters, by the first section that applies.
    Digits(Vec<Section>),
}

/// A part of a format such as `000000-0000`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Which numbers it shows; all when there is none.
    condition: Option<(&'static [Ordering], f64)>,
    /// None when it shows more than digits and characters between them: fractions, powers, thousands.
    tokens: Option<Vec<Token>>,
    day: bool,
    /// A month or a minute.
    month: bool,
    time: bool,
    elapsed: bool,
}

/// How a condition begins, and how a number that meets it compares.
static COMPARISONS: &[(&str, &[Ordering])] = &[
    ("<=", &[Ordering::Less, Ordering::Equal]),
    (">=", &[Ordering::Greater, Ordering::Equal]),
    ("<>", &[Ordering::Less, Ordering::Greater]),
    ("<", &[Ordering::Less]),
    (">", &[Ordering::Greater]),
    ("=", &[Ordering::Equal]),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    /// A digit, or what stands where the number has none.
    Digit(Option<char>),
    Literal(char),
}

impl NumberFormat {
    /// The format that a workbook spells like this.
    pub fn parse(code: &str) -> Self {
        let sections = Section::parse_all(code);
        let first = &sections[0];
        match () {
            () if first.elapsed => Self::Elapsed,
            () if first.day || first.month || first.time => {
                Self::Date { day: first.day || !first.time, time: first.time }
            }
            () if sections.iter().any(Section::shows_more_than_digits) => Self::Digits(sections),
            () => Self::Plain,
        }
    }

    /// The format that has this number in every workbook. ECMA-376 part 1, 18.8.30; 27 to 58 are dates in some
    /// languages.
    pub fn built_in(number: u32) -> Self {
        match number {
            14..=17 | 27..=31 | 36 | 50..=54 | 57..=58 => Self::Date { day: true, time: false },
            18..=21 | 32..=35 | 45 | 47 | 55..=56 => Self::Date { day: false, time: true },
            22 => Self::Date { day: true, time: true },
            46 => Self::Elapsed,
            _ => Self::Plain,
        }
    }

    /// Appends `value`, which is spelled as XML spells numbers, as this format shows it.
    ///
    /// A number that is no date is shown by its digits, whatever its format. `since_1904` says from when days are
    /// counted.
    pub fn show(&self, value: &str, since_1904: bool, text: &mut String) {
        let shown = match self {
            Self::Plain => None,
            Self::Digits(sections) => show_digits(sections, value, text),
            Self::Date { day, time } => show_date(value, *day, *time, since_1904, text),
            Self::Elapsed => show_elapsed(value, text),
        };
        if shown.is_none() {
            show_plain(value, text);
        }
    }
}

/// Appends a number without exponent and without more decimals than it has.
pub fn show_plain(value: &str, text: &mut String) {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.push_str(value);
    }
    match value.trim().parse::<f64>() {
        Ok(number) if SHORT.contains(&number.abs()) || number == 0.0 => append(text, number),
        Ok(number) => append(text, format_args!("{number:e}")),
        Err(_) => text.push_str(value),
    }
}

fn append(text: &mut String, shown: impl std::fmt::Display) {
    write!(text, "{shown}").expect("a string takes everything");
}

fn show_digits(sections: &[Section], value: &str, text: &mut String) -> Option<()> {
    let number = value.trim().parse::<f64>().ok().filter(|number| (0.0..WHOLE).contains(number))?;
    if number.fract() != 0.0 {
        return None;
    }
    let section = sections.iter().find(|section| section.applies(number))?;
    let tokens = section.tokens.as_deref()?;
    let digits = (number as u64).to_string();
    let places = tokens.iter().filter(|token| matches!(token, Token::Digit(_))).count();
    let mut left = places;
    let mut rest = digits.as_str();
    for token in tokens {
        match token {
            Token::Literal(c) => text.push(*c),
            Token::Digit(missing) => {
                // The first place takes all digits that the format has no place for.
                let here = (rest.len() + 1).saturating_sub(left);
                let (shown, after) = rest.split_at(if left == places { here } else { here.min(1) });
                text.push_str(shown);
                text.extend(missing.filter(|_| here == 0));
                rest = after;
                left -= 1;
            }
        }
    }
    Some(())
}

fn show_date(value: &str, day: bool, time: bool, since_1904: bool, text: &mut String) -> Option<()> {
    let serial = value.trim().parse::<f64>().ok().filter(|serial| (0.0..DAYS).contains(serial))?;
    let seconds = (serial * SECONDS_A_DAY).round() as i64;
    let (days, seconds) = (seconds / SECONDS_A_DAY as i64, seconds % SECONDS_A_DAY as i64);
    if day {
        let first = match days {
            _ if since_1904 => date(1904, 1, 1),
            // Day 60 is a 29 February 1900, which never was.
            0..60 => date(1899, 12, 31),
            _ => date(1899, 12, 30),
        };
        append(text, first.checked_add(days.days()).ok()?);
    }
    if time {
        let between = if day { " " } else { "" };
        append(text, format_args!("{between}{:02}:{:02}", seconds / 3600, seconds / 60 % 60));
        if seconds % 60 != 0 {
            append(text, format_args!(":{:02}", seconds % 60));
        }
    }
    Some(())
}

fn show_elapsed(value: &str, text: &mut String) -> Option<()> {
    let serial = value.trim().parse::<f64>().ok().filter(|serial| (0.0..DAYS).contains(serial))?;
    let minutes = (serial * SECONDS_A_DAY / 60.0).round() as u64;
    append(text, format_args!("{}:{:02}", minutes / 60, minutes % 60));
    Some(())
}

impl Section {
    fn parse_all(code: &str) -> Vec<Self> {
        let mut sections = vec![Self::new()];
        let mut rest = code.chars();
        while let Some(c) = rest.next() {
            if c == ';' {
                sections.push(Self::new());
            } else {
                sections.last_mut().expect("never empty").parse(c, &mut rest);
            }
        }
        sections
    }

    fn new() -> Self {
        Self { tokens: Some(Vec::new()), ..Self::default() }
    }

    fn parse(&mut self, c: char, rest: &mut std::str::Chars<'_>) {
        match c {
            '"' => rest.by_ref().take_while(|c| *c != '"').for_each(|c| self.push(Token::Literal(c))),
            '\\' => rest.next().into_iter().for_each(|c| self.push(Token::Literal(c))),
            // The width of a character, and a character that fills the cell.
            '_' | '*' => drop(rest.next()),
            '[' => {
                let bracket: String = rest.by_ref().take_while(|c| *c != ']').collect();
                self.parse_bracket(&bracket);
            }
            '0' => self.push(Token::Digit(Some('0'))),
            '?' => self.push(Token::Digit(Some(' '))),
            '#' => self.push(Token::Digit(None)),
            'd' | 'D' | 'y' | 'Y' => self.day = true,
            'h' | 'H' | 's' | 'S' => self.time = true,
            'm' | 'M' => self.month = true,
            '.' | ',' | '%' | '/' | '@' => self.tokens = None,
            c if c.is_ascii_alphabetic() => self.tokens = None,
            c => self.push(Token::Literal(c)),
        }
    }

    fn push(&mut self, token: Token) {
        if let Some(tokens) = &mut self.tokens {
            tokens.push(token);
        }
    }

    /// What stands between brackets: elapsed time, a condition, a currency with a language, or a colour.
    fn parse_bracket(&mut self, bracket: &str) {
        if let Some(currency) = bracket.strip_prefix('$') {
            let currency = currency.split_once('-').map_or(currency, |(currency, _)| currency);
            return currency.chars().for_each(|c| self.push(Token::Literal(c)));
        }
        if !bracket.is_empty() && bracket.chars().all(|c| "hmsHMS".contains(c)) {
            self.elapsed = true;
        }
        let found = COMPARISONS
            .iter()
            .find_map(|(sign, orders)| Some((*orders, bracket.strip_prefix(sign)?.trim().parse().ok()?)));
        self.condition = self.condition.or(found);
    }

    fn applies(&self, number: f64) -> bool {
        self.condition
            .is_none_or(|(orders, bound)| number.partial_cmp(&bound).is_some_and(|order| orders.contains(&order)))
    }

    fn shows_more_than_digits(&self) -> bool {
        let Some(tokens) = &self.tokens else {
            return false;
        };
        let zeros = tokens.iter().filter(|token| **token == Token::Digit(Some('0'))).count();
        let digits = tokens.iter().any(|token| matches!(token, Token::Digit(_)));
        digits && (zeros > 1 || tokens.iter().any(|token| matches!(token, Token::Literal(_))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, value: &str) -> String {
        let mut text = String::new();
        NumberFormat::parse(code).show(value, false, &mut text);
        text
    }

    #[test]
    fn formats_of_cpr_columns_show_zeros_and_dashes() {
        for code in ["000000-0000", "000000\\-0000", "000000\"-\"0000", "[$-406]000000-0000", "_-000000-0000;[Red]-0"] {
            assert_eq!(shown(code, "101801234"), "010180-1234", "{code}");
        }
        assert_eq!(shown("0000000000", "101801234"), "0101801234");
        assert_eq!(shown("000000\" \"0000", "101801234"), "010180 1234");
        assert_eq!(shown("\"cpr \"000000-0000", "1.01801234E8"), "cpr 010180-1234");
        assert_eq!(shown("[$cpr-406]0000000000", "101801234"), "cpr0101801234");
    }

    #[test]
    fn digits_that_a_format_has_no_place_for_stand_first() {
        assert_eq!(shown("00-00", "12345"), "123-45");
        assert_eq!(shown("##-00", "7"), "-07");
        assert_eq!(shown("??-00", "7"), "  -07");
    }

    #[test]
    fn sections_show_the_numbers_that_meet_their_condition() {
        let code = "[<1000000000]000000-0000;[>=2000000000]0\" nr\";0000000000";
        assert_eq!(shown(code, "101801234"), "010180-1234");
        assert_eq!(shown(code, "1101801234"), "1101801234");
        assert_eq!(shown(code, "2101801234"), "2101801234 nr");
    }

    #[test]
    fn numbers_are_shown_by_their_digits() {
        for code in ["General", "0", "#,##0", "@", "0.00E+00", "# ?/?", "0%", "_ * #,##0.00_ ;_ * -#,##0.00_ ;"] {
            assert_eq!(shown(code, "3011167070"), "3011167070", "{code}");
        }
        let plain = |value| shown("General", value);
        assert_eq!(plain("3.01116707E9"), "3011167070");
        assert_eq!(plain("3011167070.0"), "3011167070");
        assert_eq!(plain("0.10000000000000001"), "0.1");
        assert_eq!(plain("-12.50"), "-12.5");
        assert_eq!(plain("1E300"), "1e300");
        assert_eq!(plain("0.0"), "0");
        assert_eq!(plain("0101801234"), "0101801234");
        assert_eq!(plain("no number"), "no number");
        assert_eq!(shown("000000-0000", "-5"), "-5");
        assert_eq!(shown("000000-0000", "1.5"), "1.5");
    }

    #[test]
    fn dates_are_not_shown_by_their_number() {
        assert_eq!(shown("dd/mm/yyyy", "43536"), "2019-03-12");
        assert_eq!(shown("[$-406]d. mmmm yyyy;@", "43536.5"), "2019-03-12");
        assert_eq!(shown("dd-mm-yy hh:mm", "43536.604166666664"), "2019-03-12 14:30");
        assert_eq!(shown("h:mm:ss AM/PM", "0.60420138888888886"), "14:30:03");
        assert_eq!(shown("mm:ss", "0.5"), "12:00");
        assert_eq!(shown("mmm-yy", "59"), "1900-02-28");
        assert_eq!(shown("mmm-yy", "61"), "1900-03-01");
        assert_eq!(shown("[h]:mm", "1.5"), "36:00");
        let mut text = String::new();
        NumberFormat::built_in(14).show("42074", true, &mut text);
        assert_eq!(text, "2019-03-12");
    }

    #[test]
    fn a_number_too_large_for_a_date_is_shown_by_its_digits() {
        assert_eq!(shown("dd/mm/yyyy", "3011167070"), "3011167070");
        assert_eq!(shown("dd/mm/yyyy", "-1"), "-1");
        assert_eq!(shown("[h]:mm", "1E99"), "1e99");
    }
}
