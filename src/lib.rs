//! rushes

pub mod catalog;
pub mod domain;
pub mod provider;
pub mod tui;
