//! Formats without a reader of their own yet: searched as the text or the archive that they are made of, and told as
//! unsupported, for a number that markup splits is not seen that way.

use super::{Format, Input, Output, Reading, text, zip};
use crate::model::ProblemKind;

pub const PPTX: Format = archive("pptx", |input| holds(input, "ppt/presentation.xml"));
pub const ODF: Format = archive("odf", |input| holds(input, "mimetype") && holds(input, "content.xml"));
pub const RTF: Format = marked("rtf", |input| input.head().starts_with(b"{\\rtf"));
pub const MAIL: Format = marked("mail", is_mail);

/// What a raw search does not see.
const SPLIT: &str = "what markup splits or encodes; told as `unsupported format`";

/// Headers of which a mail has two in its first lines.
const HEADERS: [&str; 9] =
    ["return-path:", "received:", "from:", "to:", "subject:", "date:", "message-id:", "mime-version:", "content-type:"];

/// Bytes in which the headers of a mail are looked for.
const HEADER_BYTES: usize = 4096;

const fn archive(name: &'static str, recognise: fn(&mut Input<'_>) -> bool) -> Format {
    let reads = "searched as a zip archive";
    Format { name, version: 1, heavy: true, reads, leaves: SPLIT, recognise, read: read_archive }
}

const fn marked(name: &'static str, recognise: fn(&mut Input<'_>) -> bool) -> Format {
    let reads = "searched as text";
    Format { name, version: 1, heavy: false, reads, leaves: SPLIT, recognise, read: read_text }
}

fn holds(input: &mut Input<'_>, member: &str) -> bool {
    input.zip_names().is_some_and(|names| names.iter().any(|name| name == member))
}

fn is_mail(input: &mut Input<'_>) -> bool {
    let head = &input.head()[..input.head().len().min(HEADER_BYTES)];
    let mbox = head.starts_with(b"From ");
    // Most text is told at its first line.
    let name = head.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    if !mbox && (name == 0 || head.get(name) != Some(&b':')) {
        return false;
    }
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let lines = head.lines().take_while(|line| !line.is_empty());
    let headers = lines.filter(|line| HEADERS.iter().any(|header| line.starts_with(header))).count();
    headers >= if mbox { 1 } else { 2 }
}

fn read_archive(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    zip::read(input, output)?;
    Err(ProblemKind::UnsupportedFormat)
}

fn read_text(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let encoding = input.encoding().unwrap_or(crate::model::Encoding::Windows1252);
    text::stream(input, output, encoding, None)?;
    Err(ProblemKind::UnsupportedFormat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_told_by_its_headers() {
        let mail = |text: &str| is_mail(&mut Input::bytes(text.into()));
        assert!(mail("From: a@b.dk\r\nSubject: Hej\r\n\r\nKære Karla"));
        assert!(mail("From karla Mon Jan  4 09:00:00 2016\nSubject: Hej\n\nKære Karla"));
        assert!(!mail("From: Karla\nHej\n"));
        assert!(!mail("Kære Karla\n"));
    }
}
