//! The model view: searched, filtered, read, chosen.

use super::*;
use crate::tui::keymap::Place;
use crate::tui::models::Part;
use crate::tui::views::View;

/// The model view of a studio that orders there.
fn view(provider: ProviderId) -> Screen {
    let mut screen = studio(provider);
    press(&mut screen, "A-4");
    screen
}

fn ids(screen: &Screen) -> Vec<&str> {
    let all = screen.settings.catalog().all();
    screen.models.shown.iter().map(|place| all[*place].id.as_str()).collect()
}

fn selected(screen: &Screen) -> String {
    let spec = screen.models.selected(screen.settings.catalog()).expect("a model is selected");
    spec.id.to_string()
}

/// Selects this model, whatever is let through.
fn go_to(screen: &mut Screen, id: &str) {
    press(screen, "a");
    screen.models.at = Some(ModelId::new(id));
    assert_eq!(selected(screen), id);
}

fn said(screen: &Screen) -> String {
    let toast = screen.toast.as_ref().expect("something was said");
    toast.text.clone()
}

#[test]
fn views_are_reached_from_anywhere_and_by_digits_where_no_figure_is_typed() {
    let mut screen = studio(ProviderId::Sandbox);
    press(&mut screen, "4");
    assert_eq!((screen.view, edit::text(&screen.prompt)), (View::Studio, "4".to_owned()));
    press(&mut screen, "Tab 4");
    assert_eq!(screen.view, View::Studio, "a digit in the settings begins a figure");
    press(&mut screen, "A-4");
    assert_eq!(screen.view, View::Models);
    assert_eq!(selected(&screen), screen.settings.model().id.to_string());
    press(&mut screen, "1 Esc Esc 4");
    assert_eq!(screen.view, View::Models);
    press(&mut screen, "/ A-1");
    assert_eq!(screen.view, View::Models, "a line that is open comes first");
    press(&mut screen, "Esc A-1");
    assert_eq!(screen.view, View::Studio);
}

#[test]
fn typed_words_find_models_and_the_best_is_selected_at_once() {
    let mut screen = view(ProviderId::Wavespeed);
    let all = ids(&screen).len();
    press(&mut screen, "/");
    write(&mut screen, "ltx retake");
    assert_eq!(selected(&screen), "lightricks/ltx-2-retake");
    assert!(ids(&screen).len() < all);
    press(&mut screen, "Enter");
    assert!(screen.line.is_none() && screen.models.query == "ltx retake");
    assert_eq!(screen.view, View::Models, "Enter in the words chooses nothing");
    press(&mut screen, "Esc");
    assert_eq!((ids(&screen).len(), screen.models.query.as_str()), (all, ""));
    assert_eq!(selected(&screen), "lightricks/ltx-2-retake", "it stays selected among all");
    press(&mut screen, "Esc");
    assert_eq!(screen.view, View::Studio);
}

#[test]
fn the_selection_moves_while_words_are_typed_and_a_paste_is_words() {
    let mut screen = view(ProviderId::Wavespeed);
    update(&mut screen, Msg::Paste("kling\nvideo".to_owned()));
    assert_eq!(screen.models.query, "kling video");
    let first = selected(&screen);
    press(&mut screen, "Down");
    assert_ne!(selected(&screen), first);
    assert!(screen.line.is_some() && screen.prompt.is_empty());
}

#[test]
fn words_and_filters_work_together() {
    let mut screen = view(ProviderId::Wavespeed);
    press(&mut screen, "a / w a n Enter o");
    assert_eq!(screen.models.operation, Some(Operation::TextToVideo));
    assert!(ids(&screen).iter().any(|id| id.contains("wan-2.5/text-to-video")));
    assert!(ids(&screen).iter().all(|id| !id.contains("image-to-video")));
    press(&mut screen, "O O");
    assert!(screen.models.operation.is_some(), "before all of them is the last");
    press(&mut screen, "o p");
    assert_eq!(screen.models.provider, Some(ProviderId::Sandbox));
    let all = screen.settings.catalog();
    let sandbox = |place: &usize| all.all()[*place].runs_on(ProviderId::Sandbox);
    assert!(!screen.models.shown.is_empty() && screen.models.shown.iter().all(sandbox));
    press(&mut screen, "a Esc");
    assert_eq!(ids(&screen).len(), screen.settings.catalog().all().len());
}

