//! `rushes worker`: follows everything unfinished, then ends.

use std::fs::{File, TryLockError};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::assembly::{Assembly, Flags};
use crate::domain::{Alive, Unsent};
use crate::pipeline::Scope;
use crate::studio::Ear;

use super::exit::Exit;
use super::signals::Signals;

/// How often a worker looks whether the other one is gone.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Follows everything that nobody follows. One worker a library: a second one waits until the first is gone,
/// or nothing is left that nobody follows.
pub(super) async fn run(flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _news) = Ear::new();
    let assembly = Arc::new(super::open(flags, ear).await?);
    super::warn_of(assembly.unlisted());
    let mut signals = Signals::listen()?;
    let waited = tokio::select! {
        lock = lock(&assembly) => lock?,
        signal = signals.next() => return Ok(signal),
    };
    let Some(_lock) = waited else { return Ok(Exit::Done) };
    assembly.keep_fresh().await;
    let supervisor = assembly.supervisor_without_worker(Scope::Everything);
    tokio::select! {
        () = supervisor.nothing_left() => {
            supervisor.leave(Unsent::Hold).await;
            Ok(Exit::Done)
        }
        signal = signals.next() => {
            signals.unless_again(supervisor.leave(Unsent::Hold)).await;
            Ok(signal)
        }
    }
}

/// The lock, or `None` when there is nothing to do for a second worker.
async fn lock(assembly: &Assembly) -> anyhow::Result<Option<File>> {
    let path = assembly.paths.worker_lock();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("opening {}", path.display()))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("locking {}", path.display()));
            }
        }
        if !somebody_is_needed(assembly).await? {
            return Ok(None);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Whether there is a live job that no living process has.
async fn somebody_is_needed(assembly: &Assembly) -> anyhow::Result<bool> {
    for job in assembly.store.unfinished().await? {
        if !job.stage.is_live() || job.is_held() {
            continue;
        }
        match assembly.store.owner_of(job.id).await? {
            Some((owner, _)) if crate::process::alive(&owner) != Alive::No => {}
            _ => return Ok(true),
        }
    }
    Ok(false)
}
