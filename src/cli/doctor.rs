//! `rushes doctor`: every path and setting, and what is wrong with them.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::assembly::{self, Assembly, Flags};
use crate::config::Origin;
use crate::domain::{Check, CheckId, Outcome, ProviderId};
use crate::pipeline::Services;
use crate::pipeline::supervisor::said;
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
}

/// Looks at everything. Exit 1 when something is broken.
pub(super) async fn run(as_json: bool, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let assembly = assembly::open(flags, Arc::new(ear)).await?;
    let provider = assembly.default_provider().await?;
    let findings = look(&assembly, provider).await;
    let broken = findings.iter().any(|finding| finding.outcome == Outcome::Block);
    if as_json {
        talk::json(&in_json(&assembly, provider, &findings));
    } else {
        print(&assembly, provider, &findings);
    }
    Ok(if broken { Exit::Failed } else { Exit::Done })
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
        Ok(()) => Finding::pass("library", assembly.paths.library_db().display().to_string()),
        Err(error) => Finding::block("library", said(&error), "restore it from a backup"),
    });
    findings.push(disk(assembly));
    findings.push(worker(assembly));
    let program = |name: &str| program(assembly, name);
    findings.push(match program("ffmpeg") {
        Some(path) => Finding::pass("ffmpeg", path),
        None => Finding::warn(
            "ffmpeg",
            "not installed",
            "without it, videos other than H.264 have no picture here; they are saved all the same",
        ),
    });
    findings.extend(kill_user_processes(assembly));
    findings
}

async fn balance(assembly: &Assembly, provider: ProviderId) -> Finding {
    let asked = async {
        let client =
            assembly.clients.provider(provider).await.map_err(|error| error.to_string())?;
        client.balance().await.map_err(|error| error.to_string())
    };
    match asked.await {
        Ok(Some(left)) => Finding::pass("balance", format!("{left} at {provider}")),
        Ok(None) => Finding::pass("balance", format!("{provider} answers")),
        Err(error) => Finding::warn("balance", error, "look at the key, the address, the network"),
    }
}

fn disk(assembly: &Assembly) -> Finding {
    let check: Check = crate::pipeline::preflight::disk(
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

fn program(assembly: &Assembly, name: &str) -> Option<String> {
    let path = assembly.env.path("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .map(|file| file.display().to_string())
}

/// systemd may end everything a person started when the session closes: then a worker does not outlive it
/// (logind.conf(5)).
fn kill_user_processes(assembly: &Assembly) -> Option<Finding> {
    assembly.env.text("XDG_SESSION_ID")?;
    let kills = ["/etc/systemd/logind.conf", "/usr/lib/systemd/logind.conf"]
        .into_iter()
        .filter_map(|file| std::fs::read_to_string(Path::new(file)).ok())
        .flat_map(|text| text.lines().map(str::trim).map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| line.strip_prefix("KillUserProcesses=").map(str::to_owned))
        .any(|value| matches!(value.trim(), "yes" | "true" | "1" | "on"));
    kills.then(|| {
        Finding::warn(
            "session",
            "systemd ends every process of yours when you log out: a worker too",
            "loginctl enable-linger, or start rushes in systemd-run --user --scope",
        )
    })
}

fn paths(assembly: &Assembly) -> Vec<(&'static str, String)> {
    let paths = &assembly.paths;
    let named = [
        ("config", &paths.config),
        ("data", &paths.data),
        ("state", &paths.state),
        ("cache", &paths.cache),
    ];
    named.into_iter().map(|(name, path)| (name, path.display().to_string())).collect()
}

fn settings(assembly: &Assembly) -> Vec<(String, String, Origin)> {
    assembly.settings.explain()
}

fn terminal(assembly: &Assembly) -> Vec<(&'static str, String)> {
    ["TERM", "COLORTERM", "NO_COLOR", "TMUX", "SSH_CONNECTION", "LANG"]
        .into_iter()
        .filter_map(|name| assembly.env.text(name).map(|value| (name, value)))
        .collect()
}

fn print(assembly: &Assembly, provider: ProviderId, findings: &[Finding]) {
    talk::data(&format!("rushes {}  provider {provider}", env!("CARGO_PKG_VERSION")));
    talk::data("");
    for finding in findings {
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
    for (name, path) in paths(assembly) {
        talk::data(&format!("  {name:<13} {path}"));
    }
    talk::data("");
    for (key, value, origin) in settings(assembly) {
        let value = if value.is_empty() { "-" } else { &value };
        talk::data(&format!("  {key:<28} {value:<28} {origin}"));
    }
    talk::data("");
    for (name, value) in terminal(assembly) {
        talk::data(&format!("  {name:<13} {value}"));
    }
}

fn in_json(assembly: &Assembly, provider: ProviderId, findings: &[Finding]) -> Value {
    let object = |pairs: Vec<(&'static str, String)>| -> Value {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
    };
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "id": finding.what,
                "outcome": finding.outcome,
                "finding": finding.found,
                "hint": finding.hint,
            })
        })
        .collect();
    let settings: Vec<_> = settings(assembly)
        .into_iter()
        .map(|(key, value, origin)| json!({"key": key, "value": value, "from": origin.to_string()}))
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "provider": provider.as_str(),
        "checks": findings,
        "paths": object(paths(assembly)),
        "settings": settings,
        "terminal": object(terminal(assembly)),
    })
}
