//! The real binary, with an empty home of its own.

use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tokio::process::{Child, Command};

use super::server::Server;

/// The program under test.
pub(crate) const RUSHES: &str = env!("CARGO_BIN_EXE_rushes");

/// A home that nobody else uses, and the environment that goes with it.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Home {
    /// An empty one: no key, no setting, and a sandbox whose films have all their length and size but few
    /// frames.
    pub(crate) fn empty() -> Self {
        Self::filming().set("RUSHES_SANDBOX_MEGAPIXELS", "1")
    }

    /// An empty one whose sandbox draws every frame.
    pub(crate) fn filming() -> Self {
        static TOOLS: OnceLock<Option<Vec<u8>>> = OnceLock::new();
        let home = Self::bare();
        // What the ffmpeg of this machine can do is asked once for all homes: three programs less for each.
        let known = |home: &Self| home.path().join("cache/ffmpeg.json");
        let tools = TOOLS.get_or_init(|| {
            let asked = Self::bare();
            let mut command = std::process::Command::new(RUSHES);
            command.args(["assets", "list"]).env_clear().envs(asked.variables());
            command.output().unwrap();
            std::fs::read(known(&asked)).ok()
        });
        if let Some(tools) = tools {
            std::fs::create_dir(home.path().join("cache")).unwrap();
            std::fs::write(known(&home), tools).unwrap();
        }
        home
    }

    /// One without a single file in it.
    pub(crate) fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: vec![] }
    }

    /// One that is configured for a provider on loopback.
    pub(crate) fn with(server: &Server) -> Self {
        Self::empty()
            .set("WAVESPEED_API_KEY", "wsk_test_0123456789")
            .set("WAVESPEED_BASE_URL", server.address())
    }

    /// The same with one more variable.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without one.
    pub(crate) fn unset(mut self, name: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Every variable that the program sees.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let home = self.path().display().to_string();
        let mut variables = vec![
            ("HOME".to_owned(), home.clone()),
            ("RUSHES_HOME".to_owned(), home),
            ("PATH".to_owned(), std::env::var("PATH").unwrap_or_default()),
            ("TERM".to_owned(), "xterm-256color".to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ];
        variables.extend(self.environment.iter().cloned());
        variables
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(RUSHES);
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        Ran(self.command(arguments).output().await.unwrap())
    }

    /// What `--json` prints as one value.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments).await;
        serde_json::from_slice(&ran.0.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
    }

    /// The jobs, newest first.
    pub(crate) async fn jobs(&self) -> Vec<Value> {
        self.json(&["jobs", "list", "--json"]).await.as_array().unwrap().clone()
    }

    /// The kinds of a job's ledger lines, from the library itself.
    pub(crate) fn ledger(&self) -> Vec<(String, i64)> {
        let library = rusqlite::Connection::open(self.path().join("data/library.db")).unwrap();
        let mut lines = library.prepare("SELECT kind, amount FROM ledger ORDER BY seq").unwrap();
        let lines = lines.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        lines.map(Result::unwrap).collect()
    }

    /// What is spent and held of real money, by the sums that are kept.
    pub(crate) fn sums(&self) -> (i64, i64) {
        let library = rusqlite::Connection::open(self.path().join("data/library.db")).unwrap();
        let sums =
            "SELECT coalesce(sum(spent), 0), coalesce(sum(held), 0) FROM sums WHERE simulated = 0";
        library.query_row(sums, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    }

    /// Names of files below the library's takes.
    pub(crate) fn takes(&self) -> Vec<String> {
        fn below(folder: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    below(&path, found);
                } else {
                    found.push(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
        }
        let mut found = Vec::new();
        below(&self.path().join("data/takes"), &mut found);
        found.sort();
        found
    }
}

/// A run of the program that has ended.
#[derive(Debug)]
pub(crate) struct Ran(pub(crate) Output);

impl Ran {
    pub(crate) fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Standard output as JSON Lines.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let parse = |line: &str| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{error} in {line:?}: {self:?}"))
        };
        self.stdout().lines().map(parse).collect()
    }

    /// The lines of one type.
    pub(crate) fn of_type(&self, kind: &str) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["type"] == kind).collect()
    }
}
