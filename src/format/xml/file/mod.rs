//! Files of XML that programs exchange: the text of each element behind its name, which says what it is.
//!
//! Office documents that are written as one XML file are read as what they are.

mod element;
mod quiet;
mod sheet;

use super::super::{Format, Input, Output, Reading, Weight, docx, odf};
use super::Xml;

pub const FORMAT: Format = Format {
    name: "xml",
    version: 1,
    weight: Weight::Small,
    reads: "elements behind their names, attributes, comments, sections; Excel and Word 2003, flat packages and flat ODF as such",
    leaves: "files embedded in flat packages; entities of a document type stand as they are written",
    recognise,
    read,
};

fn recognise(input: &mut Input<'_>) -> bool {
    input.markup().is_some_and(|text| is_xml(text.trim_start()))
}

/// True when a text begins with a declaration, or with an element that ends or is in a namespace.
fn is_xml(text: &str) -> bool {
    if text.starts_with("<?xml") {
        return true;
    }
    let Some(rest) = text.strip_prefix('<') else { return false };
    if rest.starts_with("!--") || rest.starts_with("!DOCTYPE") {
        return rest.split_once('>').is_some_and(|(_, after)| after.contains("</"));
    }
    let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || "_-.:".contains(c));
    let tag = after.split('>').next().unwrap_or_default();
    let ends = |text: &str| text.match_indices("</").any(|(at, _)| text[at + 2..].starts_with(char::is_alphabetic));
    is_name && (ends(after) || tag.ends_with('/') || tag.contains("xmlns") || after.contains("/>"))
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let head = input.markup().unwrap_or_default().to_owned();
    let mut xml = Xml::new(input.reader());
    xml.keep_asides();
    let root = xml.root().unwrap_or_default().to_owned();
    let read = READERS.iter().find(|(element, namespace, _)| *element == root && head.contains(namespace));
    match read {
        Some((.., read)) => read(&mut xml, output),
        None => element::read(&mut xml, output),
    }
}

/// Reads a document from its beginning.
type Reader = fn(&mut Xml<'_>, &mut Output<'_>) -> Reading;

/// What is read by a reader of its own: the first element, a namespace, and the reader.
static READERS: &[(&str, &str, Reader)] = &[
    ("Workbook", "urn:schemas-microsoft-com:office:spreadsheet", sheet::read),
    ("wordDocument", "http://schemas.microsoft.com/office/word/2003/wordml", docx::read_flow),
    ("document", "urn:oasis:names:tc:opendocument:xmlns:office:1.0", odf::read_flat),
    ("package", "http://schemas.microsoft.com/office/2006/xmlPackage", docx::read_flow),
];

#[cfg(test)]
mod tests {
    use super::super::super::ooxml::sample::{Told, survives, told};
    use super::*;

    fn read(text: &str) -> Told {
        let told = told(text.as_bytes().to_vec());
        assert_eq!(told.format, "xml");
        told
    }

    fn lines(text: &str) -> Vec<String> {
        let told = read(text);
        assert_eq!(told.problems, Vec::<String>::new());
        told.lines
    }

    #[test]
    fn xml_is_told_by_its_beginning() {
        for text in
            ["<?xml version='1.0'?>", "<a><b/></a>", "<ns:a xmlns:ns='x'>", "<Faktura>1</Faktura>", "<!-- x --><a></a>"]
        {
            assert!(is_xml(text), "{text}");
        }
        for text in
            ["<Karla> hej", "<12>", "< a></a>", "<a", "", "a<b></b>", "<karla@x.dk> skrev </", "<Karla> hej </3"]
        {
            assert!(!is_xml(text), "{text}");
        }
    }

    #[test]
    fn each_element_stands_behind_its_name() {
        let text = "<?xml version='1.0'?>\n<Personer><Person><Cpr>0707614285</Cpr><Navn>Karla</Navn></Person>\n\
                    <Part cpr='0707614285' n='x'/><Nr>1</Nr><cpr:id>3</cpr:id><ns1:id>4</ns1:id><felt navn='Cpr'>\
                        2</felt></Personer>";
        assert_eq!(
            lines(text),
            [
                "line 2: Cpr: 0707614285",
                "line 2: Navn: Karla",
                "line 3: cpr: 0707614285\nn: x",
                "line 3: Personer Nr: 1",
                "line 3: cpr id: 3",
                "line 3: Personer id: 4",
                "line 3: felt Cpr: 2\nnavn: Cpr",
            ]
        );
    }

