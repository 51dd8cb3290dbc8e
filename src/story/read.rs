//! A story's file read into a [`Story`], with everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Document, TableLike};

use super::table::Reader;
use super::{Defaults, PARTS, Scene, Speaker, Story, StoryFault, joined};
use crate::domain::Operation;

/// Ids are short enough for a table.
const MOST_OF_AN_ID: usize = 40;

/// A slug is made of so much of a title.
const MOST_OF_A_SLUG: usize = 24;

const STORY: [&str; 14] = [
    "id",
    "title",
    "project",
    "provider",
    "model",
    "operation",
    "negative_prompt",
    "params",
    "defaults",
    "cast",
    "crossfade",
    "music",
    "scene",
    "about",
];

const SCENE: [&str; 24] = [
    "id",
    "title",
    "prompt",
    "subject",
    "scene",
    "motion",
    "camera",
    "atmosphere",
    "lighting",
    "composition",
    "operation",
    "model",
    "params",
    "negative_prompt",
    "image",
    "last_image",
    "audio",
    "video",
    "speaker",
    "words",
    "from_previous",
    "pause",
    "take",
    "about",
];

/// A file that is no TOML at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct NotToml {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// Reads a story. What is faulty is told, and left out of it.
pub fn read(text: &str) -> Result<(Story, Vec<StoryFault>), NotToml> {
    let document = Document::parse(text).map_err(|error| not_toml(text, &error))?;
    let mut faults = Vec::new();
    let root: &dyn TableLike = document.as_table();
    let mut story = story(root, &mut faults);
    story.cast = cast(root, &mut faults);
    story.scenes = scenes(root, &mut faults);
    for scene in &story.scenes {
        if let Some(name) = scene.speaker.as_ref().filter(|name| !story.cast.contains_key(*name)) {
            let known: Vec<&str> = story.cast.keys().map(String::as_str).collect();
            faults.push(StoryFault {
                place: format!("scene {}", scene.id),
                key: "speaker".to_owned(),
                message: format!("speaker {name:?} is not in the cast"),
                hint: Some(match known.as_slice() {
                    [] => format!("write [cast.{name}] with a portrait and a voice"),
                    known => format!("the cast is {}", known.join(", ")),
                }),
            });
        }
    }
    Ok((story, faults))
}

pub(super) fn not_toml(text: &str, error: &toml_edit::TomlError) -> NotToml {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    NotToml {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: error.message().lines().collect::<Vec<_>>().join(": "),
    }
}

fn story(root: &dyn TableLike, faults: &mut Vec<StoryFault>) -> Story {
    let mut reader = Reader::new("story".to_owned(), root, &STORY, faults);
    let mut story = Story {
        id: reader.parsed("id"),
        title: reader.text("title").unwrap_or_default(),
        project: reader.text("project"),
        provider: reader.parsed("provider"),
        model: reader.text("model"),
        operation: reader.parsed("operation"),
        negative_prompt: reader.text("negative_prompt"),
        params: reader.params("params"),
        crossfade: reader.seconds("crossfade"),
        music: reader.text("music"),
        ..Story::default()
    };
    let Some(defaults) = reader.table("defaults") else { return story };
    for (name, item) in defaults.iter() {
        let operation = match name.parse::<Operation>() {
            Ok(operation) => operation,
            Err(error) => {
                reader.fault("defaults", format!("defaults.{name}: {error}"), None);
                continue;
            }
        };
        let Some(table) = item.as_table_like() else {
            reader.fault("defaults", format!("defaults.{name} must be a table"), None);
            continue;
        };
        let place = format!("defaults {name}");
        let known = ["model", "params"];
        let mut below = reader.below(place, table, &known);
        let defaults = Defaults { model: below.text("model"), params: below.params("params") };
        story.defaults.insert(operation, defaults);
    }
    story
}

fn cast(root: &dyn TableLike, faults: &mut Vec<StoryFault>) -> BTreeMap<String, Speaker> {
    let Some(cast) = root.get("cast") else { return BTreeMap::new() };
    let Some(cast) = cast.as_table_like() else {
        faults.push(StoryFault {
            place: "story".to_owned(),
            key: "cast".to_owned(),
            message: "cast must be a table".to_owned(),
            hint: Some("[cast.ada]".to_owned()),
        });
        return BTreeMap::new();
    };
    let mut speakers = BTreeMap::new();
    for (name, item) in cast.iter() {
        let place = format!("cast {name}");
        let Some(table) = item.as_table_like() else {
            let message = format!("{name} must be a table");
            let hint = Some(format!("[cast.{name}]"));
            faults.push(StoryFault { place, key: name.to_owned(), message, hint });
            continue;
        };
        let known = ["portrait", "voice", "model", "params", "about"];
        let mut reader = Reader::new(place, table, &known, faults);
        let speaker = Speaker {
            portrait: reader.text("portrait"),
            voice: reader.text("voice"),
            model: reader.text("model"),
            params: reader.params("params"),
        };
        speakers.insert(name.to_owned(), speaker);
    }
    speakers
}

