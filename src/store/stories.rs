//! What was ordered for a story, and what came of it. The jobs themselves are the record.

use super::rows::{self, ASSET, JOB, all};
use super::{Store, StoreError};
use crate::domain::{Asset, Job, StoryId};

/// The jobs of one story. The expression is the one of the index.
const OF_STORY: &str = "json_extract(brief, '$.scene.story') = :story";

impl Store {
    /// Every job that was ordered for this story with the files that came of it, trashed ones too; the oldest first.
    pub async fn made_for(&self, story: StoryId) -> Result<Vec<(Job, Vec<Asset>)>, StoreError> {
        let jobs = format!("{JOB} WHERE {OF_STORY} ORDER BY number");
        let assets = format!(
            "{ASSET} WHERE assets.job IN (SELECT id FROM jobs WHERE {OF_STORY}) ORDER BY assets.take"
        );
        let story = story.to_string();
        self.call(move |connection| {
            let parameters: &[(&str, &dyn rusqlite::ToSql)] = &[(":story", &story)];
            let doing = "reading what was made for a story";
            let jobs = all(connection, doing, &jobs, parameters, rows::job)?;
            let assets = all(connection, doing, &assets, parameters, rows::asset)?;
            let of = |job: &Job| {
                let came_of_it = |asset: &&Asset| {
                    asset.origin.as_ref().is_some_and(|origin| origin.job == job.id)
                };
                assets.iter().filter(came_of_it).cloned().collect()
            };
            Ok(jobs.into_iter().map(|job| (job.clone(), of(&job))).collect())
        })
        .await
    }
}
