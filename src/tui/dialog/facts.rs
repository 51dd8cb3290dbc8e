//! What a dialog says, as styled lines: pure, so that scrolling and drawing agree.

use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::diff;
use super::super::edit;
use super::super::form::rows::label;
use super::super::look::Look;
use super::super::screen::Screen;
use super::super::story::RunLook;
use super::super::text;
use super::super::theme::Role;
use super::super::update::keys::reachable;
use super::picker::Section;
use super::{Dialog, worst};
use crate::domain::text::printable;
use crate::domain::{Ask, AssetId, Check, CheckId, Outcome, Preflight};

/// How wide the text of a dialog is at most.
pub(super) const WIDEST: u16 = 76;

/// How many cells the text of a dialog has.
pub(in super::super) fn width(screen: &Screen) -> usize {
    usize::from(screen.size.width.saturating_sub(8).min(WIDEST))
}

/// How many lines a scrolling dialog shows.
pub(in super::super) fn rows(screen: &Screen) -> usize {
    usize::from(screen.size.height.saturating_sub(6)).max(1)
}

/// The title of a dialog.
pub(in super::super) fn title(screen: &Screen, dialog: &Dialog) -> String {
    match dialog {
        Dialog::Preflight { ask, preflight, .. } => amount(is_pretended(ask), preflight),
        Dialog::StoryRun { looked, .. } => amount(!looked.costs, &looked.preflight),
        Dialog::Batch(batch) => batch.title(),
        Dialog::Confirm { question, .. } => question.clone(),
        Dialog::Settle { number, .. } => format!("Settle job {number}"),
        Dialog::Leaving { unsent: 1 } => "1 job was never sent".to_owned(),
        Dialog::Leaving { unsent } => format!("{unsent} jobs were never sent"),
        Dialog::Timeline { id, .. } => {
            let job = screen.jobs.iter().find(|job| job.id == *id);
            job.map_or("What happened".to_owned(), |job| format!("Job {}", job.number))
        }
        Dialog::Styles { .. } => "Write the prompt out: in which style?".to_owned(),
        Dialog::Words { .. } => "Take these words as the prompt?".to_owned(),
        Dialog::Help { .. } => "Keys of this place".to_owned(),
        Dialog::Palette { .. } => "Do".to_owned(),
        Dialog::Presets { .. } => "Change the brief by a preset".to_owned(),
        Dialog::Export(export) => format!("Export or edit take {}", export.label),
        Dialog::Pick(picker) => format!("Choose: {}", picker.label),
        Dialog::Choices { spot, .. } => {
            let param = spot.spec(screen.settings.model());
            let count = screen.settings.allowed(spot).len();
            format!("{}: one of {count}", label(&param.key))
        }
    }
}

fn is_pretended(ask: &Ask) -> bool {
    ask.briefs.iter().all(|brief| brief.provider.is_simulated())
}

fn amount(pretended: bool, preflight: &Preflight) -> String {
    if worst(preflight) == Outcome::Block {
        return "Nothing is sent".to_owned();
    }
    match (&preflight.estimate, pretended) {
        (Some(estimate), false) => format!("Spend about {estimate} ?"),
        (Some(estimate), true) => format!("Pretend to spend {estimate} ?"),
        (None, _) => "Price unknown: go on ?".to_owned(),
    }
}

/// The lines of a dialog, the keys at its foot not among them.
pub(in super::super) fn lines(screen: &Screen, dialog: &Dialog) -> Vec<Line<'static>> {
    let width = width(screen);
    match dialog {
        Dialog::Preflight { ask, preflight, .. } => {
            checks(screen, &summary(screen, ask), preflight, width)
        }
        Dialog::StoryRun { looked, .. } => {
            checks(screen, &whole_run(screen, looked), &looked.preflight, width)
        }
        Dialog::Confirm { detail, .. } => plain(detail, width),
        Dialog::Settle { .. } => plain(
            "Nobody here can say whether the provider made it and billed it. Look at the provider's own \
             list first; what you say here is written into the ledger once and for all. A take that \
             turns up later is still saved, and never charged again.",
            width,
        ),
        Dialog::Leaving { .. } => plain(
            "What the provider has goes on without this screen. What was never sent can be sent by the \
             worker, held until you say so, or given up.",
            width,
        ),
        Dialog::Timeline { id, events, .. } => {
            super::timeline::timeline(screen, *id, events.as_deref(), width)
        }
        Dialog::Styles { styles, at } => listed(screen, styles, *at, width),
        Dialog::Words { id, words, .. } => offered(screen, *id, words, width),
        Dialog::Help { places, .. } => super::help::help(screen, places, width),
        Dialog::Batch(_)
        | Dialog::Export(_)
        | Dialog::Palette { .. }
        | Dialog::Pick(_)
        | Dialog::Choices { .. }
        | Dialog::Presets { .. } => vec![],
    }
}

