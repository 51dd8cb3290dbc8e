//! The model view: words and filters, one row a model, and everything about the selected one.

pub(in super::super) mod facts;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::action::Action;
use super::super::models::{Part, areas, words};
use super::super::screen::{LineKind, Screen};
use super::super::text;
use super::super::theme::Role;
use crate::catalog::ModelSpec;
use crate::domain::Operation;
use crate::domain::text::printable;

/// Draws the view between header and footer.
pub(in super::super) fn draw(screen: &Screen, frame: &mut Frame<'_>) {
    let areas = areas::areas(screen.size, screen.models.part);
    bar(screen, areas.bar, frame);
    let buf = frame.buffer_mut();
    list(screen, areas.list, buf);
    facts::draw(screen, areas.facts, buf);
    for row in 0..areas.divider.height {
        let line = Line::styled(screen.look.divider(), screen.look.style(Role::Rule));
        super::line(buf, areas.divider, row, line);
    }
}

/// What is searched for, and what is let through: always in the same place.
fn bar(screen: &Screen, area: Rect, frame: &mut Frame<'_>) {
    let look = &screen.look;
    let muted = look.style(Role::Muted);
    let models = &screen.models;
    let operation = models.operation.map_or("all operations".to_owned(), Operation::words);
    let provider = models.provider.map_or("all providers".to_owned(), |it| it.to_string());
    let favourites = look.pick("★ only", "* only");
    let chip = |words: String, on: bool| {
        Span::styled(words, if on { look.style(Role::Title) } else { muted })
    };
    let mut filters = vec![
        chip(operation, models.operation.is_some()),
        Span::styled(look.dot(), muted),
        chip(provider, models.provider.is_some()),
    ];
    if models.only_favourites {
        filters.push(Span::styled(look.dot(), muted));
        filters.push(chip(favourites.to_owned(), true));
    }
    let filters = Line::from(filters);
    let width = usize::from(area.width);
    let room = width.saturating_sub(filters.width() + 6);
    let typed = match &screen.line {
        Some((LineKind::Search, field)) => Some(field),
        _ => None,
    };
    let sign_role = if typed.is_some() { Role::Accent } else { Role::Key };
    let mut spans = vec![Span::styled(" / ", look.style(sign_role))];
    let query = text::cut_end(&printable(&models.query), room);
    let words = match typed {
        Some(_) => Span::raw(String::new()),
        None if models.query.is_empty() => Span::styled(text::cut_end("search", room), muted),
        None => Span::raw(query),
    };
    let gap = width.saturating_sub(3 + words.width() + filters.width() + 1);
    spans.extend([words, Span::raw(" ".repeat(gap))]);
    spans.extend(filters.spans);
    super::line(frame.buffer_mut(), area, 0, spans);
    if let Some(field) = typed {
        let room = u16::try_from(room).unwrap_or_default().max(1);
        let cells = Rect { x: area.x + 3, width: room, ..area };
        frame.render_widget(field, cells);
        super::prompt::place_cursor(field, cells, frame);
    }
}

fn list(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let focused = screen.models.part == Part::List;
    super::title(buf, area, &screen.look, "Models", focused, &counts(screen));
    let inside = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let catalog = screen.settings.catalog();
    let models = &screen.models;
    if models.shown.is_empty() {
        return empty(screen, inside, buf);
    }
    let selected = models.place(catalog);
    let in_sight = models.shown.iter().enumerate().skip(models.top);
    let columns = Columns::of(usize::from(area.width), models.operation.is_some());
    let note = note(screen);
    let rows = rows(screen);
    let mut above = None;
    for (row, (place, at)) in (0..inside.height).zip(in_sight).take(rows) {
        let spec = &catalog.all()[*at];
        let chosen = place == selected;
        // An operation is told once for all the rows that follow with the same.
        let is_told = above == Some(spec.operation) && !chosen;
        above = Some(spec.operation);
        super::line(buf, inside, row, columns.row(screen, spec, chosen, is_told));
    }
    if let Some(note) = note {
        let words = text::cut_end(&note, usize::from(inside.width).saturating_sub(2));
        let line = Line::styled(format!(" {words}"), screen.look.style(Role::Warn));
        super::line(buf, inside, inside.height - 1, line);
    }
}

