//! What can be wrong with a brief, asked of the real binary: each with its message and what is allowed, all of
//! them at once, exit 4, and nothing sent.

use std::path::Path;

use futures_util::StreamExt;
use serde_json::Value;

use crate::support::binary::{Home, Ran};
use crate::support::server::Server;
use crate::support::sound;

const PICTURE: &str = "https://files.test/a.png";
const VOICE: &str = "https://files.test/a.mp3";
const FILM: &str = "https://files.test/a.mp4";
const HUNYUAN: &str = "wavespeed-ai/hunyuan-video-1.5/text-to-video";
const WAN: &str = "alibaba/wan-2.5/image-to-video";
const WAN_TEXT: &str = "alibaba/wan-2.5/text-to-video";
const VEO: &str = "google/veo3.1/text-to-video";
const KLING: &str = "kwaivgi/kling-v2.5-turbo-std/image-to-video";
const KLING_3: &str = "kwaivgi/kling-v3.0-pro/text-to-video";
const KANDINSKY: &str = "wavespeed-ai/kandinsky5-pro/image-to-video";

/// A model, what is given after it, and every part that finding and hint must have.
type Wrong<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

#[rustfmt::skip]
const PARAMETERS: &[Wrong<'_>] = &[
    // Text to video: the prompt, lengths, sizes, and what one model has and another has not.
    (HUNYUAN, &[""], &["prompt is blank"]),
    (HUNYUAN, &["  \t "], &["prompt is blank"]),
    (HUNYUAN, &["kite", "-p", "duration=10"], &["duration must be one of its values, not 10", "duration can be 5, 8"]),
    (HUNYUAN, &["kite", "-p", "size=1920*1080"], &["size must be one of its values", "size can be 832*480, 480*832, 1280*720, 720*1280"]),
    (HUNYUAN, &["kite", "-p", "resolution=720p"], &["Hunyuan Video 1.5 has no parameter resolution", "did you mean size (832*480"]),
    (HUNYUAN, &["kite", "-p", "generate_audio=true", "-p", "enable_prompt_expansion=true"], &["no parameter generate_audio", "no parameter enable_prompt_expansion"]),
    (HUNYUAN, &["kite", "-p", "seed=red"], &["seed must be a whole number, not \"red\""]),
    (HUNYUAN, &["kite", "-p", "seed=-2"], &["seed is -2; it takes -1 to 2147483647"]),
    ("lightricks/ltx-2-pro", &["kite", "-p", "duration=5"], &["duration must be one of its values, not 5", "duration can be 6, 8, 10"]),
    ("lightricks/ltx-2-pro", &["kite", "-p", "generate_audio=loud"], &["generate_audio must be true or false, not \"loud\""]),
    ("lightricks/ltx-2-pro", &["kite", "-p", "negative_prompt=rain", "-p", "seed=1", "-p", "resolution=4k"], &["no parameter negative_prompt", "no parameter seed", "no parameter resolution", "it has prompt, duration, generate_audio"]),
    ("lightricks/ltx-2-fast", &["kite", "-p", "duration=5"], &["duration must be one of its values, not 5", "duration can be 6, 8, 10, 12, 14, 16, 18, 20"]),
    (VEO, &["kite", "-p", "duration=5"], &["duration must be one of its values, not 5", "duration can be 8, 4, 6"]),
    (VEO, &["kite", "-p", "resolution=480p"], &["resolution must be one of its values", "resolution can be 720p, 1080p, 4k"]),
    (VEO, &["kite", "-p", "aspect_ratio=1:1"], &["aspect_ratio must be one of its values, not \"1:1\"", "aspect_ratio can be 16:9, 9:16"]),
    (WAN_TEXT, &["kite", "-p", "duration=7"], &["duration must be one of its values, not 7", "duration can be 5, 10"]),
    (WAN_TEXT, &["kite", "-p", "resolution=1080p"], &["Wan 2.5 has no parameter resolution", "did you mean size (832*480, 480*832, 1280*720, 720*1280, 1920*1080, 1080*1920)?"]),
    (WAN_TEXT, &["kite", "-p", "audio=voice.mp3"], &["audio is no http or https address: voice.mp3", "--audio FILE"]),
    // Names.
    ("hunyuan-video", &["kite"], &["unknown model \"hunyuan-video\"", "did you mean", HUNYUAN]),
    ("video", &["kite"], &["unknown model \"video\""]),
    ("google/veo3.1/text-to-vidoe", &["kite"], &["unknown model", VEO]),
    ("ltx-2-retake/text-to-video", &["kite"], &["video is missing", "LTX-2 Retake works from a video: give one with --video FILE or URL"]),
    ("openai/sora-2/text-to-video", &["kite"], &["openai/sora-2/text-to-video is switched off", "2026-09-24"]),
    // Image to video.
    (WAN, &["kite"], &["image is missing", "Wan 2.5 works from a picture: give one with --image FILE or URL"]),
    (WAN, &["", "--image", PICTURE], &["prompt is blank"]),
    (WAN, &["kite", "--image", PICTURE, "-p", "duration=11"], &["duration must be one of its values, not 11", "duration can be 3, 4, 5, 6, 7, 8, 9, 10"]),
    (WAN, &["kite", "--image", PICTURE, "-p", "resolution=4k"], &["resolution must be one of its values, not \"4k\"", "resolution can be 480p, 720p, 1080p"]),
    (WAN, &["kite", "--image", PICTURE, "--image", PICTURE], &["image takes 1, 2 were given"]),
    (KANDINSKY, &["kite", "--image", PICTURE, "-p", "duration=10", "-p", "resolution=720p"], &["duration can be 5", "resolution can be 512p, 1024p"]),
    (KLING, &["kite", "--image", PICTURE, "-p", "duration=8"], &["duration must be one of its values, not 8", "duration can be 5, 10"]),
    (KLING, &["kite", "--image", PICTURE, "-p", "guidance_scale=1.5"], &["guidance_scale is 1.5; it takes 0 to 1"]),
    (KLING, &["kite", "--image", PICTURE, "-p", "cfg_scale=0.5"], &["no parameter cfg_scale", "did you mean guidance_scale?"]),
    // Talking avatars and enhancement.
    ("wavespeed-ai/infinitetalk", &[], &["image is missing", "audio is missing", "--image FILE or URL", "--audio FILE or URL"]),
    ("wavespeed-ai/infinitetalk", &["--image", PICTURE, "--audio", VOICE, "-p", "resolution=1080p"], &["resolution must be one of its values", "resolution can be 480p, 720p"]),
    ("wavespeed-ai/hunyuan-avatar", &["--image", PICTURE, "--audio", VOICE, "--mask", PICTURE], &["Hunyuan Avatar takes no mask", "it takes image, audio"]),
    ("wavespeed-ai/hunyuan-avatar", &["--image", PICTURE, "--audio", VOICE, "-p", "mask_image=https://x.test/a.png"], &["no parameter mask_image"]),
    ("wavespeed-ai/flashvsr", &["-p", "target_resolution=8k"], &["video is missing", "target_resolution can be 720p, 1080p, 2k, 4k"]),
    ("wavespeed-ai/flashvsr", &["--video", FILM, "-p", "resolution=4k"], &["no parameter resolution", "did you mean target_resolution (720p, 1080p, 2k, 4k)?"]),
    ("wavespeed-ai/flashvsr", &["sharper", "--video", FILM], &["FlashVSR has no parameter prompt", "it has video, target_resolution"]),
    // What is inside lists.
    (KLING_3, &["kite", "-p", "multi_prompt=[{\"prompt\":\"a\",\"duration\":2},{\"promt\":\"b\"}]"], &["multi_prompt[0].duration must be one of its values, not 2", "multi_prompt[0].duration can be 3, 4, 5", "multi_prompt[1].prompt is missing", "multi_prompt[1] has no promt", "did you mean prompt?"]),
    (KLING_3, &["kite", "-p", "multi_prompt=[{\"prompt\""], &["multi_prompt must be a list, not", "multi_prompt can be a JSON list like [{\"prompt\": …, \"duration\": …}]"]),
    (KLING_3, &["kite", "-p", "multi_prompt={\"prompt\":\"a\"}"], &["multi_prompt must be a list, not"]),
    (KLING_3, &["kite", "-p", "element_list=[{\"element_id\":1},{\"element_id\":\" \"},{},{\"element_id\":\"4\"}]"], &["element_list has 4 entries; it takes at most 3", "element_list[0].element_id must be text, not 1", "element_list[1].element_id is blank", "element_list[2].element_id is missing"]),
    // What one field asks of another, and how many there may be.
    ("kwaivgi/kling-video-o1/image-to-video", &["kite", "--image", PICTURE, "-p", "duration=7"], &["duration cannot be 7 without last_image", "without last_image, duration can be 5, 10"]),
    ("pixverse/pixverse-v5.6/text-to-video", &["kite", "-p", "resolution=1080p", "-p", "duration=10"], &["duration cannot be 10 at resolution 1080p", "at resolution 1080p, duration can be 5, 8"]),
    ("kwaivgi/kling-v3.0-pro/image-to-video", &["kite", "--image", PICTURE, "-p", "end_image=https://x.test/b.png", "-p", "multi_prompt=[{\"prompt\":\"a\"}]"], &["multi_prompt cannot be given with end_image"]),
    ("elevenlabs/dubbing", &["-p", "target_lang=French"], &["video is missing: it is needed without audio"]),
    ("google/veo3.1/reference-to-video", &["kite", "--image", PICTURE, "--image", PICTURE, "--image", PICTURE, "--image", PICTURE], &["images takes 3, 4 were given"]),
    // Several at once.
    (VEO, &["", "-p", "duration=5", "-p", "resolution=8k", "-p", "aspect_ratio=1:1", "-p", "generate_audio=x", "-p", "size=1*1"], &["prompt is blank", "duration can be 8, 4, 6", "resolution can be 720p, 1080p, 4k", "aspect_ratio can be 16:9, 9:16", "generate_audio must be true or false", "no parameter size"]),
];

