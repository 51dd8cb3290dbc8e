//! Everything that is judged from outside, in one test binary.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and one that is skipped says so"
)]

mod support;

mod alerts;
mod architecture;
mod batch;
mod bills;
mod budgets;
mod command_line;
mod declared;
mod demands;
mod doubt;
mod edits;
mod faults;
mod frames;
mod huggingface;
mod import;
mod killed;
mod leaving;
mod ledger_table;
mod ledger_unknown;
mod listing;
mod media;
mod models;
mod older;
mod operations;
mod operations_driven;
mod operations_media;
mod operations_refused;
mod quotes;
mod races;
mod read_only;
mod readme;
mod sandbox;
mod sandbox_client;
mod sandbox_faults;
mod saving;
mod sdk;
mod story;
mod story_keys;
mod story_money;
mod studio;
mod submission;
mod terminal;
mod uploads;
mod usage;
mod vectors;
mod waiting;
mod words;
