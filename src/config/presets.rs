//! The user's presets: files beside the settings.

use std::path::Path;

/// What is in the same folder and is read by somebody else.
const NOT_OURS: &str = "platforms.toml";

/// Every file of presets in a folder with its text, by name; none where there is no folder.
///
/// # Errors
///
/// When one of them cannot be read.
pub fn own(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut files: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|file| {
        file.extension().is_some_and(|end| end == "toml")
            && file.file_name().is_some_and(|name| name != NOT_OURS)
    });
    files.sort();
    let read = |file: &std::path::PathBuf| {
        Ok((file.display().to_string(), std::fs::read_to_string(file)?))
    };
    files.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_holds_none_and_others_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(own(&folder.path().join("none")).unwrap().is_empty());
        for name in ["b.toml", "a.toml", "platforms.toml", "notes.txt"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let texts: Vec<_> = own(folder.path()).unwrap().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["a.toml", "b.toml"]);
    }
}
