//! The usage view: read, grouped, filtered, looked into.

use jiff::civil::date;

use super::*;
use crate::domain::StageName;
use crate::domain::usage::{Dear, Entry, Figures, Group, GroupBy};
use crate::tui::screen::LineKind as Typed;
use crate::tui::usage::{Asked, Export, Lines, PAGE, Report, Section, Window, chart};
use crate::tui::views::View;

fn id(number: u32) -> JobId {
    JobId::at(u64::from(number), &[0; 10])
}

fn entry(seq: i64, stage: StageName) -> Entry {
    let number = u32::try_from(seq).expect("few lines");
    Entry {
        seq,
        at: Timestamp::UNIX_EPOCH,
        day: "2026-11-22".to_owned(),
        job: id(number),
        number,
        kind: LineKind::Charge,
        amount: Usd::from_micros(200_000),
        basis: "quoted".to_owned(),
        model: "alibaba/wan-2.5/text-to-video".to_owned(),
        provider: "wavespeed".to_owned(),
        project: None,
        prompt: "a kite".to_owned(),
        stage,
        reason: None,
    }
}

fn done(seq: i64) -> Entry {
    entry(seq, StageName::Done)
}

fn report(asked: &Asked) -> Report {
    let group = |key: &str| Group { key: key.to_owned(), figures: Figures::default() };
    let today = date(2026, 11, 22);
    let dear = |number| Dear {
        job: id(number),
        number,
        day: "2026-11-22".to_owned(),
        model: "m".to_owned(),
        prompt: "a kite".to_owned(),
        spent: Usd::from_micros(1),
    };
    Report {
        simulated: asked.simulated.unwrap_or_default(),
        apart: 0,
        today,
        days: Some((date(2026, 11, 1), date(2026, 11, 30))),
        rows: vec![],
        per_run: None,
        ending: None,
        bars: chart::bars(today, &[]),
        figures: Figures::default(),
        groups: vec![group("one"), group("two"), group("three")],
        dearest: vec![dear(7), dear(8)],
        dashboards: vec![(ProviderId::Wavespeed, "https://example.org/list".to_owned())],
    }
}

/// Answers with these lines whatever is asked, as far as they are older than what is there.
fn answer(screen: &mut Screen, entries: &[Entry], effects: Vec<Effect>) {
    for effect in effects {
        let reply = match effect {
            Effect::Usage(asked) => {
                let report = Ok(Box::new(report(&asked)));
                Reply::Usage { asked, report }
            }
            Effect::Ledger(asked) => {
                let is_older = |entry: &&Entry| asked.before.is_none_or(|at| entry.seq < at);
                let found = entries.iter().filter(is_older).take(asked.limit);
                Reply::Ledger { entries: Ok(found.cloned().collect()), asked: asked.clone() }
            }
            _ => continue,
        };
        let more = update(screen, Msg::Reply(reply));
        answer(screen, entries, more);
    }
}

/// The view over a ledger of these lines.
fn view(entries: &[Entry]) -> Screen {
    let mut screen = studio(ProviderId::Wavespeed);
    let effects = press(&mut screen, "A-3");
    answer(&mut screen, entries, effects);
    screen
}

fn asked(effects: &[Effect]) -> (Option<&Asked>, Option<&Lines>) {
    let figures = effects.iter().find_map(|effect| match effect {
        Effect::Usage(asked) => Some(asked),
        _ => None,
    });
    let lines = effects.iter().find_map(|effect| match effect {
        Effect::Ledger(asked) => Some(asked),
        _ => None,
    });
    (figures, lines)
}

#[test]
fn three_shows_what_was_spent_and_reads_it_anew_each_time() {
    let mut screen = studio(ProviderId::Sandbox);
    press(&mut screen, "3");
    assert_eq!(screen.view, View::Studio, "a digit in the prompt is a letter");
    press(&mut screen, "Esc");
    let effects = press(&mut screen, "3");
    assert_eq!(screen.view, View::Usage);
    let (figures, lines) = asked(&effects);
    assert_eq!(figures.map(|asked| (asked.simulated, asked.by)), Some((None, GroupBy::Model)));
    assert_eq!(lines.map(|lines| (lines.limit, lines.before)), Some((PAGE, None)));
    answer(&mut screen, &[], effects);
    press(&mut screen, "1");
    assert!(asked(&press(&mut screen, "3")).0.is_some());
}

