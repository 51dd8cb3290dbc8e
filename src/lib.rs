//! rushes

pub mod domain;
