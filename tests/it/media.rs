//! Real films through the real child process.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rushes::domain::{MediaKind, Pixels};
use rushes::media::MediaChild;
use rushes::media::encode::{Film, Frame};

const HD: Pixels = Pixels { width: 1280, height: 720 };
const SMALL: Pixels = Pixels { width: 160, height: 90 };

fn child() -> MediaChild {
    MediaChild::new(env!("CARGO_BIN_EXE_rushes").into())
}

/// A film whose frames differ: a bright column that walks from left to right.
fn film(file: &Path, size: Pixels, frames: u32) {
    let mut writer = Film::create(file, size, 24).unwrap();
    for index in 0..frames {
        let mut frame = Frame::black(size).unwrap();
        let edge = (size.width * index / frames) as usize;
        for row in frame.luma.chunks_mut(size.width as usize) {
            row[..edge].fill(235);
        }
        writer.push(&frame).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), frames);
}

#[tokio::test]
async fn a_film_is_exactly_as_long_and_large_as_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("film.mp4");
    film(&file, HD, 120);

    let probed = child().probe(&file).await;
    assert_eq!(probed.unreadable, None);
    assert_eq!((probed.mime, probed.kind), ("video/mp4", MediaKind::Video));
    assert_eq!(probed.facts.codec.as_deref(), Some("h264"));
    assert_eq!(probed.facts.duration_ms, Some(5000));
    assert_eq!(probed.facts.fps_milli, Some(24_000));
    assert_eq!(probed.facts.pixels, Some(HD));
    assert_eq!(probed.facts.has_audio, Some(false));

    let Ok(judge) = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", "v:0", "-of", "csv=p=0"])
        .args([
            "-show_entries",
            "stream=codec_name,width,height,avg_frame_rate,duration,nb_read_frames",
        ])
        .arg(&file)
        .output()
    else {
        eprintln!("skipped the second opinion: ffprobe is not installed");
        return;
    };
    let told = String::from_utf8(judge.stdout).unwrap();
    assert_eq!(told.trim(), "h264,1280,720,24/1,5.000000,120", "{:?}", judge.stderr);
}

#[tokio::test]
async fn a_poster_shows_the_moment_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("film.mp4");
    film(&file, Pixels { width: 320, height: 180 }, 120);
    let bright = |picture: &rushes::media::Picture| {
        picture.rgb.chunks(3).filter(|pixel| pixel[0] > 128).count() * 100 / (160 * 90)
    };

    let early = child().poster_at(&file, SMALL, 500).await.unwrap();
    let late = child().poster_at(&file, SMALL, 4500).await.unwrap();
    let after = child().poster_at(&file, SMALL, 99_000).await.unwrap();
    assert_eq!(early.size(), SMALL);
    assert!((8..12).contains(&bright(&early)), "{}", bright(&early));
    assert!((88..92).contains(&bright(&late)), "{}", bright(&late));
    assert!(bright(&after) > 97, "{}", bright(&after));
}

#[tokio::test]
async fn every_frame_comes_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("film.mp4");
    film(&file, Pixels { width: 320, height: 180 }, 60);

    let mut frames = child().frames(&file, SMALL, 1000).unwrap();
    let mut moments = Vec::new();
    while let Some((at_ms, picture)) = frames.next().await.unwrap() {
        assert_eq!(picture.size(), SMALL);
        moments.push(at_ms);
    }
    assert_eq!(moments.len(), 36);
    assert_eq!((moments[0], moments[35]), (1000, 2458));
    assert!(moments.is_sorted());
}

#[tokio::test]
async fn films_with_frames_out_of_order_are_decoded_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b-frames.mp4");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=24:duration=3"])
        .args(["-c:v", "libx264", "-profile:v", "high", "-bf", "3", "-pix_fmt", "yuv420p"])
        .arg(&file)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: ffmpeg with libx264 is not installed");
        return;
    }
    let mut frames = child().frames(&file, SMALL, 0).unwrap();
    let mut count = 0;
    while frames.next().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 72);
}

