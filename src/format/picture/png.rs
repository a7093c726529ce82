//! PNG: chunks of text among those of pixels.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::{Output, PIECE_BYTES, Reading, Source, exif, iptc, text, xmp};
use crate::format::input::problem_kind;
use crate::format::text::spelled;
use crate::model::ProblemKind;

/// What a file begins with.
pub const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Keywords of texts that tell how a picture was made.
const TECHNICAL: &[&str] = &["Software", "Creation Time", "Source", "date:create", "date:modify", "date:timestamp"];

/// Chunks that are looked at, at most.
const CHUNKS: usize = 1_000_000;

/// Gives the texts of all chunks.
pub fn give(source: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let mut at = MAGIC.len() as u64;
    for _ in 0..CHUNKS {
        let Some([a, b, c, d, kind @ ..]) = source.exactly::<8>(at)? else { break };
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        if matches!(&kind, b"tEXt" | b"zTXt" | b"iTXt" | b"eXIf") {
            let chunk = source.bytes(at + 8, length)?;
            match &kind {
                b"eXIf" => exif(&chunk, source, output)?,
                _ => output.attempt(|output| written(&kind, &chunk, source, output))?,
            }
        }
        if &kind == b"IEND" {
            break;
        }
        at += 12 + length;
    }
    Ok(())
}

/// Gives a text by its keyword. PNG 3rd edition, 11.3.3.
fn written(kind: &[u8; 4], chunk: &[u8], picture: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let Some((keyword, rest)) = parted(chunk) else { return Ok(()) };
    let keyword = spelled(keyword);
    let bytes = match kind {
        b"zTXt" => inflated(rest.get(1..).unwrap_or_default(), output)?,
        b"iTXt" => {
            let Some((&[compressed, _], rest)) = rest.split_first_chunk() else { return Ok(()) };
            // A language and the keyword in it.
            let value = parted(rest).and_then(|(_, rest)| parted(rest)).map_or(&[][..], |(_, value)| value);
            if compressed == 1 { inflated(value, output)? } else { value.to_vec() }
        }
        _ => rest.to_vec(),
    };
    match &*keyword {
        "XML:com.adobe.xmp" => xmp(&bytes, output),
        _ if TECHNICAL.contains(&&*keyword) => Ok(()),
        _ => match keyword.strip_prefix("Raw profile type ") {
            Some(profile) => raw_profile(profile, &bytes, picture, output),
            None => text(&keyword, &spelled(&bytes), output),
        },
    }
}

/// What stands before the first zero, and what behind it.
fn parted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, bytes)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn inflated(bytes: &[u8], output: &mut Output<'_>) -> Result<Vec<u8>, ProblemKind> {
    let mut inflated = Vec::new();
    let read = output.meter(ZlibDecoder::new(bytes)).take(PIECE_BYTES + 1).read_to_end(&mut inflated);
    match read {
        Ok(read) if read as u64 > PIECE_BYTES => Err(ProblemKind::TooLarge),
        Err(error) if inflated.is_empty() => Err(problem_kind(&error)),
        _ => Ok(inflated),
    }
}

/// Gives a profile that ImageMagick wrote as hexadecimal digits, behind its name and its length.
fn raw_profile(profile: &str, written: &[u8], picture: &mut Source<'_>, output: &mut Output<'_>) -> Reading {
    let lines = written.split(|&b| b == b'\n').skip_while(|line| line.is_empty()).skip(2);
    let digits: Vec<u8> = lines.flatten().filter_map(|&b| Some(char::from(b).to_digit(16)? as u8)).collect();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    match profile {
        "iptc" if bytes.starts_with(b"8BIM") => iptc::blocks(&bytes, output),
        "iptc" => iptc::give(&bytes, output),
        "xmp" => xmp(&bytes, output),
        "exif" | "APP1" => exif(&bytes, picture, output),
        _ => Ok(()),
    }
}
