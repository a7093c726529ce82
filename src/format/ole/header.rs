//! The header of a compound file, and the tables of its sectors.

use std::collections::HashSet;
use std::io::{Read, SeekFrom};

use super::super::input::{ReadSeek, problem_kind};
use super::super::little::{u16_at, u32_at};
use crate::model::ProblemKind;

/// Sectors from here on are no sectors but say what is not one (MS-CFB 2.1).
const FIRST_SPECIAL: u32 = 0xffff_fffa;

/// Bytes of the header, whatever the size of the sectors.
const HEADER_BYTES: usize = 512;

/// Where the header names the first sectors of the allocation table, and how many it names.
const LISTED: (usize, usize) = (76, 109);

/// What the header says, and which sector follows which.
pub struct Sectors {
    /// Size of a sector as a power of two: 9 in version 3, 12 in version 4.
    pub shift: u32,
    /// Size of a small sector as a power of two.
    pub small_shift: u32,
    /// Streams of fewer bytes stand in small sectors.
    pub cutoff: u64,
    /// False in version 3, where the upper half of a stream's size means nothing.
    pub long_sizes: bool,
    /// Where the directory begins.
    pub directory: u32,
    /// Where the table of small sectors begins.
    small_table: u32,
    /// Sectors that the file has room for.
    pub count: u32,
    next: Vec<u32>,
}

impl Sectors {
    /// Reads the header and the table; sectors that the file does not hold are taken as free.
    ///
    /// # Errors
    /// When it is no compound file or cannot be read.
    pub fn read(source: &mut dyn ReadSeek) -> Result<Self, ProblemKind> {
        let bytes = source.seek(SeekFrom::End(0)).map_err(|error| problem_kind(&error))?;
        source.seek(SeekFrom::Start(0)).map_err(|error| problem_kind(&error))?;
        let mut header = Vec::new();
        source.take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(|error| problem_kind(&error))?;
        if header.len() < HEADER_BYTES || !super::begins(&header) {
            return Err(ProblemKind::Damaged);
        }
        let (shift, small_shift) = (u32::from(u16_at(&header, 30)), u32::from(u16_at(&header, 32)));
        if !(7..=16).contains(&shift) || !(3..shift).contains(&small_shift) {
            return Err(ProblemKind::Damaged);
        }
        let count = (bytes >> shift).min(u64::from(FIRST_SPECIAL)) as u32;
        let mut sectors = Self {
            shift,
            small_shift,
            cutoff: u64::from(u32_at(&header, 56)),
            long_sizes: u16_at(&header, 26) >= 4,
            directory: u32_at(&header, 48),
            small_table: u32_at(&header, 60),
            count,
            next: Vec::new(),
        };
        sectors.read_table(source, &header)?;
        Ok(sectors)
    }

    /// The allocation table: 109 of its sectors are named in the header, more in sectors that are chained.
    fn read_table(&mut self, source: &mut dyn ReadSeek, header: &[u8]) -> Result<(), ProblemKind> {
        let most = self.count as usize / (self.bytes() / 4) + 1;
        let mut listed: Vec<u32> = (0..LISTED.1).map(|i| u32_at(header, LISTED.0 + 4 * i)).collect();
        listed.retain(|&sector| sector < FIRST_SPECIAL);
        let (mut sector, mut seen, mut buffer) = (u32_at(header, 68), HashSet::new(), Vec::new());
        while sector < self.count && listed.len() < most && seen.insert(sector) {
            self.read_sector(source, sector, &mut buffer)?;
            let last = buffer.len().saturating_sub(4);
            listed.extend(numbers(&buffer[..last]).filter(|&sector| sector < FIRST_SPECIAL));
            sector = u32_at(&buffer, last);
        }
        listed.truncate(most);
        for sector in listed {
            self.read_sector(source, sector, &mut buffer)?;
            self.next.extend(numbers(&buffer));
        }
        Ok(())
    }

    /// The table of small sectors.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn small_table(&self, source: &mut dyn ReadSeek) -> Result<Vec<u32>, ProblemKind> {
        let mut buffer = Vec::new();
        let mut next = Vec::new();
        for sector in self.chain(self.small_table) {
            self.read_sector(source, sector, &mut buffer)?;
            next.extend(numbers(&buffer));
        }
        Ok(next)
    }

    /// Fills the buffer with a sector; with bytes that mean free where the file ends before.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_sector(&self, source: &mut dyn ReadSeek, sector: u32, buffer: &mut Vec<u8>) -> Result<(), ProblemKind> {
        buffer.clear();
        source.seek(SeekFrom::Start(self.offset(sector))).map_err(|error| problem_kind(&error))?;
        source.take(self.bytes() as u64).read_to_end(buffer).map_err(|error| problem_kind(&error))?;
        buffer.resize(self.bytes(), 0xff);
        Ok(())
    }

    /// Bytes of a sector.
    pub fn bytes(&self) -> usize {
        1 << self.shift
    }

    /// Where a sector begins in the file.
    pub fn offset(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) << self.shift
    }

    /// The sector that follows in a chain.
    pub fn after(&self, sector: u32) -> Option<u32> {
        self.next.get(sector as usize).copied().filter(|&next| next < FIRST_SPECIAL)
    }

    /// The sectors of a chain; one that runs in a circle ends before it comes round.
    pub fn chain(&self, first: u32) -> Vec<u32> {
        let (mut chain, mut seen) = (Vec::new(), HashSet::new());
        let mut sector = Some(first).filter(|&first| first < FIRST_SPECIAL);
        while let Some(here) = sector.filter(|&here| here <= self.count && seen.insert(here)) {
            chain.push(here);
            sector = self.after(here);
        }
        chain
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|number| u32_at(number, 0))
}
