//! Addresses in fal's queue, through the router or directly, and what of them a prediction's id keeps.

use reqwest::Url;

use crate::config::ApiKey;
use crate::domain::PredictionId;

/// The name of the service behind the router, and of its part of the router.
pub(super) const SERVICE: &str = "fal-ai";

/// How a key leads to the queue: a Hugging Face token through the router, the service's own key to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through Hugging Face's router, which bills it.
    Routed,
    /// To fal itself.
    Direct,
}

impl Way {
    /// The prefix of the key decides, and nothing else.
    pub fn of(key: &ApiKey) -> Self {
        if key.expose().starts_with("hf_") { Self::Routed } else { Self::Direct }
    }
}

/// Where one request stands in the queue: the path `/fal-ai/hunyuan-video/requests/ID`, whichever way leads there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place(String);

impl Place {
    /// The place that fal's documents name, for an answer that names none: all but owner and app of the
    /// model's id is left out.
    pub(super) fn of_request(endpoint: &str, request: &str) -> Option<Self> {
        let parts: Vec<&str> = endpoint.split('/').collect();
        // `workflows/owner/app` and `comfy/owner/app` are names within a name.
        let count = if matches!(parts[0], "workflows" | "comfy") { 3 } else { 2 };
        let app = parts.get(..count)?.join("/");
        Self::read(&format!("/{app}/requests/{request}"))
    }

    /// The place behind a prediction's id, where it is one of ours.
    pub(super) fn named(id: &PredictionId) -> Option<Self> {
        Self::read(&format!("/{}", id.as_str().replace(':', "/")))
    }

    /// What the library keeps: `fal-ai:hunyuan-video:requests:ID`. Any process finds the request by it.
    pub(super) fn id(&self) -> Option<PredictionId> {
        PredictionId::read(&self.0[1..].replace(':', "%3A").replace('/', ":"))
    }

    /// The request's own name.
    pub(super) fn request(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    fn read(path: &str) -> Option<Self> {
        let is_plain = |part: &str| {
            let dots = part.to_ascii_lowercase().replace("%2e", ".");
            !part.is_empty()
                && !matches!(dots.as_str(), "." | "..")
                && part.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\\".contains(&byte))
        };
        let mut parts = path.strip_prefix('/')?.split('/');
        let is_request = path.contains("/requests/");
        (is_request && parts.all(is_plain)).then(|| Self(path.to_owned()))
    }
}

/// The queue, by the way that the key leads.
pub(super) struct Queue {
    base: Url,
    way: Way,
}

impl Queue {
    pub(super) fn new(base: &Url, way: Way) -> Self {
        Self { base: base.clone(), way }
    }

    /// Where a submission goes.
    pub(super) fn submission(&self, endpoint: &str) -> Url {
        self.below(&format!("/{endpoint}"))
    }

    /// Where the status is asked.
    pub(super) fn status(&self, place: &Place) -> Url {
        self.below(&format!("{}/status", place.0))
    }

    /// Where the result is.
    pub(super) fn result(&self, place: &Place) -> Url {
        self.below(&place.0)
    }

    /// Where it is told to stop.
    pub(super) fn cancel(&self, place: &Place) -> Url {
        self.below(&format!("{}/cancel", place.0))
    }

    /// The place that a `response_url` names. Only its path counts: its host is the queue's own also where the
    /// router is what can be reached with this key, and a key goes to no host that an answer names.
    pub(super) fn place_of(&self, response_url: &str) -> Option<Place> {
        let url = self.base.join(response_url).ok()?;
        let mut path = url.path();
        if url.origin() == self.base.origin() {
            path = path.strip_prefix(self.base.path().trim_end_matches('/'))?;
        }
        let within = path.strip_prefix(self.prefix()).filter(|rest| names_an_app(rest));
        Place::read(within.unwrap_or(path))
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}{path}", url.path().trim_end_matches('/'), self.prefix()));
        if self.way == Way::Routed {
            url.set_query(Some("_subdomain=queue"));
        }
        url
    }

