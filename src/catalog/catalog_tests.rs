//! Tests of the catalogue: the shipped files, lookup, faults, and reading values.

use serde_json::{Value, json};

use super::*;
use crate::domain::brief::Source;
use crate::domain::{Inputs, Params};

const HUNYUAN: &str = "wavespeed-ai/hunyuan-video-1.5/text-to-video";

fn catalog() -> Catalog {
    Catalog::builtin().expect("the shipped files are right")
}

fn params(value: Value) -> Params {
    match value {
        Value::Object(params) => params,
        other => panic!("{other} is no object"),
    }
}

#[test]
fn every_file_in_the_folder_is_compiled_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models");
    let in_folder: Vec<String> = toml_files(&folder)
        .expect("the folder is there")
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    let compiled: Vec<&str> = builtin::FILES.iter().map(|(name, _)| *name).collect();
    assert_eq!(compiled, in_folder);
}

#[test]
fn hunyuan_costs_what_the_provider_says() {
    let catalog = catalog();
    let spec = catalog.find(HUNYUAN).expect("it is built in");
    let check = |given: Value, usd: &str| {
        let estimate = spec.estimate(&params(given), &Measured::default()).expect("it is priced");
        assert_eq!(estimate.high.decimal(), usd);
        assert_eq!(estimate.low, estimate.high);
    };
    check(json!({"size": "832*480", "duration": 8}), "0.16");
    check(json!({"size": "1280*720", "duration": 8}), "0.32");
    check(json!({"size": "480*832"}), "0.10");
    check(json!({}), "0.20");
    check(json!({"prompt": " ", "nonsense": 1}), "0.20");
    let estimate = spec.estimate(&params(json!({})), &Measured::default()).expect("it is priced");
    assert_eq!(estimate.finding, "5 s × $0.04, rule of 2026-03-13");
}

#[test]
fn hunyuan_sends_exactly_its_own_keys_in_their_order() {
    let catalog = catalog();
    let spec = catalog.find(HUNYUAN).expect("it is built in");
    let given = params(json!({"duration": 8, "prompt": "kite", "resolution": "720p"}));
    let complete = Value::Object(spec.complete(&given));
    let expected = r#"{"prompt":"kite","size":"1280*720","duration":8,"seed":-1}"#;
    assert_eq!(complete.to_string(), expected);
    let empty = spec.complete(&params(json!({"negative_prompt": ""})));
    assert_eq!(empty.get("negative_prompt"), Some(&json!("")));
    assert!(spec.takes_seed() && spec.has_param("size") && !spec.has_param("fps"));
}

#[test]
fn an_input_that_takes_several_is_sent_as_a_list_even_of_one() {
    let catalog = catalog();
    let check = |id: &str, key: &str, addresses: &[&str], expected: Value| {
        let spec = catalog.find(id).expect("it is built in");
        let addresses = addresses.iter().map(|it| (key.to_owned(), (*it).to_owned()));
        let filled = spec.filled(&Params::new(), addresses.collect());
        assert_eq!(filled[key], expected, "{id}");
    };
    check("vidu/reference-to-video-q2", "images", &["a"], json!(["a"]));
    check("vidu/reference-to-video-q2", "images", &["a", "b"], json!(["a", "b"]));
    check("alibaba/wan-2.5/image-to-video", "image", &["a"], json!("a"));
}

#[test]
fn every_alias_finds_its_model_and_nothing_else_does() {
    let catalog = catalog();
    for name in ["hunyuan-video-1.5", "hunyuan-video-1.5/text-to-video", HUNYUAN] {
        assert_eq!(catalog.find(name).map(|spec| spec.id.as_str()), Ok(HUNYUAN));
    }
    let unknown = catalog.find("hunyuan-vidio-1.5").expect_err("there is a wrong letter in it");
    assert_eq!(unknown.near.first(), Some(&ModelId::new(HUNYUAN)));
    assert_eq!(unknown.to_string(), "unknown model \"hunyuan-vidio-1.5\"");
    assert!(unknown.hint().starts_with(&format!("did you mean {HUNYUAN}")), "{}", unknown.hint());
    let capitals = catalog.find("Hunyuan-Video-1.5").map(|spec| spec.id.as_str());
    assert_eq!(capitals, Ok(HUNYUAN), "capitals are no other name");
    let nothing = catalog.find("zzz").expect_err("there is no such model");
    assert!(nothing.near.is_empty() && nothing.hint().contains("models list"));
}

