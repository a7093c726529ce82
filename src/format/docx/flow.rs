//! The flow of paragraphs and tables in one part of a document.

use super::super::ooxml::{Asides, Written};
use super::super::table::Tables;
use super::super::xml::{Event, Tag, Xml};
use super::super::{Output, Reading};
use crate::model::{Place, ProblemKind, TableCell};

/// Bytes of a paragraph that are held before they are handed on.
const PARAGRAPH_BYTES: usize = 64 * 1024;

/// Paragraphs that may stand in one another; more are read as one.
const DEPTH: usize = 1000;

/// What a person writes beside the text.
static WRITTEN: &[Written] = &[
    ("hyperlink", "tooltip", "hyperlink"),
    ("alias", "val", "content control"),
    ("listItem", "displayText", "content control"),
    ("listItem", "value", "content control"),
    ("helpText", "val", "form field"),
    ("statusText", "val", "form field"),
    ("listEntry", "val", "form field"),
    ("default", "val", "form field"),
];

/// Gives the text of a part, then what stands beside it: alternative texts, entries of forms.
///
/// Instructions of fields and deleted text stand on lines of their own after the paragraph, since what is shown before
/// and after them belongs together.
///
/// # Errors
/// As [`Xml::next`]; what stood before is given.
pub fn read(xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
    let mut flow = Flow::default();
    let reading = flow.read(xml, output);
    while flow.open > 0 {
        flow.end_paragraph(output)?;
    }
    flow.asides.give(output)?;
    reading
}

#[derive(Default)]
struct Flow {
    /// Paragraphs that began and did not end, outermost first, and after them buffers for more.
    paragraphs: Vec<Paragraph>,
    open: usize,
    /// Paragraphs that began.
    count: u32,
    tables: Tables,
    /// Where the text that was given last stood.
    last: Option<(u32, Option<TableCell>)>,
    /// What the characters that come next are.
    inside: Characters,
    /// Elements of text that was moved elsewhere.
    moved: u32,
    /// True among the settings of tabulators, which are no text.
    among_tabs: bool,
    asides: Asides,
}

#[derive(Default)]
struct Paragraph {
    number: u32,
    /// What is shown.
    text: String,
    /// Instructions and what was deleted.
    apart: String,
    /// True when what comes apart next does not belong to what came before it.
    parted: bool,
}

/// What characters are.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Characters {
    /// Numbers that lay something out, or white space.
    #[default]
    Nothing,
    /// Text that is shown.
    Shown,
    /// An instruction, or text that was deleted.
    Apart,
}

