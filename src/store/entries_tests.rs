//! The lines of the ledger by each of the ways to them.

use super::*;
use crate::domain::usage::UsageFilter;

impl Way {
    pub(in crate::store) const ALL: [Self; 3] = [Self::Words, Self::Kind, Self::Newest];
}

/// The places of the lines by this way, however long it is; `None` where it leads nowhere.
pub(in crate::store) fn places(
    connection: &Connection,
    filter: &LedgerFilter,
    way: Way,
) -> Result<Option<Vec<i64>>, StoreError> {
    let looked = Looked::of(filter);
    let leads = match way {
        Way::Words => looked.has_words(),
        Way::Kind => looked.kind.is_some(),
        Way::Newest => true,
    };
    leads.then(|| newest_lines(connection, &looked, way)).transpose()
}

/// What is asked on each way with every filter, the one from the newest last.
pub(in crate::store) fn statements() -> Vec<String> {
    let filter = LedgerFilter {
        jobs: UsageFilter { project: Some("kite".into()), ..UsageFilter::default() },
        kind: Some(LineKind::Charge),
        model: Some("house/model".into()),
        words: "kite".into(),
        before: Some(5),
        limit: 10,
    };
    let looked = Looked::of(&filter);
    let plain = LedgerFilter { limit: 10, ..LedgerFilter::default() };
    let mut statements: Vec<_> = Way::ALL.map(|way| lines_sql(&looked, way)).into();
    statements.push(lines_sql(&Looked::of(&plain), Way::Newest));
    statements
}
