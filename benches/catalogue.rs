//! How long a search over every model takes, for CHANGELOG.md: `cargo bench --bench catalogue`.
//!
//! With `RUSHES_TEST_MODELS` the provider's whole list stands beside the built-in models.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::time::{Duration, Instant};

use rushes::catalog::{Catalog, Listing};

const QUERIES: [&str; 5] =
    ["v", "video upscaler", "klngv3", "wavespeed text-to-video", "qqqq zzzz"];
const TRIES: usize = 50;
const A_KEY_PRESS: Duration = Duration::from_millis(10);

fn main() {
    // `cargo test --benches` runs this too, and wants no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let catalog = match std::env::var_os("RUSHES_TEST_MODELS") {
        Some(file) => {
            let body = std::fs::read_to_string(file).expect("it names a file");
            let day = "2026-03-13".parse().expect("a day");
            let listing = Listing::read(&body, day).expect("it is a list");
            Catalog::with_listed(folder.path(), listing.models).expect("all are right")
        }
        None => Catalog::builtin().expect("the shipped files are right"),
    };
    let mut slowest = Duration::ZERO;
    for query in QUERIES {
        let mut times: Vec<Duration> = (0..TRIES)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(catalog.search(std::hint::black_box(query)));
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        let (median, largest) = (times[TRIES / 2], times[TRIES - 1]);
        let models = catalog.all().len();
        println!(
            "{query:?} over {models} models: median {median:?}, slowest {largest:?} of {TRIES}"
        );
        slowest = slowest.max(median);
    }
    assert!(slowest < A_KEY_PRESS, "{slowest:?} is longer than a key press may take");
}