#[test]
fn what_is_read_is_asked_for_once_at_a_time_and_the_newest_wish_wins() {
    let mut screen = studio(ProviderId::Wavespeed);
    let first = press(&mut screen, "A-3");
    assert_eq!(press(&mut screen, "p o t").len(), 0, "it is being read");
    let Some(Effect::Usage(of_model)) = first.first() else { panic!("figures are asked for") };
    let late = Reply::Usage { asked: of_model.clone(), report: Ok(Box::new(report(of_model))) };
    let again = tell(&mut screen, Msg::Reply(late));
    assert!(screen.usage.report.is_none(), "nobody wants those any more");
    assert_eq!(asked(&again).0.map(|asked| asked.by), Some(GroupBy::Tag));
    answer(&mut screen, &[], again);
    assert_eq!(screen.usage.by, GroupBy::Tag);
    assert_eq!(screen.next_tick(), None);
}

#[test]
fn groups_months_and_money_are_turned_by_keys_and_old_figures_stay_meanwhile() {
    let mut screen = view(&[done(2), done(1)]);
    let check = |screen: &mut Screen, keys: &str, expected: (Window, GroupBy, Option<bool>)| {
        let effects = press(screen, keys);
        assert!(screen.usage.report.is_some() && screen.usage.entries.len() == 2, "{keys}");
        let now = &screen.usage.asked;
        assert_eq!((now.window, now.by, now.simulated), expected, "{keys}");
        assert!(asked(&effects).0.is_some(), "{keys}");
        answer(screen, &[done(2), done(1)], effects);
    };
    let month = Window::Month;
    check(&mut screen, "J", (month(0), GroupBy::Project, None));
    check(&mut screen, "d", (month(0), GroupBy::Day, None));
    check(&mut screen, "[", (month(1), GroupBy::Day, None));
    check(&mut screen, "]", (month(0), GroupBy::Day, None));
    assert!(press(&mut screen, "]").is_empty(), "nothing is after this month");
    check(&mut screen, "e", (Window::Ever, GroupBy::Day, None));
    check(&mut screen, "e", (month(0), GroupBy::Day, None));
    check(&mut screen, "S", (month(0), GroupBy::Day, Some(true)));
    assert!(screen.usage.is_simulated());
    check(&mut screen, "S", (month(0), GroupBy::Day, Some(false)));
}

#[test]
fn typed_words_find_lines_and_leave_the_figures_alone() {
    let mut screen = view(&[done(2), done(1)]);
    press(&mut screen, "/");
    assert_eq!(screen.usage.section, Section::Ledger);
    assert!(matches!(screen.line, Some((Typed::Ledger, _))));
    let effects = press(&mut screen, "w");
    let (figures, lines) = asked(&effects);
    assert_eq!((figures, lines.map(|lines| lines.words.as_str())), (None, Some("w")));
    press(&mut screen, "a n");
    answer(&mut screen, &[done(2)], effects);
    assert_eq!(screen.usage.entries_of.as_ref().map(|of| of.words.as_str()), Some("wan"));
    press(&mut screen, "Enter");
    assert!(screen.line.is_none() && screen.usage.words == "wan");
    let effects = press(&mut screen, "Esc");
    assert_eq!(asked(&effects).1.map(|lines| lines.words.as_str()), Some(""));
    answer(&mut screen, &[done(2), done(1)], effects);
    press(&mut screen, "Esc");
    assert_eq!(screen.view, View::Studio);
}

#[test]
fn older_lines_are_read_when_the_selection_comes_near_the_last() {
    let all: Vec<_> = (1..=450).rev().map(done).collect();
    let mut screen = view(&all);
    assert_eq!((screen.usage.entries.len(), screen.usage.whole), (PAGE, false));
    press(&mut screen, "Tab Tab");
    assert!(press(&mut screen, "j j").is_empty());
    let effects = press(&mut screen, "G");
    assert_eq!(asked(&effects).1.and_then(|lines| lines.before), Some(251));
    let selected = screen.usage.entry().map(|entry| entry.seq);
    answer(&mut screen, &all, effects);
    assert_eq!(screen.usage.entries.len(), 2 * PAGE);
    assert_eq!(screen.usage.entry().map(|entry| entry.seq), selected, "nothing jumps");
    let effects = press(&mut screen, "G");
    answer(&mut screen, &all, effects);
    assert_eq!((screen.usage.entries.len(), screen.usage.whole), (450, true));
    assert!(press(&mut screen, "G").is_empty(), "there are no older ones");
}

