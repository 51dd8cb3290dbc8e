//! Tests of a story beside the library.

use jiff::Timestamp;

use super::*;
use crate::domain::ledger::Balance;
use crate::domain::{
    Account, AssetId, Basis, Fingerprint, JobId, MediaFacts, MediaKind, Operation, Origin,
    PredictionId, Progress, Stage, StoryId, Times, Verdict,
};
use crate::story::read;

/// A library that makes what it is asked for at once.
#[derive(Default)]
pub(in crate::story) struct Library {
    pub(in crate::story) made: Vec<Made>,
    pub(in crate::story) given: BTreeMap<Named, Result<Given, String>>,
    chosen: BTreeMap<String, Result<Asset, String>>,
    again: BTreeSet<String>,
    only: Option<BTreeSet<String>>,
}

impl Library {
    pub(in crate::story) fn plan(&self, text: &str) -> Plan {
        let (mut story, faults) = read(text).expect("TOML");
        assert_eq!(faults, []);
        story.id = Some(StoryId::at(1, &[1; 10]));
        let catalog = Catalog::builtin().expect("models");
        Plan::of(
            &story,
            Vec::new(),
            &Outlook {
                catalog: &catalog,
                provider: ProviderId::Sandbox,
                project: None,
                given: &self.given,
                chosen: &self.chosen,
                made: &self.made,
                again: &self.again,
                only: self.only.as_ref(),
            },
        )
    }

    /// Makes everything that can be made, until nothing is missing.
    pub(in crate::story) fn make_all(&mut self, text: &str) -> Plan {
        for _ in 0..10 {
            let plan = self.plan(text);
            let wanted: Vec<Brief> = plan
                .missing()
                .filter(|(_, step)| step.standing == Standing::Wanted)
                .map(|(_, step)| step.brief.clone())
                .collect();
            if wanted.is_empty() {
                return plan;
            }
            for brief in wanted {
                self.make(brief, Stage::Done { prediction: PredictionId::new("p") });
            }
        }
        panic!("it never ends");
    }

    pub(in crate::story) fn make(&mut self, brief: Brief, stage: Stage) -> JobId {
        let number = u8::try_from(self.made.len() + 1).expect("a few");
        let job = job(number, brief, stage);
        let assets = match job.stage {
            Stage::Done { .. } => vec![asset(&job)],
            _ => Vec::new(),
        };
        let id = job.id;
        self.made.push(Made { job, assets });
        id
    }

    pub(in crate::story) fn file(&mut self, name: &str, content: &str) {
        let source = Source::File(format!("/films/{name}").into());
        self.given.insert(name.to_owned(), Ok(Given { source, content: content.to_owned() }));
    }
}

fn job(number: u8, brief: Brief, stage: Stage) -> Job {
    let at = Timestamp::UNIX_EPOCH;
    Job {
        id: JobId::at(u64::from(number), &[number; 10]),
        number: u32::from(number),
        batch: None,
        account: Account {
            provider: brief.provider,
            base_url: "sandbox".into(),
            credential: Fingerprint::new("sandbox"),
        },
        brief,
        estimate: None,
        hold: Usd::ZERO,
        stage,
        abandoned: false,
        settled: false,
        reason: None,
        not_before: None,
        wish: None,
        progress: Progress::default(),
        times: Times {
            created: at,
            submitted: None,
            accepted: None,
            processing: None,
            ended: None,
            stage: at,
        },
        balance: Balance::default(),
    }
}

fn asset(job: &Job) -> Asset {
    Asset {
        id: AssetId::at(u64::from(job.number), &[9; 10]),
        number: job.number,
        path: String::new(),
        sha256: format!("content of {}", job.number),
        bytes: 1,
        mime: String::new(),
        kind: MediaKind::Video,
        facts: MediaFacts::default(),
        unreadable: None,
        prompt: String::new(),
        origin: Some(Origin {
            job: job.id,
            take: 1,
            provider: job.brief.provider,
            model: job.brief.model.clone(),
            operation: job.brief.operation,
            prediction: PredictionId::new("p"),
            source_url: String::new(),
            seed: None,
            cost: Usd::ZERO,
            cost_basis: Basis::Simulated,
        }),
        parent: None,
        project: None,
        tags: Vec::new(),
        rating: 0,
        favourite: false,
        verdict: None,
        reason: None,
        created: Timestamp::UNIX_EPOCH,
        trashed: None,
        metadata: serde_json::Map::new(),
    }
}

