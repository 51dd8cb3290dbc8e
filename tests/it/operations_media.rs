//! What comes out of the sandbox for each operation, measured from the files themselves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rushes::catalog::Catalog;
use rushes::domain::{MediaFacts, Picture, Pixels};
use rushes::media::encode::{Film, Frame};
use rushes::media::mp4::{self, Track};
use rushes::media::{MediaChild, Probed};
use rushes::sandbox::{Sandbox, SandboxOptions};
use serde_json::{Value, json};

use crate::sandbox_client::{Studio, options, request};
use crate::support::binary::Home;

const SMALL: Pixels = Pixels { width: 320, height: 180 };

/// Half a second each, in any order; the sandbox's own.
const NOTES: &[u8] = include_bytes!("../../assets/sandbox/notes.aac");

/// Models as the live catalogue has them, of operations for which none is built in.
const MORE_MODELS: [(&str, &str); 3] = [
    ("speech.toml", include_str!("../models/speech.toml")),
    ("image.toml", include_str!("../models/image.toml")),
    ("image-edit.toml", include_str!("../models/image-edit.toml")),
];

fn child() -> MediaChild {
    MediaChild::new(env!("CARGO_BIN_EXE_rushes").into())
}

async fn studio_with(change: impl FnOnce(SandboxOptions) -> SandboxOptions) -> Studio {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("models");
    std::fs::create_dir(&models).unwrap();
    for (name, text) in MORE_MODELS {
        std::fs::write(models.join(name), text).unwrap();
    }
    let catalog = Arc::new(Catalog::load(&models).unwrap());
    let options = SandboxOptions { catalog, ..options(folder.path(), "") };
    let sandbox = Sandbox::start(change(options)).await.unwrap();
    Studio { sandbox, folder }
}

async fn studio() -> Studio {
    studio_with(|options| options).await
}

/// A film of this many frames at 24 fps, plain and light, with sound.
fn film(studio: &Studio, frames: u32) -> PathBuf {
    let file = studio.folder.path().join("given.mp4");
    let mut writer = Film::create(&file, SMALL, 24).unwrap();
    for index in 0..frames {
        let mut frame = Frame::black(SMALL).unwrap();
        frame.luma.fill(160);
        frame.red.fill(150);
        // Something moves, so that an order can be seen.
        frame.luma[..(320 * (index as usize + 1) / frames as usize)].fill(235);
        writer.push(&frame).unwrap();
    }
    let sound = Track::aac(studio.folder.path(), NOTES, 0, Some(u64::from(frames) * 1000 / 24));
    writer.finish_with(sound.unwrap()).unwrap();
    file
}

/// A WAV file: a second of silence, then a tone.
fn wav(studio: &Studio, seconds: u32) -> PathBuf {
    let file = studio.folder.path().join("given.wav");
    let (rate, samples) = (8000_u32, 8000 * seconds);
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((samples * 2).to_le_bytes());
    for index in 0..samples {
        let loud: i16 = if index < rate || index % 20 < 10 { 0 } else { 9000 };
        bytes.extend(loud.to_le_bytes());
    }
    std::fs::write(&file, bytes).unwrap();
    file
}

/// An M4A file of this length.
fn m4a(studio: &Studio, milliseconds: u64) -> PathBuf {
    let file = studio.folder.path().join("given.m4a");
    let sound = Track::aac(studio.folder.path(), NOTES, 0, Some(milliseconds)).unwrap().unwrap();
    mp4::write(&file, vec![sound]).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[8..12].copy_from_slice(b"M4A ");
    std::fs::write(&file, bytes).unwrap();
    file
}

/// A picture: red at the left, blue at the right.
fn picture(studio: &Studio, size: Pixels) -> PathBuf {
    let half = size.width as usize / 2;
    let row =
        [[200, 40, 50].repeat(half), [30, 60, 210].repeat(size.width as usize - half)].concat();
    let picture =
        Picture { width: size.width, height: size.height, rgb: row.repeat(size.height as usize) };
    let file = studio.folder.path().join(format!("given-{size}.png").replace('*', "x"));
    picture.write_png(&file).unwrap();
    file
}