#[test]
fn the_selected_line_stays_when_newer_ones_come_and_all_that_was_read_is_read_again() {
    let all: Vec<_> = (1..=450).rev().map(done).collect();
    let mut screen = view(&all);
    press(&mut screen, "Tab Tab");
    let effects = press(&mut screen, "G");
    answer(&mut screen, &all, effects);
    let selected = screen.usage.entry().map(|entry| entry.seq);
    let library = Library { jobs: vec![], assets: vec![], spending: Spending::default() };
    screen.loading = true;
    update(&mut screen, Msg::Reply(Reply::Loaded { moves: 0, library: Ok(library) }));
    assert!(screen.next_tick().is_some(), "it follows a moment later");
    assert!(asked(&later(&mut screen, 100)).0.is_none());
    let effects = later(&mut screen, 300);
    assert_eq!(asked(&effects).1.map(|lines| lines.limit), Some(2 * PAGE));
    let more: Vec<_> = (1..=460).rev().map(done).collect();
    answer(&mut screen, &more, effects);
    assert_eq!(screen.usage.entries[0].seq, 460);
    assert_eq!(screen.usage.entry().map(|entry| entry.seq), selected);
    assert_eq!(screen.next_tick(), None);
}

#[test]
fn what_changes_while_another_view_is_shown_waits_until_it_is_opened() {
    let mut screen = view(&[]);
    press(&mut screen, "1");
    let library = Library { jobs: vec![], assets: vec![], spending: Spending::default() };
    screen.loading = true;
    update(&mut screen, Msg::Reply(Reply::Loaded { moves: 0, library: Ok(library) }));
    assert_eq!(screen.usage.reload_at, None);
}

#[test]
fn a_line_opens_its_jobs_timeline_and_the_providers_list_is_copied() {
    let mut screen = view(&[done(9)]);
    press(&mut screen, "Tab Tab");
    let job = id(9);
    assert_eq!(press(&mut screen, "Enter"), [Effect::Timeline(job)]);
    assert!(matches!(screen.dialogs.last(), Some(Dialog::Timeline { .. })));
    press(&mut screen, "Esc");
    let copied = press(&mut screen, "l");
    assert_eq!(copied, [Effect::Copy("https://example.org/list".to_owned())]);
    press(&mut screen, "f s");
    assert!(screen.dialogs.is_empty(), "it is not in doubt");
    press(&mut screen, "S-Tab j");
    let dear = id(8);
    assert_eq!(press(&mut screen, "Enter"), [Effect::Timeline(dear)]);
}

#[test]
fn a_doubt_is_found_or_settled_where_its_line_stands() {
    let mut screen = view(&[entry(5, StageName::InDoubt)]);
    assert!(press(&mut screen, "f s").is_empty(), "the table is not the ledger");
    press(&mut screen, "Tab Tab");
    let job = id(5);
    assert_eq!(press(&mut screen, "f"), [Effect::Find(job)]);
    press(&mut screen, "s");
    assert!(matches!(screen.dialogs.last(), Some(Dialog::Settle { number: 5, .. })));
    assert_eq!(press(&mut screen, "c"), [Effect::Settle(job, Settlement::Charged)]);
}

#[test]
fn a_row_of_the_table_opens_its_lines_and_esc_brings_all_of_them_back() {
    let mut screen = view(&[done(2), done(1)]);
    let effects = press(&mut screen, "j Enter");
    let only = Some((GroupBy::Model, "two".to_owned()));
    assert_eq!(asked(&effects).1.map(|lines| lines.only.clone()), Some(only));
    assert_eq!(screen.usage.section, Section::Ledger);
    answer(&mut screen, &[done(2)], effects);
    let effects = press(&mut screen, "Esc");
    assert_eq!(asked(&effects).1.map(|lines| lines.only.clone()), Some(None));
    answer(&mut screen, &[done(2), done(1)], effects);
    press(&mut screen, "S-Tab S-Tab S-Tab h h");
    assert_eq!(screen.usage.day_at, Some(date(2026, 11, 20)));
    let effects = press(&mut screen, "Enter");
    let only = Some((GroupBy::Day, "2026-11-20".to_owned()));
    assert_eq!(asked(&effects).1.map(|lines| lines.only.clone()), Some(only));
}

#[test]
fn what_is_shown_is_exported() {
    let mut screen = view(&[done(1)]);
    let table = press(&mut screen, "x");
    assert_eq!(table, [Effect::Export(Export::Groups(screen.usage.asked.clone()))]);
    press(&mut screen, "Tab Tab");
    let lines = press(&mut screen, "x");
    assert_eq!(lines, [Effect::Export(Export::Lines(screen.usage.lines()))]);
}

#[test]
fn a_paste_finds_lines_and_orders_nothing() {
    let mut screen = view(&[done(1)]);
    update(&mut screen, Msg::Paste("refund_due\n".to_owned()));
    assert_eq!(screen.usage.words, "refund_due");
    assert!(screen.prompt.is_empty() && screen.line.is_some());
}
