//! Files of binary formats, made byte by byte so that each can lie about itself.

use std::io::Write;

pub const NUMBER: &[u8] = b"Personen har CPR-nummer 070761-4285.\n";

/// Says that a chain ends, that nothing is linked.
const END: u32 = 0xffff_fffe;
const NOTHING: u32 = 0xffff_ffff;

/// Bytes of a sector of a compound file.
const SECTOR: usize = 512;

/// A compound file whose root holds these streams, with what its tables say.
pub struct Compound {
    sectors: Vec<u8>,
    /// Which sector follows which.
    pub next: Vec<u32>,
    /// The entries of the directory: of the root and of each stream.
    pub entries: Vec<Vec<u8>>,
    /// Where each stream begins.
    pub firsts: Vec<u32>,
}

impl Compound {
    pub fn new(streams: &[(&str, &[u8])]) -> Self {
        let mut compound = Self { sectors: Vec::new(), next: Vec::new(), entries: Vec::new(), firsts: Vec::new() };
        let child = if streams.is_empty() { NOTHING } else { 1 };
        compound.entries.push(entry("Root Entry", 5, [NOTHING, NOTHING, child], END, 0));
        for (i, (name, contents)) in streams.iter().enumerate() {
            let right = if i + 1 < streams.len() { i as u32 + 2 } else { NOTHING };
            let first = compound.append(contents);
            compound.firsts.push(first);
            compound.entries.push(entry(name, 2, [NOTHING, right, NOTHING], first, contents.len() as u32));
        }
        compound
    }

    /// Appends sectors and gives the first.
    fn append(&mut self, contents: &[u8]) -> u32 {
        let first = self.next.len() as u32;
        let count = contents.len().div_ceil(SECTOR).max(1) as u32;
        self.next.extend((1..count).map(|i| first + i).chain([END]));
        self.sectors.extend(contents);
        self.sectors.resize(self.next.len() * SECTOR, 0);
        first
    }

    /// Lets the chain of a stream begin anew at its end, and the stream be as long as a number can tell.
    pub fn circle(mut self, stream: usize) -> Self {
        let first = self.firsts[stream];
        let last = (first as usize..).find(|&at| self.next[at] == END).unwrap();
        self.next[last] = first;
        self.entries[stream + 1][120..124].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
        self
    }

    /// The file; of its directory the chain runs in a circle if asked for.
    pub fn file(mut self, directory_in_a_circle: bool) -> Vec<u8> {
        let directory = self.entries.concat();
        let first = self.append(&directory);
        if directory_in_a_circle {
            *self.next.last_mut().unwrap() = first;
        }
        let tables = (0..).find(|tables| (self.next.len() + tables).div_ceil(SECTOR / 4) <= *tables).unwrap();
        assert!(tables <= 109);
        let table_at = self.next.len() as u32;
        self.next.extend(std::iter::repeat_n(0xffff_fffd, tables));
        self.next.resize(tables * SECTOR / 4, NOTHING);
        let mut file = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        file.resize(24, 0);
        file.extend([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
        file.resize(44, 0);
        // Where the directory is; no stream is small.
        let table = (0..109).map(|i| if i < tables as u32 { table_at + i } else { NOTHING });
        file.extend([tables as u32, first, 0, 0, END, 0, END, 0].into_iter().chain(table).flat_map(u32::to_le_bytes));
        file.extend(self.sectors);
        file.extend(self.next.iter().flat_map(|next| next.to_le_bytes()));
        file
    }
}

/// An entry of a directory: its kind, its neighbours and its child, where it begins and how long it is.
fn entry(name: &str, kind: u8, links: [u32; 3], first: u32, bytes: u32) -> Vec<u8> {
    let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = entry.len() as u16 + 2;
    entry.resize(64, 0);
    entry.extend(length.to_le_bytes());
    entry.extend([kind, 1]);
    entry.extend(links.into_iter().flat_map(u32::to_le_bytes));
    entry.resize(116, 0);
    entry.extend([first, bytes, 0].into_iter().flat_map(u32::to_le_bytes));
    entry
}

/// A compound file of streams.
pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    Compound::new(streams).file(false)
}

/// A record of a workbook.
pub fn xls_record(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), &(body.len() as u16).to_le_bytes(), body].concat()
}

