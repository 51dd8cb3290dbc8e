//! Everything about the selected model: what it costs, what it takes, where that is known from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::super::look::Look;
use super::super::super::models::price::Table;
use super::super::super::models::{Part, words};
use super::super::super::screen::Screen;
use super::super::super::text;
use super::super::super::theme::Role;
use super::super::page::{NAMES, Page};
use crate::catalog::{InputSpec, ModelSpec, ParamSpec};
use crate::domain::text::printable;

/// Draws the facts with their title.
pub(in super::super::super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let catalog = screen.settings.catalog();
    let spec = screen.models.selected(catalog);
    let name = spec.map_or_else(|| "Model".to_owned(), words::name);
    let focused = screen.models.part == Part::Facts;
    let lines = lines(screen, area.width);
    let rows = usize::from(area.height - 1);
    let top = screen.models.facts_top;
    let mut standing = Vec::new();
    let in_form = spec.is_some_and(|spec| screen.settings.model().id == spec.id);
    let name = if in_form { format!("{name} {}", screen.look.pick("●", "<")) } else { name };
    standing.extend(spec.map(|spec| spec.operation.words()));
    if lines.len() > rows {
        standing.push(format!("{}-{} of {}", top + 1, (top + rows).min(lines.len()), lines.len()));
    }
    super::super::title(buf, area, &screen.look, &name, focused, &standing.join(screen.look.dot()));
    let inside = Rect { y: area.y + 1, height: area.height - 1, ..area };
    for (row, line) in (0..inside.height).zip(lines.into_iter().skip(top)) {
        super::super::line(buf, inside, row, line);
    }
}

/// The lines of the facts at this width.
pub(in super::super::super) fn lines(screen: &Screen, width: u16) -> Vec<Line<'static>> {
    let Some(spec) = screen.models.selected(screen.settings.catalog()) else { return vec![] };
    let width = usize::from(width).saturating_sub(2);
    let mut page = Page::new(&screen.look, width);
    page.words(&spec.about, Role::Text);
    if let Some(why) = words::why_not(spec, screen.desk.provider) {
        let off = if spec.available { why } else { format!("switched off: {why}") };
        page.words(&format!("{} {off}", screen.look.pick("–", "-")), Role::Warn);
    }
    page.gap();
    price(screen, spec, &mut page);
    page.gap();
    page.table("files", spec.inputs.iter().map(|it| (it.key.clone(), input(it))));
    page.table("settings", spec.params.iter().map(|it| (it.key.clone(), param(it))));
    let conditions = spec.conditions.iter().map(|it| (it.key.clone(), condition(it)));
    page.table("and", conditions);
    page.gap();
    page.fact("id", spec.id.as_str());
    if !spec.aliases.is_empty() {
        page.fact("also", &spec.aliases.join(", "));
    }
    page.fact("runs on", &words::providers(spec));
    page.fact("known", &words::origin(spec));
    page.fact("source", &spec.source);
    page.lines
}

/// What it costs now, how that comes about, and what it costs at a few other settings.
fn price(screen: &Screen, spec: &ModelSpec, page: &mut Page<'_>) {
    let look = &screen.look;
    let Some(cost) = screen.models.prices.of(&spec.id) else { return };
    let run = match &cost.run {
        Some(run) => format!("{run} a run"),
        None => "unknown".to_owned(),
    };
    let rate = match cost.rate {
        Some(_) => format!("{}{}", look.dot(), words::price(look, Some(cost))),
        None => String::new(),
    };
    page.fact_in("price", &words::in_letters(look, format!("{run}{rate}")), Role::Title);
    match &cost.run {
        Some(run) => page.fact("", &words::in_letters(look, run.finding.clone())),
        None => page.fact("", "there is no rule for it: the provider is asked before a run"),
    }
    if let Some(quote) = screen.models.difference(&spec.id)
        && let Some(difference) = quote.difference()
    {
        let day = quote.at.to_zoned(look.zone.clone()).date();
        page.fact_in("quoted", &format!("{difference} ({day})"), Role::Warn);
    }
    let Some(table) = screen.models.prices.table(&spec.id) else { return };
    prices(look, table, page);
    for (name, price) in &table.turned {
        let words = format!("{price} with {}", printable(name));
        page.fact("", &words::in_letters(look, words));
    }
}

