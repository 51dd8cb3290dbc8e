//! Help with the prompt by keys: ordered like anything else, offered as a change, taken or left.

use super::super::super::dialog::Dialog;
use super::super::super::screen::Looking;
use super::*;
use crate::domain::brief::Source;

const WORDS: &str = "A red kite over dunes, golden hour.";

/// A studio that waits for the words of this one job.
fn waiting(screen: &mut Screen) -> Job {
    write(screen, "a red kite");
    press(screen, "A-i");
    let ask = looked_at(&press(screen, "Enter"));
    assert_eq!(preflighted(screen, &ask, passing()), [Effect::Order(ask.clone())]);
    let mut help = job(ProviderId::Sandbox, 1);
    help.brief = ask.briefs[0].clone();
    let ordered = Ok(Ordered::Admitted(vec![help.clone()]));
    tell(screen, Msg::Reply(Reply::Ordered { ask, ordered }));
    help
}

/// The library holds the text of the job, made by it.
fn written(screen: &mut Screen, help: &Job) -> Vec<Effect> {
    let mut text = asset(1);
    (text.kind, text.mime) = (MediaKind::Other, "text/plain".to_owned());
    if let Some(origin) = &mut text.origin {
        origin.job = help.id;
    }
    let library =
        Library { jobs: vec![help.clone()], assets: vec![text], spending: Spending::default() };
    screen.loading = true;
    let reply = Reply::Loaded { moves: screen.moves, library: Ok(library) };
    tell(screen, Msg::Reply(reply))
}

fn words(screen: &mut Screen, text: &str) -> Vec<Effect> {
    let id = asset(1).id;
    tell(screen, Msg::Reply(Reply::Words { id, words: Ok(text.to_owned()) }))
}

/// A studio in which these words are offered for `a red kite`.
fn offered() -> Screen {
    let mut screen = studio(ProviderId::Sandbox);
    let help = waiting(&mut screen);
    assert_eq!(written(&mut screen, &help), [Effect::Words(asset(1).id)]);
    assert!(words(&mut screen, WORDS).is_empty());
    assert!(matches!(screen.dialogs.last(), Some(Dialog::Words { .. })), "{:?}", screen.dialogs);
    screen
}

#[test]
fn help_is_an_order_of_the_words_in_a_style_that_the_model_declares() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "a red kite");
    assert!(press(&mut screen, "A-i").is_empty(), "nothing is ordered before a style is chosen");
    let Some(Dialog::Styles { styles, .. }) = screen.dialogs.last() else { panic!("no styles") };
    assert_eq!(styles[..3], ["default", "artistic", "photographic"]);
    let ask = looked_at(&press(&mut screen, "j j Enter"));
    let brief = &ask.briefs[0];
    assert_eq!(brief.model.as_str(), "wavespeed-ai/prompt-optimizer");
    let sent = serde_json::json!({"text": "a red kite", "style": "photographic", "mode": "video"});
    assert_eq!(serde_json::Value::Object(brief.params.clone()).get("text"), sent.get("text"));
    for key in ["style", "mode"] {
        assert_eq!(brief.params.get(key), sent.get(key), "{key}");
    }
    // Real money is asked about, and what is said yes to is exactly this.
    preflighted(&mut screen, &ask, asking());
    assert!(matches!(screen.dialogs.last(), Some(Dialog::Preflight { .. })));
    later(&mut screen, 400);
    let agreed = press(&mut screen, "Enter");
    assert_eq!(agreed, [Effect::Order(Ask { consent: true, ..ask })]);
}

