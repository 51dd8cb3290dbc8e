//! Tests of the provider's list, over odd entries of our own making.

use serde_json::json;

use super::super::{Catalog, ItemKind, Measured, ParamKind, Then};
use super::*;
use crate::domain::brief::Source;
use crate::domain::{Inputs, Params};

fn day() -> Date {
    "2026-03-13".parse().expect("a day")
}

fn entry(id: &str, kind: &str, schema: &Value) -> Value {
    json!({
        "model_id": id, "name": id, "base_price": 0.25, "formula": "", "type": kind, "sort_order": 1,
        "description": "Makes things move. Ready-to-use REST inference API.",
        "api_schema": {"api_schemas": [
            {"type": "other", "request_schema": {"properties": {"wrong": {"type": "string"}}}},
            {"type": "model_run", "request_schema": schema},
        ]},
    })
}

fn one(kind: &str, schema: &Value) -> ModelSpec {
    let body = json!({"code": 200, "message": "success", "data": [entry("a/b", kind, schema)]});
    let mut listing = Listing::read(&body.to_string(), day()).expect("it is a list");
    assert_eq!(listing.unusable, []);
    listing.models.pop().expect("one entry, one model")
}

fn of_properties(properties: &Value) -> ModelSpec {
    one("image-to-video", &json!({"properties": properties}))
}

#[test]
fn an_entry_becomes_the_same_declaration_as_a_file() {
    let spec = one(
        "image-to-video",
        &json!({
            "type": "object",
            "required": ["image", "prompt", "secret"],
            "x-order-properties": ["image", "gone", "prompt", "prompt"],
            "seed": {"type": "integer"},
            "properties": {
                "duration": {"type": "integer", "enum": [5, 10], "default": 5},
                "prompt": {"type": "string", "maxLength": 2000, "description": " What. "},
                "image": {"type": "string"},
                "secret": {"type": "string", "x-hidden": true},
                "enable_sync_mode": {"type": "boolean", "default": true, "disabled": true},
            },
        }),
    );
    let keys: Vec<&str> = spec.keys().collect();
    assert_eq!(keys, ["image", "prompt", "secret", "duration", "enable_sync_mode"]);
    assert_eq!((spec.operation, spec.output), (Operation::ImageToVideo, MediaKind::Video));
    assert_eq!((spec.origin, spec.about.as_str()), (Origin::Listed, "Makes things move."));
    assert_eq!(spec.param("prompt").and_then(|it| it.about.as_deref()), Some("What."));
    let given = Params::from_iter([("prompt".to_owned(), json!("kite"))]);
    let image: Inputs = vec![("image".to_owned(), Source::File("a.png".into()))];
    assert_eq!(spec.faults(&given, &image), [], "a hidden field is never required");
    let complete = Value::Object(spec.complete(&given));
    assert_eq!(complete, json!({"prompt": "kite", "duration": 5, "enable_sync_mode": false}));
    let estimate = spec.estimate(&given, &Measured::default()).expect("a flat price");
    assert_eq!((estimate.high.decimal().as_str(), estimate.floor), ("0.25", false));
}

#[test]
fn a_property_is_read_by_its_type_whatever_its_component_says() {
    let check = |property: Value, kind: ParamKind| {
        let spec = of_properties(&json!({"it": property}));
        assert_eq!(spec.params[0].kind, kind, "{property}");
    };
    check(json!({"enum": ["a"]}), ParamKind::Choice { of: vec![json!("a")] });
    check(json!({"type": "string", "enum": []}), ParamKind::Text { max_chars: None });
    check(json!({}), ParamKind::Text { max_chars: None });
    check(
        json!({"type": "text", "x-ui-component": "select resolution"}),
        ParamKind::Text { max_chars: None },
    );
    check(
        json!({"type": ["string", "null"], "maxLength": 9}),
        ParamKind::Text { max_chars: Some(9) },
    );
    check(json!({"type": "boolean"}), ParamKind::Switch);
    check(json!({"type": "object"}), ParamKind::Object);
    check(
        json!({"type": "integer", "minimum": 1, "maximum": 9, "step": 2}),
        ParamKind::Integer { min: Some(1), max: Some(9), step: Some(2) },
    );
    check(
        json!({"type": "number", "minimum": 1, "step": 1}),
        ParamKind::Integer { min: Some(1), max: None, step: None },
    );
    check(
        json!({"type": "number", "maximum": 1, "step": 0.01}),
        ParamKind::Number { min: None, max: Some(1.0), step: Some(0.01) },
    );
    check(
        json!({"type": "integer", "x-enum": [3, 4]}),
        ParamKind::Choice { of: vec![json!(3), json!(4)] },
    );
    check(
        json!({"type": "array", "maxItems": 3, "items": {"type": "integer"}}),
        ParamKind::List { item: ItemKind::Integer, min_items: None, max_items: Some(3) },
    );
    let size = of_properties(&json!({"size": {"type": "string", "minimum": 512, "maximum": 2048}}));
    assert_eq!(size.params[0].kind, ParamKind::Size { min: Some(512), max: Some(2048) });
    let voice = of_properties(&json!({"it": {"type": "string", "x-enum": ["Alice", "Bill"]}}));
    assert_eq!(voice.params[0].suggested, [json!("Alice"), json!("Bill")]);
    assert_eq!(voice.params[0].kind, ParamKind::Text { max_chars: None }, "others are allowed");
}

