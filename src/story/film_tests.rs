//! Tests of when a film is what would be put together again, and in what it is not.

use super::*;
use crate::domain::{Brief, PredictionId, SceneRef, Stage, StoryId};
use crate::story::plan::tests::Library;

const TWO: &str = r#"
[[scene]]
id = "a"
prompt = "a kite"
pause = 0.5
[[scene]]
id = "b"
prompt = "a shore"
"#;

/// Puts the chosen takes together as the story says.
fn assemble(library: &mut Library, text: &str) {
    let plan = library.make_all(text);
    let (story, _) = crate::story::read(text).expect("TOML");
    let given = |name: &Named| library.given.get(name).cloned();
    let crossfade = story.crossfade.unwrap_or_default();
    let parts = parts(&story, &plan.scenes, given, crossfade).expect("all of it can be used");
    let scene = SceneRef {
        story: StoryId::at(1, &[1; 10]),
        scene: String::new(),
        step: SceneStep::Assembly,
        fingerprint: parts.fingerprint,
    };
    let like = plan.scenes[0].steps[0].brief.clone();
    let brief = Brief { params: parts.params, inputs: parts.inputs, scene: Some(scene), ..like };
    library.make(brief, Stage::Done { prediction: PredictionId::new("p") });
}

#[test]
fn a_film_is_stale_once_another_one_would_be_put_together_and_says_in_what() {
    let mut library = Library::default();
    assert_eq!(library.plan(TWO).film, None);
    assemble(&mut library, TWO);
    let now = |library: &Library, text: &str| library.plan(text).film.expect("it was made").stale;
    assert_eq!(now(&library, TWO), None);
    let titled = TWO.replace("pause = 0.5", "pause = 0.5\ntitle = \"Day one\"");
    assert_eq!(now(&library, &titled), None, "a title is not in the film");

    let check = |text: &str, expected: Stale| assert_eq!(now(&library, text), Some(expected));
    check(&TWO.replace("0.5", "1.5"), Stale::Joints);
    check(&format!("crossfade = 0.5\n{TWO}"), Stale::Joints);
    let (first, second) = TWO.split_at(TWO.rfind("[[scene]]").expect("there are two"));
    check(&format!("{second}{first}"), Stale::Order);
    check(first, Stale::Order);

    // What is said in another way has another take only once it was made.
    let stormy = TWO.replace("a shore", "a storm");
    assert_eq!(now(&library, &stormy), None);
    library.make_all(&stormy);
    assert_eq!(now(&library, &stormy), Some(Stale::Takes(vec!["b".to_owned()])));
    assert_eq!(now(&library, TWO), None);

    // Two films: each is the one of its story, and the newest where neither is.
    assemble(&mut library, &stormy);
    let film = |text: &str| library.plan(text).film.map(|film| film.asset.number);
    assert_eq!((film(TWO), film(&stormy), film(first)), (Some(3), Some(5), Some(5)));
}

#[test]
fn music_belongs_to_the_film_and_a_film_in_the_trash_is_none() {
    let mut library = Library::default();
    let text = format!("music = \"tune.wav\"\n{TWO}");
    library.file("tune.wav", "a tune");
    assemble(&mut library, &text);
    assert_eq!(library.plan(&text).film.map(|film| film.stale), Some(None));
    library.file("tune.wav", "another tune");
    let stale = |library: &Library| library.plan(&text).film.map(|film| film.stale);
    assert_eq!(stale(&library), Some(Some(Stale::Joints)));
    library.given.insert("tune.wav".to_owned(), Err("it is gone".to_owned()));
    assert_eq!(stale(&library), Some(Some(Stale::Joints)));

    let made = library.made.last_mut().expect("it was made");
    made.assets[0].trashed = Some(jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(stale(&library), None);
}
