//! Every built-in model over HTTP: what reaches the provider has exactly the keys that its file declares.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use rushes::catalog::{Catalog, InputSpec, ItemKind, ModelSpec, ParamKind, ParamSpec};
use rushes::domain::brief::Source;
use rushes::domain::{Ask, Brief, Inputs, Params, ProviderId};
use rushes::pipeline::PipelineError;
use serde_json::{Value, json};
use toml::Table;

use crate::support::server::Server;
use crate::support::world::{Differs, World};

/// A model's file as anybody reads it, without the program's own reader.
struct Declared(Table);

impl Declared {
    fn all() -> BTreeMap<String, Self> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|it| it == "toml"));
        let read = |path| {
            let table: Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
            (table["id"].as_str().unwrap().to_owned(), Self(table))
        };
        files.map(read).collect()
    }

    fn tables(&self, of: &str) -> impl Iterator<Item = &Table> {
        let tables = self.0.get(of).and_then(toml::Value::as_array);
        tables.into_iter().flatten().map(|table| table.as_table().unwrap())
    }

    /// What has to be sent for a brief: everything given, files and addresses as addresses, and defaults.
    fn body(&self, given: &Params, inputs: &Inputs) -> BTreeMap<String, Value> {
        let mut body = BTreeMap::new();
        for param in self.tables("params") {
            let key = param["key"].as_str().unwrap();
            let default = param.get("default").map(|it| serde_json::to_value(it).unwrap());
            if let Some(value) = given.get(key).cloned().or(default) {
                body.insert(key.to_owned(), value);
            }
        }
        for input in self.tables("inputs") {
            let key = input["key"].as_str().unwrap();
            let addresses: Vec<Value> = inputs
                .iter()
                .filter(|(of, _)| of == key)
                .map(|(_, source)| match source {
                    Source::Url(url) => url.as_str().into(),
                    other => panic!("{other:?} is no address"),
                })
                .collect();
            if addresses.is_empty() {
                continue;
            }
            let one = || addresses[0].clone();
            let value = if input.contains_key("how_many") { json!(addresses) } else { one() };
            body.insert(key.to_owned(), value);
        }
        body
    }
}

fn addresses(input: &InputSpec, count: usize) -> Inputs {
    let address = |number| {
        let url = format!("https://files.test/{}-{number}.bin", input.key);
        (input.key.clone(), Source::Url(url))
    };
    (0..count).map(address).collect()
}

/// What has to be given, and no more.
pub(crate) fn least(spec: &ModelSpec) -> (Params, Inputs) {
    let missing = spec.params.iter().filter(|param| param.required && param.default.is_none());
    let given = missing.map(|param| (param.key.clone(), value(param))).collect();
    let needed = |input: &&InputSpec| {
        let empty = spec.faults(&Params::new(), &Inputs::new());
        empty.iter().any(|fault| fault.field == input.key)
    };
    let inputs = spec.inputs.iter().filter(needed);
    (given, inputs.flat_map(|input| addresses(input, input.at_least.max(1))).collect())
}

/// A value for everything that can be given, other than its default; without what the rest forbids.
fn most(spec: &ModelSpec) -> (Params, Inputs) {
    let all = spec.params.iter().map(|param| (param.key.clone(), value(param)));
    let mut given: Params = all.collect();
    let all = spec.inputs.iter().flat_map(|input| addresses(input, input.how_many.min(3)));
    let mut inputs: Inputs = all.collect();
    for fault in spec.faults(&given, &inputs) {
        given.remove(&fault.field);
        inputs.retain(|(key, _)| *key != fault.field);
    }
    (given, inputs)
}

/// A value that is allowed and, where there is another, not the default.
pub(crate) fn value(param: &ParamSpec) -> Value {
    let default = param.default.as_ref();
    match &param.kind {
        ParamKind::Text { .. } => json!(format!("a red kite for {}", param.key)),
        ParamKind::Integer { min, max, .. } => json!(max.or(*min).unwrap_or(7)),
        ParamKind::Number { min, max, .. } => json!(max.or(*min).unwrap_or(0.5)),
        ParamKind::Switch => json!(default != Some(&json!(true))),
        ParamKind::Choice { of } => {
            of.iter().rev().find(|it| Some(*it) != default).unwrap_or(&of[0]).clone()
        }
        ParamKind::Size { min, .. } => {
            let side = min.unwrap_or(512);
            json!(format!("{side}*{side}"))
        }
        ParamKind::List { item, min_items, .. } => {
            let item = match item {
                ItemKind::Text => json!("a kite"),
                ItemKind::Integer | ItemKind::Number => json!(3),
                ItemKind::Object => fields(param),
            };
            json!(vec![item; min_items.unwrap_or(1).max(1)])
        }
        ParamKind::Object => fields(param),
    }
}

