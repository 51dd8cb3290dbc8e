//! rushes

pub mod catalog;
pub mod clock;
pub mod config;
pub mod domain;
pub mod library;
pub mod media;
pub mod pipeline;
pub mod process;
pub mod provider;
pub mod store;
pub mod tui;
