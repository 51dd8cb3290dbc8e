//! Carries what happens to jobs to the screen.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::catalog::Catalog;
use crate::domain::{Alert, Job, JobEvent, JobId, Progress};
use crate::pipeline::Reporter;
use crate::tui::backend::{Board, Notice, Trouble};

/// Carries news from jobs to the screen.
pub struct Ear {
    notices: mpsc::UnboundedSender<Notice>,
    board: watch::Sender<Arc<Board>>,
}

/// The screen's ends of the two channels.
pub struct News {
    /// Every notice, in order. Unbounded: at most a dozen a job, and none may be lost.
    pub notices: mpsc::UnboundedReceiver<Notice>,
    /// The newest progress. Lossy by construction: thousands of byte counts a second come to one.
    pub board: watch::Receiver<Arc<Board>>,
}

impl Ear {
    /// An ear and what it hears.
    pub fn new() -> (Self, News) {
        let (notices, heard) = mpsc::unbounded_channel();
        let (board, newest) = watch::channel(Arc::new(HashMap::new()));
        (Self { notices, board }, News { notices: heard, board: newest })
    }

    fn say(&self, notice: Notice) {
        // A screen that is gone hears nothing, and needs nothing.
        let _ = self.notices.send(notice);
    }
}

impl Reporter for Ear {
    fn moved(&self, job: &Job, event: &JobEvent) {
        if !job.stage.is_live() {
            self.board.send_if_modified(|board| Arc::make_mut(board).remove(&job.id).is_some());
        }
        self.say(Notice::Moved { job: Box::new(job.clone()), event: event.clone() });
    }

    fn progress(&self, id: JobId, progress: Progress) {
        self.board.send_modify(|board| {
            Arc::make_mut(board).insert(id, progress);
        });
    }

    fn changed(&self) {
        self.say(Notice::Changed);
    }

    fn reached(&self, alert: &Alert) {
        self.say(Notice::Reached(alert.clone()));
    }

    fn restocked(&self, catalog: &Arc<Catalog>) {
        self.say(Notice::Catalog(Arc::clone(catalog)));
    }

    fn trouble(&self, what: &str, hint: Option<&str>) {
        self.say(Notice::Trouble(Trouble { what: what.to_owned(), hint: hint.map(str::to_owned) }));
    }
}
