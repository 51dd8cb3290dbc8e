//! `rushes models refresh`: fetches the provider's list of models.

use serde_json::{Value, json};

use crate::assembly::listed;
use crate::assembly::refresh::{NotRefreshed, Refreshed};
use crate::assembly::{Assembly, Flags};
use crate::catalog::Listing;
use crate::cli::exit::Exit;
use crate::cli::talk;
use crate::domain::{ModelId, ProviderId};
use crate::pipeline::supervisor::said;
use crate::studio::Ear;

/// So many new ids are named to a person; `--json` names all.
const NAMED: usize = 20;

/// Fetches the list and says what it changed. What is no list replaces nothing.
pub(super) async fn run(as_json: bool, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    let assembly = crate::cli::open(flags, ear).await?;
    let provider = assembly.default_provider().await?;
    match assembly.refresh(provider).await {
        Ok(refreshed) if as_json => talk::json(&in_json(&refreshed, provider)),
        Ok(refreshed) => talk::block(&text(&refreshed, provider)),
        Err(NotRefreshed::Unavailable(missing)) => return Err(missing.into()),
        Err(error) => {
            tracing::error!("{}", said(&error));
            talk::say(&format!("rushes: {}", said(&error)));
            talk::hint(&error.hint());
            talk::say(&what_stays(&assembly, provider));
            return Ok(Exit::Failed);
        }
    }
    Ok(Exit::Done)
}

/// Which list is used as before.
fn what_stays(assembly: &Assembly, provider: ProviderId) -> String {
    match listed::last(&assembly.paths, provider) {
        Ok(Some(last)) => format!("the list of {} stays in use", last.day()),
        _ => "no list was fetched before: the built-in models are all there is".to_owned(),
    }
}

fn priced(listing: &Listing) -> usize {
    listing.models.iter().filter(|spec| spec.price.is_some()).count()
}

fn in_json(refreshed: &Refreshed, provider: ProviderId) -> Value {
    let listing = &refreshed.fetched.listing;
    let unusable = listing.unusable.iter().map(|(id, reason)| json!({"id": id, "reason": reason}));
    json!({
        "provider": provider.as_str(),
        "fetched_at": refreshed.fetched.at.to_string(),
        "models": listing.models.len(),
        "priced": priced(listing),
        "unusable": unusable.collect::<Vec<_>>(),
        "new": refreshed.new,
        "gone": refreshed.gone,
    })
}

fn text(refreshed: &Refreshed, provider: ProviderId) -> String {
    let listing = &refreshed.fetched.listing;
    let mut lines =
        vec![format!("{}: {} models, {} priced", provider, listing.models.len(), priced(listing))];
    if !listing.unusable.is_empty() {
        lines.push(format!("{} entries cannot be used: --json names them", listing.unusable.len()));
    }
    match &refreshed.new {
        None => lines.push("the first list".to_owned()),
        Some(new) => {
            lines.push(format!("{} new, {} gone since the last", new.len(), refreshed.gone.len()));
            lines.extend(named("+", new));
            lines.extend(named("-", &refreshed.gone));
        }
    }
    lines.join("\n")
}

fn named<'a>(sign: &'a str, ids: &'a [ModelId]) -> impl Iterator<Item = String> + 'a {
    let rest = ids.len().saturating_sub(NAMED);
    let rest = (rest > 0).then(|| format!("  {sign} and {rest} more"));
    ids.iter().take(NAMED).map(move |id| format!("  {sign} {id}")).chain(rest)
}