#[test]
fn every_operation_has_a_usual_model_unless_there_is_none() {
    let catalog = catalog();
    let text = catalog.default_for(Operation::TextToVideo).map(|spec| spec.id.as_str());
    assert_eq!(text, Some(HUNYUAN));
    assert_eq!(Catalog { models: Vec::new() }.default_for(Operation::Speech), None);
    for operation in Operation::ALL {
        assert!(catalog.default_for(operation).is_some(), "{operation}");
    }
}

#[track_caller]
fn check_fault(given: Value, expected: &[(&str, &str, Option<&str>)]) {
    let catalog = catalog();
    let spec = catalog.find(HUNYUAN).expect("it is built in");
    let faults = spec.faults(&params(given), &Inputs::new());
    let told: Vec<_> = faults
        .iter()
        .map(|fault| (fault.field.as_str(), fault.message.as_str(), fault.hint.as_deref()))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn each_fault_says_what_is_wrong_and_what_is_right() {
    check_fault(json!({"prompt": "kite"}), &[]);
    check_fault(json!({}), &[("prompt", "prompt is missing", None)]);
    check_fault(json!({"prompt": " \n"}), &[("prompt", "prompt is blank", None)]);
    check_fault(json!({"prompt": 7}), &[("prompt", "prompt must be text, not 7", None)]);
    check_fault(
        json!({"prompt": "kite", "duration": 10}),
        &[("duration", "duration must be one of its values, not 10", Some("duration can be 5, 8"))],
    );
    check_fault(
        json!({"prompt": "kite", "seed": -2}),
        &[("seed", "seed is -2; it takes -1 to 2147483647", None)],
    );
    check_fault(
        json!({"prompt": "kite", "seed": "x"}),
        &[("seed", "seed must be a whole number, not \"x\"", None)],
    );
    check_fault(
        json!({"prompt": "kite", "resolution": "720p"}),
        &[(
            "resolution",
            "Hunyuan Video 1.5 has no parameter resolution",
            Some("did you mean size (832*480, 480*832, 1280*720, 720*1280)?"),
        )],
    );
    check_fault(
        json!({"prompt": "kite", "durations": 5}),
        &[(
            "durations",
            "Hunyuan Video 1.5 has no parameter durations",
            Some("did you mean duration (5, 8)?"),
        )],
    );
}

#[test]
fn every_fault_is_told_at_once() {
    let catalog = catalog();
    let spec = catalog.find(HUNYUAN).expect("it is built in");
    let given = params(json!({"size": "720p", "duration": "5", "fps": 24}));
    let inputs = vec![
        ("image".to_owned(), Source::File("a.png".into())),
        ("image".to_owned(), Source::File("b.png".into())),
    ];
    let faults = spec.faults(&given, &inputs);
    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["prompt", "size", "duration", "fps", "image"]);
    assert_eq!(faults[4].to_string(), "Hunyuan Video 1.5 takes no image");
}

/// The text of a model's file.
fn shipped(id: &str) -> &'static str {
    let named = |(_, text): &&(&str, &'static str)| text.contains(&format!("id        = {id:?}"));
    builtin::FILES.iter().find(named).map(|(_, text)| *text).expect("it is built in")
}

/// A model with every other kind of parameter and input.
fn everything() -> ModelSpec {
    let text = r#"
        id = "a/b"
        name = "B"
        providers = ["wavespeed"]
        operation = "image-to-video"
        about = "For tests."
        source = "a test"
        checked = "2026-03-13"
        output = "video"
        why_off = "withdrawn"
        patience_s = 60
        params = [
            { key = "prompt", kind = "text", max_chars = 5 },
            { key = "steps", kind = "integer", min = 4, step = 3 },
            { key = "cfg_scale", kind = "number", max = 1, step = 0.01 },
            { key = "sound", kind = "switch" },
            { key = "area", kind = "size", min = 512, max = 2048 },
            { key = "words", kind = "list", item = "text", min_items = 1, max_items = 2 },
            { key = "camera", kind = "object" },
        ]
        inputs = [
            { key = "image", kind = "image", required = true },
            { key = "references", kind = "image", how_many = 2 },
            { key = "end_image", kind = "last-image" },
        ]"#;
    file::read("test.toml", text, Origin::User).expect("the test's file is right")
}

