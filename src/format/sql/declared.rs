//! The columns that `CREATE TABLE` declares.

use super::statement::bare_name;

/// Words at the beginning of what is no column.
const CONSTRAINTS: &[&str] = &[
    "primary",
    "unique",
    "key",
    "constraint",
    "check",
    "foreign",
    "index",
    "fulltext",
    "spatial",
    "exclude",
    "period",
    "like",
];

/// A column.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name without marks.
    pub name: String,
    /// It is the number of the row under another name: SQLite stores none of its values.
    pub is_row_number: bool,
}

/// The columns in the first brackets of `create`, in order.
pub fn columns(create: &str) -> Vec<Column> {
    let Some(body) = body(create) else { return Vec::new() };
    parts(body).filter_map(column).collect()
}

/// The columns in the order in which SQLite stores them: in a table without row numbers those of its key come first.
pub fn stored(create: &str) -> Vec<Column> {
    let mut columns = columns(create);
    let lower = create.to_ascii_lowercase();
    if !lower.trim_end().trim_end_matches(';').contains("without") || !lower.contains("rowid") {
        return columns;
    }
    // Lower case keeps the places of all bytes.
    let key = lower.rfind("primary key").and_then(|at| create.get(at + "primary key".len()..));
    let key = key.filter(|rest| rest.trim_start().starts_with('(')).and_then(body);
    let key: Vec<String> = match key {
        Some(key) => parts(key).filter_map(column).map(|column| column.name).collect(),
        None => {
            let Some(body) = body(create) else { return columns };
            let is_key = |written: &&str| written.to_ascii_lowercase().contains("primary key");
            parts(body).filter(is_key).filter_map(column).map(|column| column.name).collect()
        }
    };
    let place = |column: &Column| {
        let name = &column.name;
        key.iter().position(|key| key.eq_ignore_ascii_case(name)).unwrap_or(key.len())
    };
    columns.sort_by_key(place);
    columns
}

/// What stands in the first brackets, if they close.
pub fn body(create: &str) -> Option<&str> {
    let start = create.find('(')? + 1;
    let mut scan = Scan::default();
    let end =
        create[start..].char_indices().find(|&(_, c)| scan.depth_before(c) == 0 && c == ')' && !scan.is_quoted())?.0;
    Some(&create[start..start + end])
}

fn parts(body: &str) -> impl Iterator<Item = &str> {
    let mut scan = Scan::default();
    body.split(move |c| scan.depth_before(c) == 0 && c == ',' && !scan.is_quoted())
}

fn column(written: &str) -> Option<Column> {
    let written = written.lines().map(|line| line.split("--").next().unwrap_or(line)).collect::<Vec<_>>().join(" ");
    let written = written.trim();
    let end = match written.chars().next()? {
        mark @ ('`' | '"' | '\'') => written[1..].find(mark)? + 2,
        '[' => written.find(']')? + 1,
        _ => written.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(written.len()),
    };
    let (name, rest) = written.split_at(end);
    let is_constraint = CONSTRAINTS.contains(&name.to_ascii_lowercase().as_str());
    let rest = rest.to_ascii_lowercase();
    let mut words = rest.split_whitespace();
    let is_row_number = words.next() == Some("integer") && rest.contains("primary key") && !rest.contains("desc");
    (!is_constraint).then(|| Column { name: bare_name(name).trim_matches('\'').to_owned(), is_row_number })
}

/// Brackets and marks that are open.
#[derive(Default)]
struct Scan {
    depth: usize,
    quoted: Option<char>,
}

impl Scan {
    fn is_quoted(&self) -> bool {
        self.quoted.is_some()
    }

    /// Takes a character and gives how many brackets were open before it.
    fn depth_before(&mut self, c: char) -> usize {
        let before = self.depth;
        match (self.quoted, c) {
            (Some(mark), _) if c == mark => self.quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => self.quoted = Some(c),
            (None, '[') => self.quoted = Some(']'),
            (None, '(') => self.depth += 1,
            (None, ')') => self.depth = self.depth.saturating_sub(1),
            (None, _) => {}
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_from_constraints_and_what_stands_in_brackets() {
        let create = "CREATE TABLE t(id INTEGER PRIMARY KEY, [c, pr] decimal(10,0) default 'a,)b', \"navn\" text, UNIQUE(id, navn))";
        let found: Vec<(String, bool)> = columns(create).into_iter().map(|c| (c.name, c.is_row_number)).collect();
        assert_eq!(found, [("id".into(), true), ("c, pr".into(), false), ("navn".into(), false)]);
        assert!(columns("CREATE TABLE t(a, b").is_empty());
    }

    #[test]
    fn the_key_of_a_table_without_row_numbers_is_stored_first() {
        let names = |create: &str| stored(create).into_iter().map(|column| column.name).collect::<String>();
        assert_eq!(names("CREATE TABLE t(a, b, c, PRIMARY KEY (c, [b])) WITHOUT ROWID"), "cba");
        assert_eq!(names("CREATE TABLE t(a, b text primary key, c) without rowid"), "bac");
        assert_eq!(names("CREATE TABLE t(a, b text primary key, c)"), "abc");
    }
}
