//! Finds personal data lying where it does not belong.
//!
//! The modules stand in the order in which data flows: a share is walked, its files' bytes become text, the text is
//! searched, and what was found becomes records without a number in the clear.

pub mod detect;
pub mod format;
pub mod model;
pub mod scan;
pub mod walk;
