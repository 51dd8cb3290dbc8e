//! Rows by the names that people give them: a number, an id, or the beginning of one.

use rusqlite::Connection;
use uuid::Uuid;

use super::StoreError;
use super::rows::all;

/// The id of the row that a person means by a number, an id or the beginning of one.
pub(super) fn find_id(
    connection: &Connection,
    what: &'static str,
    table: &str,
    name: &str,
) -> Result<Uuid, StoreError> {
    let missing = || StoreError::Missing { what, name: name.to_owned() };
    if let Ok(id) = name.parse::<Uuid>() {
        return Ok(id);
    }
    let found: Vec<Uuid> = if let Ok(number) = name.parse::<u32>() {
        let sql = format!("SELECT id FROM {table} WHERE number = :number ORDER BY id");
        all(connection, "looking a name up", &sql, &[(":number", &number)], first)?
    } else {
        let digits: String = name.chars().filter(|letter| *letter != '-').collect();
        if digits.len() < 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(missing());
        }
        let prefix = format!("{}%", digits.to_uppercase());
        let sql = format!("SELECT id FROM {table} WHERE hex(id) LIKE :prefix ORDER BY id");
        all(connection, "looking a name up", &sql, &[(":prefix", &prefix)], first)?
    };
    match found.as_slice() {
        [] => Err(missing()),
        [id] => Ok(*id),
        // A job's several outputs share its number: the first one is meant.
        [id, ..] if name.parse::<u32>().is_ok() => Ok(*id),
        several => Err(StoreError::Ambiguous { what, name: name.to_owned(), count: several.len() }),
    }
}

fn first(row: &rusqlite::Row<'_>) -> Result<Uuid, StoreError> {
    row.get(0).map_err(|error| StoreError::Row(error.to_string()))
}