#[tokio::test]
async fn recordings_are_measured_without_any_other_program() {
    let folder = tempfile::tempdir().unwrap();
    // A hundred frames of 1,152 samples at 44.1 kHz, 128 kbit/s: silence.
    let mut frame = b"\xff\xfb\x90\x64".to_vec();
    frame.resize(417, 0);
    let mp3 = frame.repeat(100);
    // Nothing but the block that says: 48 kHz, two channels of 16 bits, 600,000 samples.
    let mut flac = b"fLaC\x80\0\0\x22\x10\0\x10\0\0\0\0\0\0\0\x0b\xb8\x02\xf0".to_vec();
    flac.extend(600_000_u32.to_be_bytes());
    flac.extend([0; 16]);
    for (name, bytes, codec, length) in
        [("a.mp3", mp3, "mp3", 2_612), ("a.flac", flac, "flac", 12_500)]
    {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let probed = child().probe(&file).await;
        assert_eq!(probed.unreadable, None, "{name}");
        assert_eq!(probed.facts.codec.as_deref(), Some(codec), "{name}");
        let measured = probed.facts.duration_ms.unwrap();
        assert!(measured.abs_diff(length) <= 27, "{name} lasts {measured} ms");
    }
    let file = folder.path().join("broken.mp3");
    std::fs::write(&file, b"ID3\x04\0\0\0\0\0\0no sound at all").unwrap();
    let broken = child().probe(&file).await;
    assert_eq!((broken.kind, broken.facts.duration_ms), (MediaKind::Audio, None));
    assert!(broken.unreadable.is_some());
}

#[tokio::test]
async fn damaged_films_never_harm_the_parent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("film.mp4");
    film(&file, SMALL.doubled(), 12);
    let whole = std::fs::read(&file).unwrap();
    let child = child().deadline(Duration::from_secs(2));
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 16).unwrap()
    };
    for variant in 0..200 {
        let mut damaged = whole.clone();
        // The index is at the front: half of the damage goes there.
        let span = if variant % 2 == 0 { 900 } else { damaged.len() };
        for _ in 0..=next() % 6 {
            let at = next() % span;
            damaged[at] = u8::try_from(next() % 256).unwrap();
        }
        if variant % 10 == 0 {
            damaged.truncate(next() % whole.len());
        }
        std::fs::write(&file, damaged).unwrap();
        let started = Instant::now();
        let probed = child.probe(&file).await;
        let poster = child.poster(&file, SMALL).await;
        assert!(started.elapsed() < Duration::from_secs(6), "variant {variant} hung");
        assert!(!probed.mime.is_empty());
        if let Ok(picture) = poster {
            assert!(picture.width <= SMALL.width && picture.height <= SMALL.height);
        }
    }
}

#[tokio::test]
async fn what_is_no_film_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("take.mp4");
    std::fs::write(&file, "<!DOCTYPE html><p>Bad gateway").unwrap();
    let probed = child().probe(&file).await;
    assert_eq!((probed.mime, probed.kind), ("text/html", MediaKind::Other));
    let why = child().poster(&file, SMALL).await.unwrap_err();
    assert_eq!(why.to_string(), "there is no picture in such a file");

    let missing = child().probe(&folder.path().join("none")).await;
    assert!(missing.unreadable.is_some());
}

#[tokio::test]
async fn a_program_that_never_answers_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("film.mp4");
    film(&file, SMALL.doubled(), 2);
    let silent = folder.path().join("silent");
    std::fs::write(&silent, "#!/bin/sh\nexec sleep 60\n").unwrap();
    let mut mode = std::fs::metadata(&silent).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    std::fs::set_permissions(&silent, mode).unwrap();

    let probed = MediaChild::new(silent).deadline(Duration::from_millis(200)).probe(&file).await;
    assert_eq!(probed.mime, "video/mp4");
    assert!(probed.unreadable.unwrap().starts_with("reading it took more than"));
}

#[tokio::test]
async fn a_huge_film_is_measured_without_reading_its_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("film.mp4");
    film(&small, SMALL.doubled(), 24);
    // A sparse `free` box of two gigabytes, more than the child may have in memory, before the rest.
    let whole = std::fs::read(&small).unwrap();
    let huge = folder.path().join("huge.mp4");
    let head = u32::from_be_bytes(whole[..4].try_into().unwrap()) as usize;
    let gap = 2_u32 << 30;
    let mut start = whole[..head].to_vec();
    start.extend(gap.to_be_bytes());
    start.extend(b"mdat");
    std::fs::write(&huge, &start).unwrap();
    let mut file = std::fs::OpenOptions::new().write(true).open(&huge).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(head as u64 + u64::from(gap))).unwrap();
    std::io::Write::write_all(&mut file, &whole[head..]).unwrap();

    let probed = child().probe(&huge).await;
    assert_eq!(probed.unreadable, None);
    assert_eq!(probed.facts.duration_ms, Some(1000));
}

trait Doubled {
    fn doubled(self) -> Self;
}

impl Doubled for Pixels {
    fn doubled(self) -> Self {
        Self { width: self.width * 2, height: self.height * 2 }
    }
}
