//! A settings file written whole or not at all.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::paths::private_folder;

/// Writes a text with this mode, through a temporary file beside it. A link is followed, not replaced.
pub(super) fn whole(file: &Path, text: &str, mode: u32) -> io::Result<()> {
    // A settings file is often a link into somebody's collection of dotfiles.
    let target = file.canonicalize().unwrap_or_else(|_absent| file.to_owned());
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    private_folder(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().set_permissions(Permissions::from_mode(mode))?;
    temporary.as_file().sync_all()?;
    temporary.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// The mode that a file has, or `usual` where there is none.
pub(super) fn mode_of(file: &Path, usual: u32) -> u32 {
    file.metadata().map_or(usual, |metadata| metadata.permissions().mode() & 0o777)
}

/// The file's text, empty where there is no file.
pub(super) fn text_of(file: &Path) -> io::Result<String> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read,
    }
}
