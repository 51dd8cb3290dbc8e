//! Keys in the usage view, and what is read for it.

use std::time::Duration;

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::dialog::Dialog;
use super::super::edit;
use super::super::msg::Effect;
use super::super::screen::{LineKind, Screen};
use super::super::usage::{Export, Lines, PAGE, Report, Section, Window, areas};
use super::super::views::View;
use super::studio;
use crate::domain::usage::{Entry, GroupBy};
use crate::domain::{JobId, ProviderId, Rule, Scope};

/// After the library changed, it is read again this much later: what changes often is read seldom.
const SETTLES: Duration = Duration::from_millis(300);

/// Shows the view as it was left, and reads everything again.
pub(super) fn show(screen: &mut Screen) -> Vec<Effect> {
    screen.view = View::Usage;
    read(screen)
}

/// Reads figures and lines.
fn read(screen: &mut Screen) -> Vec<Effect> {
    screen.usage.reload_at = None;
    let mut effects = read_figures(screen);
    effects.extend(read_lines(screen));
    effects
}

fn read_figures(screen: &mut Screen) -> Vec<Effect> {
    let usage = &mut screen.usage;
    if usage.reading.begin() { vec![Effect::Usage(usage.asked.clone())] } else { vec![] }
}

/// Reads as many lines as were read before, from the newest on.
fn read_lines(screen: &mut Screen) -> Vec<Effect> {
    let usage = &mut screen.usage;
    if !usage.reading_lines.begin() {
        return vec![];
    }
    let asked = usage.lines();
    let is_same = usage.entries_of.as_ref() == Some(&asked);
    let limit = if is_same { usage.entries.len().max(PAGE) } else { PAGE };
    vec![Effect::Ledger(Lines { limit, ..asked })]
}

/// Reads older lines where the selection comes near the last that was read.
fn read_more(screen: &mut Screen) -> Vec<Effect> {
    let usage = &mut screen.usage;
    let is_near = usage.line_at.place(&usage.seqs()) + PAGE / 4 >= usage.entries.len();
    let asked = usage.lines();
    let is_same = usage.entries_of.as_ref() == Some(&asked);
    let oldest = usage.entries.last().map(|entry| entry.seq);
    if !is_near || !is_same || usage.whole || oldest.is_none() || usage.reading_lines.busy {
        return vec![];
    }
    usage.reading_lines.begin();
    vec![Effect::Ledger(Lines { before: oldest, ..asked })]
}

/// The library changed: the view follows a moment later, where it is shown.
pub(super) fn stirred(screen: &mut Screen) {
    if screen.view == View::Usage && screen.usage.reload_at.is_none() {
        screen.usage.reload_at = Some(screen.now + SETTLES);
    }
}

/// Time went on.
pub(super) fn tick(screen: &mut Screen) -> Vec<Effect> {
    match screen.usage.reload_at {
        Some(at) if at <= screen.now => {
            screen.usage.reload_at = None;
            if screen.view == View::Usage { read(screen) } else { vec![] }
        }
        _ => vec![],
    }
}

/// Figures came. Those that are not asked for any more are not shown.
pub(super) fn told(
    screen: &mut Screen,
    asked: &super::super::usage::Asked,
    report: Result<Box<Report>, Trouble>,
) -> Vec<Effect> {
    let again = screen.usage.reading.end();
    match report {
        Ok(report) if screen.usage.asked == *asked => {
            screen.usage.by = asked.by;
            screen.usage.report = Some(*report);
        }
        Ok(_) => {}
        Err(trouble) => screen.warn(trouble),
    }
    if again { read_figures(screen) } else { vec![] }
}

/// Lines came: the newest, or older ones below those that are there.
pub(super) fn lined(
    screen: &mut Screen,
    asked: &Lines,
    entries: Result<Vec<Entry>, Trouble>,
) -> Vec<Effect> {
    let again = screen.usage.reading_lines.end();
    let usage = &mut screen.usage;
    let question = Lines { before: None, limit: PAGE, ..asked.clone() };
    match entries {
        Ok(entries) if usage.lines() == question => {
            let whole = entries.len() < asked.limit;
            if asked.before.is_none() {
                usage.entries = entries;
                (usage.whole, usage.entries_of) = (whole, Some(question));
            } else if asked.before == usage.entries.last().map(|entry| entry.seq) {
                usage.entries.extend(entries);
                usage.whole = whole;
            }
        }
        Ok(_) => {}
        Err(trouble) => screen.warn(trouble),
    }
    if again { read_lines(screen) } else { vec![] }
}