#[test]
fn a_default_is_never_invalid() {
    let default =
        |property: Value| of_properties(&json!({"it": property})).params[0].default.clone();
    assert_eq!(default(json!({"type": "string", "enum": ["a"], "default": "b"})), None);
    assert_eq!(default(json!({"type": "string", "default": ""})), None);
    assert_eq!(default(json!({"type": "integer", "default": null})), None);
    let off_step = json!({"type": "integer", "minimum": 1, "step": 8, "default": 4});
    assert_eq!(default(off_step), Some(json!(4)), "a slider's step is no limit");
}

#[test]
fn a_file_is_known_by_what_it_accepts_or_by_its_name() {
    let check = |key: &str, property: Value, kind: Option<InputKind>| {
        let spec = of_properties(&json!({key: property}));
        assert_eq!(spec.input(key).map(|input| input.kind), kind, "{key}");
    };
    let text = || json!({"type": "string"});
    check("image", text(), Some(InputKind::Image));
    check("end_image", text(), Some(InputKind::LastImage));
    check("mask_image", text(), Some(InputKind::Mask));
    check("left_audio", text(), Some(InputKind::Audio));
    check("video", text(), Some(InputKind::Video));
    check("front_image_url", text(), Some(InputKind::Image));
    check("mask_video", json!({"type": "string", "x-accept": "video/*"}), Some(InputKind::Video));
    check("song", json!({"type": "string", "x-accpet": "audio/mp3"}), Some(InputKind::Audio));
    check(
        "sref",
        json!({"type": "string", "x-ui-component": "uploader", "x-accept": "image/*"}),
        Some(InputKind::Image),
    );
    check(
        "first_frame",
        json!({"type": "string", "x-ui-component-props": {"accept": "image/*"}}),
        Some(InputKind::Image),
    );
    check("data", json!({"type": "string", "x-accept": "application/zip"}), Some(InputKind::File));
    check(
        "reference_urls",
        json!({"type": "array", "x-accept": "image/*,video/*"}),
        Some(InputKind::File),
    );
    check("prompt", text(), None);
    check("voice_id", text(), None);
    check("generate_audio", json!({"type": "boolean"}), None);
    check("image", json!({"type": "string", "enum": ["a"]}), None);
    check("images", json!({"type": "array", "items": {"type": "object"}}), None);
    let several =
        of_properties(&json!({"images": {"type": "array", "minItems": 2, "maxItems": 4}}));
    let images = several.input("images").expect("it is a list of files");
    assert_eq!((images.is_list, images.at_least, images.how_many), (true, 2, 4));
    let told = |count: usize| {
        let file = ("images".to_owned(), Source::File("a.png".into()));
        let faults = several.faults(&Params::new(), &vec![file; count]);
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(told(1), "images needs 2, 1 were given");
    assert_eq!((told(2).as_str(), told(4).as_str()), ("", ""));
    assert_eq!(told(5), "images takes 4, 5 were given");
}

#[test]
fn the_reference_that_leads_nowhere_has_a_known_shape() {
    let spec = of_properties(&json!({"loras": {"type": "array", "maxItems": 3,
        "items": {"$ref": "#/components/schemas/LoraWeight"}}}));
    let keys: Vec<&str> = spec.params[0].fields.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(keys, ["path", "scale"]);
    let given = Params::from_iter([("loras".to_owned(), json!([{"scale": 1, "weight": 2}]))]);
    let told: Vec<String> = spec.faults(&given, &vec![]).iter().map(ToString::to_string).collect();
    assert_eq!(told, ["loras[0].path is missing", "loras[0] has no weight"]);
}

#[test]
fn conditions_of_a_schema_are_checked() {
    let spec = one(
        "image-to-video",
        &json!({
            "properties": {
                "duration": {"type": "integer", "enum": [3, 5, 10], "default": 5},
                "resolution": {"type": "string", "enum": ["720p", "1080p"]},
                "last_image": {"type": "string"},
                "image": {"type": "string"},
            },
            "if": {"properties": {"last_image": {"minLength": 1}}, "required": ["last_image"]},
            "then": {"properties": {"duration": {"enum": [3, 5, 10]}}},
            "else": {"properties": {"duration": {"enum": [5, 10]}}},
            "allOf": [{"if": {"properties": {"resolution": {"const": "1080p"}}},
                "then": {"properties": {"duration": {"enum": [5]}}, "required": ["image"]}}],
            "not": {"required": ["last_image", "image"]},
        }),
    );
    let told = |given: Value| {
        let Value::Object(given) = given else { panic!("the test gives an object") };
        let told: Vec<String> =
            spec.faults(&given, &vec![]).iter().map(ToString::to_string).collect();
        told.join("; ")
    };
    assert_eq!(told(json!({})), "");
    assert_eq!(told(json!({"duration": 3})), "duration cannot be 3 without last_image");
    assert_eq!(told(json!({"duration": 3, "last_image": "https://x"})), "");
    assert_eq!(
        told(json!({"resolution": "1080p", "duration": 10})),
        "duration cannot be 10 at resolution 1080p; \
         image is missing: it is needed at resolution 1080p"
    );
    assert_eq!(
        told(json!({"last_image": "https://x", "image": "https://y"})),
        "image cannot be given with last_image"
    );
    assert!(spec.conditions.iter().any(|condition| condition.then == Then::Never));
}

#[test]
fn one_bad_entry_does_not_spoil_the_others() {
    let body = json!([
        entry("a/good", "text-to-image", &json!({"properties": {"prompt": {"type": "string"}}})),
        {"model_id": "a/no-schema", "base_price": 1},
        {"model_id": "a/odd", "api_schema": {"api_schemas": "none"}},
        {"name": "no id"},
        5,
        {"model_id": " ", "api_schema": {}},
    ]);
    let listing = Listing::read(&body.to_string(), day()).expect("it is a list");
    let ids: Vec<&str> = listing.models.iter().map(|spec| spec.id.as_str()).collect();
    assert_eq!(ids, ["a/good"]);
    assert_eq!(listing.models[0].operation, Operation::Image);
    let unusable: Vec<&str> = listing.unusable.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(unusable, ["a/no-schema", "a/odd", "?", "?", " "]);
    for body in ["", "<html>", "5", "{\"code\": 200}", "{\"data\": {}}"] {
        assert!(Listing::read(body, day()).is_err(), "{body:?} was taken for a list");
    }
}

#[test]
fn a_listed_model_stands_beside_the_built_in_ones_and_below_the_users() {
    let schema = &json!({"properties": {"prompt": {"type": "string"}}});
    let built_in = "google/veo3.1/text-to-video";
    let body = json!([
        entry("a/new", "text-to-video", schema),
        entry(built_in, "text-to-video", schema),
        entry("a/new", "text-to-video", schema),
        entry("a/mine", "text-to-video", schema),
    ]);
    let listing = Listing::read(&body.to_string(), day()).expect("it is a list");
    let folder = tempfile::tempdir().expect("a folder for the test");
    let mine = "id = \"a/mine\"\nname = \"Mine\"\nproviders = [\"wavespeed\"]\noperation = \"other\"\n\
        about = \"For tests.\"\nsource = \"a test\"\nchecked = \"2026-03-13\"\noutput = \"video\"";
    std::fs::write(folder.path().join("mine.toml"), mine).expect("it can be written");
    let catalog = Catalog::with_listed(folder.path(), listing.models).expect("all are right");
    let origin = |id: &str| catalog.find(id).map(|spec| spec.origin).ok();
    assert_eq!(origin(built_in), Some(Origin::BuiltIn));
    assert_eq!(origin("a/new"), Some(Origin::Listed));
    assert_eq!(origin("a/mine"), Some(Origin::User));
    let count = |id: &str| catalog.all().iter().filter(|spec| spec.id.as_str() == id).count();
    assert_eq!([count(built_in), count("a/new"), count("a/mine")], [1, 1, 1]);
    let last = catalog.all().last().map(|spec| spec.id.as_str());
    assert_eq!(last, Some("a/mine"));
}

#[test]
fn differences_from_the_list_are_told() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let body = json!([entry(
        "lightricks/ltx-2-pro/text-to-video",
        "text-to-video",
        &json!({
            "required": ["prompt"],
            "properties": {
                "prompt": {"type": "string", "maxLength": 5000},
                "duration": {"type": "integer", "enum": [6, 8, 10, 12], "default": 8},
                "seed": {"type": "integer"},
            },
        })
    )]);
    let listing = Listing::read(&body.to_string(), day()).expect("it is a list");
    let compared = catalog.compared_with(&listing.models);
    let ltx = |(spec, _): &&(&ModelSpec, _)| spec.id == listing.models[0].id;
    let (_, differences) = compared.iter().find(ltx).expect("it differs");
    let fields: Vec<&str> = differences.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["generate_audio", "seed", "duration", "duration by default", "price"]);
    assert_eq!((&*differences[4].ours, &*differences[4].theirs), ("$0.36", "$0.25"));
    // The list is one service's: what another runs is not missing in it.
    let here = |spec: &&ModelSpec| spec.runs_on(crate::domain::ProviderId::Wavespeed);
    let here = catalog.all().iter().filter(here).count();
    assert_eq!(compared.len(), here, "the others are not in the list at all");
    assert!(here < catalog.all().len());
    assert_eq!(compared[0].1[0].to_string(), "no longer listed");
    let words: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(words[2], "duration: 6, 8, 10 here; 6, 8, 10, 12 there");
}