/// The records of a workbook that tells `sheets` sheets at the place of the only one there is, which begins with a number
/// and goes on with `rest`.
pub fn xls_stream(sheets: usize, rest: &[u8]) -> Vec<u8> {
    let begin = |kind: u8| xls_record(0x809, &[0, 6, kind, 0, 0, 0, 0, 0]);
    let sheet_name = |at: usize| xls_record(0x85, &[&(at as u32).to_le_bytes()[..], &[0, 0, 4, 0], b"Ark1"].concat());
    let at = begin(5).len() + sheets * sheet_name(0).len() + 4;
    let text = [&[0; 6][..], &(NUMBER.len() as u16).to_le_bytes(), &[0], NUMBER].concat();
    let end = xls_record(0x0a, &[]);
    [begin(5), sheet_name(at).repeat(sheets), end.clone(), begin(0x10), xls_record(0x204, &text), rest.to_vec(), end]
        .concat()
}

/// A record of a presentation; one that holds others if asked for.
pub fn ppt_record(kind: u16, holds: bool, length: u32, body: &[u8]) -> Vec<u8> {
    let head: u16 = if holds { 15 } else { 0 };
    [&head.to_le_bytes()[..], &kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
}

/// The records of a presentation with a slide that holds the number and then `rest`, and these records after it.
pub fn ppt_stream(rest: &[u8], after: &[u8]) -> Vec<u8> {
    let whole = |kind, holds, body: &[u8]| ppt_record(kind, holds, body.len() as u32, body);
    let slide = whole(1006, true, &[whole(4008, false, NUMBER), rest.to_vec()].concat());
    [whole(1000, true, &[]), slide, after.to_vec()].concat()
}

/// A database of pages of 512 bytes, the first of which lists one table whose tree begins at the second.
pub fn sqlite(pages: &[Vec<u8>]) -> Vec<u8> {
    let mut first = b"SQLite format 3\0\x02\x00\x01\x01\x00\x40\x20\x20".to_vec();
    first.resize(100, 0);
    let values: [&[u8]; 3] = [b"table", b"t", b"t"];
    let sql = b"CREATE TABLE t (navn TEXT)";
    let types = [23, 15, 15, 1, 13 + 2 * sql.len() as u8];
    let record = [&[6][..], &types, &values.concat(), &[2], sql].concat();
    let first = sqlite_leaf(first, &[record]);
    [&[first], pages]
        .concat()
        .into_iter()
        .flat_map(|mut page| {
            page.resize(512, 0);
            page
        })
        .collect()
}

/// A page with these rows, behind what it begins with.
pub fn sqlite_leaf(mut page: Vec<u8>, rows: &[Vec<u8>]) -> Vec<u8> {
    page.extend([13, 0, 0, 0, rows.len() as u8, 0, 0, 0]);
    let mut at = page.len() + 2 * rows.len();
    let mut cells = Vec::new();
    for (row, number) in rows.iter().zip(1_u8..) {
        page.extend((at as u16).to_be_bytes());
        let cell = [&[row.len() as u8, number][..], row].concat();
        at += cell.len();
        cells.extend(cell);
    }
    [page, cells].concat()
}

/// The row of a table with this text.
pub fn sqlite_row(text: &[u8]) -> Vec<u8> {
    [&[2, 13 + 2 * text.len() as u8][..], text].concat()
}

/// A page of a tree whose pages below are these.
pub fn sqlite_inner(below: &[u32]) -> Vec<u8> {
    let (last, rest) = below.split_last().unwrap();
    let mut page = vec![5, 0, 0, 0, rest.len() as u8, 0, 0, 0];
    page.extend(last.to_be_bytes());
    let first = page.len() + 2 * rest.len();
    page.extend((0..rest.len()).flat_map(|i| ((first + 5 * i) as u16).to_be_bytes()));
    page.extend(rest.iter().flat_map(|page| [&page.to_be_bytes()[..], &[1]].concat()));
    page
}

/// A TIFF with one folder of these entries: tag, kind, count and value; the number is its description.
pub fn tiff(entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
    let number_at = 8 + 2 + 12 * (entries.len() as u32 + 1) + 4;
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend((entries.len() as u16 + 1).to_le_bytes());
    for (tag, kind, count, value) in [(0x010e, 2, NUMBER.len() as u32, number_at)].iter().chain(entries) {
        tiff.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        tiff.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    }
    tiff.extend(next.to_le_bytes());
    tiff.extend(NUMBER);
    tiff
}

/// A JPEG of these segments.
pub fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut jpeg = b"\xff\xd8".to_vec();
    for (kind, contents) in segments {
        jpeg.extend([0xff, *kind]);
        jpeg.extend((contents.len() as u16 + 2).to_be_bytes());
        jpeg.extend(*contents);
    }
    [jpeg, b"\xff\xda".to_vec()].concat()
}

