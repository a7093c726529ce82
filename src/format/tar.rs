//! Tar archives in all their dialects: each member is read as what it is, as it comes.

use ::tar::{Archive, EntryType};

use super::input::problem_kind;
use super::{Format, Input, Output, Reading, Weight};
use crate::model::PartKind;

pub const FORMAT: Format = Format {
    name: "tar",
    version: 1,
    weight: Weight::Heavy,
    reads: "every member as what it is, nested: ustar, pax, GNU and the old format",
    leaves: "links",
    recognise: |input| is_tar(input.head()),
    read,
};

/// Bytes of a header.
const HEADER_BYTES: usize = 512;

/// True when the first header holds its checksum, which all dialects have. POSIX.1-1988 `ustar`, and what came before.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..HEADER_BYTES).filter(|header| header[0] != 0) else {
        return false;
    };
    let told = header[148..156].iter().skip_while(|b| **b == b' ').map_while(|b| char::from(*b).to_digit(8));
    let told = told.fold(None, |sum: Option<u32>, digit| Some(sum.unwrap_or(0) * 8 + digit));
    if told.is_none() {
        return false;
    }
    let sum: u32 =
        header.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum();
    told == Some(sum)
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut archive = Archive::new(input.reader());
    for entry in archive.entries().map_err(|error| problem_kind(&error))? {
        let entry = entry.map_err(|error| problem_kind(&error))?;
        let links = [EntryType::Link, EntryType::Symlink, EntryType::Directory, EntryType::Fifo];
        let kind = entry.header().entry_type();
        if links.contains(&kind) || kind.is_character_special() || kind.is_block_special() {
            continue;
        }
        let name = entry.path_bytes().into_owned();
        // The holes of a sparse member are no bytes of the archive.
        let mut contents = output.meter(entry);
        output.member(PartKind::Member, &name, Input::stream(&mut contents))?;
        output.pass(&mut contents)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ::tar::{Builder, Header};

    use super::super::ooxml::sample::told;

    fn tar(members: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        for (name, contents) in members {
            let mut header = Header::new_gnu();
            header.set_size(contents.len() as u64);
            tar.append_data(&mut header, name, contents.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap()
    }

    #[test]
    fn members_are_read_also_in_a_cut_archive() {
        let long = format!("{}/a.txt", "mappe".repeat(40));
        let whole = tar(&[(&long, "en"), ("b.txt", "070761-4285")]);
        let read = told(whole.clone());
        assert_eq!((read.format, read.problems.len()), ("tar", 0));
        assert_eq!(read.lines[1..], ["en", "b.txt › name: b.txt", "070761-4285"]);
        assert_eq!(told(whole[..whole.len() - 1024 - 506].to_vec()).lines[3], "070761");
    }

    #[test]
    fn a_size_without_end_costs_no_more_than_there_is() {
        let mut huge = tar(&[("a.txt", "070761-4285")]);
        huge[124..136].copy_from_slice(b"77777777777\0");
        let sum: u32 =
            huge[..512].iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum();
        huge[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let told = told(huge);
        assert!(told.lines[1].ends_with("070761-4285"));
        assert_eq!(told.problems.last().unwrap(), "whole: Damaged");
    }
}
