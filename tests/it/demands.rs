//! What the product was asked to do: each demand in a sentence, and the tests that hold it.

use std::collections::BTreeSet;
use std::path::Path;

use rushes::catalog::Catalog;
use rushes::domain::ProviderId;
use serde_json::Value;

use crate::support::binary::Home;
use crate::support::server::Server;
use crate::support::world::World;
use crate::support::{RUBBISH, id};

/// Each demand with what proves it. A name that no test has any longer fails the test below.
const DEMANDS: [(&str, &[&str]); 17] = [
    (
        "There is one entry point for all generation, and no second path.",
        &["nothing_creates_a_take_but_the_pipeline", "one_place_submits"],
    ),
    (
        "Text to video runs in it: Hunyuan 1.5, LTX-2 pro and fast; and LTX-2 retake.",
        &[
            "the_models_that_were_asked_for_run_here_by_their_short_names",
            "every_built_in_model_runs_to_a_probed_file_with_its_library_and_ledger_rows",
        ],
    ),
    (
        "A short name means its full path, and a name that is not known stays as it was written.",
        &[
            "every_alias_finds_its_model_and_nothing_else_does",
            "a_name_that_nobody_knows_is_told_as_it_was_written",
        ],
    ),
    (
        "Prompt, length, size, model, negative prompt, seed, sound, expansion, progress and what else a model has.",
        &[
            "everything_that_a_model_declares_reaches_the_provider_as_it_was_given",
            "a_least_brief_of_every_model_is_sent_with_exactly_its_declared_keys",
            "bytes_are_told_while_a_job_is_checked",
        ],
    ),
    (
        "Submitted once, then asked about; after 600 s at work a run is overdue; never in sync mode.",
        &[
            "an_accepted_submission_has_its_id_stored_before_the_first_poll",
            "an_overdue_job_is_asked_about_for_a_day_and_then_in_doubt_with_its_hold",
            "no_run_is_asked_for_in_sync_mode",
        ],
    ),
    (
        "The result record has file, prompt, length, model, cost, provider, size and metadata, all measured.",
        &["the_record_of_a_take_has_every_figure_of_its_file"],
    ),
    (
        "Everything is checked before anything is sent.",
        &[
            "what_is_blocked_sends_nothing_and_holds_nothing",
            "one_bad_input_of_each_kind_for_each_operation_is_exit_4_and_nothing_is_sent",
        ],
    ),
    (
        "Usage is tracked for everything.",
        &[
            "every_built_in_model_runs_to_a_probed_file_with_its_library_and_ledger_rows",
            "the_ledger_and_the_events_cannot_be_changed_or_charged_twice",
        ],
    ),
    (
        "Every file is saved.",
        &[
            "a_take_is_whole_hashed_and_told_byte_by_byte",
            "an_output_that_is_no_video_is_saved_with_its_kind",
        ],
    ),
    (
        "Everything that was made is in the library.",
        &[
            "every_built_in_model_runs_to_a_probed_file_with_its_library_and_ledger_rows",
            "several_outputs_become_takes_of_one_job_with_one_charge",
        ],
    ),
    (
        "Costs and model names are worked out inside, not by callers.",
        &[
            "forty_prices_come_out_of_the_binary_blocked_briefs_included",
            "every_model_is_valid_priced_and_sends_what_it_declares",
        ],
    ),
    (
        "What callers rely on keeps its shape.",
        &["a_take_line_has_just_its_fields", "exit_codes_mean_what_they_say"],
    ),
    (
        "Image to video works through it, from a file, an address or a picture of the library.",
        &[
            "a_picture_chosen_by_keys_becomes_a_video",
            "an_image_to_video_starts_from_the_given_picture_in_its_shape",
            "no_operation_is_left_out",
        ],
    ),
    (
        "Talking heads and enhancement are operations like any other.",
        &[
            "an_avatar_lasts_as_long_as_its_sound_and_carries_it_where_it_is_aac",
            "an_upscale_has_the_target_size_and_the_length_rate_and_sound_of_its_source",
        ],
    ),
    (
        "A portrait talks for as long as its recording, and a failure of it is told like any other.",
        &[
            "what_the_sandbox_says_of_an_output_is_in_the_take_line",
            "a_file_that_will_not_do_is_refused_before_anything_is_sent",
        ],
    ),
    (
        "There is nothing to migrate: no switch turns an older path on.",
        &["nothing_creates_a_take_but_the_pipeline"],
    ),
    (
        "Tests: each model, each operation, pre-flight, usage, saving, the library.",
        &[
            "every_built_in_model_runs_to_a_probed_file_with_its_library_and_ledger_rows",
            "no_operation_is_left_out",
        ],
    ),
];

