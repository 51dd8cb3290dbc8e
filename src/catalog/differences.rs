//! What a model's file says otherwise than the provider's list: for `models check`.

use std::fmt;

use serde_json::Value;

use super::input::InputSpec;
use super::measured::Measured;
use super::param::{ParamKind, ParamSpec};
use super::spec::ModelSpec;
use super::value::plain;
use crate::domain::Params;

/// One thing in which a file and the provider's list differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The parameter or input, or `price`, `model`.
    pub field: String,
    /// What the file says.
    pub ours: String,
    /// What the list says.
    pub theirs: String,
}

impl Difference {
    fn new(field: &str, ours: impl Into<String>, theirs: impl Into<String>) -> Self {
        Self { field: field.to_owned(), ours: ours.into(), theirs: theirs.into() }
    }

    /// The list no longer has the model.
    pub(super) fn withdrawn() -> Self {
        Self::new("model", "offered", "no longer listed")
    }
}

impl fmt::Display for Difference {
    /// `duration: 5, 10 here; 3 to 15 there`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "model" => f.write_str(&self.theirs),
            field => write!(f, "{field}: {} here; {} there", self.ours, self.theirs),
        }
    }
}

/// Everything in which these two declarations of one model differ. A limit that only the file knows is no
/// difference: most of them come from the provider's documents.
pub fn differences(ours: &ModelSpec, theirs: &ModelSpec) -> Vec<Difference> {
    let mut differences = Vec::new();
    for key in ours.keys() {
        if theirs.keys().all(|known| known != key) {
            differences.push(Difference::new(key, "declared", "not declared"));
        }
    }
    for key in theirs.keys().filter(|key| ours.keys().all(|known| known != *key)) {
        differences.push(Difference::new(key, "not declared", "declared"));
    }
    for (one, other) in ours.params.iter().filter_map(|one| Some((one, theirs.param(&one.key)?))) {
        differences.extend(param(&one.key, one, other));
    }
    for (one, other) in ours.inputs.iter().filter_map(|one| Some((one, theirs.input(&one.key)?))) {
        differences.extend(input(one, other));
    }
    differences.extend(price(ours, theirs));
    differences
}

fn param(field: &str, ours: &ParamSpec, theirs: &ParamSpec) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            differences.push(Difference::new(&format!("{field}{what}"), ours, theirs));
        }
    };
    compare("", values(&ours.kind, &theirs.kind), values(&theirs.kind, &theirs.kind));
    // What has to be given and is given by our default differs in nothing that is sent.
    let is_filled = ours.default.is_some() && theirs.required;
    let default = |param: &ParamSpec| param.default.as_ref().map_or("none".to_owned(), plain);
    if !(is_filled && theirs.default.is_none()) {
        compare(" by default", default(ours), default(theirs));
    }
    let needed = |param: &ParamSpec| if param.required { "required" } else { "optional" };
    if !is_filled {
        compare(" is", needed(ours).to_owned(), needed(theirs).to_owned());
    }
    for theirs in &theirs.fields {
        let field = format!("{field}[].{}", theirs.key);
        match ours.fields.iter().find(|ours| ours.key == theirs.key) {
            // Which of a list's fields are needed is rarely said in the list.
            Some(ours) => {
                let ours = ParamSpec { required: theirs.required, ..ours.clone() };
                differences.extend(param(&field, &ours, theirs));
            }
            None => differences.push(Difference::new(&field, "not declared", "declared")),
        }
    }
    differences
}

/// The values of a parameter in words, its own limits left out where `other` has none.
fn values(kind: &ParamKind, other: &ParamKind) -> String {
    match (kind, other) {
        (ParamKind::Choice { of }, _) => {
            // Their order is for the form, and no difference; numbers read by size.
            let mut values: Vec<&Value> = of.iter().collect();
            values.sort_by(|one, other| match (one.as_f64(), other.as_f64()) {
                (Some(one), Some(other)) => one.total_cmp(&other),
                _ => plain(one).cmp(&plain(other)),
            });
            values.into_iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        (
            ParamKind::Integer { min, max, .. },
            ParamKind::Integer { min: other_min, max: other_max, .. },
        ) => {
            let limit = |own: &Option<i64>, other: &Option<i64>| other.and(*own);
            let (min, max) = (limit(min, other_min), limit(max, other_max));
            ParamKind::Integer { min, max, step: None }.words()
        }
        (kind, _) => kind.words(),
    }
}

fn input(ours: &InputSpec, theirs: &InputSpec) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            differences.push(Difference::new(what, ours, theirs));
        }
    };
    let key = &ours.key;
    compare(key, ours.kind.as_str().to_owned(), theirs.kind.as_str().to_owned());
    let count = |input: &InputSpec| format!("{} to {}", input.at_least, input.how_many);
    compare(&format!("{key} how many"), count(ours), count(theirs));
    // A file may know that an input is needed although the list forgets to say so.
    if theirs.required && !ours.required {
        compare(&format!("{key} is"), "optional".to_owned(), "required".to_owned());
    }
    differences
}

/// The prices at the defaults, and with each value of each choice and each switch in turn; a few words,
/// and files of seven and a half seconds.
fn price(ours: &ModelSpec, theirs: &ModelSpec) -> Option<Difference> {
    let measured = ours
        .inputs
        .iter()
        .filter(|input| input.required)
        .fold(Measured::default(), |all, input| all.lasting(&input.key, 7_500));
    let amount = |spec: &ModelSpec, given: &Params| {
        let mut given = given.clone();
        if let Some(key) = ours.words_key() {
            given.insert(key.to_owned(), "a red kite over dunes".into());
        }
        spec.estimate(&given, &measured).map(|estimate| estimate.to_string())
    };
    let mut tries = vec![Params::new()];
    for param in &ours.params {
        let switch = [Value::Bool(false), Value::Bool(true)];
        let values: &[Value] = match &param.kind {
            ParamKind::Choice { of } => of,
            ParamKind::Switch => &switch,
            _ => &[],
        };
        for value in values {
            let allowed = ours.conditions.is_empty();
            let given = Params::from_iter([(param.key.clone(), value.clone())]);
            tries.extend(allowed.then_some(given));
        }
    }
    tries.into_iter().find_map(|given| {
        let (ours, theirs) = (amount(ours, &given)?, amount(theirs, &given)?);
        let at: Vec<String> =
            given.iter().map(|(key, value)| format!(" at {key} {}", plain(value))).collect();
        (ours != theirs).then(|| Difference::new(&format!("price{}", at.concat()), ours, theirs))
    })
}