#[test]
fn a_filter_keeps_the_selected_model_where_it_is_still_there() {
    let mut screen = view(ProviderId::Wavespeed);
    go_to(&mut screen, "alibaba/wan-2.5/text-to-video");
    press(&mut screen, "o");
    assert_eq!(selected(&screen), "alibaba/wan-2.5/text-to-video");
    press(&mut screen, "o");
    assert_ne!(selected(&screen), "alibaba/wan-2.5/text-to-video", "it is no image to video");
}

#[test]
fn favourites_come_first_and_are_kept_with_those_that_nobody_knows() {
    let mut screen = view(ProviderId::Wavespeed);
    let recalled = r#"["gone/from-the-list","alibaba/wan-2.5/text-to-video"]"#;
    update(&mut screen, Msg::Reply(Reply::Favourites(Some(recalled.to_owned()))));
    assert_eq!(ids(&screen)[0], "alibaba/wan-2.5/text-to-video");
    go_to(&mut screen, "lightricks/ltx-2-retake");
    let kept =
        r#"["alibaba/wan-2.5/text-to-video","gone/from-the-list","lightricks/ltx-2-retake"]"#;
    assert_eq!(press(&mut screen, "*"), [Effect::KeepFavourites(kept.to_owned())]);
    assert_eq!(selected(&screen), "lightricks/ltx-2-retake");
    press(&mut screen, "f");
    let both = ["alibaba/wan-2.5/text-to-video", "lightricks/ltx-2-retake"];
    assert_eq!(ids(&screen), both);
    press(&mut screen, "* G");
    assert_eq!(ids(&screen), both[..1]);
    update(&mut screen, Msg::Reply(Reply::Favourites(Some("no list".to_owned()))));
    assert_eq!(ids(&screen), both[..1]);
}

#[test]
fn a_chosen_model_is_in_the_form_and_what_it_does_not_take_is_told_and_undone() {
    let mut screen = studio(ProviderId::Wavespeed);
    write(&mut screen, "a kite");
    screen.settings.choose(&ModelId::new("alibaba/wan-2.5/text-to-video"));
    screen.settings.params.insert("size".to_owned(), "832*480".into());
    press(&mut screen, "A-4");
    go_to(&mut screen, "alibaba/wan-2.5/image-to-video");
    press(&mut screen, "Enter");
    assert_eq!((screen.view, screen.focus), (View::Studio, Pane::Settings));
    assert_eq!(screen.settings.model().id.as_str(), "alibaba/wan-2.5/image-to-video");
    assert!(said(&screen).contains("does not take size"), "{}", said(&screen));
    assert_eq!(edit::text(&screen.prompt), "a kite");
    press(&mut screen, "Esc z");
    assert_eq!(screen.settings.model().id.as_str(), "alibaba/wan-2.5/text-to-video");
    assert_eq!(screen.settings.params["size"], "832*480");
}

#[test]
fn a_model_that_is_off_or_runs_elsewhere_says_why_and_is_not_chosen() {
    let mut screen = view(ProviderId::Sandbox);
    let before = screen.settings.model().id.clone();
    let off = screen.settings.catalog().all().iter().find(|spec| !spec.available);
    let off = off.expect("a model is switched off").clone();
    go_to(&mut screen, off.id.as_str());
    assert!(press(&mut screen, "Enter").is_empty());
    let reason = off.reason.expect("with its reason");
    assert!(said(&screen).contains(&reason), "{}", said(&screen));
    let elsewhere = screen.settings.catalog().all().iter();
    let elsewhere = elsewhere.clone().find(|it| it.available && !it.runs_on(ProviderId::Sandbox));
    let elsewhere = elsewhere.expect("the sandbox does not run everything").id.to_string();
    go_to(&mut screen, &elsewhere);
    press(&mut screen, "Enter");
    assert!(said(&screen).contains("not on sandbox"), "{}", said(&screen));
    assert_eq!((screen.view, &screen.settings.model().id), (View::Models, &before));
}

