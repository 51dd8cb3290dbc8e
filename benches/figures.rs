//! The figures that CHANGELOG.md gives, measured on the real program: `cargo bench --bench figures`.
//!
//! Idle cost and bytes a key in a pseudo-terminal of 80x24, and the resident memory of a 1 GiB download from
//! a server on loopback. Linux only: it reads /proc.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const RUSHES: &str = env!("CARGO_BIN_EXE_rushes");
const GIB: u64 = 1 << 30;

fn main() {
    // `cargo test --benches` runs this too, and wants no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    in_a_terminal();
    large_download();
}

fn in_a_terminal() {
    let home = tempfile::tempdir().expect("a folder");
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(RUSHES);
    command.env_clear();
    command.env("RUSHES_HOME", home.path());
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).expect("the program starts");
    let mut keyboard = pair.master.take_writer().expect("a keyboard");
    let mut output = pair.master.try_clone_reader().expect("a screen");
    let written = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&written);
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            counted.fetch_add(count, Ordering::SeqCst);
        }
    });
    let pid = child.process_id().expect("it runs");
    pause(3_000);

    let mut costs = Vec::new();
    for letter in "a red kite over dunes, slow dolly in, golden".bytes() {
        let before = written.load(Ordering::SeqCst);
        keyboard.write_all(&[letter]).expect("it listens");
        pause(120);
        costs.push(written.load(Ordering::SeqCst) - before);
    }
    costs.sort_unstable();
    println!(
        "a key in the editor: median {} bytes, largest {} bytes, of {}",
        costs[costs.len() / 2],
        costs[costs.len() - 1],
        costs.len()
    );

    pause(2_000);
    let (bytes, ticks) = (written.load(Ordering::SeqCst), cpu_ticks(pid));
    pause(10_000);
    println!(
        "idle for 10 s: {} bytes, {:.2} s of CPU",
        written.load(Ordering::SeqCst) - bytes,
        f64::from(cpu_ticks(pid) - ticks) / 100.0
    );
    let _ = child.kill();
}

fn large_download() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("its number"));
    let outputs = format!("{address}/outputs/1.mp4");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let outputs = outputs.clone();
            std::thread::spawn(move || serve(stream, &outputs));
        }
    });
    let home = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(RUSHES)
        .args(["generate", "kite", "--yes", "--json"])
        .env_clear()
        .env("RUSHES_HOME", home.path())
        .env("WAVESPEED_API_KEY", "wsk_measured_0123456789")
        .env("WAVESPEED_BASE_URL", &address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut most = 0;
    let status = loop {
        most = most.max(resident_kib(child.id()));
        if let Some(status) = child.try_wait().expect("its status") {
            break status;
        }
        pause(20);
    };
    println!(
        "a download of 1 GiB: exit {:?}, {:.1} MiB resident at most, {} bytes in the library",
        status.code(),
        f64::from(most) / 1024.0,
        largest_file(&home.path().join("data/takes"))
    );
}

/// A provider that accepts everything at once and has one very large output.
fn serve(mut stream: TcpStream, output: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0_usize);
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    if head.starts_with("GET /outputs/") {
        let _ = large_output(&mut stream);
        return;
    }
    let data = if head.starts_with("GET /api/v3/balance") {
        "{\"balance\":50}".to_owned()
    } else {
        let status = if head.starts_with("POST") { "created" } else { "completed" };
        format!(
            "{{\"id\":\"00112233445566778899aabbccddeeff\",\"status\":\"{status}\",\"outputs\":[\"{output}\"]}}"
        )
    };
    let body = format!("{{\"code\":200,\"message\":\"success\",\"data\":{data}}}");
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn large_output(stream: &mut TcpStream) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: {GIB}\r\n\r\n")?;
    let mut chunk = vec![0; 1 << 20];
    chunk[..8].copy_from_slice(b"\0\0\0\x18ftyp");
    chunk[8..24].copy_from_slice(b"isom\0\0\x02\0isomiso2");
    for _ in 0..GIB / (1 << 20) {
        stream.write_all(&chunk)?;
        chunk[..24].fill(0);
    }
    Ok(())
}

fn pause(millis: u64) {
    std::thread::sleep(Duration::from_millis(millis));
}

/// User and system time of a process, in hundredths of a second (proc(5), fields 14 and 15).
fn cpu_ticks(pid: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |index: usize| fields.get(index).and_then(|text| text.parse::<u32>().ok());
    field(11).unwrap_or(0) + field(12).unwrap_or(0)
}

/// The most a process has ever had in memory, in KiB (proc(5), `VmHWM`).
fn resident_kib(pid: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn largest_file(folder: &Path) -> u64 {
    let mut largest = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let size = if path.is_dir() {
            largest_file(&path)
        } else {
            entry.metadata().map_or(0, |about| about.len())
        };
        largest = largest.max(size);
    }
    largest
}
