//! Everything that is tested from outside, as one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod frames;
mod studio;
