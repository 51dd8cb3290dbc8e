//! Where everything of the usage view stands, as a pure function of the size.

use ratatui::layout::{Rect, Size};

use super::{Section, Usage};

/// The rectangles of the view; those of sections that are not there are empty. Each has its title in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Areas {
    /// What stands against budgets and limits.
    pub budgets: Rect,
    /// Whether a line of it says where the month ends.
    pub has_ending: bool,
    /// Bars by day.
    pub days: Rect,
    /// Sums by group.
    pub table: Rect,
    /// The dearest jobs.
    pub top: Rect,
    /// What a kept take costs: one line.
    pub kept: Rect,
    /// The lines.
    pub ledger: Rect,
    /// The line between two columns.
    pub divider: Rect,
}

impl Areas {
    /// The rectangle of a section.
    pub fn of(&self, section: Section) -> Rect {
        match section {
            Section::Budgets => self.budgets,
            Section::Days => self.days,
            Section::Table => self.table,
            Section::Top => self.top,
            Section::Ledger => self.ledger,
        }
    }

    fn set(&mut self, section: Section, area: Rect) {
        match section {
            Section::Budgets => self.budgets = area,
            Section::Days => self.days = area,
            Section::Table => self.table = area,
            Section::Top => self.top = area,
            Section::Ledger => self.ledger = area,
        }
    }
}

/// The areas on a screen of this size, between its header and its footer.
pub fn areas(size: Size, usage: &Usage) -> Areas {
    let rows = usage.report.as_ref().map_or(2, |report| report.rows.len().max(2));
    let mut areas = Areas::default();
    let mut left = Rect::new(0, 1, size.width, size.height.saturating_sub(2));
    let mut take = |height: u16| {
        let height = height.min(left.height);
        let taken = Rect { height, ..left };
        (left.y, left.height) = (left.y + height, left.height - height);
        taken
    };
    // As many budgets as there are, but never so many that nothing else is seen.
    let most = match size.height {
        0..=13 => 1,
        14..=19 => 2,
        20..=27 => 3,
        28..=39 => 4,
        _ => 8,
    };
    let budgets = 1 + u16::try_from(rows).unwrap_or(u16::MAX).min(most);
    areas.has_ending = size.height >= 16;
    areas.budgets = take(budgets + u16::from(areas.has_ending));
    if size.height < 20 {
        let below = [Section::Days, Section::Table, Section::Top, Section::Ledger];
        let kept = u16::from(size.height >= 14);
        let rest = size.height.saturating_sub(2 + areas.budgets.height);
        areas.set(usage.last_of(&below), take(rest.saturating_sub(kept)));
        areas.kept = take(kept);
        return areas;
    }
    areas.days = take(match size.height {
        0..=23 => 6,
        24..=31 => 7,
        32..=39 => 9,
        _ => 12,
    });
    let rest = size.height - 2 - areas.budgets.height - areas.days.height;
    if size.height < 32 {
        let below = [Section::Table, Section::Top, Section::Ledger];
        areas.set(usage.last_of(&below), take(rest - 1));
        areas.kept = take(1);
        return areas;
    }
    let middle = take((rest - 1) / 2);
    areas.kept = take(1);
    areas.ledger = take(rest);
    if size.width >= 160 {
        let right = (size.width * 2 / 5).min(90);
        areas.table = Rect { width: size.width - right - 1, ..middle };
        areas.divider = Rect { x: areas.table.width, width: 1, ..middle };
        areas.top = Rect { x: areas.table.width + 1, width: right, ..middle };
    } else {
        areas.set(usage.last_of(&[Section::Table, Section::Top]), middle);
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sections_fill_the_screen_and_the_one_with_the_focus_is_always_there() {
        for width in 40..220 {
            for height in 10..70 {
                for section in Section::ALL {
                    let mut usage = Usage::new(None);
                    usage.focus(section);
                    let areas = areas(Size { width, height }, &usage);
                    assert!(areas.of(section).height >= 2, "{width}x{height} {section:?}");
                    let parts = Section::ALL.map(|section| areas.of(section));
                    let parts = parts.into_iter().chain([areas.kept, areas.divider]);
                    let parts: Vec<_> = parts.filter(|it| !it.is_empty()).collect();
                    let whole = Rect::new(0, 1, width, height - 2);
                    for (at, one) in parts.iter().enumerate() {
                        assert_eq!(one.intersection(whole), *one);
                        assert!(parts[at + 1..].iter().all(|other| !one.intersects(*other)));
                    }
                    let covered: u32 = parts.iter().map(|area| area.area()).sum();
                    assert_eq!(covered, whole.area(), "{width}x{height} {section:?}");
                }
            }
        }
    }

    #[test]
    fn eighty_by_twenty_four_has_budgets_bars_and_a_table() {
        let usage = Usage::new(None);
        let areas = areas(Size { width: 80, height: 24 }, &usage);
        assert!(areas.budgets.height >= 4 && areas.days.height >= 7 && areas.table.height >= 9);
    }
}
