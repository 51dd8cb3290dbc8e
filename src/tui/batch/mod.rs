//! Several takes of one order that differ: their rows, and the list in which they are ticked before it is sent.

pub(super) mod draw;
pub mod rows;
pub mod several;

use jiff::Timestamp;

use self::rows::{OrderRow, OrderRows};
use super::screen::Screen;
use crate::domain::{Estimate, Usd};

/// The list of rows that opens before an order of several is looked at.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The rows.
    pub order: OrderRows,
    /// Which of them are sent.
    pub ticked: Vec<bool>,
    /// The row under the bar.
    pub at: usize,
    /// The first row in sight.
    pub top: usize,
    /// When it opened.
    pub since: Timestamp,
    /// What is left of the budgets, where any bounds these rows together.
    pub left: Option<Usd>,
}

impl Batch {
    /// All rows of an order, ticked.
    pub fn new(order: OrderRows, screen: &Screen) -> Self {
        let ticked = vec![true; order.rows.len()];
        let project = screen.desk.project.as_deref();
        let left = screen.spending.left(screen.is_simulated(), project);
        Self { order, ticked, at: 0, top: 0, since: screen.now, left }
    }

    /// The rows that are sent.
    pub fn chosen(&self) -> impl Iterator<Item = &OrderRow> {
        self.order.rows.iter().zip(&self.ticked).filter(|(_, ticked)| **ticked).map(|(row, _)| row)
    }

    /// What the ticked rows cost; `None` where a price is not known, or none is ticked.
    pub fn total(&self) -> Option<Estimate> {
        rows::sum(self.chosen().map(|row| row.price.as_ref()), self.order.takes)
    }

    /// The first row that no longer fits into the budgets; rows that are not ticked need nothing.
    pub fn over(&self) -> Option<usize> {
        let cost = |(row, ticked): (&OrderRow, &bool)| {
            let price = row.price.as_ref().filter(|_| *ticked);
            price.map_or(Usd::ZERO, |price| price.times(self.order.takes).high)
        };
        over(self.order.rows.iter().zip(&self.ticked).map(cost), self.left)
    }

    /// `3 of 4 rows × 2 takes = 6: $1.50 together`.
    pub fn title(&self) -> String {
        let (all, ticked) = (self.order.rows.len(), self.chosen().count());
        let takes = match self.order.takes {
            1 => String::new(),
            each => format!(" × {each} takes = {}", ticked * usize::try_from(each).unwrap_or(1)),
        };
        let price = match (self.total(), ticked) {
            (_, 0) => "nothing is ticked".to_owned(),
            (Some(price), _) => format!("{price} together"),
            (None, _) => "price unknown".to_owned(),
        };
        // The row may be out of sight.
        let over = self.over().map(|row| format!("; over from row {}", row + 1));
        format!("{ticked} of {all} rows{takes}: {price}{}", over.unwrap_or_default())
    }
}

/// The first of these amounts that no longer fits into what is left when they are added up from the first.
/// `None` where all do, or nothing limits. What costs nothing always fits.
pub fn over(amounts: impl IntoIterator<Item = Usd>, left: Option<Usd>) -> Option<usize> {
    let left = left?;
    let mut sum = Usd::ZERO;
    amounts.into_iter().position(|amount| {
        sum = sum + amount;
        sum > left && amount > Usd::ZERO
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_until_one_is_over_what_is_left() {
        let check = |amounts: &[i64], left: Option<i64>, expected| {
            let amounts = amounts.iter().map(|amount| Usd::from_micros(*amount));
            assert_eq!(over(amounts, left.map(Usd::from_micros)), expected);
        };
        check(&[500, 500, 500], Some(1_000), Some(2));
        check(&[500, 500], Some(1_000), None);
        check(&[1_000_000], Some(999_999), Some(0));
        check(&[500, 0, 600], Some(1_000), Some(2));
        check(&[0, 0], Some(0), None);
        check(&[500], None, None);
        check(&[], Some(0), None);
    }
}
