//! The pictures that are at hand: asked for once, kept while they are looked at, forgotten in good time.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{AssetId, Picture, Pixels};

/// How far a picture is.
#[derive(Debug, Clone)]
pub enum Slot {
    /// Asked for.
    Asked,
    /// Here.
    Ready(Arc<Picture>),
    /// There is something to read instead.
    Words(String),
    /// There will be none, and why.
    Missing(String),
}

/// The most that are kept. A large one is about 50 KB, so all of them stay under a few megabytes.
const MOST: usize = 96;

/// Pictures by take and size.
#[derive(Debug, Clone, Default)]
pub struct Pictures {
    slots: HashMap<(AssetId, Pixels), Slot>,
}

impl Pictures {
    /// Those of `wanted` that were never asked for: they are asked for now. Where too many are kept,
    /// what is not wanted is forgotten.
    pub fn ask(&mut self, wanted: &[(AssetId, Pixels)]) -> Vec<(AssetId, Pixels)> {
        let new: Vec<_> =
            wanted.iter().copied().filter(|key| !self.slots.contains_key(key)).collect();
        if self.slots.len() + new.len() > MOST {
            self.slots.retain(|key, _| wanted.contains(key));
        }
        self.slots.extend(new.iter().map(|key| (*key, Slot::Asked)));
        new
    }

    /// What came of asking. Nothing is kept for what was forgotten meanwhile.
    pub fn put(&mut self, key: (AssetId, Pixels), slot: Slot) {
        if let Some(place) = self.slots.get_mut(&key) {
            *place = slot;
        }
    }

    /// The picture of this size; while it is on its way, one of another size.
    pub fn get(&self, id: AssetId, fit: Pixels) -> Option<&Slot> {
        let exact = self.slots.get(&(id, fit));
        if !matches!(exact, None | Some(Slot::Asked)) {
            return exact;
        }
        let other = self
            .slots
            .iter()
            .filter(|((other, _), slot)| *other == id && matches!(slot, Slot::Ready(_)));
        other.max_by_key(|((_, fit), _)| fit.width).map(|(_, slot)| slot).or(exact)
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_asked_for_once_and_the_cache_has_an_end() {
        let mut pictures = Pictures::default();
        let key = |at: u64| (AssetId::at(at, &[0; 10]), Pixels { width: 8, height: 8 });
        assert_eq!(pictures.ask(&[key(1), key(2)]).len(), 2);
        assert!(pictures.ask(&[key(1), key(2)]).is_empty());
        for at in 0..500 {
            pictures.ask(&[key(at)]);
        }
        assert!(pictures.len() <= MOST && !pictures.is_empty());
        pictures.put(key(3), Slot::Missing(String::new()));
        assert!(pictures.get(key(3).0, key(3).1).is_none(), "it was forgotten");
    }
}
