//! Pages of the web, mails, and tables that journal systems export under other names.
//!
//! Read as browsers do: nothing that is written wrongly ends the reading. Markup parts what browsers show apart, and joins
//! what they show as one.

mod entity;
mod grid;
mod name;
mod page;
mod quiet;
mod tag;

use encoding_rs::Encoding;

use super::xml::window::Window;
use super::{Format, Input, Output, Reading, Weight};
use crate::model;
use page::Page;

pub const FORMAT: Format = Format {
    name: "html",
    version: 1,
    weight: Weight::Small,
    reads: "text with tables, references, attributes, comments, scripts, styles",
    leaves: "pictures and files in attributes",
    recognise,
    read,
};

/// Drawings: the text in them, read as that of a page.
pub const SVG: Format = Format {
    name: "svg",
    version: 1,
    weight: Weight::Small,
    reads: "text, titles, descriptions, comments",
    leaves: "pictures in attributes",
    recognise: |input| input.markup().and_then(first_in).is_some_and(|name| name == "svg"),
    read,
};

/// Bytes in which the encoding is looked for.
const META_BYTES: usize = 4096;

/// Elements that a page, or a piece of one, begins with.
const FIRST: &[&str] = &[
    "html", "head", "body", "title", "meta", "style", "script", "table", "tbody", "tr", "div", "p", "span", "font",
    "center", "h1", "h2", "h3", "h4", "ul", "ol", "form", "pre", "br", "b", "i", "a", "link", "base", "img",
    "frameset", "article", "section", "main",
];

fn recognise(input: &mut Input<'_>) -> bool {
    let Some(name) = input.markup().and_then(first_in) else { return false };
    // What is declared to be XML may call its elements as it likes.
    let declared = input.head().windows(5).take(64).any(|five| five == b"<?xml");
    name == "html" || (!declared && FIRST.contains(&name.as_str()))
}

/// The name of the first element in lower case, or that of the document type.
fn first_in(text: &str) -> Option<String> {
    let mut rest = text.trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?xml") => "?>",
            _ => break,
        };
        rest = rest.split_once(end)?.1.trim_start();
    }
    let rest = rest.strip_prefix('<')?;
    let rest = match rest.get(..8) {
        Some(kind) if kind.eq_ignore_ascii_case("!doctype") => rest[8..].trim_start(),
        _ => rest,
    };
    let name = rest.split(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).next()?;
    Some(name.to_ascii_lowercase())
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = encoding(input);
    Page::new(Window::in_encoding(input.reader(), encoding)).read(output)
}

/// Reads a page that lies in memory.
pub fn read_text(page: &str, output: &mut Output<'_>) -> Reading {
    Page::new(Window::in_encoding(Box::new(page.as_bytes()), encoding_rs::UTF_8)).read(output)
}

