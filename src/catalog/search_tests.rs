//! Tests of the search: what it finds, and in which order.

use super::super::Catalog;
use crate::domain::ProviderId;

fn first(query: &str, count: usize) -> Vec<String> {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    catalog.search(query).iter().take(count).map(|spec| spec.id.to_string()).collect()
}

#[test]
fn nothing_typed_finds_everything_in_its_order() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    assert_eq!(catalog.search(" ").len(), catalog.all().len());
    assert_eq!(catalog.search("")[0].id, catalog.all()[0].id);
}

#[test]
fn a_name_comes_before_what_is_said_in_passing() {
    assert_eq!(first("FlashVSR", 1), ["wavespeed-ai/flashvsr"]);
    assert_eq!(first("retake", 1), ["lightricks/ltx-2-retake"]);
    assert_eq!(first("ltx-2-pro/text-to-video", 1), ["lightricks/ltx-2-pro/text-to-video"]);
    let upscalers = first("upscaler", 6);
    assert!(upscalers.iter().all(|id| id.contains("upscaler")), "{upscalers:?}");
}

#[test]
fn all_words_have_to_fit_in_any_order() {
    let found = first("video-extend WAN 2.5", 9);
    assert_eq!(found[0], "alibaba/wan-2.5/video-extend");
    assert_eq!(first("wan zeppelin", 1), Vec::<String>::new());
}

#[test]
fn letters_in_their_order_find_an_id() {
    assert!(first("klngv3", 3).iter().any(|id| id.contains("kling-v3.0")));
    assert_eq!(first("qqqq", 1), Vec::<String>::new());
}

#[test]
fn everything_that_a_model_says_of_itself_finds_it() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let finds = |query: &str, id: &str| {
        let found = catalog.search(query);
        assert!(found.iter().any(|spec| spec.id.as_str() == id), "{query:?} does not find {id}");
        assert!(found.len() < catalog.all().len(), "{query:?} finds everything");
    };
    finds("wavespeed/mocha", "wavespeed-ai/wan-2.1/mocha");
    finds("talking-avatar", "wavespeed-ai/infinitetalk");
    finds("Figures in a picture move", "bytedance/dreamactor-v2");
    finds("sandbox", "kwaivgi/kling-v3.0-pro/text-to-video");
    let sandbox = catalog.search("sandbox text-to-video");
    assert!(sandbox.iter().all(|spec| spec.runs_on(ProviderId::Sandbox)), "{}", sandbox.len());
}
