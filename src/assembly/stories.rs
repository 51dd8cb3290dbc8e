//! What a story is made with where it does not say it itself, and the id of a new one.

use std::path::{Path, PathBuf};

use super::Assembly;
use crate::clock::id_millis;
use crate::domain::StoryId;
use crate::story::run::Place;

impl Assembly {
    /// What the story of this file is made with where it does not say it.
    ///
    /// # Errors
    ///
    /// When the keys cannot be read that decide about the provider.
    pub async fn story_place(&self, file: &Path) -> anyhow::Result<Place> {
        let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        Ok(Place {
            folder: whole.parent().map_or_else(PathBuf::new, Path::to_owned),
            provider: self.default_provider().await?,
            project: self.settings.project.clone(),
        })
    }

    /// A new story's id.
    pub fn fresh_story_id(&self) -> StoryId {
        let pipeline = &self.pipeline;
        StoryId::at(id_millis(pipeline.clock.now()), &pipeline.dice.ten_bytes())
    }
}
