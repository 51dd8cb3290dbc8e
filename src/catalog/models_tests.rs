//! Tests over every built-in model, and of the faults that each kind of model can have.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::domain::brief::Source;
use crate::domain::{Inputs, MediaKind, Params, ProviderId, Usd};

fn catalog() -> Catalog {
    Catalog::builtin().expect("the shipped files are right")
}

fn params(value: Value) -> Params {
    match value {
        Value::Object(params) => params,
        other => panic!("{other} is no object"),
    }
}

/// What has to be filled in before a model can run.
fn filled_in(spec: &ModelSpec) -> (Params, Inputs) {
    let needed = |key: &str| {
        spec.conditions.iter().any(|it| it.key == key && matches!(it.then, Then::Needed))
    };
    let missing = spec.params.iter().filter(|param| param.required && param.default.is_none());
    let value = |param: &ParamSpec| match &param.kind {
        ParamKind::Choice { of } => of[0].clone(),
        ParamKind::Number { .. } | ParamKind::Integer { .. } => Value::from(2),
        _ => Value::from("a red kite over dunes"),
    };
    let given = missing.map(|param| (param.key.clone(), value(param))).collect();
    let files = spec.inputs.iter().filter(|input| input.required || needed(&input.key));
    let file = |input: &InputSpec| (input.key.clone(), Source::File("a.mp4".into()));
    (given, files.map(file).collect())
}

#[test]
fn every_model_is_valid_priced_and_sends_what_it_declares() {
    let catalog = catalog();
    assert_eq!(catalog.all().len(), 206);
    for spec in catalog.all() {
        let (given, inputs) = filled_in(spec);
        assert_eq!(spec.faults(&given, &inputs), [], "{}", spec.id);
        let lengths =
            inputs.iter().fold(Measured::default(), |all, (key, _)| all.lasting(key, 5000));
        match spec.estimate(&given, &lengths) {
            Some(price) => {
                let is_free = price.low == Usd::ZERO;
                assert_eq!(is_free, spec.is_local(), "{}: {}", spec.id, price.finding);
                assert!(!price.floor, "{}: {}", spec.id, price.finding);
            }
            // No interface of Hugging Face names a price for a video.
            None => assert_eq!(spec.providers, [ProviderId::Huggingface], "{}", spec.id),
        }
        let complete = spec.complete(&given);
        let sent: BTreeSet<&str> = complete
            .keys()
            .map(String::as_str)
            .chain(inputs.iter().map(|(key, _)| &**key))
            .collect();
        let of_form = |param: &&ParamSpec| param.default.is_some() || param.required;
        let needed = spec.params.iter().filter(of_form).map(|param| param.key.as_str());
        let expected: BTreeSet<&str> = needed.chain(inputs.iter().map(|(key, _)| &**key)).collect();
        assert_eq!(sent, expected, "{}", spec.id);
        let order: Vec<&str> = spec.keys().filter(|key| complete.contains_key(*key)).collect();
        assert_eq!(complete.keys().map(String::as_str).collect::<Vec<_>>(), order, "{}", spec.id);
    }
}

#[test]
fn every_value_of_every_choice_is_valid_and_priced() {
    for spec in catalog().all() {
        let (given, inputs) = filled_in(spec);
        let lengths =
            inputs.iter().fold(Measured::default(), |all, (key, _)| all.lasting(key, 5000));
        for param in &spec.params {
            let ParamKind::Choice { of } = &param.kind else { continue };
            for value in of {
                let mut given = given.clone();
                given.insert(param.key.clone(), value.clone());
                let faults = spec.faults(&given, &inputs);
                assert!(
                    faults.is_empty() || !spec.conditions.is_empty(),
                    "{} {} {value}: {faults:?}",
                    spec.id,
                    param.key
                );
                let estimate = spec.estimate(&given, &lengths);
                let is_known = estimate.is_some_and(|estimate| !estimate.floor);
                let is_told = !spec.runs_on(ProviderId::Huggingface);
                assert_eq!(is_known, is_told, "{} {} {value}", spec.id, param.key);
            }
        }
    }
}

