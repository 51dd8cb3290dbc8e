//! The files a brief is given: measured once, in the media child, before they are judged, priced and uploaded.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use crate::catalog::{FileFacts, Measured};
use crate::domain::brief::Source;
use crate::domain::{Ask, Brief, Check, CheckId, ProviderId};
use crate::provider::abilities;

use super::Pipeline;

/// What is known of every file of an order, or why it cannot be read. Addresses are not in it.
pub(super) struct Files(HashMap<String, Result<FileFacts, String>>);

impl Files {
    /// What drives the price of a brief: how many inputs there are, and how long they last.
    pub(super) fn measured(&self, brief: &Brief) -> Measured {
        Measured::of(&brief.inputs, |source| {
            let facts = self.0.get(&name(source))?.as_ref().ok()?;
            facts.milliseconds
        })
    }

    fn bytes(&self) -> u64 {
        self.0.values().filter_map(|file| file.as_ref().ok()).map(|file| file.bytes).sum()
    }
}

impl Pipeline {
    /// Reads and measures every file of an order, each once.
    pub(super) async fn files_of(&self, ask: &Ask) -> Files {
        let mut files = HashMap::new();
        for (_, source) in ask.briefs.iter().flat_map(|brief| &brief.inputs) {
            let name = name(source);
            if matches!(source, Source::Url(_) | Source::Awaited) || files.contains_key(&name) {
                continue;
            }
            let facts = self.facts_of(source).await;
            files.insert(name, facts);
        }
        Files(files)
    }

    async fn facts_of(&self, source: &Source) -> Result<FileFacts, String> {
        let file = match source {
            Source::Url(url) => return Err(format!("{url} is an address")),
            Source::Awaited => return Err("it is not there yet".to_owned()),
            Source::File(file) => file.clone(),
            Source::Asset(id) => {
                let asset = self.store.asset(*id).await.map_err(|error| error.to_string())?;
                self.library.file(&asset.path)
            }
        };
        let cannot = |why: &str| format!("cannot read {}: {why}", file.display());
        let bytes = readable(&file).await.map_err(|error| cannot(&error.to_string()))?;
        if bytes == 0 {
            return Err(format!("{} is empty", file.display()));
        }
        let probed = self.media.probe(&file).await;
        // Without its length there is no price; what only others can read is theirs to judge.
        if let Some(why) = probed.unreadable.filter(|_| is_read_here(probed.extension)) {
            return Err(cannot(&why));
        }
        Ok(FileFacts {
            name: file.display().to_string(),
            kind: probed.kind,
            bytes,
            milliseconds: probed.facts.duration_ms,
            pixels: probed.facts.pixels.map(|size| (size.width, size.height)),
        })
    }

    /// Every file against the limits of the input it fills. `None` where the order has no inputs.
    pub(super) fn inputs(&self, ask: &Ask, files: &Files) -> Option<Check> {
        let mut findings = BTreeSet::new();
        let mut count = 0_u32;
        let catalog = self.catalog.now();
        for brief in &ask.briefs {
            let spec = catalog.find(brief.model.as_str()).ok();
            // The same for every level of account.
            let most =
                abilities::of(brief.provider, "").map(|abilities| abilities.uploads_most_bytes);
            for (key, source) in &brief.inputs {
                count += 1;
                match files.0.get(&name(source)) {
                    Some(Ok(facts)) => {
                        if let Ok(most) = most
                            && facts.bytes > most
                        {
                            findings.insert(too_large(facts, most, brief.provider));
                        }
                        let input = spec.and_then(|spec| spec.input(key));
                        let faults = input.map(|input| input.file_faults(facts));
                        findings.extend(
                            faults
                                .into_iter()
                                .flatten()
                                .map(|fault| format!("{} ({})", fault.message, facts.name)),
                        );
                    }
                    Some(Err(unreadable)) => {
                        findings.insert(unreadable.clone());
                    }
                    None => {}
                }
            }
        }
        if count == 0 {
            return None;
        }
        if !findings.is_empty() {
            let found = findings.into_iter().collect::<Vec<_>>().join("; ");
            return Some(Check::block(CheckId::Inputs, found, "give a file within the limits"));
        }
        let is_here = ask.briefs.iter().all(|brief| brief.provider == ProviderId::Local);
        let done = if is_here { "to read" } else { "to upload" };
        let found = format!("{count} given, {} bytes {done}", files.bytes());
        Some(Check::pass(CheckId::Inputs, found))
    }
}

fn too_large(facts: &FileFacts, most: u64, provider: ProviderId) -> String {
    let (has, most) = (facts.bytes.div_ceil(1_000_000), most / 1_000_000);
    let name = &facts.name;
    format!("{name} has {has} MB; {provider} takes {most} MB, and larger ones by their address")
}

/// What tells one source from another.
fn name(source: &Source) -> String {
    match source {
        Source::File(file) => format!("file {}", file.display()),
        Source::Url(url) => format!("url {url}"),
        Source::Asset(id) => format!("asset {id}"),
        Source::Awaited => "what is made first".to_owned(),
    }
}

/// Whether files of this sort are read without the help of other programs: one that cannot be is damaged.
fn is_read_here(extension: &str) -> bool {
    matches!(extension, "mp4" | "mov" | "m4a" | "wav" | "png" | "jpg" | "gif" | "webp")
}

async fn readable(file: &PathBuf) -> std::io::Result<u64> {
    let about = tokio::fs::metadata(file).await?;
    if about.is_dir() {
        return Err(std::io::Error::from(std::io::ErrorKind::IsADirectory));
    }
    // Opening a pipe would wait for whoever writes into it.
    if !about.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    tokio::fs::File::open(file).await?;
    Ok(about.len())
}
