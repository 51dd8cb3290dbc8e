//! The built-in provider: a real HTTP server on loopback that speaks `WaveSpeed`'s v3 protocol (its documents
//! and clients, checked 2026-08-21) and makes real films, without a key, a network or money.
//!
//! It keeps no state but files: what has become of a prediction follows from its file and the clock, so any
//! process that starts a sandbox on the same folder serves the same predictions. It knows nothing of the
//! side that calls it.

mod account;
mod billing;
mod desk;
mod faults;
mod film;
mod given;
mod history;
mod line;
mod listing;
mod make;
mod plan;
mod record;
mod routes;
mod serve;
mod studio;
mod submit;
mod uploads;
mod webhook;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::billing::Billing;
use self::desk::Desk;
use self::faults::Switchboard;
pub use self::faults::{Fault, Faults, NotFaults};
use self::line::{Door, Line};
use self::record::{Pace, Records, forget_old, write_whole};
use self::studio::Studio;
use crate::catalog::Catalog;
use crate::media::MediaChild;

/// How a sandbox is started.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Where it listens; port 0 picks a free one.
    pub addr: SocketAddr,
    /// The folder below which it keeps `sandbox/`.
    pub state: PathBuf,
    /// How many times faster than by default (about 3.6 s a run) it works.
    pub speed: f64,
    /// What goes wrong.
    pub faults: Faults,
    /// The only key that opens it; without one, any key does.
    pub required_key: Option<String>,
    /// The models it offers.
    pub catalog: Arc<Catalog>,
    /// Measures uploads, which drive some prices; without it only WAV files are measured.
    pub reader: Option<MediaChild>,
    /// A film of more pixels, all its frames together, is drawn with fewer frames a second.
    pub most_drawn: u64,
}

impl SandboxOptions {
    /// Two minutes of 720p; more takes too long.
    pub const MOST_DRAWN: u64 = 2_700_000_000;

    /// On a free port of this machine alone, at speed 1, without faults, for any key.
    pub fn new(state: PathBuf, catalog: Arc<Catalog>) -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            state,
            speed: 1.0,
            faults: Faults::default(),
            required_key: None,
            catalog,
            reader: None,
            most_drawn: Self::MOST_DRAWN,
        }
    }
}

/// A running sandbox. Stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    closed: Arc<AtomicBool>,
    stop: CancellationToken,
    server: JoinHandle<io::Result<()>>,
    /// The folder that goes with it.
    _apart: Option<TempDir>,
}

impl Sandbox {
    /// Starts it in the running tokio runtime.
    pub async fn start(options: SandboxOptions) -> io::Result<Self> {
        Self::start_with(options, None).await
    }

    async fn start_with(options: SandboxOptions, apart: Option<TempDir>) -> io::Result<Self> {
        let closed = Arc::new(AtomicBool::new(false));
        let door = Door::open(options.addr, Arc::clone(&closed)).await?;
        let addr = door.addr()?;
        let kept = Arc::clone(&closed);
        let desk = tokio::task::spawn_blocking(move || open_desk(options, addr, kept))
            .await
            .map_err(io::Error::other)??;
        let service = routes::router(Arc::new(desk)).into_make_service_with_connect_info::<Line>();
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let server = tokio::spawn(async move {
            axum::serve(door, service).with_graceful_shutdown(stopped).await
        });
        Ok(Self { addr, closed, stop, server, _apart: apart })
    }

    /// Starts it with the same account in a folder of its own, which goes when it stops: whatever is asked of
    /// it, nothing of that lasts.
    pub async fn start_apart(options: SandboxOptions) -> io::Result<Self> {
        let account = root(&options.state).join(BILLING);
        let (apart, state) = tokio::task::spawn_blocking(move || {
            let apart = tempfile::tempdir()?;
            let own = root(apart.path());
            std::fs::create_dir_all(&own)?;
            match std::fs::copy(account, own.join(BILLING)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let state = apart.path().to_owned();
            Ok((apart, state))
        })
        .await
        .map_err(io::Error::other)??;
        Self::start_with(SandboxOptions { state, ..options }, Some(apart)).await
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What a client takes for the service: `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        base_url(self.addr)
    }

    /// Stops it: nothing more is accepted, and what is being sent is cut.
    pub async fn stop(mut self) {
        self.close();
        // Connections notice at their next byte; one that hangs ends with the process.
        let _ = tokio::time::timeout(Duration::from_secs(2), &mut self.server).await;
    }

    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.stop.cancel();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.close();
    }
}

fn base_url(addr: SocketAddr) -> String {
    // Links to "any address" lead nowhere; this machine is what is meant.
    if addr.ip().is_unspecified() {
        return format!("http://127.0.0.1:{}", addr.port());
    }
    format!("http://{addr}")
}

/// What was billed, in the folder of a sandbox.
const BILLING: &str = "billing.jsonl";

/// Where everything of a sandbox lies below the folder of its state.
fn root(state: &Path) -> PathBuf {
    state.join("sandbox")
}

fn open_desk(
    options: SandboxOptions,
    addr: SocketAddr,
    closed: Arc<AtomicBool>,
) -> io::Result<Desk> {
    let root = root(&options.state);
    let media = root.join("media");
    let predictions = root.join("predictions");
    std::fs::create_dir_all(&media)?;
    let now = Timestamp::now();
    forget_old(&media, now);
    forget_old(&predictions, now);
    Ok(Desk {
        base_url: base_url(addr),
        pace: Pace(options.speed),
        faults: Switchboard::new(options.faults),
        required_key: options.required_key,
        catalog: options.catalog,
        records: Records::open(predictions)?,
        billing: Billing(root.join(BILLING)),
        studio: Studio::open(root.join("outputs"), closed)?,
        webhook_secret: webhook_secret(&root.join("webhook-secret"))?,
        media,
        reader: options.reader,
        most_drawn: options.most_drawn,
    })
}

/// One secret for a folder, made when first needed.
fn webhook_secret(file: &Path) -> io::Result<String> {
    if let Ok(secret) = std::fs::read_to_string(file) {
        return Ok(secret.trim().to_owned());
    }
    let secret = format!("whsec_{}", uuid::Uuid::now_v7().simple());
    write_whole(file, secret.as_bytes())?;
    Ok(secret)
}
