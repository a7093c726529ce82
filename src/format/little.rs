//! Numbers whose little end stands first: in a row in a record, or at an offset.

/// What is left of a record. Each number is taken off its beginning; none when it ends too soon.
#[derive(Clone, Copy, Debug, Default)]
pub struct Little<'a>(pub &'a [u8]);

impl<'a> Little<'a> {
    /// So many bytes.
    pub fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A byte.
    pub fn u8(&mut self) -> Option<u8> {
        Some(self.array::<1>()?[0])
    }

    /// A number of two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// A number of four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// A number of four bytes, as a size.
    pub fn size(&mut self) -> Option<usize> {
        self.u32()?.try_into().ok()
    }

    /// A floating point number of eight bytes.
    pub fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    /// A whole number of thirty bits or most of a floating point number, either of them a hundred times too large or
    /// not. \[MS-XLS\] 2.5.217.
    pub fn rk(&mut self) -> Option<f64> {
        let bits = self.u32()?;
        let number = match bits & 2 {
            0 => f64::from_bits(u64::from(bits & !3) << 32),
            _ => f64::from(bits.cast_signed() >> 2),
        };
        Some(if bits & 1 == 0 { number } else { number / 100.0 })
    }

    /// So many units of UTF-16; what is none becomes U+FFFD.
    pub fn utf16(&mut self, units: usize) -> Option<String> {
        let bytes = self.take(units.checked_mul(2)?)?;
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }
}

/// The number at an offset; zero beyond the end.
pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u16::from_le_bytes(*number))
}

/// As [`u16_at`].
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u32::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers_have_all_their_digits() {
        let rk = |bits: u32| Little(&bits.to_le_bytes()).rk();
        assert_eq!(rk((101_801_234 << 2) | 2), Some(101_801_234.0));
        assert_eq!(rk((4_285 << 2) | 3), Some(42.85));
        assert_eq!(rk((-5_i32 as u32) << 2 | 2), Some(-5.0));
        assert_eq!(rk((2.5_f64.to_bits() >> 32) as u32), Some(2.5));
        assert_eq!(Little(&[1, 2, 3]).rk(), None);
    }
}