fn plain(sentence: &str, width: usize) -> Vec<Line<'static>> {
    text::wrap(sentence, width).into_iter().map(Line::from).collect()
}

fn listed(screen: &Screen, names: &[String], at: usize, width: usize) -> Vec<Line<'static>> {
    let look = &screen.look;
    let one = |(place, name): (usize, &String)| {
        let (bar, role) =
            if place == at { (look.bar(), Role::Selected) } else { (" ", Role::Text) };
        let name = text::fit(&printable(name), width.saturating_sub(2));
        Line::from(vec![
            Span::styled(bar, look.style(Role::Accent)),
            Span::styled(format!(" {name}"), look.style(role)),
        ])
    };
    names.iter().enumerate().map(one).collect()
}

/// Where the words come from, and what they would change in the prompt of now.
fn offered(screen: &Screen, id: AssetId, words: &str, width: usize) -> Vec<Line<'static>> {
    let look = &screen.look;
    let asset = screen.assets.iter().find(|asset| asset.id == id);
    let label = asset.map(|asset| format!("take {}", asset.label()));
    let origin = asset.and_then(|asset| asset.origin.as_ref());
    let model = origin.and_then(|origin| screen.settings.find(&origin.model));
    let from: Vec<_> = label.into_iter().chain(model.map(|it| printable(&it.name))).collect();
    let from = text::cut_end(&from.join(look.dot()), width);
    let mut lines = vec![Line::styled(from, look.style(Role::Muted)), Line::default()];
    lines.extend(diff::lines(&edit::text(&screen.prompt), words, look, width));
    lines
}

/// Every check with its finding, and below it what to do. Where there is too little room for all of them,
/// those that passed share a line. Consent is not among them: the dialog is that question.
fn checks(
    screen: &Screen,
    summary: &str,
    preflight: &Preflight,
    width: usize,
) -> Vec<Line<'static>> {
    let mut head: Vec<_> = text::wrap(summary, width).into_iter().map(Line::from).collect();
    head.push(Line::default());
    let checks = preflight.checks.iter().filter(|check| check.id != CheckId::Consent);
    let told = |check: &&Check| told(&screen.look, check, width);
    let whole: Vec<_> =
        head.iter().cloned().chain(checks.clone().flat_map(|check| told(&check))).collect();
    if whole.len() <= rows(screen) {
        return whole;
    }
    let (passed, rest): (Vec<_>, Vec<_>) = checks.partition(|check| check.outcome == Outcome::Pass);
    let names: Vec<_> = passed.iter().map(|check| name(check)).collect();
    let mut lines: Vec<_> = head.into_iter().chain(rest.iter().flat_map(told)).collect();
    if !names.is_empty() {
        let names = text::cut_end(&names.join(", "), width.saturating_sub(2));
        lines.push(Line::from(vec![
            Span::styled(screen.look.pick("✓ ", "+ "), screen.look.style(Role::Good)),
            Span::raw(names),
        ]));
    }
    lines
}

fn name(check: &Check) -> String {
    check.id.as_str().replace('_', " ")
}

/// What was found; each rule of money in a line of its own.
fn findings(check: &Check, room: usize) -> Vec<String> {
    let found = printable(&check.finding);
    match check.id {
        CheckId::Budget | CheckId::Limits => {
            found.split("; ").flat_map(|rule| text::wrap(rule, room)).collect()
        }
        _ => text::wrap(&found, room),
    }
}

/// A check: its sign, name and finding, and the way out where it did not pass.
fn told(look: &Look, check: &Check, width: usize) -> Vec<Line<'static>> {
    let (glyph, role) = match check.outcome {
        Outcome::Pass => (look.pick("✓", "+"), Role::Good),
        Outcome::Warn => ("!", Role::Warn),
        Outcome::Block => (look.pick("✗", "x"), Role::Bad),
    };
    let room = width.saturating_sub(14);
    let mut rest = findings(check, room);
    if let (Some(hint), true) = (&check.hint, check.outcome != Outcome::Pass) {
        rest.extend(text::wrap(&format!("hint: {}", printable(hint)), room));
    }
    let mut rest = rest.into_iter();
    let first = Line::from(vec![
        Span::styled(format!("{glyph} "), look.style(role)),
        Span::raw(text::fit(&name(check), 12)),
        Span::raw(rest.next().unwrap_or_default()),
    ]);
    let below = rest.map(|line| Line::from(format!("{:14}{line}", "")));
    std::iter::once(first).chain(below).collect()
}

/// `The kite · 5 jobs for 3 scenes`.
fn whole_run(screen: &Screen, looked: &RunLook) -> String {
    let many = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let title = screen.story.sheet.as_ref().map(|sheet| printable(&sheet.story.title));
    let jobs = format!("{} for {}", many(looked.jobs, "job"), many(looked.scenes, "scene"));
    let facts = title.into_iter().filter(|title| !title.is_empty()).chain([jobs]);
    facts.collect::<Vec<_>>().join(screen.look.dot())
}

