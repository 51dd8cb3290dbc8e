//! The built-in provider: a real HTTP server on loopback that speaks `WaveSpeed`'s v3 protocol.

mod film;
