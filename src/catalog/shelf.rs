//! Where the catalogue of this process stands: whoever needs it takes the one of now and keeps that for as
//! long as one decision lasts; a newer one is put in its place while everything runs.

use std::sync::{Arc, PoisonError, RwLock};

use super::Catalog;

/// The catalogue in use. What was taken from it stays as it is when a newer one comes.
#[derive(Debug)]
pub struct Shelf(RwLock<Arc<Catalog>>);

impl Shelf {
    /// A shelf with this catalogue on it.
    pub fn new(catalog: Catalog) -> Self {
        Self(RwLock::new(Arc::new(catalog)))
    }

    /// The catalogue of now.
    pub fn now(&self) -> Arc<Catalog> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a newer one in its place, and gives it back as everybody has it from now on.
    pub fn put(&self, catalog: Catalog) -> Arc<Catalog> {
        let newer = Arc::new(catalog);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&newer);
        newer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_stays_while_a_newer_one_is_put_there() {
        let shelf = Shelf::new(Catalog::builtin().expect("the shipped files are right"));
        let taken = shelf.now();
        let newer = shelf.put(Catalog { models: Vec::new() });
        assert!(newer.all().is_empty() && shelf.now().all().is_empty());
        assert!(!taken.all().is_empty());
    }
}