/// The order is blocked by this check, which says all of this.
async fn is_blocked(home: &Home, words: &[&str], check: &str, parts: &[&str]) {
    let words = [&["generate", "--json"], words].concat();
    let ran = home.run(&words).await;
    assert_eq!(ran.code(), Some(4), "{words:?}: {ran:?}");
    assert_eq!(ran.lines().len(), 1, "only the pre-flight: {ran:?}");
    let told = told(&ran, check);
    for part in parts {
        assert!(told.contains(part), "{words:?}: no {part:?} in {told}");
    }
}

/// Finding and hint of a check that blocks.
fn told(ran: &Ran, check: &str) -> String {
    let checks = ran.lines()[0]["checks"].clone();
    let is_it = |found: &&Value| found["id"] == check && found["outcome"] == "block";
    let found = checks.as_array().unwrap().iter().find(is_it);
    let found = found.unwrap_or_else(|| panic!("{check} does not block: {ran:?}"));
    format!("{} | {}", found["finding"].as_str().unwrap(), found["hint"].as_str().unwrap_or(""))
}

async fn nothing_was_sent(server: &Server, home: &Home) {
    assert_eq!(server.seen().iter().filter(|seen| seen.method == "POST").count(), 0);
    assert!(home.jobs().await.is_empty());
    assert_eq!(home.ledger(), []);
}