impl Flow {
    fn read(&mut self, xml: &mut Xml<'_>, output: &mut Output<'_>) -> Reading {
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => self.start(&tag, output)?,
                Event::Text(text) => self.characters(text, output)?,
                Event::End(name) => self.end(name, output)?,
                Event::Other => {}
            }
        }
        Ok(())
    }

    fn start(&mut self, tag: &Tag<'_>, output: &mut Output<'_>) -> Reading {
        match tag.name {
            "t" if self.moved == 0 => self.inside = Characters::Shown,
            "t" | "delText" | "instrText" | "delInstrText" => self.inside = Characters::Apart,
            "p" => self.start_paragraph(),
            "tab" | "ptab" if !self.among_tabs => self.show('\t'),
            "tabs" => self.among_tabs = true,
            "br" | "cr" => self.show('\n'),
            "noBreakHyphen" => self.show('-'),
            "softHyphen" => self.show('\u{ad}'),
            "sym" => symbol(tag).into_iter().for_each(|c| self.show(c)),
            "fldChar" => self.separate(),
            "fldSimple" => self.instruction(tag),
            "moveFrom" => self.moved += 1,
            "tbl" => self.tables.start_table(output),
            "tr" => self.tables.start_row(),
            "tc" => self.tables.start_cell(),
            "gridBefore" => self.tables.skip_columns(number(tag)),
            "gridSpan" => self.tables.skip_columns(number(tag).saturating_sub(1)),
            "txbxContent" => self.tables.start_text_box(),
            _ => self.keep_aside(tag),
        }
        Ok(())
    }

    fn end(&mut self, name: &str, output: &mut Output<'_>) -> Reading {
        match name {
            "t" | "delText" | "instrText" | "delInstrText" => self.inside = Characters::Nothing,
            "p" => self.end_paragraph(output)?,
            "tabs" => self.among_tabs = false,
            "moveFrom" => self.moved = self.moved.saturating_sub(1),
            "tbl" => self.tables.end_table(),
            "tc" | "txbxContent" => self.tables.end_block(),
            _ => {}
        }
        Ok(())
    }

    fn characters(&mut self, text: &str, output: &mut Output<'_>) -> Reading {
        if self.inside == Characters::Nothing {
            return Ok(());
        }
        if self.open == 0 {
            self.start_paragraph();
        }
        let paragraph = &mut self.paragraphs[self.open - 1];
        match self.inside {
            Characters::Nothing => {}
            Characters::Apart => paragraph.push_apart(text),
            Characters::Shown => {
                paragraph.text.push_str(text);
                paragraph.parted = true;
            }
        }
        if paragraph.text.len().max(paragraph.apart.len()) > PARAGRAPH_BYTES {
            self.give(output)?;
        }
        Ok(())
    }

    fn show(&mut self, c: char) {
        if let Some(paragraph) = self.paragraph() {
            paragraph.text.push(c);
            paragraph.parted = true;
        }
    }

    fn separate(&mut self) {
        if let Some(paragraph) = self.paragraph() {
            paragraph.parted = true;
        }
    }

    fn instruction(&mut self, tag: &Tag<'_>) {
        if let Some(paragraph) = self.paragraph() {
            paragraph.parted = true;
            paragraph.push_apart(&tag.attribute("instr").unwrap_or_default());
            paragraph.parted = true;
        }
    }

    fn paragraph(&mut self) -> Option<&mut Paragraph> {
        self.open.checked_sub(1).map(|last| &mut self.paragraphs[last])
    }

    fn start_paragraph(&mut self) {
        if self.open == DEPTH {
            return;
        }
        self.count += 1;
        if self.open == self.paragraphs.len() {
            self.paragraphs.push(Paragraph::default());
        }
        self.paragraphs[self.open].begin(self.count);
        self.open += 1;
    }

    fn end_paragraph(&mut self, output: &mut Output<'_>) -> Reading {
        self.give(output)?;
        self.open = self.open.saturating_sub(1);
        Ok(())
    }

    /// Hands on what the innermost paragraph holds so far.
    fn give(&mut self, output: &mut Output<'_>) -> Reading {
        self.give_shown(output)?;
        self.give_apart(output)
    }

    fn give_shown(&mut self, output: &mut Output<'_>) -> Reading {
        if self.paragraph().is_some_and(|paragraph| !paragraph.text.trim().is_empty()) {
            self.stand(output)?;
            let paragraph = &mut self.paragraphs[self.open - 1];
            output.push(&paragraph.text)?;
            paragraph.text.clear();
        }
        Ok(())
    }

    fn give_apart(&mut self, output: &mut Output<'_>) -> Reading {
        if self.paragraph().is_some_and(|paragraph| !paragraph.apart.is_empty()) {
            if !self.stand(output)? {
                output.push("\n")?;
            }
            let paragraph = &mut self.paragraphs[self.open - 1];
            output.push(&paragraph.apart)?;
            paragraph.apart.clear();
        }
        Ok(())
    }

    /// From here on the text stands in the innermost paragraph; false when it already did.
    ///
    /// The paragraphs of a cell stand at the first of them.
    fn stand(&mut self, output: &mut Output<'_>) -> Result<bool, ProblemKind> {
        let here = (self.paragraphs[self.open - 1].number, self.tables.cell());
        match (self.last.replace(here), here) {
            (Some(last), _) if last == here => return Ok(false),
            (Some((_, Some(last))), (_, Some(cell))) if last == cell => output.push("\n")?,
            (_, (number, Some(cell))) => output.cell(Place::Paragraph(number), cell)?,
            (_, (number, None)) => output.at(Place::Paragraph(number))?,
        }
        Ok(true)
    }

    fn keep_aside(&mut self, tag: &Tag<'_>) {
        let place = Place::Paragraph(self.count.max(1));
        self.asides.keep_picture(tag, place);
        self.asides.keep_written(tag, place, WRITTEN);
    }
}