#[test]
fn the_picture_of_the_form_goes_along_and_a_picture_model_asks_for_words_of_a_picture() {
    let mut screen = studio(ProviderId::Sandbox);
    assert!(screen.settings.choose(&ModelId::new("wavespeed-ai/qwen-image/edit")));
    let picture = Source::File("/home/ada/face.png".into());
    screen.settings.inputs = vec![("image".to_owned(), picture.clone())];
    write(&mut screen, "older");
    press(&mut screen, "A-i");
    let ask = looked_at(&press(&mut screen, "Enter"));
    assert_eq!(ask.briefs[0].inputs, [("image".to_owned(), picture)]);
    assert_eq!(ask.briefs[0].params.get("mode"), Some(&"image".into()));
}

#[test]
fn without_words_nothing_is_asked_for() {
    let mut screen = studio(ProviderId::Sandbox);
    assert!(press(&mut screen, "A-i").is_empty() && screen.dialogs.is_empty());
    assert!(screen.toast.as_ref().is_some_and(|toast| toast.text.contains("no words")));
}

#[test]
fn enter_takes_the_words_and_undo_brings_the_old_ones_back() {
    let mut screen = offered();
    press(&mut screen, "Enter");
    assert!(!screen.dialogs.is_empty(), "who types on says nothing");
    later(&mut screen, 400);
    press(&mut screen, "y n q");
    assert!(!screen.dialogs.is_empty(), "no letter answers");
    press(&mut screen, "Enter");
    assert_eq!(edit::text(&screen.prompt), WORDS);
    press(&mut screen, "Esc z");
    assert_eq!(edit::text(&screen.prompt), "a red kite");
}

#[test]
fn escape_leaves_everything_as_it_was_and_the_text_stays_in_the_library() {
    let mut screen = offered();
    let before = (screen.draft(), screen.undo.clone());
    later(&mut screen, 400);
    press(&mut screen, "Esc");
    assert!(screen.dialogs.is_empty());
    assert_eq!((screen.draft(), screen.undo.clone()), before);
    press(&mut screen, "Esc Tab");
    assert_eq!(screen.looking, Looking::Takes);
    assert_eq!(press(&mut screen, "w"), [Effect::Words(asset(1).id)], "and is offered again");
}

#[test]
fn only_the_text_that_was_waited_for_is_offered_and_only_once() {
    let mut screen = studio(ProviderId::Sandbox);
    let help = waiting(&mut screen);
    let other = job(ProviderId::Sandbox, 2);
    assert!(written(&mut screen, &other).is_empty(), "it is of another job");
    assert_eq!(written(&mut screen, &help), [Effect::Words(asset(1).id)]);
    assert!(written(&mut screen, &help).is_empty(), "once is enough");
    let mut again = studio(ProviderId::Sandbox);
    assert!(written(&mut again, &help).is_empty(), "after a restart nobody waits for it");
}

#[test]
fn words_that_come_while_something_is_open_are_told_and_not_pushed_in() {
    let mut screen = studio(ProviderId::Sandbox);
    let help = waiting(&mut screen);
    written(&mut screen, &help);
    press(&mut screen, "F1");
    words(&mut screen, WORDS);
    assert!(
        matches!(screen.dialogs.last(), Some(Dialog::Help { .. })) && screen.dialogs.len() == 1
    );
    assert!(screen.toast.as_ref().is_some_and(|toast| toast.text.contains("take 1")));
}

#[test]
fn the_same_words_change_nothing_and_are_not_offered() {
    let mut screen = studio(ProviderId::Sandbox);
    let help = waiting(&mut screen);
    written(&mut screen, &help);
    words(&mut screen, " a red kite\n");
    assert!(screen.dialogs.is_empty());
    press(&mut screen, "Esc Tab w");
    tell(&mut screen, Msg::Reply(Reply::Words { id: asset(1).id, words: Ok(String::new()) }));
    assert!(screen.dialogs.is_empty());
}

#[test]
fn a_take_that_is_no_text_has_no_words_to_use() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 1);
    press(&mut screen, "Esc Tab");
    assert!(press(&mut screen, "w").is_empty());
    assert!(screen.toast.as_ref().is_some_and(|toast| toast.text.contains("a text")));
}