#[tokio::test]
async fn every_wrong_parameter_is_told_with_what_is_allowed_and_nothing_is_sent() {
    let server = Server::start().await;
    let home = Home::with(&server);
    let one = async |(model, words, parts): &Wrong<'_>| {
        is_blocked(&home, &[&["--yes", "-m", model], *words].concat(), "parameters", parts).await;
    };
    futures_util::stream::iter(PARAMETERS).for_each_concurrent(4, one).await;
    let (model, words, parts) = PARAMETERS.last().unwrap();
    let look = [&["--dry-run", "-m", model], *words].concat();
    is_blocked(&home, &look, "parameters", parts).await;
    nothing_was_sent(&server, &home).await;
}

/// A picture, and then nothing up to this size.
fn picture(file: &Path, bytes: u64) {
    image::RgbImage::new(1024, 1024).save(file).unwrap();
    std::fs::OpenOptions::new().write(true).open(file).unwrap().set_len(bytes).unwrap();
}

#[tokio::test]
async fn every_wrong_file_is_told_with_its_limit_and_nothing_is_sent() {
    let server = Server::start().await;
    let home = Home::with(&server);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (large, short) = (file("large.png"), file("short.wav"));
    let (minute, long, eleven) = (file("minute.wav"), file("long.wav"), file("eleven.wav"));
    picture(large.as_ref(), 10_000_001);
    sound(short.as_ref(), 2_999);
    sound(minute.as_ref(), 31_000);
    sound(long.as_ref(), 120_001);
    sound(eleven.as_ref(), 600_500);
    let (heavy, page) = (file("heavy.wav"), file("page.png"));
    sound(heavy.as_ref(), 6_300_000);
    std::fs::write(&page, "<!DOCTYPE html>").unwrap();

    let check = async |model: &str, words: &[&str], parts: &[&str]| {
        for how in ["--dry-run", "--yes"] {
            is_blocked(&home, &[&[how, "-m", model], words].concat(), "inputs", parts).await;
        }
    };
    check(WAN, &["kite", "--image", &large], &["image has 10.1 MB; 10 MB are allowed"]).await;
    check(KLING, &["kite", "--image", &large], &["image has 10.1 MB; 10 MB are allowed"]).await;
    check(WAN, &["kite", "--image", &page], &["image must be image, not other"]).await;
    check(WAN, &["kite", "--image", &short], &["image must be image, not audio"]).await;
    check(
        WAN,
        &["kite", "--image", PICTURE, "--audio", &short],
        &["audio lasts 2.999 s; at least 3 s are needed"],
    )
    .await;
    check(
        WAN,
        &["kite", "--image", PICTURE, "--audio", &minute],
        &["audio lasts 31 s; at most 30 s are allowed"],
    )
    .await;
    check(
        "wavespeed-ai/hunyuan-avatar",
        &["--image", &large, "--audio", &long],
        &[
            "image has 10.1 MB; 10 MB are allowed",
            "audio lasts 120.001 s; at most 120 s are allowed",
        ],
    )
    .await;
    check(
        "wavespeed-ai/infinitetalk",
        &["--image", PICTURE, "--audio", &eleven],
        &["audio lasts 600.5 s; at most 600 s are allowed"],
    )
    .await;
    check(
        "wavespeed-ai/infinitetalk",
        &["--image", &page, "--audio", &heavy],
        &["audio has 50.5 MB; 50 MB are allowed", "audio lasts 6300 s", "image must be image"],
    )
    .await;
    check("wavespeed-ai/flashvsr", &["--video", &short], &["video must be video, not audio"]).await;
    nothing_was_sent(&server, &home).await;
}

#[tokio::test]
async fn faults_of_every_kind_stand_in_one_pre_flight() {
    let server = Server::start().await;
    let home = Home::with(&server).unset("WAVESPEED_API_KEY");
    let words = [
        "generate",
        "",
        "-m",
        WAN,
        "--provider",
        "wavespeed",
        "--image",
        "/no/such.png",
        "-p",
        "duration=99",
        "--max-cost",
        "0.01",
        "--dry-run",
        "--json",
    ];
    let ran = home.run(&words).await;
    // A missing credential is the one fault with an exit code of its own.
    assert_eq!(ran.code(), Some(5), "{ran:?}");
    for (check, part) in [
        ("credential", "WAVESPEED_API_KEY"),
        ("parameters", "prompt is blank"),
        ("parameters", "duration can be 3, 4, 5, 6, 7, 8, 9, 10"),
        ("inputs", "cannot read /no/such.png"),
        ("max_cost", "above --max-cost $0.01"),
    ] {
        assert!(told(&ran, check).contains(part), "{check}: {ran:?}");
    }
    assert_eq!(server.seen().len(), 0, "without a key nobody is asked anything");
}
