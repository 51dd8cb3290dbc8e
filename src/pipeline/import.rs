//! A file that was not made here becomes an asset: copied whole, hashed, probed in the child.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Map;
use sha2::{Digest, Sha256};

use crate::clock::id_millis;
use crate::domain::{Asset, AssetId, MediaKind};
use crate::library::sync_folder;
use crate::media::sniff::{SNIFF_BYTES, sniff};
use crate::store::NewAsset;

use super::Pipeline;
use super::fetch::hex;

/// Copies a file into the library. One with the same content that is there already is returned as it is,
/// with `false`.
///
/// # Errors
///
/// When it cannot be read or copied, or is a folder or empty.
pub async fn import(
    pipeline: &Pipeline,
    file: &Path,
    project: Option<String>,
) -> anyhow::Result<(Asset, bool)> {
    let name = file.file_stem().context("it has no name")?.to_string_lossy().into_owned();
    let probed = pipeline.media.probe(file).await;
    let data = pipeline.library.file("");
    let from = file.to_owned();
    let copied =
        tokio::task::spawn_blocking(move || copy_in(&from, &data)).await.context("copying")??;
    let path = pipeline.library.import_path(&name, &copied.sha256, probed.extension);
    let place = pipeline.library.file(&path);
    if !place.exists() {
        copied.file.persist(&place).with_context(|| format!("writing {}", place.display()))?;
        if let Some(folder) = place.parent() {
            sync_folder(folder)?;
        }
    }
    let now = pipeline.clock.now();
    let new = NewAsset {
        id: AssetId::at(id_millis(now), &pipeline.dice.ten_bytes()),
        take: 1,
        path,
        sha256: copied.sha256,
        bytes: copied.bytes,
        mime: probed.mime.to_owned(),
        kind: probed.kind,
        facts: probed.facts,
        unreadable: probed.unreadable,
        source_url: None,
        metadata: Map::new(),
    };
    Ok(pipeline.store.import(new, name, project, now).await?)
}

/// What is in a folder and the folders below it, as far as it could be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Pictures, recordings and films, by path.
    pub media: Vec<PathBuf>,
    /// How many files are none of these.
    pub others: usize,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// Finds pictures, recordings and films in a folder, by what is in the files. Hidden files and folders are left
/// out, and a link to a folder is not followed: it may lead back.
pub async fn gather(folder: &Path) -> anyhow::Result<Gathered> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || walk(&folder)).await.context("looking into the folder")
}

fn walk(folder: &Path) -> Gathered {
    let mut gathered = Gathered::default();
    let is_shown = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(is_shown) {
        let path = match entry {
            Ok(entry) if entry.path().is_file() => entry.into_path(),
            Ok(_) => continue,
            Err(error) => {
                gathered.unread.push(error.to_string());
                continue;
            }
        };
        match kind_of(&path) {
            Ok(MediaKind::Other) => gathered.others += 1,
            Ok(_) => gathered.media.push(path),
            Err(error) => gathered.unread.push(format!("{}: {error}", path.display())),
        }
    }
    gathered
}

fn kind_of(file: &Path) -> std::io::Result<MediaKind> {
    let mut first = Vec::with_capacity(SNIFF_BYTES);
    std::fs::File::open(file)?.take(SNIFF_BYTES as u64).read_to_end(&mut first)?;
    Ok(sniff(&first).kind)
}

struct Copied {
    file: tempfile::NamedTempFile,
    sha256: String,
    bytes: u64,
}

fn copy_in(from: &Path, data: &Path) -> anyhow::Result<Copied> {
    let mut source = std::fs::File::open(from).context("reading it")?;
    if !source.metadata().context("reading it")?.is_file() {
        bail!("it is not a file");
    }
    let folder = data.join("takes/imported");
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let mut file = tempfile::Builder::new().suffix(".part").tempfile_in(&folder)?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = source.read(&mut buffer).context("reading it")?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        file.write_all(&buffer[..count]).context("copying it")?;
        bytes += count as u64;
    }
    if bytes == 0 {
        bail!("it is empty");
    }
    file.as_file().sync_all().context("copying it")?;
    let sha256 = hex(&hash.finalize());
    Ok(Copied { file, sha256, bytes })
}