async fn upload(studio: &Studio, file: &Path) -> String {
    let bytes = std::fs::read(file).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let wish = json!({"filename": name, "size": bytes.len()});
    let ticket = studio.post("/api/v3/media/uploads", &wish).await.data();
    let url = ticket["upload"]["url"].as_str().unwrap();
    let headers = [("If-None-Match", "*")];
    let answer = request(&studio.sandbox, "PUT", url, &headers, &bytes).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    ticket["download_url"].as_str().unwrap().to_owned()
}

/// What came out of a run.
struct Output {
    end: Value,
    files: Vec<PathBuf>,
    probed: Probed,
}

impl Output {
    fn facts(&self) -> &MediaFacts {
        assert_eq!(self.probed.unreadable, None);
        &self.probed.facts
    }

    fn file(&self) -> &Path {
        &self.files[0]
    }

    fn note(&self) -> &str {
        self.end["metadata"]["sandbox"]["note"].as_str().unwrap_or_default()
    }

    /// Size, milliseconds, frames a second in thousandths, sound.
    fn measures(&self) -> (String, u64, u32, bool) {
        let facts = self.facts();
        let size = facts.pixels.unwrap().to_string();
        (size, facts.duration_ms.unwrap(), facts.fps_milli.unwrap(), facts.has_audio.unwrap())
    }

    /// The average colour of a part of the picture at a moment, in hundredths of its sides.
    async fn colour(&self, at_ms: u64, left: usize, right: usize) -> [i32; 3] {
        let fit = Pixels { width: 100, height: 100 };
        let picture = child().poster_at(self.file(), fit, at_ms).await.unwrap();
        colour(&picture, left, right)
    }
}

/// The average of the middle third in height.
fn colour(picture: &Picture, left: usize, right: usize) -> [i32; 3] {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let mut sum = [0_i32; 3];
    let mut count = 0;
    for y in height * 4 / 10..height * 6 / 10 {
        for x in width * left / 100..width * right / 100 {
            for (part, sum) in sum.iter_mut().enumerate() {
                *sum += i32::from(picture.rgb[(y * width + x) * 3 + part]);
            }
            count += 1;
        }
    }
    sum.map(|sum| sum / count.max(1))
}

fn near(one: [i32; 3], other: [i32; 3]) -> bool {
    one.iter().zip(other).all(|(one, other)| (one - other).abs() < 24)
}

const RED: [i32; 3] = [200, 40, 50];
const BLUE: [i32; 3] = [30, 60, 210];

async fn run(studio: &Studio, model: &str, inputs: Value) -> Output {
    let answer = studio.post(&format!("/api/v3/{model}"), &inputs).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let end = studio.end_of(answer.data()["id"].as_str().unwrap()).await;
    assert_eq!(end["status"], "completed", "{end}");
    let mut files = Vec::new();
    for (index, url) in end["outputs"].as_array().unwrap().iter().enumerate() {
        let url = url.as_str().unwrap();
        let answer = studio.get(url).await;
        assert_eq!((answer.status, answer.is_whole), (200, true));
        let name = url.rsplit('.').next().unwrap();
        let file = studio.folder.path().join(format!("output-{index}.{name}"));
        std::fs::write(&file, &answer.body).unwrap();
        files.push(file);
    }
    let probed = child().probe(&files[0]).await;
    Output { end, files, probed }
}

/// The samples of a file's sound or pictures, in a form that can be compared.
fn stream(file: &Path, track: fn(&Path) -> std::io::Result<Option<Track>>) -> Vec<u8> {
    let alone = file.with_extension("stream");
    mp4::write(&alone, vec![track(file).unwrap().expect("there is such a stream")]).unwrap();
    let bytes = std::fs::read(alone).unwrap();
    let start = bytes.windows(4).position(|four| four == b"mdat").unwrap();
    bytes[start + 4..].to_vec()
}

