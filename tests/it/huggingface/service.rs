//! Hugging Face as it is met from outside: the hub, its router, fal's queue behind it and directly, and the
//! delivery host beside them. Judged by `huggingface_hub` itself in `sdk.rs`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::RUBBISH;
use crate::support::server::{Answer, Request, Server};

pub(super) const TOKEN: &str = "hf_0123456789abcdefghij";
pub(super) const FAL_KEY: &str = "0a1b2c3d-4e5f:66778899aabbccdd";
pub(super) const HUNYUAN: &str = "tencent/HunyuanVideo";

/// What the service does next, where it is not the usual.
#[derive(Default)]
pub(super) struct Script {
    /// `inferenceProviderMapping` by model; a model that is not in it does not exist.
    pub(super) mapping: HashMap<String, Value>,
    /// Answers to look-ups before the usual one.
    pub(super) look_ups: VecDeque<Answer>,
    /// Answers to submissions before the usual one. They make nothing.
    pub(super) submissions: VecDeque<Answer>,
    /// Fields that are laid over the answer to a submission; null takes one out.
    pub(super) accepted: Value,
    /// Answers to questions for the status before the usual ones.
    pub(super) statuses: VecDeque<Answer>,
    /// Answers to questions for the result before the usual one.
    pub(super) results: VecDeque<Answer>,
    /// Answers to cancels before the usual one.
    pub(super) cancels: VecDeque<Answer>,
    /// Whether addresses in answers name this server, with the router's prefix in their path, as a local server
    /// must for `huggingface_hub`; else they name fal's host, as the real service does.
    pub(super) names_itself: bool,
    /// How often a request is asked about before it is at its end.
    pub(super) patience: u32,
    /// Whether `negative_prompt` may be a list, as `huggingface_hub` sends it.
    pub(super) takes_lists: bool,
    made: Vec<Made>,
}

struct Made {
    asked: u32,
    cancelled: bool,
}

/// The whole of it.
pub(super) struct Service {
    pub(super) server: Server,
    pub(super) delivery: Server,
    script: Arc<Mutex<Script>>,
}

impl Service {
    /// A service on which everything goes well.
    pub(super) async fn start() -> Self {
        let (server, delivery) = (Server::start().await, Server::start().await);
        delivery.on_output([Answer::Body(200, "video/mp4", RUBBISH.to_vec())]);
        let entry = |id: &str, task: &str| {
            json!({"fal-ai": {"status": "live", "providerId": id, "task": task, "isModelAuthor": false},
                "novita": {"status": "live", "providerId": "x", "task": task}})
        };
        let mapping = [
            (HUNYUAN, entry("fal-ai/hunyuan-video", "text-to-video")),
            ("Wan-AI/Wan2.2-TI2V-5B", entry("fal-ai/wan/v2.2-5b/text-to-video", "text-to-video")),
            (
                "Wan-AI/Wan2.2-I2V-A14B",
                entry("fal-ai/wan/v2.2-a14b/image-to-video", "image-to-video"),
            ),
        ];
        let script = Script {
            mapping: mapping.into_iter().map(|(model, entry)| (model.to_owned(), entry)).collect(),
            accepted: json!({}),
            patience: 2,
            ..Script::default()
        };
        let script = Arc::new(Mutex::new(script));
        let (answering, own) = (Arc::clone(&script), server.address().to_owned());
        let film = delivery.output("out.mp4?signature=secret");
        server.answers(move |request| answer(request, &mut answering.lock().unwrap(), &own, &film));
        Self { server, delivery, script }
    }

    /// Changes what is done from now on.
    pub(super) fn script(&self, change: impl FnOnce(&mut Script)) -> &Self {
        change(&mut self.script.lock().unwrap());
        self
    }

    /// Says what is answered to the first questions for a status.
    pub(super) fn says(&self, status: u16, record: &Value) -> &Self {
        self.script(|script| script.statuses.push_back(Answer::json(status, record)))
    }

    /// How many submissions came, whatever became of them.
    pub(super) fn submissions(&self) -> Vec<Request> {
        self.of("POST", "")
    }

    /// The requests of a method whose path holds this.
    pub(super) fn of(&self, method: &str, part: &str) -> Vec<Request> {
        let seen = self.server.seen().into_iter();
        seen.filter(|seen| seen.method == method && seen.path.contains(part)).collect()
    }
}

/// A record of the queue.
pub(super) fn record(word: &str, more: &Value) -> Value {
    let mut record = json!({"status": word, "request_id": "r1", "logs": null, "metrics": {}});
    for (key, value) in more.as_object().into_iter().flatten() {
        record[key] = value.clone();
    }
    record
}

fn detail(status: u16, said: &str) -> Answer {
    Answer::json(status, &json!({"detail": said}))
}

