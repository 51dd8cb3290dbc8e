//! rushes

pub mod catalog;
pub mod domain;
pub mod media;
pub mod provider;
pub mod sandbox;
