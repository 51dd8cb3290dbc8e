//! How far a transfer is, told to who looks on.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::domain::{Job, Progress};

use super::run::Run;

/// Tells how many bytes are there: this screen with each chunk, the library (for other screens) once a second.
pub(super) struct Teller<'a> {
    run: &'a Run<'a>,
    job: &'a Job,
    written: Mutex<Instant>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(run: &'a Run<'a>, job: &'a Job) -> Self {
        Self { run, job, written: Mutex::new(Instant::now()) }
    }

    pub(super) fn tell(&self, bytes: u64, total: Option<u64>) {
        let progress = Progress { bytes: Some(bytes), bytes_total: total, ..Progress::default() };
        self.run.pipeline.reporter.progress(self.job.id, progress);
        let mut written = self.written.lock().expect("nothing panics while it is held");
        if written.elapsed() < Duration::from_secs(1) {
            return;
        }
        *written = Instant::now();
        let (store, id) = (self.run.pipeline.store.clone(), self.job.id);
        tokio::spawn(async move {
            // A figure that is lost is followed by a newer one.
            let _ = store.progress(id, progress).await;
        });
    }
}