/// `2 takes · Wan 2.5 · text to video · 720p · 5 s`.
fn summary(screen: &Screen, ask: &Ask) -> String {
    let Some(brief) = ask.briefs.first() else { return String::new() };
    let model = screen.settings.find(&brief.model);
    let name = model.map_or_else(|| brief.model.to_string(), |spec| spec.name.clone());
    let takes = match ask.briefs.len() {
        1 => "1 take".to_owned(),
        takes => format!("{takes} takes"),
    };
    let of = |key: &str| {
        let value = brief.params.get(key)?;
        let unit = model.and_then(|spec| spec.param(key)?.unit.clone());
        let text = crate::catalog::plain(value);
        Some(unit.map_or(text.clone(), |unit| format!("{text} {unit}")))
    };
    let facts = ["size", "resolution", "duration"].into_iter().filter_map(of);
    let words = [takes, name, brief.operation.words()].into_iter().chain(facts);
    printable(&words.collect::<Vec<_>>().join(screen.look.dot()))
}

/// What yes is called in a dialog that spends; `None` where it cannot be said.
fn spends(pretended: bool, preflight: &Preflight) -> Option<String> {
    match (&preflight.estimate, worst(preflight)) {
        (_, Outcome::Block) => None,
        (Some(estimate), _) if !pretended => Some(format!("spend {estimate}")),
        _ => Some("go on".to_owned()),
    }
}

/// The keys at the foot of a dialog, with what each does there.
pub(in super::super) fn keys(screen: &Screen, dialog: &Dialog) -> Vec<(String, String)> {
    let places = reachable(screen);
    let key = |action: Action, words: &str| {
        screen.keymap.key(&places, action).map(|key| (key, words.to_owned()))
    };
    let named = |action: Action| key(action, action.label());
    let keys = match dialog {
        Dialog::Preflight { ask, preflight, .. } => {
            let spend = spends(is_pretended(ask), preflight);
            let spend = spend.and_then(|words| key(Action::Accept, &words));
            vec![spend, named(Action::EditBrief), named(Action::Back)]
        }
        Dialog::StoryRun { looked, .. } => {
            let spend = spends(!looked.costs, &looked.preflight);
            vec![spend.and_then(|words| key(Action::Accept, &words)), named(Action::Back)]
        }
        Dialog::Batch(_) => vec![
            key(Action::Accept, "look at it"),
            named(Action::Tick),
            named(Action::TickAll),
            named(Action::Back),
        ],
        Dialog::Confirm { .. } => vec![key(Action::Accept, "give it up"), named(Action::Back)],
        Dialog::Settle { .. } => {
            vec![named(Action::SettleCharged), named(Action::SettleFree), named(Action::Back)]
        }
        Dialog::Leaving { .. } => vec![
            named(Action::SendUnsent),
            named(Action::HoldUnsent),
            named(Action::CancelUnsent),
            key(Action::Back, "stay"),
        ],
        Dialog::Timeline { .. } | Dialog::Help { .. } => {
            let more = lines(screen, dialog).len() > rows(screen);
            let down = more.then(|| key(Action::Down, "further down")).flatten();
            vec![down, named(Action::Back)]
        }
        Dialog::Styles { .. } => vec![key(Action::Accept, "write it out"), named(Action::Back)],
        Dialog::Words { .. } => {
            let more = lines(screen, dialog).len() > rows(screen);
            let down = more.then(|| key(Action::Down, "further down")).flatten();
            vec![key(Action::Accept, "take them"), key(Action::Back, "leave it as it is"), down]
        }
        Dialog::Palette { .. } => vec![key(Action::Accept, "do it")],
        Dialog::Choices { .. } => vec![key(Action::Accept, "take it")],
        Dialog::Presets { .. } => {
            vec![key(Action::Accept, "change the brief"), named(Action::Back)]
        }
        Dialog::Export(export) => {
            let keys = super::export::keys(screen, export).into_iter();
            keys.map(|(action, words)| key(action, &words)).collect()
        }
        Dialog::Pick(picker) => {
            let other = match picker.section {
                Section::Library => "files",
                Section::Files => "library",
            };
            let any = if picker.any_kind { "only what fits" } else { "all kinds" };
            let hidden = if picker.hidden { "without .files" } else { ".files" };
            let mut keys = vec![key(Action::Accept, "take it"), key(Action::SwitchSection, other)];
            if picker.section == Section::Files {
                keys.push(key(Action::ParentFolder, "up"));
            }
            keys.push(key(Action::AnyKind, any));
            if picker.section == Section::Files {
                keys.push(key(Action::HiddenFiles, hidden));
            }
            keys
        }
    };
    keys.into_iter().flatten().collect()
}