/// Why the selected model cannot be chosen, where its facts are not in sight.
fn note(screen: &Screen) -> Option<String> {
    let areas = areas::areas(screen.size, screen.models.part);
    let spec = screen.models.selected(screen.settings.catalog())?;
    let why = words::why_not(spec, screen.desk.provider)?;
    areas.facts.is_empty().then(|| format!("{} {why}", screen.look.pick("–", "-")))
}

/// How many models the list has room for.
pub(in super::super) fn rows(screen: &Screen) -> usize {
    let list = areas::areas(screen.size, screen.models.part).list;
    let taken = 1 + usize::from(note(screen).is_some());
    usize::from(list.height).saturating_sub(taken).max(1)
}

/// `35 of 970 · 4 ★ · listed 2026-03-13`.
fn counts(screen: &Screen) -> String {
    let look = &screen.look;
    let (shown, all) = (screen.models.shown.len(), screen.settings.catalog().all().len());
    let mut facts = vec![if shown == all {
        text::grouped(all)
    } else {
        format!("{} of {}", text::grouped(shown), text::grouped(all))
    }];
    if screen.models.refreshing {
        facts.push("asking the provider".to_owned());
    } else if let Some(day) = listed(screen) {
        facts.push(format!("listed {day}"));
    }
    facts.join(look.dot())
}

/// The day of the provider's list, where there is one.
fn listed(screen: &Screen) -> Option<jiff::civil::Date> {
    let specs = screen.settings.catalog().all().iter();
    specs
        .filter(|spec| spec.origin == crate::catalog::Origin::Listed)
        .map(|spec| spec.checked)
        .max()
}

/// Nothing is let through: what to do about it.
fn empty(screen: &Screen, area: Rect, buf: &mut Buffer) {
    let look = &screen.look;
    let models = &screen.models;
    let places = screen.places();
    let key = |action| screen.keymap.key(&places, action).unwrap_or_default();
    let mut told = Vec::new();
    if models.only_favourites && models.favourites.is_empty() {
        let star = key(Action::FavouriteModel);
        told.push(format!("no favourites yet: {star} makes the selected model one"));
    } else if models.query.is_empty() {
        told.push("no model does this there".to_owned());
    } else {
        told.push(format!("no model has {:?}", printable(&models.query)));
    }
    let catalog = screen.settings.catalog();
    let elsewhere = if models.is_filtered() { catalog.places(&models.query).len() } else { 0 };
    match (elsewhere, &screen.line) {
        (0, Some(_)) => told.push("names, ids, operations and descriptions are looked at".into()),
        (0, None) => {
            told.push(format!("{} takes the words away again", key(Action::Back)));
        }
        (some, Some(_)) => {
            told.push(format!(
                "{} elsewhere, with any operation and provider",
                text::grouped(some)
            ));
        }
        (some, None) => {
            let every = key(Action::EveryModel);
            let some = text::grouped(some);
            told.push(format!("{every} shows {some} of any operation and provider"));
        }
    }
    let is_known = listed(screen).is_some();
    let refresh = key(Action::RefreshModels);
    if !is_known && screen.line.is_none() && !screen.is_simulated() {
        told.push(format!("{refresh} asks the provider for all that it has: some hundreds more"));
    }
    let width = usize::from(area.width).saturating_sub(3);
    let lines = told.iter().flat_map(|words| text::wrap(words, width));
    for (row, words) in (0..).zip(lines) {
        super::line(buf, area, row, Line::styled(format!("  {words}"), look.style(Role::Muted)));
    }
}

/// How wide each column is, so that all rows line up; those without room are nothing.
struct Columns {
    name: usize,
    operation: usize,
    price: usize,
    lengths: usize,
    sizes: usize,
    mark: usize,
}

