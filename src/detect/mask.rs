//! Which of 64 code units are of a kind, as the bits of a word: bit i stands for unit i.
//!
//! The form for any machine is the twin by which those for x86-64 are tested.

use crate::model;

/// Sixty-four code units, each as a byte; [`OTHER`] stands for what has none of its own.
pub type Block = [u8; 64];

/// Stands for a unit of UTF-16 above U+00FE.
pub const OTHER: u8 = 0xff;

/// The border between two cells, as a unit.
const CELL_BREAK: u8 = model::CELL_BREAK as u8;

/// Units of two bytes, the low one at `LOW`, as bytes. There must be 64 of them.
#[inline]
pub fn narrow<const LOW: usize>(units: &[u8], block: &mut Block) {
    for (byte, unit) in block.iter_mut().zip(units.chunks_exact(2)) {
        *byte = unit[LOW] | if unit[1 - LOW] == 0 { 0 } else { OTHER };
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// The masks of a block, in one of the forms of this file.
        pub trait Masks {
            $($(#[$doc])* fn $name(block: &Block) -> u64;)*
        }

        impl Masks for Portable {
            $(#[inline(always)]
            fn $name(block: &Block) -> u64 {
                portable::$name(block)
            })*
        }

        #[cfg(target_arch = "x86_64")]
        impl Masks for Sse2 {
            $(#[inline(always)]
            #[allow(unsafe_code, reason = "every x86-64 has SSE2")]
            fn $name(block: &Block) -> u64 {
                unsafe { sse2::$name(block) }
            })*
        }

        #[cfg(target_arch = "x86_64")]
        impl Masks for Avx2 {
            $(#[inline(always)]
            #[allow(unsafe_code, reason = "it is used only where `best` found AVX2")]
            fn $name(block: &Block) -> u64 {
                unsafe { avx2::$name(block) }
            })*
        }

        #[cfg(test)]
        fn all<M: Masks>(block: &Block) -> Vec<(&'static str, u64)> {
            vec![$((stringify!($name), M::$name(block))),*]
        }
    };
}

kinds! {
    /// Digits.
    digits;
    /// What can be the first digit of a month: 0 and 1.
    months;
    /// The digits that no day begins with, also when 60 is added to it: 4 and 5.
    no_days;
    /// What is no ASCII character, or may begin an escape: all that needs a closer look.
    suspects;
    /// What begins an escape of a URL, of source code or of markup.
    escapes;
    /// The equals signs before a 2, which begin the escape of a hyphen in mail. The last unit counts without it.
    equals_two;
    /// Hyphens, quotation marks and borders of cells. A comma with a space is none: it is in most running text.
    joins;
    /// What is no ASCII character.
    high;
    /// What is none, nor a letter of Latin-1.
    high_no_letters;
    /// The first byte of most letters of Latin-1 in UTF-8.
    letter_leads;
}

/// The form for any machine.
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "the twin in tests"))]
struct Portable;

/// With vectors of 16 bytes.
#[cfg(target_arch = "x86_64")]
struct Sse2;

/// With vectors of 32 bytes.
#[cfg(target_arch = "x86_64")]
struct Avx2;

/// Work that is done by masks.
pub trait Work {
    /// Does it; to be inlined, so that it is compiled for the processor of the form.
    fn by<M: Masks>(self);
}

/// Does `work` by the best form that this processor has.
#[inline]
pub fn best(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    {
        let has = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2");
        if has
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("lzcnt")
        {
            #[allow(unsafe_code, reason = "the processor was asked")]
            return unsafe { with_avx2(work) };
        }
        work.by::<Sse2>();
    }
    #[cfg(not(target_arch = "x86_64"))]
    work.by::<Portable>();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
fn with_avx2(work: impl Work) {
    work.by::<Avx2>();
}

/// For any machine, written so that a compiler finds the vectors in it.
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "the twin in tests"))]
mod portable {
    use super::{Block, CELL_BREAK, OTHER};
    use crate::model::mask_of;

    pub fn digits(block: &Block) -> u64 {
        mask_of(block, |byte| byte.wrapping_sub(b'0') < 10)
    }

    pub fn months(block: &Block) -> u64 {
        mask_of(block, |byte| byte | 1 == b'1')
    }

