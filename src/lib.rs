//! rushes

pub mod clock;
pub mod catalog;
pub mod domain;
pub mod library;
pub mod process;
pub mod provider;
pub mod store;
pub mod tui;
pub mod media;