impl Paragraph {
    fn begin(&mut self, number: u32) {
        self.number = number;
        self.text.clear();
        self.apart.clear();
        self.parted = true;
    }

    fn push_apart(&mut self, text: &str) {
        if std::mem::take(&mut self.parted) && !self.apart.is_empty() {
            self.apart.push('\n');
        }
        self.apart.push_str(text);
    }
}

/// The value of an element that holds one number; 0 when it is none.
fn number(tag: &Tag<'_>) -> u32 {
    tag.attribute("val").and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// The character of an element that names one. Fonts of symbols shift their characters to U+F000; those of pictures
/// have no text.
fn symbol(tag: &Tag<'_>) -> Option<char> {
    let code = u32::from_str_radix(&tag.attribute("char")?, 16).ok()?;
    let pictures = tag.attribute("font").is_some_and(|font| font.contains("dings"));
    match code {
        0xf020..=0xf0ff if pictures => None,
        0xf020..=0xf0ff => char::from_u32(code - 0xf000),
        _ => char::from_u32(code),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::{Told, package, told};

    /// What is read of a document with this body.
    fn read(body: &str) -> Told {
        let document = format!("<w:document xmlns:w='urn:w'><w:body>{body}</w:body></w:document>");
        let told = told(package(&[("word/document.xml", document.as_str())]));
        assert_eq!(told.problems, Vec::<String>::new(), "{body}");
        told
    }

    fn lines(body: &str) -> Vec<String> {
        read(body).lines
    }

    fn run(text: &str) -> String {
        format!("<w:r><w:rPr><w:b/></w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>")
    }

    fn paragraph(inner: &str) -> String {
        format!("<w:p>{inner}</w:p>")
    }

    #[test]
    fn a_number_split_over_runs_is_one_number() {
        for between in ["", "<w:proofErr/>", "<w:bookmarkStart w:id='1'/>", "<w:r><w:lastRenderedPageBreak/></w:r>"] {
            let body = paragraph(&[run("Cpr 0707"), run("61-"), run("4285")].join(between));
            assert_eq!(lines(&body), ["paragraph 1: Cpr 070761-4285"], "{between}");
        }
    }

    #[test]
    fn characters_that_are_elements_are_read() {
        let run = "<w:r><w:t>070761</w:t><w:noBreakHyphen/><w:t>42</w:t><w:sym w:font='Symbol' w:char='F038'/>\
                   <w:sym w:font='Wingdings' w:char='F035'/><w:sym w:char='0035'/><w:tab/><w:softHyphen/><w:br/></w:r>";
        let tabulators = "<w:pPr><w:tabs><w:tab w:pos='1'/></w:tabs></w:pPr>";
        assert_eq!(lines(&paragraph(&[tabulators, run].concat())), ["paragraph 1: 070761-4285\t\u{ad}"]);
    }

    #[test]
    fn cells_know_their_table_row_and_column() {
        let cell = |inner: &str| format!("<w:tc>{inner}</w:tc>");
        let text = |text: &str| cell(&paragraph(&run(text)));
        let nested = format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", text("nested"));
        let wide = format!("<w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>{}</w:tc>", paragraph(&run("wide")));
        let rows = [text("070761") + &text("4285"), wide + &cell(&(nested + &paragraph(&run("after"))))];
        let body: String = rows.iter().map(|row| format!("<w:tr>{row}</w:tr>")).collect();
        let told = read(&format!("<w:tbl>{body}</w:tbl>"));
        assert_eq!(
            told.lines,
            [
                "paragraph 1: 070761",
                "paragraph 2: 4285",
                "paragraph 3: wide",
                "paragraph 4: nested",
                "paragraph 5: after",
            ]
        );
        assert_eq!(told.cells, [(1, 1, 1), (1, 1, 2), (1, 2, 1), (2, 1, 1), (1, 2, 3)]);
    }

    #[test]
    fn paragraphs_of_a_cell_are_lines_of_it() {
        let cell = format!("<w:tc>{}{}</w:tc>", paragraph(&run("a")), paragraph(&run("b")));
        let body = format!("<w:tbl><w:tr>{cell}<w:tc>{}</w:tc></w:tr></w:tbl>", paragraph(&run("c")));
        assert_eq!(lines(&body), ["paragraph 1: a\nb", "paragraph 3: c"]);
    }

    #[test]
    fn a_text_box_does_not_part_the_paragraph_that_holds_it() {
        let text = format!("<w:txbxContent>{}</w:txbxContent>", paragraph(&run("in the box")));
        let shape = format!(
            "<w:r><mc:AlternateContent><mc:Choice>{text}</mc:Choice><mc:Fallback>{text}</mc:Fallback>\
             </mc:AlternateContent></w:r>"
        );
        assert_eq!(
            lines(&paragraph(&[run("070761-"), shape, run("4285")].concat())),
            ["paragraph 2: in the box", "paragraph 1: 070761-4285"]
        );
    }

    #[test]
    fn what_was_deleted_does_not_touch_what_is_shown() {
        let deleted = |text: &str| format!("<w:del><w:r><w:delText>{text}</w:delText></w:r></w:del>");
        let body = [run("Cpr 070761-42"), deleted("0707"), deleted("61-4285"), run("85"), deleted("x")].concat();
        assert_eq!(lines(&paragraph(&body)), ["paragraph 1: Cpr 070761-4285\n070761-4285\nx"]);
        let moved = format!("<w:moveFrom>{}</w:moveFrom>", run("9"));
        assert_eq!(lines(&paragraph(&[run("1"), moved, run("2")].concat())), ["paragraph 1: 12\n9"]);
    }

    #[test]
    fn instructions_stand_apart_from_the_results_of_fields() {
        let mark = "<w:r><w:fldChar/></w:r>";
        let instruction = "<w:r><w:instrText> MERGEFIELD lbnr </w:instrText></w:r>";
        let body = [&run("070761-"), mark, instruction, mark, &run("4285"), mark].concat();
        assert_eq!(lines(&paragraph(&body)), ["paragraph 1: 070761-4285\n MERGEFIELD lbnr "]);
        let simple = format!("<w:fldSimple w:instr='QUOTE &quot;1&quot;'>{}</w:fldSimple>", run("2"));
        assert_eq!(lines(&paragraph(&simple)), ["paragraph 1: 2\nQUOTE \"1\""]);
    }

    #[test]
    fn what_is_said_of_pictures_and_forms_is_given_once() {
        let picture = "<w:r><wp:docPr name='Billede 1' descr='Karla'/><pic:cNvPr name='b.jpg' descr='Karla'/></w:r>";
        let form = "<w:r><w:ffData><w:helpText w:val='Skriv cpr'/></w:ffData></w:r>";
        assert_eq!(
            lines(&paragraph(&[picture, form, &run("x")].concat())),
            [
                "paragraph 1: x",
                "alternative text › paragraph 1: Karla",
                "alternative text › paragraph 1: b.jpg",
                "form field › paragraph 1: Skriv cpr",
            ]
        );
    }

    #[test]
    fn what_stood_before_a_break_is_given() {
        let document = "<w:document><w:body><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>070761-4285";
        let told = told(package(&[("word/document.xml", document), ("word/footer1.xml", "<w:ftr><w:p")]));
        assert_eq!(told.lines, ["paragraph 1: a", "paragraph 2: 070761-4285"]);
        assert_eq!(told.problems, ["whole: Damaged", "footer: Damaged"]);
    }

    #[test]
    fn paragraphs_without_end_do_not_fill_the_memory() {
        let body = "<w:p>".repeat(100_000) + &run("x");
        assert_eq!(lines(&body), ["paragraph 1000: x"]);
    }

    #[test]
    fn a_long_paragraph_is_given_in_pieces_that_join() {
        let body = paragraph(&[run(&"x".repeat(70_000)), run("070761-"), run("4285")].concat());
        assert!(lines(&body).last().unwrap().ends_with("xxx070761-4285"));
    }
}
