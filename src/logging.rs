//! The log: a file under state, never the screen.

use std::fs::File;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Env, Paths};

/// A log that grew beyond this is begun anew; the old one is kept beside it.
const LARGEST_BYTES: u64 = 8 * 1024 * 1024;

/// Starts logging to the file, by `RUSHES_LOG` (`info` where it says nothing). A log that cannot be written
/// is no reason not to start.
pub fn start() {
    let env = Env::of_process();
    let Ok(paths) = Paths::find(&env) else { return };
    if paths.make().is_err() {
        return;
    }
    let log = paths.log();
    if log.metadata().is_ok_and(|about| about.len() > LARGEST_BYTES) {
        let _ = std::fs::rename(&log, log.with_extension("log.old"));
    }
    let Ok(file) = File::options().create(true).append(true).open(&log) else { return };
    // Only our own words: what libraries log may hold headers, and headers hold keys.
    let said = env.text("RUSHES_LOG").and_then(|level| level.parse().ok());
    let ours = Targets::new().with_target("rushes", said.unwrap_or(LevelFilter::INFO));
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_target(false)
        .with_writer(Mutex::new(file))
        .with_filter(ours);
    let _ = tracing_subscriber::registry().with(layer).try_init();
}
