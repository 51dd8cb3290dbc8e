//! The model files that are compiled in. A test compares this list with the folder.

/// Name and text of each file under `assets/models/`.
pub(super) const FILES: &[(&str, &str)] = &[(
    "wavespeed-ai-hunyuan-video-1.5-t2v.toml",
    include_str!("../../assets/models/wavespeed-ai-hunyuan-video-1.5-t2v.toml"),
)];