#[test]
fn enter_on_the_model_of_the_form_opens_what_does_the_same() {
    let mut screen = studio(ProviderId::Wavespeed);
    press(&mut screen, "Tab Enter");
    assert_eq!(
        (screen.view, screen.models.operation),
        (View::Models, Some(Operation::TextToVideo))
    );
    assert_eq!(selected(&screen), screen.settings.model().id.to_string());
    let all = screen.settings.catalog().all();
    let alike = |place: &usize| all[*place].operation == Operation::TextToVideo;
    assert!(screen.models.shown.iter().all(alike));
    press(&mut screen, "Esc");
    assert_eq!((screen.view, screen.focus), (View::Studio, Pane::Settings));
}

#[test]
fn a_command_opens_what_its_words_find() {
    let mut screen = studio(ProviderId::Wavespeed);
    press(&mut screen, "Esc :");
    write(&mut screen, "models ltx retake");
    press(&mut screen, "Enter");
    assert_eq!((screen.view, screen.models.query.as_str()), (View::Models, "ltx retake"));
    assert_eq!(selected(&screen), "lightricks/ltx-2-retake");
    press(&mut screen, ":");
    write(&mut screen, "studio");
    press(&mut screen, "Enter");
    assert_eq!(screen.view, View::Studio);
}

#[test]
fn prices_follow_the_settings_and_only_what_is_in_sight_is_counted() {
    let mut screen = view(ProviderId::Wavespeed);
    go_to(&mut screen, "alibaba/wan-2.5/text-to-video");
    press(&mut screen, "o");
    let rate = |screen: &Screen| {
        let cost = screen.models.prices.of(&ModelId::new("alibaba/wan-2.5/text-to-video"));
        cost.expect("it is in sight").rate.expect("it goes by time").amount.to_string()
    };
    assert_eq!(rate(&screen), "$0.10");
    screen.settings.params.insert("size".to_owned(), "1920*1080".into());
    press(&mut screen, "j k");
    assert_eq!(rate(&screen), "$0.15");
    // Twenty-four rows cannot show more; the one that is selected is among them.
    let counted = screen.settings.catalog().all().iter();
    let counted = counted.filter(|spec| screen.models.prices.of(&spec.id).is_some()).count();
    assert!(counted <= 24, "{counted} models were priced");
}

#[test]
fn a_newer_catalogue_moves_nothing() {
    let mut screen = view(ProviderId::Wavespeed);
    press(&mut screen, "/ w a n Enter j j j");
    let (at, shown) = (selected(&screen), ids(&screen).len());
    let newer = std::sync::Arc::new(screen.settings.catalog().clone());
    update(&mut screen, Msg::Notice(Notice::Catalog(newer)));
    assert_eq!((selected(&screen), ids(&screen).len()), (at, shown));
    assert_eq!(press(&mut screen, "r r"), [Effect::RefreshModels], "it is asked once at a time");
    let said = Ok("the provider lists 794 models".to_owned());
    update(&mut screen, Msg::Reply(Reply::Refreshed(said)));
    assert_eq!(press(&mut screen, "r"), [Effect::RefreshModels]);
}

#[test]
fn the_facts_scroll_within_their_text_and_escape_closes_them_first() {
    let mut screen = view(ProviderId::Wavespeed);
    press(&mut screen, "i k j j G");
    assert!(screen.models.facts_top > 0);
    let bottom = screen.models.facts_top;
    press(&mut screen, "j");
    assert_eq!(screen.models.facts_top, bottom);
    press(&mut screen, "Esc");
    assert_eq!((screen.models.part, screen.view), (Part::List, View::Models));
    press(&mut screen, "j");
    assert_eq!(screen.models.facts_top, 0, "another model is read from its beginning");
}

#[test]
fn keys_of_the_studio_do_nothing_to_what_is_not_in_sight() {
    let mut screen = studio(ProviderId::Sandbox);
    made::fill(&mut screen, 3);
    press(&mut screen, "Esc Tab 4");
    assert_eq!(screen.places()[0], Place::Models);
    assert!(press(&mut screen, "d x e + - z Space").is_empty());
    assert!(screen.dialogs.is_empty() && screen.undo.is_empty());
    assert!(!screen.live_in_sight());
    press(&mut screen, "A-x");
    let offered = command::matches(&screen, "");
    assert!(offered.contains(&Action::ChooseModel) && !offered.contains(&Action::Trash));
    press(&mut screen, "Esc 1 A-x");
    let offered = command::matches(&screen, "");
    assert!(offered.contains(&Action::Trash) && !offered.contains(&Action::ChooseModel));
}
