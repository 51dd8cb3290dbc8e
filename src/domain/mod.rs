//! The words of the product as values, and the decisions about them. Pure: no clock, no disk, no network.

pub mod ask;
pub mod asset;
pub mod brief;
pub mod estimate;
pub mod event;
pub mod ids;
pub mod job;
pub mod ledger;
pub mod media;
pub mod money;
pub mod owner;
pub mod preflight;
pub mod reason;
pub mod stage;
pub mod text;

pub use ask::{Ask, Unsent};
pub use asset::{Asset, Origin, Verdict};
pub use brief::{Brief, Inputs, Operation, Params};
pub use estimate::{Basis, Estimate};
pub use ids::{
    AssetId, BatchId, Fingerprint, JobId, ModelId, PredictionId, ProviderId, UnknownProvider,
};
pub use job::{Account, IllegalTransition, Job, JobEvent, Progress, Settlement, Times, Wish};
pub use ledger::{Balance, Line, LineKind, Totals};
pub use media::{MediaFacts, MediaKind, Picture, Pixels};
pub use money::Usd;
pub use owner::{Alive, Owner};
pub use preflight::{Check, CheckId, Outcome, Preflight};
pub use reason::{Reason, ReasonKind};
pub use stage::{Stage, StageName};
