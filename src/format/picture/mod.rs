//! Pictures: what is written about them in their metadata. Their pixels wait for recognition.
//!
//! To add recognition, write it into [`pixels`]: every picture passes there, be it a file or in a document.

mod container;
mod dicom;
mod iptc;
mod jpeg;
mod png;
mod tiff;

use std::io::{Read, Seek, SeekFrom};

use super::input::{ReadSeek, problem_kind};
use super::xml::carried::properties;
use super::{Format, Input, Output, Reading, Weight, text::spelled};
use crate::model::{Place, ProblemKind};

pub use dicom::FORMAT as DICOM;

pub const JPEG: Format =
    picture("jpeg", |input| input.head().starts_with(b"\xff\xd8\xff"), |i, o| of(i, o, jpeg::give));
pub const PNG: Format = picture("png", |input| input.head().starts_with(png::MAGIC), |i, o| of(i, o, png::give));
pub const GIF: Format = picture("gif", |input| input.head().starts_with(b"GIF8"), |i, o| of(i, o, container::gif));
pub const TIFF: Format = picture(
    "tiff",
    |input| [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| input.head().starts_with(magic)),
    |i, o| of(i, o, tiff::give),
);
pub const WEBP: Format = picture(
    "webp",
    |input| input.head().starts_with(b"RIFF") && input.head().get(8..12) == Some(b"WEBP"),
    |i, o| of(i, o, container::webp),
);
pub const HEIC: Format = picture("heic", is_heic, |i, o| of(i, o, container::heic));
pub const BMP: Format = Format { reads: "nothing", ..picture("bmp", is_bmp, |_, output| pixels(output)) };

/// Longest piece of metadata that is held, in bytes.
const PIECE_BYTES: u64 = 16 * 1024 * 1024;

/// Metadata that is read of one picture in all, in bytes and beside four times its size, so that pieces which point at each
/// other end.
const ALL_BYTES: u64 = 64 * 1024 * 1024;

