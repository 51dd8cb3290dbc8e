//! The usage view: which figures are asked for, what was told, what is selected.

pub mod areas;
pub mod chart;
pub mod words;

use jiff::Timestamp;
use jiff::civil::Date;

use self::chart::Bar;
use super::selection::Selection;
use crate::domain::usage::{Dear, Entry, Figures, Group, GroupBy};
use crate::domain::{JobId, Pace, ProviderId, StageName, Standing, Usd};

/// So many lines of the ledger are read at once.
pub const PAGE: usize = 200;

/// A part of the view that can have the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// What stands against budgets and limits.
    Budgets,
    /// Bars by day.
    Days,
    /// Sums by model, provider, …
    Table,
    /// The dearest jobs.
    Top,
    /// Line by line.
    Ledger,
}

impl Section {
    /// Every section, in the order of `Tab`.
    pub const ALL: [Self; 5] = [Self::Budgets, Self::Days, Self::Table, Self::Top, Self::Ledger];
}

/// The days that table, dearest jobs and ledger are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The month so many before this one.
    Month(u16),
    /// All of them.
    Ever,
}

/// Which figures are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The sandbox's, or real ones; `None` is real money once any was ever at stake.
    pub simulated: Option<bool>,
    /// Of which days.
    pub window: Window,
    /// How they are grouped.
    pub by: GroupBy,
    /// The project of the studio, which is told beside the budgets.
    pub project: Option<String>,
}

/// Which lines of the ledger are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// As for the figures.
    pub simulated: Option<bool>,
    /// As for the figures.
    pub window: Window,
    /// Only those of one row of a table.
    pub only: Option<(GroupBy, String)>,
    /// Only those with all of these words.
    pub words: String,
    /// Only older ones than this.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// What is written into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Export {
    /// The table.
    Groups(Asked),
    /// Every line of the ledger that was asked for, not only those that were read.
    Lines(Lines),
}

/// Something that is spent against: a budget, a limit, or a day, a month, a project without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is used, and how much is allowed.
    pub standing: Standing,
    /// What providers owe back, where it is money.
    pub due: Option<Usd>,
}

/// Everything that the view shows, but for the lines of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whether it is the sandbox's.
    pub simulated: bool,
    /// How many runs of the other kind there are: they are not in here.
    pub apart: u64,
    /// The account day.
    pub today: Date,
    /// The days of table, dearest jobs and ledger; `None` is all of them.
    pub days: Option<(Date, Date)>,
    /// Today, the month, projects, limits.
    pub rows: Vec<Row>,
    /// The most that a run may cost, where that is bounded.
    pub per_run: Option<Usd>,
    /// Where this month ends; `None` where nobody can say yet.
    pub ending: Option<Pace>,
    /// The last days, oldest first.
    pub bars: Vec<Bar>,
    /// Of the days that are shown.
    pub figures: Figures,
    /// The same by group.
    pub groups: Vec<Group>,
    /// The dearest of them.
    pub dearest: Vec<Dear>,
    /// Where providers show their own list, for those that do.
    pub dashboards: Vec<(ProviderId, String)>,
}

/// Something that is read behind the screen: once at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// It is being read.
    pub busy: bool,
    /// It has to be read again afterwards.
    pub again: bool,
}

impl Reading {
    /// Whether it may begin now; else it is noted for later.
    pub fn begin(&mut self) -> bool {
        self.again = self.busy;
        !std::mem::replace(&mut self.busy, true)
    }

    /// It was read. Whether it has to be read again.
    pub fn end(&mut self) -> bool {
        self.busy = false;
        std::mem::take(&mut self.again)
    }
}

