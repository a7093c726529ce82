//! Documents of 2007 and later that are locked: a package in a compound file (2.3.4).

use std::io::{self, Read};

use super::super::little::u16_at;
use super::super::ole::{self, Compound, Stream};
use super::super::{Format, Input, Output, Reading, Weight};
use super::agile::{Agile, SEGMENT};
use super::standard::Standard;
use crate::model::{PartKind, ProblemKind};

pub const FORMAT: Format = Format {
    name: "encrypted office",
    version: 1,
    weight: Weight::Heavy,
    reads: "docx, xlsx and pptx that are locked with the password that Excel locks with when a person gives none",
    leaves: "what is locked with another password; told as `encrypted`",
    recognise,
    read,
};

const INFO: &str = "EncryptionInfo";
const PACKAGE: &str = "EncryptedPackage";

fn recognise(input: &mut Input<'_>) -> bool {
    ole::holds(input, &[PACKAGE])
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let compound = Compound::open(input)?;
    let find = |name| compound.find_stream(Compound::ROOT, name).ok_or(ProblemKind::Encrypted);
    // What is locked for some persons alone tells of its lock elsewhere.
    let lock = Lock::open(&compound.bytes(find(INFO)?, output)?).ok_or(ProblemKind::Encrypted)?;
    let mut stream = compound.stream(find(PACKAGE)?);
    let mut size = [0; 8];
    stream.read_exact(&mut size).map_err(|_| ProblemKind::Damaged)?;
    let package = Package { stream, lock, left: u64::from_le_bytes(size), segment: 0, opened: Vec::new(), at: 0 };
    let mut package = output.meter(package);
    output.member(PartKind::Member, PACKAGE.as_bytes(), Input::stream(&mut package))?;
    drop(package);
    compound.end()
}

/// A lock that was opened.
enum Lock {
    Standard(Standard),
    Agile(Agile),
}

impl Lock {
    fn open(told: &[u8]) -> Option<Self> {
        match (u16_at(told, 0), u16_at(told, 2)) {
            (2..=4, 2) => Standard::open(told).map(Self::Standard),
            (4, 4) => Agile::open(std::str::from_utf8(told.get(8..)?).ok()?).map(Self::Agile),
            _ => None,
        }
    }

    fn apply(&self, bytes: &mut [u8], segment: u32) {
        match self {
            Self::Standard(lock) => lock.apply(bytes),
            Self::Agile(lock) => lock.apply(bytes, segment),
        }
    }
}

/// Decrypts a package segment by segment.
struct Package<'c, 'a> {
    stream: Stream<'c, 'a>,
    lock: Lock,
    /// Bytes of the package that were not given.
    left: u64,
    /// The segment that comes next.
    segment: u32,
    opened: Vec<u8>,
    /// Bytes of it that were given.
    at: usize,
}

impl Read for Package<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.opened.len() {
            self.opened.clear();
            self.at = 0;
            (&mut self.stream).take(SEGMENT as u64).read_to_end(&mut self.opened)?;
            self.lock.apply(&mut self.opened, self.segment);
            self.segment = self.segment.wrapping_add(1);
            self.opened.truncate(usize::try_from(self.left).unwrap_or(SEGMENT).min(self.opened.len()));
        }
        let rest = &self.opened[self.at..];
        let given = rest.len().min(buffer.len());
        buffer[..given].copy_from_slice(&rest[..given]);
        self.at += given;
        self.left -= given as u64;
        Ok(given)
    }
}
