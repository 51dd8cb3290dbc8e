//! rushes

pub mod catalog;
pub mod domain;
pub mod provider;