fn fields(param: &ParamSpec) -> Value {
    param.fields.iter().map(|field| (field.key.clone(), value(field))).collect::<Params>().into()
}

/// A provider that refuses everything, so that each order ends with its one submission.
async fn world(server: &Server) -> World {
    let usual = Differs::default();
    let abilities = rushes::provider::Abilities {
        running_at_once: 1000,
        sent_per_minute: 10_000,
        ..usual.abilities
    };
    World::with(server, Differs { abilities, ..usual }).await
}

fn ask(spec: &ModelSpec, (params, inputs): (Params, Inputs)) -> Ask {
    let brief = Brief {
        provider: ProviderId::Wavespeed,
        model: spec.id.clone(),
        operation: spec.operation,
        params,
        inputs,
        ..World::brief("")
    };
    // Where a length cannot be known from an address, this is what is held.
    Ask {
        consent: true,
        max_cost: Some(rushes::domain::Usd::from_micros(49_000_000)),
        ..Ask::new(vec![brief])
    }
}

/// The bodies of everything that was ordered, with its path. Asking for a price orders nothing.
fn posted(server: &Server) -> Vec<(String, Value)> {
    let is_order = |path: &str| !path.starts_with("/api/v3/model/");
    let posts = server.seen().into_iter();
    let posts = posts.filter(|seen| seen.method == "POST" && is_order(&seen.path));
    posts.map(|seen| (seen.path.clone(), seen.json())).collect()
}

/// Orders from every model what `fill` says, checks what came of it at the provider, and answers which of
/// the declared keys were not sent.
async fn every_model_sends(fill: fn(&ModelSpec) -> (Params, Inputs)) -> Vec<String> {
    let server = Server::start().await;
    let world = world(&server).await;
    let (catalog, declared) = (Catalog::builtin().unwrap(), Declared::all());
    let ours = |spec: &&ModelSpec| spec.runs_on(ProviderId::Wavespeed);
    let models: Vec<_> = catalog.all().iter().filter(ours).collect();
    assert_eq!((models.len(), declared.len()), (188, catalog.all().len()));
    let one = async |spec: &ModelSpec| {
        let admitted = world.pipeline.admit(ask(spec, fill(spec)), None).await;
        if spec.availability().is_err() {
            assert!(matches!(admitted, Err(PipelineError::Blocked(_))), "{}", spec.id);
            return;
        }
        let jobs = admitted.unwrap_or_else(|error| panic!("{}: {error:?}", spec.id));
        world.drive(&jobs[0]).await;
    };
    futures_util::stream::iter(models.iter().copied()).for_each_concurrent(16, one).await;

    let posted = posted(&server);
    assert_eq!(posted.len(), 184, "one for each model but the four that are switched off");
    let mut unsent = Vec::new();
    for spec in models.into_iter().filter(|spec| spec.available) {
        let (given, inputs) = fill(spec);
        let path = format!("/api/v3/{}", spec.id);
        let body = &posted.iter().find(|(at, _)| *at == path).expect("it was sent").1;
        let body: BTreeMap<String, Value> = serde_json::from_value(body.clone()).unwrap();
        let declared = &declared[spec.id.as_str()];
        assert_eq!(body, declared.body(&given, &inputs), "{}", spec.id);
        let keys = declared.tables("params").chain(declared.tables("inputs"));
        let keys = keys.map(|table| table["key"].as_str().unwrap());
        let missing = keys.filter(|key| !body.contains_key(*key));
        unsent.extend(missing.map(|key| format!("{} {key}", spec.id)));
    }
    unsent
}

#[tokio::test]
async fn a_least_brief_of_every_model_is_sent_with_exactly_its_declared_keys() {
    assert!(!every_model_sends(least).await.is_empty());
}

#[tokio::test]
async fn everything_that_a_model_declares_reaches_the_provider_as_it_was_given() {
    // Shots of their own cannot be given together with a last picture.
    let exclusive = [
        "kwaivgi/kling-v3.0-pro/image-to-video multi_prompt",
        "kwaivgi/kling-v3.0-std/image-to-video multi_prompt",
    ];
    assert_eq!(every_model_sends(most).await, exclusive);
}
