//! Words whose letters are set apart: the gaps in them are no spaces.

use std::ops::Range;

use super::line::{Glyph, SPACE, is_blank};

/// Letters may be set apart by less than this. A place that is left empty between letters of one width is 0.6 wide.
const TRACKING: f64 = 0.5;

/// Letters that are set apart as one word: fewer may stand evenly by chance.
const SPACED_LETTERS: usize = 6;

/// Gaps that differ by less than this are even.
const EVEN: f64 = 0.05;

/// Steps from glyph to glyph that differ by less than this are even, as a printer sets them that knows one width only.
const EVEN_STEPS: f64 = 0.02;

/// A gap between two glyphs.
#[derive(Debug)]
pub struct Gap {
    /// Its width in ems; infinite where the document writes white space.
    pub width: f64,
    /// From the beginning of one glyph to that of the other, in ems.
    pub step: f64,
    /// What was written for it.
    pub written: Range<usize>,
}

/// Which gaps are inside words whose letters are set apart: they are many in sequence, and even.
pub fn inside_words(gaps: &[Gap]) -> Vec<bool> {
    let mut inside = vec![false; gaps.len()];
    for word in evenly_spaced(gaps).chain(evenly_stepped(gaps)).filter(|word| word.len() >= SPACED_LETTERS - 1) {
        inside[word].fill(true);
    }
    inside
}

/// Gaps of one width. A letter that has another close to it on the other side is none of the word.
fn evenly_spaced(gaps: &[Gap]) -> impl Iterator<Item = Range<usize>> {
    let apart = |gap: &Gap| (SPACE..TRACKING).contains(&gap.width);
    let close = |index: usize| gaps.get(index).is_some_and(|gap| gap.width < SPACE);
    sequences(gaps, move |a, b| apart(a) && apart(b) && (a.width - b.width).abs() < EVEN).map(move |word| {
        let first_is_close = word.start > 0 && close(word.start - 1);
        word.start + usize::from(first_is_close)..word.end - usize::from(close(word.end))
    })
}

/// Steps of one width, whatever the letters leave of them.
fn evenly_stepped(gaps: &[Gap]) -> impl Iterator<Item = Range<usize>> {
    let near = |gap: &Gap| gap.width < TRACKING;
    sequences(gaps, move |a, b| near(a) && near(b) && (a.step - b.step).abs() < EVEN_STEPS)
}

/// Where gaps follow one another that are alike.
fn sequences(gaps: &[Gap], alike: impl Fn(&Gap, &Gap) -> bool) -> impl Iterator<Item = Range<usize>> {
    gaps.chunk_by(alike).scan(0, |end, sequence| {
        let start = *end;
        *end += sequence.len();
        Some(start..*end)
    })
}

/// How far apart the letters of a run are set: the least gap between two of them, if that would part words.
///
/// Two letters alone tell nothing, unless a space among them shows that gaps are not what parts words here.
pub fn tracking(glyphs: &[Glyph], text: &str) -> f64 {
    let blank = |glyph: &Glyph| is_blank(&text[glyph.shown.clone()]);
    let mut least = f64::INFINITY;
    let mut witnesses = 0;
    for pair in glyphs.windows(2) {
        let [last, next] = pair else { continue };
        if blank(last) || blank(next) {
            witnesses += 1;
            continue;
        }
        let gap = last.stand.gap(&next.stand);
        if gap <= SPACE * next.stand.em || gap > TRACKING * next.stand.em {
            return 0.0;
        }
        witnesses += 1;
        least = least.min(gap);
    }
    if witnesses > 1 && least.is_finite() { least } else { 0.0 }
}
