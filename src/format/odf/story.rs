//! The running text, and those that stand beside it.

use super::super::flow::{Beside, Flow};
use super::super::{Output, Reading};
use super::table::Tables;
use crate::model::Place;

/// Texts beside the running text that may stand in one another; deeper ones are read as one.
const STORIES: usize = 64;

/// A text: the running one, or one beside it.
#[derive(Default)]
pub struct Story {
    pub flow: Flow,
    pub tables: Tables,
    /// True when characters are text.
    pub is_open: bool,
    /// As what it is given; none for the running text.
    field: Option<&'static str>,
    /// How many elements were open where it began.
    depth: usize,
}

/// All texts that began, and those beside the running text that ended.
pub struct Stories {
    open: Vec<Story>,
    ended: Beside,
    /// Paragraphs of the running text that began.
    paragraph: u32,
}

impl Stories {
    /// Nothing but the running text. Where that is a field, it is kept to be given as such.
    pub fn new(field: Option<&'static str>) -> Self {
        let flow = if field.is_some() { Flow::kept() } else { Flow::default() };
        Self { open: vec![Story { flow, field, ..Story::default() }], ended: Beside::default(), paragraph: 0 }
    }

    /// The innermost text.
    pub fn current(&mut self) -> &mut Story {
        self.open.last_mut().expect("the running text is never taken")
    }

    /// As what the innermost text is given.
    pub fn field(&self) -> Option<&'static str> {
        self.open.last().and_then(|story| story.field)
    }

    /// A text begins beside the one that is open, in an element at `depth`. Its characters are text if `is_open`.
    pub fn begin(&mut self, field: &'static str, depth: usize, is_open: bool) {
        if self.open.len() < STORIES {
            self.open.push(Story { flow: Flow::kept(), field: Some(field), depth, is_open, ..Story::default() });
        }
    }

    /// Ends the text that began in the element at `depth`.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn end(&mut self, depth: usize, output: &mut Output<'_>) -> Reading {
        if self.open.len() > 1 && self.current().depth >= depth {
            self.end_paragraph(output)?;
            if let Some(Story { flow, field: Some(field), .. }) = self.open.pop() {
                self.ended.add(field, flow);
            }
        }
        Ok(())
    }

    /// A paragraph begins. Those beside the running text stand at the one that holds them.
    pub fn begin_paragraph(&mut self) {
        if self.open.len() == 1 {
            self.paragraph = self.paragraph.saturating_add(1);
        }
        self.current().is_open = true;
    }

    fn place(&self) -> Place {
        let cell = self.open.iter().rev().find_map(|story| story.tables.place());
        cell.unwrap_or(Place::Paragraph(self.paragraph.max(1)))
    }

    /// The paragraph of the innermost text ends.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn end_paragraph(&mut self, output: &mut Output<'_>) -> Reading {
        let place = self.place();
        let story = self.current();
        story.is_open = false;
        story.flow.end(place, story.tables.cell(), output)
    }

    /// Hands on a paragraph that holds much.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn check(&mut self, output: &mut Output<'_>) -> Reading {
        if !self.current().flow.is_full() {
            return Ok(());
        }
        let place = self.place();
        let story = self.current();
        story.flow.give(place, story.tables.cell(), output)
    }

    /// Keeps a text of one line that stands here, to be given as `field`.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn keep(&mut self, field: &'static str, text: &str, output: &mut Output<'_>) -> Reading {
        if text.trim().is_empty() {
            return Ok(());
        }
        let mut flow = Flow::kept();
        flow.show(text.trim());
        flow.end(self.place(), None, output)?;
        self.ended.add(field, flow);
        Ok(())
    }

    /// Gives what is left, and then what stood beside the running text.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn give(mut self, output: &mut Output<'_>) -> Reading {
        while self.open.len() > 1 {
            self.end(0, output)?;
        }
        self.end_paragraph(output)?;
        if let Some(Story { flow, field: Some(field), .. }) = self.open.pop() {
            self.ended.add(field, flow);
        }
        self.ended.give(output)
    }
}
