//! Which of fal's models runs a model of the hub today: asked of the hub, and remembered for a day.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::{Method, Url};
use serde_json::Value;

use super::super::http::{Http, USUAL_BODY};
use super::queue::SERVICE;
use crate::domain::text::printable;
use crate::domain::{ModelId, Operation};
use crate::provider::{AskError, Offer};

/// The hub changes what runs where from day to day.
const REMEMBERED_FOR: Duration = Duration::from_hours(24);

/// A model that was given another name is one redirect away.
const REDIRECTS: usize = 3;

/// What the hub says of a model at the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// The service's own name for it: `fal-ai/hunyuan-video`.
    pub(super) id: String,
    task: String,
    /// `live`, `staging` or `error`.
    status: String,
    /// The file of weights that the service has to lay over its own model.
    pub(super) adapter: Option<String>,
}

/// Why there is no [`Endpoint`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoEndpoint {
    #[error("the hub knows no model {0}")]
    Unknown(ModelId),
    #[error("{}", elsewhere(model, others))]
    NotHere { model: ModelId, others: Vec<String> },
    #[error("the hub could not be asked who runs {model}: {error}")]
    Unasked { model: ModelId, error: AskError },
}

fn elsewhere(model: &ModelId, others: &[String]) -> String {
    if others.is_empty() {
        return format!("no inference provider runs {model} today");
    }
    format!("{model} runs at {} today, not at {SERVICE}", others.join(", "))
}

/// The hub, and what it said.
pub(super) struct Hub {
    url: Url,
    known: Mutex<HashMap<ModelId, (Instant, Endpoint)>>,
}

impl Hub {
    pub(super) fn new(url: Url) -> Self {
        Self { url, known: Mutex::default() }
    }

    /// What runs this model. The hub is public: it is asked without any key.
    pub(super) async fn endpoint(
        &self,
        http: &Http,
        model: &ModelId,
    ) -> Result<Endpoint, NoEndpoint> {
        if let Some(known) = self.recall(model) {
            return Ok(known);
        }
        let unasked = |error| NoEndpoint::Unasked { model: model.clone(), error };
        let body = match self.ask(http, model).await {
            Ok(body) => body,
            // The hub says 401 of a model that is not there, to whoever could not see it either.
            Err(AskError::Refused { status: 401 | 403 | 404, .. }) => {
                return Err(NoEndpoint::Unknown(model.clone()));
            }
            Err(error) => return Err(unasked(error)),
        };
        let Ok(body) = serde_json::from_slice(&body) else {
            let message = "the answer is no JSON".to_owned();
            return Err(unasked(AskError::Unreachable { message, retry_after: None }));
        };
        let endpoint = endpoint(&body, model)?;
        let mut known = self.known.lock().expect("nothing panics while it is held");
        known.insert(model.clone(), (Instant::now(), endpoint.clone()));
        Ok(endpoint)
    }

    fn recall(&self, model: &ModelId) -> Option<Endpoint> {
        let known = self.known.lock().expect("nothing panics while it is held");
        let (at, endpoint) = known.get(model)?;
        (at.elapsed() < REMEMBERED_FOR).then(|| endpoint.clone())
    }

    async fn ask(&self, http: &Http, model: &ModelId) -> Result<Vec<u8>, AskError> {
        let mut url = self.url.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(["api", "models"]).extend(model.as_str().split('/'));
        }
        url.set_query(Some("expand=inferenceProviderMapping"));
        for _ in 0..=REDIRECTS {
            let reply =
                http.send(http.ask_without_key(Method::GET, url.clone())?, USUAL_BODY).await?;
            let next = reply.location.as_deref().filter(|_| (300..400).contains(&reply.status));
            match next.and_then(|location| url.join(location).ok()) {
                Some(next) if next.origin() == self.url.origin() => url = next,
                _ => return reply.whole(Timestamp::now()).map(<[u8]>::to_vec),
            }
        }
        Err(AskError::Unreachable { message: "redirected too often".into(), retry_after: None })
    }
}

impl Endpoint {
    /// What the mapping means for this operation.
    pub(super) fn offer(&self, model: &ModelId, operation: Operation) -> Offer {
        if self.task != operation.as_str() {
            return Offer::Absent {
                finding: format!("{SERVICE} runs {model} for {}, not for {operation}", self.task),
                hint: "rushes models list shows what runs it".to_owned(),
            };
        }
        match self.status.as_str() {
            "live" => Offer::Live(format!("live at {SERVICE} as {}", self.id)),
            other => Offer::Doubtful(format!(
                "the hub says {other:?} of {model} at {SERVICE}: it may not work"
            )),
        }
    }
}

