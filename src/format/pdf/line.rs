//! Glyphs become lines: where they stand decides on the spaces and line ends between them.
//!
//! A pdf places glyphs and need not say where words, columns and lines end. Distances are counted in ems of the larger
//! of two glyphs, so that the size of the writing does not matter.

use std::ops::Range;

use kurbo::{Point, Vec2};

use super::spacing::{Gap, inside_words, tracking};

/// A gap from here on parts two words. Of the gaps in 675 documents, letters of a word have less than 0.10, words more
/// than 0.15, and hardly any is between.
pub const SPACE: f64 = 0.12;

/// A gap from here on parts two columns. In the same documents words that no space parts stand up to 0.8 apart, columns
/// from 1.1 on.
const COLUMN: f64 = 1.0;

/// As [`COLUMN`], where a space is written: justified lines stretch it further.
const COLUMN_BEHIND_SPACE: f64 = 1.5;

/// A step off the base line from here on begins another line. Raised figures stand up to 0.35 off it.
const LINE: f64 = 0.4;

/// A step back from here on begins another line. Accents step back by less, to stand over their letter.
const BACK: f64 = 0.5;

/// A digit that begins further than this before the end of another belongs to another cell, which the first runs into:
/// kerning brings digits no closer.
const OVERLAP: f64 = 0.2;

/// Glyphs that stand closer than this are the same one, drawn twice to look bold or to cast a shadow.
const SAME: f64 = 0.1;

/// Glyphs that are searched for the one that is drawn a second time: more than a line has.
const RECENT: usize = 512;

/// Where a glyph stands on the page.
#[derive(Clone, Copy, Debug)]
pub struct Stand {
    /// Where it begins on the base line.
    pub origin: Point,
    /// From its origin to where the next one begins if nothing is between them.
    pub advance: Vec2,
    /// The direction of the base line, of length 1.
    pub along: Vec2,
    /// The size of the writing along the base line.
    pub em: f64,
    /// The size of the writing across it.
    pub height: f64,
}

impl Stand {
    fn end(&self) -> Point {
        self.origin + self.advance
    }

    /// How far `next` begins behind the end of this one.
    pub fn gap(&self, next: &Self) -> f64 {
        (next.origin - self.end()).dot(self.along)
    }
}

/// A glyph of a run.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// Where it stands.
    pub stand: Stand,
    /// What it shows, in the text of its run.
    pub shown: Range<usize>,
}

/// The text of a page, line by line.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
    /// The last glyph.
    last: Option<Stand>,
    /// The last glyph of this line that is no white space.
    ink: Option<Stand>,
    /// How far apart the letters of the last run were set.
    tracking: f64,
    /// The gaps of this line.
    gaps: Vec<Gap>,
    drawn: Vec<Drawn>,
    runs: u32,
    /// The glyph that the last one repeats, by its index in `drawn`.
    repeated: Option<usize>,
    /// The last run was a number of a person and nothing else, as a narrow cell holds it.
    number: bool,
    /// Lines that ended.
    ended: u32,
    /// Where the first glyph of a span was written, and after how many lines.
    span: Option<Option<(usize, u32)>>,
}

/// What is kept of a glyph, to know it when it is drawn again.
#[derive(Debug)]
struct Drawn {
    origin: Point,
    first: Option<char>,
    run: u32,
}

/// What parts two glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    Space,
    Column,
    Line,
}

impl Lines {
    /// The text so far, with its last line ended.
    pub fn text(&mut self) -> &str {
        self.end_line();
        &self.text
    }

    /// Forgets all, for the next page.
    pub fn clear(&mut self) {
        let mut text = std::mem::take(&mut self.text);
        let mut drawn = std::mem::take(&mut self.drawn);
        text.clear();
        drawn.clear();
        *self = Self { text, drawn, ..Self::default() };
    }

    /// Appends glyphs that are shown with one operator. `text` is what their ranges refer to.
    pub fn run(&mut self, glyphs: &[Glyph], text: &str) {
        let tracking = tracking(glyphs, text);
        let number = is_number(text.trim());
        self.runs += 1;
        let after_number = std::mem::replace(&mut self.number, number);
        let mut start = match glyphs.len() {
            ..2 => Start::No,
            _ if number || after_number => Start::OfNumber,
            _ => Start::OfRun,
        };
        for glyph in glyphs {
            self.glyph(&glyph.stand, &text[glyph.shown.clone()], std::mem::replace(&mut start, Start::No));
            self.tracking = tracking;
        }
    }

