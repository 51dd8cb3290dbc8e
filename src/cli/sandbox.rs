//! `rushes sandbox`: the built-in provider as a server in the foreground.

use std::sync::Arc;

use anyhow::{Context, anyhow};

use crate::assembly::listed;
use crate::catalog::Catalog;
use crate::config::{Env, Paths, Settings};
use crate::media::MediaChild;
use crate::sandbox::{Faults, Sandbox, SandboxOptions};

use super::args;
use super::exit::Exit;
use super::signals::Signals;
use super::talk;

/// Every model that is known here. A broken list in the cache is told, and done without.
fn known(paths: &Paths) -> anyhow::Result<Catalog> {
    let (catalog, unusable) = listed::catalog(paths)?;
    super::warn_of(unusable.as_ref());
    Ok(catalog)
}

/// Serves until a signal ends it.
pub(super) async fn run(args: args::Sandbox) -> anyhow::Result<Exit> {
    let env = Env::of_process();
    let paths = Paths::find(&env)?;
    paths.make().context("making the folders")?;
    let settings = Settings::load(&paths, &env, &[])?.sandbox;
    let faults: Faults = args
        .fault
        .unwrap_or_else(|| settings.faults.clone())
        .parse()
        .map_err(|error| anyhow!("--fault: {error}"))?;
    let program = std::env::current_exe().context("finding this program's own file")?;
    let sandbox = Sandbox::start(SandboxOptions {
        addr: args.addr,
        state: paths.state.clone(),
        speed: args.speed.unwrap_or(settings.speed),
        faults,
        required_key: args.key.clone(),
        catalog: Arc::new(known(&paths)?),
        reader: Some(MediaChild::new(program)),
        most_drawn: settings.most_drawn,
    })
    .await
    .with_context(|| format!("listening on {}", args.addr))?;
    let key = args.key.as_deref().unwrap_or("sandbox");
    talk::data(&format!("WAVESPEED_BASE_URL={}", sandbox.base_url()));
    talk::data(&format!("WAVESPEED_API_KEY={key}"));
    talk::say("SANDBOX: simulated, costs nothing. Ctrl-C ends it.");
    let ended = Signals::listen()?.next().await;
    sandbox.stop().await;
    Ok(ended)
}
