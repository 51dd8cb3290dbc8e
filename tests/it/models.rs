//! The provider's whole list of models, where `RUSHES_TEST_MODELS` names a file of it.

use std::time::{Duration, Instant};

use jiff::civil::Date;
use rushes::catalog::{Catalog, Listing, Measured, ModelSpec, ParamKind, ParamSpec, Price};
use serde_json::json;

fn day() -> Date {
    "2026-03-13".parse().expect("a day")
}

/// The answer of `GET /api/v3/models` that `RUSHES_TEST_MODELS` names, where it names one.
fn whole_list() -> Option<String> {
    let Some(path) = std::env::var_os("RUSHES_TEST_MODELS") else {
        eprintln!("skipped: RUSHES_TEST_MODELS names no list of models");
        return None;
    };
    Some(std::fs::read_to_string(path).expect("RUSHES_TEST_MODELS names a file"))
}

#[test]
fn nearly_every_entry_of_the_whole_list_is_usable_and_priced() {
    let Some(body) = whole_list() else { return };
    let listing = Listing::read(&body, day()).expect("it is a list");
    let is_usable = |spec: &&ModelSpec| {
        let faults = spec.faults(&spec.defaults(), &vec![]);
        let only_missing = faults.iter().all(|fault| fault.message.contains("missing"));
        only_missing && spec.keys().next().is_some()
    };
    let usable = listing.models.iter().filter(is_usable).count();
    let all = listing.models.len() + listing.unusable.len();
    assert!(usable * 794 >= all * 784, "{usable} of {all} are usable: {:?}", listing.unusable);
    let (mut formulas, mut exact) = (0, 0);
    for spec in listing.models.iter().filter(|it| matches!(it.price, Some(Price::Formula(_)))) {
        let files = spec.inputs.iter().filter(|input| input.required);
        let measured = files.fold(Measured::default(), |all, it| all.lasting(&it.key, 7_500));
        let needed = spec.params.iter().filter(|param| param.required && param.default.is_none());
        let text = |param: &ParamSpec| match &param.kind {
            ParamKind::Choice { of } => of[0].clone(),
            ParamKind::List { .. } => json!([]),
            ParamKind::Integer { min, .. } => json!(min.unwrap_or(1)),
            _ => json!("a red kite over dunes"),
        };
        let given = needed.map(|param| (param.key.clone(), text(param))).collect();
        formulas += 1;
        exact += usize::from(spec.estimate(&given, &measured).is_some_and(|it| !it.floor));
    }
    // As many as another engine gives a price for: the others name an input that their schema lacks.
    assert!(exact * 442 >= formulas * 432, "{exact} of {formulas} formulas give a price");
    let catalog = Catalog::builtin().expect("the shipped files are right");
    for (spec, differences) in catalog.compared_with(&listing.models) {
        assert_eq!(differences, [], "{}", spec.id);
    }
}

#[test]
fn the_whole_list_is_searched_within_a_key_press() {
    let Some(body) = whole_list() else { return };
    let listing = Listing::read(&body, day()).expect("it is a list");
    let folder = tempfile::tempdir().expect("a folder for the test");
    let catalog = Catalog::with_listed(folder.path(), listing.models).expect("all are right");
    let query = "video upscaler";
    let quickest = (0..5).map(|_| {
        let start = Instant::now();
        assert!(!catalog.search(query).is_empty());
        start.elapsed()
    });
    let quickest = quickest.min().expect("five tries");
    assert!(
        quickest < Duration::from_millis(10),
        "{quickest:?} for {} models",
        catalog.all().len()
    );
}