    /// From here on glyphs are those of a span, for which the document may give other text.
    pub fn begin_span(&mut self) {
        self.span = Some(None);
    }

    /// Writes what the document gives for the glyphs of the span instead of them.
    ///
    /// Where it is much less than they show, or they are more than a line, it is written beside them.
    pub fn end_span(&mut self, actual: &str) {
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        match self.span.take().flatten() {
            Some((start, ended)) if ended == self.ended && 2 * letters(actual) >= letters(&self.text[start..]) => {
                self.text.truncate(start);
                self.text.push_str(actual);
                self.gaps.retain(|gap| gap.written.end <= start);
            }
            _ if letters(actual) == 0 => {}
            _ => {
                self.end_line();
                self.text.push_str(actual);
                self.end_line();
            }
        }
    }

    /// Appends a glyph. One that begins a run may begin a cell of its own where nothing else tells.
    fn glyph(&mut self, stand: &Stand, shown: &str, start: Start) {
        let first = shown.chars().next();
        self.repeated = self.find_repeated(stand, first);
        let blank = is_blank(shown);
        if self.repeated.is_none() {
            match self.between(stand) {
                Between::Nothing
                    if start != Start::No && self.runs_into(stand, first)
                        || start == Start::OfNumber && self.touches(first) =>
                {
                    self.part_columns();
                }
                between => self.part(between, stand, blank),
            }
            self.span = self.span.map(|start| start.or(Some((self.text.len(), self.ended))));
            self.text.push_str(shown);
            self.drawn.push(Drawn { origin: stand.origin, first, run: self.runs });
        }
        self.last = Some(*stand);
        if !blank {
            self.ink = Some(*stand);
        }
    }

    fn between(&self, next: &Stand) -> Between {
        let Some(last) = &self.last else { return Between::Nothing };
        let step = next.origin - last.origin;
        let (em, height) = (last.em.max(next.em), last.height.max(next.height));
        let off_line = step.cross(last.along).abs() > LINE * height;
        let back = step.dot(last.along) < -BACK * em;
        let turned = last.along.dot(next.along) < 0.7;
        let from_ink = self.ink.as_ref().map_or(0.0, |ink| ink.gap(next));
        let column = if self.ends_blank() { COLUMN_BEHIND_SPACE } else { COLUMN };
        match () {
            () if off_line || back || turned => Between::Line,
            () if from_ink - self.tracking > column * em => Between::Column,
            () if last.gap(next) - self.tracking > SPACE * em => Between::Space,
            () => Between::Nothing,
        }
    }

    /// True when nothing parts two words: letters and digits stand against each other.
    fn touches(&self, first: Option<char>) -> bool {
        first.is_some_and(char::is_alphanumeric) && self.text.ends_with(char::is_alphanumeric)
    }

    /// True when a digit lies over the last one, as that of the next cell does where a cell is too narrow.
    fn runs_into(&self, next: &Stand, first: Option<char>) -> bool {
        let is_digit = |c: char| c.is_ascii_digit();
        let lies_over = |last: &Stand| last.gap(next) < -OVERLAP * last.em.max(next.em);
        first.is_some_and(is_digit) && self.text.ends_with(is_digit) && self.last.as_ref().is_some_and(lies_over)
    }

    /// Writes what parts the last glyph from the next one, unless white space among the glyphs does it already.
    fn part(&mut self, between: Between, next: &Stand, blank: bool) {
        let filled = blank || self.ends_blank();
        let before = self.text.len();
        match between {
            Between::Line => return self.end_line(),
            Between::Column if !blank => self.part_columns(),
            Between::Space if !filled => self.text.push(' '),
            _ => {}
        }
        if let Some(ink) = self.ink.as_ref().filter(|_| !blank) {
            let em = ink.em.max(next.em);
            let width = if filled { f64::INFINITY } else { (ink.gap(next) - self.tracking) / em };
            let step = (next.origin - ink.origin).dot(ink.along) / em;
            self.gaps.push(Gap { width, step, written: before..self.text.len() });
        }
    }

    fn end_line(&mut self) {
        self.close_up();
        self.turn_right_to_left();
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.ink = None;
        self.ended += 1;
    }

