//! `rushes assets`.

use std::fmt::Write;
use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use jiff::Timestamp;

use crate::assembly::{Assembly, Flags};
use crate::config::reasons;
use crate::domain::{Asset, Origin, Verdict};
use crate::pipeline::import::{gather, import};
use crate::store::AssetFilter;
use crate::studio::Ear;

use super::exit::{Exit, WrongUsage};
use super::verbs::Assets;
use super::{json, talk};

/// One verb.
pub(super) async fn run(verb: Assets, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let assembly = super::open(flags, ear).await?;
    let store = &assembly.store;
    match verb {
        Assets::List { json, project, tag, trashed } => {
            let filter = AssetFilter { trashed, project, tag, ..AssetFilter::default() };
            list(&assembly, &store.assets(filter).await?, json);
        }
        Assets::Show { id, json } => show(&assembly, &store.find_asset(&id).await?, json),
        Assets::Import { files, project, json } => {
            return take_in(&assembly, files, project, json).await;
        }
        Assets::Tag { id, tags } => {
            let asset = store.find_asset(&id).await?;
            let (remove, add): (Vec<_>, Vec<_>) =
                tags.into_iter().partition(|tag| tag.starts_with('-'));
            let remove = remove.iter().map(|tag| tag[1..].to_owned()).collect();
            let asset = store.tag(asset.id, add, remove).await?;
            talk::say(&format!("{}: {}", asset.label(), asset.tags.join(" ")));
        }
        Assets::Rate { id, stars } => {
            let asset = store.find_asset(&id).await?;
            store.rate(asset.id, stars).await?;
        }
        Assets::Keep { ids } => decide(&assembly, ids, Verdict::Kept, None).await?,
        Assets::Reject { ids, reason } => {
            let reason = meant(&assembly, reason)?;
            decide(&assembly, ids, Verdict::Rejected, reason).await?;
        }
        Assets::Trash { ids } => {
            for id in ids {
                let asset = store.find_asset(&id).await?;
                store.trash(asset.id, Some(Timestamp::now())).await?;
                talk::say(&format!(
                    "{} is in the trash: rushes assets restore {id}",
                    asset.label()
                ));
            }
        }
        Assets::Restore { ids } => {
            for id in ids {
                let asset = store.find_asset(&id).await?;
                store.trash(asset.id, None).await?;
                talk::say(&format!("{} is in the library again", asset.label()));
            }
        }
        Assets::Export { id, to, force } => {
            let asset = store.find_asset(&id).await?;
            talk::path(&export(&assembly, &asset, &to, force)?);
        }
        Assets::Open { id } => open(&assembly, &store.find_asset(&id).await?)?,
    }
    Ok(Exit::Done)
}

/// What the person gives as a reason: a letter of theirs, or a word.
fn meant(assembly: &Assembly, said: Option<String>) -> anyhow::Result<Option<String>> {
    let Some(said) = said else { return Ok(None) };
    let meant = reasons::load(&assembly.paths)?.meant(&said).ok_or_else(|| WrongUsage {
        what: format!("{said:?} is no reason"),
        hint: "a reason is a word or a few, 40 letters at most",
    })?;
    Ok(Some(meant))
}

/// Keeps or rejects every one of these. All are found before any is decided on.
async fn decide(
    assembly: &Assembly,
    ids: Vec<String>,
    verdict: Verdict,
    reason: Option<String>,
) -> anyhow::Result<()> {
    let store = &assembly.store;
    let mut assets = Vec::new();
    for id in ids {
        assets.push(store.find_asset(&id).await?);
    }
    for asset in assets {
        store.decide(asset.id, Some(verdict)).await?;
        if reason.is_some() {
            store.give_reason(asset.id, reason.clone()).await?;
        }
        let why = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        talk::say(&format!("{} is {}{why}", asset.label(), verdict.as_str()));
    }
    Ok(())
}

fn list(assembly: &Assembly, assets: &[Asset], as_json: bool) {
    if as_json {
        let file = |asset: &Asset| assembly.pipeline.library.file(&asset.path);
        talk::json(&assets.iter().map(|asset| json::asset(asset, &file(asset))).collect());
        return;
    }
    for asset in assets {
        let length =
            asset.facts.duration_s().map(|seconds| format!("{seconds:.1} s")).unwrap_or_default();
        let size = asset.facts.pixels.map(|size| size.to_string()).unwrap_or_default();
        let words: String = asset.words().chars().take(60).collect();
        talk::data(&format!(
            "{:>5}  {:<5}  {size:>9}  {length:>7}  {words}",
            asset.label(),
            asset.kind.as_str()
        ));
    }
}

