//! The model files that are compiled in: `build.rs` lists the folder.

/// Name and text of each file under `assets/models/`, by name.
pub(super) const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/models.rs"));
