//! Without `ffmpeg`: what cannot be done says so before anything happens, and what can be done is done.

use super::sources::{Judged, can_be_tested, file, film, generate, odd, plain, takes};
use crate::support::binary::Home;

#[tokio::test]
async fn without_ffmpeg_each_says_so_and_nothing_breaks() {
    let home = Home::empty().set("PATH", "/nonexistent");
    let models = home.json(&["models", "list", "--provider", "local", "--json"]).await;
    let models = models.as_array().unwrap();
    assert_eq!(models.len(), 15);
    let audio = home.path().join("a.wav");
    crate::support::sound(&audio, 1000);
    let video = home.path().join("a.mp4");
    std::fs::write(&video, crate::support::RUBBISH).unwrap();
    let (audio, video) = (audio.display().to_string(), video.display().to_string());
    for model in models {
        let id = model["id"].as_str().unwrap();
        if id == "local/assemble" {
            assert_eq!(model["available"], true);
            continue;
        }
        assert_eq!(model["reason"], "ffmpeg is not installed", "{id}");
        let mut words = vec!["--video", &video];
        if id == "local/sound" {
            words.extend(["--audio", &audio]);
        }
        let ran = generate(&home, id, &words).await;
        assert_eq!(ran.code(), Some(4), "{id}: {ran:?}");
        let checks = ran.of_type("preflight")[0]["checks"].clone();
        let told = checks.as_array().unwrap().iter().find(|it| it["id"] == "parameters").unwrap();
        assert!(told["finding"].as_str().unwrap().contains("ffmpeg is not installed"), "{told}");
        assert!(told["hint"].as_str().unwrap().contains("install ffmpeg"), "{told}");
    }
    assert!(home.jobs().await.is_empty());
    let doctor = home.run(&["doctor"]).await;
    assert!(doctor.stdout().contains("! ffmpeg      ffmpeg is not installed"), "{doctor:?}");
    let doctor = Home::empty().run(&["doctor"]).await;
    assert!(doctor.stdout().contains(" ffmpeg      "), "{doctor:?}");
}

#[tokio::test]
async fn without_ffmpeg_clips_that_agree_are_joined_and_others_say_in_what_they_differ() {
    if !can_be_tested() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = plain(folder, "one.mp4");
    let second = film(folder, "two.mp4", "testsrc2=s=160x90:r=24:d=2", Some("sine=880:d=2.5"));
    let other = odd(folder);
    let home = Home::empty().set("PATH", "/nonexistent");
    let named = |file: &std::path::Path| file.display().to_string();
    let (one, two, odd) = (named(&first), named(&second), named(&other));
    let clips = ["--video", &one, "--video", &two, "--video", &one];
    let taken = takes(&home, "local/assemble", &clips).await;
    let made = file(&taken[0]);
    let judged = Judged::of(&made);
    // The sound that goes on after the pictures of the second clip is cut off there.
    assert_eq!((judged.frames(), judged.size(), judged.rate()), (96, (160, 90), "24/1"));
    assert!((judged.seconds() - 4.0).abs() < 0.03, "{}", judged.seconds());
    assert_eq!(taken[0]["metadata"]["joined"], "copied");
    assert_eq!(taken[0]["duration"].as_f64(), Some(4.0));
    super::sources::ffmpeg(folder, &["-xerror", "-i", made.to_str().unwrap(), "-f", "null", "-"]);
    // The same pictures, at the same moments.
    for (at, source, then) in
        [("0.5", &first, "0.5"), ("2.0", &second, "1.0"), ("3.75", &first, "0.75")]
    {
        let seen = super::sources::brightness(&made, at);
        assert_eq!(seen, super::sources::brightness(source, then), "{at}");
    }

    for (more, told) in [
        (&["--video", &odd][..], "clip 2: 161x91 pixels, the first has 160x90"),
        (&["--video", &two, "-p", "crossfade=0.5"], "made by ffmpeg"),
        (&["--video", &two, "-p", "pauses=[1]"], "made by ffmpeg"),
    ] {
        let ran = generate(&home, "local/assemble", &[&["--video", &one][..], more].concat()).await;
        assert_eq!(ran.code(), Some(1), "{more:?}");
        assert!(ran.stdout().contains(told), "{more:?}: {ran:?}");
    }
}

#[tokio::test]
async fn takes_of_the_sandbox_are_joined_as_they_are() {
    let home = Home::empty().set("PATH", "/nonexistent").set("RUSHES_SANDBOX_SPEED", "50");
    let words = ["generate", "kite", "--takes", "2", "-p", "duration=5", "-p", "size=832*480"];
    let ran = home.run(&words).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let taken = takes(&home, "local/assemble", &["--video", "asset:1", "--video", "asset:2"]).await;
    assert_eq!(taken[0]["metadata"]["joined"], "copied");
    assert_eq!(taken[0]["duration"].as_f64(), Some(10.0));
}