fn show(assembly: &Assembly, asset: &Asset, as_json: bool) {
    let file = assembly.pipeline.library.file(&asset.path);
    if as_json {
        talk::json(&json::asset(asset, &file));
        return;
    }
    let mut text = format!("{}  {}\n\n  {}\n\n", asset.label(), asset.id, asset.prompt);
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "  {name:<9} {value}");
        }
    };
    row("file", Some(file.display().to_string()));
    row("type", Some(asset.mime.clone()));
    row("size", asset.facts.pixels.map(|size| size.to_string()));
    row("length", asset.facts.duration_s().map(|seconds| format!("{seconds:.3} s")));
    row("codec", asset.facts.codec.clone());
    row("unreadable", asset.unreadable.clone());
    row("bytes", Some(asset.bytes.to_string()));
    row("sha256", Some(asset.sha256.clone()));
    let origin = asset.origin.as_ref();
    row("model", origin.map(|origin| origin.model.to_string()));
    row("seed", origin.and_then(|origin| origin.seed).map(|seed| seed.to_string()));
    row("cost", origin.map(Origin::cost_words));
    let verdict = asset.verdict.map(|verdict| match &asset.reason {
        Some(reason) => format!("{}: {reason}", verdict.as_str()),
        None => verdict.as_str().to_owned(),
    });
    row("verdict", verdict);
    row("project", asset.project.clone());
    row("tags", Some(asset.tags.join(" ")).filter(|tags| !tags.is_empty()));
    talk::block(text.trim_end());
}

async fn take_in(
    assembly: &Assembly,
    files: Vec<PathBuf>,
    project: Option<String>,
    as_json: bool,
) -> anyhow::Result<Exit> {
    let (files, mut exit) = gathered(files).await?;
    for file in files {
        match import(&assembly.pipeline, &file, project.clone()).await {
            Ok((asset, is_new)) => {
                let stored = assembly.pipeline.library.file(&asset.path);
                if as_json {
                    talk::json(&json::asset(&asset, &stored));
                } else {
                    talk::path(&stored);
                }
                if !is_new {
                    talk::say(&format!("{} is known as {}", file.display(), asset.label()));
                }
            }
            Err(error) => {
                talk::say(&format!("rushes: {}: {error:#}", file.display()));
                exit = Exit::Failed;
            }
        }
    }
    Ok(exit)
}

/// Every file, and what is in every folder. What is left out is told.
async fn gathered(named: Vec<PathBuf>) -> anyhow::Result<(Vec<PathBuf>, Exit)> {
    let (mut files, mut exit) = (Vec::new(), Exit::Done);
    for named in named {
        if !named.is_dir() {
            files.push(named);
            continue;
        }
        let found = gather(&named).await?;
        for unread in &found.unread {
            talk::say(&format!("rushes: {unread}"));
            exit = Exit::Failed;
        }
        let counted = match (found.media.len(), found.others) {
            (0, _) => "no picture, recording or film".to_owned(),
            (media, 0) => format!("{media} files"),
            (media, others) => format!("{media} files; {others} others are left out"),
        };
        talk::say(&format!("{}: {counted}", named.display()));
        files.extend(found.media);
    }
    Ok((files, exit))
}

/// Copies a file out of the library; what is there is only written over when told.
fn export(assembly: &Assembly, asset: &Asset, to: &Path, force: bool) -> anyhow::Result<PathBuf> {
    let from = assembly.pipeline.library.file(&asset.path);
    let name = from.file_name().context("a file of the library has a name")?;
    let to = if to.is_dir() { to.join(name) } else { to.to_owned() };
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // As any program makes a file: readable by whom the umask says.
    let mut whole = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .with_context(|| format!("writing in {}", folder.display()))?;
    let mut source =
        std::fs::File::open(&from).with_context(|| format!("reading {}", from.display()))?;
    std::io::copy(&mut source, &mut whole).context("copying")?;
    whole.as_file().sync_all().context("copying")?;
    if force {
        whole.persist(&to).with_context(|| format!("writing {}", to.display()))?;
        return Ok(to);
    }
    match whole.persist_noclobber(&to) {
        Ok(_) => Ok(to),
        Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} is there already; --force writes over it", to.display())
        }
        Err(error) => Err(error).with_context(|| format!("writing {}", to.display())),
    }
}

/// Starts the desktop's player, which sees nothing of our credentials.
fn open(assembly: &Assembly, asset: &Asset) -> anyhow::Result<()> {
    let file = assembly.pipeline.library.file(&asset.path);
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    Command::new(program)
        .arg(&file)
        .env_clear()
        .envs(assembly.env.for_children())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {program}; the file is {}", file.display()))?;
    Ok(())
}
