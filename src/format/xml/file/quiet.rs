//! Elements in which no number stands, passed over by their tags alone.
//!
//! Only what programs write is followed: elements with text and attributes between quotation marks, and comments. At all
//! else the reading goes on piece by piece, from a place far enough before it that nothing there is lacking.

use std::ops::Range;

use memchr::memchr;

use super::super::super::quiet::{Quiet, Tail, begins_no_number, holds_last_digits, quiet_comment};
use super::element::{is_inline, is_naming, is_naming_element};

/// Longest paragraph, in bytes: one that is longer may be handed on in pieces.
const PARAGRAPH_BYTES: usize = 4096;

/// Elements in one another that are followed.
const DEPTH: usize = 100;

/// How far elements were passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Bytes that were. What comes next is the beginning of an element.
    pub bytes: usize,
    /// Of the elements that were open before, the outermost so many still are.
    pub kept: usize,
    /// The names of those that began since and did not end, with their prefixes.
    pub opened: Vec<Range<usize>>,
    lines: u32,
}

/// Passes over the elements that `bytes`, in which no number stands, begin with. `open` elements with names that are known
/// are open. Gives how far, and where the following ended.
pub fn pass(bytes: &[u8], open: usize) -> (Passed, usize) {
    let start = Passed { kept: open, ..Passed::default() };
    let mut walk = Walk {
        bytes,
        at: 0,
        here: start.clone(),
        before: start.clone(),
        passed: start,
        last: Last::Nothing,
        inline: 0,
        text: None,
        spoken: false,
        paragraph: 0,
    };
    while walk.piece().is_some() {}
    walk.note();
    (walk.passed, walk.at)
}

/// What came last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Text,
    End,
}

/// Follows what [`super::element`] does, without its text.
struct Walk<'x> {
    bytes: &'x [u8],
    at: usize,
    here: Passed,
    /// Where it stood some lines ago.
    before: Passed,
    /// Where it stood so long ago that all that matters to what comes next stands behind it.
    passed: Passed,
    last: Last,
    inline: usize,
    /// The end of the paragraph's text, if there is any.
    text: Option<Tail<'x>>,
    /// True when the paragraph shows anything.
    spoken: bool,
    /// Where it began.
    paragraph: usize,
}

impl<'x> Walk<'x> {
    /// Passes over the next piece; nothing when it is to be read.
    fn piece(&mut self) -> Option<()> {
        if self.at - self.paragraph > PARAGRAPH_BYTES {
            return None;
        }
        match self.bytes.get(self.at..self.at + 2)? {
            [b'<', b'/'] => self.end(),
            [b'<', b'!'] => self.comment(),
            [b'<', b'?'] => None,
            [b'<', _] => self.start(),
            _ => self.text(),
        }
    }

    fn start(&mut self) -> Option<()> {
        let (bytes, begin) = (self.bytes, self.at + 1);
        let mut at = begin;
        while !matches!(*bytes.get(at)?, b' ' | b'>' | b'\n' | b'\t' | b'\r' | 0x0c | b'"' | b'\'') {
            at += 1;
        }
        let mut name = begin..at;
        let mut spoken = false;
        let mut word = at;
        let empty = loop {
            match *bytes.get(at)? {
                b'>' => {
                    // What has no value is none of what programs write.
                    let empty = bytes[at - 1] == b'/';
                    if at - word > usize::from(empty && at > name.end) {
                        return None;
                    }
                    break empty;
                }
                quote @ (b'"' | b'\'') => {
                    let attribute = bytes[word..at].strip_suffix(b"=")?;
                    let end = at + 1 + memchr(quote, &bytes[at + 1..])?;
                    spoken |= speaks(attribute, &bytes[at + 1..end])?;
                    at = end + 1;
                    word = at;
                }
                b' ' | b'\n' | b'\t' | b'\r' | 0x0c if at == word => {
                    at += 1;
                    word = at;
                }
                b' ' | b'\n' | b'\t' | b'\r' | 0x0c => return None,
                _ => at += 1,
            }
        };
        if empty && name.end == at {
            name.end -= 1;
        }
        let written = &bytes[name.clone()];
        let local = local(written);
        if local.is_empty() || local == b"AlternateContent" || !(begins_no_number(local) && begins_no_number(written)) {
            return None;
        }
        if self.last == Last::Text || (self.text.is_some() && is_inline(local)) {
            self.inline += 1;
            self.last = Last::Text;
        } else {
            self.end_paragraph();
            self.note();
            if self.here.kept + self.here.opened.len() > DEPTH {
                return None;
            }
            self.here.opened.push(name);
        }
        self.spoken |= spoken;
        self.at = at + 1;
        if empty { self.end_element() } else { Some(()) }
    }

