//! Golden frames of the usage view.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rushes::domain::usage::{Dear, Entry, Figures, Group, GroupBy};
use rushes::domain::{
    Allowance, Bound, JobId, LineKind, Meter, Pace, ProviderId, Rule, Scope, StageName, Standing,
    Usd, Used,
};
use rushes::tui::msg::{Effect, Msg, Reply};
use rushes::tui::theme::Depth;
use rushes::tui::usage::{Asked, Lines, Report, Row, Window, chart};
use rushes::tui::{Start, Style};

use super::{Studio, Tap, Wire, frame, made, text, view};

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 36), (200, 50)];

const TODAY: Date = date(2026, 11, 22);

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// What a made-up library answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    Month,
    Pretended,
}

fn group(key: &str, runs: u64, failed: u64, kept: u64, video_s: u64, spent: &str) -> Group {
    let figures = Figures {
        jobs: runs,
        runs,
        done: runs - failed,
        failed,
        takes: runs - failed,
        kept,
        rejected: (runs - failed) / 3,
        video_ms: video_s * 1000,
        spent: usd(spent),
        ..Figures::default()
    };
    Group { key: key.to_owned(), figures }
}

fn groups(by: GroupBy) -> Vec<Group> {
    let billed = |mut group: Group, drift: &str| {
        group.figures.billed_runs = 3;
        (group.figures.billed_quoted, group.figures.billed) = (usd("2"), usd("2") + usd(drift));
        group
    };
    match by {
        GroupBy::Model => vec![
            billed(group("alibaba/wan-2.5/text-to-video", 118, 2, 40, 590, "59.00"), "0"),
            group("wavespeed-ai/hunyuan-video-1.5/text-to-video", 97, 1, 21, 485, "19.40"),
            billed(group("wavespeed-ai/infinitetalk", 6, 0, 6, 214, "6.42"), "0.12"),
            group("lightricks/ltx-2-pro/text-to-video", 5, 1, 0, 30, "1.80"),
            billed(group("somebody/new\u{1b}[31m-model", 1, 1, 0, 0, "0.048"), "-0.048"),
        ],
        GroupBy::Project => {
            vec![group("kite-film", 140, 2, 41, 700, "61.02"), group("-", 87, 3, 26, 619, "25.648")]
        }
        GroupBy::Tag => vec![],
        GroupBy::Day => vec![group("2026-11-22", 3, 1, 1, 10, "1.24")],
        GroupBy::Provider => vec![group("wavespeed", 227, 5, 67, 1319, "86.668")],
        GroupBy::Operation => vec![group("text-to-video", 227, 5, 67, 1319, "86.668")],
    }
}

/// The last days: nothing on some, more on others, the last as the budgets say.
fn days() -> Vec<Group> {
    let one = |ago: i64| {
        let day = TODAY.checked_sub(ago.days()).unwrap();
        // Any figures that go up and down; every ninth day there is none.
        let cents = if ago % 9 == 4 { 0 } else { (ago * 37 + ago * ago * 11) % 610 + 20 };
        let cents = if ago == 0 {
            124
        } else if ago == 12 {
            1130
        } else {
            cents
        };
        let spent = Usd::from_micros(cents * 10_000);
        let figures = Figures {
            runs: 3,
            failed: u64::from(ago == 0),
            video_ms: 15_000,
            spent,
            ..Figures::default()
        };
        Group { key: day.to_string(), figures }
    };
    (0..96).map(one).collect()
}

fn row(rule: Rule, spent: i64, held: i64, due: Option<&str>, allowed: Allowance) -> Row {
    let (used, period) = (Used { spent, held }, String::new());
    let bound = Bound { rule, allowed, days: None, period, simulated: false };
    Row { standing: Standing { bound, used }, due: due.map(usd) }
}

