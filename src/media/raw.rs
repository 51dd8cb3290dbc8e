//! What the child process gives whole: a film's frames in their own size, and sound as AAC.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::child::{FRAME, WHY};
use super::client::{MediaChild, Running, words};
use super::encode::Frame;
use super::probe::Unreadable;
use crate::domain::Pixels;

/// Ten minutes of AAC are ten megabytes.
const MOST_SOUND: u64 = 64 << 20;

impl MediaChild {
    /// Every frame of a film in its own size, from the first. The child decodes only as fast as they are
    /// taken.
    pub fn planes(&self, file: &Path) -> Result<PlaneStream, Unreadable> {
        let running = self.start("planes", file, &[])?;
        Ok(PlaneStream { running, deadline: self.deadline })
    }

    /// Writes the sound of any file as a bare AAC stream. Needs `ffmpeg`.
    pub async fn aac(&self, file: &Path, to: &Path) -> Result<(), Unreadable> {
        let broken = |error: std::io::Error| Unreadable::because("converting the sound", &error);
        let mut running = self.start("sound", file, &[])?;
        let work = async {
            let mut first = [0; 8];
            if let Err(error) = running.output.read_exact(&mut first).await {
                return Err(broken(error));
            }
            if first == *WHY {
                let mut why = Vec::new();
                (&mut running.output).take(4096).read_to_end(&mut why).await.map_err(broken)?;
                return Err(words(&why));
            }
            let mut out = tokio::fs::File::create(to).await.map_err(broken)?;
            out.write_all(&first).await.map_err(broken)?;
            let mut bounded = (&mut running.output).take(MOST_SOUND);
            tokio::io::copy(&mut bounded, &mut out).await.map_err(broken)?;
            out.flush().await.map_err(broken)
        };
        // A sound of ten minutes is converted in a few seconds.
        timeout(self.deadline * 4, work)
            .await
            .unwrap_or_else(|_| Err(Unreadable("converting the sound took too long".to_owned())))
    }
}

/// A film's frames as they are decoded, none of them scaled.
#[derive(Debug)]
pub struct PlaneStream {
    running: Running,
    deadline: Duration,
}

impl PlaneStream {
    /// The next frame; `None` after the last one. A film that is damaged ends in an error.
    ///
    /// Not safe to cancel: a frame read in half spoils the stream.
    pub async fn next(&mut self) -> Result<Option<Frame>, Unreadable> {
        timeout(self.deadline, self.read())
            .await
            .unwrap_or_else(|_| Err(Unreadable("the next frame took too long".to_owned())))
    }

    async fn read(&mut self) -> Result<Option<Frame>, Unreadable> {
        let stopped = |_| Unreadable("the reader stopped at damaged data".to_owned());
        let nonsense = || Unreadable("the reader gave no readable frame".to_owned());
        let from = &mut self.running.output;
        let mut mark = [0; 8];
        if from.read(&mut mark[..1]).await.map_err(stopped)? == 0 {
            let ended = self.running.child.wait().await.map_err(stopped)?;
            return if ended.success() {
                Ok(None)
            } else {
                Err(words(b"the reader stopped at damaged data"))
            };
        }
        from.read_exact(&mut mark[1..]).await.map_err(stopped)?;
        if mark == *WHY {
            let mut why = Vec::new();
            from.take(4096).read_to_end(&mut why).await.map_err(stopped)?;
            return Err(words(&why));
        }
        if mark != *FRAME {
            return Err(nonsense());
        }
        let width = from.read_u32_le().await.map_err(stopped)?;
        let height = from.read_u32_le().await.map_err(stopped)?;
        let mut frame = Frame::black(Pixels { width, height }).map_err(|_| {
            Unreadable(format!("a film of {width}x{height} is outside what is read here"))
        })?;
        for plane in [&mut frame.luma, &mut frame.blue, &mut frame.red] {
            from.read_exact(plane).await.map_err(stopped)?;
        }
        Ok(Some(frame))
    }
}