    /// Takes back the spaces in words whose letters are set apart.
    fn close_up(&mut self) {
        let mut line = None;
        let mut kept = 0;
        let inside = inside_words(&self.gaps);
        for (gap, _) in self.gaps.iter().zip(inside).filter(|(_, inside)| *inside) {
            let (from, line) = line.get_or_insert_with(|| (gap.written.start, self.text.split_off(gap.written.start)));
            self.text.push_str(&line[kept..gap.written.start - *from]);
            kept = gap.written.end - *from;
        }
        if let Some((_, line)) = line {
            self.text.push_str(&line[kept..]);
        }
        self.gaps.clear();
    }

    /// Puts what is written from right to left, and stands from left to right on the page, in the order of reading.
    fn turn_right_to_left(&mut self) {
        let start = self.text.rfind('\n').map_or(0, |end| end + 1);
        if !self.text[start..].contains(is_right_to_left) {
            return;
        }
        let line: Vec<char> = self.text.split_off(start).chars().collect();
        let mut rest = &line[..];
        while let Some(first) = rest.iter().position(|&c| is_right_to_left(c)) {
            let end = rest[first..].iter().position(|&c| is_left_to_right(c)).map_or(rest.len(), |end| first + end);
            let last = rest[..end].iter().rposition(|&c| is_right_to_left(c)).map_or(first, |last| last + 1);
            self.text.extend(rest[..first].iter().chain(rest[first..last].iter().rev()));
            rest = &rest[last..];
        }
        self.text.extend(rest);
    }

    /// Two spaces: no number is spelled with them, so those of two columns never make one.
    fn part_columns(&mut self) {
        let blanks = self.text.chars().rev().take(2).take_while(|c| c.is_whitespace()).count();
        self.text.push_str(&"  "[blanks..]);
    }

    fn ends_blank(&self) -> bool {
        self.text.ends_with(char::is_whitespace)
    }

    /// The glyph of an earlier run that this one is drawn over.
    fn find_repeated(&self, next: &Stand, first: Option<char>) -> Option<usize> {
        let last = self.last.as_ref()?;
        let near = SAME * next.em;
        let same = |drawn: &Drawn| {
            drawn.first == first && drawn.run != self.runs && (drawn.origin - next.origin).hypot2() < near * near
        };
        let expected = self.repeated.map(|index| index + 1);
        if let Some(index) = expected.filter(|&index| self.drawn.get(index).is_some_and(same)) {
            return Some(index);
        }
        let goes_on = last.gap(next) > -0.5 * last.advance.hypot();
        if goes_on {
            return None;
        }
        let from = self.drawn.len().saturating_sub(RECENT);
        self.drawn[from..].iter().rposition(same).map(|index| from + index)
    }
}

/// Whether a glyph is the first of several that an operator shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    No,
    OfRun,
    /// Of a number of a person, or of what stands behind one.
    OfNumber,
}

/// True for ten digits, with or without a hyphen before the last four.
fn is_number(text: &str) -> bool {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('-') {
        Some((date, serial)) => digits(date, 6) && digits(serial, 4),
        None => digits(text, 10),
    }
}

/// True when nothing of it can be seen.
pub fn is_blank(shown: &str) -> bool {
    shown.chars().all(char::is_whitespace)
}

/// Hebrew and Arabic with their presentation forms, but for Arabic digits.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{65f}' | '\u{66a}'..='\u{6ef}' | '\u{6fa}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
}