fn scenes(root: &dyn TableLike, faults: &mut Vec<StoryFault>) -> Vec<Scene> {
    let Some(item) = root.get("scene") else { return Vec::new() };
    let Some(tables) = item.as_array_of_tables() else {
        faults.push(StoryFault {
            place: "story".to_owned(),
            key: "scene".to_owned(),
            message: "every scene must be a table of its own".to_owned(),
            hint: Some("[[scene]]".to_owned()),
        });
        return Vec::new();
    };
    let tables: Vec<&dyn TableLike> = tables.iter().map(|table| table as &dyn TableLike).collect();
    let ids = ids(&tables);
    let mut seen = BTreeSet::new();
    let mut scenes = Vec::with_capacity(tables.len());
    for (table, (id, is_identified)) in tables.into_iter().zip(ids) {
        let mut reader = Reader::new(format!("scene {id}"), table, &SCENE, faults);
        let is_new = seen.insert(id.clone());
        if !is_new {
            let hint = "take the id of the copy away: the next run gives it one";
            reader.fault("id", format!("two scenes have the id {id}"), Some(hint.to_owned()));
        } else if is_identified && !is_slug(&id) {
            let hint = "small letters, digits, - and _, at most 40".to_owned();
            reader.fault("id", format!("id {id:?} is no id"), Some(hint));
        } else if table.get("id").is_some_and(|id| id.as_str().is_none()) {
            reader.fault("id", "id must be a text".to_owned(), Some("id = \"dunes\"".to_owned()));
        }
        let scene = scene(&mut reader, id, is_identified);
        if is_new {
            scenes.push(scene);
        }
    }
    scenes
}

fn scene(reader: &mut Reader<'_>, id: String, is_identified: bool) -> Scene {
    let parts: Vec<(&str, Option<String>)> =
        PARTS.iter().map(|part| (*part, reader.text(part))).collect();
    let in_parts = joined(parts.iter().filter_map(|(_, part)| part.as_deref()));
    let whole = reader.text("prompt");
    if whole.is_some() && in_parts.is_some() {
        let named: Vec<&str> =
            parts.iter().filter(|(_, part)| part.is_some()).map(|(name, _)| *name).collect();
        let message = format!("prompt is given whole and in parts ({})", named.join(", "));
        reader.fault("prompt", message, Some("one of the two is enough".to_owned()));
    }
    let words = reader.text("words");
    let audio = reader.text("audio");
    if words.is_some() && audio.is_some() {
        let hint = "words are spoken first, and are the recording".to_owned();
        reader.fault("words", "words and audio are both given".to_owned(), Some(hint));
    }
    let images = reader.texts("image");
    let from_previous = reader.switch("from_previous");
    if from_previous && !images.is_empty() {
        let message = "image and from_previous both say how it begins".to_owned();
        reader.fault("from_previous", message, Some("one of the two is enough".to_owned()));
    }
    Scene {
        id,
        is_identified,
        title: reader.text("title").unwrap_or_default(),
        prompt: whole.or(in_parts),
        operation: reader.parsed("operation"),
        model: reader.text("model"),
        params: reader.params("params"),
        negative_prompt: reader.text("negative_prompt"),
        images,
        last_image: reader.text("last_image"),
        audio,
        video: reader.text("video"),
        speaker: reader.text("speaker"),
        words,
        from_previous,
        pause: reader.seconds("pause").unwrap_or_default(),
        take: reader.take("take"),
    }
}

/// The id of each scene, and whether the file says it. Where it does not, one that no other scene has is made of
/// the title.
pub(super) fn ids(scenes: &[&dyn TableLike]) -> Vec<(String, bool)> {
    let text = |table: &&dyn TableLike, key: &str| {
        table.get(key).and_then(|item| item.as_str()).map(|text| text.trim().to_owned())
    };
    let said = |table: &&dyn TableLike| text(table, "id").filter(|id| !id.is_empty());
    let mut taken: BTreeSet<String> = scenes.iter().filter_map(said).collect();
    let mut ids = Vec::with_capacity(scenes.len());
    for (place, table) in scenes.iter().enumerate() {
        if let Some(id) = said(table) {
            ids.push((id, true));
            continue;
        }
        let named = ["title", "prompt", "subject"].iter().find_map(|key| text(table, key));
        let slug = named.map(|name| slug(&name)).filter(|slug| !slug.is_empty());
        let base = slug.unwrap_or_else(|| format!("scene-{}", place + 1));
        let mut candidates =
            std::iter::once(base.clone()).chain((2..).map(|nth| format!("{base}-{nth}")));
        let id = candidates.find(|id| !taken.contains(id)).unwrap_or(base);
        taken.insert(id.clone());
        ids.push((id, false));
    }
    ids
}

fn is_slug(id: &str) -> bool {
    let is_good = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    (1..=MOST_OF_AN_ID).contains(&id.len()) && id.bytes().all(is_good)
}

/// The first words of a text in small letters, with dashes between them.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for word in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let needed = slug.len() + usize::from(!slug.is_empty()) + word.len();
        if word.is_empty() {
            continue;
        }
        if needed > MOST_OF_A_SLUG {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    slug
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