#[test]
fn every_kind_of_parameter_is_checked() {
    let spec = everything();
    let check = |given: Value, message: &str| {
        let inputs = vec![("image".to_owned(), Source::File("a.png".into()))];
        let faults = spec.faults(&params(given), &inputs);
        let told: Vec<String> = faults.iter().map(Fault::to_string).collect();
        assert_eq!(told.join("; "), message);
    };
    check(json!({}), "");
    check(json!({"prompt": "żółwie"}), "prompt is 6 characters long; 5 are allowed");
    check(json!({"prompt": "żółwi"}), "");
    check(json!({"steps": 3}), "steps is 3; it takes 4 or more");
    check(json!({"steps": 5}), "steps must be counted by 3 from 4, not 5");
    check(json!({"steps": 6}), "steps must be counted by 3 from 4, not 6");
    check(json!({"steps": 7}), "");
    check(json!({"steps": 4.5}), "steps must be a whole number, not 4.5");
    check(json!({"cfg_scale": 1.01}), "cfg_scale is 1.01; it takes at most 1");
    check(json!({"sound": "true"}), "sound must be true or false, not \"true\"");
    check(json!({"area": "720p"}), "area must be a size like 1280*720, not \"720p\"");
    check(json!({"area": "2048*511"}), "area is 2048*511; it takes each side 512 to 2048");
    check(json!({"area": "512*4096"}), "area is 512*4096; it takes each side 512 to 2048");
    check(json!({"words": []}), "words has 0 entries; it takes 1 to 2");
    check(json!({"words": [1]}), "words must be a list of texts, not [1]");
    check(json!({"camera": []}), "camera must be a JSON object, not []");
    check(json!({"camera": null}), "camera must be a JSON object, not null");
}

#[test]
fn inputs_are_checked_like_parameters() {
    let spec = everything();
    let file = |key: &str| (key.to_owned(), Source::File("a.png".into()));
    let check = |given: Value, inputs: Inputs, message: &str| {
        let faults = spec.faults(&params(given), &inputs);
        let told: Vec<String> = faults.iter().map(Fault::to_string).collect();
        assert_eq!(told.join("; "), message);
    };
    check(json!({}), vec![], "image is missing");
    check(json!({"image": ""}), vec![], "image is missing");
    check(json!({"image": "https://x/a.png"}), vec![], "");
    check(json!({"image": "https://x/a.png"}), vec![file("image")], "image takes 1, 2 were given");
    check(json!({"image": 5}), vec![], "image must be an address");
    check(json!({"image": "a.png"}), vec![], "image is no http or https address: a.png");
    check(json!({"image": "data:image/png;base64,AAAA"}), vec![], "");
    let three = vec![file("image"), file("references"), file("references"), file("references")];
    check(json!({}), three, "references takes 2, 3 were given");
    let ftp = vec![("image".to_owned(), Source::Url("ftp://x/a.png".to_owned()))];
    check(json!({}), ftp, "image is no http or https address: ftp://x/a.png");
    check(json!({}), vec![file("image"), file("video")], "B takes no video");
    let undeclared =
        spec.faults(&params(json!({"image": "https://x", "last_image": "https://y"})), &vec![]);
    assert_eq!(undeclared[0].hint.as_deref(), Some("did you mean end_image?"));
}

#[test]
fn a_switched_off_model_says_why() {
    let spec = everything();
    assert_eq!(spec.availability(), Err("withdrawn"));
    assert_eq!((spec.available, spec.patience.as_secs()), (false, 60));
    assert_eq!(spec.estimate(&Params::new(), &Measured::default()), None, "it has no price");
}

