//! Changes to a story's file that the program makes itself: everything else in it stays as it was written.

use toml_edit::{DocumentMut, TableLike, Value, value};

use super::NotToml;
use super::read::{ids, not_toml};
use crate::domain::StoryId;

/// Why a file was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEditable {
    /// It is no TOML.
    #[error(transparent)]
    NotToml(#[from] NotToml),
    /// There is no such scene.
    #[error("there is no scene {0:?}")]
    NoScene(String),
    /// Its scenes are written otherwise.
    #[error("the scenes are not written as [[scene]]")]
    NoTables,
    /// The prompt of a scene is in parts, which are changed one by one.
    #[error("the prompt of scene {0:?} is written in parts")]
    InParts(String),
    /// It is another one than it was when the change was made.
    #[error("the file was changed meanwhile")]
    Changed,
}

/// Writes the ids that are missing: the story's, and that of each scene. `None` where none is missing.
pub fn identify(text: &str, fresh: StoryId) -> Result<Option<String>, NotEditable> {
    let mut document = document(text)?;
    let mut is_changed = false;
    if document.get("id").is_none() {
        let decor = document.as_table().iter().next().map(|(key, _)| key.to_owned());
        document.insert("id", value(fresh.to_string()));
        // An id belongs to the top, but a comment at the top belongs to what follows it there.
        if decor.is_some() {
            first(document.as_table_mut(), "id");
        }
        is_changed = true;
    }
    let Some(scenes) = document.get_mut("scene").and_then(|item| item.as_array_of_tables_mut())
    else {
        return Ok(is_changed.then(|| document.to_string()));
    };
    let tables: Vec<&dyn TableLike> = scenes.iter().map(|table| table as &dyn TableLike).collect();
    let ids = ids(&tables);
    for (table, (id, _)) in scenes.iter_mut().zip(ids).filter(|(_, (_, is_said))| !is_said) {
        table.remove("id");
        table.insert("id", value(id));
        first(table, "id");
        is_changed = true;
    }
    Ok(is_changed.then(|| document.to_string()))
}

/// Writes which take a scene has in the film, or that nobody says so any more.
pub fn choose_take(text: &str, scene: &str, take: Option<&str>) -> Result<String, NotEditable> {
    let mut document = document(text)?;
    let missing = || NotEditable::NoScene(scene.to_owned());
    let scenes = document.get_mut("scene").and_then(|item| item.as_array_of_tables_mut());
    let scenes = scenes.ok_or_else(missing)?;
    let tables: Vec<&dyn TableLike> = scenes.iter().map(|table| table as &dyn TableLike).collect();
    let place = ids(&tables).iter().position(|(id, _)| id == scene).ok_or_else(missing)?;
    let table = scenes.get_mut(place).ok_or_else(missing)?;
    match take {
        Some(take) => {
            let number = take.parse::<i64>().map(Value::from);
            let written = number.unwrap_or_else(|_| Value::from(take));
            match table.get_mut("take").and_then(|item| item.as_value_mut()) {
                Some(known) => {
                    let decor = known.decor().clone();
                    *known = written;
                    *known.decor_mut() = decor;
                }
                None => drop(table.insert("take", value(written))),
            }
        }
        None => drop(table.remove("take")),
    }
    Ok(document.to_string())
}

pub(super) fn document(text: &str) -> Result<DocumentMut, NotEditable> {
    text.parse().map_err(|error| not_toml(text, &error).into())
}

/// Puts a key before the others of its table, below what is written above them.
fn first(table: &mut toml_edit::Table, wanted: &str) {
    let lead = table.iter().map(|(key, _)| key.to_owned()).find(|key| key != wanted);
    table.sort_values_by(|one, _, other, _| {
        (other.get() == wanted).cmp(&(one.get() == wanted)).then(std::cmp::Ordering::Equal)
    });
    let Some(lead) = lead else { return };
    let is_value = table.get(&lead).is_some_and(toml_edit::Item::is_value);
    let above = table.key(&lead).map(|key| key.leaf_decor().clone());
    if let (true, Some(above)) = (is_value, above) {
        if let Some(mut key) = table.key_mut(&lead) {
            key.leaf_decor_mut().clear();
        }
        if let Some(mut key) = table.key_mut(wanted) {
            *key.leaf_decor_mut() = above;
        }
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
