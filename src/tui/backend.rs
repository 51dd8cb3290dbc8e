//! What the studio asks of the rest of the program, and what it is told. The studio itself does no IO.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::form::files::Found;
use super::story::desk::Storyboard;
use super::usage::{Asked, Export, Lines, Report};
use crate::catalog::Catalog;
use crate::domain::brief::Source;
use crate::domain::job::Settlement;
use crate::domain::{
    Alert, Ask, Asset, AssetId, Brief, Job, JobEvent, JobId, Meter, ModelId, Picture, Pixels,
    Preflight, Progress, Quote, Rule, Scope, Standing, Totals, Unsent, Usd, Verdict, usage,
};

/// Something went wrong behind the screen: what happened, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What happened, lower case, without a dot.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Trouble {
    /// Something was to be changed that is only looked at.
    pub fn read_only() -> Self {
        Self {
            what: "this is --read-only: nothing is changed, sent or spent".to_owned(),
            hint: Some("start rushes without it".to_owned()),
        }
    }
}

/// How an order ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ordered {
    /// Every job is in the library, its money held.
    Admitted(Vec<Job>),
    /// Nothing was admitted.
    Blocked(Preflight),
}

/// What was spent, and what may be: for the header, and before an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spending {
    /// Of the account day.
    pub today: Totals,
    /// For ever.
    pub ever: Totals,
    /// Where every budget and limit stands, those of the sandbox among them.
    pub standings: Vec<Standing>,
    /// The shares of them that were reached, the highest of each.
    pub alerts: Vec<Alert>,
}

impl Spending {
    /// The budget of the day, in micro-dollars.
    pub fn day_budget(&self, simulated: bool) -> Option<&Standing> {
        let is_it = |standing: &&Standing| standing.bound.rule == Rule::Budget(Scope::Day);
        self.standings.iter().filter(|it| it.bound.simulated == simulated).find(is_it)
    }

    /// What may still be spent and held on runs of this project together; `None` where nothing bounds them.
    pub fn left(&self, simulated: bool, project: Option<&str>) -> Option<Usd> {
        let counts = |standing: &&Standing| {
            let bound = &standing.bound;
            bound.simulated == simulated
                && bound.rule.meter() == Meter::Cost
                && bound.rule != Rule::Budget(Scope::PerRun)
                && bound.project().is_none_or(|name| project == Some(name))
        };
        let counted = self.standings.iter().filter(counts);
        counted.filter_map(Standing::left).min().map(Usd::from_micros)
    }

    /// The alerts that were not there before.
    pub fn new_alerts<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a Alert> {
        let is_known = |alert: &Alert, known: &Alert| {
            known.standing.bound.rule == alert.standing.bound.rule
                && known.standing.bound.period == alert.standing.bound.period
                && known.standing.bound.simulated == alert.standing.bound.simulated
                && known.percent >= alert.percent
        };
        self.alerts
            .iter()
            .filter(move |alert| !before.alerts.iter().any(|known| is_known(alert, known)))
    }
}

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name there.
    pub name: OsString,
    /// Whether it is a folder itself.
    pub is_folder: bool,
    /// How large a file is.
    pub bytes: u64,
}

/// A folder of the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its whole path.
    pub path: PathBuf,
    /// What is in it: folders first, each kind by name.
    pub entries: Vec<Entry>,
}