/// The encoding that the page names, else the one by its bytes. A byte order mark overrides it.
fn encoding(input: &mut Input<'_>) -> &'static Encoding {
    let told = match input.encoding() {
        Some(model::Encoding::Utf16Le) => return encoding_rs::UTF_16LE,
        Some(model::Encoding::Utf16Be) => return encoding_rs::UTF_16BE,
        Some(model::Encoding::Windows1252 | model::Encoding::Cp850) | None => encoding_rs::WINDOWS_1252,
        Some(model::Encoding::Utf8) => encoding_rs::UTF_8,
    };
    let head = input.head();
    match named(&head[..head.len().min(META_BYTES)]) {
        // Bytes that are no UTF-8 are in another encoding, whatever the page says.
        Some(named) if named == encoding_rs::UTF_8 => told,
        Some(named) => named,
        None => told,
    }
}

/// The encoding that a page names in a `<meta>` or in the declaration of XML.
fn named(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let after = |word: &str| head.split(word).skip(1).find_map(label);
    after("charset").or_else(|| head.starts_with("<?xml").then(|| after("encoding"))?)
}

fn label(after: &str) -> Option<&'static Encoding> {
    let value = after.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c)).unwrap_or(value.len());
    Encoding::for_label(&value.as_bytes()[..end]).map(Encoding::output_encoding)
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::{Told, survives, told};
    use super::*;

    fn read(page: &str) -> Told {
        let told = told(page.as_bytes().to_vec());
        assert_eq!((told.format, &*told.problems), ("html", &[][..]), "{page}");
        told
    }

    fn lines(page: &str) -> Vec<String> {
        read(page).lines
    }

    fn is_page(text: &str) -> bool {
        recognise(&mut Input::bytes(text.into()))
    }

    #[test]
    fn texts_of_a_drawing_stand_apart_and_their_pieces_join() {
        let svg = "<?xml version='1.0'?><svg><path d='M1 2'/><text x='1'>0707<tspan>61-4285</tspan></text><text>\
                   2</text>\
                   <text><tspan x='1' y='2'>3</tspan><tspan x='1' y='4'>5</tspan><tspan x='9'>6</tspan></text></svg>";
        let told = told(svg.as_bytes().to_vec());
        assert_eq!(told.format, "svg");
        assert_eq!(told.lines, ["line 1: 070761-4285", "line 1: 2", "line 1: 3", "line 1: 5 6"]);
    }

    #[test]
    fn pages_are_told_by_their_first_element() {
        for page in [
            "<!doctype HTML>",
            " <!-- x --> <HTML>",
            "<?xml version='1.0'?>\n<!DOCTYPE html><html>",
            "<table>",
            "<br/>x",
        ] {
            assert!(is_page(page), "{page}");
        }
        for text in ["<?xml version='1.0'?><Faktura>", "<Karla> hej", "1 < 2", "<!DOCTYPE sag>", "", "<!--"] {
            assert!(!is_page(text), "{text}");
        }
    }

    #[test]
    fn inline_markup_joins_and_blocks_part() {
        assert_eq!(lines("<p>0707<b>61</b>-<a href='#x'>42</a><!-- y -->85"), ["line 1: 070761-4285\n#x\n y"]);
        assert_eq!(lines("<div>0707<div>61-4285\n</div>\n<div>x"), ["line 1: 0707", "line 1: 61-4285", "line 3: x"]);
        assert_eq!(lines("<p>070761-4285<sup>1</sup><br>x &lt;y"), ["line 1: 070761-4285 1\nx <y"]);
    }

    #[test]
    fn nothing_that_is_broken_ends_the_program() {
        let page = "<!DOCTYPE html><meta charset=utf-8><table><tr><td rowspan=2 title='&#48;x'>æ&oslash;<td>\
                    b<tr><td>c</table>\
                    <script>d</script><input value='e'><!-- f --><?g?><svg><text><tspan x='1'>h</tspan></text></svg><pre> i";
        survives(FORMAT.read, page.as_bytes());
    }

    #[test]
    fn cells_stand_in_rows_and_columns_that_others_span() {
        let told =
            read("<table><tr><th rowspan=2>a<th colspan=2>b<th>c<tr><td>d<td>e<table><td>f</table>g<td>h</table>i");
        let shown: Vec<&str> = told.lines.iter().map(|line| line.split_once(": ").unwrap().1).collect();
        assert_eq!(shown, ["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
        let cells = [(1, 1, 1), (1, 1, 2), (1, 1, 4), (1, 2, 2), (1, 2, 3), (2, 1, 1), (1, 2, 3), (1, 2, 4)];
        assert_eq!(told.cells, cells);
    }

    #[test]
    fn forms_and_attributes_are_read() {
        let form = "<p>Cpr <input value='070761'>-<input value=4285><input type=hidden name=cpr value=1>\
                    <img alt=Karla                     src='data:x' style='width:7'><i data-nr=2></i>";
        assert_eq!(lines(form), ["line 1: Cpr 070761-4285\ncpr: 1\nKarla\nnr: 2"]);
    }

    #[test]
    fn scripts_and_styles_are_stretches_of_their_own() {
        let page = "<html>a<script>x('<b>1')</SCRIPT>b<style>\n.c{}</style >c";
        assert_eq!(lines(page), ["line 1: a", "line 1: x('<b>1')", "line 1: b", "line 1: \n.c{}", "line 2: c"]);
    }

    #[test]
    fn the_encoding_is_that_of_the_bytes_where_the_page_errs() {
        let latin = b"<html><meta charset=utf-8>B\xf8rn".to_vec();
        assert!(told(latin).lines[0].ends_with("Børn"));
        let greek = b"<html><meta http-equiv=x content='text/html; charset=iso-8859-7'>\xe1".to_vec();
        assert!(told(greek).lines[0].contains('α'));
        let utf16: Vec<u8> = "<html>Børn".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(utf16).lines, ["line 1: Børn"]);
    }

    #[test]
    fn nothing_that_is_written_wrongly_hides_what_follows() {
        assert_eq!(lines("<p>a <b title=\"x>070761-4285</b><p"), ["line 1: a 070761-4285<p\nx"]);
        assert_eq!(lines("<p don't>070761-4285<p isn't>b"), ["line 1: 070761-4285", "line 1: b"]);
        assert_eq!(lines("<p>1 < 2 </zz></table></td><!-- 070761-4285"), ["line 1: 1 < 2", "line 1: 070761-4285"]);
        assert_eq!(lines("<div>".repeat(100_000).as_str()), [""; 0]);
        assert_eq!(lines(&("<table><tr><td>".repeat(100_000) + "x")).len(), 1);
    }
}
