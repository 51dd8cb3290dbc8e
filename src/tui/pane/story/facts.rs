//! Everything about the selected scene: its picture, its words, how it stands, what is missing, what it cost.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::super::layout;
use super::super::super::look::Look;
use super::super::super::models::{Part, areas, words};
use super::super::super::screen::Screen;
use super::super::super::text;
use super::super::super::theme::Role;
use super::super::page::Page;
use crate::domain::{Asset, StageName, Usd};
use crate::story::{PlannedScene, Scene, Sheet, Standing, Status};

/// Below so many rows there is no room for a picture.
const LEAST: u16 = 14;

/// Draws the facts with their title.
pub(in super::super::super) fn draw(screen: &Screen, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let focused = screen.story.part == Part::Facts;
    let Some(scene) = screen.story.scene() else {
        return super::super::title(buf, area, &screen.look, "Scene", focused, "");
    };
    let name = crate::domain::text::printable(&scene.title);
    let name = format!("{} {name}", screen.story.scene_place() + 1);
    super::super::title(buf, area, &screen.look, &name, focused, scene.status().words());
    let chosen = scene.chosen.as_ref();
    if let (Some(cells), Some(chosen)) = (poster(screen), chosen) {
        super::super::takes::poster(screen, &chosen.asset, cells, buf);
    }
    let inside = text_area(screen, area);
    let lines = lines(screen, usize::from(inside.width));
    for (row, line) in (0..inside.height).zip(lines.into_iter().skip(screen.story.facts_top)) {
        super::super::line(buf, inside, row, line);
    }
}

/// Where the picture of the selected scene's take goes; `None` where there is none, or no room.
pub(in super::super::super) fn poster(screen: &Screen) -> Option<Rect> {
    let area = areas::areas(screen.size, screen.story.part).facts;
    screen.story.scene()?.chosen.as_ref()?;
    let beside = layout::is_beside(area) && area.height >= 8;
    let cells = layout::large_picture(area);
    let fits = (area.height >= LEAST || beside) && !cells.is_empty();
    // Facts come first: the picture has half of the height at most.
    let most = if beside { cells.height } else { area.height / 2 };
    fits.then(|| Rect { height: cells.height.min(most), ..cells })
}

/// Where the text goes: below the picture, or beside it.
fn text_area(screen: &Screen, area: Rect) -> Rect {
    let below = Rect { y: area.y + 1, height: area.height - 1, ..area };
    match poster(screen) {
        None => below,
        Some(cells) if layout::is_beside(area) => {
            let left = cells.x + cells.width + 1;
            Rect { x: left, width: (area.x + area.width).saturating_sub(left), ..below }
        }
        Some(cells) => {
            let top = cells.y + cells.height + 1;
            Rect { y: top, height: (area.y + area.height).saturating_sub(top), ..area }
        }
    }
}

/// How far the text scrolls.
pub(in super::super::super) fn scrolls(screen: &Screen, area: Rect) -> usize {
    let inside = text_area(screen, area);
    let lines = lines(screen, usize::from(inside.width)).len();
    lines.saturating_sub(usize::from(inside.height))
}

fn lines(screen: &Screen, width: usize) -> Vec<Line<'static>> {
    let (Some(sheet), Some(scene)) = (&screen.story.sheet, screen.story.scene()) else {
        return vec![];
    };
    let mut page = Page::new(&screen.look, width.saturating_sub(2));
    let said = sheet.said(scene);
    if let Some(prompt) = said.and_then(|said| said.prompt.as_ref()) {
        page.words(prompt, Role::Text);
    }
    if let Some(words) = said.and_then(|said| said.words.as_ref()) {
        let speaker = said.and_then(|said| said.speaker.as_ref());
        let speaker = speaker.map_or_else(String::new, |speaker| format!("{speaker}: "));
        page.words(&format!("{speaker}{}", screen.look.quoted(words)), Role::Text);
    }
    trouble(screen, scene, &mut page);
    page.gap();
    missing(screen, sheet, scene, &mut page);
    page.gap();
    takes(screen, scene, &mut page);
    if let Some(said) = said {
        begins(said, &mut page);
    }
    model(screen, scene, &mut page);
    page.lines
}

