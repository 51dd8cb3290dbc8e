//! `rushes doctor`: every path and setting, and what is wrong with them.

use std::fs::{File, TryLockError};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::assembly::{Assembly, Flags, listed};
use crate::config::{Env, Origin, Paths, Settings};
use crate::domain::{Check, CheckId, Outcome, ProviderId};
use crate::pipeline::Services;
use crate::pipeline::supervisor::said;
use crate::provider::local::Here;
use crate::studio::Ear;

use super::exit::Exit;
use super::talk;

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    outcome: Outcome,
    found: String,
    hint: Option<String>,
}

impl Finding {
    fn pass(what: &'static str, finding: impl Into<String>) -> Self {
        Self { what, outcome: Outcome::Pass, found: finding.into(), hint: None }
    }

    fn warn(what: &'static str, finding: impl Into<String>, hint: &str) -> Self {
        let hint = Some(hint.to_owned());
        Self { what, outcome: Outcome::Warn, found: finding.into(), hint }
    }

    fn block(what: &'static str, finding: impl Into<String>, hint: &str) -> Self {
        let hint = Some(hint.to_owned());
        Self { what, outcome: Outcome::Block, found: finding.into(), hint }
    }

    /// A library that this run may not change is sound as it is.
    fn looked_at(assembly: &Assembly) -> Self {
        let path = assembly.paths.library_db();
        match assembly.store.access().notice() {
            Some(notice) => {
                Self::warn("library", notice, "see it live where its folder can be written")
            }
            None => Self::pass("library", format!("{}, only looked at", path.display())),
        }
    }

    fn in_json(&self) -> Value {
        json!({
            "id": self.what,
            "outcome": self.outcome,
            "finding": self.found,
            "hint": self.hint,
        })
    }
}

