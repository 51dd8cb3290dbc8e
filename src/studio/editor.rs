//! The person's own editor, for a text that is longer than a line is pleasant for.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::config::Env;
use crate::tui::backend::Trouble;

/// The largest text that is read back: more is no prompt.
const LARGEST: u64 = 1024 * 1024;

/// Runs the editor on this text and returns what was saved. It sees none of our credentials.
pub(super) async fn edit(env: &Env, text: String) -> anyhow::Result<String> {
    let file = tokio::task::spawn_blocking(move || -> std::io::Result<_> {
        // Made with mode 0600: a prompt is nobody else's business.
        let mut file = tempfile::Builder::new().prefix("rushes-").suffix(".txt").tempfile()?;
        writeln!(file, "{text}")?;
        file.flush()?;
        Ok(file.into_temp_path())
    });
    let file = file.await.context("the text was not written")?.context("writing the text")?;
    let command = run(env, &file, "the prompt stays as it was").await?;
    let size = tokio::fs::metadata(&file).await.context("looking for the text")?.len();
    ensure!(size <= LARGEST, "what {command} saved is too large for a prompt");
    tokio::fs::read_to_string(&file).await.context("reading the text back")
}

/// Runs the editor on a file of the person's own.
pub(super) async fn edit_file(env: &Env, file: &Path) -> anyhow::Result<()> {
    run(env, file, "what it saved is what there is").await.map(drop)
}

/// What a person is told when that did not work out.
pub(super) fn failed(error: &anyhow::Error) -> Trouble {
    Trouble {
        what: format!("{error:#}"),
        hint: Some("set VISUAL or EDITOR to an editor that runs in a terminal".to_owned()),
    }
}

/// Runs the editor on this file; says which it was.
async fn run(env: &Env, file: &Path, otherwise: &str) -> anyhow::Result<String> {
    let command = ["VISUAL", "EDITOR"].into_iter().find_map(|name| env.text(name));
    let command = command.filter(|command| !command.trim().is_empty()).unwrap_or("vi".to_owned());
    // As git does it: the variable is a command line of the shell, the file its last word.
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{command} \"$1\""))
        .args(["editor".as_ref(), file.as_os_str()])
        .env_clear()
        .envs(env.for_children())
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .status()
        .await
        .with_context(|| format!("starting {command}"))?;
    ensure!(status.success(), "{command} ended badly ({status}): {otherwise}");
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(editor: &str) -> Env {
        Env::of_pairs([
            ("EDITOR", editor),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("WAVESPEED_API_KEY", "wsk_1"),
        ])
    }

    #[tokio::test]
    async fn what_the_editor_saves_comes_back_and_it_sees_no_key() {
        let edited = edit(&env("env >>"), "a red kite".to_owned()).await.unwrap();
        assert!(edited.starts_with("a red kite\n") && edited.contains("PATH="), "{edited}");
        assert!(!edited.contains("wsk_1"), "{edited}");
    }

    #[tokio::test]
    async fn an_editor_that_fails_changes_nothing() {
        let error = edit(&env("false"), "a red kite".to_owned()).await.unwrap_err();
        assert!(error.to_string().contains("stays as it was"), "{error}");
    }
}
