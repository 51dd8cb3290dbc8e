//! What the screen is told, and what it asks for in return. Both closed, both plain values.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::layout::Size;

use super::backend::{Board, Folder, Notice, Ordered, Spending, Trouble};
use super::chord::Chord;
use super::form::files::Found;
use super::pictures::Slot;
use super::story;
use super::usage::{Asked, Export, Lines, Report};
use crate::domain::brief::Source;
use crate::domain::job::Settlement;
use crate::domain::usage::Entry;
use crate::domain::{
    Ask, Asset, AssetId, Brief, Job, JobEvent, JobId, ModelId, Picture, Pixels, Preflight, Quote,
    Unsent, Verdict,
};

/// Everything that can happen to the screen.
#[derive(Debug, Clone)]
pub enum Msg {
    /// It is now this late. The only way that time reaches the screen.
    Tick(Timestamp),
    /// A key.
    Key(Chord),
    /// `Ctrl-G` came in one read with other keys: that was a paste, not a wish.
    GenerateAmongOthers,
    /// Pasted text.
    Paste(String),
    /// The terminal has this many cells now.
    Resized(Size),
    /// News from behind the screen.
    Notice(Notice),
    /// The newest progress of every live job.
    Progress(Arc<Board>),
    /// What came of an effect.
    Reply(Reply),
    /// The process went on after it was stopped.
    Continued,
}

/// What came of an effect.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The library as it is.
    Loaded {
        /// The count of moves when it was asked for.
        moves: u64,
        /// What was found.
        library: Result<Library, Trouble>,
    },
    /// Every check of an order.
    Preflighted {
        /// The order.
        ask: Ask,
        /// The checks.
        preflight: Result<Preflight, Trouble>,
    },
    /// How an order ended.
    Ordered {
        /// The order.
        ask: Ask,
        /// Its jobs, or why there are none.
        ordered: Result<Ordered, Trouble>,
    },
    /// A picture of a take.
    Poster {
        /// The take.
        id: AssetId,
        /// The pixels it was asked to fit.
        fit: Pixels,
        /// What came of it.
        slot: Slot,
    },
    /// A whole text of the library.
    Words {
        /// The take.
        id: AssetId,
        /// What it says.
        words: Result<String, Trouble>,
    },
    /// A frame of a film; `None` where it ended.
    Frame {
        /// Which run of the projector.
        run: u64,
        /// Its moment and its picture.
        frame: Result<Option<(u64, Arc<Picture>)>, Trouble>,
    },
    /// What a file is that a model shall be given.
    Facts {
        /// The source that was asked about.
        source: Source,
        /// What was found there.
        found: Result<Found, Trouble>,
    },
    /// What is in a folder.
    LookedInto {
        /// The folder that was asked for, as it was written.
        asked: PathBuf,
        /// What was found.
        folder: Result<Folder, Trouble>,
    },
    /// A picture of a file.
    Pictured {
        /// The file.
        path: PathBuf,
        /// The pixels it was asked to fit.
        fit: Pixels,
        /// The picture.
        picture: Result<Arc<Picture>, Trouble>,
    },
    /// How long a model usually takes.
    Usual {
        /// The model.
        model: ModelId,
        /// Quick and slow.
        usual: Option<(Duration, Duration)>,
    },
    /// What happened to a job.
    Timeline {
        /// The job.
        id: JobId,
        /// Oldest first.
        events: Result<Vec<(Timestamp, JobEvent)>, Trouble>,
    },
    /// What was spent.
    Usage {
        /// What was asked.
        asked: Asked,
        /// The figures.
        report: Result<Box<Report>, Trouble>,
    },
    /// Lines of the ledger.
    Ledger {
        /// What was asked.
        asked: Lines,
        /// Newest first.
        entries: Result<Vec<Entry>, Trouble>,
    },
    /// A sentence for the person, or trouble.
    Said(Result<Option<String>, Trouble>),
    /// The prompt as it came back from the person's own editor.
    Edited(Result<String, Trouble>),
    /// A file was in the person's own editor.
    EditedFile(PathBuf, Result<(), Trouble>),
    /// What the story view asked for.
    Story(story::Answer),
    /// The draft of the last time.
    Recalled(Option<String>),
    /// The favourite models of the last time.
    Favourites(Option<String>),
    /// What the provider quotes for a draft; nothing where it does not say.
    Quoted {
        /// The draft's brief.
        brief: Box<Brief>,
        /// The quote, with what our rule says.
        quote: Option<Quote>,
    },
    /// Of each model whose provider quotes another price than our rule, the newest quote.
    Differences(Vec<Quote>),
    /// The provider was asked for its models: what came of it.
    Refreshed(Result<String, Trouble>),
    /// The jobs are handed over: the screen may close.
    Left(Result<(), Trouble>),
}

/// What the lists show.
#[derive(Debug, Clone)]
pub struct Library {
    /// Newest first.
    pub jobs: Vec<Job>,
    /// Newest first.
    pub assets: Vec<Asset>,
    /// What was spent.
    pub spending: Spending,
}