fn rows() -> Vec<Row> {
    let dollars = |amount: &str| Allowance::AtMost(usd(amount).micros());
    let project = Rule::Budget(Scope::Project("kite-film".to_owned()));
    let videos = Rule::Plan("pro".to_owned(), Meter::Videos);
    vec![
        row(Rule::Budget(Scope::Day), 1_240_000, 400_000, Some("0"), dollars("5")),
        row(Rule::Budget(Scope::Month), 86_668_000, 400_000, Some("0.50"), dollars("90")),
        row(project, 61_020_000, 0, Some("0"), dollars("60")),
        row(videos, 415, 0, None, Allowance::AtMost(500)),
    ]
}

fn simulated(kind: Kind, asked: Option<bool>) -> bool {
    asked.unwrap_or(kind != Kind::Month)
}

/// What the made-up library says was spent.
pub(crate) fn report(kind: Kind, asked: &Asked) -> Report {
    let simulated = simulated(kind, asked.simulated);
    let is_there = match kind {
        Kind::Nothing => false,
        Kind::Month => !simulated,
        Kind::Pretended => simulated,
    };
    let days = match asked.window {
        Window::Ever => None,
        Window::Month(back) => {
            let month = TODAY.checked_sub(i64::from(back).months()).unwrap();
            Some((month.first_of_month(), month.last_of_month()))
        }
    };
    let is_now = is_there && asked.window != Window::Month(1);
    let groups = if is_now { groups(asked.by) } else { vec![] };
    let figures = Figures {
        jobs: 229,
        runs: 227,
        done: 222,
        failed: 5,
        takes: 222,
        kept: 67,
        rejected: 73,
        video_ms: 1_319_000,
        spent: usd("86.668"),
        failed_cost: usd("3.048"),
        rejected_cost: usd("18.36"),
        ..Figures::default()
    };
    let dear = |at: u32, model: &str, prompt: &str, spent: &str| Dear {
        job: id(at),
        number: at,
        day: "2026-11-20".to_owned(),
        model: model.to_owned(),
        prompt: prompt.to_owned(),
        spent: usd(spent),
    };
    let dearest = vec![
        dear(
            31,
            "wavespeed-ai/infinitetalk",
            "the keeper tells how the kites came to the dunes",
            "1.284",
        ),
        dear(12, "alibaba/wan-2.5/text-to-video", "a red kite over dunes, slow dolly in", "1.00"),
        dear(38, "alibaba/wan-2.5/text-to-video", "", "0.50"),
    ];
    let nobody = |scope| row(Rule::Budget(scope), 0, 0, Some("0"), Allowance::Unlimited);
    Report {
        simulated,
        apart: match kind {
            Kind::Month if !simulated => 212,
            Kind::Month => 227,
            Kind::Nothing | Kind::Pretended => 0,
        },
        today: TODAY,
        days,
        rows: if is_there && kind == Kind::Month {
            rows()
        } else {
            let mut rows = vec![nobody(Scope::Day), nobody(Scope::Month)];
            if is_there {
                rows[0].standing.used.spent = 1_240_000;
                rows[1].standing.used.spent = 86_668_000;
            }
            rows
        },
        per_run: (is_there && kind == Kind::Month).then(|| usd("2.00")),
        ending: is_there.then(|| Pace {
            spent: usd("118.18"),
            reached: (kind == Kind::Month).then_some(date(2026, 11, 23)),
        }),
        bars: chart::bars(TODAY, &if is_there { self::days() } else { vec![] }),
        figures: if is_now { figures } else { Figures::default() },
        dearest: if is_now { dearest } else { vec![] },
        groups,
        dashboards: vec![(ProviderId::Wavespeed, "https://wavespeed.ai/history".to_owned())],
    }
}

fn id(number: u32) -> JobId {
    JobId::at(u64::from(number), &[0; 10])
}

