//! The ledger, line by line, newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::super::super::action::Action;
use super::super::super::keymap::Place;
use super::super::super::look::Look;
use super::super::super::screen::Screen;
use super::super::super::text;
use super::super::super::theme::Role;
use super::super::super::usage::{Section, words};
use super::columns::{Cell, Column, Columns};
use crate::domain::text::printable;
use crate::domain::usage::Entry;
use crate::domain::{LineKind, StageName};

/// Draws the section.
pub(super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let usage = &screen.usage;
    super::title(screen, area, Section::Ledger, &name(screen), &facts(screen), buf);
    let Some(report) = usage.report.as_ref() else { return };
    if usage.entries.is_empty() {
        if usage.entries_of.is_some() {
            super::told(screen, area, &nothing(screen), buf);
        }
        return;
    }
    let look = &screen.look;
    let amounts = usage.entries.iter().map(|entry| Cell::money(words::amount(entry))).collect();
    let amounts = Columns::fitting(vec![Column::new("amount", 0, amounts)], 40);
    let fields = Fields::of(usize::from(area.width), amounts.width());
    let focused = usage.section == Section::Ledger;
    let selected = usage.line_at.place(&usage.seqs());
    let ways = ways(screen);
    let rows = usize::from(area.height) - 1;
    let shown = usage.entries.iter().enumerate().skip(usage.line_top).take(rows);
    for (at, (place, entry)) in (1..).zip(shown) {
        let (bar, style) = super::mark(screen, place == selected, focused);
        let written = words::written(entry, look, report.today);
        let mut spans = vec![bar, Span::styled(text::fit(&written, 8), look.style(Role::Muted))];
        spans.push(Span::styled(text::right(&entry.number.to_string(), 5), style));
        spans.extend(fields.before(screen, entry, style));
        spans.extend(amounts.row(look, place, money(look, entry, style)));
        spans.extend(fields.note(look, entry, &ways));
        super::super::line(buf, area, at, spans);
    }
}

/// What is only held, or free again, is not spent: it stands back.
fn money(look: &Look, entry: &Entry, style: Style) -> Style {
    match entry.kind {
        LineKind::Hold | LineKind::Release => look.style(Role::Muted),
        LineKind::RefundDue => look.style(Role::Warn),
        LineKind::Refund => look.style(Role::Good),
        LineKind::Charge | LineKind::Adjust => style,
    }
}

/// The keys that end a doubt.
fn ways(screen: &Screen) -> String {
    let way = |action: Action| {
        let key = screen.keymap.key(&[Place::Doubt], action)?;
        Some(format!("{key} {}", action.label()))
    };
    [way(Action::Find), way(Action::Settle)].into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn name(screen: &Screen) -> String {
    match &screen.usage.only {
        Some((by, key)) => {
            let called = words::group(screen.settings.catalog(), *by, key);
            format!("Ledger: {called}")
        }
        None => "Ledger".to_owned(),
    }
}

fn facts(screen: &Screen) -> String {
    let (look, usage) = (&screen.look, &screen.usage);
    let mut facts = Vec::new();
    if !usage.words.is_empty() {
        facts.push(format!("/{}", printable(&usage.words)));
    }
    facts.push(words::window(usage.report.as_ref(), usage.asked.window));
    if usage.entries_of.is_some() {
        let count = text::grouped(usage.entries.len());
        let more = if usage.whole { "" } else { "+" };
        facts.push(format!("{count}{more} {}", if count == "1" { "line" } else { "lines" }));
    }
    facts.join(look.dot())
}

/// No line was found: what to do about it.
fn nothing(screen: &Screen) -> Vec<String> {
    let usage = &screen.usage;
    let places = screen.places();
    let key = |action| screen.keymap.key(&places, action).unwrap_or_default();
    if !usage.words.is_empty() {
        let words = printable(&usage.words);
        let all = "numbers, models, projects, prompts, tags and kinds of lines are looked at";
        let mut told = vec![format!("no line has {words:?}: {all}")];
        if screen.line.is_none() {
            told.push(format!("{} takes the words away again", key(Action::Back)));
        }
        return told;
    }
    match &usage.report {
        Some(report) => super::nothing(screen, report),
        None => vec![],
    }
}

/// How wide the fields beside the amount are; those without room are nothing.
struct Fields {
    model: usize,
    stage: usize,
    kind: usize,
    note: usize,
    prompt: usize,
}

impl Fields {
    fn of(width: usize, amount: usize) -> Self {
        let kind = 12;
        // Bar, time, number; a blank at the end.
        let room = width.saturating_sub(1 + 8 + 5 + 1 + amount + kind);
        let (stage, note) = match room {
            0..=25 => (3, 0),
            26..=43 => (3, 18),
            44..=59 => (12, 18),
            _ => (12, (room - 12) / 2),
        };
        let model = room.saturating_sub(stage + note);
        let spare = model.saturating_sub(32);
        let note = if note > 0 { note + spare } else { 0 };
        // What was asked for stands behind it, where there is much room.
        let prompt = if note >= 70 { note - 36 } else { 0 };
        Self { model: model - spare, stage, kind, note: note - prompt, prompt }
    }

    fn before(&self, screen: &Screen, entry: &Entry, style: Style) -> Vec<Span<'static>> {
        let look = &screen.look;
        let stage = entry.stage;
        let sign = look.stage(stage, false, 0);
        let stage_words =
            if self.stage > 3 { format!("{sign} {}", stage.words()) } else { sign.to_owned() };
        let model = words::model(screen.settings.catalog(), &entry.model);
        let model = text::fit(&model, self.model.saturating_sub(2));
        let in_doubt = stage == StageName::InDoubt && self.note == 0;
        let model =
            if in_doubt { text::fit(&ways(screen), self.model.saturating_sub(2)) } else { model };
        let cell = |words: String, width: usize, style: Style| {
            Span::styled(format!("  {}", text::fit(&words, width.saturating_sub(2))), style)
        };
        let kind = if stage == StageName::InDoubt && entry.kind == LineKind::Hold {
            "held"
        } else {
            words::kind(entry.kind)
        };
        vec![
            Span::styled(format!("  {model}"), style),
            cell(stage_words, self.stage, look.style(Look::stage_role(stage))),
            cell(kind.to_owned(), self.kind, money(look, entry, style)),
        ]
    }

    fn note(&self, look: &Look, entry: &Entry, ways: &str) -> Vec<Span<'static>> {
        if self.note == 0 {
            return vec![];
        }
        let note = text::fit(&words::note(entry, ways), self.note.saturating_sub(2));
        let prompt = text::cut_end(&printable(&entry.prompt), self.prompt.saturating_sub(3));
        let in_doubt = entry.stage == StageName::InDoubt;
        let role = if in_doubt { Role::Key } else { Role::Muted };
        vec![Span::styled(format!("  {note}"), look.style(role)), Span::raw(format!("  {prompt}"))]
    }
}
