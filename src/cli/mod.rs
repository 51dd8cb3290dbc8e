//! The command line: the same pipeline, headless.

pub mod args;
mod assets;
mod briefs;
mod budget;
mod doctor;
mod exit;
mod follow;
mod followed;
mod generate;
mod jobs;
mod json;
mod key;
mod looks;
mod matrix;
mod models;
mod presets;
mod reconcile;
mod sandbox;
mod signals;
mod story;
pub mod story_args;
mod story_assemble;
mod story_run;
mod talk;
mod teller;
mod usage;
pub mod verbs;
mod worker;

use std::sync::Arc;

use anyhow::Context;
use clap::CommandFactory;

use crate::assembly::listed::Unusable;
use crate::assembly::{self, Assembly, Flags, Handed};
use crate::catalog::UnknownModel;
use crate::catalog::presets::BadPresets;
use crate::config::limits::NoPlan;
use crate::config::paths::NoHome;
use crate::config::secret::SecretError;
use crate::config::settings::SettingsError;
use crate::pipeline::supervisor::said;
use crate::pipeline::{PipelineError, Unavailable};
use crate::store::StoreError;
use crate::studio;

pub use args::{Cli, Command};
pub use exit::{Exit, WrongUsage};

/// Does what was said, and says how it ended.
pub async fn run(cli: Cli, handed: Handed) -> Exit {
    let flags = Flags { read_only: cli.read_only, provider: None, handed };
    if flags.read_only && !cli.command.as_ref().is_none_or(Command::only_looks) {
        return tell(&StoreError::ReadOnly.into());
    }
    match dispatch(cli.command, flags).await {
        Ok(exit) => exit,
        Err(error) => tell(&error),
    }
}

async fn dispatch(command: Option<Command>, flags: Flags) -> anyhow::Result<Exit> {
    match command {
        None => studio(flags).await,
        Some(Command::Generate(args)) => generate::run(args, flags).await,
        Some(Command::Jobs { verb }) => jobs::run(verb.unwrap_or_default(), flags).await,
        Some(Command::Assets { verb }) => assets::run(verb.unwrap_or_default(), flags).await,
        Some(Command::Usage(args)) => usage::run(args, flags).await,
        Some(Command::Budget { verb }) => budget::run(verb.unwrap_or_default(), flags).await,
        Some(Command::Models { verb }) => models::run(verb.unwrap_or_default(), flags).await,
        Some(Command::Story { verb }) => story::run(verb, flags).await,
        Some(Command::Presets { json }) => presets::run(json, flags).await,
        Some(Command::Key { verb }) => key::run(verb.unwrap_or_default(), flags).await,
        Some(Command::Worker { .. }) => worker::run(flags).await,
        Some(Command::Sandbox(args)) => sandbox::run(args).await,
        Some(Command::Doctor { json }) => doctor::run(json, flags).await,
        Some(Command::Backup { file }) => {
            let (ear, _) = studio::Ear::new();
            let assembly = open(flags, ear).await?;
            assembly.store.copy_to(&file).await?;
            talk::path(&file);
            Ok(Exit::Done)
        }
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rushes", &mut text);
            talk::raw(&text);
            Ok(Exit::Done)
        }
        Some(Command::Man) => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text).context("writing the page")?;
            talk::raw(&text);
            Ok(Exit::Done)
        }
    }
}

/// Opens everything, and says what has to be known of a library that is only looked at.
async fn open(flags: Flags, ear: studio::Ear) -> anyhow::Result<Assembly> {
    let assembly = assembly::open(flags, Arc::new(ear)).await?;
    if let Some(notice) = assembly.store.access().notice() {
        talk::say(&format!("rushes: {notice}"));
    }
    Ok(assembly)
}

async fn studio(flags: Flags) -> anyhow::Result<Exit> {
    use std::io::IsTerminal;

    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        talk::say("rushes: the studio needs a terminal");
        talk::hint("rushes generate \"a red kite over dunes\" makes a take without one");
        return Ok(Exit::Usage);
    }
    let ended = studio::run(flags).await?;
    if let Some(file) = &ended.unfinished {
        talk::say("what was ordered of the story goes on; the rest waits");
        talk::hint(&format!("rushes story run {} goes on with it", file.display()));
    }
    Ok(match ended.by {
        None => Exit::Done,
        Some(crate::tui::Ending::Hangup) => Exit::HungUp,
        Some(crate::tui::Ending::Interrupted) => Exit::Interrupted,
        Some(crate::tui::Ending::Terminated) => Exit::Terminated,
    })
}