    #[test]
    fn an_element_may_say_what_the_next_one_is() {
        let text = "<plist><key>Cpr</key><string>0707614285</string><string>x</string><felt><navn>Cpr</navn><værdi>1</værdi>\
                    </felt><?nr 2?></plist>";
        assert_eq!(
            lines(text),
            [
                "line 1: key: Cpr",
                "line 1: Cpr: 0707614285",
                "line 1: plist string: x",
                "line 1: navn: Cpr",
                "line 1: Cpr: 1",
                "line 1: nr 2",
            ]
        );
    }

    #[test]
    fn markup_inside_of_text_joins() {
        let joined = ["line 1: sag: x 070761-4285 y"];
        assert_eq!(lines("<sag>x 0707<b>61-4285</b> y</sag>"), joined);
        assert_eq!(
            lines("<sag>x <em>07<i>07</i></em>61<![CDATA[-42]]>&#56;5<!-- z --> y</sag>"),
            ["line 1: sag: x 070761-4285 y\nz"]
        );
        assert_eq!(
            lines("<sag><x>0707</x><x>61</x>\n<x>4285</x></sag>"),
            ["line 1: x: 0707", "line 1: x: 61", "line 2: x: 4285"]
        );
    }

    #[test]
    fn what_is_broken_hides_nothing() {
        let told = read("<sag><b>1</b>2 < 3<c d='>070761-4285</c>");
        assert_eq!(told.problems, ["whole: Damaged"]);
        assert!(told.lines.iter().any(|line| line.contains("070761-4285")), "{:?}", told.lines);
        let told = read("<?xml?><sag><b>070761-4285");
        assert_eq!((told.lines, told.problems), (vec!["line 1: b: 070761-4285".into()], vec!["whole: Damaged".into()]));
    }

    #[test]
    fn entities_stand_as_they_are_written() {
        let laughs = "<!DOCTYPE sag [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]><sag>&c;</sag>";
        assert!(lines(laughs).contains(&"line 1: sag: &c;".to_owned()));
    }

    #[test]
    fn deep_and_wide_elements_cost_little() {
        assert_eq!(
            lines(&("<?xml?>".to_owned() + &"<sag>".repeat(100_000) + "x" + &"</sag>".repeat(100_000))),
            ["line 1: x"]
        );
        assert_eq!(lines(&format!("<?xml?><sag {}>x</sag>", "b='1' ".repeat(10_000))).len(), 1);
    }

    #[test]
    fn nothing_that_is_broken_ends_the_program() {
        let page = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a b='1' c=\"2\">x<b>y</b>&#48;<!-- z --><![CDATA[ø]]>\
                    <nr>1</nr><e/></a>";
        survives(FORMAT.read, page.as_bytes());
        let book = page.replace("<a ", "<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet' ");
        survives(FORMAT.read, book.replace("nr>", "Row><Cell Index='9'><Data>").as_bytes());
    }

    #[test]
    fn cells_of_a_workbook_stand_in_its_sheets() {
        let book = "<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet' xmlns:ss='x'>\
                    <DocumentProperties><Title>T</Title></DocumentProperties><Worksheet ss:Name='Ark1'><Table>\
                    <Row ss:Index='2'><Cell><Data ss:Type='String'>Navn</Data></Cell><Cell ss:Index='4' ss:MergeAcross='1'>\
                    <ss:Data xmlns='y'>07<B>07</B>61</ss:Data><Comment ss:Author='K'><ss:Data>C</ss:Data></Comment></Cell>\
                    <Cell/><Cell><Data ss:Type='Number'>4285</Data></Cell></Row></Table><WorksheetOptions><PageSetup>\
                    <Header x:Data='H'/></PageSetup></WorksheetOptions></Worksheet></Workbook>";
        let told = read(book);
        let shown = ["document property: T", "Ark1 › name: Ark1", "Ark1!A2: Navn", "Ark1!D2: 070761", "Ark1!G2: 4285"];
        assert_eq!(told.lines[..5], shown);
        assert_eq!(told.lines[5..], ["Ark1 › comment › D2: C", "Ark1 › header: H"]);
        assert_eq!(told.cells, [(1, 2, 1), (1, 2, 4), (1, 2, 7)]);
    }

    #[test]
    fn paragraphs_of_word_2003_are_read() {
        let document = "<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'><w:body><w:p><w:r>\
                        <w:t>0707</w:t></w:r><w:r><w:t>61-4285</w:t></w:r></w:p></w:body></w:wordDocument>";
        assert_eq!(lines(document), ["paragraph 1: 070761-4285"]);
    }
}