#[test]
fn each_operation_with_models_has_exactly_one_default() {
    let catalog = catalog();
    for operation in Operation::ALL {
        let of_it: Vec<&ModelSpec> =
            catalog.all().iter().filter(|spec| spec.operation == operation).collect();
        let defaults: Vec<&str> =
            of_it.iter().filter(|spec| spec.is_default).map(|spec| spec.id.as_str()).collect();
        assert_eq!(defaults.len(), usize::from(!of_it.is_empty()), "{operation}: {defaults:?}");
    }
    let default = |operation| catalog.default_for(operation).map(|spec| spec.id.as_str());
    assert_eq!(default(Operation::ImageToVideo), Some("alibaba/wan-2.5/image-to-video"));
    assert_eq!(default(Operation::TalkingAvatar), Some("wavespeed-ai/infinitetalk"));
}

#[test]
fn a_service_uses_what_it_runs_where_no_model_is_named() {
    let catalog = catalog();
    let check = |operation, provider, id: &str| {
        let usual = catalog.default_on(operation, provider).map(|spec| spec.id.as_str());
        assert_eq!(usual, Some(id), "{operation} {provider}");
    };
    let (text, image) = (Operation::TextToVideo, Operation::ImageToVideo);
    check(text, ProviderId::Huggingface, "tencent/HunyuanVideo");
    check(image, ProviderId::Huggingface, "Wan-AI/Wan2.2-I2V-A14B");
    check(text, ProviderId::Wavespeed, "wavespeed-ai/hunyuan-video-1.5/text-to-video");
    check(text, ProviderId::Sandbox, "wavespeed-ai/hunyuan-video-1.5/text-to-video");
    // Where it runs none for that, the usual one is told not to be offered there.
    check(Operation::TalkingAvatar, ProviderId::Huggingface, "wavespeed-ai/infinitetalk");
}

#[test]
fn the_sandbox_runs_every_model_of_the_service_that_it_speaks_like() {
    for spec in catalog().all() {
        let (real, made_up) = (ProviderId::Wavespeed, ProviderId::Sandbox);
        assert_eq!(spec.runs_on(real), spec.runs_on(made_up), "{}", spec.id);
    }
}

#[test]
fn sora_is_listed_and_priced_but_off() {
    let catalog = catalog();
    let sora: Vec<&ModelSpec> =
        catalog.all().iter().filter(|spec| spec.id.as_str().contains("sora-2")).collect();
    assert_eq!(sora.len(), 4);
    for spec in sora {
        assert!(spec.availability().is_err_and(|why| why.contains("2026-09-24")), "{}", spec.id);
        assert!(spec.estimate(&Params::new(), &Measured::default()).is_some(), "{}", spec.id);
    }
}

