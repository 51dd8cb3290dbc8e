//! Tests of reading a story's file.

use super::*;
use crate::domain::ProviderId;
use crate::story::NEW;

fn read_well(text: &str) -> Story {
    let (story, faults) = read(text).expect("TOML");
    assert_eq!(faults, [], "{text}");
    story
}

fn told(text: &str) -> Vec<String> {
    let (_, faults) = read(text).expect("TOML");
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_story_that_is_shipped_has_no_fault_and_two_scenes() {
    let story = read_well(NEW);
    let ids: Vec<&str> = story.scenes.iter().map(|scene| scene.id.as_str()).collect();
    assert_eq!(ids, ["dunes", "shore"]);
    assert_eq!(story.cast["ada"].voice.as_deref(), Some("Calm_Woman"));
    assert_eq!(
        story.scenes[1].prompt.as_deref(),
        Some(
            "The same red kite. above a quiet shore. it dives and climbs again. a long lens follows it. \
             calm, a little wistful. low evening sun. the kite in the upper third."
        )
    );
}

#[test]
fn what_is_written_is_read() {
    let story = read_well(
        r#"
        title = "Kites"
        provider = "sandbox"
        operation = "image-to-video"
        params = { duration = 5, on = true, list = [1, 2.5] }
        crossfade = 1
        [defaults.speech]
        model = "speech-02-hd"
        params = { speed = 1.5 }
        [[scene]]
        id = "a"
        words = "Hello."
        speaker = "ada"
        image = ["x.png", "y.png"]
        pause = 0.5
        take = 41
        [cast.ada]
        portrait = "ada.png"
        "#,
    );
    assert_eq!(story.provider, Some(ProviderId::Sandbox));
    assert_eq!(story.operation, Some(Operation::ImageToVideo));
    assert_eq!(story.params["duration"], 5);
    assert_eq!(story.params["list"], serde_json::json!([1, 2.5]));
    assert_eq!(story.crossfade, Some(1.0));
    assert_eq!(story.defaults[&Operation::Speech].params["speed"], 1.5);
    let scene = &story.scenes[0];
    assert_eq!(scene.images, ["x.png", "y.png"]);
    assert_eq!((scene.pause, scene.take.as_deref()), (0.5, Some("41")));
    assert!(scene.is_identified);
}

#[test]
fn every_fault_is_told_at_once_with_its_scene_key_and_hint() {
    let text = r#"
        titel = "Kites"
        provider = "moon"
        [defaults.nothing]
        [cast.ada]
        voise = "x"
        [[scene]]
        id = "a"
        prompt = "kite"
        camera = "slow"
        speaker = "eva"
        pause = -1
        [[scene]]
        id = "a"
        from_previous = "yes"
        [[scene]]
        id = "No Slug"
        words = "x"
        audio = "x.wav"
        params = { when = 2026-01-01 }
    "#;
    let told = told(text);
    for expected in [
        "story: titel is no key of it",
        "story: provider: unknown provider \"moon\"",
        "story: defaults.nothing: unknown operation",
        "cast ada: voise is no key of it",
        "scene a: prompt is given whole and in parts (camera)",
        "scene a: pause must be seconds, from 0 to 60",
        "scene a: two scenes have the id a",
        "scene a: from_previous must be true or false",
        "scene No Slug: id \"No Slug\" is no id",
        "scene No Slug: words and audio are both given",
        "scene No Slug: params.when is no value of a model",
        "scene a: speaker \"eva\" is not in the cast",
    ] {
        assert!(told.iter().any(|fault| fault.starts_with(expected)), "{expected:?} in {told:#?}");
    }
    assert_eq!(told.len(), 12, "{told:#?}");
    let (_, faults) = read(text).expect("TOML");
    let hint =
        |key: &str| faults.iter().find(|fault| fault.key == key).and_then(|it| it.hint.clone());
    assert_eq!(hint("titel").as_deref(), Some("did you mean title?"));
    assert_eq!(hint("voise").as_deref(), Some("did you mean voice?"));
    assert_eq!(hint("speaker").as_deref(), Some("the cast is ada"));
}

#[test]
fn a_broken_file_is_told_with_line_and_column() {
    let error = read("title = \"Kites\"\n\n[[scene]\nprompt = 1\n").expect_err("broken");
    assert_eq!((error.line, error.column), (3, 9), "{error}");
    let error = read("title = \"é\" oops\n").expect_err("broken");
    assert_eq!(error.line, 1);
    assert!(error.column > 10, "{error}");
}

#[test]
fn scenes_without_ids_are_given_some_that_nobody_has() {
    let check = |text: &str, expected: &[&str]| {
        let (story, _) = read(text).expect("TOML");
        let ids: Vec<&str> = story.scenes.iter().map(|scene| scene.id.as_str()).collect();
        assert_eq!(ids, expected, "{text}");
    };
    let titled = |title: &str| format!("[[scene]]\ntitle = \"{title}\"\n");
    check(&titled("The Dunes, at dawn"), &["the-dunes-at-dawn"]);
    check(&(titled("Dunes") + &titled("Dunes")), &["dunes", "dunes-2"]);
    check(&(titled("Dunes") + "[[scene]]\nid = \"dunes\"\n"), &["dunes-2", "dunes"]);
    check(&titled("龍"), &["scene-1"]);
    check(
        "[[scene]]\nprompt = \"a kite that climbs over very many dunes\"\n",
        &["a-kite-that-climbs-over"],
    );
}
