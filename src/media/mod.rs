//! Bytes ↔ pictures. No network, no SQL, no terminal.
//!
//! What comes from outside is only ever parsed in a child process ([`child`]); the rest of the program
//! sees [`MediaChild`], [`Probed`] and [`Picture`].

pub mod child;
pub mod client;
pub mod decode;
pub mod encode;
pub mod fallback;
pub mod loudness;
pub mod mp4;
pub mod poster;
pub mod probe;
pub mod raw;
pub mod scale;
pub mod sniff;
pub mod sound;

/// The one font for words in pictures: `DejaVu` Sans Bold.
pub const FONT: &[u8] = include_bytes!("../../assets/fonts/DejaVuSans-Bold.ttf");

pub use client::{FrameStream, MediaChild};
pub use poster::{Picture, PosterCache};
pub use probe::{Probed, Unreadable};
pub use raw::PlaneStream;
pub use sniff::{Sniffed, sniff};