/// Message and hint of every fault, one a line.
fn told(model: &str, given: Value, files: &[&str]) -> String {
    let catalog = catalog();
    let spec = catalog.find(model).expect("it is built in");
    let files: Inputs =
        files.iter().map(|key| ((*key).to_owned(), Source::File("a.mp4".into()))).collect();
    let faults = spec.faults(&params(given), &files);
    let lines = faults.iter().map(|fault| match &fault.hint {
        Some(hint) => format!("{fault} | {hint}"),
        None => fault.to_string(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_wrong_value_is_told_with_the_allowed_ones() {
    let check = |model: &str, given: Value, files: &[&str], expected: &str| {
        assert_eq!(told(model, given, files), expected, "{model}");
    };
    check(
        "hunyuan-video-1.5",
        json!({"prompt": "kite", "duration": 10}),
        &[],
        "duration must be one of its values, not 10 | duration can be 5, 8",
    );
    check(
        "ltx-2-pro",
        json!({"prompt": "kite", "duration": 5}),
        &[],
        "duration must be one of its values, not 5 | duration can be 6, 8, 10",
    );
    check(
        "google/veo3.1",
        json!({"prompt": "kite", "aspect_ratio": "1:1", "generate_audio": "yes"}),
        &[],
        "aspect_ratio must be one of its values, not \"1:1\" | aspect_ratio can be 16:9, 9:16\n\
         generate_audio must be true or false, not \"yes\"",
    );
    check(
        "ltx-2-pro",
        json!({"prompt": "k".repeat(5001)}),
        &[],
        "prompt is 5001 characters long; 5000 are allowed | take out 1",
    );
    check(
        "alibaba/wan-2.5",
        json!({"resolution": "4k"}),
        &[],
        "image is missing | Wan 2.5 works from a picture: give one with --image FILE or URL\n\
         prompt is missing\n\
         resolution must be one of its values, not \"4k\" | resolution can be 480p, 720p, 1080p",
    );
    check(
        "alibaba/wan-2.6/reference-to-video-flash",
        json!({"prompt": "kite"}),
        &[],
        "reference_urls is missing | Wan 2.6 Flash works from a file: \
         give one with -p reference_urls=@FILE or URL",
    );
    check(
        "flashvsr",
        json!({"target_resolution": "8k"}),
        &["video"],
        "target_resolution must be one of its values, not \"8k\" \
         | target_resolution can be 720p, 1080p, 2k, 4k",
    );
    check(
        "heygen/video-translate",
        json!({"output_language": "Frensh"}),
        &["video"],
        "output_language must be one of its values, not \"Frensh\" \
         | did you mean French? output_language can be one of 178 values",
    );
    check(
        "bytedance/seedance-v1.5-pro/text-to-video",
        json!({"prompt": "kite", "duration": 13}),
        &[],
        "duration is 13; it takes 4 to 12",
    );
}

#[test]
fn a_parameter_of_another_model_names_the_right_one() {
    let check = |model: &str, given: Value, files: &[&str], expected: &str| {
        assert_eq!(told(model, given, files), expected, "{model}");
    };
    check(
        "alibaba/wan-2.5/text-to-video",
        json!({"prompt": "kite", "resolution": "1080p"}),
        &[],
        "Wan 2.5 has no parameter resolution | did you mean size \
         (832*480, 480*832, 1280*720, 720*1280, 1920*1080, 1080*1920)?",
    );
    check(
        "kwaivgi/kling-v2.6-pro/text-to-video",
        json!({"prompt": "kite", "generate_audio": true}),
        &[],
        "Kling 2.6 Pro has no parameter generate_audio | did you mean sound?",
    );
    check(
        "kwaivgi/kling-v3.0-pro/image-to-video",
        json!({"prompt": "kite", "last_image": "https://x/a.png"}),
        &["image"],
        "Kling 3.0 Pro has no parameter last_image | did you mean end_image?",
    );
    check(
        "wavespeed-ai/video-face-swap",
        json!({"target_gender": "all"}),
        &["video", "face_image"],
        "Video Face Swap has no parameter target_gender | did you mean target_index?",
    );
    check(
        "ltx-2-pro",
        json!({"prompt": "kite", "seed": 5, "negative_prompt": "rain"}),
        &[],
        "LTX-2 Pro has no parameter seed | it has prompt, duration, generate_audio\n\
         LTX-2 Pro has no parameter negative_prompt | it has prompt, duration, generate_audio",
    );
}

#[test]
fn what_is_inside_a_list_is_checked_too() {
    let check = |given: Value, expected: &str| {
        let mut given = given;
        given["prompt"] = json!("kite");
        assert_eq!(told("kwaivgi/kling-v3.0-pro/text-to-video", given, &[]), expected);
    };
    check(json!({"multi_prompt": [{"prompt": "kite", "duration": 3}]}), "");
    check(json!({"multi_prompt": [{"prompt": "kite"}], "element_list": [{"element_id": "7"}]}), "");
    check(
        json!({"multi_prompt": [{"prompt": "kite"}, {"duration": 2, "promt": "x"}]}),
        "multi_prompt[1].prompt is missing\n\
         multi_prompt[1].duration must be one of its values, not 2 \
         | multi_prompt[1].duration can be 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\
         multi_prompt[1] has no promt | did you mean prompt?",
    );
    check(
        json!({"element_list": [{"element_id": "1"}, {"element_id": "2"}, {"element_id": " "},
            {"element_id": 4}]}),
        "element_list has 4 entries; it takes at most 3\n\
         element_list[2].element_id is blank\n\
         element_list[3].element_id must be text, not 4",
    );
    check(
        json!({"multi_prompt": "kite"}),
        "multi_prompt must be a list, not \"kite\" \
         | multi_prompt can be a JSON list like [{\"prompt\": …, \"duration\": …}]",
    );
}

#[test]
fn a_field_that_depends_on_another_is_checked_with_it() {
    let check = |model: &str, given: Value, files: &[&str], expected: &str| {
        assert_eq!(told(model, given, files), expected, "{model}");
    };
    let kling = "kwaivgi/kling-video-o1/image-to-video";
    let seven = || json!({"prompt": "kite", "duration": 7});
    check(
        kling,
        seven(),
        &["image"],
        "duration cannot be 7 without last_image | without last_image, duration can be 5, 10",
    );
    check(kling, seven(), &["image", "last_image"], "");
    let mut empty = seven();
    empty["last_image"] = json!("");
    assert!(told(kling, empty, &["image"]).starts_with("duration cannot be 7 without last_image"));
    let pixverse = "pixverse/pixverse-v5.6/text-to-video";
    check(
        pixverse,
        json!({"prompt": "kite", "resolution": "1080p", "duration": 10}),
        &[],
        "duration cannot be 10 at resolution 1080p | at resolution 1080p, duration can be 5, 8",
    );
    check(pixverse, json!({"prompt": "kite", "resolution": "720p", "duration": 10}), &[], "");
    let references = "kwaivgi/kling-video-o1/reference-to-video";
    let five = ["images"; 5];
    check(references, json!({"prompt": "kite"}), &five, "");
    let with_video = [&five[..], &["video"]].concat();
    let most = "images takes 4 with video, 5 were given";
    check(references, json!({"prompt": "kite"}), &with_video, most);
    let dubbing = json!({"target_lang": "French"});
    let needed = "video is missing: it is needed without audio";
    check("elevenlabs/dubbing", dubbing.clone(), &[], needed);
    check("elevenlabs/dubbing", dubbing, &["audio"], "");
    check(
        "kwaivgi/kling-v3.0-pro/image-to-video",
        json!({"prompt": "kite", "multi_prompt": [{"prompt": "kite"}]}),
        &["image", "end_image"],
        "multi_prompt cannot be given with end_image | give one of them",
    );
}

#[test]
fn a_file_that_the_model_refuses_is_told_before_it_is_sent() {
    let catalog = catalog();
    let check = |model: &str, key: &str, file: FileFacts, expected: &str| {
        let spec = catalog.find(model).expect("it is built in");
        let faults = spec.input(key).expect("it takes that").file_faults(&file);
        let told: Vec<String> = faults.iter().map(Fault::to_string).collect();
        assert_eq!(told.join("; "), expected, "{model}");
    };
    let file = |name: &str, kind, bytes, milliseconds, pixels| FileFacts {
        name: name.to_owned(),
        kind,
        bytes,
        milliseconds,
        pixels,
    };
    let sound = |bytes, ms| file("voice.mp3", MediaKind::Audio, bytes, Some(ms), None);
    let avatar = "wavespeed-ai/hunyuan-avatar";
    check(avatar, "audio", sound(50_000_000, 120_000), "");
    check(
        avatar,
        "audio",
        sound(61_240_000, 120_001),
        "audio has 61.3 MB; 50 MB are allowed; audio lasts 120.001 s; at most 120 s are allowed",
    );
    check(
        "infinitetalk",
        "audio",
        sound(1, 600_500),
        "audio lasts 600.5 s; at most 600 s are allowed",
    );
    let wan = "alibaba/wan-2.5/text-to-video";
    check(wan, "audio", sound(1, 2_500), "audio lasts 2.5 s; at least 3 s are needed");
    let ogg = file("voice.OGG", MediaKind::Audio, 1, None, None);
    check(wan, "audio", ogg, "audio must be wav or mp3");
    let clip = file("clip.mp4", MediaKind::Video, 1, Some(5_000), Some((1280, 720)));
    check(avatar, "image", clip.clone(), "image must be image, not video");
    let kling = "kwaivgi/kling-v2.6-pro/image-to-video";
    let picture = |pixels| file("a.png", MediaKind::Image, 10_000_000, None, Some(pixels));
    check(kling, "image", picture((750, 300)), "");
    check(
        kling,
        "image",
        picture((800, 299)),
        "image is 800×299; no side may be below 300; \
         image is 800×299; no side may be over 2.5 × the other",
    );
    check("alibaba/wan-2.6/reference-to-video-flash", "reference_urls", clip, "");
}

#[test]
fn a_given_video_is_priced_as_given_before_its_length_is_known() {
    let catalog = catalog();
    let spec = catalog.find("kwaivgi/kling-video-o1/reference-to-video").expect("it is built in");
    let price = |inputs: &Inputs| {
        let measured = Measured::of(inputs, |_| None);
        spec.estimate(&Params::new(), &measured).map(|estimate| estimate.to_string())
    };
    assert_eq!(price(&Inputs::new()).as_deref(), Some("$0.56"));
    let video = vec![("video".to_owned(), Source::Url("https://x/a.mp4".to_owned()))];
    assert_eq!(price(&video).as_deref(), Some("$0.84"));
}
