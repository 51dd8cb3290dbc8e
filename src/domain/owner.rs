//! Who drives a job: one process at a time, told apart by its start as well as by its number.

use serde::{Deserialize, Serialize};

/// A process on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owner {
    /// The machine, and which boot of it.
    pub host: String,
    /// Process id.
    pub pid: u32,
    /// When the process started, in the system's own ticks; 0 where that cannot be told.
    pub start: u64,
}

/// What can be said of an owner from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alive {
    /// It runs (or is suspended).
    Yes,
    /// It is gone.
    No,
    /// It is on another machine, or this system does not tell.
    Unknown,
}
