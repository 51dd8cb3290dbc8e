//! The words of the product as values, and the decisions about them. Pure: no clock, no disk, no network.

pub mod allowance;
pub mod ask;
pub mod asset;
pub mod batch;
pub mod bill;
pub mod bound;
pub mod brief;
pub mod budget;
pub mod csv;
pub mod estimate;
pub mod event;
pub mod ids;
pub mod job;
pub mod ledger;
pub mod media;
pub mod money;
pub mod owner;
pub mod pace;
pub mod plan;
pub mod preflight;
pub mod quote;
pub mod reason;
pub mod reasons;
pub mod scene;
pub mod stage;
pub mod text;
pub mod usage;

pub use allowance::Allowance;
pub use ask::{Ask, Unsent};
pub use asset::{Asset, Origin, Verdict};
pub use bill::BillingLine;
pub use bound::{Alert, Bound, Rule, Standing, Used, Wanted};
pub use brief::{Brief, Inputs, Operation, Params};
pub use budget::{Budget, Scope};
pub use estimate::{Basis, Estimate};
pub use ids::{
    AssetId, BatchId, Fingerprint, JobId, ModelId, PredictionId, ProviderId, StoryId,
    UnknownProvider,
};
pub use job::{Account, IllegalTransition, Job, JobEvent, Progress, Settlement, Times, Wish};
pub use ledger::{Balance, Line, LineKind, Totals};
pub use media::{MediaFacts, MediaKind, Picture, Pixels};
pub use money::Usd;
pub use owner::{Alive, Owner};
pub use pace::{Pace, pace};
pub use plan::{Meter, Period, Plan};
pub use preflight::{Check, CheckId, Outcome, Preflight};
pub use quote::Quote;
pub use reason::{Reason, ReasonKind};
pub use reasons::Reasons;
pub use scene::{SceneRef, SceneStep};
pub use stage::{Stage, StageName};
pub use usage::Figures;
