//! The reasons to reject a take: the built-in ones, and the user's beside the settings.

use super::Paths;
use crate::domain::Reasons;

/// What the program comes with.
const BUILT_IN: &str = include_str!("../../assets/reasons.toml");

/// A user's file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("reading {file}")]
pub struct BadReasons {
    /// Which file.
    file: String,
    /// What is wrong.
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Those that the program comes with.
pub fn built_in() -> Reasons {
    toml::from_str(BUILT_IN).expect("a test reads the built-in reasons")
}

/// The same with the user's own laid over them.
pub fn load(paths: &Paths) -> Result<Reasons, BadReasons> {
    let file = paths.reasons_file();
    let bad = |source| BadReasons { file: file.display().to_string(), source };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(built_in()),
        Err(error) => return Err(bad(error.into())),
    };
    let own: Reasons = toml::from_str(&text).map_err(|error| bad(error.into()))?;
    Ok(built_in().with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_reasons_are_read_and_a_users_file_is_laid_over_them() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        paths.make().unwrap();
        assert_eq!(load(&paths).unwrap(), built_in());
        assert_eq!(built_in().word('w'), Some("warped"));
        std::fs::write(paths.reasons_file(), "[[reason]]\nkey = \"w\"\nword = \"melted\"\n")
            .unwrap();
        assert_eq!(load(&paths).unwrap().word('w'), Some("melted"));
        std::fs::write(paths.reasons_file(), "[[reason]]\nkey = \"wet\"\nword = \"x\"\n").unwrap();
        let bad = load(&paths).unwrap_err();
        assert!(bad.to_string().contains("reasons.toml"), "{bad}");
    }
}
