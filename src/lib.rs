//! rushes

pub mod domain;
pub mod provider;
