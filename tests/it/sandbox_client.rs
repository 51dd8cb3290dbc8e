//! A sandbox for a test, and the smallest HTTP client that can talk to it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rushes::media::MediaChild;
use rushes::sandbox::{Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::builtin;

/// The cheapest model: five seconds of 480p.
pub(crate) const MODEL: &str = "wavespeed-ai/hunyuan-video-1.5/text-to-video";

/// A sandbox in a folder of its own, forty times faster than by default.
pub(crate) struct Studio {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TempDir,
}

impl Studio {
    pub(crate) async fn open() -> Self {
        Self::with_faults("").await
    }

    pub(crate) async fn with_faults(faults: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(options(folder.path(), faults)).await.unwrap();
        Self { sandbox, folder }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        let headers = [("Authorization", "Bearer k"), ("Content-Type", "application/json")];
        request(&self.sandbox, "POST", path, &headers, &body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        request(&self.sandbox, "GET", path, &[("Authorization", "Bearer k")], b"").await.unwrap()
    }

    /// Submits a short film and tells its id.
    pub(crate) async fn submit(&self, seed: i64) -> String {
        let answer = self.post(&format!("/api/v3/{MODEL}"), &short(seed)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.data()["id"].as_str().unwrap().to_owned()
    }

    /// Polls until it is over.
    pub(crate) async fn end_of(&self, id: &str) -> Value {
        let patience = Instant::now();
        loop {
            let data = self.get(&format!("/api/v3/predictions/{id}/result")).await.data();
            if data["status"] == "completed" || data["status"] == "failed" {
                return data;
            }
            assert!(patience.elapsed() < Duration::from_mins(1), "{data}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub(crate) fn options(folder: &Path, faults: &str) -> SandboxOptions {
    let catalog = builtin();
    SandboxOptions {
        speed: 40.0,
        faults: faults.parse().unwrap(),
        reader: Some(MediaChild::new(env!("CARGO_BIN_EXE_rushes").into())),
        ..SandboxOptions::new(folder.to_owned(), catalog)
    }
}

pub(crate) fn short(seed: i64) -> Value {
    json!({"prompt": "a red kite", "size": "832*480", "duration": 5, "seed": seed})
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Whether everything came that was promised.
    pub(crate) is_whole: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn data(&self) -> Value {
        let envelope = self.json();
        assert_eq!((self.status, &envelope["code"]), (200, &json!(200)), "{envelope}");
        envelope["data"].clone()
    }
}

/// One request on a connection of its own. `Err` where no answer came.
pub(crate) async fn request(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let path = path.strip_prefix(&sandbox.base_url()).unwrap_or(path);
    let mut stream = TcpStream::connect(sandbox.addr()).await?;
    let lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n{lines}\r\n",
        sandbox.addr()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut received = Vec::new();
    // A line that is cut may end in an error; what came before counts.
    let ended = stream.read_to_end(&mut received).await;
    let split = received.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(split) = split else {
        return Err(ended.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()));
    };
    let head = String::from_utf8(received[..split].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pairs = lines.filter_map(|line| line.split_once(": "));
    let headers: BTreeMap<String, String> =
        pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let body = received[split + 4..].to_vec();
    let promised: Option<usize> =
        headers.get("content-length").map(|length| length.parse().unwrap());
    let is_whole = promised.is_none_or(|promised| promised == body.len());
    Ok(Answer { status, headers, body, is_whole })
}
