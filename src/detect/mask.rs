//! Which of 64 code units are digits, as the bits of a word: bit i stands for unit i.
//!
//! The form for any machine is the twin by which the one for x86-64 is tested.

/// The digits among the first 64 units of `SIZE` bytes of a block, the low byte of which is at `LOW`.
#[inline(always)]
pub fn digits<const SIZE: usize, const LOW: usize>(block: &[u8]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code, reason = "every x86-64 has SSE2")]
    return unsafe { sse2::digits::<SIZE, LOW>(block) };
    #[cfg(not(target_arch = "x86_64"))]
    return portable::digits::<SIZE, LOW>(block);
}

/// The units for which `is` holds, given as bytes: 0xff stands for what needs two.
#[inline(always)]
pub fn units<const SIZE: usize, const LOW: usize>(block: &[u8], is: impl Fn(u8) -> bool) -> u64 {
    portable::gather::<SIZE>(block, |unit| {
        let wide = if SIZE == 1 || unit[SIZE - 1 - LOW] == 0 { 0 } else { 0xff };
        is(unit[LOW] | wide)
    })
}

/// For any machine, written so that a compiler finds the vectors in it.
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "the twin in tests"))]
mod portable {
    pub fn digits<const SIZE: usize, const LOW: usize>(block: &[u8]) -> u64 {
        gather::<SIZE>(block, |unit| unit[LOW].wrapping_sub(b'0') < 10 && (SIZE == 1 || unit[SIZE - 1 - LOW] == 0))
    }

    /// A bit for each of 64 units.
    #[inline(always)]
    pub fn gather<const SIZE: usize>(block: &[u8], is: impl Fn(&[u8]) -> bool) -> u64 {
        let mut flags = [0_u8; 64];
        for (flag, unit) in flags.iter_mut().zip(block.chunks_exact(SIZE)) {
            *flag = u8::from(is(unit));
        }
        let mut mask = 0;
        for (i, eight) in flags.chunks_exact(8).enumerate() {
            let flags = u64::from_le_bytes(eight.try_into().expect("chunks of eight"));
            // Gathers the lowest bit of each byte into the highest byte.
            mask |= (flags.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
        }
        mask
    }
}

/// With the vectors of 16 bytes that every x86-64 has.
#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_cmpeq_epi16, _mm_movemask_epi8, _mm_or_si128, _mm_packs_epi16, _mm_set_epi64x,
        _mm_set1_epi8, _mm_set1_epi16, _mm_setzero_si128, _mm_slli_epi16, _mm_srli_epi16, _mm_sub_epi8, _mm_sub_epi16,
        _mm_subs_epu8, _mm_subs_epu16,
    };

    #[target_feature(enable = "sse2")]
    #[inline]
    pub fn digits<const SIZE: usize, const LOW: usize>(block: &[u8]) -> u64 {
        let mut mask = 0;
        for (i, units) in block[..64 * SIZE].chunks_exact(16 * SIZE).enumerate() {
            let sixteen = if SIZE == 1 { of_bytes(load(units)) } else { of_pairs::<LOW>(units) };
            mask |= u64::from(_mm_movemask_epi8(sixteen) as u16) << (16 * i);
        }
        mask
    }

    /// Bytes that are digits: those of which no more than 9 is left without `0`.
    #[target_feature(enable = "sse2")]
    #[inline]
    fn of_bytes(bytes: __m128i) -> __m128i {
        let value = _mm_sub_epi8(bytes, _mm_set1_epi8(b'0' as i8));
        _mm_cmpeq_epi8(_mm_subs_epu8(value, _mm_set1_epi8(9)), _mm_setzero_si128())
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn of_pairs<const LOW: usize>(units: &[u8]) -> __m128i {
        _mm_packs_epi16(of_eight_pairs::<LOW>(load(units)), of_eight_pairs::<LOW>(load(&units[16..])))
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn of_eight_pairs<const LOW: usize>(units: __m128i) -> __m128i {
        let units = if LOW == 0 { units } else { _mm_or_si128(_mm_slli_epi16::<8>(units), _mm_srli_epi16::<8>(units)) };
        let value = _mm_sub_epi16(units, _mm_set1_epi16(i16::from(b'0')));
        _mm_cmpeq_epi16(_mm_subs_epu16(value, _mm_set1_epi16(9)), _mm_setzero_si128())
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn load(bytes: &[u8]) -> __m128i {
        let sixteen = u128::from_le_bytes(bytes[..16].try_into().expect("sixteen bytes"));
        _mm_set_epi64x((sixteen >> 64) as i64, sixteen as i64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_forms_see_the_same_digits(block in prop::collection::vec(prop::sample::select(b"0189/:\0\x01\xb0\xff a".as_slice()), 128)) {
            prop_assert_eq!(digits::<1, 0>(&block), portable::digits::<1, 0>(&block));
            prop_assert_eq!(digits::<2, 0>(&block), portable::digits::<2, 0>(&block));
            prop_assert_eq!(digits::<2, 1>(&block), portable::digits::<2, 1>(&block));
            let plain = block.iter().take(64).enumerate().filter(|(_, b)| b.is_ascii_digit());
            prop_assert_eq!(digits::<1, 0>(&block), plain.fold(0, |mask, (i, _)| mask | 1 << i));
        }
    }
}
