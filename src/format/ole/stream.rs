//! The bytes of a stream, read sector by sector from where they lie.

use std::io::{self, Read, Seek, SeekFrom};

use super::Compound;

/// Reads a stream of a compound file.
pub struct Stream<'c, 'a> {
    compound: &'c Compound<'a>,
    first: u32,
    size: u64,
    small: bool,
    position: u64,
    /// A sector of the chain: which one from the first, and its number.
    at: (u64, u32),
}

impl<'c, 'a> Stream<'c, 'a> {
    pub(super) fn new(compound: &'c Compound<'a>, first: u32, mut size: u64) -> Self {
        let sectors = &compound.sectors;
        let small = size < sectors.cutoff && !compound.small_in.is_empty();
        // A chain that is longer than all sectors runs in a circle. The last sector may be cut.
        let room = if small { compound.small_in.len() as u64 } else { u64::from(sectors.count) + 1 } << sectors.shift;
        if size > room {
            compound.cut.set(true);
            size = room;
        }
        Self { compound, first, size, small, position: 0, at: (0, first) }
    }

    /// Size of a sector of this stream as a power of two.
    fn shift(&self) -> u32 {
        if self.small { self.compound.sectors.small_shift } else { self.compound.sectors.shift }
    }

    fn after(&self, sector: u32) -> Option<u32> {
        if self.small {
            self.compound.small_next.get(sector as usize).copied()
        } else {
            self.compound.sectors.after(sector)
        }
    }

    /// Where a sector begins in the file.
    fn offset(&self, sector: u32) -> Option<u64> {
        let sectors = &self.compound.sectors;
        if !self.small {
            return Some(sectors.offset(sector));
        }
        let at = u64::from(sector) << sectors.small_shift;
        let holder = *self.compound.small_in.get(usize::try_from(at >> sectors.shift).ok()?)?;
        Some(sectors.offset(holder) + (at & (sectors.bytes() as u64 - 1)))
    }

    /// Goes along the chain to the sector of the position; none where the chain ends before.
    fn walk(&mut self) -> Option<u32> {
        let wanted = self.position >> self.shift();
        if wanted < self.at.0 {
            self.at = (0, self.first);
        }
        while self.at.0 < wanted {
            self.at = (self.at.0 + 1, self.after(self.at.1)?);
        }
        Some(self.at.1)
    }

    /// Where the position lies in the file, and how many bytes from there on lie together, up to `wanted`.
    fn extent(&mut self, wanted: u64) -> Option<(u64, u64)> {
        let sector_bytes = 1_u64 << self.shift();
        let mut sector = self.walk()?;
        let inside = self.position & (sector_bytes - 1);
        let start = self.offset(sector)? + inside;
        let mut together = sector_bytes - inside;
        while together < wanted {
            match self.after(sector).filter(|&next| self.offset(next) == Some(start + together)) {
                Some(next) => sector = next,
                None => break,
            }
            together += sector_bytes;
        }
        Some((start, together.min(wanted)))
    }
}

impl Read for Stream<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = self.size.saturating_sub(self.position).min(buffer.len() as u64);
        if wanted == 0 {
            return Ok(0);
        }
        let mut got = 0;
        if let Some((start, together)) = self.extent(wanted) {
            let mut source = self.compound.source.borrow_mut();
            source.seek(SeekFrom::Start(start))?;
            got = source.read(&mut buffer[..together as usize])?;
        }
        self.position += got as u64;
        if got == 0 {
            self.compound.cut.set(true);
            self.size = self.position;
        }
        Ok(got)
    }
}

impl Seek for Stream<'_, '_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
