//! The tables, indexes and triggers of a database, compared with those that this program makes.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::Declaration;

/// What makes each object, by kind and name.
pub(super) type Objects = BTreeMap<(String, String), String>;

/// Reads no table but the schema's own, so that nothing that is planted in it is carried out.
pub(super) fn objects(connection: &Connection) -> rusqlite::Result<Objects> {
    // Statistics that another program had made do no harm.
    let query =
        "SELECT type, name, ifnull(sql, '') FROM sqlite_schema WHERE name NOT IN ('sqlite_stat1', 'sqlite_stat4')";
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map([], |row| {
        let sql: String = row.get(2)?;
        Ok(((row.get(0)?, row.get(1)?), normal(&sql)))
    })?;
    rows.collect()
}

/// What this program makes.
pub(super) fn declared(declaration: &Declaration) -> rusqlite::Result<Objects> {
    let memory = Connection::open_in_memory()?;
    memory.execute_batch(declaration.schema)?;
    objects(&memory)
}

/// The first object that is not in both of them, or not the same.
pub(super) fn difference(ours: &Objects, theirs: &Objects) -> Option<String> {
    let differs = |key: &&(String, String)| ours.get(key) != theirs.get(key);
    let (kind, name) = ours.keys().chain(theirs.keys()).find(differs)?;
    Some(format!("{kind} {name}"))
}

/// SQL without its comments and with single spaces, but for what is in quotes: SQLite keeps the text as it was
/// given, and another version of this program may comment or break it otherwise.
fn normal(sql: &str) -> String {
    let mut normal = String::with_capacity(sql.len());
    let mut rest = sql.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\'' | '"' | '`' => {
                normal.push(char);
                for quoted in rest.by_ref() {
                    normal.push(quoted);
                    if quoted == char {
                        break;
                    }
                }
            }
            '-' if rest.peek() == Some(&'-') => {
                rest.by_ref().find(|char| *char == '\n');
                space(&mut normal);
            }
            _ if char.is_ascii_whitespace() => space(&mut normal),
            _ => {
                // A space beside a bracket or a comma says nothing.
                if matches!(char, '(' | ')' | ',') && normal.ends_with(' ') {
                    normal.pop();
                }
                normal.push(char);
            }
        }
    }
    normal.trim_end().to_owned()
}

fn space(normal: &mut String) {
    if !normal.is_empty() && !normal.ends_with([' ', '(', ')', ',']) {
        normal.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn comments_and_breaks_do_not_count_and_quotes_do() {
        let plain = normal("CREATE TABLE a (b TEXT, c TEXT)");
        assert_eq!(
            normal("CREATE  TABLE a (\n  b TEXT, -- the b's own, (see c)\n  c TEXT -- and c\n)"),
            plain
        );
        assert_ne!(normal("CREATE TABLE a (b TEXT, c TEXT, d TEXT)"), plain);
        let raise = normal("SELECT RAISE(ABORT, 'never leaves')");
        assert_ne!(normal("SELECT RAISE(ABORT, 'never --', evil() || '\n leaves')"), raise);
        assert_ne!(normal("SELECT RAISE(ABORT, 'never  leaves')"), raise);
    }
}
