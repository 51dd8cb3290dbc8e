//! Which key does what, by place. One table for dispatch, footer, help and palette.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::action::Action;
use super::chord::{Chord, NotAChord};

/// The bindings that the program comes with.
pub const BUILT_IN: &str = include_str!("../../assets/keymap.toml");

/// Where a key is pressed. A screen looks a key up in several places, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each section of keymap.toml says what it is")]
pub enum Place {
    Everywhere,
    Text,
    Editor,
    Line,
    Lists,
    Views,
    Works,
    Doubt,
    Settings,
    Models,
    Usage,
    Charges,
    Story,
    Scenes,
    Dialog,
    Preflight,
    Batch,
    Offer,
    Leaving,
    Settling,
    Picker,
}

/// What a sequence of keys means so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It is bound.
    Action(Action),
    /// It is the beginning of something.
    Prefix,
    /// It is nothing here.
    Nothing,
}

/// Why a keymap file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeymapError {
    /// It is not TOML, or names a place or action that does not exist.
    #[error("reading keymap.toml")]
    Syntax(#[from] toml::de::Error),
    /// A key that no terminal knows.
    #[error("keymap.toml, {action}: {source}")]
    Key {
        /// The action it was given for.
        action: String,
        /// What is wrong.
        source: NotAChord,
    },
    /// A key that a terminal sends for something else.
    #[error("keymap.toml, {action}: {key} cannot be told from Enter, Tab, Esc or Backspace")]
    Forbidden {
        /// The action it was given for.
        action: String,
        /// The key.
        key: String,
    },
}

type Sections = BTreeMap<Place, BTreeMap<Action, Vec<String>>>;

/// All bindings.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    places: BTreeMap<Place, Vec<(Vec<Chord>, Action)>>,
}

impl Place {
    /// Every place.
    pub const ALL: &[Self] = &[
        Self::Everywhere,
        Self::Text,
        Self::Editor,
        Self::Line,
        Self::Lists,
        Self::Views,
        Self::Works,
        Self::Doubt,
        Self::Settings,
        Self::Models,
        Self::Usage,
        Self::Charges,
        Self::Story,
        Self::Scenes,
        Self::Dialog,
        Self::Preflight,
        Self::Batch,
        Self::Offer,
        Self::Leaving,
        Self::Settling,
        Self::Picker,
    ];
}

impl Keymap {
    /// The built-in bindings, with a user's own file laid over them where there is one.
    pub fn load(own: Option<&str>) -> Result<Self, KeymapError> {
        let mut keymap = Self::default();
        keymap.lay(toml::from_str(BUILT_IN)?)?;
        if let Some(text) = own {
            keymap.lay(toml::from_str(text)?)?;
        }
        Ok(keymap)
    }

    /// Replaces the keys of every action that these sections name.
    fn lay(&mut self, sections: Sections) -> Result<(), KeymapError> {
        for (place, actions) in sections {
            let bindings = self.places.entry(place).or_default();
            for (action, keys) in actions {
                bindings.retain(|(_, bound)| *bound != action);
                for key in keys {
                    let chords = sequence(action, &key)?;
                    bindings.retain(|(bound, _)| *bound != chords);
                    bindings.push((chords, action));
                }
            }
        }
        Ok(())
    }

    /// What these keys mean here, the nearest place first.
    pub fn find(&self, places: &[Place], keys: &[Chord]) -> Found {
        let mut prefix = false;
        for place in places {
            for (bound, action) in self.bindings(*place) {
                if bound == keys {
                    return Found::Action(*action);
                }
                prefix |= bound.starts_with(keys);
            }
            if prefix {
                return Found::Prefix;
            }
        }
        Found::Nothing
    }

    /// The first key of an action here, as a person reads it.
    pub fn key(&self, places: &[Place], action: Action) -> Option<String> {
        self.keys(places, action).into_iter().next()
    }

    /// Every key of an action here that is not taken by a nearer place.
    pub fn keys(&self, places: &[Place], action: Action) -> Vec<String> {
        places
            .iter()
            .flat_map(|place| self.bindings(*place))
            .filter(|(chords, bound)| {
                *bound == action && self.find(places, chords) == Found::Action(action)
            })
            .map(|(chords, _)| shown(chords))
            .collect()
    }