/// Which film to show, from where, how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reel {
    /// Which run of the projector it is: frames of an older one are late and dropped.
    pub run: u64,
    /// The take.
    pub id: AssetId,
    /// The pixels its frames have to fit.
    pub fit: Pixels,
    /// The first moment that is wanted, in milliseconds.
    pub from_ms: u64,
}

/// When a frame is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At its moment; frames that are too late for that are left out.
    Due,
    /// At once.
    Now,
}

/// What the screen asks for. Run outside of it; what comes of it comes back as a [`Reply`].
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Look at everything before an order.
    Preflight(Ask),
    /// Order.
    Order(Ask),
    /// Load jobs, takes and spending, at this count of moves.
    Load(u64),
    /// Ask how long a model usually takes.
    Usual(ModelId),
    /// Look at a file that a model shall be given.
    Facts(Source),
    /// Read a folder.
    LookInto(PathBuf),
    /// Take a file or a folder into the library.
    Import(PathBuf),
    /// Fetch a picture of a file that is not in the library.
    Picture(PathBuf, Pixels),
    /// Fetch a picture.
    Poster(AssetId, Pixels),
    /// Fetch a whole text.
    Words(AssetId),
    /// Fetch what happened to a job.
    Timeline(JobId),
    /// Add up what was spent.
    Usage(Asked),
    /// Read lines of the ledger.
    Ledger(Lines),
    /// Write figures or lines into a file.
    Export(Export),
    /// Give a job up.
    Cancel(JobId),
    /// Go on with what is held: one job, or all.
    Resume(Option<JobId>),
    /// Look a job in doubt up.
    Find(JobId),
    /// End a job in doubt by hand.
    Settle(JobId, Settlement),
    /// Put a take into the trash.
    Trash(AssetId),
    /// Take it out again.
    Restore(AssetId),
    /// Keep or reject a take, or neither.
    Decide(AssetId, Option<Verdict>),
    /// Say why a take was rejected, or take that back.
    GiveReason(AssetId, Option<String>),
    /// Make it a favourite, or not.
    Favourite(AssetId, bool),
    /// Keep the draft for the next time.
    KeepDraft(String),
    /// Read it.
    RecallDraft,
    /// Keep the favourite models for the next time.
    KeepFavourites(String),
    /// Read them.
    RecallFavourites,
    /// Ask the provider what this costs.
    Quote(Box<Brief>),
    /// Read where quotes were not what our rules say.
    RecallDifferences,
    /// Ask the provider for its models.
    RefreshModels,
    /// Have the terminal tell something, even where nobody looks at it.
    Notify(String),
    /// Put text into the terminal's clipboard.
    Copy(String),
    /// Hand everything over, then close.
    Leave(Unsent),
    /// Hand everything over, stop, and go on when told to.
    Suspend,
    /// Take the jobs back after that.
    TakeBack,
    /// Give the terminal to the person's own editor with this text, and take it back.
    EditOutside(String),
    /// Give it to them with this file.
    EditFile(PathBuf),
    /// What the story view needs.
    Story(story::Ask),
    /// Open a film and fetch its first frame.
    OpenFilm(Reel),
    /// Fetch the next frame of a film: when it is due, or at once.
    NextFrame(u64, Pace),
    /// Close the film that is open.
    CloseFilm,
    /// Draw every cell again.
    Redraw,
    /// Close.
    Quit,
}

impl Effect {
    /// Whether it changes, sends or spends anything that outlives the screen.
    pub fn changes(&self) -> bool {
        match self {
            Self::Order(_)
            | Self::Import(_)
            | Self::Cancel(_)
            | Self::Resume(_)
            | Self::Find(_)
            | Self::Settle(..)
            | Self::Trash(_)
            | Self::Restore(_)
            | Self::Decide(..)
            | Self::GiveReason(..)
            | Self::Favourite(..)
            | Self::KeepDraft(_)
            | Self::KeepFavourites(_)
            | Self::RefreshModels
            | Self::EditFile(_)
            | Self::Export(_) => true,
            Self::Story(ask) => ask.changes(),
            Self::Preflight(_)
            | Self::Load(_)
            | Self::Usual(_)
            | Self::Facts(_)
            | Self::LookInto(_)
            | Self::Picture(..)
            | Self::Poster(..)
            | Self::Words(_)
            | Self::Timeline(_)
            | Self::RecallDraft
            | Self::RecallFavourites
            | Self::RecallDifferences
            | Self::Quote(_)
            | Self::Usage(_)
            | Self::Ledger(_)
            | Self::Notify(_)
            | Self::Copy(_)
            | Self::Leave(_)
            | Self::Suspend
            | Self::TakeBack
            | Self::EditOutside(_)
            | Self::OpenFilm(_)
            | Self::NextFrame(..)
            | Self::CloseFilm
            | Self::Redraw
            | Self::Quit => false,
        }
    }
}