impl Columns {
    /// Where all rows do the same, which the bar above tells, their names have that room.
    fn of(width: usize, one_operation: bool) -> Self {
        let (operation, lengths, sizes, mark) = match width {
            0..=51 => (0, 0, 0, 0),
            52..=67 => (18, 0, 0, 0),
            68..=89 => (18, 8, 0, 0),
            90..=109 => (18, 8, 15, 0),
            _ => (18, 8, 15, 6),
        };
        let operation = if one_operation { 0 } else { operation };
        let price = 15;
        // Bar, star and a blank; two blanks before each column; one at the end.
        let columns = [operation, price, lengths, sizes, mark];
        let fixed: usize = 4 + columns.iter().filter(|it| **it > 0).map(|it| it + 2).sum::<usize>();
        let name = width.saturating_sub(fixed);
        Self { name, operation, price, lengths, sizes, mark }
    }

    fn row(&self, screen: &Screen, spec: &ModelSpec, chosen: bool, is_told: bool) -> Line<'static> {
        let look = &screen.look;
        let muted = look.style(Role::Muted);
        let why_not = words::why_not(spec, screen.desk.provider);
        let plain = if why_not.is_some() { muted } else { Style::default() };
        let style = if chosen { plain.patch(look.style(Role::Selected)) } else { plain };
        let (sign, role) = match (&why_not, screen.models.is_favourite(&spec.id)) {
            (_, true) => (look.pick("★", "*"), Role::Accent),
            (Some(_), _) => (look.pick("–", "-"), Role::Muted),
            _ => (" ", Role::Text),
        };
        let is_in_form = screen.settings.model().id == spec.id;
        let name = words::name(spec);
        let cut = |cells: usize| {
            // Of an id, its end tells most.
            if name.contains('/') {
                text::cut_middle(&name, cells)
            } else {
                text::cut_end(&name, cells)
            }
        };
        // What a model does stands in its column where it has to be said; else a long name has that room too.
        let is_marked = screen.settings.several.models.contains(&spec.id);
        let mark = if is_in_form || is_marked { 2 } else { 0 };
        let is_said = !is_told && text::width(&name) + mark <= self.name;
        let room = match self.operation {
            operation if operation > 0 && !is_said => self.name + 2 + operation,
            _ => self.name,
        };
        let name = cut(room.saturating_sub(mark));
        let name = match (is_in_form, is_marked) {
            (true, _) => format!("{name} {}", look.pick("●", "<")),
            (false, true) => format!("{name} +"),
            (false, false) => name,
        };
        let price = words::price(look, screen.models.prices.of(&spec.id));
        // Amounts stand below each other, with what they are for behind them or not.
        let price = if price.ends_with("/s") { price } else { price + "  " };
        let mut spans = vec![
            Span::styled(if chosen { look.bar() } else { " " }, look.style(Role::Accent)),
            Span::styled(sign, look.style(role)),
            Span::raw(" "),
            Span::styled(text::fit(&name, room), style),
        ];
        let mut cell = |words: &str, width: usize, style: Style| {
            if width > 0 {
                spans.push(Span::styled(format!("  {}", text::fit(words, width)), style));
            }
        };
        if is_said {
            cell(&spec.operation.words(), self.operation, muted);
        }
        let unknown = price.starts_with("price");
        let money = if unknown { muted } else { style };
        cell(&text::right(&price, self.price), self.price, money);
        let rest = [self.lengths, self.sizes, self.mark];
        if let Some(why) = why_not {
            let room: usize = rest.iter().filter(|it| **it > 0).map(|it| it + 2).sum();
            let room = room.saturating_sub(2);
            cell(if room < 12 { "off" } else { &why }, room, muted);
        } else {
            cell(&words::lengths(spec), self.lengths, muted);
            cell(&words::sizes(spec), self.sizes, muted);
            cell(words::mark(spec), self.mark, muted);
        }
        Line::from(spans)
    }
}