/// The prices at a few settings, their columns lined up.
fn prices(look: &Look, table: &Table, page: &mut Page<'_>) {
    if table.rows.len() < 2 && table.lengths.len() < 2 {
        return;
    }
    let cell = |price: &Option<crate::domain::Estimate>| {
        let text = price.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
        words::in_letters(look, text)
    };
    let muted = look.style(Role::Muted);
    let names = table.rows.iter().map(|(name, _)| text::width(name)).max().unwrap_or_default();
    let cells = table.rows.iter().flat_map(|(_, prices)| prices).map(|it| text::width(&cell(it)));
    let column = cells.max().unwrap_or_default().max(6) + 2;
    // Names give way: figures are never cut.
    let room = page.width.saturating_sub(NAMES + table.lengths.len().max(1) * column);
    let names = names.min(room);
    if table.lengths.len() > 1 {
        let heads = table.lengths.iter().map(|length| text::right(length, column));
        let line = format!("{:1$}", "", NAMES + names) + &heads.collect::<String>();
        page.lines.push(Line::styled(line, muted));
    }
    for (name, prices) in &table.rows {
        let prices: String = prices.iter().map(|it| text::right(&cell(it), column)).collect();
        page.lines.push(Line::from(vec![
            Span::raw(" ".repeat(NAMES)),
            Span::styled(text::fit(&printable(name), names), muted),
            Span::raw(prices),
        ]));
    }
}

/// `a picture, needed, jpg png, at most 10.0 MB`.
fn input(input: &InputSpec) -> String {
    let mut facts = vec![input.kind.as_str().replace('-', " ")];
    if input.required {
        facts.push("needed".to_owned());
    }
    match (input.at_least, input.how_many) {
        (_, 1) => {}
        (0 | 1, usize::MAX) => facts.push("any number".to_owned()),
        (0 | 1, most) => facts.push(format!("up to {most}")),
        (least, most) => facts.push(format!("{least} to {most}")),
    }
    match (input.min_seconds, input.max_seconds) {
        (Some(least), Some(most)) => facts.push(format!("{least} to {most} s")),
        (Some(least), None) => facts.push(format!("at least {least} s")),
        (None, Some(most)) => facts.push(format!("at most {most} s")),
        (None, None) => {}
    }
    if let Some(most) = input.max_bytes {
        facts.push(format!("at most {}", text::size(most)));
    }
    if let Some(side) = input.min_side {
        facts.push(format!("no side below {side}"));
    }
    if let Some(ratio) = input.max_ratio {
        facts.push(format!("no side over {ratio} times the other"));
    }
    if !input.formats.is_empty() {
        facts.push(input.formats.join(" "));
    }
    told(&facts, input.about.as_deref())
}

/// `5, 10 s, default 5`.
fn param(param: &ParamSpec) -> String {
    let unit = param.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    let mut facts = vec![format!("{}{unit}", param.kind.words())];
    if let Some(default) = &param.default {
        let default = words::typed(default);
        if !default.is_empty() {
            facts.push(format!("default {default}"));
        }
    }
    if param.required && param.default.is_none() {
        facts.push("needed".to_owned());
    }
    if param.hidden {
        facts.push("rarely needed".to_owned());
    }
    told(&facts, param.about.as_deref())
}

fn condition(condition: &crate::catalog::Condition) -> String {
    use crate::catalog::Then;
    let then = match &condition.then {
        Then::OneOf(of) => of.iter().map(words::typed).collect::<Vec<_>>().join(", "),
        Then::AtMost(most) => format!("at most {most}"),
        Then::Needed => "needed".to_owned(),
        Then::Never => "not taken".to_owned(),
    };
    format!("{then} where {}", condition.words())
}

fn told(facts: &[String], about: Option<&str>) -> String {
    let facts = facts.join(", ");
    match about {
        Some(about) => format!("{facts}. {about}"),
        None => facts,
    }
}