const TWO: &str = r#"
title = "Kites"
params = { duration = 5 }
[[scene]]
id = "a"
title = "One"
prompt = "a kite"
params = { size = "832*480", seed = 7 }
[[scene]]
id = "b"
prompt = "a shore"
"#;

/// One that begins with words.
const TALK: &str = r#"
[cast.ada]
portrait = "ada.png"
voice = "Calm_Woman"
params = { speed = 1.5 }
[[scene]]
id = "talk"
speaker = "ada"
words = "Nobody knew whose kite it was."
"#;

fn missing(plan: &Plan) -> Vec<(String, SceneStep)> {
    plan.missing().map(|(scene, step)| (scene.id.clone(), step.step)).collect()
}

fn statuses(plan: &Plan) -> Vec<&'static str> {
    plan.scenes.iter().map(|scene| scene.status().as_str()).collect()
}

#[test]
fn defaults_are_merged_and_a_scene_says_otherwise() {
    let library = Library::default();
    let plan = library.plan(
        r#"
        negative_prompt = "blur"
        params = { duration = 8, sound = true }
        [defaults.text-to-video]
        params = { size = "832*480", duration = 5 }
        [[scene]]
        id = "a"
        prompt = "kite"
        [[scene]]
        id = "b"
        prompt = "shore"
        params = { duration = 8 }
        "#,
    );
    assert_eq!(plan.faults().count(), 0);
    let params = |place: usize| plan.scenes[place].steps[0].brief.params.clone();
    // The usual model has no `sound`: what is said for all scenes is for those that have it.
    assert_eq!(
        serde_json::Value::Object(params(0)),
        serde_json::json!({"duration": 5, "negative_prompt": "blur", "size": "832*480", "prompt": "kite"})
    );
    assert_eq!(params(1)["duration"], 8);
    let brief = &plan.scenes[0].steps[0].brief;
    assert_eq!(brief.operation, Operation::TextToVideo);
    assert_eq!(brief.scene.as_ref().map(|of| of.scene.as_str()), Some("a"));
}

#[test]
fn titles_places_comments_and_the_order_of_keys_change_nothing() {
    let mut library = Library::default();
    library.make_all(TWO);
    let plan = library.plan(
        r#"
        # moved, renamed, reordered
        params = { duration = 5 }
        title = "Other"
        [[scene]]
        prompt = "a shore"
        title = "New"
        id = "b"
        [[scene]]
        id = "a"
        pause = 2
        params = { seed = 7, size = "832*480" }
        prompt = "a kite"
        "#,
    );
    assert_eq!(missing(&plan), []);
    assert_eq!(statuses(&plan), ["done", "done"]);
}

#[test]
fn a_changed_scene_is_made_again_and_no_other() {
    let mut library = Library::default();
    library.make_all(TWO);
    for changed in [
        TWO.replace("a shore", "a storm"),
        TWO.replace("id = \"b\"", "id = \"b\"\nparams = { duration = 8 }"),
        TWO.replace("id = \"b\"", "id = \"b\"\nmodel = \"alibaba/wan-2.5\""),
        TWO.replace("id = \"b\"", "id = \"b\"\nnegative_prompt = \"rain\""),
    ] {
        let plan = library.plan(&changed);
        assert_eq!(missing(&plan), [("b".to_owned(), SceneStep::Film)], "{changed}");
        assert_eq!(statuses(&plan), ["done", "changed"]);
        let chosen = plan.scenes[1].chosen.as_ref().expect("the take of before");
        assert!(!chosen.is_current);
    }
    let back = library.make_all(&TWO.replace("a shore", "a storm"));
    assert_eq!(back.scenes[1].takes.len(), 2);
    assert_eq!(
        statuses(&library.plan(TWO)),
        ["done", "done"],
        "what was there before is there again"
    );
}

