//! Paragraphs and cells on their way out of markup.

use super::{Output, Reading};
use crate::model::{Place, ProblemKind, TableCell};

/// Bytes of a paragraph that are held before they are handed on.
const PARAGRAPH_BYTES: usize = 64 * 1024;

/// Paragraphs one after another, each with what stands apart from it: what was deleted, an instruction, an attribute.
///
/// What is shown before and after something apart belongs together, so that stands on lines of its own behind the
/// paragraph.
#[derive(Default)]
pub struct Flow {
    text: String,
    apart: String,
    /// True when what comes apart next does not belong to what came before it.
    parted: bool,
    /// True when some of the paragraph was handed on.
    goes_on: bool,
    /// The cell that the text given last stood in.
    last: Option<Option<TableCell>>,
    /// What is kept to be given later; none when all is given at once.
    kept: Option<Vec<Stretch>>,
}

/// Text that is kept, and where it stands.
struct Stretch {
    place: Place,
    cell: Option<TableCell>,
    text: String,
}

impl Flow {
    /// A flow that keeps what it is given: what stands beside the running text must not come between its lines.
    pub fn kept() -> Self {
        Self { kept: Some(Vec::new()), ..Self::default() }
    }

    /// What the paragraph shows so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Appends what is shown.
    pub fn show(&mut self, text: &str) {
        self.text.push_str(text);
        self.parted = true;
    }

    /// Appends a character that is shown.
    pub fn show_char(&mut self, c: char) {
        self.text.push(c);
        self.parted = true;
    }

    /// Appends what stands apart.
    pub fn push_apart(&mut self, text: &str) {
        if std::mem::take(&mut self.parted) && !self.apart.is_empty() {
            self.apart.push('\n');
        }
        self.apart.push_str(text);
    }

    /// What comes apart next does not belong to what came before it.
    pub fn part(&mut self) {
        self.parted = true;
    }

    /// True when the paragraph holds so much that it is to be handed on though it goes on.
    pub fn is_full(&self) -> bool {
        self.text.len().max(self.apart.len()) > PARAGRAPH_BYTES
    }

    /// The paragraph, which stands at `place`, ends. Paragraphs of one cell are lines of it.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn end(&mut self, place: Place, cell: Option<TableCell>, output: &mut Output<'_>) -> Reading {
        self.give(place, cell, output)?;
        self.goes_on = false;
        Ok(())
    }

    /// Hands on what the paragraph holds so far; what comes next joins it.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn give(&mut self, place: Place, cell: Option<TableCell>, output: &mut Output<'_>) -> Reading {
        if self.goes_on || !self.text.trim().is_empty() {
            self.stand(place, cell, output)?;
            push(&mut self.kept, &self.text, output)?;
        }
        self.text.clear();
        if !self.apart.trim().is_empty() {
            if !self.stand(place, cell, output)? {
                push(&mut self.kept, "\n", output)?;
            }
            push(&mut self.kept, self.apart.trim(), output)?;
        }
        self.apart.clear();
        self.parted = true;
        Ok(())
    }

    /// From here on the text stands in this paragraph; false when it already did.
    fn stand(&mut self, place: Place, cell: Option<TableCell>, output: &mut Output<'_>) -> Result<bool, ProblemKind> {
        if std::mem::replace(&mut self.goes_on, true) {
            return Ok(false);
        }
        let last = self.last.replace(cell);
        match (&mut self.kept, cell) {
            (kept, Some(cell)) if last == Some(Some(cell)) => push(kept, "\n", output)?,
            (Some(kept), _) => kept.push(Stretch { place, cell, text: String::new() }),
            (None, Some(cell)) => output.cell(place, cell)?,
            (None, None) => output.at(place)?,
        }
        Ok(true)
    }
}

/// Texts that stand beside the running text, by the fields as which they are given.
#[derive(Default)]
pub struct Beside(Vec<(&'static str, Vec<Stretch>)>);

impl Beside {
    /// Keeps what a flow kept.
    pub fn add(&mut self, field: &'static str, flow: Flow) {
        let stretches = flow.kept.unwrap_or_default();
        match self.0.iter_mut().find(|(known, _)| *known == field) {
            _ if stretches.is_empty() => {}
            Some((_, kept)) => kept.extend(stretches),
            None => self.0.push((field, stretches)),
        }
    }

    /// Gives all, field by field.
    ///
    /// # Errors
    /// When a limit of the whole file was reached.
    pub fn give(mut self, output: &mut Output<'_>) -> Reading {
        self.0.sort_by_key(|(field, _)| *field);
        for (field, stretches) in self.0 {
            output.field(field, |output| {
                stretches.iter().try_for_each(|stretch| {
                    match stretch.cell {
                        Some(cell) => output.cell(stretch.place, cell)?,
                        None => output.at(stretch.place)?,
                    }
                    output.push(&stretch.text)
                })
            })?;
        }
        Ok(())
    }
}

fn push(kept: &mut Option<Vec<Stretch>>, text: &str, output: &mut Output<'_>) -> Reading {
    match kept.as_mut().map(|kept| kept.last_mut()) {
        Some(Some(last)) => last.text.push_str(text),
        Some(None) => {}
        None => output.push(text)?,
    }
    Ok(())
}
