//! The views of the screen. Another one has its state, its `update`, its pane and its place in the keymap.

use super::keymap::Place;

/// What the screen shows between its header and its footer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// The prompt, its settings, the jobs and the takes.
    #[default]
    Studio,
    /// What was spent, and on what.
    Usage,
    /// The catalogue of models.
    Models,
    /// The scenes of a story.
    Story,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 4] = [Self::Studio, Self::Usage, Self::Models, Self::Story];

    /// The places that only this view has: what has no key but there means nothing in another one.
    pub fn places(self) -> &'static [Place] {
        match self {
            Self::Studio => &[Place::Editor, Place::Settings, Place::Works, Place::Doubt],
            Self::Usage => &[Place::Usage, Place::Charges],
            Self::Models => &[Place::Models],
            Self::Story => &[Place::Story, Place::Scenes],
        }
    }

    /// Its name in the header; the studio is where one is anyway.
    pub fn title(self) -> Option<&'static str> {
        match self {
            Self::Studio => None,
            Self::Usage => Some("USAGE"),
            Self::Models => Some("MODELS"),
            Self::Story => Some("STORY"),
        }
    }
}
