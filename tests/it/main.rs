//! Everything that is judged from outside, in one test binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(
    missing_docs,
    clippy::allow_attributes,
    reason = "the names of tests are their documentation"
)]

mod media;
mod models;
