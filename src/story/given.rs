//! What a story names, looked up: files by what is in them, addresses, and what is in the library.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Given, Named, Story};
use crate::domain::Asset;
use crate::domain::brief::Source;
use crate::pipeline::Pipeline;
use crate::pipeline::fetch::hex;
use crate::store::StoreError;

/// Everything that the story names.
pub(super) fn names(story: &Story) -> impl Iterator<Item = &Named> {
    let portraits = story.cast.values().filter_map(|speaker| speaker.portrait.as_ref());
    let scenes = story.scenes.iter().flat_map(|scene| {
        scene.images.iter().chain(&scene.last_image).chain(&scene.audio).chain(&scene.video)
    });
    portraits.chain(scenes).chain(&story.music)
}

/// What a name stands for, or why it cannot be used.
pub(super) async fn look_up(
    pipeline: &Pipeline,
    folder: &Path,
    name: &str,
) -> Result<Result<Given, String>, StoreError> {
    if name.starts_with("http://") || name.starts_with("https://") {
        let (source, content) = (Source::Url(name.to_owned()), name.to_owned());
        return Ok(Ok(Given { source, content }));
    }
    if let Some(asset) = name.strip_prefix("asset:") {
        let asset = found(pipeline.store.find_asset(asset).await)?;
        return Ok(
            asset.map(|asset| Given { source: Source::Asset(asset.id), content: asset.sha256 })
        );
    }
    let path = folder.join(name);
    let path = std::path::absolute(&path).unwrap_or(path);
    let file = path.clone();
    let hashed = tokio::task::spawn_blocking(move || hash(&file)).await;
    let hashed = hashed.map_err(std::io::Error::other).and_then(|hashed| hashed);
    Ok(match hashed {
        Ok(content) => Ok(Given { source: Source::File(path), content }),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    })
}

/// What is not in the library is a fault of the story; a library that cannot be read is not.
pub(super) fn found(asset: Result<Asset, StoreError>) -> Result<Result<Asset, String>, StoreError> {
    match asset {
        Ok(asset) => Ok(Ok(asset)),
        Err(error @ (StoreError::Missing { .. } | StoreError::Ambiguous { .. })) => {
            Ok(Err(error.to_string()))
        }
        Err(error) => Err(error),
    }
}

fn hash(path: &Path) -> std::io::Result<String> {
    // Opening a pipe would wait for whoever writes into it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..count]);
    }
}
