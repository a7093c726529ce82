//! Broken and hostile files cost one record each, and nothing beside them is lost.
//!
//! `SPORHUND_HOSTILE=N` makes N broken variants of each fixture instead of a few, `SPORHUND_SEED=N` other ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod program;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

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
            isolation,
            allowance: Allowance::default(),
            listing: Listing { findings_per_file: usize::MAX, min_confidence: 0.0 },
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

const NUMBER: &[u8] = b"Personen har CPR-nummer 070761-4285.\n";

/// Files that attack, each with a number beside what attacks where it can have one.
fn attacks() -> Vec<(&'static str, Vec<u8>)> {
    let endless = b"Kaere Karla. ".repeat(3 << 20);
    let deep = |open: &str, close: &str, depth: usize| [open.repeat(depth), close.repeat(depth)].concat().into_bytes();
    let laughs = r#"<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
        <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">]>"#;
    let body = |inner: &str| format!("<w:document><w:body>{inner}</w:body></w:document>").into_bytes();
    let paragraph = "<w:p><w:r><w:t>Personen har CPR-nummer 070761-4285.</w:t></w:r></w:p>";
    let rows = |cells: &str| {
        format!(r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData></worksheet>"#)
    };
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
        ("bin.rtf", b"{\\rtf1\\bin4294967295 x\\bin-1 y}".to_vec()),
        ("quotes.csv", [b"a;b;c\n\"", &b"x;\"\"".repeat(3 << 20)[..]].concat()),
        ("columns.csv", [&b"navn;".repeat(2 << 20)[..], b"\n", &b"1;".repeat(2 << 20)].concat()),
        ("digits.txt", b"0123456789".repeat(2 << 20)),
        ("numbers.txt", b"070761-4285".repeat(1 << 20)),
        ("parts.eml", [b"From: a\nTo: b\nSubject: c\nContent-Type: multipart/mixed; boundary=x\n\n".to_vec(), b"--x\n\nhej\n".repeat(300_000)].concat()),
        ("nested.eml", [b"From: a\nTo: b\nSubject: c\n".to_vec(), b"Content-Type: message/rfc822\n\nFrom: a\nTo: b\n".repeat(100_000)].concat()),
    ]
}

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
    for bomb in ["bomb.zip", "bomb in a zip.zip", "nested.zip"] {
        assert!(reached.iter().any(|path| path == bomb), "{bomb}: {}", file(&lines, bomb));
    }
    // What stands beside an attack is found.
    let beside = attacks.iter().filter(|(name, _)| name.ends_with("zip") || name.ends_with("docx"));
    for name in beside.map(|(name, _)| *name).chain(["far cells.xlsx"]) {
        assert_eq!(file(&lines, name)["subjects"], 1, "{}", file(&lines, name));
    }
}
