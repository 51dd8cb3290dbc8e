//! Tests of changing a story's file.

use super::*;
use crate::story::{NEW, read};

fn fresh() -> StoryId {
    StoryId::at(1, &[7; 10])
}

#[test]
fn ids_are_written_once_and_everything_else_stays() {
    let text = "# My film.\n\ntitle = \"Kites\"   # for mum\n\n# first\n[[scene]]\n# the hook\nprompt = \"kite\"   # red\n\n[[scene]]\nid = \"b\"\n";
    let written = identify(text, fresh()).expect("TOML").expect("ids are missing");
    let id = fresh();
    assert_eq!(
        written,
        format!(
            "# My film.\n\nid = \"{id}\"\ntitle = \"Kites\"   # for mum\n\n# first\n[[scene]]\n# the hook\nid = \"kite\"\nprompt = \"kite\"   # red\n\n[[scene]]\nid = \"b\"\n"
        )
    );
    assert_eq!(identify(&written, StoryId::at(2, &[8; 10])), Ok(None));
    let (before, _) = read(text).expect("TOML");
    let (after, _) = read(&written).expect("TOML");
    let ids = |story: &crate::story::Story| -> Vec<String> {
        story.scenes.iter().map(|scene| scene.id.clone()).collect()
    };
    assert_eq!(ids(&before), ids(&after), "they are the ones that were shown before");
    assert_eq!(after.id, Some(fresh()));
}

#[test]
fn the_story_that_is_shipped_keeps_every_line() {
    let written = identify(NEW, fresh()).expect("TOML").expect("an id is missing");
    let lines: Vec<&str> = written.lines().filter(|line| !line.starts_with("id = \"0")).collect();
    assert_eq!(lines, NEW.lines().collect::<Vec<_>>());
}

#[test]
fn a_take_is_chosen_and_forgotten_in_its_own_line() {
    let text = "[[scene]]\nid = \"a\"\nprompt = \"kite\" # red\n\n[[scene]]\nid = \"b\"\ntake = 3 # best\n";
    let chosen = choose_take(text, "a", Some("41")).expect("there is a");
    assert_eq!(chosen, text.replace("# red\n", "# red\ntake = 41\n"));
    let other = choose_take(text, "b", Some("40.2")).expect("there is b");
    assert_eq!(other, text.replace("take = 3", "take = \"40.2\""));
    assert_eq!(choose_take(text, "b", None).expect("b"), text.replace("take = 3 # best\n", ""));
    assert_eq!(choose_take(text, "c", None), Err(NotEditable::NoScene("c".into())));
}