/// What an action does in this view; `None` for what is none of its own.
pub(super) fn act(screen: &mut Screen, action: Action) -> Option<Vec<Effect>> {
    let effects = match action {
        Action::NextPane => turn(screen, 1),
        Action::PreviousPane => turn(screen, Section::ALL.len() - 1),
        Action::Back => back(screen),
        Action::Filter => {
            focus(screen, Section::Ledger);
            screen.line = Some((LineKind::Ledger, edit::field(&screen.usage.words)));
            vec![]
        }
        Action::ByModel => group(screen, GroupBy::Model),
        Action::ByProvider => group(screen, GroupBy::Provider),
        Action::ByOperation => group(screen, GroupBy::Operation),
        Action::ByProject => group(screen, GroupBy::Project),
        Action::ByTag => group(screen, GroupBy::Tag),
        Action::ByDay => group(screen, GroupBy::Day),
        Action::MonthBack => {
            let back = match screen.usage.asked.window {
                Window::Month(back) => (back + 1).min(1200),
                Window::Ever => 0,
            };
            look_at(screen, Window::Month(back))
        }
        Action::MonthOn => match screen.usage.asked.window {
            Window::Month(back) => look_at(screen, Window::Month(back.saturating_sub(1))),
            Window::Ever => vec![],
        },
        Action::WholeTime => match screen.usage.asked.window {
            Window::Ever => look_at(screen, Window::Month(0)),
            Window::Month(_) => look_at(screen, Window::Ever),
        },
        Action::SwitchMoney => {
            let usage = &mut screen.usage;
            usage.asked.simulated = Some(!usage.is_simulated());
            read(screen)
        }
        Action::OpenLines => open_lines(screen),
        Action::Details => details(screen),
        Action::Find => screen.usage.in_doubt().map_or(vec![], |(id, _)| vec![Effect::Find(id)]),
        Action::Settle => {
            if let Some((id, number)) = screen.usage.in_doubt() {
                screen.dialogs.push(Dialog::Settle { id, number });
            }
            vec![]
        }
        Action::CopyDashboard => dashboard(screen),
        Action::ExportUsage => {
            let usage = &screen.usage;
            vec![Effect::Export(match usage.section {
                Section::Ledger => Export::Lines(usage.lines()),
                _ => Export::Groups(usage.asked.clone()),
            })]
        }
        // What it would undo is not in sight.
        Action::Undo | Action::EditOutside => vec![],
        _ => return travel(screen, action).then(|| read_more(screen)),
    };
    Some(effects)
}

fn focus(screen: &mut Screen, section: Section) {
    let usage = &mut screen.usage;
    usage.focus(section);
    match section {
        Section::Ledger => usage.line_at.pin(&usage.seqs()),
        Section::Top => usage.dear_at.pin(&usage.dear_ids()),
        _ => {}
    }
}

fn turn(screen: &mut Screen, by: usize) -> Vec<Effect> {
    let all = Section::ALL;
    let at = all.iter().position(|section| *section == screen.usage.section).unwrap_or_default();
    focus(screen, all[(at + by) % all.len()]);
    vec![]
}

/// Closes one layer: the words, the row that the lines are of, the view.
fn back(screen: &mut Screen) -> Vec<Effect> {
    if !screen.usage.words.is_empty() {
        return search(screen, "");
    }
    if screen.usage.only.take().is_some() {
        return read_lines(screen);
    }
    screen.view = View::Studio;
    vec![]
}

/// Shows the lines with these words.
pub(super) fn search(screen: &mut Screen, words: &str) -> Vec<Effect> {
    let words = words.trim();
    if screen.usage.words == words {
        return vec![];
    }
    words.clone_into(&mut screen.usage.words);
    screen.usage.line_at.follow();
    read_lines(screen)
}

fn group(screen: &mut Screen, by: GroupBy) -> Vec<Effect> {
    if screen.usage.section != Section::Table {
        focus(screen, Section::Table);
    }
    if screen.usage.asked.by == by {
        return vec![];
    }
    screen.usage.asked.by = by;
    read_figures(screen)
}

fn look_at(screen: &mut Screen, window: Window) -> Vec<Effect> {
    if screen.usage.asked.window == window {
        return vec![];
    }
    screen.usage.asked.window = window;
    read(screen)
}

/// Shows the lines of the selected row, day or budget.
fn open_lines(screen: &mut Screen) -> Vec<Effect> {
    let usage = &screen.usage;
    let only = match usage.section {
        Section::Table => {
            usage.groups().get(usage.group_place()).map(|group| (usage.by, group.key.clone()))
        }
        Section::Days => {
            usage.bars().get(usage.day_place()).map(|bar| (GroupBy::Day, bar.day.to_string()))
        }
        Section::Budgets => usage.report.as_ref().and_then(|report| {
            match &report.rows.get(usage.row_at)?.standing.bound.rule {
                Rule::Budget(Scope::Day) => Some((GroupBy::Day, report.today.to_string())),
                Rule::Budget(Scope::Project(name)) => Some((GroupBy::Project, name.clone())),
                _ => None,
            }
        }),
        Section::Top | Section::Ledger => None,
    };
    focus(screen, Section::Ledger);
    if only.is_none() || screen.usage.only == only {
        return vec![];
    }
    screen.usage.only = only;
    screen.usage.line_at.follow();
    read_lines(screen)
}

