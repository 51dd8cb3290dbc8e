//! The ids of a run: written into the file before anything is ordered, and whether the file still says what the run
//! was agreed to for.

use std::path::Path;

use super::run::Run;
use super::{NotToml, Scene, Story, file, identify, read};
use crate::domain::StoryId;

/// Why a run does not begin.
#[derive(Debug, thiserror::Error)]
pub enum NotIdentified {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] anyhow::Error),
    /// It is no TOML any more.
    #[error(transparent)]
    NotToml(#[from] NotToml),
    /// It has other scenes than those that were looked at.
    #[error("the file was changed meanwhile")]
    Changed,
}

impl Run {
    /// Writes the ids that the file has not got yet; returns the story's.
    ///
    /// # Errors
    ///
    /// When that cannot be done, or the file is another one than the one that was looked at. Nothing was ordered.
    pub fn write_ids(&mut self, file: &Path, fresh: StoryId) -> Result<StoryId, NotIdentified> {
        let written = file::change(file, |text| identify(text, fresh))?;
        let (now, _) = read(&written)?;
        let known = self.story().scenes.iter().map(|scene| &scene.id);
        if now.scenes.iter().map(|scene| &scene.id).ne(known) {
            return Err(NotIdentified::Changed);
        }
        let id = now.id.unwrap_or(fresh);
        self.identify(id);
        Ok(id)
    }

    /// Whether a later state of the file would have the same ordered: titles, pauses and chosen takes change that
    /// for nobody.
    pub fn orders_the_same(&self, now: &Story) -> bool {
        said(self.story()) == said(now)
    }
}

/// What of a story is part of its orders.
fn said(story: &Story) -> Story {
    let scene = |scene: &Scene| Scene {
        title: String::new(),
        pause: 0.0,
        take: None,
        is_identified: true,
        ..scene.clone()
    };
    Story {
        id: None,
        title: String::new(),
        crossfade: None,
        music: None,
        scenes: story.scenes.iter().map(scene).collect(),
        ..story.clone()
    }
}
