//! What a running job listens to: giving it up, and leaving it to another process.

use tokio_util::sync::CancellationToken;

/// Two signals that are never mixed: *cancel* gives a job up, *leave* only ends its being driven here.
/// A submission in flight hears neither.
#[derive(Debug, Clone, Default)]
pub struct Leash {
    /// The person gives the job up.
    pub cancel: CancellationToken,
    /// This process leaves; the job goes on elsewhere.
    pub leave: CancellationToken,
}
