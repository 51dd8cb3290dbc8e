//! rushes

pub mod domain;
pub mod media;
