//! What there is to see of a take: frames of its film, the beginning of its text.

use std::path::Path;

use async_trait::async_trait;
use tokio::io::AsyncReadExt as _;

use crate::domain::Picture;
use crate::domain::text::printable_lines;
use crate::media::FrameStream;
use crate::tui::backend::{Film, Trouble};

/// A film's frames, from the child process that decodes them; it ends when this is dropped.
pub(super) struct Reel(pub(super) FrameStream);

#[async_trait]
impl Film for Reel {
    async fn next(&mut self) -> Result<Option<(u64, Picture)>, Trouble> {
        self.0.next().await.map_err(|why| Trouble { what: why.to_string(), hint: None })
    }
}

/// As much of a text as a screen can show.
pub(super) async fn beginning(file: &Path, bytes: u64) -> Result<String, Trouble> {
    let read = async {
        let mut read = Vec::new();
        tokio::fs::File::open(file).await?.take(bytes).read_to_end(&mut read).await?;
        std::io::Result::Ok(read)
    };
    let read = read.await.map_err(|error| Trouble {
        what: format!("{} cannot be read: {error}", file.display()),
        hint: None,
    })?;
    Ok(printable_lines(&String::from_utf8_lossy(&read)))
}
