//! A value that singles out a person.

use zeroize::Zeroize;

/// A value that singles out a person, in its normal form: of a CPR number the ten digits.
///
/// It lives between detection and the border where it becomes a [`Subject`](super::Subject). It prints nothing, never
/// serialises, and leaves no trace in memory when dropped.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identifier(Box<[u8]>);

impl Identifier {
    /// From the normal form.
    pub fn new(normal: &[u8]) -> Self {
        Self(normal.into())
    }

    /// The normal form, in the clear: for a key's token and for `reveal`.
    pub fn normal(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Identifier {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identifier(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_no_digit() {
        assert_eq!(format!("{:?}", Identifier::new(b"0707614285")), "Identifier(..)");
    }
}