/// Says what went wrong and what to do, and which exit code that is.
fn tell(error: &anyhow::Error) -> Exit {
    tracing::error!("{error:#}");
    talk::say(&format!("rushes: {error:#}"));
    if let Some(hint) = hint(error) {
        talk::hint(&hint);
    }
    let unavailable = error.downcast_ref::<Unavailable>().or_else(|| {
        match error.downcast_ref::<PipelineError>() {
            Some(PipelineError::Unavailable(unavailable)) => Some(unavailable),
            _ => None,
        }
    });
    let is_wrong_usage = error.is::<WrongUsage>()
        || error.is::<NoPlan>()
        || error.is::<BadPresets>()
        || matches!(error.downcast_ref(), Some(SettingsError::Wrong { .. }));
    match unavailable {
        Some(Unavailable::NoCredential { .. }) => Exit::NoCredential,
        _ if is_read_only(error) => Exit::Blocked,
        _ if is_wrong_usage => Exit::Usage,
        _ => Exit::Failed,
    }
}

/// Whether something was to be changed that is only looked at.
fn is_read_only(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::ReadOnly))
        || matches!(error.downcast_ref(), Some(PipelineError::Store(StoreError::ReadOnly)))
}

fn hint(error: &anyhow::Error) -> Option<String> {
    let text = |hint: &str| Some(hint.to_owned());
    if let Some(error) = error.downcast_ref::<PipelineError>() {
        return match error {
            PipelineError::Refused { hint, .. } => text(hint),
            PipelineError::Unavailable(missing) => text(missing.hint()),
            PipelineError::Store(error) => store_hint(error),
            PipelineError::Blocked(_) => None,
        };
    }
    if let Some(error) = error.downcast_ref::<StoreError>() {
        return store_hint(error);
    }
    if let Some(missing) = error.downcast_ref::<Unavailable>() {
        return text(missing.hint());
    }
    if let Some(error) = error.downcast_ref::<SettingsError>() {
        return error.hint().map(str::to_owned);
    }
    if let Some(error) = error.downcast_ref::<NoPlan>() {
        return text(&error.hint);
    }
    if let Some(error) = error.downcast_ref::<SecretError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<WrongUsage>() {
        return text(error.hint);
    }
    if let Some(error) = error.downcast_ref::<NoHome>() {
        return text(error.hint());
    }
    error.downcast_ref::<UnknownModel>().map(UnknownModel::hint)
}

/// Tells a broken list of models, which stops nothing.
fn warn_of(unusable: Option<&Unusable>) {
    if let Some(unusable) = unusable {
        talk::say(&format!("rushes: {}", said(unusable)));
        talk::hint(unusable.hint());
    }
}

fn store_hint(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Missing { what, .. } | StoreError::Ambiguous { what, .. } => {
            Some(format!("rushes {what}s list"))
        }
        StoreError::ReadOnly => Some("start rushes without it".to_owned()),
        StoreError::Older { .. } => Some(
            "start rushes once without --read-only: it brings the library up to date, and keeps a copy"
                .to_owned(),
        ),
        StoreError::Newer { .. } => Some("use the newer rushes, or another RUSHES_HOME".to_owned()),
        StoreError::Folder { .. } => Some("rushes doctor prints every path".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;

    #[test]
    fn each_error_has_its_exit_code() {
        let check = |error: anyhow::Error, expected| {
            assert_eq!(tell(&error.context("doing it")), expected);
        };
        let wrong = SettingsError::Wrong {
            origin: Origin::Environment("RUSHES_PROVIDER"),
            message: "unknown provider".into(),
            hint: None,
        };
        check(wrong.into(), Exit::Usage);
        check(WrongUsage { what: "no".into(), hint: "yes" }.into(), Exit::Usage);
        let missing = || Unavailable::NoCredential { finding: "none".into(), hint: "set".into() };
        check(missing().into(), Exit::NoCredential);
        check(PipelineError::Unavailable(missing()).into(), Exit::NoCredential);
        check(StoreError::Closed.into(), Exit::Failed);
        check(StoreError::ReadOnly.into(), Exit::Blocked);
        check(PipelineError::Store(StoreError::ReadOnly).into(), Exit::Blocked);
    }
}
