//! Hugging Face's inference providers: each of their traps, through the whole pipeline and over real HTTP.

mod following;
mod offer;
mod program;
mod sdk;
mod service;
mod submitting;
mod way;

use std::sync::Arc;
use std::time::Duration;

use rushes::config::ApiKey;
use rushes::domain::LineKind::{Charge, Hold, Release};
use rushes::domain::brief::Source;
use rushes::domain::{
    Account, Ask, Brief, Check, CheckId, Fingerprint, Job, JobEvent, ModelId, Operation, Outcome,
    Params, ProviderId, ReasonKind, StageName, Usd,
};
use rushes::pipeline::{Driven, Leash, LookUp, PipelineError};
use rushes::provider::huggingface::{Huggingface, HuggingfaceOptions};
use rushes::provider::{Order, Prediction, Provider, abilities};
use serde_json::{Value, json};

use self::service::{FAL_KEY, HUNYUAN, Service, TOKEN, record};
use crate::support::server::Answer;
use crate::support::world::{Differs, World, patience_of_the_line};

/// A client with this key, and the names of what it speaks with.
fn client(service: &Service, key: &str, bill_to: Option<&str>) -> Huggingface {
    let address = service.server.address().to_owned();
    let key = ApiKey::read(key).unwrap();
    let options = HuggingfaceOptions {
        account: Account {
            provider: ProviderId::Huggingface,
            credential: Fingerprint::new(key.fingerprint(&address).0),
            base_url: address.clone(),
        },
        hub_url: address,
        key,
        bill_to: bill_to.map(str::to_owned),
        abilities: abilities::of(ProviderId::Huggingface, "credit").unwrap(),
    };
    Huggingface::connect_within(options, patience_of_the_line()).unwrap()
}

async fn world(service: &Service) -> World {
    with_key(service, TOKEN).await
}

async fn with_key(service: &Service, key: &str) -> World {
    let provider = Some(Arc::new(client(service, key, None)) as Arc<_>);
    World::with(&service.server, Differs { provider, ..Differs::default() }).await
}

fn brief(model: &str, params: Value) -> Brief {
    let Value::Object(params) = params else { panic!("{params}") };
    Brief {
        provider: ProviderId::Huggingface,
        model: ModelId::new(model),
        operation: Operation::TextToVideo,
        params,
        ..World::brief("kite")
    }
}

fn kite() -> Brief {
    brief(HUNYUAN, json!({"prompt": "a red kite", "seed": 7}))
}

/// An order that somebody has said yes to.
fn ask(briefs: Vec<Brief>) -> Ask {
    Ask { consent: true, max_cost: Some(Usd::from_micros(400_000)), ..Ask::new(briefs) }
}

async fn order(world: &World, brief: Brief) -> Job {
    world.pipeline.admit(ask(vec![brief]), None).await.unwrap().remove(0)
}

async fn run(world: &World, brief: Brief) -> Job {
    let job = order(world, brief).await;
    world.drive(&job).await;
    world.job(&job).await
}

/// Submits past the pipeline: what somebody else made with the same key.
async fn submit(client: &Huggingface) -> Prediction {
    let params = Params::from_iter([("prompt".to_owned(), "a kite".into())]);
    client.submit(&Order { model: ModelId::new(HUNYUAN), params }).await.unwrap()
}

/// The blocking checks of an order that is refused.
async fn blocked(world: &World, brief: Brief) -> Vec<Check> {
    match world.pipeline.admit(ask(vec![brief]), None).await {
        Err(PipelineError::Blocked(preflight)) => {
            let checks = preflight.checks.into_iter();
            checks.filter(|check| check.outcome == Outcome::Block).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn checks(world: &World, ask: &Ask) -> Vec<Check> {
    world.pipeline.preflight_with_consent(ask).await.checks
}

fn of(checks: &[Check], id: CheckId) -> &Check {
    checks.iter().find(|check| check.id == id).unwrap_or_else(|| panic!("no {id:?}: {checks:#?}"))
}
