//! The reasons for and against a candidate while it is weighed: rows of its rule's evidence, and what they weigh together.

/// Most reasons of one candidate.
const MOST: usize = 15;

/// A reason, as the row of a rule's evidence in which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row(pub u16);

/// Rows of one rule's evidence in the order in which they were found. Nothing is allocated for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reasons {
    rows: [u16; MOST],
    count: u8,
}

impl Reasons {
    /// Adds one. A candidate has far fewer than there is room for; what exceeds it is left out.
    pub fn push(&mut self, Row(row): Row) {
        if let Some(free) = self.rows.get_mut(usize::from(self.count)) {
            *free = row;
            self.count += 1;
        }
    }

    /// Each, the first found first.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        self.rows[..usize::from(self.count)].iter().map(|&row| Row(row))
    }
}

impl FromIterator<Row> for Reasons {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let mut reasons = Self::default();
        rows.into_iter().for_each(|row| reasons.push(row));
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_keep_their_order_and_their_room() {
        let reasons: Reasons = [7, 3, 7].map(Row).into_iter().collect();
        assert_eq!(reasons.iter().collect::<Vec<_>>(), [Row(7), Row(3), Row(7)]);
        let many: Reasons = (0..99).map(Row).collect();
        assert_eq!(many.iter().count(), MOST);
    }
}
