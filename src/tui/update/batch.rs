//! Keys in the list of rows: ticks, and on to the order.

use super::super::action::Action;
use super::super::batch::rows::OrderRows;
use super::super::batch::{Batch, draw};
use super::super::dialog::Dialog;
use super::super::msg::Effect;
use super::super::screen::Screen;
use super::{order, studio};

/// Opens the list.
pub(super) fn open(screen: &mut Screen, order: OrderRows) {
    screen.toast = None;
    let batch = Batch::new(order, screen);
    screen.dialogs.push(Dialog::Batch(Box::new(batch)));
}

/// What an action does in the list; `None` where it closes with these effects.
pub(super) fn act(
    screen: &mut Screen,
    mut batch: Box<Batch>,
    action: Action,
) -> (Option<Box<Batch>>, Vec<Effect>) {
    let rows = draw::rows(screen.size, batch.order.rows.len());
    let last = batch.order.rows.len().saturating_sub(1);
    let half = (rows / 2).max(1);
    let at = batch.at;
    batch.at = match action {
        Action::Down => at + 1,
        Action::Up => at.saturating_sub(1),
        Action::First => 0,
        Action::Last => last,
        Action::HalfDown => at + half,
        Action::HalfUp => at.saturating_sub(half),
        _ => at,
    }
    .min(last);
    match action {
        Action::Tick => {
            if let Some(ticked) = batch.ticked.get_mut(at) {
                *ticked = !*ticked;
            }
            batch.at = (at + 1).min(last);
        }
        Action::TickAll => {
            let all = batch.ticked.iter().all(|ticked| *ticked);
            batch.ticked.fill(!all);
        }
        Action::Accept if batch.chosen().next().is_some() => {
            let chosen: Vec<_> = batch.chosen().cloned().collect();
            let briefs = chosen.iter().flat_map(|row| {
                let briefs = batch.order.briefs(row, || screen.new_seed());
                briefs.into_iter()
            });
            let briefs = briefs.collect();
            // The list comes back where the question is answered with no.
            screen.batch = Some(batch);
            return (None, order::check(screen, briefs));
        }
        _ => {}
    }
    batch.top = studio::scrolled(batch.top, batch.at, rows, last + 1);
    (Some(batch), vec![])
}

/// Nothing was sent: the list is there again as it was left.
pub(super) fn back(screen: &mut Screen) {
    if let Some(mut batch) = screen.batch.take() {
        // Meanwhile something may have been spent.
        let project = screen.desk.project.as_deref();
        batch.left = screen.spending.left(screen.is_simulated(), project);
        screen.dialogs.push(Dialog::Batch(batch));
    }
}