    /// The router's own part of a path.
    fn prefix(&self) -> &'static str {
        match self.way {
            Way::Routed => "/fal-ai",
            Way::Direct => "",
        }
    }
}

/// Whether owner and app are left before `requests`: then what was taken off was the router's.
fn names_an_app(path: &str) -> bool {
    path.split_once("/requests/").is_some_and(|(app, _)| app.matches('/').count() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(base: &str, way: Way) -> Queue {
        Queue::new(&base.parse().expect("it is an address"), way)
    }

    #[test]
    fn the_prefix_of_the_key_decides_the_way() {
        let check = |key: &str, way| {
            assert_eq!(Way::of(&ApiKey::read(key).expect("it is a key")), way);
        };
        check("hf_0123456789", Way::Routed);
        check("0123:4567", Way::Direct);
        check("HF_0123456789", Way::Direct);
    }

    #[test]
    fn only_the_path_of_the_response_url_counts() {
        let check = |base, way, response_url: &str, status: &str| {
            let queue = queue(base, way);
            let place = queue.place_of(response_url).expect("it is a place");
            assert_eq!(queue.status(&place).as_str(), status);
        };
        let router = "https://router.huggingface.co";
        let status =
            "https://router.huggingface.co/fal-ai/fal-ai/wan/requests/r1/status?_subdomain=queue";
        for response_url in [
            "https://queue.fal.run/fal-ai/wan/requests/r1",
            "https://queue.fal.run/fal-ai/wan/requests/r1?x=1",
            "https://evil.example/fal-ai/wan/requests/r1",
            "https://router.huggingface.co/fal-ai/fal-ai/wan/requests/r1",
            "https://router.huggingface.co/fal-ai/wan/requests/r1",
            "/fal-ai/wan/requests/r1",
        ] {
            check(router, Way::Routed, response_url, status);
        }
        check(
            "https://proxy.example/hf",
            Way::Routed,
            "https://proxy.example/hf/fal-ai/fal-ai/wan/requests/r1",
            "https://proxy.example/hf/fal-ai/fal-ai/wan/requests/r1/status?_subdomain=queue",
        );
        check(
            "https://queue.fal.run",
            Way::Direct,
            "https://queue.fal.run/fal-ai/wan/requests/r1",
            "https://queue.fal.run/fal-ai/wan/requests/r1/status",
        );
    }

    #[test]
    fn an_id_keeps_the_path_and_gives_it_back() {
        let queue = queue("https://router.huggingface.co", Way::Routed);
        let place = queue.place_of("https://queue.fal.run/fal-ai/hunyuan-video/requests/764c-ab");
        let place = place.expect("it is a place");
        let id = place.id().expect("it can be kept");
        assert_eq!(id.as_str(), "fal-ai:hunyuan-video:requests:764c-ab");
        assert_eq!(Place::named(&id), Some(place));
        for broken in
            ["764c-ab", "fal-ai:..:requests:a", "a:b", "a::requests:b", "a:b:requests:%2E."]
        {
            assert_eq!(Place::named(&PredictionId::new(broken)), None, "{broken}");
        }
    }

    #[test]
    fn where_no_address_came_back_it_is_owner_and_app_alone() {
        let check = |endpoint, expected: &str| {
            let place = Place::of_request(endpoint, "r1").expect("it is a place");
            assert_eq!(place.id().expect("it can be kept").as_str(), expected);
        };
        check("fal-ai/hunyuan-video", "fal-ai:hunyuan-video:requests:r1");
        check("fal-ai/wan/v2.2-5b/text-to-video", "fal-ai:wan:requests:r1");
        check("workflows/me/film", "workflows:me:film:requests:r1");
        assert_eq!(Place::of_request("alone", "r1"), None);
    }
}
