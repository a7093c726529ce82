//! 7z archives: each member is read as what it is, as its block is unpacked.

use sevenz_rust2::{Archive, BlockDecoder, EncoderMethod, Error, Password};

use super::packed::DICTIONARY_KIB;
use super::{Format, Input, Output, Reading, Weight, input};
use crate::model::{PartKind, ProblemKind};

pub const FORMAT: Format = Format {
    name: "7z",
    version: 1,
    weight: Weight::Heavy,
    reads: "every member as what it is, nested: lzma, lzma2, ppmd, bzip2, deflate and stored",
    leaves: "encrypted members, other methods",
    recognise: |input| input.head().starts_with(b"7z\xbc\xaf\x27\x1c"),
    read,
};

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let mut source = input.seekable()?;
    let password = Password::empty();
    let archive = Archive::read(&mut source, &password).map_err(|error| problem_kind(&error))?;
    for index in 0..archive.blocks.len() {
        let decoder = BlockDecoder::new(1, index, &archive, &password, &mut source);
        block(&archive, index, decoder, output)?;
    }
    let empty = archive.files.iter().zip(&archive.stream_map.file_block_index);
    for (file, _) in empty.filter(|(file, block)| block.is_none() && !file.is_directory) {
        output.member(PartKind::Member, file.name.as_bytes(), Ok(Input::bytes(Vec::new())))?;
    }
    Ok(())
}

/// Reads the members of a block one after another; those that cannot be reached are told.
fn block<R: std::io::Read + std::io::Seek>(
    archive: &Archive,
    index: usize,
    decoder: BlockDecoder<'_, R>,
    output: &mut Output<'_>,
) -> Reading {
    let entries = decoder.entries();
    let names: Vec<String> = entries.iter().map(|entry| entry.name.clone()).collect();
    let mut given = 0;
    let mut limit = Ok(());
    let unpacked = match archive.blocks.get(index).map_or(Ok(()), allowed) {
        Err(kind) => Err(kind),
        Ok(()) => decoder
            .for_each_entries(&mut |entry, contents| {
                given += 1;
                if entry.is_directory || !entry.has_stream {
                    return Ok(true);
                }
                let mut contents = output.meter(contents);
                limit = output.member(PartKind::Member, entry.name.as_bytes(), Input::stream(&mut contents));
                // What was left unread is unpacked on the way to the next, so it counts too.
                if limit.is_ok()
                    && let Err(kind) = output.pass(&mut contents)
                    && kind != ProblemKind::Damaged
                {
                    limit = Err(kind);
                }
                Ok(limit.is_ok())
            })
            .map_err(|error| problem_kind(&error)),
    };
    limit?;
    if let Err(kind) = unpacked {
        for name in names.iter().skip(given) {
            output.unread_member(PartKind::Member, name.as_bytes(), kind)?;
        }
    }
    Ok(())
}

/// Whether the block can be unpacked within bounds.
fn allowed(block: &sevenz_rust2::Block) -> Reading {
    for coder in &block.coders {
        let properties = coder.properties();
        let dictionary = match (coder.encoder_method_id(), properties) {
            (EncoderMethod::ID_AES256_SHA256, _) => return Err(ProblemKind::Encrypted),
            (EncoderMethod::ID_LZMA, [_, a, b, c, d]) => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
            (EncoderMethod::ID_LZMA2, [bits]) => (2 | u64::from(bits & 1)) << (bits.min(&40) / 2 + 11),
            (EncoderMethod::ID_PPMD, [_, a, b, c, d]) => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
            _ => 0,
        };
        if dictionary > u64::from(DICTIONARY_KIB) * 1024 {
            return Err(ProblemKind::TooLarge);
        }
    }
    Ok(())
}

/// Which problem an error of the archive is.
fn problem_kind(error: &Error) -> ProblemKind {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => ProblemKind::Encrypted,
        // An archive whose directory is locked asks for a method that is not built in.
        Error::UnsupportedCompressionMethod(name) if name.starts_with("AES") => ProblemKind::Encrypted,
        Error::UnsupportedCompressionMethod(_)
        | Error::Unsupported(_)
        | Error::ExternalUnsupported
        | Error::UnsupportedVersion { .. } => ProblemKind::UnsupportedFormat,
        Error::MaxMemLimited { .. } => ProblemKind::TooLarge,
        Error::Io(error, _) | Error::FileOpen(error, _) => input::problem_kind(error),
        _ => ProblemKind::Damaged,
    }
}
