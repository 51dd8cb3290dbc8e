//! The story view: which file is open, what it looks like beside the library, which scene is selected.

pub mod desk;

use std::path::PathBuf;

use jiff::Timestamp;

pub use self::desk::{Answer, Ask, Ran, RunLook};
use super::backend::Trouble;
use super::models::Part;
use super::usage::Reading;
use crate::domain::Usd;
use crate::story::{PlannedScene, Said, Sheet};

/// What the line at the foot of the view is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Words of the selected scene.
    Words(Said),
    /// What is to be seen in a new scene below it.
    NewScene,
}

/// The state of the view.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact about the view")]
pub struct Stories {
    /// The file that is open.
    pub file: Option<PathBuf>,
    /// What it looked like when it was read last.
    pub sheet: Option<Box<Sheet>>,
    /// There is no such file yet.
    pub is_new: bool,
    /// Why it cannot be read now.
    pub trouble: Option<Trouble>,
    /// It is being read.
    pub reading: Reading,
    /// When it is read again, after the library changed.
    pub reload_at: Option<Timestamp>,
    /// The id of the selected scene; `None` is the first.
    pub at: Option<String>,
    /// Where it was: when it is gone, what stands there now is selected.
    pub place: usize,
    /// The first scene in sight.
    pub top: usize,
    /// What keys move.
    pub part: Part,
    /// The first line of the facts in sight.
    pub facts_top: usize,
    /// A run that was begun here orders what waits as soon as it can be.
    pub goes_on: bool,
    /// It is being looked what can be ordered now.
    pub ordering: Reading,
    /// The takes are being put together.
    pub is_film_live: bool,
    /// A run may cost so much at most, where somebody said that.
    pub max_cost: Option<Usd>,
    /// A run is being looked at before it is agreed to.
    pub looking: bool,
    /// Stories that can be opened; `None` while nobody looked.
    pub known: Option<Vec<PathBuf>>,
    /// Another one than the last is wanted: the list stays open.
    pub choosing: bool,
    /// The selected one of them.
    pub known_at: usize,
}

impl Stories {
    /// The scenes, in the order of the film.
    pub fn scenes(&self) -> &[PlannedScene] {
        self.sheet.as_ref().map_or(&[], |sheet| &sheet.plan.scenes)
    }

    /// Where the selected scene is among them.
    pub fn scene_place(&self) -> usize {
        let scenes = self.scenes();
        let at = self.at.as_ref();
        let known = at.and_then(|at| scenes.iter().position(|scene| scene.id == *at));
        known.unwrap_or(self.place).min(scenes.len().saturating_sub(1))
    }

    /// The selected scene.
    pub fn scene(&self) -> Option<&PlannedScene> {
        self.scenes().get(self.scene_place())
    }

    /// Selects the scene at this place, or the last.
    pub fn go(&mut self, place: usize) {
        let place = place.min(self.scenes().len().saturating_sub(1));
        if place != self.scene_place() {
            self.facts_top = 0;
        }
        self.at = self.scenes().get(place).map(|scene| scene.id.clone());
        self.place = place;
    }

    /// The story of which a run is under way that has more to order than it has ordered.
    pub fn unfinished(&self) -> Option<PathBuf> {
        let waits = self.sheet.as_ref().is_some_and(|sheet| sheet.plan.missing().next().is_some());
        self.file.clone().filter(|_| self.goes_on && waits)
    }

    /// Opens another file.
    pub fn open(&mut self, file: PathBuf) {
        let (goes_on, ordering, reading) = (self.goes_on, self.ordering, self.reading);
        *self = Self { file: Some(file), goes_on, ordering, reading, ..Self::default() };
    }
}