/// Everything that is told.
struct Report {
    provider: Option<ProviderId>,
    findings: Vec<Finding>,
    paths: Vec<(&'static str, PathBuf)>,
    settings: Vec<(String, String, Origin)>,
    terminal: Vec<(&'static str, String)>,
}

/// Looks at everything. Exit 1 when something is broken: also when nothing else would start.
pub(super) async fn run(as_json: bool, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let report = match super::open(flags, ear).await {
        Ok(assembly) => Report::of(&assembly).await?,
        Err(error) => Report::without_library(&error)?,
    };
    if as_json {
        talk::json(&report.in_json());
    } else {
        report.print();
    }
    let is_broken = report.findings.iter().any(|finding| finding.outcome == Outcome::Block);
    Ok(if is_broken { Exit::Failed } else { Exit::Done })
}

impl Report {
    async fn of(assembly: &Assembly) -> anyhow::Result<Self> {
        let provider = assembly.default_provider().await?;
        Ok(Self {
            provider: Some(provider),
            findings: look(assembly, provider).await,
            paths: paths(&assembly.paths),
            settings: assembly.settings.explain(),
            terminal: terminal(&assembly.env),
        })
    }

    /// What can be told where a setting or the library is broken.
    fn without_library(error: &anyhow::Error) -> anyhow::Result<Self> {
        let env = Env::of_process();
        let folders = Paths::find(&env)?;
        let settings = Settings::load(&folders, &env, &[]);
        let hint = super::hint(error).unwrap_or_else(|| "rushes starts once that is mended".into());
        Ok(Self {
            provider: None,
            findings: vec![Finding::block("start", format!("{error:#}"), &hint)],
            paths: paths(&folders),
            settings: settings.map(|settings| settings.explain()).unwrap_or_default(),
            terminal: terminal(&env),
        })
    }
}

async fn look(assembly: &Assembly, provider: ProviderId) -> Vec<Finding> {
    let mut findings = vec![match assembly.clients.credential(provider).await {
        Ok(source) => Finding::pass("credential", source),
        Err(missing) => Finding::block("credential", missing.to_string(), missing.hint()),
    }];
    if findings[0].outcome == Outcome::Pass {
        findings.push(balance(assembly, provider).await);
    }
    findings.push(match assembly.store.check().await {
        Ok(()) if assembly.flags.read_only => Finding::looked_at(assembly),
        Ok(()) if !is_writable(&assembly.paths.library_db()) => Finding::block(
            "library",
            format!("{} cannot be written", assembly.paths.library_db().display()),
            "look at the rights of its folder, or set RUSHES_HOME to another one",
        ),
        Ok(()) => Finding::pass("library", assembly.paths.library_db().display().to_string()),
        Err(error) => Finding::block("library", said(&error), "restore it from a backup"),
    });
    findings.push(models(assembly));
    findings.push(disk(assembly));
    findings.push(worker(assembly));
    findings.push(ffmpeg(assembly));
    findings.extend(kill_user_processes(assembly));
    findings
}

/// Whether the library may be written, and its folder: the journal lies beside it.
fn is_writable(library: &std::path::Path) -> bool {
    let may = |path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    may(library) && library.parent().is_none_or(may)
}

async fn balance(assembly: &Assembly, provider: ProviderId) -> Finding {
    let asked = async {
        let client =
            assembly.clients.provider(provider).await.map_err(|error| error.to_string())?;
        client.balance().await.map_err(|error| error.to_string())
    };
    match asked.await {
        Ok(Some(left)) => Finding::pass("balance", format!("{left} at {provider}")),
        Ok(None) => Finding::pass("balance", format!("{provider} tells none")),
        Err(error) => Finding::warn("balance", error, "look at the key, the address, the network"),
    }
}

/// How many models there are, and from which day the provider's list is.
fn models(assembly: &Assembly) -> Finding {
    if let Some(unusable) = assembly.unlisted() {
        return Finding::warn("models", said(unusable), unusable.hint());
    }
    let count = assembly.catalog.now().all().len();
    let day = match listed::last(&assembly.paths, ProviderId::Wavespeed) {
        Ok(Some(last)) => format!("the provider's list is of {}", last.day()),
        _ => "the provider's list was never fetched".to_owned(),
    };
    Finding::pass("models", format!("{count} known; {day}"))
}

fn disk(assembly: &Assembly) -> Finding {
    let check: Check = crate::pipeline::weighed::disk(
        assembly.pipeline.library.free_bytes().ok(),
        assembly.settings.disk_needed,
    );
    Finding {
        what: CheckId::Disk.as_str(),
        outcome: check.outcome,
        found: check.finding,
        hint: check.hint,
    }
}

fn worker(assembly: &Assembly) -> Finding {
    let running = File::open(assembly.paths.worker_lock())
        .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
    Finding::pass("worker", if running { "one is at work" } else { "none is needed now" })
}

/// The program that films are worked on with, and what is not done without it.
fn ffmpeg(assembly: &Assembly) -> Finding {
    let here = match Here::find(&assembly.env, &assembly.paths) {
        Ok(here) => here,
        Err(error) => return Finding::block("ffmpeg", said(&error), "mend that file"),
    };
    match here.tools {
        Ok(tools) => {
            let found = format!("{} {}", tools.ffmpeg.display(), tools.version);
            match tools.missing().join(", ") {
                missing if missing.is_empty() => Finding::pass("ffmpeg", found),
                missing => Finding::warn(
                    "ffmpeg",
                    format!("{found}, built without {missing}"),
                    "rushes models list --provider local says what is off for it",
                ),
            }
        }
        Err(none) => Finding::warn(
            "ffmpeg",
            none.to_string(),
            "install it: without it films are joined only where they agree, nothing else is edited or \
             exported here, and videos other than H.264 have no picture",
        ),
    }
}

/// systemd may end everything a person started when the session closes: then a worker does not outlive it
/// (logind.conf(5)), unless the person lingers (loginctl(1)).
fn kill_user_processes(assembly: &Assembly) -> Option<Finding> {
    assembly.env.text("XDG_SESSION_ID")?;
    let lingers = assembly
        .env
        .text("USER")
        .is_some_and(|user| Path::new("/var/lib/systemd/linger").join(user).exists());
    let kills = kills_at_logout(&logind_settings());
    (kills && !lingers).then(|| {
        Finding::warn(
            "session",
            "systemd ends every process of yours when you log out: a worker too",
            "loginctl enable-linger, or start rushes in systemd-run --user --scope",
        )
    })
}

/// The texts of logind's settings, the ones that win last.
fn logind_settings() -> Vec<String> {
    let mut files = Vec::new();
    for folder in ["/usr/lib/systemd", "/run/systemd", "/etc/systemd"] {
        files.push(Path::new(folder).join("logind.conf"));
    }
    for folder in ["/usr/lib/systemd", "/run/systemd", "/etc/systemd"] {
        let folder = Path::new(folder).join("logind.conf.d");
        let mut more: Vec<_> = std::fs::read_dir(folder)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        more.sort();
        files.extend(more);
    }
    files.into_iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect()
}

fn kills_at_logout(texts: &[String]) -> bool {
    let last = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|line| line.trim().strip_prefix("KillUserProcesses="))
        .next_back();
    last.is_some_and(|value| matches!(value.trim(), "yes" | "true" | "1" | "on"))
}

fn paths(paths: &Paths) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("config", paths.config.clone()),
        ("data", paths.data.clone()),
        ("state", paths.state.clone()),
        ("cache", paths.cache.clone()),
        ("config_file", paths.config_file()),
        ("keymap", paths.keymap_file()),
        ("themes", paths.themes_folder()),
        ("models", paths.models_folder()),
        ("credentials", paths.credentials_file()),
        ("library", paths.library_db()),
        ("takes", paths.takes()),
        ("log", paths.log()),
        ("worker_lock", paths.worker_lock()),
        ("sandbox", paths.sandbox_folder()),
        ("posters", paths.posters()),
    ]
}