    pub fn no_days(block: &Block) -> u64 {
        mask_of(block, |byte| byte | 1 == b'5')
    }

    pub fn suspects(block: &Block) -> u64 {
        mask_of(block, |byte| (byte >= 0x80) | (byte == b'%') | (byte == b'\\') | (byte == b'&') | (byte == b'='))
    }

    pub fn escapes(block: &Block) -> u64 {
        mask_of(block, |byte| (byte == b'%') | (byte == b'\\') | (byte == b'&'))
    }

    pub fn equals_two(block: &Block) -> u64 {
        mask_of(block, |byte| byte == b'=') & (mask_of(block, |byte| byte == b'2') >> 1 | 1 << 63)
    }

    pub fn joins(block: &Block) -> u64 {
        mask_of(block, |byte| (byte == b'-') | (byte == b'"') | (byte == b';') | (byte == b'|') | (byte == CELL_BREAK))
    }

    pub fn high(block: &Block) -> u64 {
        mask_of(block, |byte| byte >= 0x80)
    }

    pub fn high_no_letters(block: &Block) -> u64 {
        mask_of(block, |byte| (byte >= 0x80) & ((byte < 0xc0) | (byte == OTHER)))
    }

    pub fn letter_leads(block: &Block) -> u64 {
        mask_of(block, |byte| byte == 0xc3)
    }
}

/// The masks by vectors, of what a module has for a kind of them: how many make a block, a word for their highest bits, and
/// `load`, `highest`, `or`, `equal`, `less` (as signed numbers) and `digit`.
#[cfg(target_arch = "x86_64")]
macro_rules! by_vectors {
    ($feature:literal, $vectors:literal, $word:ty) => {
        use super::{Block, CELL_BREAK, OTHER};

        /// A bit for the highest bit of each byte of what `of` makes of the vectors.
        macro_rules! gathered {
            ($block:expr, $of:expr) => {{
                let mut mask = 0;
                for i in 0..$vectors {
                    mask |= u64::from(highest($of(load($block, i))) as $word) << (64 / $vectors * i);
                }
                mask
            }};
        }

        #[target_feature(enable = $feature)]
        #[inline]
        pub fn digits(block: &Block) -> u64 {
            gathered!(block, |bytes| digit(bytes))
        }

        #[target_feature(enable = $feature)]
        #[inline]
        pub fn months(block: &Block) -> u64 {
            gathered!(block, |bytes| equal(or(bytes, all(1)), b'1'))
        }

        #[target_feature(enable = $feature)]
        #[inline]
        pub fn no_days(block: &Block) -> u64 {
            gathered!(block, |bytes| equal(or(bytes, all(1)), b'5'))
        }

        /// The highest bit of what is no ASCII character is set as it is.
        #[target_feature(enable = $feature)]
        #[inline]
        pub fn suspects(block: &Block) -> u64 {
            gathered!(block, |bytes| or(or(bytes, equal(bytes, b'=')), escape(bytes)))
        }

        #[target_feature(enable = $feature)]
        #[inline]
        pub fn escapes(block: &Block) -> u64 {
            gathered!(block, |bytes| escape(bytes))
        }

        #[target_feature(enable = $feature)]
        #[inline]
        pub fn equals_two(block: &Block) -> u64 {
            let equals = gathered!(block, |bytes| equal(bytes, b'='));
            if equals == 0 {
                return 0;
            }
            equals & (gathered!(block, |bytes| equal(bytes, b'2')) >> 1 | 1 << 63)
        }

        #[target_feature(enable = $feature)]
        #[inline]
        pub fn joins(block: &Block) -> u64 {
            gathered!(block, |bytes| {
                let marks = or(equal(bytes, b'-'), equal(bytes, b'"'));
                or(or(marks, equal(bytes, CELL_BREAK)), or(equal(bytes, b';'), equal(bytes, b'|')))
            })
        }

        #[target_feature(enable = $feature)]
        #[inline]
        pub fn high(block: &Block) -> u64 {
            gathered!(block, |bytes| bytes)
        }

        /// As signed numbers 0x80 to 0xbf are those below -64.
        #[target_feature(enable = $feature)]
        #[inline]
        pub fn high_no_letters(block: &Block) -> u64 {
            gathered!(block, |bytes| or(less(bytes, all(-64)), equal(bytes, OTHER)))
        }

        #[target_feature(enable = $feature)]
        #[inline]
        pub fn letter_leads(block: &Block) -> u64 {
            gathered!(block, |bytes| equal(bytes, 0xc3))
        }

        #[target_feature(enable = $feature)]
        #[inline]
        fn escape(bytes: Vector) -> Vector {
            or(or(equal(bytes, b'%'), equal(bytes, b'\\')), equal(bytes, b'&'))
        }
    };
}

