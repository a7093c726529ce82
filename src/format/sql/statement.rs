//! The beginnings of statements that rows follow, and those that tell the names of columns.

use super::{declared, table_name};

/// What a text begins with.
#[derive(Debug, PartialEq, Eq)]
pub enum Statement {
    /// `INSERT INTO t (a, b) VALUES`: the first row begins after `taken` bytes.
    Insert { table: String, columns: Vec<String>, taken: usize },
    /// `COPY t (a, b) FROM stdin;` and the end of its line.
    Copy { table: String, columns: Vec<String>, taken: usize },
    /// `CREATE TABLE t (…)`.
    Create { table: String, columns: Vec<String> },
    /// One of them that goes on behind the text.
    Cut,
    /// Anything else.
    Other,
}

impl Statement {
    /// The statement at the beginning of `text`.
    pub fn parse(text: &str) -> Self {
        let mut words = Words { text, at: 0 };
        let Some(first) = words.word() else { return Self::Other };
        let statement = match first.to_ascii_lowercase().as_str() {
            "insert" | "replace" => insert(&mut words),
            "copy" => copy(&mut words),
            "create" => create(&mut words),
            _ => return Self::Other,
        };
        statement.unwrap_or(if words.at >= text.trim_end().len() { Self::Cut } else { Self::Other })
    }
}

fn insert(words: &mut Words<'_>) -> Option<Statement> {
    let mut name = words.name()?;
    let is_filler = |name: &str| {
        ["into", "ignore", "or", "replace", "delayed", "low_priority", "high_priority"]
            .contains(&name.to_ascii_lowercase().as_str())
    };
    while is_filler(name) {
        name = words.name()?;
    }
    let columns = words.list()?;
    words.keyword("values")?;
    let taken = words.at + words.text[words.at..].find('(')?;
    let blank = words.text[words.at..taken].trim().is_empty();
    blank.then(|| Statement::Insert { table: table_name(name), columns, taken })
}

fn copy(words: &mut Words<'_>) -> Option<Statement> {
    let name = words.name()?;
    let columns = words.list()?;
    words.keyword("from")?;
    words.keyword("stdin")?;
    let taken = words.at + words.text[words.at..].find('\n')? + 1;
    Some(Statement::Copy { table: table_name(name), columns, taken })
}

fn create(words: &mut Words<'_>) -> Option<Statement> {
    let mut word = words.word()?;
    while ["temporary", "temp", "unlogged", "global", "local"].contains(&word.to_ascii_lowercase().as_str()) {
        word = words.word()?;
    }
    if !word.eq_ignore_ascii_case("table") {
        words.at = 0;
        return None;
    }
    let mut name = words.name()?;
    while ["if", "not", "exists"].contains(&name.to_ascii_lowercase().as_str()) {
        name = words.name()?;
    }
    let columns = declared::columns(&words.text[words.at..]);
    let whole = declared::body(&words.text[words.at..]).is_some();
    if !whole {
        words.at = words.text.len();
        return None;
    }
    Some(Statement::Create {
        table: table_name(name),
        columns: columns.into_iter().map(|column| column.name).collect(),
    })
}

/// A name without the marks that quote it.
pub fn bare_name(written: &str) -> &str {
    written.trim().trim_matches(['`', '"', '[', ']'])
}

/// The words of a statement.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Letters and underscores.
    fn word(&mut self) -> Option<&'t str> {
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }

    fn keyword(&mut self, keyword: &str) -> Option<()> {
        let before = self.at;
        match self.word() {
            Some(word) if word.eq_ignore_ascii_case(keyword) => Some(()),
            Some(_) => {
                self.at = before;
                None
            }
            None => None,
        }
    }

    /// The name of a table, with its marks and that of its schema.
    fn name(&mut self) -> Option<&'t str> {
        self.skip_blanks();
        let start = self.at;
        let mut closing = None;
        for (at, c) in self.text[start..].char_indices() {
            match (closing, c) {
                (Some(mark), _) if c == mark => closing = None,
                (Some(_), _) => {}
                (None, '`' | '"') => closing = Some(c),
                (None, '[') => closing = Some(']'),
                (None, '.' | '_' | '$' | '#') => {}
                (None, c) if c.is_alphanumeric() => {}
                (None, _) => {
                    self.at = start + at;
                    return (at > 0).then(|| &self.text[start..start + at]);
                }
            }
        }
        self.at = self.text.len();
        None
    }

    /// The names between brackets; none where there are no brackets.
    fn list(&mut self) -> Option<Vec<String>> {
        self.skip_blanks();
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let Some(inner) = rest.strip_prefix('(') else { return Some(Vec::new()) };
        let Some(end) = inner.find(')') else {
            self.at = self.text.len();
            return None;
        };
        self.at += end + 2;
        Some(inner[..end].split(',').map(|name| bare_name(name).to_owned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Option<(String, Vec<String>)> {
        match Statement::parse(text) {
            Statement::Insert { table, columns, .. }
            | Statement::Copy { table, columns, .. }
            | Statement::Create { table, columns } => Some((table, columns)),
            Statement::Cut | Statement::Other => None,
        }
    }

    #[test]
    fn names_are_read_in_every_dialect() {
        let named = |table: &str| Some((table.to_owned(), vec!["cpr".to_owned(), "navn".to_owned()]));
        assert_eq!(columns("INSERT INTO borger (cpr, navn) VALUES ('1', 'a');"), named("borger"));
        assert_eq!(columns("insert ignore into `db`.`borger` (`cpr`,`navn`)\nvalues\n('1','a')"), named("borger"));
        assert_eq!(columns("INSERT [dbo].[Borger] ([cpr], [navn]) VALUES (N'1', N'a')"), named("borger"));
        assert_eq!(columns("COPY public.borger (cpr, navn) FROM stdin;\n1\ta\n"), named("borger"));
        assert_eq!(
            columns(
                "CREATE TABLE IF NOT EXISTS \"borger\" (\n cpr varchar(10,2) NOT NULL,\n navn text,\n PRIMARY KEY (cpr)\n);"
            ),
            named("borger")
        );
    }

    #[test]
    fn what_is_cut_goes_on_and_what_is_none_does_not() {
        assert_eq!(Statement::parse("INSERT INTO borger (cpr,\n"), Statement::Cut);
        assert_eq!(Statement::parse("INSERT INTO borger\n"), Statement::Cut);
        assert_eq!(Statement::parse("INSERT INTO borger SELECT * FROM a"), Statement::Other);
        assert_eq!(Statement::parse("Insert kassetten i maskinen (se figur)"), Statement::Other);
        assert_eq!(Statement::parse("CREATE INDEX a ON b (c);"), Statement::Other);
    }
}