#[test]
fn a_value_is_read_by_its_declared_type() {
    let spec = everything();
    let check = |key: &str, text: &str, expected: Value| {
        assert_eq!(spec.parse_param(key, text), Ok(expected), "{key}={text}");
    };
    check("prompt", "", json!(""));
    check("prompt", "5", json!("5"));
    check("steps", "12", json!(12));
    check("cfg_scale", "1", json!(1));
    check("cfg_scale", "0.5", json!(0.5));
    check("sound", "on", json!(true));
    check("sound", "false", json!(false));
    check("words", "[\"a\"]", json!(["a"]));
    check("camera", "{\"x\": 1}", json!({"x": 1}));
    check("image", "", json!(""));
    check("image", "https://x", json!("https://x"));
    check("references", "https://x", json!(["https://x"]));
    check("references", "[\"https://x\"]", json!(["https://x"]));
}

#[test]
fn a_value_without_meaning_is_refused() {
    let spec = everything();
    let check = |key: &str, text: &str, message: &str| {
        let fault = spec.parse_param(key, text).expect_err("it has no meaning");
        assert!(fault.message.starts_with(message), "{}", fault.message);
    };
    check("steps", "", "steps must be a whole number, not empty");
    check("steps", "1.5", "steps must be a whole number, not \"1.5\"");
    check("cfg_scale", "NaN", "cfg_scale must be a number");
    check("sound", "maybe", "sound must be true or false");
    check("words", "a", "words must be a JSON list: ");
    check("words", "{}", "words must be a JSON list, not");
    check("camera", "[]", "camera must be a JSON object");
    check("promt", "x", "B has no parameter promt");
    let catalog = catalog();
    let hunyuan = catalog.find(HUNYUAN).expect("it is built in");
    assert_eq!(hunyuan.parse_param("duration", "8"), Ok(json!(8)));
    let ten = hunyuan.parse_param("duration", "10");
    assert_eq!(ten, Ok(json!(10)), "a number has a price, offered or not");
    let fault = hunyuan.parse_param("duration", "long").expect_err("that is no number");
    assert_eq!(fault.hint.as_deref(), Some("duration can be 5, 8"));
}

#[test]
fn the_users_file_replaces_a_built_in_model() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let shipped = shipped(HUNYUAN);
    let mine = shipped.replace("Hunyuan Video 1.5", "Mine");
    std::fs::write(folder.path().join("mine.toml"), mine).expect("it can be written");
    std::fs::write(folder.path().join("notes.txt"), "no model").expect("it can be written");
    let loaded = Catalog::load(folder.path()).expect("both are right");
    assert_eq!(loaded.all().len(), catalog().all().len());
    assert_eq!(loaded.find(HUNYUAN).map(|spec| spec.name.as_str()), Ok("Mine"));
    let empty = Catalog::load(&folder.path().join("none")).expect("no folder is an empty one");
    assert_eq!(empty, catalog());
}

#[test]
fn a_wrong_file_is_one_error_with_file_line_and_key() {
    let shipped = shipped(HUNYUAN);
    let check = |from: &str, to: &str, message: &str| {
        let error = file::read("mine.toml", &shipped.replacen(from, to, 1), Origin::User);
        assert_eq!(error.expect_err("it is wrong").to_string(), message);
    };
    check(
        "\nchecked ",
        "\nchekced ",
        "mine.toml: line 14: unknown key `chekced`; did you mean `checked`?",
    );
    check("\"prompt\"", "\"size\"", "mine.toml: `size` is declared twice");
    check(
        "= \"1280*720\"\n",
        "= \"720p\"\n",
        "mine.toml: the default of `size`: size must be one of its values, not \"720p\"",
    );
    check(
        "of = \"duration\"",
        "of = \"time\"",
        "mine.toml: the price names `time`, which is no parameter or input",
    );
    check("min     = -1", "min = -1\nmax_chars = 5", "mine.toml: `seed`: `max_chars` is for text");
}

#[test]
fn a_name_never_finds_two_models() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let shipped = shipped(HUNYUAN);
    let other = shipped.replace(HUNYUAN, "x/y");
    std::fs::write(folder.path().join("other.toml"), other).expect("it can be written");
    let error = Catalog::load(folder.path()).expect_err("both have the same aliases");
    assert!(error.to_string().contains("names both"), "{error}");
}
