//! Behind the screen: the studio is started here, over the pipeline and the library.

mod desk;
mod ear;
mod editor;
mod files;
mod looks;
mod story;
mod usage;

use std::io::stdout;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use termprofile::{DetectorSettings, TermProfile};

use crate::assembly::{self, Assembly, Flags};
use crate::config::reasons;
use crate::domain::{ModelId, Operation, ProviderId};
use crate::pipeline::supervisor::said;
use crate::pipeline::{Scope, Services};
use crate::provider::local;
use crate::tui::theme::Depth;
use crate::tui::{self, Ended, Start, Style};

pub use desk::Desk;
pub use ear::{Ear, News};

/// Opens the library and runs the studio in this terminal until the person leaves.
pub async fn run(flags: Flags) -> anyhow::Result<Ended> {
    let (ear, news) = Ear::new();
    let assembly = Arc::new(assembly::open(flags, Arc::new(ear)).await?);
    let provider = assembly.default_provider().await?;
    let read_only = assembly.flags.read_only;
    if !read_only {
        // A key that is missing, or a sandbox that does not start, is said before the screen opens. To look,
        // none is needed.
        assembly.clients.credential(provider).await?;
    }
    let scope = if read_only { Scope::Told } else { Scope::Everything };
    if let Some(notice) = assembly.store.access().notice() {
        assembly.pipeline.reporter.trouble(notice, None);
    }
    if let Some(unusable) = assembly.unlisted() {
        assembly.pipeline.reporter.trouble(&said(unusable), Some(unusable.hint()));
    }
    assembly.keep_fresh().await;
    let supervisor = assembly.supervisor(scope);
    let start = Start {
        backend: Arc::new(Desk::new(Arc::clone(&assembly), supervisor)),
        notices: news.notices,
        board: news.board,
        catalog: assembly.catalog.now(),
        presets: assembly.presets()?,
        platforms: local::platforms(&assembly.paths)?,
        model: first_model(&assembly, provider)?,
        provider,
        project: assembly.settings.project.clone(),
        read_only,
        reasons: reasons::load(&assembly.paths)?,
        notifies: assembly.settings.studio.notifications,
        style: style(&assembly)?,
        keymap: text_of(&assembly.paths.keymap_file())?,
        clock: Timestamp::now,
        zone: assembly.settings.time_zone.clone(),
        random: assembly.pipeline.dice.throw(),
    };
    tui::run(start).await
}

/// The model that is configured, or the usual one for text to video.
fn first_model(assembly: &Assembly, provider: ProviderId) -> anyhow::Result<ModelId> {
    let catalog = assembly.catalog.now();
    let spec = match &assembly.settings.model {
        Some(name) => catalog.find(name)?,
        None => catalog
            .default_on(Operation::TextToVideo, provider)
            .context("there is no model for text to video")?,
    };
    Ok(spec.id.clone())
}

fn style(assembly: &Assembly) -> anyhow::Result<Style> {
    let settings = &assembly.settings.studio;
    let file = assembly.paths.themes_folder().join(format!("{}.toml", settings.theme));
    Ok(Style {
        theme: settings.theme.clone(),
        own_theme: text_of(&file)?,
        depth: match TermProfile::detect(&stdout(), DetectorSettings::default()) {
            TermProfile::TrueColor => Depth::True,
            TermProfile::Ansi256 => Depth::Indexed,
            TermProfile::Ansi16 => Depth::Sixteen,
            TermProfile::NoColor | TermProfile::NoTty => Depth::None,
        },
        ascii: settings.ascii,
        reduced_motion: settings.reduced_motion,
    })
}

/// A file's text; `None` where there is no such file.
fn text_of(file: &std::path::Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", file.display())),
    }
}
