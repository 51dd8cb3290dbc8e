//! Plans, from files: those of the program, and the user's own, which come first.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Value;

use crate::catalog::nearest::nearest;
use crate::domain::{Allowance, Period, Plan, ProviderId, Usd};

/// The plans that the program comes with, by name.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("free", include_str!("../../assets/limits/free.toml")),
    ("basic", include_str!("../../assets/limits/basic.toml")),
    ("pro", include_str!("../../assets/limits/pro.toml")),
    ("enterprise", include_str!("../../assets/limits/enterprise.toml")),
];

/// A plan cannot be used: what is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct NoPlan {
    /// What is wrong, and where.
    pub what: String,
    /// What to do.
    pub hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    period: String,
    videos: Option<Value>,
    cost: Option<Value>,
    #[serde(default)]
    calls: BTreeMap<String, Value>,
}

/// The plan of this name: a file of the folder, or one of the program's. What a file does not name has no limit.
pub fn plan(name: &str, folder: &Path) -> Result<Plan, NoPlan> {
    let file = folder.join(format!("{name}.toml"));
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(unknown(name, folder));
    }
    let (place, text) = match std::fs::read_to_string(&file) {
        Ok(text) => (file.display().to_string(), text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
            let (_, text) = built_in.ok_or_else(|| unknown(name, folder))?;
            (format!("built-in plan {name}"), (*text).to_owned())
        }
        Err(error) => return Err(wrong(&file.display().to_string(), &error.to_string())),
    };
    read(name, &text).map_err(|why| wrong(&place, &why))
}

fn unknown(name: &str, folder: &Path) -> NoPlan {
    let known = BUILT_IN.map(|(known, _)| known);
    let near = nearest(name, known);
    let names = near.map_or_else(|| known.join(", "), |near| format!("did you mean {near}?"));
    NoPlan {
        what: format!("limits: there is no plan {name:?}"),
        hint: format!("{names}; your own go into {}", folder.display()),
    }
}

fn wrong(place: &str, why: &str) -> NoPlan {
    NoPlan {
        what: format!("{place}: {why}"),
        hint: "each limit is a number, \"disabled\" or \"unlimited\"".to_owned(),
    }
}

fn read(name: &str, text: &str) -> Result<Plan, String> {
    let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let mut calls = BTreeMap::new();
    for (provider, value) in &file.calls {
        let id: ProviderId = provider.parse().map_err(|error| format!("calls: {error}"))?;
        calls.insert(id, count(&format!("calls.{provider}"), Some(value))?);
    }
    Ok(Plan {
        name: name.to_owned(),
        period: period(&file.period)?,
        videos: count("videos", file.videos.as_ref())?,
        calls,
        cost: cost(file.cost.as_ref())?,
    })
}

fn period(text: &str) -> Result<Period, String> {
    if text.trim() == "month" {
        return Ok(Period::CalendarMonth);
    }
    let days = text.trim().strip_suffix("days").or_else(|| text.trim().strip_suffix("day"));
    let days =
        days.and_then(|days| days.trim().parse().ok()).filter(|days| (1..=3660).contains(days));
    days.map(Period::RollingDays)
        .ok_or_else(|| format!("period {text:?} is not \"month\" or \"30 days\""))
}

fn count(key: &str, value: Option<&Value>) -> Result<Allowance, String> {
    match value {
        None => Ok(Allowance::Unlimited),
        Some(Value::Integer(most)) if *most >= 0 => Ok(Allowance::AtMost(*most)),
        Some(Value::String(text)) => text.parse().map_err(|error| format!("{key}: {error}")),
        Some(other) => Err(format!("{key}: {other} is not a whole number from 0")),
    }
}

fn cost(value: Option<&Value>) -> Result<Allowance, String> {
    let amount = match value {
        None => return Ok(Allowance::Unlimited),
        Some(Value::Integer(dollars)) => dollars.to_string(),
        Some(Value::String(text)) => match text.trim() {
            "disabled" => return Ok(Allowance::Disabled),
            "unlimited" => return Ok(Allowance::Unlimited),
            amount => amount.to_owned(),
        },
        // A float is no money: what was meant by its last digit is anybody's guess.
        Some(other) => return Err(format!("cost: write {other} in quotes")),
    };
    let amount: Usd = amount.parse().map_err(|error| format!("cost: {error}"))?;
    if amount < Usd::ZERO {
        return Err(format!("cost: {amount} is below nothing"));
    }
    Ok(Allowance::AtMost(amount.micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_that_come_along_are_those_of_their_table() {
        let folder = tempfile::tempdir().unwrap();
        let plan = |name: &str| plan(name, folder.path()).unwrap();
        let dollars = |dollars: i64| Allowance::AtMost(dollars * 1_000_000);
        let check = |name: &str, videos, cost, calls| {
            let plan = plan(name);
            let wavespeed = plan.calls[&ProviderId::Wavespeed];
            assert_eq!((plan.videos, plan.cost, wavespeed), (videos, cost, calls), "{name}");
            assert_eq!(plan.period, Period::CalendarMonth);
        };
        let most = Allowance::AtMost;
        check("free", most(2), dollars(2), Allowance::Unlimited);
        check("basic", most(10), dollars(25), most(200));
        check("pro", most(30), dollars(100), most(500));
        check("enterprise", Allowance::Unlimited, dollars(500), Allowance::Unlimited);
    }

    #[test]
    fn a_plan_of_ones_own_comes_first_and_says_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| std::fs::write(folder.path().join("free.toml"), text).unwrap();
        write("period = \"30 days\"\nvideos = \"disabled\"\ncost = \"0.50\"");
        let own = plan("free", folder.path()).unwrap();
        assert_eq!(own.period, Period::RollingDays(30));
        assert_eq!((own.videos, own.cost), (Allowance::Disabled, Allowance::AtMost(500_000)));
        for (text, why) in [
            ("period = \"week\"", "period"),
            ("period = \"0 days\"", "period"),
            ("period = \"month\"\nvideos = -1", "videos"),
            ("period = \"month\"\nvideos = \"many\"", "videos"),
            ("period = \"month\"\ncost = 0.5", "in quotes"),
            ("period = \"month\"\ncost = \"-1\"", "cost"),
            ("period = \"month\"\nvideo = 1", "video"),
            ("period = \"month\"\n[calls]\nnobody = 1", "nobody"),
            ("period = ", ""),
        ] {
            write(text);
            let error = plan("free", folder.path()).unwrap_err();
            assert!(error.what.contains(why) && error.what.contains("free.toml"), "{error}");
        }
        assert!(plan("fre", folder.path()).unwrap_err().hint.contains("free"));
        assert!(plan("../free", folder.path()).is_err());
    }
}