/// A PNG of these chunks.
pub fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, contents) in chunks {
        png.extend((contents.len() as u32).to_be_bytes());
        png.extend([&kind[..], contents, &[0; 4]].concat());
    }
    png
}

/// What zlib packs of some bytes.
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// What deflate packs of some bytes.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The preamble of DICOM and how its elements are written.
pub fn dicom(syntax: &[u8], elements: &[u8]) -> Vec<u8> {
    let head = [b"\x02\0\x10\0UI".to_vec(), (syntax.len() as u16).to_le_bytes().to_vec(), syntax.to_vec()].concat();
    [vec![0; 128], b"DICM".to_vec(), head, elements.to_vec()].concat()
}

/// An element of DICOM: a comment about the patient.
pub fn dicom_comment(text: &[u8]) -> Vec<u8> {
    [b"\x10\0\x00\x40LT".to_vec(), (text.len() as u16).to_le_bytes().to_vec(), text.to_vec()].concat()
}

/// An attribute of TNEF that tells this length.
pub fn tnef_attribute(id: u32, length: u32, data: &[u8]) -> Vec<u8> {
    [&[1][..], &id.to_le_bytes(), &length.to_le_bytes(), data, &[0, 0]].concat()
}

/// TNEF of these attributes behind one with the number.
pub fn tnef(attributes: &[u8]) -> Vec<u8> {
    let number = tnef_attribute(0x0002_800c, NUMBER.len() as u32, NUMBER);
    [b"\x78\x9f\x3e\x22\x01\0".to_vec(), number, attributes.to_vec()].concat()
}