impl NoEndpoint {
    /// What the absence means before an order; what could not be asked stays a question.
    pub(super) fn offer(self) -> Result<Offer, AskError> {
        let hint = match &self {
            Self::Unknown(_) => "write it as the hub does: tencent/HunyuanVideo",
            Self::NotHere { .. } => {
                "rushes models list shows others; --provider wavespeed has most"
            }
            Self::Unasked { .. } => "",
        };
        match self {
            Self::Unasked { error, .. } => Err(error),
            absent => Ok(Offer::Absent { finding: absent.to_string(), hint: hint.to_owned() }),
        }
    }
}

/// Reads a model's record: a table by provider, or a list that names it in each entry.
fn endpoint(record: &Value, model: &ModelId) -> Result<Endpoint, NoEndpoint> {
    let mapping = record.get("inferenceProviderMapping").unwrap_or(&Value::Null);
    let entries: Vec<(&str, &Value)> = match mapping {
        Value::Object(table) => table.iter().map(|(name, entry)| (name.as_str(), entry)).collect(),
        Value::Array(list) => list
            .iter()
            .filter_map(|entry| Some((entry.get("provider")?.as_str()?, entry)))
            .collect(),
        _ => Vec::new(),
    };
    let read = |entry: &Value| {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(printable);
        let id = text("providerId").filter(|id| is_path(id))?;
        let task = text("task").unwrap_or_default();
        let status = text("status").unwrap_or_default();
        let adapter = text("adapterWeightsPath").filter(|path| is_path(path));
        Some(Endpoint { id, task, status, adapter })
    };
    let here = entries.iter().find(|(name, _)| *name == SERVICE).and_then(|(_, entry)| read(entry));
    here.ok_or_else(|| NoEndpoint::NotHere {
        model: model.clone(),
        others: entries
            .iter()
            .filter(|(name, _)| *name != SERVICE)
            .map(|(name, _)| printable(name))
            .collect(),
    })
}

/// Whether a name that came from the network may become part of an address.
fn is_path(text: &str) -> bool {
    let is_plain = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.split('/').all(is_plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(mapping: &Value) -> Result<Endpoint, NoEndpoint> {
        let record = json!({"id": "tencent/HunyuanVideo", "inferenceProviderMapping": mapping});
        endpoint(&record, &ModelId::new("tencent/HunyuanVideo"))
    }

    fn entry(status: &str) -> Value {
        json!({"status": status, "providerId": "fal-ai/hunyuan-video", "task": "text-to-video"})
    }

    #[test]
    fn a_mapping_is_read_as_a_table_and_as_a_list() {
        let table = read(&json!({"novita": {"providerId": "x"}, "fal-ai": entry("live")}));
        let mut listed = entry("live");
        listed["provider"] = "fal-ai".into();
        let list = read(&json!([{"provider": "novita", "providerId": "x"}, listed]));
        assert_eq!(table, list);
        assert_eq!(table.expect("it is mapped").id, "fal-ai/hunyuan-video");
    }

    #[test]
    fn who_else_runs_it_is_told() {
        let check = |mapping, expected: &str| {
            assert_eq!(read(&mapping).expect_err("it is not mapped").to_string(), expected);
        };
        let nobody = "no inference provider runs tencent/HunyuanVideo today";
        check(json!({}), nobody);
        check(json!([]), nobody);
        check(Value::Null, nobody);
        check(
            json!({"novita": entry("live"), "replicate": entry("live")}),
            "tencent/HunyuanVideo runs at novita, replicate today, not at fal-ai",
        );
        // A name that would lead elsewhere is none.
        let mut odd = entry("live");
        odd["providerId"] = "../../api/whoami".into();
        check(json!({"fal-ai": odd}), nobody);
    }

    #[test]
    fn staging_and_error_warn_and_another_task_blocks() {
        let model = ModelId::new("tencent/HunyuanVideo");
        let offer = |status: &str, operation| {
            let endpoint = read(&json!({"fal-ai": entry(status)})).expect("it is mapped");
            endpoint.offer(&model, operation)
        };
        assert!(matches!(offer("live", Operation::TextToVideo), Offer::Live(_)));
        for status in ["staging", "error"] {
            let Offer::Doubtful(said) = offer(status, Operation::TextToVideo) else { panic!() };
            assert!(said.contains(status), "{said}");
        }
        let Offer::Absent { finding, .. } = offer("live", Operation::ImageToVideo) else {
            panic!()
        };
        assert_eq!(
            finding,
            "fal-ai runs tencent/HunyuanVideo for text-to-video, not for image-to-video"
        );
    }

    #[test]
    fn an_adapters_weights_are_kept_with_its_model() {
        let mut adapted = entry("live");
        adapted["adapterWeightsPath"] = "film.safetensors".into();
        let endpoint = read(&json!({"fal-ai": adapted})).expect("it is mapped");
        assert_eq!(endpoint.adapter.as_deref(), Some("film.safetensors"));
    }
}
