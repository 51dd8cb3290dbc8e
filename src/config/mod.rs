//! What the user configured: folders, settings, keys. The only part that reads the environment.

pub mod base_url;
pub mod env;
mod key_command;
pub mod limits;
pub mod paths;
pub mod presets;
pub mod reasons;
pub mod secret;
pub mod settings;
mod write;

pub use base_url::{BaseUrl, UnfitUrl};
pub use env::Env;
pub use paths::Paths;
pub use secret::{ApiKey, Credential, CredentialSource, SecretError};
pub use settings::{Flag, Origin, Settings, SettingsError};
