//! Where files lie: the XDG folders, or four folders below `RUSHES_HOME`.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::env::Env;
use crate::domain::ProviderId;

/// The four folders of this program, absolute. They need not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// What the user writes: settings, keys, themes, models.
    pub config: PathBuf,
    /// What must not be lost: the library.
    pub data: PathBuf,
    /// What is kept between runs: log, locks, the sandbox's predictions.
    pub state: PathBuf,
    /// What can be made again: posters, the fetched catalogue.
    pub cache: PathBuf,
}

/// Nobody said where anything lies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no home folder")]
pub struct NoHome;

impl NoHome {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        "set HOME, or RUSHES_HOME to a folder for everything"
    }
}

impl Paths {
    /// The folders that the environment says. A relative XDG variable is ignored, as its standard asks; a
    /// relative `RUSHES_HOME` is taken from the working directory.
    pub fn find(env: &Env) -> Result<Self, NoHome> {
        if let Some(home) = env.path("RUSHES_HOME") {
            return Ok(Self::under(&std::path::absolute(&home).unwrap_or(home)));
        }
        let folder = |variable: &str, below_home: &str| {
            let said = env.path(variable).filter(|path| path.is_absolute());
            let usual = || env.path("HOME").map(|home| home.join(below_home));
            said.or_else(usual).map(|base| base.join("rushes")).ok_or(NoHome)
        };
        Ok(Self {
            config: folder("XDG_CONFIG_HOME", ".config")?,
            data: folder("XDG_DATA_HOME", ".local/share")?,
            state: folder("XDG_STATE_HOME", ".local/state")?,
            cache: folder("XDG_CACHE_HOME", ".cache")?,
        })
    }

    /// The four folders below one.
    pub fn under(home: &Path) -> Self {
        Self {
            config: home.join("config"),
            data: home.join("data"),
            state: home.join("state"),
            cache: home.join("cache"),
        }
    }

    /// Makes the folders that do not exist. Those of settings and state are for the user alone.
    pub fn make(&self) -> io::Result<()> {
        private_folder(&self.config)?;
        private_folder(&self.state)?;
        std::fs::create_dir_all(&self.data)?;
        std::fs::create_dir_all(&self.cache)
    }

    /// The user's settings.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The user's key bindings.
    pub fn keymap_file(&self) -> PathBuf {
        self.config.join("keymap.toml")
    }

    /// The user's plans.
    pub fn limits_folder(&self) -> PathBuf {
        self.config.join("limits")
    }

    /// The user's reasons to reject a take.
    pub fn reasons_file(&self) -> PathBuf {
        self.config.join("reasons.toml")
    }

    /// The user's presets.
    pub fn presets_folder(&self) -> PathBuf {
        self.config.join("presets")
    }

    /// The user's themes.
    pub fn themes_folder(&self) -> PathBuf {
        self.config.join("themes")
    }

    /// The user's models.
    pub fn models_folder(&self) -> PathBuf {
        self.config.join("models")
    }

    /// Stored keys, mode 0600.
    pub fn credentials_file(&self) -> PathBuf {
        self.config.join("credentials.toml")
    }

    /// The library's database.
    pub fn library_db(&self) -> PathBuf {
        self.data.join("library.db")
    }

    /// The library's files.
    pub fn takes(&self) -> PathBuf {
        self.data.join("takes")
    }

    /// Files that can still be restored.
    pub fn trash(&self) -> PathBuf {
        self.data.join("trash")
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.state.join("rushes.log")
    }

    /// Held by the worker.
    pub fn worker_lock(&self) -> PathBuf {
        self.state.join("worker.lock")
    }

    /// The predictions of the sandbox.
    pub fn sandbox_folder(&self) -> PathBuf {
        self.state.join("sandbox")
    }

    /// The orders that this machine works on.
    pub fn local_folder(&self) -> PathBuf {
        self.state.join("local")
    }

    /// What the `ffmpeg` that is installed can do, as it was found out last.
    pub fn tools_file(&self) -> PathBuf {
        self.cache.join("ffmpeg.json")
    }

    /// Platforms of the user's own, beside the built-in ones.
    pub fn platforms_file(&self) -> PathBuf {
        self.presets_folder().join("platforms.toml")
    }

    /// A provider's list of models, as it was fetched last.
    pub fn listed_models(&self, provider: ProviderId) -> PathBuf {
        self.cache.join("models").join(format!("{provider}.json"))
    }

    /// Small pictures of takes.
    pub fn posters(&self) -> PathBuf {
        self.cache.join("posters")
    }
}

/// Makes a folder that only the user can enter. One that exists keeps its mode.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn folders_follow_the_environment() {
        let check = |pairs: &[(&str, &str)], config: &str, state: &str| {
            let paths =
                Paths::find(&Env::of_pairs(pairs.iter().copied())).expect("there is a home");
            assert_eq!((paths.config, paths.state), (config.into(), state.into()));
        };
        check(&[("HOME", "/h")], "/h/.config/rushes", "/h/.local/state/rushes");
        check(
            &[("HOME", "/h"), ("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "relative")],
            "/c/rushes",
            "/h/.local/state/rushes",
        );
        check(&[("HOME", "/h"), ("RUSHES_HOME", "/r")], "/r/config", "/r/state");
        check(
            &[("RUSHES_HOME", ""), ("HOME", "/h")],
            "/h/.config/rushes",
            "/h/.local/state/rushes",
        );
        assert_eq!(Paths::find(&Env::default()), Err(NoHome));
        let relative = Paths::find(&Env::of_pairs([("RUSHES_HOME", "here")])).expect("it is said");
        assert!(relative.config.is_absolute() && relative.config.ends_with("here/config"));
    }

    #[test]
    fn settings_and_state_are_for_the_user_alone() {
        let home = tempfile::tempdir().expect("a folder for the test");
        let paths = Paths::under(home.path());
        paths.make().expect("the folders can be made");
        for folder in [&paths.config, &paths.state] {
            let mode = folder.metadata().expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
        }
        paths.make().expect("a second time changes nothing");
    }
}