const fn picture(
    name: &'static str,
    recognise: fn(&mut Input<'_>) -> bool,
    read: fn(&mut Input<'_>, &mut Output<'_>) -> Reading,
) -> Format {
    let reads = "descriptions, comments, names and keywords of its metadata";
    let leaves = "text in the picture; told as `image without ocr`";
    Format { name, version: 1, weight: Weight::Heavy, reads, leaves, recognise, read }
}

fn is_heic(input: &mut Input<'_>) -> bool {
    let brands: [&[u8]; 6] = [b"heic", b"heix", b"mif1", b"msf1", b"heim", b"avif"];
    input.head().get(4..12).is_some_and(|head| brands.iter().any(|brand| head.strip_prefix(b"ftyp") == Some(brand)))
}

/// `BM` could be the first letters of a letter, so the size of the header must be one that is written.
fn is_bmp(input: &mut Input<'_>) -> bool {
    let head = input.head();
    head.starts_with(b"BM")
        && head.get(14..18).is_some_and(|size| matches!(size, [12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
}

/// What reads the metadata of a picture.
type Metadata = fn(&mut Source<'_>, &mut Output<'_>) -> Reading;

/// Gives what `metadata` reads, then what the pixels show.
fn of(input: &mut Input<'_>, output: &mut Output<'_>, metadata: Metadata) -> Reading {
    let mut source = Source::new(input.seekable()?);
    output.field("metadata", |output| metadata(&mut source, output))?;
    pixels(output)
}

/// The place for recognition: what the pixels show is not read.
fn pixels(_: &mut Output<'_>) -> Reading {
    Err(ProblemKind::ImageWithoutOcr)
}

/// The bytes of a picture.
pub struct Source<'r> {
    file: Box<dyn ReadSeek + 'r>,
    left: u64,
}

impl<'r> Source<'r> {
    fn new(mut file: Box<dyn ReadSeek + 'r>) -> Self {
        let bytes = file.seek(SeekFrom::End(0)).unwrap_or(0);
        Self { file, left: ALL_BYTES.saturating_add(bytes.saturating_mul(4)) }
    }

    /// `bytes` at `at`, or as many as there are.
    ///
    /// # Errors
    /// When they cannot be read, or more was read than metadata takes.
    fn bytes(&mut self, at: u64, bytes: u64) -> Result<Vec<u8>, ProblemKind> {
        let limit = bytes.min(PIECE_BYTES);
        self.left = self.left.checked_sub(limit.min(4096)).ok_or(ProblemKind::TooLarge)?;
        self.file.seek(SeekFrom::Start(at)).map_err(|error| problem_kind(&error))?;
        let mut read = Vec::new();
        (&mut self.file).take(limit).read_to_end(&mut read).map_err(|error| problem_kind(&error))?;
        self.left = self.left.checked_sub(read.len() as u64).ok_or(ProblemKind::TooLarge)?;
        Ok(read)
    }

    /// The bytes at `at`; none when the picture ends before their last.
    ///
    /// # Errors
    /// As [`Source::bytes`].
    fn exactly<const N: usize>(&mut self, at: u64) -> Result<Option<[u8; N]>, ProblemKind> {
        Ok(self.bytes(at, N as u64)?.first_chunk().copied())
    }
}

/// Gives a text of the metadata under its label.
fn text(label: &str, text: &str, output: &mut Output<'_>) -> Reading {
    let text = text.trim_matches(['\0', ' ', '\r', '\n', '\t']);
    if text.is_empty() {
        return Ok(());
    }
    output.at(Place::Whole)?;
    output.push(label)?;
    output.push(": ")?;
    output.push(text)
}

/// Gives the properties of XMP that say what a picture shows.
fn xmp(bytes: &[u8], output: &mut Output<'_>) -> Reading {
    for (name, value) in properties(&spelled(bytes)) {
        // The name of the description itself.
        if name != "about" {
            text(&name, &value, output)?;
        }
    }
    Ok(())
}

/// Gives what stands in a block of EXIF of a picture; what is read of it counts as read of that.
fn exif(bytes: &[u8], picture: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let bytes = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
    let mut block = Source { file: Box::new(std::io::Cursor::new(bytes)), left: picture.left };
    let reading = tiff::give(&mut block, output);
    picture.left = block.left;
    reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Limits;
    use crate::model::{Sink, Text};

    #[derive(Default)]
    struct Kept(String);

    impl Sink for Kept {
        fn text(&mut self, text: &Text<'_>) {
            self.0.push_str(&String::from_utf8_lossy(&text.bytes[text.own.clone()]));
            self.0.push('\n');
        }
    }

    fn read(bytes: &[u8]) -> (&'static str, String) {
        let mut kept = Kept::default();
        let output = Output::new(&mut kept, &Limits::for_size(bytes.len() as u64, Default::default()));
        let (name, summary) = output.read(&mut Input::bytes(bytes.to_vec()));
        assert!(summary.problems.iter().any(|problem| problem.kind == ProblemKind::ImageWithoutOcr));
        (name, kept.0)
    }

    /// EXIF in which a description stands.
    fn exif() -> Vec<u8> {
        let mut exif = b"II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x0c\0\0\0\x1a\0\0\0\0\0\0\0".to_vec();
        exif.extend(b"070761-4285\0");
        exif
    }

    #[test]
    fn what_is_written_about_a_picture_is_given() {
        let mut jpeg = b"\xff\xd8\xff\xe1\0\x2e".to_vec();
        jpeg.extend(b"Exif\0\0");
        jpeg.extend(exif());
        jpeg.extend(b"\xff\xfe\0\x05hej\xff\xda");
        assert_eq!(read(&jpeg), ("jpeg", "description: 070761-4285\ncomment: hej\n".into()));
        assert_eq!(read(&exif()), ("tiff", "description: 070761-4285\n".into()));
        let webp = [b"RIFF\x30\0\0\0WEBPEXIF\x26\0\0\0".to_vec(), exif()].concat();
        assert_eq!(read(&webp), ("webp", "description: 070761-4285\n".into()));
        let gif = b"GIF89a\x01\0\x01\0\0\0\0\x21\xfe\x03hej\0\x3b";
        assert_eq!(read(gif), ("gif", "comment: hej\n".into()));
        let png = [png::MAGIC, b"\0\0\0\x0btEXtComment\0hej\0\0\0\0"].concat();
        assert_eq!(read(&png), ("png", "Comment: hej\n".into()));
        let heic = [b"\0\0\0\x18ftypheic....".to_vec(), b"Exif\0\0".to_vec(), exif()].concat();
        assert_eq!(read(&heic), ("heic", "description: 070761-4285\n".into()));
    }

    #[test]
    fn metadata_that_points_at_itself_ends() {
        let mut circle = exif();
        circle[22..26].copy_from_slice(&[8, 0, 0, 0]);
        assert_eq!(read(&circle).0, "tiff");
    }
}
