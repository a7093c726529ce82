//! What a page draws becomes text.

use std::io::{self, Read};
use std::ops::Range;
use std::panic::resume_unwind;

use hayro_cmap::WritingMode;
use hayro_interpret::font::{Glyph, GlyphRun, PositionedGlyph};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};
use hayro_syntax::object::{Dict, String as PdfString};
use kurbo::{Affine, BezPath, Point, Rect, Vec2};

use super::character::Characters;
use super::line::{self, Lines, Stand};
use super::string;
use crate::format::Output;
use crate::format::budget::Metered;

/// Units of glyph space to the em.
const UNITS: f64 = 1000.0;

/// Bytes that a form on a page costs. Forms may hold forms that hold forms, so that a small file draws without end.
const FORM_BYTES: usize = 1024;

/// A page whose characters are unknown for more than one glyph in this many is not readable.
const UNDECODABLE: usize = 10;

/// Hears what a page draws. One is used for all pages of a document.
pub struct PageText {
    lines: Lines,
    characters: Characters,
    repeats: Repeats,
    run: Vec<line::Glyph>,
    shown: String,
    glyphs: usize,
    undecodable: usize,
    picture: bool,
    /// Marked content that is open: what the document gives for its glyphs, of the outermost that has any.
    marked: Vec<Option<String>>,
    work: Metered<io::Repeat>,
}

impl PageText {
    /// Hears nothing yet. The work of drawing is charged to the budget of `output`.
    pub fn new(output: &Output<'_>) -> Self {
        Self {
            lines: Lines::default(),
            characters: Characters::default(),
            repeats: Repeats::default(),
            run: Vec::new(),
            shown: String::new(),
            glyphs: 0,
            undecodable: 0,
            picture: false,
            marked: Vec::new(),
            work: output.meter(io::repeat(0)),
        }
    }

    /// The text, line by line.
    pub fn text(&mut self) -> &str {
        self.lines.text()
    }

    /// True when the characters of many glyphs are unknown.
    pub fn is_undecodable(&self) -> bool {
        self.undecodable * UNDECODABLE > self.glyphs
    }

    /// True when there is a picture.
    pub fn has_picture(&self) -> bool {
        self.picture
    }

    /// Forgets all, for the next page.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.marked.clear();
        (self.glyphs, self.undecodable, self.picture) = (0, 0, false);
    }

    /// Charges a form. At a limit the page is left as it is: hayro can be stopped in no other way.
    fn charge_form(&mut self) {
        if self.work.read_exact(&mut [0; FORM_BYTES]).is_err() {
            resume_unwind(Box::new("a limit was reached"));
        }
    }
}