fn terminal(env: &Env) -> Vec<(&'static str, String)> {
    let mut facts: Vec<_> =
        ["TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR", "TMUX", "SSH_CONNECTION", "LANG"]
            .into_iter()
            .filter_map(|name| env.text(name).map(|value| (name, value)))
            .collect();
    if std::io::stderr().is_terminal()
        && let Ok((columns, rows)) = crossterm::terminal::size()
    {
        facts.push(("size", format!("{columns}x{rows}")));
    }
    facts
}

impl Report {
    fn print(&self) {
        let provider = self.provider.map_or("-", ProviderId::as_str);
        talk::data(&format!("rushes {}  provider {provider}", env!("CARGO_PKG_VERSION")));
        talk::data("");
        for finding in &self.findings {
            let glyph = match finding.outcome {
                Outcome::Pass => '✓',
                Outcome::Warn => '!',
                Outcome::Block => '✗',
            };
            talk::data(&format!("  {glyph} {:<11} {}", finding.what, finding.found));
            if let Some(hint) = &finding.hint {
                talk::data(&format!("    {:<11} hint: {hint}", ""));
            }
        }
        talk::data("");
        for (name, path) in &self.paths {
            talk::data(&format!("  {name:<13} {}", path.display()));
        }
        talk::data("");
        for (key, value, origin) in &self.settings {
            let value = if value.is_empty() { "-" } else { value };
            talk::data(&format!("  {key:<28} {value:<28} {origin}"));
        }
        talk::data("");
        for (name, value) in &self.terminal {
            talk::data(&format!("  {name:<13} {value}"));
        }
    }

    fn in_json(&self) -> Value {
        let checks: Vec<_> = self.findings.iter().map(Finding::in_json).collect();
        let paths: Map<_, _> = self
            .paths
            .iter()
            .map(|(name, path)| ((*name).to_owned(), path.to_string_lossy().into()))
            .collect();
        let settings: Vec<_> = self
            .settings
            .iter()
            .map(|(key, value, origin)| {
                json!({"key": key, "value": value, "from": origin.to_string()})
            })
            .collect();
        let terminal: Map<_, _> = self
            .terminal
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "provider": self.provider.map(ProviderId::as_str),
            "checks": checks,
            "paths": paths,
            "settings": settings,
            "terminal": terminal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_logind_counts() {
        let check = |texts: &[&str], expected| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(kills_at_logout(&texts), expected, "{texts:?}");
        };
        check(&[], false);
        check(&["[Login]\n#KillUserProcesses=yes\n"], false);
        check(&["[Login]\nKillUserProcesses=yes\n"], true);
        check(&["KillUserProcesses=yes", "KillUserProcesses=no"], false);
        check(&["KillUserProcesses=no", " KillUserProcesses= on "], true);
    }
}
