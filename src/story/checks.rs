//! The pipeline's checks, told in the words of the story: which scene, which key, and what a sum is made of.

use super::{Plan, Standing};
use crate::domain::{Basis, Check, CheckId, Estimate, Preflight, Usd};

/// What nothing costs.
pub(super) fn nothing() -> Estimate {
    Estimate::exact(Usd::ZERO, Basis::Quoted, "nothing is missing")
}

/// What is wrong with the story itself, with its scene and key, in the place of what the pipeline says of the same.
pub(super) fn name_faults(plan: &Plan, preflight: &mut Preflight) {
    let (mut findings, mut hints) = (Vec::new(), Vec::new());
    for fault in plan.faults() {
        findings.push(fault.to_string());
        let hint = fault.hint.as_ref().map(|hint| format!("{}: {hint}", fault.place));
        hints.extend(hint.filter(|hint| !hints.contains(hint)));
    }
    if findings.is_empty() {
        return;
    }
    let mut check = Check::block(CheckId::Parameters, findings.join("; "), hints.join("; "));
    check.hint = check.hint.filter(|hint| !hint.is_empty());
    match preflight.checks.iter_mut().find(|known| known.id == CheckId::Parameters) {
        Some(known) => *known = check,
        None => preflight.checks.push(check),
    }
}

/// Says what the price of several steps is made of, and why it is a floor where something has to be made first.
pub(super) fn say_price(plan: &Plan, each: &[Option<Estimate>], preflight: &mut Preflight) {
    let Some(total) = preflight.estimate.as_mut().filter(|_| each.len() > 1) else { return };
    let parts: Vec<String> = each.iter().flatten().map(ToString::to_string).collect();
    total.finding = parts.join(" + ");
    let waits = plan.missing().any(|(_, step)| step.standing != Standing::Wanted);
    if total.floor && waits {
        total.finding.push_str("; ≥, because a recording's length shows when it is spoken");
    }
    let price = preflight.checks.iter_mut().find(|check| check.id == CheckId::Price);
    if let Some(price) = price {
        price.finding = format!("{total} = {}", total.finding);
    }
}