impl Device<'_> for PageText {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        self.run.clear();
        self.shown.clear();
        self.repeats.begin_run();
        for glyph in run.glyphs() {
            let from = self.shown.len();
            let code = glyph.char_code();
            let known = match self.repeats.of(code) {
                Some((range, known)) => {
                    self.shown.extend_from_within(range);
                    known
                }
                None => {
                    let known = self.characters.push(glyph, &mut self.shown);
                    self.repeats.note(code, from..self.shown.len(), known);
                    known
                }
            };
            let stand = stand(props.transform, glyph, run.writing_mode());
            self.run.push(line::Glyph { stand, shown: from..self.shown.len() });
            self.undecodable += usize::from(!known);
        }
        self.glyphs += self.run.len();
        if run.glyphs().iter().any(|glyph| matches!(**glyph, Glyph::Type3(_))) {
            size_by_widths(&mut self.run);
        }
        self.lines.run(&self.run, &self.shown);
    }

    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {
        self.picture = true;
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let actual = properties.and_then(|properties| properties.get::<PdfString<'_>>("ActualText"));
        let actual = actual.filter(|_| self.marked.iter().all(Option::is_none));
        if actual.is_some() {
            self.lines.begin_span();
        }
        self.marked.push(actual.map(|actual| string::text(&actual)));
    }

    fn end_marked_content(&mut self) {
        if let Some(Some(actual)) = self.marked.pop() {
            self.lines.end_span(&actual);
        }
    }

    /// Called for each form, whose text stands in a frame.
    fn push_clip_path(&mut self, _: &ClipPath) {
        self.charge_form();
    }

    fn push_clip_rect(&mut self, _: &Rect) {}
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// What the glyphs of a run show, by their codes of one byte: a run is in one font, and looking up a character takes longer
/// than all else that is done for a glyph.
struct Repeats {
    run: u64,
    /// The run in which each was noted last, where it stands in what that shows, and if it is known.
    noted: [(u64, Range<usize>, bool); 256],
}

impl Default for Repeats {
    fn default() -> Self {
        Self { run: 0, noted: std::array::from_fn(|_| (0, 0..0, false)) }
    }
}

impl Repeats {
    fn begin_run(&mut self) {
        self.run += 1;
    }

    fn of(&self, code: u32) -> Option<(Range<usize>, bool)> {
        let (run, range, known) = self.noted.get(code as usize)?;
        (*run == self.run).then(|| (range.clone(), *known))
    }

    fn note(&mut self, code: u32, shown: Range<usize>, known: bool) {
        if let Some(noted) = self.noted.get_mut(code as usize) {
            *noted = (self.run, shown, known);
        }
    }
}

fn stand(page: Affine, glyph: &PositionedGlyph<'_>, mode: WritingMode) -> Stand {
    let [a, b, c, d, x, y] = (page * glyph.transform()).as_coeffs();
    let (right, up) = (Vec2::new(a, b), Vec2::new(c, d));
    let width = match &**glyph {
        Glyph::Outline(glyph) => glyph.advance_width(),
        Glyph::Type3(glyph) => glyph.advance_width(),
    };
    let (along, across, advance) = match mode {
        WritingMode::Horizontal => (right, up, f64::from(width.unwrap_or(0.0))),
        WritingMode::Vertical => (-up, right, UNITS),
    };
    let length = along.hypot();
    Stand {
        origin: Point::new(x, y),
        advance: along * advance,
        along: if length > 0.0 { along / length } else { along },
        em: length * UNITS,
        height: across.hypot() * UNITS,
    }
}

/// Type 3 fonts count in any unit, so that their nominal size may tell nothing. A letter is about half an em wide.
fn size_by_widths(run: &mut [line::Glyph]) {
    let widths = run.iter().map(|glyph| glyph.stand.advance.hypot()).filter(|&width| width > 0.0);
    let (sum, count) = widths.fold((0.0, 0), |(sum, count), width| (sum + width, count + 1));
    let em = 2.0 * sum / f64::from(count.max(1));
    for glyph in run {
        let stand = &mut glyph.stand;
        if em > 2.5 * stand.em || em < stand.em / 5.0 {
            (stand.em, stand.height) = (em, em);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;

    #[test]
    fn forms_and_appearances_are_read() {
        let mut sample = Sample::pages(&["/X Do"]);
        let font = "/Subtype/Form/BBox[0 0 200 50]/Resources<</Font<</F 3 0 R>>>>";
        let form = sample.stream(font, b"BT /F 10 Tf (070761-4285) Tj ET");
        let appearance = sample.stream(font, b"BT /F 10 Tf (i feltet) Tj ET");
        let widget = format!("<</Subtype/Widget/Rect[0 90 200 140]/AP<</N {appearance} 0 R>>>>");
        let sample = sample.with("/Resources<</Font", &format!("/Resources<</XObject<</X {form} 0 R>>/Font"));
        let told = sample.with("/Type/Page/Parent", &format!("/Type/Page/Annots[{widget}]/Parent")).read();
        assert_eq!(told.page(), "070761-4285\ni feltet");
    }

    /// The text of a page on which glyphs are marked with what they stand for.
    fn marked(actual: &str, operators: &str) -> String {
        let span = format!("/Span<</ActualText({actual})>>BDC {operators} EMC");
        Sample::pages(&[&format!("BT /F 10 Tf (cpr ) Tj {span} (-4285) Tj ET")]).read().page().to_owned()
    }

    #[test]
    fn what_the_document_gives_for_glyphs_stands_for_them() {
        assert_eq!(marked("070761", "(xxxxxx) Tj"), "cpr 070761-4285");
        assert_eq!(marked("070761", "(xxx) Tj /Span<</ActualText(yyy)>>BDC (xxx) Tj EMC"), "cpr 070761-4285");
    }

    #[test]
    fn what_the_document_gives_hides_no_glyphs() {
        assert_eq!(marked("Tabel", "(070761 4285 070761) Tj"), "cpr 070761 4285 070761\nTabel\n-4285");
        assert_eq!(marked("et nummer", "(070761) Tj 0 -12 Td (4285) Tj"), "cpr 070761\n4285\net nummer\n-4285");
        assert_eq!(marked("", "(070761) Tj"), "cpr 070761-4285");
    }

    #[test]
    fn what_the_document_gives_for_a_drawing_is_read() {
        assert_eq!(marked("070761-4285", "ET 0 0 m 9 9 l S BT /F 10 Tf"), "cpr \n070761-4285\n-4285");
    }

    #[test]
    fn the_unit_of_a_type_3_font_does_not_matter() {
        for (matrix, size, width) in [("1 0 0 1", "0.2", 25), ("0.001 0 0 0.001", "10", 500)] {
            let mut sample = Sample::pages(&[&format!("BT /F {size} Tf [(070761)-1(4285)] TJ ET")]);
            let widths = format!("/FirstChar 48/LastChar 57/Widths[{}]", format!("{width} ").repeat(10));
            sample.set(3, &format!("<</Type/Font/Subtype/Type3/FontMatrix[{matrix} 0 0]{widths}/CharProcs<<>>>>"));
            assert_eq!(sample.read().page(), "0707614285");
        }
    }

    #[test]
    fn fonts_that_are_not_in_the_document_do_not_move_glyphs() {
        let widths = "/FirstChar 48/LastChar 57/Widths[900 900 900 900 900 900 900 900 900 900]";
        let wide = format!("/Subtype/TrueType/BaseFont/Ukendt{widths}");
        let sample = Sample::words("0707614285").with("/Subtype/Type1/BaseFont/Helvetica", &wide);
        assert_eq!(sample.read().page(), "0707614285");
    }
}
