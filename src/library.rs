//! Where takes lie and how they are named. A file is whole or it is not there.

use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::domain::Job;

/// The folder of takes.
#[derive(Debug, Clone)]
pub struct Library {
    data: PathBuf,
    zone: TimeZone,
}

impl Library {
    /// The library below this data folder. Takes are filed by their day in `zone`.
    pub fn new(data: PathBuf, zone: TimeZone) -> Self {
        Self { data, zone }
    }

    /// The file of a path kept in the library: `takes/2026/11/22/a-red-kite-0f3a-1.mp4`.
    pub fn file(&self, path: &str) -> PathBuf {
        self.data.join(path)
    }

    /// The path of a job's take without its extension. A function of the job alone, so that a run that is
    /// gone on with after a crash overwrites what it left.
    pub fn take_stem(&self, job: &Job, take: u32) -> String {
        let day = job.times.created.to_zoned(self.zone.clone()).strftime("%Y/%m/%d").to_string();
        let id = job.id.to_string();
        let tail = &id[id.len() - 6..];
        let name = slug(job.brief.prompt(), job.brief.operation.as_str());
        format!("takes/{day}/{name}-{tail}-{take}")
    }

    /// The path of an imported file.
    pub fn import_path(&self, name: &str, sha256: &str, extension: &str) -> String {
        let tail = &sha256[..8];
        format!("takes/imported/{}-{tail}.{extension}", slug(name, "file"))
    }

    /// Bytes free where takes are written.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let mut folder: &Path = &self.data;
        while !folder.exists() {
            folder = folder.parent().unwrap_or(Path::new("/"));
        }
        let stat = rustix::fs::statvfs(folder)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

/// Makes what was written to a folder survive a power cut: its entries are synced too.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// The first words of a text as a file name: lower case letters, digits and dashes, 40 at most.
fn slug(text: &str, otherwise: &str) -> String {
    let mut name = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if name.chars().count() >= 40 {
            break;
        }
        if letter.is_alphanumeric() {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_matches('-');
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_prompt_and_nothing_in_it_can_leave_the_folder() {
        assert_eq!(slug("A red kite, over dunes!", "x"), "a-red-kite-over-dunes");
        assert_eq!(slug("../../etc/passwd", "x"), "etc-passwd");
        assert_eq!(slug("\u{1b}[31m\u{202e}", "x"), "31m");
        assert_eq!(slug("  …  ", "text-to-video"), "text-to-video");
        assert_eq!(slug("żółw 龍", "x"), "żółw-龍");
        assert!(slug(&"long ".repeat(50), "x").chars().count() <= 40);
    }
}
