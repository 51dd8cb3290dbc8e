//! Tests of the names that find a model.

use serde_json::json;

use super::Catalog;
use crate::domain::{Inputs, Operation, Params};

fn catalog() -> Catalog {
    Catalog::builtin().expect("the shipped files are right")
}

#[test]
fn a_name_that_is_nearly_part_of_an_id_finds_that() {
    let catalog = catalog();
    let near = |name: &str| catalog.find(name).expect_err("nothing has this name").near;
    let wan = ["alibaba/wan-2.5/image-to-video", "alibaba/wan-2.5/text-to-video"];
    for name in ["wan-25", "wan-2.5"] {
        let near = near(name);
        assert!(wan.iter().all(|id| near.iter().any(|it| it.as_str() == *id)), "{name}: {near:?}");
    }
}

#[test]
fn a_name_finds_what_it_really_is() {
    let catalog = catalog();
    let check = |name: &str, id: &str| {
        assert_eq!(catalog.find(name).map(|spec| spec.id.as_str()), Ok(id), "{name}");
    };
    check("hunyuan-video-1.5", "wavespeed-ai/hunyuan-video-1.5/text-to-video");
    check("lightricks/ltx-2-pro", "lightricks/ltx-2-pro/text-to-video");
    check("lightricks/ltx-2-fast", "lightricks/ltx-2-fast/text-to-video");
    check("ltx-2-retake/text-to-video", "lightricks/ltx-2-retake");
    check("lightricks/ltx-2-retake/text-to-video", "lightricks/ltx-2-retake");
    check("alibaba/wan-2.5", "alibaba/wan-2.5/image-to-video");
    check("wavespeed/kandinsky5-pro", "wavespeed-ai/kandinsky5-pro/image-to-video");
    check("wavespeed/kandinsky5-pro/image-to-video", "wavespeed-ai/kandinsky5-pro/image-to-video");
    check("google/veo3.1", "google/veo3.1/text-to-video");
    check("wavespeed/mocha", "wavespeed-ai/wan-2.1/mocha");
    check("Hunyuan-Video-1.5", "wavespeed-ai/hunyuan-video-1.5/text-to-video");
    check("wavespeed-ai/hunyuan-video-1.5", "wavespeed-ai/hunyuan-video-1.5/text-to-video");
    check("hunyuan-video-1.5/text-to-video", "wavespeed-ai/hunyuan-video-1.5/text-to-video");
    check("LTX-2-Pro", "lightricks/ltx-2-pro/text-to-video");
    check("lightricks/ltx-2-fast/text-to-video", "lightricks/ltx-2-fast/text-to-video");
    check("GOOGLE/Veo3.1/text-to-video", "google/veo3.1/text-to-video");
    check("alibaba/wan-2.5/image-to-video", "alibaba/wan-2.5/image-to-video");
    check(
        "kwaivgi/kling-v2.5-turbo-std/image-to-video",
        "kwaivgi/kling-v2.5-turbo-std/image-to-video",
    );
    check("infinitetalk", "wavespeed-ai/infinitetalk");
    check("hunyuan-avatar", "wavespeed-ai/hunyuan-avatar");
    check("flashvsr", "wavespeed-ai/flashvsr");
    // A part of a name is no name: it would send money to the wrong one.
    for part in ["", "video", "1.5", "pro", "veo3.1/text", "hunyuan", " flashvsr"] {
        assert!(catalog.find(part).is_err(), "{part:?} found a model");
    }
    let retake = catalog.find("ltx-2-retake/text-to-video").expect("it has that alias");
    assert_eq!(retake.operation, Operation::Retake);
    let faults =
        retake.faults(&Params::from_iter([("prompt".to_owned(), json!("kite"))]), &Inputs::new());
    assert_eq!(faults[0].message, "video is missing");
    let hint = "LTX-2 Retake works from a video: give one with --video FILE or URL";
    assert_eq!(faults[0].hint.as_deref(), Some(hint));
}

#[test]
fn a_name_without_its_operation_means_the_one_of_its_family() {
    let catalog = catalog();
    let check = |name: &str, operation, id: &str| {
        let found = catalog.find_for(name, operation).map(|spec| spec.id.as_str());
        assert_eq!(found, Ok(id), "{name}");
    };
    let (text, image) = (Operation::TextToVideo, Operation::ImageToVideo);
    check("alibaba/wan-2.5", text, "alibaba/wan-2.5/text-to-video");
    check("alibaba/wan-2.5", image, "alibaba/wan-2.5/image-to-video");
    check("veo3.1", image, "google/veo3.1/image-to-video");
    check("google/veo3.1/text-to-video", image, "google/veo3.1/text-to-video");
    check("veo3.1/text-to-video", image, "google/veo3.1/text-to-video");
    check("ltx-2-retake/text-to-video", text, "lightricks/ltx-2-retake");
    check("flashvsr", text, "wavespeed-ai/flashvsr");
}