/// Every function below these folders that is a test.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            tests_below(&path, found);
            continue;
        }
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut is_next = false;
        for line in text.lines().map(str::trim) {
            let name = line.trim_start_matches("async ").strip_prefix("fn ");
            match name.and_then(|rest| rest.split_once('(')) {
                Some((name, _)) if is_next => {
                    found.insert(name.to_owned());
                    is_next = false;
                }
                Some(_) => is_next = false,
                None => is_next |= line == "#[test]" || line.starts_with("#[tokio::test"),
            }
        }
    }
}

#[test]
fn each_demand_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeSet::new();
    for folder in ["src", "tests/it"] {
        tests_below(&root.join(folder), &mut tests);
    }
    assert!(tests.contains("each_demand_has_its_tests") && !tests.contains("tests_below"));
    for (demand, held_by) in DEMANDS {
        assert!(!held_by.is_empty(), "{demand} has no test");
        for test in held_by {
            assert!(tests.contains(*test), "{demand} There is no test {test}");
        }
    }
}

#[test]
fn the_models_that_were_asked_for_run_here_by_their_short_names() {
    let catalog = Catalog::builtin().unwrap();
    for (name, id) in [
        ("hunyuan-video-1.5", "wavespeed-ai/hunyuan-video-1.5/text-to-video"),
        ("ltx-2-pro", "lightricks/ltx-2-pro/text-to-video"),
        ("ltx-2-fast", "lightricks/ltx-2-fast/text-to-video"),
        ("ltx-2-retake", "lightricks/ltx-2-retake"),
    ] {
        let spec = catalog.find(name).unwrap();
        assert_eq!((spec.id.as_str(), spec.availability()), (id, Ok(())), "{name}");
        assert!(spec.runs_on(ProviderId::Wavespeed) && spec.runs_on(ProviderId::Sandbox), "{id}");
    }
}

#[test]
fn a_name_that_nobody_knows_is_told_as_it_was_written() {
    let unknown = Catalog::builtin().unwrap().find("Some/Made-Up.v2").unwrap_err();
    assert!(unknown.to_string().contains("Some/Made-Up.v2"), "{unknown}");
}

#[tokio::test]
async fn no_run_is_asked_for_in_sync_mode() {
    let server = Server::start().await;
    server.does_well(&id(1), RUBBISH);
    World::new(&server).await.run().await;
    let sent = server.submitted().remove(0);
    let keys: Vec<_> = sent.as_object().unwrap().keys().collect();
    assert!(!keys.iter().any(|key| key.contains("sync")), "{keys:?}");
}

#[tokio::test]
async fn the_record_of_a_take_has_every_figure_of_its_file() {
    let home = Home::filming().set("RUSHES_SANDBOX_SPEED", "40");
    let ran =
        home.run(&["generate", "a red kite", "-p", "seed=3", "-p", "size=832*480", "--json"]).await;
    assert_eq!(ran.code(), Some(0), "{ran:?}");
    let take = ran.of_type("take").remove(0);
    let told = |key: &str| take.get(key).unwrap_or(&Value::Null).clone();
    assert_eq!((told("prompt"), told("seed")), ("a red kite".into(), 3.into()));
    assert_eq!((told("width"), told("height")), (832.into(), 480.into()));
    assert_eq!((told("duration"), told("fps")), (5.0.into(), 24.0.into()));
    assert_eq!(told("resolution"), "480p");
    assert_eq!(told("cost"), "0.10");
    assert_eq!((told("provider"), told("cost_basis")), ("sandbox".into(), "simulated".into()));
    assert_eq!(told("model_name"), "wavespeed-ai/hunyuan-video-1.5/text-to-video");
    assert!(told("metadata").is_object(), "{take}");
    let file = std::fs::read(told("path").as_str().unwrap()).unwrap();
    assert_eq!(told("bytes"), file.len() as u64);
    assert_eq!(told("sha256"), crate::support::sha256(&file));
}