/// A second judge, where there is one: every frame and every sample must decode without a word.
fn judged(file: &Path) {
    let judge = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-f", "null", "-"])
        .output();
    if let Ok(judge) = judge {
        assert!(judge.status.success() && judge.stderr.is_empty(), "{judge:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_to_video_starts_from_the_given_picture_in_its_shape() {
    let studio = studio().await;
    let url = upload(&studio, &picture(&studio, Pixels { width: 640, height: 480 })).await;
    let model = "wavespeed-ai/hunyuan-video-1.5/image-to-video";
    let inputs = json!({"image": url, "prompt": "it moves", "resolution": "480p", "seed": 3});
    let made = run(&studio, model, inputs.clone()).await;
    assert_eq!(made.measures(), ("640x480".to_owned(), 5000, 24_000, false));
    assert!(near(made.colour(0, 5, 45).await, RED), "{:?}", made.colour(0, 5, 45).await);
    assert!(near(made.colour(0, 55, 95).await, BLUE), "{:?}", made.colour(0, 55, 95).await);
    let (first, again) = (std::fs::read(made.file()).unwrap(), run(&studio, model, inputs).await);
    assert!(std::fs::read(again.file()).unwrap() == first, "the same brief gave another film");
    assert_eq!(made.note(), "");
    judged(again.file());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_image_is_what_the_film_ends_on() {
    let studio = studio().await;
    let first = upload(&studio, &picture(&studio, Pixels { width: 320, height: 180 })).await;
    let last = upload(&studio, &film(&studio, 2)).await;
    let inputs = json!({"image": first, "last_image": last, "duration": 2, "aspect_ratio": "1:1"});
    let made = run(&studio, "bytedance/seedance-v1-lite-i2v-480p", inputs).await;
    assert_eq!(made.measures(), ("480x480".to_owned(), 2000, 24_000, false));
    let end = child().poster_at(&film(&studio, 2), SMALL, 0).await.unwrap();
    assert!(near(made.colour(0, 5, 45).await, RED));
    assert!(near(made.colour(1990, 20, 80).await, colour(&end, 20, 80)));
}

#[tokio::test(flavor = "multi_thread")]
async fn references_are_seen_one_after_the_other() {
    // Every tenth of a second is enough to see one after the other.
    let studio = studio_with(|options| SandboxOptions { most_drawn: 10_000_000, ..options }).await;
    let url = upload(&studio, &picture(&studio, Pixels { width: 320, height: 180 })).await;
    let images = json!([url, "https://example.com/elsewhere.png"]);
    let inputs = json!({"reference_images": images, "prompt": "both", "duration": 2, "seed": 5});
    let made = run(&studio, "bytedance/seedance-v1-lite/reference-to-video", inputs).await;
    assert_eq!(made.measures(), ("1280x720".to_owned(), 2000, 5_000, false));
    assert!(near(made.colour(0, 5, 45).await, RED));
    assert!(!near(made.colour(1990, 5, 45).await, RED));
    assert!(made.note().contains("offline"), "{}", made.note());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upscale_has_the_target_size_and_the_length_rate_and_sound_of_its_source() {
    let studio = studio().await;
    let given = film(&studio, 36);
    let url = upload(&studio, &given).await;
    let inputs = json!({"video": url, "target_resolution": "720p"});
    let made = run(&studio, "wavespeed-ai/video-upscaler", inputs).await;
    assert_eq!(made.measures(), ("1280x720".to_owned(), 1500, 24_000, true));
    assert_eq!(stream(made.file(), Track::sound_of), stream(&given, Track::sound_of));
    let before = child().poster_at(&given, SMALL, 700).await.unwrap();
    assert!(near(made.colour(700, 10, 90).await, colour(&before, 10, 90)));
    judged(made.file());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_longer_by_exactly_what_was_asked() {
    let studio = studio().await;
    let given = film(&studio, 30);
    let url = upload(&studio, &given).await;
    let inputs = json!({"video": url, "prompt": "and on", "duration": 2});
    let made = run(&studio, "wavespeed-ai/ltx-2.3/video-extend", inputs).await;
    assert_eq!(made.measures(), ("320x180".to_owned(), 1250 + 2000, 24_000, true));
    let before = child().poster_at(&given, SMALL, 1200).await.unwrap();
    let (end, after) = (colour(&before, 10, 40), made.colour(1300, 10, 40).await);
    assert!(near(made.colour(1200, 10, 40).await, end), "the source is in it");
    assert!(near(after, end), "it goes on from the last frame: {after:?} after {end:?}");
    judged(made.file());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retake_keeps_the_stream_that_it_is_not_asked_to_replace() {
    let studio = studio().await;
    let given = film(&studio, 24);
    let url = upload(&studio, &given).await;
    let (sound, pictures) = (stream(&given, Track::sound_of), stream(&given, Track::pictures_of));
    for (mode, keeps_sound, keeps_pictures) in [
        ("replace_video", true, false),
        ("replace_audio", false, true),
        ("replace_audio_and_video", false, false),
    ] {
        let inputs = json!({"video": url, "prompt": "again, at dusk", "mode": mode});
        let made = run(&studio, "lightricks/ltx-2-retake", inputs).await;
        assert_eq!(made.measures(), ("320x180".to_owned(), 1000, 24_000, true), "{mode}");
        assert_eq!(stream(made.file(), Track::sound_of) == sound, keeps_sound, "{mode}");
        assert_eq!(stream(made.file(), Track::pictures_of) == pictures, keeps_pictures, "{mode}");
        judged(made.file());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_avatar_lasts_as_long_as_its_sound_and_carries_it_where_it_is_aac() {
    let studio = studio().await;
    let face = upload(&studio, &picture(&studio, Pixels { width: 200, height: 200 })).await;
    let spoken = m4a(&studio, 2400);
    let url = upload(&studio, &spoken).await;
    let inputs = json!({"image": face, "audio": url, "seed": 1});
    let made = run(&studio, "wavespeed-ai/infinitetalk", inputs).await;
    assert_eq!(made.measures(), ("480x480".to_owned(), 2400, 25_000, true));
    assert_eq!(stream(made.file(), Track::sound_of), stream(&spoken, Track::sound_of));
    assert!(near(made.colour(0, 5, 30).await, RED));
    judged(made.file());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_avatar_whose_sound_cannot_be_carried_is_silent_and_says_so() {
    let without_ffmpeg = |options: SandboxOptions| SandboxOptions {
        reader: Some(child().search_path("/nonexistent")),
        ..options
    };
    let studio = studio_with(without_ffmpeg).await;
    let face = upload(&studio, &picture(&studio, Pixels { width: 200, height: 200 })).await;
    let url = upload(&studio, &wav(&studio, 3)).await;
    let inputs = json!({"image": face, "audio": url, "seed": 1});
    let made = run(&studio, "wavespeed-ai/infinitetalk-fast", inputs).await;
    let (_, length, _, has_sound) = made.measures();
    assert_eq!((length, has_sound), (3000, false));
    assert!(made.note().contains("silent: the sound of WAV"), "{}", made.note());
    assert!(made.note().contains("not installed"), "{}", made.note());
    let mouth = async |at_ms: u64| {
        let fit = Pixels { width: 300, height: 300 };
        let picture = child().poster_at(made.file(), fit, at_ms).await.unwrap();
        let dark = picture.rgb.chunks(3).filter(|pixel| pixel.iter().all(|part| *part < 40));
        dark.count()
    };
    assert!(mouth(2000).await > mouth(500).await + 300, "it opens when there is something to hear");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_ffmpeg_is_installed_a_wav_is_heard() {
    if std::process::Command::new("ffmpeg").arg("-version").output().is_err() {
        eprintln!("skipped: ffmpeg is not installed");
        return;
    }
    let studio = studio().await;
    let face = upload(&studio, &picture(&studio, Pixels { width: 200, height: 200 })).await;
    let url = upload(&studio, &wav(&studio, 2)).await;
    let two = json!({"image": face, "left_audio": url, "right_audio": url, "order": "left_right"});
    let made = run(&studio, "wavespeed-ai/infinitetalk/multi", two).await;
    let (_, length, _, has_sound) = made.measures();
    assert_eq!((length, has_sound), (4000, true), "one after the other");
    let heard = Track::sound_of(made.file()).unwrap().unwrap().length_ms();
    assert!((1990..=2010).contains(&heard), "{heard}");
    judged(made.file());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_a_film_keeps_its_length_and_sound_and_is_seen() {
    let studio = studio().await;
    let given = film(&studio, 24);
    let video = upload(&studio, &given).await;
    let face = upload(&studio, &picture(&studio, Pixels { width: 64, height: 64 })).await;
    let before = child().poster_at(&given, SMALL, 500).await.unwrap();
    for (model, inputs, size, at) in [
        (
            "wavespeed-ai/video-face-swap",
            json!({"video": video, "face_image": face}),
            "320x180",
            (85, 91),
        ),
        (
            "heygen/video-translate",
            json!({"video": video, "output_language": "Spanish (Spain)"}),
            "320x180",
            (20, 80),
        ),
        ("wavespeed-ai/video-background-remover", json!({"video": video}), "320x180", (0, 10)),
        (
            "wavespeed-ai/video-background-remover",
            json!({"video": video, "background_image": face}),
            "320x180",
            (0, 10),
        ),
        ("wavespeed-ai/depth-anything/video", json!({"video": video}), "320x180", (20, 80)),
        (
            "wavespeed-ai/wan-2.1/mocha",
            json!({"video": video, "image": face, "resolution": "480p"}),
            "852x480",
            (85, 91),
        ),
    ] {
        let made = run(&studio, model, inputs).await;
        let size = size.to_owned();
        assert_eq!(made.measures(), (size, 1000, 24_000, true), "{model}");
        assert_eq!(
            stream(made.file(), Track::sound_of),
            stream(&given, Track::sound_of),
            "{model}"
        );
        let (was, is) = (colour(&before, at.0, at.1), made.colour(500, at.0, at.1).await);
        let differs: i32 = was.iter().zip(is).map(|(was, is)| (was - is).abs()).sum();
        assert!(differs > 8, "{model}: {was:?} became {is:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_for_a_film_leaves_its_pictures_as_they_were() {
    let studio = studio().await;
    let given = film(&studio, 48);
    let url = upload(&studio, &given).await;
    let pictures = stream(&given, Track::pictures_of);
    let model = "mirelo-ai/sfx-v1.5/video-to-video";
    let made = run(&studio, model, json!({"video": url, "num_samples": 3, "seed": 9})).await;
    assert_eq!(made.measures(), ("320x180".to_owned(), 2000, 24_000, true));
    assert_eq!(made.files.len(), 3, "a model that makes several makes several");
    let sounds: Vec<_> = made.files.iter().map(|file| stream(file, Track::sound_of)).collect();
    assert!(sounds[0] != sounds[1] && sounds[1] != sounds[2]);
    for file in &made.files {
        assert_eq!(stream(file, Track::pictures_of), pictures);
        assert_eq!(Track::sound_of(file).unwrap().unwrap().length_ms(), 2000);
        judged(file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_with_sound_has_sound() {
    let studio = studio().await;
    let model = "bytedance/seedance-v1.5-pro/text-to-video";
    for with_sound in [true, false] {
        let inputs = json!({
            "prompt": "a kite", "resolution": "480p", "aspect_ratio": "1:1", "duration": 4, "seed": 2,
            "generate_audio": with_sound,
        });
        let made = run(&studio, model, inputs).await;
        assert_eq!(made.measures(), ("480x480".to_owned(), 4000, 24_000, with_sound));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn speech_is_a_wav_as_long_as_its_words_take() {
    let studio = studio().await;
    let text = "a red kite rises over the dunes, and the wind carries it on.";
    let made = run(&studio, "test/speech", json!({"text": text, "voice_id": "Wise_Woman"})).await;
    let bytes = std::fs::read(made.file()).unwrap();
    assert_eq!((&bytes[..4], &bytes[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
    let length = made.facts().duration_ms.unwrap();
    assert!((5100..5300).contains(&length), "13 words in {length} ms");
    let loud = bytes[44..].chunks(2).filter(|two| i16::from_le_bytes([two[0], two[1]]).abs() > 500);
    assert!(loud.count() > bytes.len() / 8, "there is something to hear");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_has_the_size_that_was_asked_for() {
    let studio = studio().await;
    for (seed, size) in [(1, "512*768"), (2, "333*251"), (1, "1024*1024")] {
        let inputs = json!({"prompt": "a kite", "size": size, "seed": seed});
        let made = run(&studio, "test/text-to-image", inputs).await;
        assert_eq!(made.probed.mime, "image/png");
        assert_eq!(made.facts().pixels.unwrap().to_string(), size.replace('*', "x"));
    }
    let two = json!({"prompt": "a kite", "size": "256*256", "seed": 1, "num_images": 2});
    let made = run(&studio, "test/text-to-image", two).await;
    let files: Vec<_> = made.files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert!(files.len() == 2 && files[0] != files[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_image_is_made_from_the_given_one() {
    let studio = studio().await;
    let given = picture(&studio, Pixels { width: 300, height: 201 });
    let url = upload(&studio, &given).await;
    let made = run(&studio, "test/image-edit", json!({"image": url, "prompt": "warmer"})).await;
    assert_eq!(made.facts().pixels.unwrap().to_string(), "300x201");
    let fit = Pixels { width: 300, height: 300 };
    let picture = child().poster(made.file(), fit).await.unwrap();
    let (left, right) = (colour(&picture, 5, 45), colour(&picture, 55, 95));
    assert!(left[0] > left[2] && right[2] > right[0], "red at the left: {left:?}, blue: {right:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_film_harms_nobody_and_a_stand_in_is_made() {
    let studio = studio().await;
    let given = film(&studio, 24);
    let mut bytes = std::fs::read(&given).unwrap();
    let start = bytes.windows(4).position(|four| four == b"stbl").unwrap();
    for byte in &mut bytes[start + 8..start + 400] {
        *byte ^= 0x5a;
    }
    std::fs::write(&given, bytes).unwrap();
    let url = upload(&studio, &given).await;
    let inputs = json!({"video": url, "output_language": "German"});
    let made = run(&studio, "heygen/video-translate", inputs).await;
    assert!(made.note().contains("a stand-in was drawn"), "{}", made.note());
    assert_eq!(made.facts().codec.as_deref(), Some("h264"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_makes_the_same_film_from_the_same_inputs() {
    let studio = studio().await;
    let url = upload(&studio, &picture(&studio, Pixels { width: 160, height: 160 })).await;
    let inputs = json!({"image": url, "duration": 2, "seed": 4});
    let made = run(&studio, "bytedance/seedance-v1-lite-i2v-480p", inputs).await;
    let (first, id) = (std::fs::read(made.file()).unwrap(), made.end["id"].as_str().unwrap());
    let Studio { sandbox, folder } = studio;
    sandbox.stop().await;
    std::fs::remove_dir_all(folder.path().join("sandbox/outputs")).unwrap();

    let sandbox = Sandbox::start(options(folder.path(), "")).await.unwrap();
    let studio = Studio { sandbox, folder };
    let end = studio.end_of(id).await;
    let again = studio.get(end["outputs"][0].as_str().unwrap()).await;
    assert!(again.body == first, "the same brief gave another film");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_sandbox_says_of_an_output_is_in_the_take_line() {
    let studio = studio().await;
    let (sound, face) = (wav(&studio, 3), "https://example.com/face.png");
    let (home, sound) = (Home::empty(), sound.to_str().unwrap());
    let model = "wavespeed-ai/infinitetalk-fast";
    let ran = home
        .run(&[
            "generate", "hello", "-m", model, "--image", face, "--audio", sound, "--yes", "--json",
        ])
        .await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let take =
        ran.lines().into_iter().find(|line| line["type"] == "take").expect("there is a take");
    assert_eq!(take["duration"], 3.0);
    let said = &take["metadata"]["sandbox"];
    assert!(said["note"].as_str().unwrap().contains("offline"), "{take}");
    assert!(said["made"].as_str().unwrap().contains("a face that talks"), "{take}");
}
