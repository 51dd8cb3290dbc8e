//! What a person changes in a story without opening its file: the order of its scenes, their words, their takes.
//! Everything else in the file stays as it was written.

use toml_edit::{ArrayOfTables, Item, Table, TableLike, Value, value};

use super::edit::{NotEditable, choose_take, document, identify};
use super::prompt::PARTS;
use super::read::ids;
use crate::domain::StoryId;

/// A change of a story's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// Which take a scene has in the film; `None` is the newest again.
    Take {
        /// The scene's id.
        scene: String,
        /// The take, as it is labelled.
        take: Option<String>,
    },
    /// A scene goes so many places further down, or up.
    Move {
        /// The scene's id.
        scene: String,
        /// How far; held within the story.
        by: isize,
    },
    /// A new scene.
    Add {
        /// The id of the scene that it follows; `None` is the beginning.
        after: Option<String>,
        /// What is to be seen in it.
        prompt: String,
    },
    /// A scene less. Its takes stay in the library.
    Remove {
        /// The scene's id.
        scene: String,
    },
    /// Other words.
    Say {
        /// The scene's id.
        scene: String,
        /// Which.
        what: Said,
        /// The words; empty ones take the key away.
        words: String,
    },
    /// The file as it was before a change.
    PutBack {
        /// What the change made of it: where it is another one now, nothing is put back.
        now: String,
        /// What it was.
        before: String,
    },
}

/// Words of a scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// What a person calls it.
    Title,
    /// What is to be seen.
    Prompt,
}

impl Said {
    fn key(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Prompt => "prompt",
        }
    }
}

/// Makes the change, and writes the ids that are missing: a scene is moved and named by what it is known by.
///
/// # Errors
///
/// When the file is no TOML, has no such scene, or its words are not written in one piece.
pub fn revise(text: &str, revision: &Revision, fresh: StoryId) -> Result<String, NotEditable> {
    if let Revision::PutBack { now, before } = revision {
        return if now == text { Ok(before.clone()) } else { Err(NotEditable::Changed) };
    }
    let identified = identify(text, fresh)?;
    let text = identified.as_deref().unwrap_or(text);
    if let Revision::Take { scene, take } = revision {
        return choose_take(text, scene, take.as_deref());
    }
    let mut document = document(text)?;
    if document.get("scene").is_none() {
        document.insert("scene", Item::ArrayOfTables(ArrayOfTables::new()));
    }
    let scenes = document.get_mut("scene").and_then(Item::as_array_of_tables_mut);
    let scenes = scenes.ok_or(NotEditable::NoTables)?;
    match revision {
        Revision::Move { scene, by } => {
            let from = place(scenes, scene)?;
            let to = from.saturating_add_signed(*by).min(scenes.len() - 1);
            reorder(scenes, |tables| {
                let table = tables.remove(from);
                tables.insert(to, table);
            });
        }
        Revision::Add { after, prompt } => {
            let at = match after {
                Some(after) => place(scenes, after)? + 1,
                None => 0,
            };
            let mut table = Table::new();
            table.insert("prompt", value(prompt.trim()));
            if at > 0 {
                table.decor_mut().set_prefix("\n");
            }
            reorder(scenes, |tables| tables.insert(at, table));
        }
        Revision::Remove { scene } => {
            let at = place(scenes, scene)?;
            reorder(scenes, |tables| drop(tables.remove(at)));
        }
        Revision::Say { scene, what, words } => {
            let at = place(scenes, scene)?;
            let table = scenes.get_mut(at).ok_or_else(|| NotEditable::NoScene(scene.clone()))?;
            say(table, scene, *what, words.trim())?;
        }
        Revision::Take { .. } | Revision::PutBack { .. } => {}
    }
    let text = document.to_string();
    // A new scene gets an id of its own before anybody names it by a title that changes.
    Ok(identify(&text, fresh)?.unwrap_or(text))
}

fn place(scenes: &ArrayOfTables, scene: &str) -> Result<usize, NotEditable> {
    let tables: Vec<&dyn TableLike> = scenes.iter().map(|table| table as &dyn TableLike).collect();
    let place = ids(&tables).iter().position(|(id, _)| id == scene);
    place.ok_or_else(|| NotEditable::NoScene(scene.to_owned()))
}

fn say(table: &mut Table, scene: &str, what: Said, words: &str) -> Result<(), NotEditable> {
    if what == Said::Prompt && PARTS.iter().any(|part| table.contains_key(part)) {
        return Err(NotEditable::InParts(scene.to_owned()));
    }
    if words.is_empty() {
        table.remove(what.key());
        return Ok(());
    }
    match table.get_mut(what.key()).and_then(Item::as_value_mut) {
        Some(known) => {
            let decor = known.decor().clone();
            *known = Value::from(words);
            *known.decor_mut() = decor;
        }
        None => drop(table.insert(what.key(), value(words))),
    }
    Ok(())
}

/// Changes the order of the scenes. Tables are written in the order of their positions: those of the scenes, and of
/// what is below them, are given out anew among them, so that nothing else in the file moves.
fn reorder(scenes: &mut ArrayOfTables, change: impl FnOnce(&mut Vec<Table>)) {
    let mut tables: Vec<Table> = std::mem::take(scenes).into_iter().collect();
    let mut positions = Vec::new();
    for table in &mut tables {
        each(table, &mut |below| positions.extend(below.position()));
    }
    positions.sort_unstable();
    change(&mut tables);
    let mut positions = positions.into_iter();
    for mut table in tables {
        each(&mut table, &mut |below| {
            // Those beyond the last, of a new scene, follow the one before them.
            below.set_position(positions.next());
        });
        scenes.push(table);
    }
}

/// A table and every one below it that has a heading of its own, in the order of the file.
fn each(table: &mut Table, with: &mut impl FnMut(&mut Table)) {
    if !table.is_dotted() {
        with(table);
    }
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(below) => each(below, with),
            Item::ArrayOfTables(below) => below.iter_mut().for_each(|table| each(table, with)),
            Item::None | Item::Value(_) => {}
        }
    }
}

#[cfg(test)]
#[path = "revise_tests.rs"]
mod tests;
