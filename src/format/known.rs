//! Formats that are told by a signature but not read: their name stands in the record.

use std::sync::LazyLock;

use crate::model::ProblemKind;

/// What a file begins with, and what it is then.
struct Signature {
    /// Where the bytes stand.
    offset: usize,
    bytes: &'static [u8],
    name: &'static str,
    problem: ProblemKind,
    /// True when runs of text are looked for in it: not where all is pixels, sound or packed.
    searched: bool,
}

const fn picture(offset: usize, bytes: &'static [u8], name: &'static str) -> Signature {
    Signature { offset, bytes, name, problem: ProblemKind::ImageWithoutOcr, searched: false }
}

const fn unread(offset: usize, bytes: &'static [u8], name: &'static str) -> Signature {
    Signature { offset, bytes, name, problem: ProblemKind::UnsupportedFormat, searched: true }
}

const fn media(offset: usize, bytes: &'static [u8], name: &'static str) -> Signature {
    Signature { offset, bytes, name, problem: ProblemKind::UnsupportedFormat, searched: false }
}

const fn locked(offset: usize, bytes: &'static [u8], name: &'static str) -> Signature {
    Signature { offset, bytes, name, problem: ProblemKind::Encrypted, searched: false }
}

/// The first that fits names the file. From the specifications of the formats and Gary Kessler's table of signatures.
static SIGNATURES: &[Signature] = &[
    picture(4, b"ftypavif", "avif"),
    picture(0, b"\0\0\0\x0cjP  ", "jpeg 2000"),
    picture(0, b"\xff\x4f\xff\x51", "jpeg 2000"),
    picture(0, b"\x97JB2\r\n\x1a\n", "jbig2"),
    picture(0, b"AT&TFORM", "djvu"),
    picture(0, b"8BPS\0", "photoshop"),
    picture(0, b"\0\0\x01\0", "ico"),
    picture(0, b"\x0a\x05\x01\x08", "pcx"),
    picture(0, b"\xd7\xcd\xc6\x9a", "wmf"),
    picture(0, b"II\xbc\x01", "jpeg xr"),
    unread(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    unread(0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "onenote"),
    unread(0, b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f", "onenote"),
    unread(4, b"Standard Jet DB", "access"),
    unread(4, b"Standard ACE DB", "access"),
    unread(0, b"\xffWPC", "wordperfect"),
    unread(0, b"\0\0\x02\0\x06\x04\x06\0", "lotus 1-2-3"),
    unread(0, b"\0\0\x1a\0", "lotus 1-2-3"),
    unread(0, b"\xff\0\x02\0\x04\x04\x05\x54\x02\0", "works"),
    unread(0, b"\x1a\0\0\x04\0\0", "lotus notes"),
    unread(0, b"\xcf\xad\x12\xfe", "outlook express"),
    unread(0, b"\x9c\xcb\xcb\x8d\x13\x75\xd2\x11\x91\x58\0\xc0\x4f\x79\x56\xa4", "address book"),
    unread(4, b"\xef\xcd\xab\x89", "ese"),
    unread(0, b"\xfe\xfe\x07\0", "mysql"),
    unread(0, b"\xfe\x01", "mysql"),
    unread(0, b"\x01\x0f\0\0", "sql server"),
    unread(0, b"TAPE\0", "backup"),
    unread(0, b"PGDMP", "postgresql"),
    unread(0, b"\0\x01\0\0Standard ", "access"),
    unread(0, b"PAR1", "parquet"),
    unread(0, b"Obj\x01", "avro"),
    unread(0, b"ORC", "orc"),
    unread(0, b"ARROW1\0\0", "arrow"),
    unread(0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    unread(0, b"$FL2", "spss"),
    unread(0, b"$FL3", "spss"),
    unread(0, b"<stata_dta>", "stata"),
    unread(0, b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60", "sas"),
    unread(0, b"HEADER RECORD*******LIBRARY HEADER", "sas"),
    unread(0, b"RDX2\n", "r"),
    unread(0, b"RDX3\n", "r"),
    unread(0, b"ElfFile\0", "evtx"),
    unread(0, b"\x30\0\0\0LfLe", "evt"),
    unread(0, b"regf", "registry"),
    unread(0, b"PMCC", "program group"),
    unread(0, b"?_\x03\0", "help"),
    unread(0, b"ITSF", "chm"),
    unread(0, b"\xac\xed\0\x05", "java objects"),
    unread(0, b"bplist00", "plist"),
    unread(0, b"mdmp", "minidump"),
    unread(0, b"MDMP\x93\xa7", "minidump"),
    unread(0, b"PAGEDU", "memory dump"),
    unread(0, b"\xd4\xc3\xb2\xa1", "pcap"),
    unread(0, b"conectix", "vhd"),
    unread(0, b"vhdxfile", "vhdx"),
    unread(0, b"KDMV", "vmdk"),
    unread(0, b"COWD", "vmdk"),
    unread(0, b"QFI\xfb", "qcow"),
    unread(64, b"\x7f\x10\xda\xbe", "vdi"),
    unread(32769, b"CD001", "iso"),
    unread(32769, b"BEA01", "udf"),
    locked(3, b"-FVE-FS-", "bitlocker"),
    unread(3, b"NTFS    ", "disk image"),
    unread(3, b"MSDOS5.0", "disk image"),
    unread(3, b"EXFAT   ", "disk image"),
    unread(1080, b"\x53\xef\x01\0", "disk image"),
    unread(512, b"EFI PART", "disk image"),
    unread(0, b"EVF\x09\x0d\x0a\xff\0", "disk image"),
    media(0, b"MSWIM\0\0\0", "wim"),
    media(0, b"hsqs", "squashfs"),
    unread(0, b"\x60\xea", "arj"),
    unread(0, b"MSCF\0\0\0\0", "cab"),
    unread(0, b"ISc(", "cab"),
    unread(7, b"**ACE**", "ace"),
    unread(2, b"-lh5-", "lha"),
    unread(2, b"-lh1-", "lha"),
    unread(2, b"-lh0-", "lha"),
    unread(0, b"ZOO ", "zoo"),
    unread(0, b"SIT!", "stuffit"),
    unread(0, b"StuffIt ", "stuffit"),
    unread(0, b"\x1f\x9d", "compress"),
    unread(0, b"\x1f\xa0", "compress"),
    unread(0, b"\x04\x22\x4d\x18", "lz4"),
    unread(0, b"LZIP", "lzip"),
    unread(0, b"\x89LZO\0\r\n\x1a\n", "lzop"),
    unread(0, b"SZDD\x88\xf0\x27\x33", "szdd"),
    unread(0, b"xar!", "xar"),
    unread(0, b"!<arch>\n", "ar"),
    unread(0, b"070701", "cpio"),
    unread(0, b"070707", "cpio"),
    unread(0, b"\xed\xab\xee\xdb", "rpm"),
    locked(0, b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5", "keepass"),
    locked(0, b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5", "keepass"),
    locked(0, b"LUKS\xba\xbe", "luks"),
    locked(0, b"\xc0\xb9\x07\x2e\x4f\x93\xf1\x46\xa0\x15\x79\x2c\xa1\xd9\xe8\x21", "axcrypt"),
    locked(0, b"Salted__", "openssl"),
    locked(0, b"AES\x02\0", "aescrypt"),
    locked(0, b"encrcdsa", "dmg"),
    locked(0, b"\x85\x01\x0c\x03", "pgp"),
    locked(0, b"\x85\x02\x0c\x03", "pgp"),
    locked(0, b"\x84\x8c\x03", "pgp"),
    locked(0, b"\xc1\xc1\x4c\x03", "pgp"),
    unread(0, b"\x99\x01\x0d\x04", "pgp keys"),
    unread(0, b"\x99\x02\x0d\x04", "pgp keys"),
    unread(0, b"\xfe\xed\xfe\xed", "java keys"),
    media(0, b"ID3", "mp3"),
    media(0, b"\xff\xfb", "mp3"),
    media(0, b"\xff\xf3", "mp3"),
    media(0, b"\xff\xf2", "mp3"),
    media(0, b"\xff\xf1", "aac"),
    media(0, b"\xff\xf9", "aac"),
    media(0, b"fLaC", "flac"),
    media(0, b"OggS", "ogg"),
    media(0, b"MThd", "midi"),
    media(0, b"#!AMR", "amr"),
    media(0, b"caff", "caf"),
    media(8, b"WAVE", "wav"),
    media(8, b"AVI ", "avi"),
    media(8, b"AIFF", "aiff"),
    media(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "windows media"),
    media(4, b"ftyp", "mp4"),
    media(4, b"moov", "quicktime"),
    media(4, b"mdat", "quicktime"),
    media(0, b"\x1a\x45\xdf\xa3", "matroska"),
    media(0, b"FLV\x01", "flash video"),
    media(0, b"FWS", "flash"),
    media(0, b"CWS", "flash"),
    media(0, b"\0\0\x01\xba", "mpeg"),
    media(0, b"\0\0\x01\xb3", "mpeg"),
    media(0, b"DSS\x20", "dictation"),
    media(0, b"\x02dss", "dictation"),
    media(0, b"\x03ds2", "dictation"),
    media(0, b"\0\x01\0\0\0", "font"),
    media(0, b"OTTO\0", "font"),
    media(0, b"ttcf\0", "font"),
    media(0, b"wOFF", "font"),
    media(0, b"wOF2", "font"),
    media(0, b"\x80\x01", "font"),
    unread(0, b"AC10", "autocad"),
    unread(0, b"DGN", "microstation"),
    unread(0, b"FORM", "iff"),
    unread(0, b"MZ", "exe"),
    unread(0, b"\x7fELF", "elf"),
    unread(0, b"\xca\xfe\xba\xbe", "java class"),
    unread(0, b"\xcf\xfa\xed\xfe", "mach-o"),
    unread(0, b"\xce\xfa\xed\xfe", "mach-o"),
    unread(0, b"\0asm", "wasm"),
    unread(0, b"dex\n", "dex"),
    unread(0, b"DIRC\0\0\0", "git"),
    unread(0, b"PACK\0\0\0", "git"),
    unread(0, b"%!PS-Adobe", "postscript"),
    unread(0, b"\xc5\xd0\xd3\xc6", "postscript"),
];

/// The signatures that a file may fit that begins with a byte, in their order.
static BY_FIRST: LazyLock<[Vec<&'static Signature>; 256]> = LazyLock::new(|| {
    std::array::from_fn(|first| {
        let may_fit = |known: &&Signature| known.offset > 0 || usize::from(known.bytes[0]) == first;
        SIGNATURES.iter().filter(may_fit).collect()
    })
});

fn signature(head: &[u8]) -> Option<&'static Signature> {
    let fits = |known: &&Signature| {
        head.get(known.offset) == known.bytes.first() && head[known.offset..].starts_with(known.bytes)
    };
    BY_FIRST[usize::from(*head.first()?)].iter().copied().find(fits)
}

/// True when the file begins with a signature that no text begins with. `MZ` could be the first letters of a letter.
pub fn is_no_text(head: &[u8]) -> bool {
    signature(head).is_some_and(|known| known.bytes.iter().any(|&b| !b.is_ascii() || b.is_ascii_control()))
}

/// The names of all signatures.
pub fn names() -> impl Iterator<Item = &'static str> {
    SIGNATURES.iter().map(|known| known.name)
}

/// What the file is, by its first bytes; `unknown` where none fits.
pub fn name(head: &[u8]) -> &'static str {
    signature(head).map_or(super::UNKNOWN, |known| known.name)
}

/// Why it is not read.
pub fn problem(head: &[u8]) -> ProblemKind {
    signature(head).map_or(ProblemKind::UnsupportedFormat, |known| known.problem)
}

/// True when runs of text are to be looked for in what is not read.
pub fn is_searched(head: &[u8]) -> bool {
    signature(head).is_none_or(|known| known.searched)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_wait_for_recognition_and_others_are_named() {
        assert_eq!(
            (name(b"\xff\x4f\xff\x51"), problem(b"\xff\x4f\xff\x51")),
            ("jpeg 2000", ProblemKind::ImageWithoutOcr)
        );
        assert_eq!((name(b"MSCF\0\0\0\0"), problem(b"MSCF\0\0\0\0")), ("cab", ProblemKind::UnsupportedFormat));
        assert!(is_no_text(b"\xff\x4f\xff\x51") && !is_no_text(b"MZ"));
        assert_eq!((name(b"\0\x01\x02"), problem(b"\0\x01\x02")), ("unknown", ProblemKind::UnsupportedFormat));
    }
    #[test]
    fn each_signature_names_a_file_of_its_kind() {
        for known in SIGNATURES {
            let mut head = vec![b'?'; known.offset];
            head.extend(known.bytes);
            assert_eq!(name(&head), known.name, "{:?}", known.bytes);
        }
    }

    #[test]
    fn a_signature_is_told_as_if_each_was_tried_in_turn() {
        let fits =
            |head: &[u8], known: &Signature| head.get(known.offset..).is_some_and(|rest| rest.starts_with(known.bytes));
        for known in SIGNATURES {
            for first in 0..=255 {
                for end in [0, 1, known.bytes.len()] {
                    let mut head = vec![first; known.offset];
                    head.extend(&known.bytes[..end]);
                    head.resize(head.len() + usize::from(first % 8), first);
                    let in_turn = SIGNATURES.iter().find(|known| fits(&head, known));
                    assert_eq!(signature(&head).map(|known| known.bytes), in_turn.map(|known| known.bytes));
                }
            }
        }
    }

    #[test]
    fn locked_containers_are_told_and_media_not_searched() {
        let bitlocker = b"\xeb\x58\x90-FVE-FS-\0\x02";
        assert_eq!((name(bitlocker), problem(bitlocker)), ("bitlocker", ProblemKind::Encrypted));
        assert!(!is_searched(b"ID3\x03\0") && is_searched(b"regf") && is_searched(b"\0\x01\x02"));
    }
}
