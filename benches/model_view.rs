//! How long the model view takes for a key: `cargo bench --bench model_view`.
//!
//! Over the built-in models, and over the provider's whole list beside them where `RUSHES_TEST_MODELS` names a
//! file of it (the answer of `GET /api/v3/models`).
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::time::{Duration, Instant};

use rushes::catalog::{Catalog, Listing, ModelSpec};
use rushes::domain::{Params, ProviderId};
use rushes::tui::models::Models;
use rushes::tui::models::price::Prices;

/// Each is typed letter by letter.
const TYPED: [&str; 5] = ["kling", "video upscaler", "wan 2.5 text", "klngv3", "zeppelin"];

/// Rows of a screen of 200x50.
const IN_SIGHT: usize = 47;

fn main() {
    // `cargo test --benches` runs this too, and wants no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    measure("built in", &Catalog::builtin().expect("the shipped files are right"));
    let Some(path) = std::env::var_os("RUSHES_TEST_MODELS") else {
        println!("RUSHES_TEST_MODELS names no list of models: the built-in ones alone");
        return;
    };
    let body = std::fs::read_to_string(path).expect("RUSHES_TEST_MODELS names a file");
    let day = "2026-03-13".parse().expect("a day");
    let listing = Listing::read(&body, day).expect("it is a list of models");
    let folder = tempfile::tempdir().expect("a folder");
    let catalog = Catalog::with_listed(folder.path(), listing.models).expect("all are right");
    measure("with the provider's list", &catalog);
}

fn measure(name: &str, catalog: &Catalog) {
    let mut models = Models::new(ProviderId::Wavespeed, catalog);
    models.provider = None;
    let (mut search, mut price) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        for words in TYPED {
            for end in 1..=words.len() {
                words[..end].clone_into(&mut models.query);
                search.push(timed(|| models.list(catalog)));
            }
            models.query.clear();
            search.push(timed(|| models.list(catalog)));
        }
    }
    // Every screenful of the catalogue at settings that were not seen before: nothing is counted yet.
    let all: Vec<&ModelSpec> = models.shown.iter().map(|at| &catalog.all()[*at]).collect();
    for rows in all.chunks(IN_SIGHT) {
        let mut prices = Prices::default();
        price.push(timed(|| prices.count(&Params::new(), rows.iter().copied())));
    }
    println!("{name}: {} models", catalog.all().len());
    told("a letter of a search, list included", search);
    told(&format!("prices of {IN_SIGHT} rows seen for the first time"), price);
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!("  {what}: median {:.2} ms, largest {:.2} ms", at(50), at(100));
}
