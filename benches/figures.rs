//! The figures that CHANGELOG.md gives, measured on the real program: `cargo bench --bench figures`.
//!
//! Idle cost and bytes a key in a pseudo-terminal of 80x24, and the resident memory of a 1 GiB download from
//! a server on loopback and of a 200 MiB upload to the sandbox. Linux only: it reads /proc. A word measures
//! only that: `cargo bench --bench figures -- upload`.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rushes::domain::Pixels;
use rushes::media::encode::{Film, Frame};

const RUSHES: &str = env!("CARGO_BIN_EXE_rushes");
const GIB: u64 = 1 << 30;

fn main() {
    // `cargo test --benches` runs this too, and wants no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let figures: [(&str, fn()); 3] =
        [("terminal", in_a_terminal), ("download", large_download), ("upload", large_upload)];
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for (name, measure) in figures {
        if words.is_empty() || words.iter().any(|word| word == name) {
            measure();
        }
    }
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
    let (status, most) = watched(&mut child);
    println!(
        "a download of 1 GiB: exit {:?}, {:.1} MiB resident at most, {} bytes in the library",
        status.code(),
        most,
        largest_file(&home.path().join("data/takes"))
    );
}

/// Waits for its end; gives how it ended and the most it had in memory, in MiB.
fn watched(child: &mut Child) -> (ExitStatus, f64) {
    let mut most = 0;
    loop {
        most = most.max(resident_kib(child.id()));
        if let Some(status) = child.try_wait().expect("its status") {
            return (status, f64::from(most) / 1024.0);
        }
        pause(20);
    }
}

/// Ten briefs with one film of 200 MiB, to a sandbox that is another process.
fn large_upload() {
    let (server, home) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("one"));
    let film = home.path().join("film.mp4");
    large_film(&film);
    let mut sandbox = Command::new(RUSHES)
        .args(["sandbox", "--speed", "50"])
        .env_clear()
        .env("RUSHES_HOME", server.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the sandbox starts");
    let said = BufReader::new(sandbox.stdout.take().expect("it is piped")).lines().next();
    let said = said.expect("it says its address").expect("in words");
    let address = said.trim_start_matches("WAVESPEED_BASE_URL=");
    std::fs::create_dir_all(home.path().join("config")).expect("a folder");
    // The first level of account sends two a minute.
    std::fs::write(
        home.path().join("config/config.toml"),
        "[wavespeed]\naccount_level = \"gold\"\n",
    )
    .expect("settings");
    let began = Instant::now();
    let mut child = Command::new(RUSHES)
        .args(["generate", "--takes", "10", "--yes", "--json"])
        .args(["--model", "bytedance/video-upscaler", "--video"])
        .arg(&film)
        .env_clear()
        .env("RUSHES_HOME", home.path())
        .env("WAVESPEED_API_KEY", "wsk_measured_0123456789")
        .env("WAVESPEED_BASE_URL", address)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut output = child.stdout.take().expect("it is piped");
    let told = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = output.read_to_string(&mut text);
        text
    });
    let (status, most) = watched(&mut child);
    let told = told.join().expect("its output");
    let takes = told.lines().filter(|line| line.contains("\"type\":\"take\"")).count();
    println!(
        "ten briefs with one file of 200 MiB: exit {:?}, {most:.1} MiB resident at most, {takes} takes, \
         {} uploads, {:.1} s",
        status.code(),
        copies(server.path(), 200 << 20),
        began.elapsed().as_secs_f64()
    );
    if !status.success() {
        println!("{told}");
    }
    let _ = sandbox.kill();
    let _ = sandbox.wait();
}

/// A real film, with so much beside it that the file has 200 MiB.
fn large_film(file: &Path) {
    let size = Pixels { width: 320, height: 180 };
    let mut encoder = Film::create(file, size, 24).expect("an encoder");
    for _ in 0..48 {
        encoder.push(&Frame::black(size).expect("a frame")).expect("it is encoded");
    }
    encoder.finish().expect("a film");
    let mut opened = std::fs::File::options().append(true).open(file).expect("it is there");
    let rest = (200 << 20) - opened.metadata().expect("its size").len();
    let length = u32::try_from(rest).expect("a box of less than 4 GiB");
    opened.write_all(&length.to_be_bytes()).expect("room");
    opened.write_all(b"free").expect("room");
    let mut left = rest - 8;
    while left > 0 {
        let part = left.min(1 << 20);
        let part = usize::try_from(part).expect("a MiB");
        opened.write_all(&vec![0x5a; part]).expect("room on the disk");
        left -= part as u64;
    }
}

/// How many files of this size lie below.
fn copies(folder: &Path, size: u64) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let count = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() => copies(&entry.path(), size),
        Ok(about) => usize::from(about.len() == size),
        Err(_) => 0,
    };
    entries.map(count).sum()
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
