//! Which row of a list is selected: by its id, so that rows which come and go do not move it.

/// A selected row. Nothing selected means the first: it follows what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection<I> {
    id: Option<I>,
}

impl<I> Default for Selection<I> {
    fn default() -> Self {
        Self { id: None }
    }
}

impl<I: Copy + PartialEq> Selection<I> {
    /// Where the selected row is among these.
    pub fn place(&self, ids: &[I]) -> usize {
        self.id.and_then(|id| ids.iter().position(|known| *known == id)).unwrap_or_default()
    }

    /// The selected row among these.
    pub fn get(&self, ids: &[I]) -> Option<I> {
        ids.get(self.place(ids)).copied()
    }

    /// Stays at the row that is selected now, whatever comes in above it.
    pub fn pin(&mut self, ids: &[I]) {
        self.id = self.get(ids);
    }

    /// Follows the newest again.
    pub fn follow(&mut self) {
        self.id = None;
    }

    /// Selects the row at this place, or the last.
    pub fn go(&mut self, ids: &[I], place: usize) {
        self.id = ids.get(place.min(ids.len().saturating_sub(1))).copied();
    }

    /// Selects the row so many further down, or up.
    pub fn move_by(&mut self, ids: &[I], by: isize) {
        self.go(ids, self.place(ids).saturating_add_signed(by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_row_stays_selected_when_newer_ones_come_in_above_it() {
        let mut selection = Selection::default();
        assert_eq!(selection.get(&[3, 2, 1]), Some(3));
        selection.move_by(&[3, 2, 1], 1);
        assert_eq!(selection.get(&[5, 4, 3, 2, 1]), Some(2));
        selection.move_by(&[5, 4, 3, 2, 1], 9);
        assert_eq!(selection.get(&[5, 4, 3, 2, 1]), Some(1));
        selection.follow();
        assert_eq!(selection.get(&[5, 4]), Some(5));
        assert_eq!(selection.get(&[]), None);
    }
}
