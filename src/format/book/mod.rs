//! What all workbooks share, however their bytes lie: how numbers and headers are shown, and what formulas hold.

pub mod cell;
pub mod header;
pub mod number;
pub mod pivot;
pub mod string;
pub mod token;