/// With the vectors of 16 bytes that every x86-64 has.
#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i as Vector, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_loadu_si128, _mm_movemask_epi8 as highest,
        _mm_or_si128 as or, _mm_set1_epi8 as all, _mm_setzero_si128, _mm_sub_epi8, _mm_subs_epu8,
    };

    by_vectors!("sse2", 4, u16);

    #[target_feature(enable = "sse2")]
    #[inline]
    fn load(block: &Block, vector: usize) -> Vector {
        let bytes = &block[vector * size_of::<Vector>()..][..size_of::<Vector>()];
        #[allow(unsafe_code, reason = "there are so many bytes")]
        unsafe {
            _mm_loadu_si128(bytes.as_ptr().cast())
        }
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn equal(bytes: Vector, byte: u8) -> Vector {
        _mm_cmpeq_epi8(bytes, all(byte as i8))
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    fn less(bytes: Vector, others: Vector) -> Vector {
        _mm_cmpgt_epi8(others, bytes)
    }

    /// Those of which no more than 9 is left without `0`.
    #[target_feature(enable = "sse2")]
    #[inline]
    fn digit(bytes: Vector) -> Vector {
        let value = _mm_sub_epi8(bytes, all(b'0' as i8));
        _mm_cmpeq_epi8(_mm_subs_epu8(value, all(9)), _mm_setzero_si128())
    }
}

/// With the vectors of 32 bytes that most have.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i as Vector, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_movemask_epi8 as highest,
        _mm256_or_si256 as or, _mm256_set1_epi8 as all, _mm256_setzero_si256, _mm256_sub_epi8, _mm256_subs_epu8,
    };

    by_vectors!("avx2", 2, u32);

    #[target_feature(enable = "avx2")]
    #[inline]
    fn load(block: &Block, vector: usize) -> Vector {
        let bytes = &block[vector * size_of::<Vector>()..][..size_of::<Vector>()];
        #[allow(unsafe_code, reason = "there are so many bytes")]
        unsafe {
            _mm256_loadu_si256(bytes.as_ptr().cast())
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn equal(bytes: Vector, byte: u8) -> Vector {
        _mm256_cmpeq_epi8(bytes, all(byte as i8))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn less(bytes: Vector, others: Vector) -> Vector {
        _mm256_cmpgt_epi8(others, bytes)
    }

    /// Those of which no more than 9 is left without `0`.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn digit(bytes: Vector) -> Vector {
        let value = _mm256_sub_epi8(bytes, all(b'0' as i8));
        _mm256_cmpeq_epi8(_mm256_subs_epu8(value, all(9)), _mm256_setzero_si256())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_forms_see_the_same(
            bytes in prop::collection::vec(prop::sample::select(b"0123456789/:=%&-\"\\\0\x01\x7f\x80\xb0\xbf\xc0\xc3\xfe\xff a".as_slice()), 64),
        ) {
            let block: Block = bytes.try_into().unwrap();
            struct Compare<'b>(&'b Block);
            impl Work for Compare<'_> {
                fn by<M: Masks>(self) {
                    assert_eq!(all::<M>(self.0), all::<Portable>(self.0));
                }
            }
            best(Compare(&block));
            #[cfg(target_arch = "x86_64")]
            Compare(&block).by::<Sse2>();
        }
    }

    #[test]
    fn a_bit_stands_for_a_unit() {
        let mut block = [b' '; 64];
        (block[0], block[63]) = (b'1', b'9');
        assert_eq!(Portable::digits(&block), 1 | 1 << 63);
        let units: Vec<u8> = [0x31, 0, 0x31, 1].into_iter().chain([b' ', 0].repeat(62)).collect();
        narrow::<0>(&units, &mut block);
        assert_eq!((Portable::digits(&block), Portable::high(&block)), (1, 2));
    }
}
