//! The studio: the whole program on one screen.

pub mod backend;