/// What the made-up ledger has.
pub(crate) fn entries(kind: Kind, lines: &Lines) -> Vec<Entry> {
    let simulated = simulated(kind, lines.simulated);
    let is_there = (kind == Kind::Month) != simulated && kind != Kind::Nothing;
    if !is_there || lines.window == Window::Month(1) {
        return vec![];
    }
    let entry =
        |seq: i64, number: u32, ago: i64, kind: LineKind, amount: &str, model: &str| Entry {
            seq,
            at: made::ago(ago),
            day: "2026-11-22".to_owned(),
            job: id(number),
            number,
            kind,
            amount: usd(amount),
            basis: if simulated { "simulated" } else { "quoted" }.to_owned(),
            model: model.to_owned(),
            provider: if simulated { "sandbox" } else { "wavespeed" }.to_owned(),
            project: Some("kite-film".to_owned()),
            prompt: "a red kite over dunes".to_owned(),
            stage: StageName::Done,
            reason: None,
        };
    let wan = "alibaba/wan-2.5/text-to-video";
    let hunyuan = "wavespeed-ai/hunyuan-video-1.5/text-to-video";
    let mut doubt = entry(89, 41, 700, LineKind::Hold, "0.40", wan);
    doubt.stage = StageName::InDoubt;
    doubt.reason = Some("no readable answer to the submission".to_owned());
    let mut failed = entry(87, 39, 900, LineKind::Charge, "0.50", wan);
    failed.stage = StageName::Failed;
    failed.reason = Some("content moderation (code 1200)".to_owned());
    let mut due = failed.clone();
    (due.seq, due.kind) = (86, LineKind::RefundDue);
    let mut unknown = entry(80, 33, 100_000, LineKind::Charge, "0", "somebody/new\u{1b}[31m-model");
    "unknown".clone_into(&mut unknown.basis);
    let mut adjust = entry(79, 31, 200_000, LineKind::Adjust, "0.12", "wavespeed-ai/infinitetalk");
    "billed".clone_into(&mut adjust.basis);
    let mut all = vec![
        entry(92, 40, 60, LineKind::Charge, "0.50", wan),
        entry(91, 40, 60, LineKind::Release, "0.50", wan),
        doubt,
        due,
        failed,
        entry(85, 38, 3000, LineKind::Charge, "0.20", hunyuan),
        entry(84, 38, 3000, LineKind::Release, "0.20", hunyuan),
        entry(83, 38, 3100, LineKind::Hold, "0.20", hunyuan),
        entry(82, 37, 90_000, LineKind::Charge, "0.048", "lightricks/ltx-2-pro/text-to-video"),
        unknown,
        adjust,
        entry(78, 31, 32_000_000, LineKind::Charge, "1.284", "wavespeed-ai/infinitetalk"),
    ];
    let words: Vec<_> = lines.words.split_whitespace().collect();
    all.retain(|entry| {
        let text = format!("{} {} {}", entry.number, entry.model, entry.kind);
        words.iter().all(|word| text.contains(word))
            && lines.only.as_ref().is_none_or(|(_, key)| text.contains(key.as_str()))
            && lines.before.is_none_or(|before| entry.seq < before)
    });
    all.truncate(lines.limit);
    all
}

/// Answers what the view asks for.
fn answered(studio: &mut Studio, kind: Kind, effects: Vec<Effect>) {
    for effect in effects {
        let reply = match effect {
            Effect::Usage(asked) => {
                let report = Ok(Box::new(report(kind, &asked)));
                Reply::Usage { asked, report }
            }
            Effect::Ledger(asked) => {
                let entries = Ok(entries(kind, &asked));
                Reply::Ledger { asked, entries }
            }
            _ => continue,
        };
        let more = studio.tell(Msg::Reply(reply));
        answered(studio, kind, more);
    }
}

fn press(studio: &mut Studio, kind: Kind, keys: &str) {
    for key in keys.split_whitespace() {
        let effects = studio.keys(key);
        answered(studio, kind, effects);
    }
}

fn opened(kind: Kind, size: (u16, u16), keys: &str, change: impl FnOnce(Start) -> Start) -> Studio {
    let provider = if kind == Kind::Month { ProviderId::Wavespeed } else { ProviderId::Sandbox };
    let mut studio = Studio::with(provider, size, vec![], vec![], change);
    press(&mut studio, kind, "A-3");
    press(&mut studio, kind, keys);
    studio
}

/// Takes a snapshot of the view at every size, after these keys.
fn at_every_size(name: &str, kind: Kind, keys: &str) {
    for size in SIZES {
        let studio = opened(kind, size, keys, |start| start);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), studio.frame());
    }
}

