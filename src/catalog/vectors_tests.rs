//! Forty prices that the provider's own formulas gave on 2026-03-13, worked out by another engine.

use serde_json::{Value, json};

use super::{Catalog, Measured};
use crate::domain::Usd;

/// A model, what is given beside its defaults, files with their milliseconds, and micro-dollars.
type Vector = (&'static str, Value, &'static [(&'static str, u64)], i64);

#[rustfmt::skip]
fn vectors() -> Vec<Vector> {
    vec![
        ("wavespeed-ai/hunyuan-video-1.5/text-to-video", json!({"size": "832*480", "duration": 8}), &[], 160_000),
        ("wavespeed-ai/hunyuan-video-1.5/text-to-video", json!({"size": "1280*720", "duration": 8}), &[], 320_000),
        ("lightricks/ltx-2-pro/text-to-video", json!({"duration": 10}), &[], 600_000),
        ("lightricks/ltx-2-fast/text-to-video", json!({"duration": 20}), &[], 800_000),
        ("lightricks/ltx-2-retake", json!({}), &[("video", 1_000)], 200_000),
        ("lightricks/ltx-2-retake", json!({}), &[("video", 30_000)], 1_600_000),
        ("alibaba/wan-2.5/text-to-video", json!({"size": "1920*1080", "duration": 10}), &[], 1_500_000),
        ("alibaba/wan-2.5/image-to-video", json!({"resolution": "480p", "duration": 3}), &[], 150_000),
        ("wavespeed-ai/kandinsky5-pro/image-to-video", json!({"resolution": "1024p", "duration": 5}), &[], 200_000),
        ("google/veo3.1/text-to-video", json!({"duration": 4, "generate_audio": false}), &[], 800_000),
        ("google/veo3.1-fast/text-to-video", json!({"duration": 8, "generate_audio": true}), &[], 1_200_000),
        ("google/veo3.1/video-extend", json!({}), &[("video", 8_000)], 2_800_000),
        ("wavespeed-ai/infinitetalk", json!({"resolution": "480p"}), &[("audio", 60_000)], 1_800_000),
        ("wavespeed-ai/infinitetalk", json!({"resolution": "720p"}), &[("audio", 700_000)], 36_000_000),
        ("wavespeed-ai/infinitetalk/multi", json!({"order": "meanwhile"}), &[("left_audio", 6_000), ("right_audio", 4_000)], 180_000),
        ("wavespeed-ai/infinitetalk/multi", json!({"order": "left_right"}), &[("left_audio", 6_000), ("right_audio", 4_000)], 300_000),
        ("wavespeed-ai/infinitetalk-fast", json!({}), &[("audio", 10_000)], 150_000),
        ("wavespeed-ai/hunyuan-avatar", json!({"resolution": "720p"}), &[("audio", 200_000)], 7_200_000),
        ("wavespeed-ai/wan-2.1/mocha", json!({"resolution": "720p"}), &[("video", 10_000)], 800_000),
        ("wavespeed-ai/video-face-swap", json!({}), &[("video", 3_000)], 50_000),
        ("wavespeed-ai/flashvsr", json!({"target_resolution": "1080p"}), &[("video", 10_000)], 180_000),
        ("wavespeed-ai/flashvsr", json!({"target_resolution": "4k"}), &[("video", 3_000)], 160_000),
        ("bytedance/video-upscaler", json!({"target_resolution": "4k"}), &[("video", 10_000)], 288_000),
        ("wavespeed-ai/wan-2.2-spicy/video-extend", json!({"resolution": "720p", "duration": 8}), &[], 480_000),
        ("bytedance/seedance-v1.5-pro/video-extend", json!({"resolution": "1080p", "duration": 5, "generate_audio": true}), &[], 520_000),
        ("bytedance/seedance-v1.5-pro/video-extend", json!({"resolution": "480p", "duration": 5, "generate_audio": false}), &[], 60_000),
        ("wavespeed-ai/video-background-remover", json!({}), &[("video", 3_000)], 50_000),
        ("wavespeed-ai/video-background-remover", json!({}), &[("video", 700_000)], 6_000_000),
        ("heygen/video-translate", json!({}), &[("video", 10_000)], 375_000),
        ("wavespeed-ai/hunyuan-video-foley", json!({}), &[("video", 30_000)], 50_000),
        ("wavespeed-ai/mmaudio-v2", json!({"duration": 8}), &[("video", 8_000)], 8_000),
        ("kwaivgi/kling-v2.6-pro/text-to-video", json!({"duration": 5}), &[], 700_000),
        ("kwaivgi/kling-video-o1-std/reference-to-video", json!({"duration": 5}), &[], 630_000),
        ("kwaivgi/kling-video-o1-std/reference-to-video", json!({"duration": 5, "video": ""}), &[], 420_000),
        ("alibaba/wan-2.6/text-to-video", json!({"size": "1920*1080", "duration": 15}), &[], 2_250_000),
        ("alibaba/wan-2.6/reference-to-video", json!({"duration": 5}), &[], 1_000_000),
        ("openai/sora-2/text-to-video-pro", json!({"size": "1792*1024", "duration": 12}), &[], 6_000_000),
        ("minimax/hailuo-2.3/t2v-standard", json!({"duration": 10}), &[], 560_000),
        ("vidu/text-to-video-q2", json!({"resolution": "1080p", "duration": 8}), &[], 450_000),
        ("vidu/image-to-video-q2-turbo", json!({"resolution": "720p", "duration": 5}), &[], 200_000),
    ]
}

#[test]
fn forty_prices_of_the_provider_come_out() {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let vectors = vectors();
    assert_eq!(vectors.len(), 40);
    for (model, given, files, micros) in vectors {
        let spec = catalog.find(model).expect("it is built in");
        assert_eq!(spec.id.as_str(), model);
        let Value::Object(given) = given else { panic!("the table gives objects") };
        let measured =
            files.iter().fold(Measured::default(), |all, (key, ms)| all.lasting(*key, *ms));
        let estimate = spec.estimate(&given, &measured).expect("it has a price");
        assert_eq!(estimate.high, Usd::from_micros(micros), "{model} {given:?}");
        assert!(!estimate.floor && estimate.low == estimate.high, "{model} {given:?}");
    }
}