fn is_left_to_right(c: char) -> bool {
    c.is_alphanumeric() && !is_right_to_left(c)
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;

    /// The text of a page on which these operators show text.
    fn shown(operators: &str) -> String {
        Sample::pages(&[&format!("BT /F 10 Tf 50 700 Td {operators} ET")]).read().page().to_owned()
    }

    #[test]
    fn kerning_neither_parts_nor_joins() {
        assert_eq!(shown("[(0707)-40(6)30(1-42)-80(85)-280(og)]TJ"), "070761-4285 og");
    }

    #[test]
    fn a_number_shown_in_pieces_is_whole() {
        assert_eq!(shown("(070) Tj (761-) Tj (42) Tj (85) Tj"), "070761-4285");
    }

    #[test]
    fn a_number_shown_glyph_by_glyph_is_whole() {
        let glyphs: Vec<String> = "0707614285".chars().map(|c| format!("({c}) Tj 5.56 0 Td")).collect();
        assert_eq!(shown(&glyphs.join(" ")), "0707614285");
    }

    #[test]
    fn a_gap_of_a_space_is_a_space() {
        assert_eq!(shown("(070761) Tj 36.1 0 Td (4285) Tj"), "070761 4285");
    }

    #[test]
    fn cells_that_run_into_each_other_are_parted() {
        assert_eq!(shown("(070761-4285) Tj 55 0 Td (309923804) Tj"), "070761-4285  309923804");
        assert_eq!(shown("(Jensen) Tj (0707614285) Tj (12.09.1942) Tj"), "Jensen  0707614285  12.09.1942");
    }

    #[test]
    fn columns_never_make_a_number() {
        assert_eq!(shown("(070761) Tj 60 0 Td (4285) Tj"), "070761  4285");
        assert_eq!(shown("(070761 ) Tj 60 0 Td (4285) Tj"), "070761  4285");
        assert_eq!(shown("[(070761)-2000(4285)]TJ"), "070761  4285");
    }

    #[test]
    fn a_justified_line_stretches_its_spaces() {
        assert_eq!(shown("8 Tw (cpr 070761 4285) Tj"), "cpr 070761 4285");
    }

    #[test]
    fn another_base_line_is_another_line() {
        assert_eq!(shown("(070761-) Tj 0 -12 Td (4285) Tj"), "070761-\n4285");
    }

    #[test]
    fn a_step_back_is_another_line() {
        assert_eq!(shown("200 0 Td (4285) Tj -200 0 Td (070761) Tj"), "4285\n070761");
    }

    #[test]
    fn a_raised_figure_stays_in_its_line() {
        assert_eq!(shown("(m) Tj 3 Ts /F 7 Tf (2) Tj 0 Ts /F 10 Tf ( areal) Tj"), "m2 areal");
    }

    #[test]
    fn letters_set_apart_are_a_word() {
        assert_eq!(shown("3 Tc (cpr 070761-4285) Tj"), "cpr 070761-4285");
        let glyphs: Vec<String> = "070761-4285".chars().map(|c| format!("3 Tc ({c}) Tj")).collect();
        assert_eq!(shown(&format!("(cpr ) Tj {}", glyphs.join(" "))), "cpr 070761-4285");
    }

    #[test]
    fn glyphs_at_even_steps_are_a_word() {
        let glyphs: Vec<String> = "070761-4285".chars().map(|c| format!("({c}) Tj 6 0 Td")).collect();
        assert_eq!(shown(&format!("(cpr) Tj 20 0 Td {}", glyphs.join(" "))), "cpr 070761-4285");
    }

    #[test]
    fn single_letters_among_words_stay_apart() {
        assert_eq!(shown("[(en)-300(a)-300(b)-300(c)-300(d)-300(e)-300(to)]TJ"), "en a b c d e to");
    }

    #[test]
    fn numbers_on_an_axis_stay_apart() {
        let numbers: Vec<String> = (1..=12).map(|number| format!("({number}) Tj 13 0 Td")).collect();
        assert_eq!(shown(&numbers.join(" ")), "1 2 3 4 5 6 7 8 9 10 11 12");
    }

    #[test]
    fn what_is_drawn_twice_to_look_bold_is_read_once() {
        assert_eq!(shown("(0707614285) Tj 0.3 0 Td (0707614285) Tj"), "0707614285");
        assert_eq!(shown("2 Tr (0707614285) Tj"), "0707614285");
        let glyphs: Vec<String> = "0077".chars().map(|c| format!("({c}) Tj 0.3 0 Td ({c}) Tj 5.26 0 Td")).collect();
        assert_eq!(shown(&glyphs.join(" ")), "0077");
    }

    #[test]
    fn the_direction_of_the_writing_does_not_matter() {
        for turn in ["0 1 -1 0 300 100", "-1 0 0 -1 300 300", "0.7 0.7 -0.7 0.7 200 200", "0.05 0 0 0.05 9 9"] {
            assert_eq!(shown(&format!("{turn} Tm (070761) Tj 36 0 Td (4285) Tj 0 -12 Td (x) Tj")), "070761 4285\nx");
        }
    }

    #[test]
    fn turned_writing_begins_a_line() {
        assert_eq!(shown("(070761) Tj 0 1 -1 0 83.4 700 Tm (4285) Tj"), "070761\n4285");
    }

    #[test]
    fn what_is_written_from_right_to_left_comes_in_the_order_of_reading() {
        let mut lines = super::Lines { text: "a \u{5d2} \u{5d1}\u{5d0} 12".into(), ..super::Lines::default() };
        assert_eq!(lines.text(), "a \u{5d0}\u{5d1} \u{5d2} 12\n");
    }
}