/// The job that keys act on.
fn job(screen: &Screen) -> Option<JobId> {
    let usage = &screen.usage;
    match usage.section {
        Section::Ledger => usage.entry().map(|entry| entry.job),
        Section::Top => usage.dear_at.get(&usage.dear_ids()),
        _ => None,
    }
}

fn details(screen: &mut Screen) -> Vec<Effect> {
    let Some(id) = job(screen) else { return vec![] };
    screen.dialogs.push(Dialog::Timeline { id, events: None, top: 0 });
    vec![Effect::Timeline(id)]
}

/// Copies the address where the provider shows its own list.
fn dashboard(screen: &mut Screen) -> Vec<Effect> {
    let Some(id) = job(screen) else { return vec![] };
    let of_line = screen.usage.entries.iter().find(|entry| entry.job == id);
    let of_job = || screen.jobs.iter().find(|job| job.id == id).map(|job| job.account.provider);
    let provider: Option<ProviderId> =
        of_line.and_then(|entry| entry.provider.parse().ok()).or_else(of_job);
    let known = screen.usage.report.as_ref().map_or(&[][..], |report| &report.dashboards);
    let address = known.iter().find(|(of, _)| Some(*of) == provider).map(|(_, it)| it.clone());
    let Some(address) = address else {
        screen.say("this provider has no list of its own to look at");
        return vec![];
    };
    screen.say(format!("copied: {address}"));
    vec![Effect::Copy(address)]
}

/// Moves what is selected in the section that has the focus.
fn travel(screen: &mut Screen, action: Action) -> bool {
    let areas = areas::areas(screen.size, &screen.usage);
    let usage = &mut screen.usage;
    let half = isize::try_from(areas.of(usage.section).height / 2).unwrap_or(1).max(1);
    let by = match (action, usage.section) {
        (Action::First, _) => isize::MIN,
        (Action::Last, _) => isize::MAX,
        (Action::Down | Action::HalfDown, Section::Days) => 7,
        (Action::Up | Action::HalfUp, Section::Days) => -7,
        (Action::Down, _) | (Action::Right, Section::Days) => 1,
        (Action::Up, _) | (Action::Left, Section::Days) => -1,
        (Action::HalfDown, _) => half,
        (Action::HalfUp, _) => -half,
        (Action::Left | Action::Right, _) => 0,
        _ => return false,
    };
    let moved =
        |place: usize, count: usize| place.saturating_add_signed(by).min(count.saturating_sub(1));
    match usage.section {
        Section::Budgets => {
            let count = usage.report.as_ref().map_or(0, |report| report.rows.len());
            usage.row_at = moved(usage.row_at, count);
        }
        Section::Days => {
            let place = moved(usage.day_place(), usage.bars().len());
            let is_last = place + 1 >= usage.bars().len();
            // The last is today, tomorrow too.
            usage.day_at = usage.bars().get(place).filter(|_| !is_last).map(|bar| bar.day);
        }
        Section::Table => {
            let place = moved(usage.group_place(), usage.groups().len());
            usage.group_at = usage.groups().get(place).map(|group| group.key.clone());
        }
        Section::Top => usage.dear_at.move_by(&usage.dear_ids(), by),
        Section::Ledger => usage.line_at.move_by(&usage.seqs(), by),
    }
    true
}

/// Moves through the lines while words are typed.
pub(super) fn move_while_typing(screen: &mut Screen, action: Action) -> Vec<Effect> {
    travel(screen, action);
    read_more(screen)
}

/// Scrolls so that what is selected is in sight.
pub(super) fn keep_in_sight(screen: &mut Screen) {
    if screen.view != View::Usage {
        return;
    }
    let areas = areas::areas(screen.size, &screen.usage);
    let rows = |section| usize::from(areas.of(section).height.saturating_sub(1)).max(1);
    let usage = &mut screen.usage;
    let count = usage.report.as_ref().map_or(0, |report| report.rows.len());
    let budgets = rows(Section::Budgets) - usize::from(areas.has_ending);
    usage.row_at = usage.row_at.min(count.saturating_sub(1));
    usage.row_top = studio::scrolled(usage.row_top, usage.row_at, budgets.max(1), count);
    let (place, count) = (usage.group_place(), usage.groups().len());
    usage.group_top = studio::scrolled(usage.group_top, place, rows(Section::Table), count);
    let ids = usage.dear_ids();
    let place = usage.dear_at.place(&ids);
    usage.dear_top = studio::scrolled(usage.dear_top, place, rows(Section::Top), ids.len());
    let seqs = usage.seqs();
    let place = usage.line_at.place(&seqs);
    usage.line_top = studio::scrolled(usage.line_top, place, rows(Section::Ledger), seqs.len());
}
