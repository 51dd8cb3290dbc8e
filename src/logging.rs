//! The log: a file under state, never the screen.

use std::fs::File;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

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
    let level = env.text("RUSHES_LOG").unwrap_or_else(|| "info".to_owned());
    let level = level.rsplit('=').next().unwrap_or("info");
    let filter = EnvFilter::try_new(format!("rushes={level}"))
        .unwrap_or_else(|_| EnvFilter::new("rushes=info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_target(false)
        .with_writer(Mutex::new(file))
        .try_init();
}
