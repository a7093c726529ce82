//! Broken and hostile files cost one record each, and nothing beside them is lost.
//!
//! `SPORHUND_HOSTILE=N` makes N broken variants of each fixture instead of a few, `SPORHUND_SEED=N` other ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bytes;
mod program;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::NUMBER;
use program::{Place, file, of_type};
use serde_json::Value;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Numbers that look random and are the same each time: xorshift64*, Vigna 2016.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let seed = std::env::var("SPORHUND_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1_u64);
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// From 0 up to `end`, without it.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .filter(|path| !path.to_str().unwrap().ends_with(".toml"))
        .collect();
    files.sort();
    files
}

/// All fixtures, documents and texts, by name.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path());
    let formats = folders.filter(|path| path.is_dir() && !path.ends_with("maker") && !path.ends_with("vectors"));
    let files = formats.flat_map(|folder| files_below(&folder));
    let mut fixtures: Vec<_> = files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap()))
        .filter(|(_, contents)| (1..1 << 20).contains(&contents.len()))
        .collect();
    fixtures.sort();
    fixtures
}

/// Cut, flipped, filled, spliced.
fn broken(contents: &[u8], other: &[u8], kind: usize, random: &mut Random) -> Vec<u8> {
    let mut bytes = contents.to_vec();
    match kind % 5 {
        0 => bytes.truncate(random.below(contents.len())),
        1 => {
            for _ in 0..=random.below(20) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
        2 => {
            let at = random.below(bytes.len());
            let end = (at + random.below(512)).min(bytes.len());
            bytes[at..end].fill([0, 0xff, b'<', b'9'][random.below(4)]);
        }
        3 => {
            let at = random.below(bytes.len());
            let from = random.below(other.len());
            bytes.truncate(at);
            bytes.extend(&other[from..]);
        }
        _ => {
            let at = random.below(bytes.len());
            bytes.drain(at..(at + 1 + random.below(64)).min(contents.len()));
        }
    }
    bytes
}

/// Scans the share with every file listed; asserts that each has its record and that none had to be stopped.
fn scan(place: &Place, more: &str) -> Vec<Value> {
    let lines = place.scan(&place.path("share"), &format!("--all-files {more}"));
    let found = files_below(&place.path("share")).len();
    assert_eq!(of_type(&lines, "file").len(), found);
    assert_eq!(lines.last().unwrap()["coverage"]["found"], found);
    lines
}

/// Files by what was not read of them.
fn problems(lines: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut problems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in of_type(lines, "file") {
        for problem in line["problems"].as_array().unwrap() {
            let files = problems.entry(problem["kind"].as_str().unwrap().to_owned()).or_default();
            files.push(line["path"].as_str().unwrap().to_owned());
        }
    }
    problems
}

#[test]
fn broken_fixtures_cost_a_record_each() {
    let variants = std::env::var("SPORHUND_HOSTILE").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let (fixtures, mut random, place) = (fixtures(), Random::new(), Place::new());
    for (i, (name, contents)) in fixtures.iter().enumerate() {
        for variant in 0..variants {
            let other = &fixtures[random.below(fixtures.len())].1;
            place.file(&format!("{i}/{variant}-{name}"), broken(contents, other, variant, &mut random));
        }
    }
    let problems = problems(&scan(&place, ""));
    for kind in ["timeout", "memory", "read error"] {
        assert_eq!(problems.get(kind), None, "{kind}");
    }
}

#[test]
fn what_lies_beside_broken_files_is_read_as_ever() {
    let (mut random, place, clean) = (Random::new(), Place::new(), Place::new());
    for (i, (name, contents)) in fixtures().iter().enumerate() {
        clean.file(&format!("{i}-{name}"), contents);
        place.file(&format!("{i}-{name}"), contents);
        place.file(&format!("{i}-b-{name}"), broken(contents, contents, i, &mut random));
    }
    // All but the id, which is of the place, and the times.
    let told = |line: &Value| -> Vec<Value> {
        ["path", "format", "outcome", "reason", "findings", "problems", "members"].map(|key| line[key].clone()).into()
    };
    let among = scan(&place, "--findings-per-file 0");
    for line in of_type(&scan(&clean, "--findings-per-file 0"), "file") {
        let name = line["path"].as_str().unwrap();
        assert_eq!(told(file(&among, name)), told(line));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn workers_find_what_the_program_itself_finds() {
    use std::sync::Arc;
    use std::time::Duration;

    use jiff::civil::Date;
    use sporhund::detect::Rules;
    use sporhund::format::Allowance;
    use sporhund::model::{Area, Key, Share};
    use sporhund::scan::{Isolation, Listing, Options, Silent, Workers};
    use sporhund::walk::OwnFiles;

    let scanned = |isolation: Isolation| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let share = Share { path, label: "fixtures".into(), area: Area::Shared, only: None };
        let options = Options {
            jobs: 2,
            full_speed: false,
            isolation,
            allowance: Allowance::default(),
            listing: Listing { findings_per_file: usize::MAX, min_weight: i32::MIN },
            all_files: true,
            as_of: Date::constant(2026, 9, 1),
            host: String::new(),
            own: OwnFiles::default(),
        };
        let (rules, key) = (Rules::built_in(), Key::new(&[7; 32]));
        let scanned = sporhund::scan::scan(&[share], &rules, &key, &options, &Silent, &Arc::default()).unwrap();
        let mut out = Vec::new();
        scanned.write(&mut out).unwrap();
        program::lines(&out)
    };
    let program = env!("CARGO_BIN_EXE_sporhund").into();
    let workers = Workers::new(program, 512 << 20, Duration::from_secs(60)).unwrap();
    let (there, here) = (scanned(Isolation::Workers(workers)), scanned(Isolation::InProcess));
    assert_eq!(there.len(), here.len());
    // The first and the last line have times.
    for (there, here) in there.iter().zip(&here).skip(1).take(here.len() - 2) {
        assert_eq!(there, here);
    }
}

/// A zip of members, deflated.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, contents) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A docx with this main part.
fn docx(document: &[u8]) -> Vec<u8> {
    zip(&[
        ("[Content_Types].xml", br#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#),
        ("_rels/.rels", br#"<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#),
        ("word/document.xml", document),
    ])
}

/// An xlsx whose only sheet is this.
fn xlsx(sheet: &[u8]) -> Vec<u8> {
    zip(&[
        ("[Content_Types].xml", br#"<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#),
        ("_rels/.rels", br#"<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Ark1" sheetId="1" r:id="s"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<Relationships><Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

/// An odf with this body.
fn odf(body: &str) -> Vec<u8> {
    let content = format!("<office:document-content><office:body>{body}");
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", content.as_bytes())])
}

/// A pptx whose only slide is this.
fn pptx(slide: &str) -> Vec<u8> {
    zip(&[
        (
            "ppt/presentation.xml",
            br#"<p:presentation xmlns:r="r"><p:sldIdLst><p:sldId id="256" r:id="s"/></p:sldIdLst></p:presentation>"#,
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            br#"<Relationships><Relationship Id="s" Type="x/slide" Target="slides/slide1.xml"/></Relationships>"#,
        ),
        ("ppt/slides/slide1.xml", slide.as_bytes()),
    ])
}

/// A pdf of these objects, the first of which is the catalog.
fn pdf(objects: &[&[u8]]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n", i + 1).as_bytes());
        pdf.extend(*object);
        pdf.extend(b"\nendobj\n");
    }
    let start = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    offsets.iter().for_each(|offset| pdf.extend(format!("{offset:010} 00000 n \n").as_bytes()));
    pdf.extend(format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).as_bytes());
    pdf
}

/// A pdf of one page with this content and these resources.
fn page(content: &[u8], resources: &str, more: &[&[u8]]) -> Vec<u8> {
    let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<{resources}>>>>");
    let stream = [format!("<</Length {}>>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat();
    let objects: [&[u8]; 4] =
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page.as_bytes(), &stream];
    pdf(&[&objects, more].concat())
}

fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(b"brevet".to_vec(), |inner, _| zip(&[("i.zip", &inner)]))
}

/// A stream of gzip that packs these bytes.
fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(contents).unwrap();
    packed.finish().unwrap()
}

/// A stream of bzip2 that packs these bytes.
fn bzip2(contents: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    packed.write_all(contents).unwrap();
    packed.finish().unwrap()
}

/// A tar of these members, which tells these sizes.
fn tar(members: &[(&str, &[u8], u64)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, contents, size) in members {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_size(*size);
        header.set_cksum();
        tar.extend(header.as_bytes());
        tar.extend(*contents);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar
}

/// The header of a long name of GNU tar that tells this size.
fn long_name(size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("././@LongLink").unwrap();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(size);
    header.set_cksum();
    [&header.as_bytes()[..], &[b'x'; 4096]].concat()
}

/// A stream of xz whose first block needs a dictionary of nearly 4 GiB.
fn xz_of_a_huge_dictionary() -> Vec<u8> {
    // Packed by `xz`: `hej`. The property of its filter is the size of the dictionary, a checksum follows.
    let mut block = b"\x02\x00\x21\x01\x28\x00\x00\x00".to_vec();
    block.extend(crc32(&block).to_le_bytes());
    let stream = b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46";
    [&stream[..], &block, b"\x01\x00\x03hej\n\0\0\0\0"].concat()
}

/// The checksum of ISO 3309.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    };
    !bytes.iter().fold(!0, step)
}

/// A message whose multiparts lie in each other, with a number in the outermost.
fn nested_multiparts(depth: usize) -> Vec<u8> {
    let mut mail = b"From: a\nTo: b\nSubject: Personen har CPR-nummer 070761-4285.\n".to_vec();
    for level in 0..depth {
        mail.extend(format!("Content-Type: multipart/mixed; boundary=b{level}\n\nhej\n--b{level}\n").bytes());
    }
    mail
}

/// Files that attack, each with a number beside what attacks where it can have one.
fn attacks() -> Vec<(&'static str, Vec<u8>)> {
    let endless = b"Kaere Karla. ".repeat(3 << 20);
    let long = &endless[..12 << 20];
    let deep = |open: &str, close: &str, depth: usize| [open.repeat(depth), close.repeat(depth)].concat().into_bytes();
    let laughs = r#"<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
        <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">]>"#;
    let body = |inner: &str| format!("<w:document><w:body>{inner}</w:body></w:document>").into_bytes();
    let paragraph = "<w:p><w:r><w:t>Personen har CPR-nummer 070761-4285.</w:t></w:r></w:p>";
    let rows = |cells: &str| {
        format!(r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData></worksheet>"#)
    };
    let number = "<table:table-cell><text:p>Personen har CPR-nummer 070761-4285.</text:p></table:table-cell>";
    let slide = "<a:p><a:r><a:t>Personen har CPR-nummer 070761-4285.</a:t></a:r></a:p>";
    let flate = |bytes: &[u8]| {
        let zip = zip(&[("a", bytes)]);
        // The deflated bytes of the one member: behind its local header and before the central one.
        let end = zip.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
        zip[31..end].to_vec()
    };
    let bomb = flate(&endless);
    let stream = |dictionary: &str, bytes: &[u8]| {
        [format!("<<{dictionary}/Length {}>>\nstream\n", bytes.len()).as_bytes(), bytes, b"\nendstream"].concat()
    };
    let adler = 1_u32.to_be_bytes();
    let zlib = [&[0x78, 0x9c], &bomb[..], &adler].concat();
    vec![
        ("bomb.zip", zip(&[("a.txt", NUMBER), ("b.txt", &endless), ("c.txt", NUMBER)])),
        ("bomb in a zip.zip", zip(&[("a.zip", &zip(&[("b.bin", &endless)])), ("c.txt", NUMBER)])),
        ("nested.zip", zip(&[("a.zip", &nested(60)), ("c.txt", NUMBER)])),
        ("laughs.docx", docx(&[laughs.as_bytes(), &body(&format!("<w:p><w:t>&f;</w:t></w:p>{paragraph}"))].concat())),
        ("deep.docx", docx(&body(&format!("{paragraph}{}", "<w:tbl><w:tr><w:tc>".repeat(200_000))))),
        ("wide.docx", docx(&body(&format!("<w:p {}>{paragraph}", "a=\"1\" ".repeat(1_000_000))))),
        ("huge attribute.docx", docx(&body(&format!("{paragraph}<w:p a=\"{}\">", "x".repeat(20 << 20))))),
        ("unclosed.docx", docx(&body(&format!("{paragraph}<w:p a=\"{}", "<".repeat(5 << 20))))),
        ("far cells.xlsx", xlsx(rows(r#"<row r="1048576"><c r="XFD1048576" t="str"><v>CPR 070761-4285</v></c></row><row r="4294967295"><c r="ZZZZZZ99999999999999999999"><v>1</v></c></row>"#).as_bytes())),
        ("many cells.xlsx", xlsx(rows(&"<row><c><v>1</v></c></row>".repeat(1_200_000)).as_bytes())),
        ("no strings.xlsx", xlsx(rows(r#"<row><c t="s"><v>4000000000</v></c></row>"#).as_bytes())),
        ("tree.pdf", pdf(&[b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R 1 0 R]/Count 9>>"])),
        ("count.pdf", pdf(&[b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 2147483647>>"])),
        ("deep.pdf", page(&deep("[", "]", 500_000), "", &[])),
        ("deep objects.pdf", pdf(&[b"<</Type/Catalog/Pages 2 0 R>>", &deep("<</A[", "]>>", 200_000)])),
        ("states.pdf", page(&b"q ".repeat(2_000_000), "", &[])),
        ("form in itself.pdf", page(b"/F Do", "/XObject<</F 5 0 R>>", &[&stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>", b"/F Do /F Do")])),
        ("bomb.pdf", page(b"/F Do", "/XObject<</F 5 0 R>>", &[&stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode", &zlib)])),
        ("filters.pdf", page(b"/F Do", "/XObject<</F 5 0 R>>", &[&stream(&format!("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter[{}]", "/FlateDecode".repeat(5000)), &zlib)])),
        ("loop.pdf", b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 9/Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF".to_vec()),
        ("deep.json", deep("[", "]", 2_000_000)),
        ("deep.html", [b"<html>", &deep("<div>", "</div>", 500_000)[..]].concat()),
        ("deep.xml", [b"<?xml version=\"1.0\"?>", &deep("<a>", "</a>", 1_000_000)[..]].concat()),
        ("laughs.xml", [b"<?xml version=\"1.0\"?>", laughs.as_bytes(), b"<w>&f;</w>"].concat()),
        ("deep.rtf", [b"{\\rtf1 ", &deep("{\\b ", "}", 1_000_000)[..]].concat()),
        ("groups.rtf", [b"{\\rtf1 Personen har CPR-nummer 070761-4285.\\par ".to_vec(), b"{".repeat(5 << 20)].concat()),
        ("tables.rtf", [b"{\\rtf1 Personen har CPR-nummer 070761-4285.\\par ".to_vec(), b"\\trowd\\itap99\\nestcell\\nestrow".repeat(100_000)].concat()),
        ("notes.rtf", [b"{\\rtf1 Personen har CPR-nummer 070761-4285.\\par ".to_vec(), b"{\\footnote x".repeat(200_000)].concat()),
        ("object.rtf", [b"{\\rtf1 Personen har CPR-nummer 070761-4285.\\par {\\object{\\*\\objdata ".to_vec(), b"ff".repeat(4 << 20), b"}}}".to_vec()].concat()),
        ("page.rtf", [b"{\\rtf1\\fromhtml1 Personen har CPR-nummer 070761-4285.\\par ".to_vec(), b"{\\*\\htmltag <table>}".repeat(200_000)].concat()),
        ("spans.html", [b"<html><p>Personen har CPR-nummer 070761-4285.</p><table>".to_vec(), b"<tr><td colspan=99999999 rowspan=99999999>".repeat(200_000)].concat()),
        ("unclosed.html", [b"<html><p>Personen har CPR-nummer 070761-4285.</p>".to_vec(), b"<a b=\"<!--".repeat(500_000)].concat()),
        ("attributes.html", format!("<html><p>Personen har CPR-nummer 070761-4285.</p><p {}>", "a=\"1\" ".repeat(1_000_000)).into_bytes()),
        ("scripts.html", [b"<html><p>Personen har CPR-nummer 070761-4285.</p>".to_vec(), b"<script></scrip".repeat(500_000)].concat()),
        ("ends.html", [b"<html><p>Personen har CPR-nummer 070761-4285.</p>".to_vec(), b"</td></tr></table></pre>".repeat(300_000)].concat()),
        ("attributes.xml", format!("<?xml version=\"1.0\"?><a><cpr>070761-4285</cpr><b {}/></a>", "c=\"1\" ".repeat(1_000_000)).into_bytes()),
        ("unclosed.xml", [b"<?xml version=\"1.0\"?><a><cpr>070761-4285</cpr>".to_vec(), b"<b c=\"<!--".repeat(500_000)].concat()),
        ("mixed.xml", [b"<?xml version=\"1.0\"?><a><cpr>070761-4285</cpr>\n x".to_vec(), b"<b>x".repeat(1_000_000)].concat()),
        ("far cells.xml", br#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row Index="4294967295"><Cell Index="4294967295" MergeAcross="4294967295"><Data>CPR 070761-4285</Data></Cell><Cell><Data>1</Data></Cell></Row><Row/></Table></Worksheet></Workbook>"#.to_vec()),
        ("repeated.ods", odf(&format!("<office:spreadsheet><table:table><table:table-row>{number}</table:table-row>{}</table:table></office:spreadsheet>", r#"<table:table-row table:number-rows-repeated="4294967295"><table:table-cell table:number-columns-repeated="4294967295"><text:p>1<text:s text:c="4294967295"/></text:p></table:table-cell></table:table-row>"#.repeat(10_000)))),
        ("deep.odt", odf(&format!("<office:text>{number}{}", "<text:p><draw:frame><draw:text-box><table:table><table:table-row><table:table-cell>".repeat(100_000)))),
        ("notes.odt", odf(&format!("<office:text>{number}{}", "<text:p><text:note><text:note-body>".repeat(100_000)))),
        ("deep.pptx", pptx(&format!("<p:sld>{slide}{}", "<a:tbl><a:tr><a:tc>".repeat(200_000)))),
        ("paragraphs.pptx", pptx(&format!("<p:sld>{slide}{}", "<a:p><a:t>x".repeat(200_000)))),
        ("bin.rtf", b"{\\rtf1\\bin4294967295 x\\bin-1 y}".to_vec()),
        ("quotes.csv", [b"a;b;c\n\"", &b"x;\"\"".repeat(3 << 20)[..]].concat()),
        ("columns.csv", [&b"navn;".repeat(2 << 20)[..], b"\n", &b"1;".repeat(2 << 20)].concat()),
        ("digits.txt", b"0123456789".repeat(2 << 20)),
        ("numbers.txt", b"070761-4285".repeat(1 << 20)),
        ("parts.eml", [b"From: a\nTo: b\nSubject: c\nContent-Type: multipart/mixed; boundary=x\n\n".to_vec(), b"--x\n\nhej\n".repeat(300_000)].concat()),
        ("bomb.gz", gzip(&[NUMBER, long].concat())),
        ("bomb in a bomb.gz", gzip(&gzip(long))),
        ("bomb.tar.gz", gzip(&tar(&[("a.txt", NUMBER, NUMBER.len() as u64), ("b.txt", long, long.len() as u64)]))),
        ("bomb.bz2", bzip2(&[NUMBER, long].concat())),
        ("dictionary.xz", xz_of_a_huge_dictionary()),
        ("dictionary.lzma", [&b"\x5d\0\0\0\x80"[..], &[0xff; 8], &[0; 64]].concat()),
        ("window.zst", [&b"\x28\xb5\x2f\xfd\x00\xb0"[..], &[0; 64]].concat()),
        ("size.tar", tar(&[("a.txt", NUMBER, NUMBER.len() as u64), ("b.txt", NUMBER, u64::MAX / 2)])),
        ("many.tar", tar(&vec![("a", &b""[..], 0); 20_000])),
        ("name.tar", [tar(&[("a.txt", NUMBER, NUMBER.len() as u64)]), long_name(u64::MAX / 2)].concat()),
        ("nothing.7z", [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &[0xff; 64]].concat()),
        ("multiparts.eml", nested_multiparts(10_000)),
        ("boundaries.eml", [b"From: a\nTo: b\n".to_vec(), format!("Content-Type: multipart/mixed; boundary={}\n\n", "x".repeat(60_000)).into_bytes(), b"--x\n".repeat(1 << 20)].concat()),
        ("header.eml", [b"From: a\nTo: b\nSubject: ".to_vec(), b"=?x?q?".repeat(1 << 20), b"\n\n".to_vec(), NUMBER.to_vec()].concat()),
        ("folded.eml", [b"From: a\nTo: b\nSubject: ".to_vec(), b"x\n ".repeat(1 << 20), b"\n\n".to_vec(), NUMBER.to_vec()].concat()),
        ("messages.mbox", b"From a 10:00 \nTo: b\n\nhej\n\n".repeat(5_000)),
        ("folded.ics", [b"BEGIN:VCALENDAR\nSUMMARY:".to_vec(), b"x\n ".repeat(1 << 20)].concat()),
        ("photo.vcf", [b"BEGIN:VCARD\nPHOTO;ENCODING=b:".to_vec(), b"QUJD".repeat(4 << 20), b"\nNOTE:".to_vec(), NUMBER.to_vec()].concat()),
        ("zeros.bin", [&vec![0; 20 << 20][..], NUMBER].concat()),
        ("wide.bin", b"a\0".repeat(5 << 20).into_iter().chain(*b"\x01\x02\x03\x04").collect()),
        ("nested.eml", [b"From: a\nTo: b\nSubject: c\n".to_vec(), b"Content-Type: message/rfc822\n\nFrom: a\nTo: b\n".repeat(100_000)].concat()),
    ]
}

/// Attacks on formats of markup that leave the number beside them to be found.
const MARKUP: &[&str] = &[
    "groups.rtf",
    "tables.rtf",
    "notes.rtf",
    "object.rtf",
    "page.rtf",
    "spans.html",
    "unclosed.html",
    "attributes.html",
    "scripts.html",
    "ends.html",
    "attributes.xml",
    "unclosed.xml",
    "mixed.xml",
    "far cells.xml",
    "repeated.ods",
    "deep.odt",
    "notes.odt",
    "deep.pptx",
    "paragraphs.pptx",
];

#[test]
fn attacks_cost_a_record_each() {
    let place = Place::new();
    let attacks = attacks();
    for (name, contents) in &attacks {
        place.file(name, contents);
    }
    let lines = scan(&place, "--max-expanded 8 --max-expansion 10 --max-seconds 60");
    let problems = problems(&lines);
    for kind in ["timeout", "memory"] {
        assert_eq!(problems.get(kind), None, "{kind}");
    }
    let reached = problems.get("too large").unwrap();
    let bombs =
        ["bomb.gz", "bomb in a bomb.gz", "bomb.tar.gz", "bomb.bz2", "dictionary.xz", "dictionary.lzma", "window.zst"];
    for bomb in ["bomb.zip", "bomb in a zip.zip", "nested.zip", "multiparts.eml"].into_iter().chain(bombs) {
        assert!(reached.iter().any(|path| path == bomb), "{bomb}: {}", file(&lines, bomb));
    }
    // What stands beside an attack is found.
    let beside = attacks.iter().filter(|(name, _)| name.ends_with("zip") || name.ends_with("docx"));
    let more = [
        "far cells.xlsx",
        "bomb.gz",
        "bomb.tar.gz",
        "bomb.bz2",
        "size.tar",
        "name.tar",
        "multiparts.eml",
        "header.eml",
        "folded.eml",
        "photo.vcf",
        "zeros.bin",
    ];
    for name in MARKUP.iter().copied().chain(beside.map(|(name, _)| *name)).chain(more) {
        assert_eq!(file(&lines, name)["subjects"], 1, "{}", file(&lines, name));
    }
}

#[test]
fn attacks_on_binary_formats_cost_a_record_each() {
    let place = Place::new();
    let attacks = [bytes::compound_attacks(), bytes::data_attacks(), bytes::picture_attacks()].concat();
    for (name, contents, _) in &attacks {
        place.file(name, contents);
    }
    let lines = scan(&place, "--max-expanded 8 --max-expansion 10 --max-seconds 60");
    let problems = problems(&lines);
    for kind in ["timeout", "memory"] {
        assert_eq!(problems.get(kind), None, "{kind}");
    }
    for (name, _, _) in attacks.iter().filter(|(_, _, is_found)| *is_found) {
        assert_eq!(file(&lines, name)["subjects"], 1, "{}", file(&lines, name));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_document_that_needs_more_memory_than_there_is_costs_itself() {
    let place = Place::new();
    let number = page(b"BT /F1 9 Tf (CPR 070761-4285) Tj ET", "", &[]);
    let long = [&number[..], &vec![0; 80 << 20]].concat();
    for i in 0..8 {
        place.file(&format!("{i}.pdf"), &number);
    }
    place.file("3 packed.zip", zip(&[("long.pdf", &long)]));
    for (name, bytes) in [("2 larger.pdf", 200 << 20), ("4 huge.pdf", 300 << 20)] {
        place.file(name, &number);
        std::fs::OpenOptions::new().write(true).open(place.path("share").join(name)).unwrap().set_len(bytes).unwrap();
    }
    let scanned = |jobs| {
        let mut lines = scan(&place, &format!("--max-memory 220 --jobs {jobs}"));
        lines.retain(|line| line["type"] == "file");
        lines
    };
    let lines = scanned(1);
    for (name, lost) in [("2 larger.pdf", true), ("3 packed.zip", false), ("4 huge.pdf", true), ("5.pdf", false)] {
        let file = file(&lines, name);
        let (subjects, reason) = if lost { (0, Value::from("memory")) } else { (1, Value::Null) };
        assert_eq!((&file["subjects"], &file["reason"]), (&Value::from(subjects), &reason), "{file}");
    }
    assert_eq!(lines, scanned(4));
}

// Another program cuts and lengthens the files all the while.
#[test]
fn files_that_change_while_they_are_read_cost_a_record_each() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let place = Place::new();
    let text = NUMBER.repeat(60_000);
    let cells = r#"<row><c t="str"><v>CPR 070761-4285</v></c></row>"#.repeat(50_000);
    let changing = [
        ("brev.txt", text.clone()),
        ("post.eml", [b"From: a\nTo: b\nSubject: c\n\n", &text[..]].concat()),
        ("ark.xlsx", xlsx(format!("<worksheet><sheetData>{cells}</sheetData></worksheet>").as_bytes())),
        ("arkiv.zip", zip(&[("a.txt", &text), ("b.txt", &text)])),
        ("side.pdf", page(&b"BT /F1 9 Tf (Personen) Tj ET ".repeat(50_000), "", &[])),
        ("tabel.csv", [b"navn;cpr\n", &b"Karla;070761-4285\n".repeat(100_000)[..]].concat()),
    ];
    for (name, contents) in &changing {
        place.file(name, contents);
    }
    place.file("still.txt", NUMBER);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for (name, contents) in &changing {
            let (path, done) = (place.path("share").join(name), &done);
            scope.spawn(move || {
                let mut random = Random::new();
                while !done.load(Ordering::Relaxed) {
                    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
                    file.set_len(random.below(2 * contents.len()) as u64).unwrap();
                    (&file).write_all(&contents[..random.below(contents.len())]).unwrap();
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
            });
        }
        for _ in 0..3 {
            let lines = scan(&place, "--max-seconds 60");
            let allowed = ["damaged", "changed while read", "unsupported format", "image without ocr", "encrypted"];
            for (kind, files) in problems(&lines) {
                assert!(allowed.contains(&kind.as_str()), "{kind}: {files:?}");
            }
            assert_eq!(file(&lines, "still.txt")["subjects"], 1);
        }
        done.store(true, Ordering::Relaxed);
    });
}
