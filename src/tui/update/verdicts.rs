//! Keeping and rejecting, and why.

use std::time::Duration;

use super::super::chord::Chord;
use super::super::msg::Effect;
use super::super::screen::{Screen, Undo, WhyOffer};
use super::works::{advance, take};
use crate::domain::{AssetId, Verdict};

/// How long a letter says why.
const OFFERED: Duration = Duration::from_secs(2);

/// Keeps or rejects the selected take and goes on to the next. The same key once more takes it back, and stays.
pub(super) fn decide(screen: &mut Screen, verdict: Verdict) -> Vec<Effect> {
    let Some(id) = take(screen) else { return vec![] };
    let Some(asset) = screen.assets.iter_mut().find(|asset| asset.id == id) else { return vec![] };
    let (before, why) = (asset.verdict, asset.reason.take());
    let now = if before == Some(verdict) { None } else { Some(verdict) };
    asset.verdict = now;
    let label = asset.label();
    screen.undo.push(Undo::Decide(id, before, why));
    if now.is_some() {
        advance(screen);
    }
    if now == Some(Verdict::Rejected) && !screen.desk.reasons.all().is_empty() {
        screen.why = Some(WhyOffer { take: id, label, until: screen.now + OFFERED });
    }
    vec![Effect::Decide(id, now)]
}

/// A key right after a take was rejected: the reason for it, where it is the letter of one. Any other key ends
/// the offer and does what it does.
pub(super) fn hear(screen: &mut Screen, chord: Chord) -> Option<Vec<Effect>> {
    let offer = screen.why.take()?;
    if screen.line.is_some() || !screen.dialogs.is_empty() {
        return None;
    }
    let word = screen.desk.reasons.word(chord.typed()?)?.to_owned();
    let asset = screen.assets.iter_mut().find(|asset| asset.id == offer.take)?;
    if asset.verdict != Some(Verdict::Rejected) {
        return None;
    }
    asset.reason = Some(word.clone());
    screen.say(format!("take {} is rejected: {word}", offer.label));
    Some(vec![Effect::GiveReason(offer.take, Some(word))])
}

/// Brings back what was decided before, and why.
pub(super) fn undo(
    screen: &mut Screen,
    id: AssetId,
    verdict: Option<Verdict>,
    why: Option<String>,
) -> Vec<Effect> {
    if let Some(asset) = screen.assets.iter_mut().find(|asset| asset.id == id) {
        (asset.verdict, asset.reason) = (verdict, why.clone());
    }
    screen.take_at.go(&[id], 0);
    let mut effects = vec![Effect::Decide(id, verdict)];
    effects.extend(why.map(|why| Effect::GiveReason(id, Some(why))));
    effects
}