/// What went on with its job, what went wrong, and what to do about it.
fn trouble(screen: &Screen, scene: &PlannedScene, page: &mut Page<'_>) {
    for fault in &scene.faults {
        page.gap();
        page.words(&fault.message, Role::Bad);
        if let Some(hint) = &fault.hint {
            page.words(&format!("hint: {hint}"), Role::Text);
        }
    }
    let Some(planned) = scene.job() else { return };
    let job = super::job(screen, planned.id).unwrap_or(planned);
    if let Status::Running(_) = scene.status() {
        page.gap();
        let so_far = super::super::jobs::so_far(screen, job).unwrap_or_default();
        let words = format!("job {} {} {so_far}", job.number, job.shown_stage().words());
        return page.words(words.trim_end(), Role::Live);
    }
    let Some(reason) = &job.reason else { return };
    page.gap();
    page.words(
        &format!("job {}: {}", job.number, reason.text),
        Look::stage_role(job.shown_stage()),
    );
    if let Some(hint) = &reason.hint {
        page.words(&format!("hint: {hint}"), Role::Text);
    }
    if job.shown_stage() == StageName::InDoubt {
        page.words(&super::super::jobs::ways_out(screen), Role::Key);
    }
}

/// What is to be made of it, each step with its price.
fn missing(screen: &Screen, sheet: &Sheet, scene: &PlannedScene, page: &mut Page<'_>) {
    for (step, price) in sheet.missing(scene) {
        let price = price.map_or_else(|| "price unknown".to_owned(), ToString::to_string);
        let waits = match step.standing {
            Standing::Waits { .. } => ", after what it needs",
            _ => "",
        };
        let spec = screen.settings.find(&step.brief.model);
        let name = spec.map_or_else(|| step.brief.model.to_string(), words::name);
        let words = format!("{} {price}{waits}, {name}", step.step);
        page.fact_in("missing", &words::in_letters(&screen.look, words), Role::Warn);
    }
}

fn takes(screen: &Screen, scene: &PlannedScene, page: &mut Page<'_>) {
    let look = &screen.look;
    if let Some(chosen) = &scene.chosen {
        let length = chosen.asset.facts.duration_ms.map(text::seconds);
        let pixels = chosen.asset.facts.pixels.map(|pixels| pixels.to_string());
        let named = chosen.is_named.then(|| "named in the file".to_owned());
        let old = (!chosen.is_current).then(|| "of the scene as it was".to_owned());
        let facts = [Some(chosen.asset.label()), length, pixels, named, old];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        page.fact("take", &facts.join(look.dot()));
    }
    if scene.takes.len() > 1 {
        let labels: Vec<_> = scene.takes.iter().map(Asset::label).collect();
        page.fact("takes", &labels.join(" "));
    }
    let cost = [(scene.spent, ""), (scene.simulated, " simulated")];
    let cost = cost.iter().filter(|(amount, _)| *amount > Usd::ZERO);
    let cost: Vec<_> = cost.map(|(amount, kind)| format!("{amount}{kind}")).collect();
    if !cost.is_empty() {
        page.fact("cost", &cost.join(", "));
    }
}

/// What it begins with, and what is heard.
fn begins(said: &Scene, page: &mut Page<'_>) {
    if said.from_previous {
        page.fact("begins", "with the last picture of the scene before");
    }
    if !said.images.is_empty() {
        page.fact("begins", &said.images.join(", "));
    }
    if let Some(image) = &said.last_image {
        page.fact("ends", image);
    }
    if let Some(video) = &said.video {
        page.fact("from", video);
    }
    if let Some(audio) = &said.audio {
        page.fact("heard", audio);
    }
    if said.pause > 0.0 {
        page.fact("pause", &format!("{} s", said.pause));
    }
}

/// The model of the step that makes its film, and what it does.
fn model(screen: &Screen, scene: &PlannedScene, page: &mut Page<'_>) {
    let of_step = scene.steps.last().map(|step| (&step.brief.model, step.brief.operation.words()));
    let Some((model, operation)) = of_step else { return };
    let name = screen.settings.find(model).map_or_else(|| model.to_string(), words::name);
    page.fact("model", &format!("{name}, {operation}"));
    page.fact("id", &scene.id);
}