/// What is signed, in pieces of an octet string.
pub fn signed(pieces: &[u8]) -> Vec<u8> {
    let oid = |kind: u8| [&b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"[..], &[kind]].concat();
    let head = [&b"\x30\x80"[..], &oid(2), b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80", &oid(1)].concat();
    [&head, &b"\xa0\x80\x24\x80"[..], pieces].concat()
}

/// A table of dBase with these fields, of `records` records.
pub fn dbf(fields: &[(&str, u8)], records: u32, rows: &[u8]) -> Vec<u8> {
    let start = 32 + 32 * fields.len() as u16 + 1;
    let record = 1 + fields.iter().map(|(_, length)| u16::from(*length)).sum::<u16>();
    let mut dbf = vec![3, 118, 7, 21];
    dbf.extend(records.to_le_bytes());
    dbf.extend([start.to_le_bytes(), record.to_le_bytes()].concat());
    dbf.resize(32, 0);
    for (name, length) in fields {
        let mut field = name.as_bytes().to_vec();
        field.resize(11, 0);
        field.extend([b'C', 0, 0, 0, 0, *length]);
        field.resize(32, 0);
        dbf.extend(field);
    }
    [dbf, vec![b'\r'], rows.to_vec()].concat()
}

/// Numbers of four bytes in a row.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// An attack: its name, its bytes, and whether the number in it must be found.
pub type Attack = (&'static str, Vec<u8>, bool);

/// Attacks on compound files and what is written in them.
pub fn compound_attacks() -> Vec<Attack> {
    let number = NUMBER.repeat(20);
    let many: Vec<(String, &[u8])> = (0..9_000).map(|i| (format!("s{i}"), &b"\x01\x02"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, contents)| (name.as_str(), *contents)).collect();
    let mut same = Compound::new(&[&[("a", &number[..])], &many[..]].concat());
    let long = same.firsts[1];
    for entry in &mut same.entries[2..] {
        // All begin in one chain that is as long as they are many.
        entry[116..124].copy_from_slice(&words(&[long, 1]));
    }
    same.next[long as usize..].iter_mut().zip(long + 1..).for_each(|(next, after)| *next = after);
    let mut tree = Compound::new(&[("a", &number), ("b", &number), ("c", &number)]);
    tree.entries[1][68..80].copy_from_slice(&words(&[1, 0, 2]));
    tree.entries[3][68..80].copy_from_slice(&words(&[3, 2, 99]));
    let workbook = |stream: &[u8]| compound(&[("Workbook", stream)]);
    let slides = |stream: &[u8]| compound(&[("PowerPoint Document", stream)]);
    let shared = xls_record(0xfc, &[&words(&[u32::MAX, u32::MAX])[..], &[255, 255, 0]].concat());
    let nested: Vec<u8> = (0..300_000_u32).flat_map(|_| ppt_record(1036, true, 0x0fff_ffff, b"")).collect();
    // Directories that name the same place again and again, and edits that stand in a circle.
    let directory: Vec<u32> = (0..200_000).map(|i| if i % 4096 == 0 { 0xfff0_0000 } else { 44 }).collect();
    let directory = ppt_record(6002, false, 800_000, &words(&directory));
    let edit = ppt_record(4085, false, 24, &words(&[0, 0, 0xffff_fff0, 8, 1, 1]));
    vec![
        ("circle.ole", Compound::new(&[("a", &number), ("b", &b"hej\0 ".repeat(9000))]).circle(1).file(false), true),
        ("circle of a directory.ole", Compound::new(&[("a", &number), ("b", b"hej")]).file(true), true),
        ("one chain.ole", same.file(false), true),
        ("circle of links.ole", tree.file(false), true),
        (
            "circle.doc",
            Compound::new(&[("WordDocument", &b"\xec\xa5\xc1\0".repeat(300)), ("1Table", &[2; 900])])
                .circle(0)
                .file(false),
            false,
        ),
        ("circle.xls", Compound::new(&[("Workbook", &xls_stream(1, &[]))]).circle(0).file(false), true),
        ("circle.ppt", Compound::new(&[("PowerPoint Document", &ppt_stream(&[], &[]))]).circle(0).file(false), true),
        ("sheets.xls", workbook(&xls_stream(30_000, &xls_record(0x201, &[0; 6]).repeat(100_000))), true),
        ("continued.xls", workbook(&xls_stream(1, &xls_record(0x3c, &[]).repeat(1_000_000))), true),
        ("beginnings.xls", workbook(&xls_stream(1, &xls_record(0x809, &[0, 6, 0x10, 0]).repeat(300_000))), true),
        ("strings.xls", workbook(&xls_stream(1, &[shared, xls_record(0x3c, &[255; 8000]).repeat(500)].concat())), true),
        ("rows.xls", workbook(&xls_stream(1, &xls_record(0xbe, &[255; 8000]).repeat(500))), true),
        ("deep.ppt", slides(&ppt_stream(&[], &nested)), true),
        ("deep slide.ppt", slides(&ppt_stream(&nested, &[])), true),
        ("directories.ppt", slides(&ppt_stream(&[], &[directory, edit].concat().repeat(8))), true),
        ("records.ppt", slides(&ppt_stream(&ppt_record(4008, false, 0, b"").repeat(500_000), &[])), true),
    ]
}

/// Attacks on databases, tables and messages.
pub fn data_attacks() -> Vec<Attack> {
    let leaf = sqlite_leaf(Vec::new(), &[sqlite_row(NUMBER)]);
    let inner: Vec<Vec<u8>> =
        (0..4000_u32).map(|i| sqlite_inner(&[i + 3, 2, 3, i / 2 + 2, 99_999, 0].repeat(9))).collect();
    // A row that begins in the page of a leaf and goes on in pages that lead to each other.
    let mut long = sqlite_leaf(Vec::new(), &[]);
    long[4] = 40;
    long.extend(std::iter::repeat_n(300_u16.to_be_bytes(), 40).flatten());
    long.resize(300, 0);
    long.extend([0x8f, 0xff, 0xff, 0x7f, 1]);
    let next = long.len() + 39 + (0x1ff_ffff - 39) % 508;
    let next = if next < 505 { next } else { 344 };
    long.resize(next, 1);
    long.extend(4_u32.to_be_bytes());
    let rows = [b" ", NUMBER].concat();
    let fields: Vec<(&str, u8)> = vec![("CPR", 37); 1];
    let narrow: Vec<(&str, u8)> = vec![("A", 1); 2000];
    let insert = b"INSERT INTO t (navn) VALUES ('Personen har CPR-nummer 070761-4285.');\n";
    let hl7 = |rest: &[u8]| [b"MSH|^~\\&|EPJ|A\rPID|1||0707614285^^^CPR\r", rest].concat();
    let edifact = |rest: &[u8]| [b"UNA:+.? 'UNB+UNOC:3+a+b'RFF+CPR:0707614285'", rest].concat();
    vec![
        ("circle.sqlite", sqlite(&[&[sqlite_inner(&[3, 2, 4, 1, 3, 9])], std::slice::from_ref(&leaf), &inner[..]].concat()), true),
        ("overflow.sqlite", sqlite(&[sqlite_inner(&[4, 3]), leaf, long, 4_u32.to_be_bytes().to_vec()]), true),
        ("records.dbf", dbf(&fields, u32::MAX, &rows), true),
        ("fields.dbf", dbf(&narrow, u32::MAX, &vec![b'7'; 1 << 20]), false),
        ("length.tnef", tnef(&tnef_attribute(0x0006_9003, u32::MAX, &[0xff; 99])), true),
        ("counts.tnef", tnef(&tnef_attribute(0x0006_9003, 100_000, &[&words(&[u32::MAX])[..], &[0x1f, 0x10, 0, 0x10], &words(&[u32::MAX]), &[0; 99_988]].concat())), true),
        ("attachments.tnef", tnef(&tnef_attribute(0x0006_9002, 0, b"").repeat(200_000)), true),
        ("pieces.p7m", signed(&[[&b"\x04\x25"[..], NUMBER].concat(), b"\x04\x00".repeat(900_000)].concat()), true),
        ("lengths.p7m", signed(&b"\x24\x80".repeat(900_000)), false),
        ("fields.hl7", hl7(&[b"PID|".to_vec(), b"1^".repeat(1 << 18), b"\rPID".to_vec(), b"|".repeat(1 << 18)].concat()), true),
        ("segments.hl7", hl7(&b"PID\r".repeat(500_000)), true),
        ("escapes.hl7", hl7(&[b"PID|5|".to_vec(), b"\\E\\".repeat(1 << 18)].concat()), true),
        ("segment.edi", edifact(&b"?".repeat(6 << 20)), true),
        ("elements.edi", edifact(&b"+:".repeat(1 << 19)), true),
        ("deep.ics", [b"BEGIN:VCALENDAR\nSUMMARY:CPR 070761-4285\n".to_vec(), b"BEGIN:VEVENT\n".repeat(300_000)].concat(), true),
        ("keys.json", [b"{\"a\":\"CPR 070761-4285\"".to_vec(), (0..100_000).flat_map(|i| format!(",\"k{i}\":1").into_bytes()).collect()].concat(), true),
        ("deep.ndjson", [b"{\"a\":\"CPR 070761-4285\"}\n".to_vec(), b"{\"a\":[".repeat(200_000)].concat(), true),
        ("string.json", [b"[\"CPR 070761-4285\",\"".to_vec(), b"\\u00e6".repeat(1 << 19)].concat(), true),
        ("lists.json", [b"[\"CPR 070761-4285\",".to_vec(), b"[1],{},".repeat(1 << 18)].concat(), true),
        ("value.sql", [&insert[..], b"INSERT INTO t VALUES ('", &b"x''".repeat(1 << 20)].concat(), true),
        ("statements.sql", [&insert[..], &b"INSERT INTO t (a,b) VALUES (\n".repeat(100_000)].concat(), true),
        ("columns.sql", [&insert[..], b"CREATE TABLE u (", &b"a int,".repeat(1 << 18), b");\nINSERT INTO u VALUES (", &b"1,".repeat(1 << 18)].concat(), true),
        ("tables.sql", [insert.to_vec(), (0..50_000).flat_map(|i| format!("INSERT INTO t{i} (a) VALUES (1);\n").into_bytes()).collect()].concat(), true),
        ("comments.sql", [&insert[..], b"INSERT INTO t ", &b"/*".repeat(1 << 19)].concat(), true),
        ("far.slk", [b"ID;PWXL\nC;Y1;X1;K\"CPR 070761-4285\"\n".to_vec(), b"C;Y4294967295;X4294967295;K1\nC;Y99999999999999999999;K2\n".repeat(99_000)].concat(), true),
        ("vectors.dif", b"TABLE\n0,1\n\"\"\nVECTORS\n0,4294967295\n\"\"\nTUPLES\n0,4294967295\n\"\"\nDATA\n0,0\n\"\"\n-1,0\nBOT\n1,0\n\"CPR 070761-4285\"\n-1,0\nBOT\n".to_vec(), true),
        ("fixed.txt", [b"Holm0707614285A\nHolm0707614285A\nHolm0707614285A\nHolm0707614285A\n".to_vec(), b"Holm0707614285A".repeat(1 << 17)].concat(), false),
    ]
}

/// Attacks on pictures, and on what packs something.
pub fn picture_attacks() -> Vec<Attack> {
    let xmp: Vec<(u16, u16, u32, u32)> = vec![(0x02bc, 1, 60_000, 0); 4900];
    let exif = [b"Exif\0\0".to_vec(), tiff(&xmp, 8)].concat();
    let comment = (0xfe, NUMBER);
    let endless = vec![b'7'; 9 << 20];
    let profile = [b"Raw profile type exif\0\0".to_vec(), zlib(&endless)].concat();
    let text = [b"Comment\0\0".to_vec(), zlib(NUMBER)].concat();
    let explicit = b"1.2.840.10008.1.2.1\0";
    let empty = b"\x10\0\x10\0PN\0\0".repeat(1 << 18);
    let lists = b"\x10\0\x10\0SQ\0\0\xff\xff\xff\xff".repeat(1 << 17);
    let deflated = deflate(&[dicom_comment(NUMBER), b"\x10\0\x10\0PN\xfe\xff".to_vec(), endless].concat());
    // Frames of zstd: a block as it lies, then blocks of 128 KiB that are one byte each, the last of them never.
    let block = |kind: u32, bytes: usize| (kind << 1 | (bytes as u32) << 3).to_le_bytes()[..3].to_vec();
    let zstd = [
        &b"\x28\xb5\x2f\xfd\x00\x58"[..],
        &block(0, NUMBER.len()),
        NUMBER,
        &[&block(1, 128 << 10)[..], b" "].concat().repeat(2000),
    ]
    .concat();
    let heic = [&b"\0\0\0\x18ftypheic...."[..], &[&b"Exif\0\0"[..], &tiff(&xmp, 8)].concat().repeat(64)].concat();
    vec![
        ("folders.tif", tiff(&[(0x014a, 4, 0xffff_ffff, 8), (0x8769, 4, 1, 8)], 8), true),
        ("counts.tif", tiff(&vec![(0x010e, 5, u32::MAX, 0); 5000], 10), true),
        ("exif.jpg", jpeg(&[&[comment], &vec![(0xe1, &exif[..]); 100][..]].concat()), true),
        ("segments.jpg", jpeg(&[&[comment], &vec![(0xe1, &b""[..]); 200_000][..]].concat()), true),
        ("exif.heic", heic, true),
        (
            "exif.webp",
            [
                b"RIFF\0\0\0\0WEBP".to_vec(),
                [b"EXIF\0\0\0\0".to_vec(), b"XMP \xff\xff\xff\xff".to_vec()].concat().repeat(9),
            ]
            .concat(),
            false,
        ),
        ("bomb.png", png(&[(b"zTXt", &text), (b"zTXt", &profile), (b"iTXt", b"x")]), true),
        (
            "chunks.png",
            png(&[&[(b"zTXt", &text[..])], &vec![(b"eXIf", &b"II*\0\x08\0\0\0"[..]); 100_000][..]].concat()),
            true,
        ),
        (
            "blocks.gif",
            [
                b"GIF89a\x01\0\x01\0\0\0\0\x21\xfe\x25".to_vec(),
                NUMBER.to_vec(),
                vec![0],
                b"\x21\xfe\x01x\0".repeat(400_000),
            ]
            .concat(),
            true,
        ),
        ("empty.dcm", dicom(explicit, &[dicom_comment(NUMBER), empty].concat()), true),
        ("lists.dcm", dicom(explicit, &[dicom_comment(NUMBER), lists].concat()), true),
        (
            "length.dcm",
            dicom(explicit, &[dicom_comment(NUMBER), b"\x10\0\x10\0UN\0\0\xfe\xff\xff\xff".to_vec()].concat()),
            true,
        ),
        ("bomb.dcm", dicom(b"1.2.840.10008.1.2.1.99", &deflated), true),
        ("bomb.zst", zstd, true),
    ]
}