#[test]
fn a_month_is_told_at_a_glance() {
    at_every_size("usage", Kind::Month, "");
}

#[test]
fn an_empty_library_teaches() {
    at_every_size("usage_empty", Kind::Nothing, "");
}

#[test]
fn what_the_sandbox_pretended_is_marked_and_never_mixed_in() {
    at_every_size("usage_sandbox", Kind::Pretended, "");
}

#[test]
fn the_ledger_names_the_ways_out_of_a_doubt() {
    at_every_size("usage_ledger", Kind::Month, "Tab Tab j j");
}

#[test]
fn a_filter_without_a_match_says_what_it_looked_at() {
    at_every_size("usage_none", Kind::Month, "/ w a r p e d Enter");
}

#[test]
fn a_day_is_told_in_figures_and_the_dearest_jobs_by_their_prompts() {
    for size in [(80, 24), (120, 36)] {
        let name = |what: &str| format!("usage_{what}_{}x{}", size.0, size.1);
        let studio = opened(Kind::Month, size, "S-Tab h h h h h h h h h h h h", |start| start);
        insta::assert_snapshot!(name("day"), studio.frame());
        let studio = opened(Kind::Month, size, "Tab", |start| start);
        insta::assert_snapshot!(name("top"), studio.frame());
    }
}

#[test]
fn the_view_reads_without_colours_and_symbols() {
    for size in [(80, 24), (120, 36)] {
        let studio = opened(Kind::Month, size, "Tab Tab j j", |start| Start {
            style: Style { depth: Depth::None, ascii: true, ..start.style.clone() },
            ..start
        });
        for cell in studio.buffer().content() {
            assert_eq!(cell.fg, ratatui::style::Color::Reset);
            assert!(cell.symbol().is_ascii() || "…".contains(cell.symbol()), "{:?}", cell.symbol());
        }
        insta::assert_snapshot!(format!("usage_plain_{}x{}", size.0, size.1), studio.frame());
    }
}

#[test]
fn text_of_a_provider_steers_no_terminal_and_no_price_is_no_zero() {
    let studio = opened(Kind::Month, (200, 50), "Tab Tab", |start| start);
    let shown = studio.frame();
    assert!(shown.chars().all(|letter| letter == '\n' || !letter.is_control()), "{shown}");
    let line = text(&studio.buffer());
    let line = line.lines().find(|line| line.contains("  33  ")).unwrap_or_default();
    assert!(!line.contains("$0.00") && line.contains('–'), "{line}");
}

#[test]
fn while_new_figures_are_read_the_old_ones_stay_and_a_frame_like_the_last_costs_nothing() {
    let mut studio = opened(Kind::Month, (80, 24), "", |start| start);
    let tap = Tap::default();
    let size = || Ok(ratatui::layout::Size { width: 80, height: 24 });
    let mut terminal = ratatui::Terminal::new(Wire::new(tap.clone(), size)).unwrap();
    let mut cost = |studio: &Studio| {
        tap.0.lock().unwrap().clear();
        terminal.draw(|frame| view(&studio.screen, frame)).unwrap();
        tap.0.lock().unwrap().len()
    };
    cost(&studio);
    studio.keys("p");
    assert_eq!(cost(&studio), 0, "another grouping is being read");
    assert_eq!(studio.screen.next_tick(), None, "nothing is waited for");
    assert!(!frame(&studio.buffer()).is_empty());
}

#[test]
fn the_view_is_drawn_within_its_screen_at_any_size() {
    for width in (1..220).step_by(17) {
        for height in (1..70).step_by(7) {
            for kind in [Kind::Nothing, Kind::Month] {
                let mut studio = opened(kind, (width, height), "", |start| start);
                for keys in
                    ["Tab G", "Tab G", "Tab G", "Tab h", "/ q Enter", "Esc S", "[", "e", "?"]
                {
                    press(&mut studio, kind, keys);
                    studio.buffer();
                }
            }
        }
    }
}
