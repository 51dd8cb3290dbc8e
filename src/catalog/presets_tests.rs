//! What presets change, and what they leave.

use super::*;
use crate::catalog::Catalog;
use crate::domain::ProviderId;

fn change(preset: &str, model: &str, prompt: &str, params: &Params) -> Change {
    let (presets, catalog) = (Presets::built_in().unwrap(), Catalog::builtin().unwrap());
    presets.find(preset).unwrap().change(catalog.find(model).unwrap(), prompt, (params, &vec![]))
}

const WAN: &str = "alibaba/wan-2.5/text-to-video";

#[test]
fn words_go_behind_the_prompt_once() {
    let none = Params::new();
    let check = |prompt: &str, expected: Option<&str>| {
        let change = change("dolly-in", WAN, prompt, &none);
        assert_eq!(change.prompt.as_deref(), expected, "{prompt:?}");
    };
    check("a kite", Some("a kite, slow dolly in"));
    check("A kite.", Some("A kite. slow dolly in"));
    check("", Some("slow dolly in"));
    check("a kite, Slow Dolly In, dusk", None);
}

#[test]
fn a_shape_is_set_in_the_models_own_words() {
    let none = Params::new();
    let set = |preset: &str, model: &str, params: &Params| change(preset, model, "", params).set;
    assert_eq!(set("tall", WAN, &none), [("size".to_owned(), Value::from("720*1280"))]);
    let large = Params::from_iter([("size".to_owned(), Value::from("1920*1080"))]);
    assert_eq!(set("tall", WAN, &large), [("size".to_owned(), Value::from("1080*1920"))]);
    let seedance = "bytedance/seedance-v1.5-pro/text-to-video";
    assert_eq!(set("tall", seedance, &none), [("aspect_ratio".to_owned(), Value::from("9:16"))]);
    assert!(set("wide", WAN, &none).is_empty(), "it is so already");
}

#[test]
fn what_a_model_cannot_do_is_told_and_the_rest_is_done() {
    let change = change("cinema", WAN, "", &Params::new());
    assert!(change.is_nothing());
    assert!(change.left_out[0].contains("21:9"), "{change:?}");
}

#[test]
fn every_preset_leaves_every_model_with_a_brief_that_has_no_new_fault() {
    let (presets, catalog) = (Presets::built_in().unwrap(), Catalog::builtin().unwrap());
    let (mut changed, mut tried) = (0, 0);
    for spec in catalog.all().iter().filter(|spec| spec.runs_on(ProviderId::Sandbox)) {
        let given = spec.complete(&Params::new());
        let faults = |params: &Params| -> Vec<String> {
            let faults = spec.faults(params, &vec![]);
            faults.into_iter().map(|fault| fault.message).collect()
        };
        let before = faults(&given);
        for preset in presets.all() {
            let change = preset.change(spec, "", (&given, &vec![]));
            let mut after = given.clone();
            after.extend(change.set.clone());
            if let (Some(prompt), Some(key)) = (change.prompt.clone(), spec.words_key()) {
                after.insert(key.to_owned(), prompt.into());
            }
            let new: Vec<_> =
                faults(&after).into_iter().filter(|it| !before.contains(it)).collect();
            assert!(new.is_empty(), "{} on {}: {new:?}", preset.name, spec.id);
            tried += 1;
            changed += usize::from(!change.is_nothing());
        }
    }
    assert!(changed * 2 > tried, "presets change little: {changed} of {tried}");
}

#[test]
fn ones_own_preset_takes_the_place_of_another_and_a_wrong_one_is_told() {
    let with = |text: &str| Presets::with_own(&[("mine.toml".to_owned(), text.to_owned())]);
    let orbit = "[[preset]]\nname = \"orbit\"\nlabel = \"Mine\"\nwords = \"round and round\"";
    let presets = with(&format!("group = \"camera\"\n{orbit}")).unwrap();
    assert_eq!(presets.find("orbit").unwrap().label, "Mine");
    assert_eq!(presets.all().len(), Presets::built_in().unwrap().all().len());
    assert_eq!(presets.find("orbt").unwrap_err().near.as_deref(), Some("orbit"));
    let two_words = "group = \"a\"\n[[preset]]\nname = \"a b\"\nlabel = \"\"";
    for wrong in ["group = 1", "[[preset]]\nname = \"a\"", two_words] {
        assert!(with(wrong).unwrap_err().to_string().contains("mine.toml"));
    }
}
