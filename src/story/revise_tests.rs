//! Tests of changing a story without opening its file.

use super::*;
use crate::story::{NEW, read};

const THREE: &str = r#"id = "0199ffffffff0707070707070707"
title = "Kites" # for mum

# the first
[[scene]]
id = "dunes"
prompt = "dunes" # red

# the second
[[scene]]
id = "shore"
title = "At the shore"
subject = "a kite"

[scene.params]
duration = 5

# the third
[[scene]]
id = "ada"
words = "Nobody knew."

# who speaks
[cast.ada]
voice = "Calm_Woman"
"#;

fn fresh() -> StoryId {
    StoryId::at(1, &[7; 10])
}

fn revised(text: &str, revision: &Revision) -> String {
    revise(text, revision, fresh()).expect("it can be changed")
}

fn scenes(text: &str) -> Vec<String> {
    let (story, _) = read(text).expect("TOML");
    story.scenes.into_iter().map(|scene| scene.id).collect()
}

fn by(scene: &str, by: isize) -> Revision {
    Revision::Move { scene: scene.to_owned(), by }
}

#[test]
fn a_scene_that_moves_takes_its_lines_along_and_moves_nothing_else() {
    let text = THREE.replace("0199ffffffff0707070707070707", &fresh().to_string());
    let up = revised(&text, &by("shore", -1));
    assert_eq!(scenes(&up), ["shore", "dunes", "ada"]);
    let expected = text.replace(
        "# the first\n[[scene]]\nid = \"dunes\"\nprompt = \"dunes\" # red\n\n# the second\n[[scene]]\nid = \"shore\"\ntitle = \"At the shore\"\nsubject = \"a kite\"\n\n[scene.params]\nduration = 5\n",
        "# the second\n[[scene]]\nid = \"shore\"\ntitle = \"At the shore\"\nsubject = \"a kite\"\n\n[scene.params]\nduration = 5\n\n# the first\n[[scene]]\nid = \"dunes\"\nprompt = \"dunes\" # red\n",
    );
    assert_eq!(up, expected);
    assert_eq!(revised(&up, &by("shore", 1)), text, "and back");
    assert_eq!(revised(&text, &by("dunes", -1)), text, "the first goes no further up");
    assert_eq!(scenes(&revised(&text, &by("dunes", 99))), ["shore", "ada", "dunes"]);
    assert_eq!(revise(&text, &by("moon", 1), fresh()), Err(NotEditable::NoScene("moon".into())));
}

#[test]
fn a_new_scene_follows_the_one_it_was_asked_for_and_has_an_id_at_once() {
    let text = THREE.replace("0199ffffffff0707070707070707", &fresh().to_string());
    let add = |after: Option<&str>| Revision::Add {
        after: after.map(str::to_owned),
        prompt: " A storm \"comes\" ".to_owned(),
    };
    let added = revised(&text, &add(Some("dunes")));
    assert_eq!(scenes(&added), ["dunes", "a-storm-comes", "shore", "ada"], "{added}");
    let (story, faults) = read(&added).expect("TOML");
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(story.scenes[1].prompt.as_deref(), Some("A storm \"comes\""));
    assert_eq!(story.scenes[2].params["duration"], 5, "what is below a scene stays with it");
    assert!(story.scenes[1].is_identified);
    assert_eq!(scenes(&revised(&text, &add(None)))[0], "a-storm-comes");
    let last = revised(&text, &add(Some("ada")));
    assert_eq!(scenes(&last)[3], "a-storm-comes");
    assert_eq!(read(&last).expect("TOML").0.cast.len(), 1, "{last}");
    let gone = Revision::Remove { scene: "a-storm-comes".to_owned() };
    assert_eq!(revised(&added, &gone), text);
    assert_eq!(scenes(&revised("title = \"New\"\n", &add(None))), ["a-storm-comes"]);
}

#[test]
fn the_story_that_is_shipped_can_be_changed_everywhere() {
    let text = identify(NEW, fresh()).expect("TOML").expect("an id is missing");
    let moved = revised(&text, &by("shore", -1));
    assert_eq!(scenes(&moved), ["shore", "dunes"]);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&moved), sorted(&text), "no line is lost");
    assert_eq!(revised(&moved, &by("shore", 1)), text);
}

#[test]
fn words_change_in_their_line_and_a_prompt_in_parts_is_left_alone() {
    let text = THREE.replace("0199ffffffff0707070707070707", &fresh().to_string());
    let say = |scene: &str, what, words: &str| Revision::Say {
        scene: scene.to_owned(),
        what,
        words: words.to_owned(),
    };
    let other = revised(&text, &say("dunes", Said::Prompt, "  high dunes "));
    assert_eq!(other, text.replace("\"dunes\" # red", "\"high dunes\" # red"));
    let titled = revised(&text, &say("ada", Said::Title, "Ada"));
    assert!(titled.contains("words = \"Nobody knew.\"\ntitle = \"Ada\"\n"), "{titled}");
    let untitled = revised(&text, &say("shore", Said::Title, ""));
    assert_eq!(untitled, text.replace("title = \"At the shore\"\n", ""));
    let in_parts = revise(&text, &say("shore", Said::Prompt, "x"), fresh());
    assert_eq!(in_parts, Err(NotEditable::InParts("shore".into())));
}

#[test]
fn what_was_changed_is_put_back_only_where_nobody_changed_it_since() {
    let changed = revised(THREE, &by("ada", -1));
    let back = Revision::PutBack { now: changed.clone(), before: THREE.to_owned() };
    assert_eq!(revise(&changed, &back, fresh()).as_deref(), Ok(THREE));
    let later = format!("{changed}# more\n");
    assert_eq!(revise(&later, &back, fresh()), Err(NotEditable::Changed));
}

#[test]
fn a_file_that_is_no_story_is_not_written_over() {
    assert!(matches!(revise("[[scene", &by("a", 1), fresh()), Err(NotEditable::NotToml(_))));
    assert_eq!(revise("scene = 3", &by("a", 1), fresh()), Err(NotEditable::NoTables));
}