#[test]
fn words_are_spoken_first_and_the_picture_speaks_them() {
    let mut library = Library::default();
    library.file("ada.png", "a face");
    let plan = library.plan(TALK);
    assert_eq!(plan.faults().count(), 0, "{:?}", plan.faults().collect::<Vec<_>>());
    let [speech, film] = plan.scenes[0].steps.as_slice() else { panic!("{plan:?}") };
    assert_eq!(speech.step, SceneStep::Speech);
    assert_eq!(speech.brief.params["voice_id"], "Calm_Woman");
    assert_eq!(speech.brief.params["speed"], 1.5);
    assert_eq!(speech.standing, Standing::Wanted);
    assert_eq!(film.brief.operation, Operation::TalkingAvatar);
    assert_eq!(film.standing, Standing::Waits { comes: true });
    assert!(film.brief.inputs.contains(&("audio".to_owned(), Source::Awaited)));
    assert_eq!(film.brief.scene, None, "what it is made of is not known yet");

    let plan = library.make_all(TALK);
    assert_eq!(statuses(&plan), ["done"]);
    assert_eq!(library.made.len(), 2);
    let louder = library.plan(&TALK.replace("Calm_Woman", "Wise_Woman"));
    assert_eq!(missing(&louder).len(), 2, "another voice is another film");
    library.file("ada.png", "another face");
    assert_eq!(missing(&library.plan(TALK)), [("talk".to_owned(), SceneStep::Film)]);
}

#[test]
fn what_may_exist_is_not_ordered_again_and_what_failed_is() {
    let mut library = Library::default();
    let first = library.plan(TWO).scenes[0].steps[0].brief.clone();
    let place = |stage: Stage| {
        let mut library = Library::default();
        library.make(first.clone(), stage);
        let plan = library.plan(TWO);
        (missing(&plan).len(), statuses(&plan)[0])
    };
    let prediction = || PredictionId::new("p");
    assert_eq!(place(Stage::Queued), (1, "running"));
    assert_eq!(place(Stage::Waiting { prediction: prediction() }), (1, "running"));
    assert_eq!(place(Stage::InDoubt { prediction: None }), (1, "in_doubt"));
    assert_eq!(place(Stage::Failed { prediction: None }), (2, "failed"));
    assert_eq!(place(Stage::Cancelled { prediction: None }), (2, "failed"));
    assert_eq!(place(Stage::Done { prediction: prediction() }), (1, "done"));
    // Somebody gave it up after it was accepted: whatever comes of it goes to the trash.
    library.make(first, Stage::Waiting { prediction: prediction() });
    library.made[0].job.abandoned = true;
    assert_eq!(missing(&library.plan(TWO)).len(), 2);
}

#[test]
fn the_newest_kept_take_is_in_the_film_else_the_newest_that_was_not_rejected() {
    let mut library = Library::default();
    library.make_all(TWO);
    library.again = ["a".to_owned()].into();
    assert_eq!(missing(&library.plan(TWO)), [("a".to_owned(), SceneStep::Film)]);
    let again = library.plan(TWO).scenes[0].steps[0].brief.clone();
    library.make(again, Stage::Done { prediction: PredictionId::new("p") });
    library.again.clear();
    let chosen = |library: &Library| {
        let plan = library.plan(TWO);
        plan.scenes[0].chosen.as_ref().map(|chosen| chosen.asset.number)
    };
    assert_eq!(chosen(&library), Some(3));
    library.made[0].assets[0].verdict = Some(Verdict::Kept);
    assert_eq!(chosen(&library), Some(1));
    library.made[0].assets[0].verdict = Some(Verdict::Rejected);
    assert_eq!(chosen(&library), Some(3));
    library.made[2].assets[0].trashed = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(chosen(&library), None);
    assert_eq!(missing(&library.plan(TWO)), [("a".to_owned(), SceneStep::Film)]);

    let named = TWO.replace("id = \"a\"", "id = \"a\"\ntake = 77");
    let mut other = library.made[1].assets[0].clone();
    other.number = 77;
    library.chosen.insert("77".to_owned(), Ok(other));
    let plan = library.plan(&named);
    let chosen = plan.scenes[0].chosen.as_ref().expect("the one that is named");
    assert!(chosen.is_named && chosen.asset.number == 77);
    assert_eq!(missing(&plan), []);
}

#[test]
fn only_the_scenes_that_are_named_are_made() {
    let library = Library { only: Some(["b".to_owned()].into()), ..Library::default() };
    assert_eq!(missing(&library.plan(TWO)), [("b".to_owned(), SceneStep::Film)]);
}

