//! Keys: from the environment, a 0600 file or a command; never printed, never given to another program.

use std::fmt;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use toml_edit::DocumentMut;

use super::env::Env;
use super::key_command;
use super::paths::Paths;
use super::write;
use crate::domain::{Fingerprint, ProviderId};

/// A key to a provider. Prints masked, and there is one way to its text.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Reads a key: visible ASCII, blanks around it taken off.
    pub fn read(text: &str) -> Result<Self, UnfitKey> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UnfitKey::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UnfitKey::Unprintable);
        }
        if text.len() > 4096 {
            return Err(UnfitKey::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The key itself, for the header that carries it and the pipe to the worker.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What tells this credential at this address from any other, without telling it: 12 hex digits.
    pub fn fingerprint(&self, base_url: &str) -> Fingerprint {
        use fmt::Write;

        let digest = Sha256::digest(format!("{base_url}\n{}", self.0));
        let mut hex = String::with_capacity(12);
        for byte in &digest[..6] {
            write!(hex, "{byte:02x}").expect("a string takes any text");
        }
        Fingerprint(hex)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A text that is no key. Never says the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnfitKey {
    /// There is nothing.
    #[error("the key is empty")]
    Empty,
    /// A header cannot carry it.
    #[error(
        "the key has characters in it that no key has (a blank, a control character or a letter outside ASCII)"
    )]
    Unprintable,
    /// Something else was taken for it.
    #[error("the key is longer than any key")]
    TooLong,
}

/// Where a key came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// This variable.
    Environment(&'static str),
    /// This file.
    File(PathBuf),
    /// This command.
    Command(String),
    /// The process that started this one.
    Inherited,
}

impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "${name}"),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Command(_) => f.write_str("key_cmd"),
            Self::Inherited => f.write_str("the process that started this one"),
        }
    }
}

/// A key and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The key.
    pub key: ApiKey,
    /// Where it came from.
    pub source: CredentialSource,
}

/// A key that is there and cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The text is no key.
    #[error("{from}: {fault}")]
    Unfit {
        /// Where it stands.
        from: CredentialSource,
        /// What is wrong.
        fault: UnfitKey,
    },
    /// Others on this machine can read the file.
    #[error("{} can be read by others (mode {mode:03o})", file.display())]
    Exposed {
        /// Which.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file is no list of keys.
    #[error("{}: {message}", file.display())]
    Wrong {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The file cannot be read or written.
    #[error("{doing} {}", file.display())]
    Io {
        /// `reading` or `writing`.
        doing: &'static str,
        /// Which.
        file: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The command gave none.
    #[error("key_cmd: {0}")]
    Command(String),
}

impl SecretError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exposed { file, .. } => Some(format!("chmod 600 {}", file.display())),
            Self::Unfit { .. } => Some("copy the key again, alone and whole".to_owned()),
            Self::Command(_) => {
                Some("run the command by hand; its first line must be the key".to_owned())
            }
            Self::Wrong { .. } | Self::Io { .. } => None,
        }
    }
}

/// The variables that hold a provider's key, the one that counts first; none for one that needs no key.
pub fn variables(provider: ProviderId) -> &'static [&'static str] {
    match provider {
        ProviderId::Sandbox | ProviderId::Local => &[],
        ProviderId::Wavespeed => &["WAVESPEED_API_KEY"],
        // A token goes through Hugging Face's router, fal's own key to fal.
        ProviderId::Huggingface => &["HF_TOKEN", "FAL_KEY"],
    }
}

/// The key for a provider: the environment, then the stored one, then what the command says.
///
/// `None` where there is none. An error is a key that is there and unfit: it is told, never passed over.
/// A command takes up to 30 s, and blocks.
pub fn find(
    provider: ProviderId,
    paths: &Paths,
    env: &Env,
    key_cmd: Option<&str>,
) -> Result<Option<Credential>, SecretError> {
    for name in variables(provider) {
        if let Some(text) = env.text(name) {
            return credential(&text, CredentialSource::Environment(name)).map(Some);
        }
    }
    let file = paths.credentials_file();
    if let Some(text) = stored(&file, provider)? {
        return credential(&text, CredentialSource::File(file)).map(Some);
    }
    match key_cmd {
        Some(command) => {
            let line = key_command::first_line(command, env, key_command::DEADLINE)
                .map_err(SecretError::Command)?;
            credential(&line, CredentialSource::Command(command.to_owned())).map(Some)
        }
        None => Ok(None),
    }
}

/// Stores a key, mode 0600, whole or not at all.
pub fn set_key(paths: &Paths, provider: ProviderId, key: &ApiKey) -> Result<(), SecretError> {
    change(&paths.credentials_file(), |document| {
        document[provider.as_str()] = toml_edit::table();
        document[provider.as_str()]["key"] = toml_edit::value(key.expose());
        true
    })
    .map(|_| ())
}

/// Takes a stored key out of the file. Says whether there was one.
pub fn forget_key(paths: &Paths, provider: ProviderId) -> Result<bool, SecretError> {
    change(&paths.credentials_file(), |document| document.remove(provider.as_str()).is_some())
}

fn credential(text: &str, source: CredentialSource) -> Result<Credential, SecretError> {
    match ApiKey::read(text) {
        Ok(key) => Ok(Credential { key, source }),
        Err(fault) => Err(SecretError::Unfit { from: source, fault }),
    }
}

fn stored(file: &Path, provider: ProviderId) -> Result<Option<String>, SecretError> {
    let document = document(file)?;
    let key = document.get(provider.as_str()).and_then(|table| table.get("key"));
    Ok(key.and_then(|key| key.as_str()).map(str::to_owned))
}

fn change(file: &Path, edit: impl FnOnce(&mut DocumentMut) -> bool) -> Result<bool, SecretError> {
    let mut document = document(file)?;
    let changed = edit(&mut document);
    if changed {
        write::whole(file, &document.to_string(), 0o600).map_err(io_error("writing", file))?;
    }
    Ok(changed)
}

fn document(file: &Path) -> Result<DocumentMut, SecretError> {
    if let Ok(metadata) = file.metadata() {
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Exposed { file: file.to_owned(), mode });
        }
    }
    let text = write::text_of(file).map_err(io_error("reading", file))?;
    // The parser's message may quote the line, which may hold a key: only the place is told.
    text.parse().map_err(|error: toml_edit::TomlError| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        SecretError::Wrong { file: file.to_owned(), message: format!("line {line} is not TOML") }
    })
}

fn io_error(doing: &'static str, file: &Path) -> impl FnOnce(io::Error) -> SecretError {
    let file = file.to_owned();
    move |source| SecretError::Io { doing, file, source }
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
