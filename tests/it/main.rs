//! Everything that is judged from outside, in one test binary.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that is skipped says so"
)]

mod media;
mod sandbox;
mod sandbox_client;
mod sandbox_faults;
mod sdk;
