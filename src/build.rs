//! Lists the model files under `assets/models/`, so that adding a model is adding a file.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = Path::new("assets/models");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut rows = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = fs::canonicalize(&path)?.to_string_lossy().into_owned();
        rows.push(format!("({name:?}, include_str!({path:?})),"));
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("models.rs"), format!("&[\n{}\n]\n", rows.join("\n")))?;
    io::Write::write_all(&mut io::stdout(), b"cargo::rerun-if-changed=assets/models\n")
}