/// The state of the view.
#[derive(Debug)]
pub struct Usage {
    /// The figures that are wanted.
    pub asked: Asked,
    /// The lines are only of this row of a table.
    pub only: Option<(GroupBy, String)>,
    /// The words that lines are found by.
    pub words: String,
    /// What keys move.
    pub section: Section,
    /// The sections as they had the focus, the last first: what is shown where not all fit.
    pub recent: [Section; 5],
    /// What was told last.
    pub report: Option<Report>,
    /// How the groups in it are grouped.
    pub by: GroupBy,
    /// The lines that were read, newest first.
    pub entries: Vec<Entry>,
    /// Whether they are of what is asked for now, and whether they were read at all.
    pub entries_of: Option<Lines>,
    /// Whether there are no older ones.
    pub whole: bool,
    /// The figures are being read.
    pub reading: Reading,
    /// Lines are being read.
    pub reading_lines: Reading,
    /// When everything is read again, after the library changed.
    pub reload_at: Option<Timestamp>,
    /// The first budget in sight.
    pub row_top: usize,
    /// The selected budget.
    pub row_at: usize,
    /// The selected day; `None` is the last.
    pub day_at: Option<Date>,
    /// The selected group.
    pub group_at: Option<String>,
    /// The first group in sight.
    pub group_top: usize,
    /// The selected one of the dearest.
    pub dear_at: Selection<JobId>,
    /// The first of them in sight.
    pub dear_top: usize,
    /// The selected line.
    pub line_at: Selection<i64>,
    /// The first line in sight.
    pub line_top: usize,
}

impl Usage {
    /// An untouched view for a studio of this project.
    pub fn new(project: Option<String>) -> Self {
        let (window, by) = (Window::Month(0), GroupBy::Model);
        Self {
            asked: Asked { simulated: None, window, by, project },
            only: None,
            words: String::new(),
            section: Section::Table,
            recent: [
                Section::Table,
                Section::Ledger,
                Section::Days,
                Section::Top,
                Section::Budgets,
            ],
            report: None,
            by,
            entries: Vec::new(),
            entries_of: None,
            whole: false,
            reading: Reading::default(),
            reading_lines: Reading::default(),
            reload_at: None,
            row_top: 0,
            row_at: 0,
            day_at: None,
            group_at: None,
            group_top: 0,
            dear_at: Selection::default(),
            dear_top: 0,
            line_at: Selection::default(),
            line_top: 0,
        }
    }

    /// Gives a section the focus.
    pub fn focus(&mut self, section: Section) {
        self.section = section;
        let at = self.recent.iter().position(|known| *known == section).unwrap_or_default();
        self.recent[..=at].rotate_right(1);
    }

    /// Which of these sections had the focus last.
    pub fn last_of(&self, some: &[Section]) -> Section {
        let found = self.recent.iter().find(|section| some.contains(section));
        found.copied().unwrap_or(self.section)
    }

    /// The lines that are wanted now, from the newest on.
    pub fn lines(&self) -> Lines {
        Lines {
            simulated: self.asked.simulated,
            window: self.asked.window,
            only: self.only.clone(),
            words: self.words.clone(),
            before: None,
            limit: PAGE,
        }
    }

    /// Whether what is shown is the sandbox's.
    pub fn is_simulated(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.simulated)
    }

    /// The ids of the lines.
    pub fn seqs(&self) -> Vec<i64> {
        self.entries.iter().map(|entry| entry.seq).collect()
    }

    /// The selected line.
    pub fn entry(&self) -> Option<&Entry> {
        self.entries.get(self.line_at.place(&self.seqs()))
    }

    /// The job in doubt of the selected line, with its number, where keys act on it.
    pub fn in_doubt(&self) -> Option<(JobId, u32)> {
        let entry = self.entry().filter(|_| self.section == Section::Ledger)?;
        (entry.stage == StageName::InDoubt).then_some((entry.job, entry.number))
    }

    /// The dearest jobs.
    pub fn dearest(&self) -> &[Dear] {
        self.report.as_ref().map_or(&[], |report| &report.dearest)
    }

    /// Their ids.
    pub fn dear_ids(&self) -> Vec<JobId> {
        self.dearest().iter().map(|dear| dear.job).collect()
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        self.report.as_ref().map_or(&[], |report| &report.groups)
    }

    /// Where the selected group is among them.
    pub fn group_place(&self) -> usize {
        let is_it = |group: &Group| Some(&group.key) == self.group_at.as_ref();
        self.groups().iter().position(is_it).unwrap_or_default()
    }

    /// The bars.
    pub fn bars(&self) -> &[Bar] {
        self.report.as_ref().map_or(&[], |report| &report.bars)
    }

    /// Where the selected day is among the bars.
    pub fn day_place(&self) -> usize {
        let bars = self.bars();
        let is_it = |bar: &Bar| Some(bar.day) == self.day_at;
        bars.iter().position(is_it).unwrap_or(bars.len().saturating_sub(1))
    }
}