/// The rest of the program, as the studio sees it. Called from effects, never from `update` or `view`.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Every check for this order; sends nothing, holds nothing.
    async fn preflight(&self, ask: Ask) -> Result<Preflight, Trouble>;
    /// Checks, holds the money, inserts the jobs and starts them.
    async fn order(&self, ask: Ask) -> Result<Ordered, Trouble>;
    /// The newest jobs first.
    async fn jobs(&self, limit: usize) -> Result<Vec<Job>, Trouble>;
    /// What happened to a job, oldest first.
    async fn timeline(&self, id: JobId) -> Result<Vec<(jiff::Timestamp, JobEvent)>, Trouble>;
    /// The newest assets first, without the trash.
    async fn assets(&self, limit: usize) -> Result<Vec<Asset>, Trouble>;
    /// What was spent.
    async fn spending(&self) -> Result<Spending, Trouble>;
    /// What was spent, and on what.
    async fn usage(&self, asked: Asked) -> Result<Report, Trouble>;
    /// Lines of the ledger, newest first.
    async fn ledger(&self, lines: Lines) -> Result<Vec<usage::Entry>, Trouble>;
    /// Writes figures or lines into a new file; says where it lies.
    async fn export(&self, what: Export) -> Result<PathBuf, Trouble>;
    /// What there is to see of the asset: a picture that fits into these pixels, keeping its aspect, or words.
    async fn poster(&self, id: AssetId, fit: Pixels) -> Result<Poster, Trouble>;
    /// The whole of a text; new lines are kept, safe to print.
    async fn words(&self, id: AssetId) -> Result<String, Trouble>;
    /// Opens the film of a take at this moment; its frames fit into these pixels.
    async fn film(&self, id: AssetId, fit: Pixels, from_ms: u64) -> Result<Box<dyn Film>, Trouble>;
    /// How long takes of this model usually took, as (quick, slow): quartiles of the past ones.
    async fn usual(&self, model: ModelId) -> Result<Option<(Duration, Duration)>, Trouble>;
    /// Gives a job up.
    async fn cancel(&self, id: JobId) -> Result<(), Trouble>;
    /// Goes on with what is held or paused: one job, or everything.
    async fn resume(&self, id: Option<JobId>) -> Result<(), Trouble>;
    /// Looks a job in doubt up in the provider's history; says what was found.
    async fn find(&self, id: JobId) -> Result<String, Trouble>;
    /// Ends a job in doubt by hand.
    async fn settle(&self, id: JobId, settlement: Settlement) -> Result<(), Trouble>;
    /// Puts an asset into the trash.
    async fn trash(&self, id: AssetId) -> Result<(), Trouble>;
    /// Takes it out again.
    async fn restore(&self, id: AssetId) -> Result<(), Trouble>;
    /// Keeps or rejects a take, or takes that back.
    async fn decide(&self, id: AssetId, verdict: Option<Verdict>) -> Result<(), Trouble>;
    /// Says why a take was rejected, or takes that back.
    async fn give_reason(&self, id: AssetId, reason: Option<String>) -> Result<(), Trouble>;
    /// Makes it a favourite, or not.
    async fn favourite(&self, id: AssetId, favourite: bool) -> Result<(), Trouble>;
    /// Looks at a file that a model shall be given: where it is, and what it is, measured.
    async fn facts(&self, source: Source) -> Result<Found, Trouble>;
    /// What is in a folder. `~` is the home folder; the answer has its whole path.
    async fn look_into(&self, folder: PathBuf) -> Result<Folder, Trouble>;
    /// Takes a file, or every picture, recording and film in a folder, into the library; says what came of it.
    async fn import(&self, path: PathBuf) -> Result<String, Trouble>;
    /// A picture of a file that is not in the library, fitting into these pixels.
    async fn picture(&self, file: PathBuf, fit: Pixels) -> Result<Picture, Trouble>;
    /// Lets the person change a text in their own editor, which has the terminal meanwhile.
    async fn edit(&self, text: String) -> Result<String, Trouble>;
    /// Reads a small piece of screen state kept between runs (the draft in the editor, the last model).
    async fn recall(&self, key: &'static str) -> Result<Option<String>, Trouble>;
    /// Keeps one.
    async fn keep(&self, key: &'static str, value: String) -> Result<(), Trouble>;
    /// Asks the provider for its list of models and says what came of it. Where it is another one than before,
    /// [`Notice::Catalog`] tells it.
    async fn refresh_models(&self) -> Result<String, Trouble>;
    /// Asks the provider what this costs; sends nothing that makes or costs anything.
    async fn quote(&self, brief: Brief) -> Result<Quote, Trouble>;
    /// Of each model whose provider quotes another price than our rule, the newest quote, newest first.
    async fn quote_differences(&self) -> Result<Vec<Quote>, Trouble>;
    /// Hands everything accepted to a detached worker and says what becomes of the rest.
    /// Called before quitting, and before suspending (with `Unsent::Hold`).
    async fn leave(&self, unsent: Unsent) -> Result<(), Trouble>;
    /// After a suspension: takes the jobs back.
    async fn take_back(&self) -> Result<(), Trouble>;
    /// Stories.
    fn stories(&self) -> &dyn Storyboard;
}

/// What there is to see of an asset.
#[derive(Debug, Clone, PartialEq)]
pub enum Poster {
    /// Its picture.
    Picture(Picture),
    /// The beginning of a text, or what a recording is. New lines are kept; safe to print.
    Words(String),
}

/// A film that is being decoded, only as fast as its frames are taken.
#[async_trait]
pub trait Film: Send {
    /// The next frame and its moment in milliseconds; `None` after the last one.
    async fn next(&mut self) -> Result<Option<(u64, Picture)>, Trouble>;
}

/// News from behind the screen. All of them arrive; none waits for the screen.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A job moved, and the library already knows it.
    Moved {
        /// The job as it is now.
        job: Box<Job>,
        /// What happened.
        event: JobEvent,
    },
    /// Another process, or a command here, changed the library: look again.
    Changed,
    /// A share of a budget or limit was reached.
    Reached(Alert),
    /// There is a newer catalogue.
    Catalog(Arc<Catalog>),
    /// Something a person should know.
    Trouble(Trouble),
}

/// The newest progress of every live job. Only the newest matters.
pub type Board = HashMap<JobId, Progress>;
