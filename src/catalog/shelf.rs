//! Where the catalogue of this process stands: whoever needs it takes the one of now and keeps that for as
//! long as one decision lasts; a newer one is put in its place while everything runs.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use super::Catalog;

/// The catalogue in use. What was taken from it stays as it is when a newer one comes.
#[derive(Debug)]
pub struct Shelf {
    here: RwLock<Arc<Catalog>>,
    awaited: Mutex<Option<JoinHandle<Option<Catalog>>>>,
}

impl Shelf {
    /// A shelf with this catalogue on it.
    pub fn new(catalog: Catalog) -> Self {
        Self { here: RwLock::new(Arc::new(catalog)), awaited: Mutex::new(None) }
    }

    /// The same, while a larger one is being read: who asks first waits for it, and a program that never
    /// asks never does.
    pub fn awaiting(catalog: Catalog, larger: JoinHandle<Option<Catalog>>) -> Self {
        Self { awaited: Mutex::new(Some(larger)), ..Self::new(catalog) }
    }

    /// The catalogue of now.
    pub fn now(&self) -> Arc<Catalog> {
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(larger) = awaited.take()
            && let Ok(Some(catalog)) = larger.join()
        {
            self.set(Arc::new(catalog));
        }
        drop(awaited);
        Arc::clone(&self.here.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a newer one in its place, and gives it back as everybody has it from now on.
    pub fn put(&self, catalog: Catalog) -> Arc<Catalog> {
        let newer = Arc::new(catalog);
        // What is still being read is older.
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.set(Arc::clone(&newer));
        newer
    }

    fn set(&self, catalog: Arc<Catalog>) {
        *self.here.write().unwrap_or_else(PoisonError::into_inner) = catalog;
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

    #[test]
    fn who_asks_first_waits_for_the_larger_one_and_a_newer_one_wins() {
        let small = || Catalog { models: Vec::new() };
        let larger = || {
            std::thread::spawn(|| Some(Catalog::builtin().expect("the shipped files are right")))
        };
        let shelf = Shelf::awaiting(small(), larger());
        assert!(!shelf.now().all().is_empty());
        let shelf = Shelf::awaiting(small(), larger());
        shelf.put(small());
        assert!(shelf.now().all().is_empty());
        let shelf = Shelf::awaiting(small(), std::thread::spawn(|| None));
        assert!(shelf.now().all().is_empty(), "nothing larger came");
    }
}