    fn end(&mut self) -> Option<()> {
        self.at += 3 + memchr(b'>', &self.bytes[self.at + 2..])?;
        self.end_element()
    }

    fn end_element(&mut self) -> Option<()> {
        if self.inline > 0 {
            self.inline -= 1;
            self.last = Last::Text;
            return Some(());
        }
        if self.last != Last::Text {
            self.end_paragraph();
        }
        if self.here.opened.pop().is_none() {
            self.here.kept = self.here.kept.checked_sub(1)?;
        }
        self.last = Last::End;
        Some(())
    }

    fn comment(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        // What begins with the end of a comment is one that ends there.
        if rest.starts_with(b"<!-->") || rest.starts_with(b"<!--->") {
            return None;
        }
        self.at += quiet_comment(rest)?;
        Some(())
    }

    fn text(&mut self) -> Option<()> {
        let rest: &'x [u8] = &self.bytes[self.at..];
        let text = &rest[..memchr(b'<', rest)?];
        let white = text.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r')).count();
        match text.get(white) {
            None => {
                if self.last == Last::End {
                    self.end_paragraph();
                }
            }
            // It may be white space too.
            Some(0..=b' ' | 0x7f..=0xc2 | 0xc4..) => return None,
            Some(_) => {
                if self.last == Last::End && white > 0 {
                    self.end_paragraph();
                }
                // Without a name before it, it could go on with what stands in the line above.
                let named = self.here.kept + self.here.opened.len() > 0;
                let mut tail = self.text.or(named.then(Tail::default))?;
                if self.text.is_none() && self.is_naming() && !begins_no_number(text) {
                    return None;
                }
                self.text = tail.push(text).then_some(tail);
                self.text?;
                self.last = Last::Text;
                self.spoken = true;
            }
        }
        self.at += text.len();
        Some(())
    }

    /// True when the text of the element that began last may become the name of another.
    fn is_naming(&self) -> bool {
        let Some(written) = self.here.opened.last() else { return true };
        let written = &self.bytes[written.clone()];
        is_naming_element(local(written))
    }

    fn end_paragraph(&mut self) {
        self.here.lines += u32::from(std::mem::take(&mut self.spoken));
        self.inline = 0;
        self.text = None;
        self.last = Last::Nothing;
        self.paragraph = self.at;
    }

    /// Notes where it stands, once in so many lines.
    fn note(&mut self) {
        if self.here.lines - self.before.lines >= Quiet::LINES {
            self.here.bytes = self.at;
            std::mem::swap(&mut self.passed, &mut self.before);
            self.before.clone_from(&self.here);
        }
    }
}

/// A name without its prefix.
fn local(written: &[u8]) -> &[u8] {
    &written[written.iter().position(|byte| *byte == b':').map_or(0, |colon| colon + 1)..]
}

/// True when an attribute shows something for certain; nothing when its name, or its value where that becomes a part of
/// names, could be a part of a number.
fn speaks(attribute: &[u8], value: &[u8]) -> Option<bool> {
    let name = local(attribute);
    if !begins_no_number(name) || (is_naming(name) && holds_last_digits(value)) {
        return None;
    }
    // Declarations of name spaces, and places of schemas, show nothing.
    let technical = attribute.starts_with(b"x") || attribute.ends_with(b"n");
    Some(!technical && value.first().is_some_and(u8::is_ascii_alphanumeric))
}