#[test]
fn what_a_model_does_not_take_is_told_with_its_scene() {
    let mut library = Library::default();
    library.given.insert("no.png".to_owned(), Err("cannot read it".to_owned()));
    let plan = library.plan(
        r#"
        model = "no-such-model"
        [[scene]]
        id = "a"
        prompt = "kite"
        params = { duration = 7, fps = 24 }
        [[scene]]
        id = "b"
        [[scene]]
        id = "c"
        image = "no.png"
        prompt = "kite"
        [[scene]]
        id = "d"
        model = "infinitetalk"
        operation = "text-to-video"
        prompt = "kite"
        "#,
    );
    let told: Vec<String> = plan.faults().map(ToString::to_string).collect();
    for expected in [
        "story: unknown model \"no-such-model\"",
        "scene a: duration",
        "scene a: Hunyuan Video 1.5 has no parameter fps",
        "scene b: prompt is missing",
        "scene c: image: cannot read it",
        "scene d: InfiniteTalk is a model for talking avatar, not for text to video",
    ] {
        assert!(told.iter().any(|fault| fault.starts_with(expected)), "{expected:?} in {told:#?}");
    }
    assert_eq!(statuses(&plan), ["faulty"; 4]);
}

/// The second begins with the last picture of the first, the third with that of the second.
const CHAIN: &str = r#"
[[scene]]
id = "a"
prompt = "a kite"
[[scene]]
id = "b"
prompt = "it climbs"
from_previous = true
[[scene]]
id = "c"
prompt = "and is gone"
from_previous = true
[[scene]]
id = "d"
prompt = "an empty sky"
"#;

fn all_of(scenes: &[&str]) -> Vec<(String, SceneStep)> {
    let both =
        |scene: &&str| [SceneStep::Frame, SceneStep::Film].map(|step| ((*scene).to_owned(), step));
    scenes.iter().flat_map(both).collect()
}

#[test]
fn what_begins_with_a_scene_is_made_after_it_and_again_with_it() {
    let mut library = Library::default();
    let plan = library.plan(CHAIN);
    assert_eq!(plan.faults().count(), 0, "{:?}", plan.faults().collect::<Vec<_>>());
    let ready = plan.missing().filter(|(_, step)| step.standing == Standing::Wanted);
    let ready: Vec<&str> = ready.map(|(scene, _)| scene.id.as_str()).collect();
    assert_eq!(ready, ["a", "d"], "the others wait");
    assert_eq!(missing(&plan).len(), 6);
    library.make_all(CHAIN);
    assert_eq!(library.made.len(), 6);

    let changed = library.plan(&CHAIN.replace("it climbs", "it dives"));
    let film = ("b".to_owned(), SceneStep::Film);
    assert_eq!(missing(&changed), [vec![film], all_of(&["c"])].concat());
    let first = library.plan(&CHAIN.replace("a kite", "a red kite"));
    let film = ("a".to_owned(), SceneStep::Film);
    assert_eq!(missing(&first), [vec![film], all_of(&["b", "c"])].concat());
}

#[test]
fn a_scene_alone_begins_with_the_take_that_is_there() {
    let mut library = Library::default();
    library.make_all(CHAIN);
    library.only = Some(["c".to_owned()].into());
    library.again = ["c".to_owned()].into();
    // The scene before it was changed, and is not made now.
    let plan = library.plan(&CHAIN.replace("it climbs", "it dives"));
    assert_eq!(missing(&plan), [("c".to_owned(), SceneStep::Film)]);
    let [frame, film] = plan.scenes[2].steps.as_slice() else { panic!("{plan:?}") };
    assert!(matches!(frame.standing, Standing::Made(_)), "{frame:?}");
    assert_eq!(film.standing, Standing::Wanted);
}

#[test]
fn the_first_scene_has_nothing_before_it() {
    let plan =
        Library::default().plan("[[scene]]\nid = \"a\"\nprompt = \"x\"\nfrom_previous = true\n");
    let told: Vec<String> = plan.faults().map(ToString::to_string).collect();
    assert_eq!(told, ["scene a: there is no scene before the first"]);
}

#[test]
fn words_without_a_face_are_laid_over_the_film() {
    let text = "[[scene]]\nid = \"a\"\nprompt = \"a kite\"\nwords = \"Once upon a time.\"\n";
    let mut library = Library::default();
    let plan = library.make_all(text);
    let steps: Vec<SceneStep> = plan.scenes[0].steps.iter().map(|step| step.step).collect();
    assert_eq!(steps, [SceneStep::Speech, SceneStep::Film, SceneStep::Sound]);
    assert_eq!(statuses(&plan), ["done"]);
    let chosen = plan.scenes[0].chosen.as_ref().expect("a take");
    assert_eq!(chosen.asset.number, 3, "the one that is heard");
    let sound = &plan.scenes[0].steps[2].brief;
    assert_eq!((sound.provider, sound.model.as_str()), (ProviderId::Local, "local/sound"));
}
