//! A value that singles out a person.

use zeroize::Zeroize;

/// A value that singles out a person, in its normal form: of a CPR number the ten digits.
///
/// It lives between detection and the border where it becomes a [`Subject`](super::Subject). It prints nothing, never
/// serialises, and is overwritten where it lies when it is dropped.
#[derive(Clone)]
pub struct Identifier(Held);

/// Longest normal form that is held without a place of its own in memory, in bytes.
const SHORT: usize = 15;

#[derive(Clone)]
enum Held {
    Short([u8; SHORT], u8),
    Long(Box<[u8]>),
}

impl Identifier {
    /// From the normal form.
    pub fn new(normal: &[u8]) -> Self {
        let mut short = [0; SHORT];
        match short.get_mut(..normal.len()) {
            Some(start) => {
                start.copy_from_slice(normal);
                Self(Held::Short(short, normal.len() as u8))
            }
            None => Self(Held::Long(normal.into())),
        }
    }

    /// The normal form, in the clear: for a key's token and for `reveal`.
    pub fn normal(&self) -> &[u8] {
        match &self.0 {
            Held::Short(short, length) => &short[..usize::from(*length)],
            Held::Long(long) => long,
        }
    }
}

impl Drop for Identifier {
    fn drop(&mut self) {
        match &mut self.0 {
            Held::Short(short, _) => short.zeroize(),
            Held::Long(long) => long.zeroize(),
        }
    }
}

impl PartialEq for Identifier {
    fn eq(&self, other: &Self) -> bool {
        self.normal() == other.normal()
    }
}

impl Eq for Identifier {}

impl std::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identifier(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_length_is_held() {
        let long = Identifier::new(b"karla.jensen@example.dk");
        assert_eq!(long.normal(), b"karla.jensen@example.dk");
        assert!(Identifier::new(b"0707614285") == Identifier::new(b"0707614285"));
        assert!(Identifier::new(b"0707614285") != long);
    }

    #[test]
    fn debug_prints_no_digit() {
        assert_eq!(format!("{:?}", Identifier::new(b"0707614285")), "Identifier(..)");
    }
}
