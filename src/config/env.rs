//! The environment: the only place that reads variables, once, into a snapshot.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

/// Every variable that this program reads, with what it is for.
pub const VARIABLES: &[(&str, &str)] = &[
    ("RUSHES_HOME", "one folder for config, data, state and cache"),
    ("RUSHES_LOG", "what is logged: error, warn, info, debug or trace"),
    ("RUSHES_PROVIDER", "the service to use"),
    ("RUSHES_SANDBOX_SPEED", "how fast the sandbox is"),
    ("RUSHES_SANDBOX_MEGAPIXELS", "how large its films are drawn"),
    ("RUSHES_SANDBOX_FAULTS", "what goes wrong in the sandbox"),
    ("WAVESPEED_API_KEY", "the key for WaveSpeed"),
    ("WAVESPEED_BASE_URL", "where WaveSpeed is reached"),
    ("HF_TOKEN", "the token for Hugging Face's Inference Providers"),
    ("HF_ENDPOINT", "where Hugging Face's hub is reached"),
    ("HF_ROUTER_URL", "where Hugging Face's router is reached"),
    ("FAL_KEY", "fal's own key, where there is no HF_TOKEN"),
    ("FAL_QUEUE_URL", "where fal's queue is reached with fal's own key"),
    ("XDG_CONFIG_HOME", "where settings lie"),
    ("XDG_DATA_HOME", "where the library lies"),
    ("XDG_STATE_HOME", "where logs lie"),
    ("XDG_CACHE_HOME", "where posters lie"),
    ("XDG_RUNTIME_DIR", "given on to the key command"),
    ("XDG_SESSION_ID", "whether leaving may end the worker"),
    ("HOME", "where everything lies without the XDG variables"),
    ("PATH", "where programs are looked for"),
    ("USER", "given on to the key command"),
    ("SHELL", "given on to the editor"),
    ("EDITOR", "the editor for Ctrl-X Ctrl-E"),
    ("VISUAL", "the editor, before EDITOR"),
    ("TERM", "what the terminal is"),
    ("COLORTERM", "whether it has true colour"),
    ("TERM_PROGRAM", "which terminal it is"),
    ("NO_COLOR", "no colour"),
    ("TMUX", "whether tmux is between"),
    ("SSH_CONNECTION", "whether the screen is somewhere else"),
    ("DISPLAY", "whether there is a desktop"),
    ("WAYLAND_DISPLAY", "whether there is a desktop"),
    ("LANG", "the language of other programs"),
    ("LC_ALL", "the language of other programs"),
    ("LC_CTYPE", "whether text is UTF-8"),
    ("TZ", "the system's time zone"),
    ("GNUPGHOME", "given on to the key command"),
    ("GPG_TTY", "given on to the key command"),
    ("PASSWORD_STORE_DIR", "given on to the key command"),
    ("SSH_AUTH_SOCK", "given on to the key command"),
    ("DBUS_SESSION_BUS_ADDRESS", "given on to the key command"),
];

/// What a child process may see: never a key.
const FOR_CHILDREN: [&str; 11] = [
    "HOME",
    "PATH",
    "USER",
    "TERM",
    "LANG",
    "GNUPGHOME",
    "GPG_TTY",
    "PASSWORD_STORE_DIR",
    "XDG_RUNTIME_DIR",
    "SSH_AUTH_SOCK",
    "DBUS_SESSION_BUS_ADDRESS",
];

/// The variables of this process as they were when it started. Prints their names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<String, OsString>);

impl Env {
    /// Reads every variable of [`VARIABLES`]; `HOME` from the user database where it is not set.
    pub fn of_process() -> Self {
        let read = |(name, _): &(&str, &str)| Some(((*name).to_owned(), std::env::var_os(name)?));
        let mut env = Self(VARIABLES.iter().filter_map(read).collect());
        if env.path("HOME").is_none()
            && let Ok(home) = etcetera::home_dir()
        {
            env.0.insert("HOME".to_owned(), home.into_os_string());
        }
        env
    }

    /// The snapshot that a test says.
    pub fn of_pairs<N: Into<String>, V: Into<OsString>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The variable's text. An empty one counts as absent; what is not UTF-8 comes as U+FFFD.
    pub fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// The variable as a path. An empty one counts as absent.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).map(PathBuf::from)
    }

    /// Whether the variable is set to anything but nothing.
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// What a child process (the key command, an editor, ffmpeg) is started with, and nothing else.
    pub fn for_children(&self) -> impl Iterator<Item = (&'static str, &OsStr)> {
        FOR_CHILDREN.into_iter().filter_map(|name| Some((name, self.raw(name)?)))
    }

    fn raw(&self, name: &str) -> Option<&OsStr> {
        debug_assert!(
            VARIABLES.iter().any(|(known, _)| *known == name),
            "{name} is missing in VARIABLES"
        );
        self.0.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// At which step a test wants this process to end: `after-submit-started=kill`.
#[cfg(feature = "failpoints")]
pub fn failpoint() -> Option<String> {
    std::env::var("RUSHES_FAILPOINT").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_absent() {
        let env = Env::of_pairs([("WAVESPEED_API_KEY", ""), ("LANG", "C")]);
        assert_eq!(env.text("WAVESPEED_API_KEY"), None);
        assert_eq!(env.text("LANG").as_deref(), Some("C"));
        assert!(!env.has("TERM"));
    }

    #[test]
    fn no_key_is_printed_or_given_to_a_child() {
        let env = Env::of_pairs([("WAVESPEED_API_KEY", "wsk_secret"), ("HOME", "/home/me")]);
        assert_eq!(format!("{env:?}"), "{\"HOME\", \"WAVESPEED_API_KEY\"}");
        let given: Vec<&str> = env.for_children().map(|(name, _)| name).collect();
        assert_eq!(given, ["HOME"]);
    }

    #[test]
    fn every_variable_for_children_is_read() {
        for name in FOR_CHILDREN {
            assert!(VARIABLES.iter().any(|(known, _)| *known == name), "{name} is never read");
        }
    }
}
