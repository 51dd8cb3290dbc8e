//! rushes

pub mod domain;
pub mod provider;
pub mod tui;