    /// What may follow these keys here: the rest of the sequence, and what it does.
    pub fn after(&self, places: &[Place], keys: &[Chord]) -> Vec<(String, Action)> {
        places
            .iter()
            .flat_map(|place| self.bindings(*place))
            .filter(|(bound, _)| bound.len() > keys.len() && bound.starts_with(keys))
            .map(|(bound, action)| (shown(&bound[keys.len()..]), *action))
            .collect()
    }

    /// The places where an action has keys.
    pub fn places_of(&self, action: Action) -> impl Iterator<Item = Place> {
        let bound = move |bindings: &[(Vec<Chord>, Action)]| {
            bindings.iter().any(|(_, bound)| *bound == action)
        };
        self.places.iter().filter(move |(_, it)| bound(it)).map(|(place, _)| *place)
    }

    /// Everything bound at one place, in the order of its file.
    pub fn bindings(&self, place: Place) -> &[(Vec<Chord>, Action)] {
        self.places.get(&place).map_or(&[], Vec::as_slice)
    }
}

fn sequence(action: Action, key: &str) -> Result<Vec<Chord>, KeymapError> {
    key.split(' ')
        .map(|part| {
            let chord: Chord = part
                .parse()
                .map_err(|source| KeymapError::Key { action: action.name(), source })?;
            if chord.is_forbidden() {
                return Err(KeymapError::Forbidden { action: action.name(), key: key.to_owned() });
            }
            Ok(chord)
        })
        .collect()
}

fn shown(chords: &[Chord]) -> String {
    chords.iter().map(Chord::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chords(text: &str) -> Vec<Chord> {
        text.split(' ').map(|key| key.parse().expect("a key")).collect()
    }

    #[test]
    fn every_action_has_a_summary_and_a_key() {
        let keymap = Keymap::load(None).expect("the built-in keymap is good");
        for action in Action::ALL {
            assert!(!action.summary().is_empty() && !action.label().is_empty());
            assert_eq!(Action::named(&action.name()), Some(*action));
            let bound = keymap.places.values().flatten().any(|(_, bound)| bound == action);
            assert!(bound, "{} has no key", action.name());
        }
    }

    #[test]
    fn no_key_is_one_that_a_terminal_sends_for_another() {
        for key in ["C-m", "C-i", "C-[", "C-h"] {
            let own = format!("[lists]\nhelp = [\"{key}\"]");
            assert!(
                matches!(Keymap::load(Some(&own)), Err(KeymapError::Forbidden { .. })),
                "{key}"
            );
        }
    }

    #[test]
    fn nothing_is_bound_twice_at_one_place() {
        let sections: Sections = toml::from_str(BUILT_IN).expect("the built-in keymap is good");
        for (place, actions) in sections {
            let mut seen = std::collections::BTreeSet::new();
            for key in actions.values().flatten() {
                assert!(seen.insert(key.clone()), "{key} is bound twice in {place:?}");
            }
        }
    }

    #[test]
    fn a_users_file_replaces_keys_action_by_action() {
        let own = "[everywhere]\ngenerate = [\"F5\"]\n[lists]\nundo = []";
        let keymap = Keymap::load(Some(own)).expect("a good keymap");
        let places = [Place::Lists, Place::Everywhere];
        assert_eq!(keymap.find(&places, &chords("F5")), Found::Action(Action::Generate));
        assert_eq!(keymap.find(&places, &chords("C-g")), Found::Nothing);
        assert_eq!(keymap.find(&places, &chords("z")), Found::Nothing);
        assert_eq!(keymap.key(&places, Action::Leave).as_deref(), Some("q"));
        assert!(Keymap::load(Some("[lists]\nfly = [\"f\"]")).is_err());
    }

    #[test]
    fn sequences_wait_for_their_second_key_and_the_nearest_place_wins() {
        let keymap = Keymap::load(None).expect("the built-in keymap is good");
        let works = [Place::Works, Place::Lists, Place::Everywhere];
        assert_eq!(keymap.find(&works, &chords("y")), Found::Prefix);
        assert_eq!(keymap.find(&works, &chords("y s")), Found::Action(Action::CopySeed));
        assert_eq!(keymap.find(&works, &chords("g g")), Found::Action(Action::First));
        let doubt = [Place::Doubt, Place::Works];
        assert_eq!(keymap.find(&doubt, &chords("s")), Found::Action(Action::Settle));
        assert_eq!(keymap.key(&doubt, Action::Resume), None, "s means settle there");
    }
}