fn answer(request: &Request, script: &mut Script, own: &str, film: &str) -> Answer {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    if path == "/api/agent-harnesses" {
        return detail(404, "not found");
    }
    if let Some(model) = path.strip_prefix("/api/models/") {
        return look_up(request, script, model, query);
    }
    if path.starts_with("/outputs/") {
        return detail(404, "films are elsewhere");
    }
    // The router is one path below and one word in the query; each way has a key of its own.
    let is_routed = query == "_subdomain=queue";
    let wanted = if is_routed { format!("Bearer {TOKEN}") } else { format!("Key {FAL_KEY}") };
    if request.header("authorization") != Some(wanted.as_str()) {
        return Answer::json(401, &json!({"error": "Invalid username or password."}));
    }
    let within = path.strip_prefix("/fal-ai").filter(|rest| rest.starts_with("/fal-ai/"));
    if is_routed && within.is_none() && !script.names_itself {
        return detail(404, "the router has another path");
    }
    let path = within.unwrap_or(path);
    let Some((app, rest)) = path.split_once("/requests/") else {
        return submitted(request, script, own, path, is_routed);
    };
    if app.matches('/').count() != 2 {
        return detail(405, "Method Not Allowed");
    }
    let (id, action) = rest.split_once('/').unwrap_or((rest, ""));
    let number = id.strip_prefix('r').and_then(|number| number.parse::<usize>().ok());
    let made = number.and_then(|number| script.made.get_mut(number.checked_sub(1)?));
    let Some(made) = made else { return detail(404, "Request not found") };
    match (request.method.as_str(), action) {
        ("GET", "status") => {
            if let Some(answer) = script.statuses.pop_front() {
                return answer;
            }
            made.asked += 1;
            status(id, made, script.patience)
        }
        ("GET", "") => {
            if let Some(answer) = script.results.pop_front() {
                return answer;
            }
            let video = json!({"url": film, "content_type": "video/mp4", "file_name": "out.mp4"});
            Answer::json(200, &json!({"video": video, "seed": 42}))
        }
        ("PUT", "cancel") => {
            if let Some(answer) = script.cancels.pop_front() {
                return answer;
            }
            made.cancelled = true;
            Answer::json(202, &json!({"status": "CANCELLATION_REQUESTED"}))
        }
        _ => detail(405, "Method Not Allowed"),
    }
}

fn look_up(request: &Request, script: &mut Script, model: &str, query: &str) -> Answer {
    if let Some(answer) = script.look_ups.pop_front() {
        return answer;
    }
    if request.method != "GET" || !query.starts_with("expand") {
        return detail(400, "what is wanted of it?");
    }
    match script.mapping.get(model) {
        Some(mapping) => Answer::json(
            200,
            &json!({"_id": "67", "id": model, "inferenceProviderMapping": mapping}),
        ),
        // What the hub says of a model that is not there.
        None => Answer::json(401, &json!({"error": "Repository not found"})),
    }
}

fn submitted(
    request: &Request,
    script: &mut Script,
    own: &str,
    path: &str,
    is_routed: bool,
) -> Answer {
    if request.method != "POST" {
        return detail(405, "Method Not Allowed");
    }
    if let Some(answer) = script.submissions.pop_front() {
        return answer;
    }
    let body = request.json();
    let fault = |key: &str, said: &str| {
        Answer::json(
            422,
            &json!({"detail": [{"loc": ["body", key], "msg": said, "type": "missing", "input": body}]}),
        )
    };
    if !body["prompt"].is_string() {
        return fault("prompt", "Field required");
    }
    if body["negative_prompt"].is_array() && !script.takes_lists {
        return fault("negative_prompt", "Input should be a valid string");
    }
    script.made.push(Made { asked: 0, cancelled: false });
    let number = script.made.len();
    // All but owner and app of the model's id is left out.
    let app: String = path.split('/').take(3).collect::<Vec<_>>().join("/");
    let base = match (script.names_itself, is_routed) {
        (true, true) => format!("{own}/fal-ai{app}"),
        (true, false) => format!("{own}{app}"),
        (false, _) => format!("https://queue.fal.run{app}"),
    };
    let mut answer = json!({
        "status": "IN_QUEUE", "request_id": format!("r{number}"), "queue_position": 0,
        "response_url": format!("{base}/requests/r{number}"),
        "status_url": format!("{base}/requests/r{number}/status"),
        "cancel_url": format!("{base}/requests/r{number}/cancel"),
    });
    for (key, value) in script.accepted.as_object().into_iter().flatten() {
        answer[key] = value.clone();
    }
    Answer::json(200, &answer)
}

/// 202 while it waits and works, 200 at its end.
fn status(id: &str, made: &Made, patience: u32) -> Answer {
    let record = |word: &str, more: &Value| {
        let mut record = record(word, more);
        record["request_id"] = id.into();
        record
    };
    if made.cancelled {
        let cancelled = json!({"error": "Request cancelled", "error_type": "client_cancelled"});
        return Answer::json(200, &record("COMPLETED", &cancelled));
    }
    match made.asked {
        1 => Answer::json(202, &record("IN_QUEUE", &json!({"queue_position": 1}))),
        asked if asked <= patience => {
            Answer::json(202, &record("IN_PROGRESS", &json!({"logs": []})))
        }
        _ => Answer::json(200, &record("COMPLETED", &json!({"metrics": {"inference_time": 3.4}}))),
    }
}
