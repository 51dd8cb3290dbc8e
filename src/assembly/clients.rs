//! The providers' clients, each made when it is first asked for.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use async_trait::async_trait;

use crate::catalog::Shelf;
use crate::config::secret::{self, Credential, CredentialSource};
use crate::config::{ApiKey, Env, Paths, Settings};
use crate::domain::{Account, Fingerprint, ProviderId};
use crate::media::MediaChild;
use crate::pipeline::{Services, Unavailable};
use crate::provider::huggingface::{Huggingface, HuggingfaceOptions, Way};
use crate::provider::local::{Here, Local, LocalOptions};
use crate::provider::wavespeed::{Wavespeed, WavespeedOptions};
use crate::provider::{Provider, abilities};
use crate::sandbox::{Faults, Sandbox, SandboxOptions};

/// The key that the in-process sandbox is asked with. It opens nothing.
const SANDBOX_KEY: &str = "sandbox";

/// Credentials that another process handed to this one.
#[derive(Clone, Default)]
pub struct Handed(HashMap<ProviderId, ApiKey>);

impl std::fmt::Debug for Handed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Handed({:?})", self.0.keys())
    }
}

impl Handed {
    /// Reads a JSON object, provider to key; an empty text is none.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let keys: HashMap<ProviderId, String> =
            serde_json::from_str(text).context("reading handed credentials")?;
        let keys = keys
            .into_iter()
            .map(|(provider, key)| Ok((provider, ApiKey::read(&key)?)))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self(keys))
    }

    /// One key.
    pub fn of(provider: ProviderId, key: ApiKey) -> Self {
        Self(HashMap::from([(provider, key)]))
    }

    fn written(&self) -> String {
        let keys: HashMap<_, _> = self.0.iter().map(|(id, key)| (id, key.expose())).collect();
        serde_json::to_string(&keys).expect("names and texts are JSON")
    }
}

/// The providers' clients.
pub struct Clients {
    env: Env,
    paths: Paths,
    settings: Settings,
    catalog: Arc<Shelf>,
    handed: Handed,
    program: PathBuf,
    /// Nothing that a provider is asked may last.
    only_looks: bool,
    /// Keys that came from a command or a pipe, and must be handed on to a worker.
    found: Mutex<HashMap<ProviderId, Credential>>,
    made: tokio::sync::Mutex<HashMap<ProviderId, Arc<dyn Provider>>>,
    /// The in-process sandbox, kept alive as long as its client.
    sandbox: tokio::sync::OnceCell<Sandbox>,
}

impl Clients {
    /// Nothing is made yet.
    pub fn new(
        env: Env,
        paths: Paths,
        settings: Settings,
        catalog: Arc<Shelf>,
        handed: Handed,
        program: PathBuf,
        only_looks: bool,
    ) -> Self {
        Self {
            env,
            paths,
            settings,
            catalog,
            handed,
            program,
            only_looks,
            found: Mutex::default(),
            made: tokio::sync::Mutex::default(),
            sandbox: tokio::sync::OnceCell::new(),
        }
    }

    /// Whether a key for this provider lies in the file.
    pub fn has_stored_key(&self, provider: ProviderId) -> bool {
        matches!(secret::find(provider, &self.paths, &Env::default(), None), Ok(Some(_)) | Err(_))
    }

    /// What a worker cannot find by itself, as text for its pipe.
    pub fn to_hand_over(&self) -> String {
        let found = self.found.lock().expect("nothing panics while it is held");
        let keys = found
            .iter()
            .filter(|(_, credential)| {
                matches!(
                    credential.source,
                    CredentialSource::Command(_) | CredentialSource::Inherited
                )
            })
            .map(|(provider, credential)| (*provider, credential.key.clone()));
        Handed(keys.collect()).written()
    }

    /// Today's credential of a provider. A command is run at most once a process.
    pub async fn credential_of(&self, provider: ProviderId) -> Result<Credential, Unavailable> {
        if let Some(known) =
            self.found.lock().expect("nothing panics while it is held").get(&provider)
        {
            return Ok(known.clone());
        }
        let credential = match self.handed.0.get(&provider) {
            Some(key) => Credential { key: key.clone(), source: CredentialSource::Inherited },
            None => self.find(provider).await?,
        };
        let mut found = self.found.lock().expect("nothing panics while it is held");
        Ok(found.entry(provider).or_insert(credential).clone())
    }

    async fn find(&self, provider: ProviderId) -> Result<Credential, Unavailable> {
        let (env, paths) = (self.env.clone(), self.paths.clone());
        let command = match provider {
            ProviderId::Sandbox | ProviderId::Local => None,
            ProviderId::Wavespeed => self.settings.wavespeed.key_cmd.clone(),
            ProviderId::Huggingface => self.settings.huggingface.key_cmd.clone(),
        };
        let found = tokio::task::spawn_blocking(move || {
            secret::find(provider, &paths, &env, command.as_deref())
        })
        .await
        .map_err(|error| Unavailable::Broken {
            finding: error.to_string(),
            hint: "run it again".to_owned(),
        })?;
        let how = format!(
            "set {}, or run: rushes key set {provider}; --provider sandbox tries it for nothing",
            secret::variables(provider).join(" or ")
        );
        match found {
            Ok(Some(credential)) => Ok(credential),
            Ok(None) => Err(Unavailable::NoCredential {
                finding: format!("no key for {provider}"),
                hint: how,
            }),
            Err(error) => Err(Unavailable::NoCredential {
                finding: crate::pipeline::supervisor::said(&error),
                hint: error.hint().unwrap_or(how),
            }),
        }
    }

    /// Where a key of this provider is spent: an account is a key at an address.
    pub fn base_url(&self, provider: ProviderId, key: &ApiKey) -> &str {
        let huggingface = &self.settings.huggingface;
        match (provider, Way::of(key)) {
            (ProviderId::Sandbox, _) => "sandbox",
            (ProviderId::Local, _) => "local",
            (ProviderId::Wavespeed, _) => self.settings.wavespeed.base_url.as_str(),
            (ProviderId::Huggingface, Way::Routed) => huggingface.router_url.as_str(),
            (ProviderId::Huggingface, Way::Direct) => huggingface.queue_url.as_str(),
        }
    }

    async fn make(&self, id: ProviderId) -> Result<Arc<dyn Provider>, Unavailable> {
        if id == ProviderId::Sandbox {
            return Ok(Arc::new(self.make_sandbox().await?));
        }
        if id == ProviderId::Local {
            return Ok(Arc::new(self.make_local()?));
        }
        let key = self.credential_of(id).await?.key;
        let base_url = self.base_url(id, &key).to_owned();
        let credential = key.fingerprint(&base_url);
        let account = Account { provider: id, base_url: base_url.clone(), credential };
        let abilities =
            |level: &str| abilities::of(id, level).map_err(|unknown_level| broken(&unknown_level));
        if id == ProviderId::Huggingface {
            let settings = &self.settings.huggingface;
            let options = HuggingfaceOptions {
                account,
                hub_url: settings.hub_url.as_str().to_owned(),
                key,
                bill_to: settings.bill_to.clone(),
                abilities: abilities(&settings.account_level)?,
            };
            return Ok(Arc::new(Huggingface::connect(options).map_err(|error| broken(&error))?));
        }
        let options = WavespeedOptions {
            account,
            request_base_url: base_url,
            key,
            abilities: abilities(&self.settings.wavespeed.account_level)?,
        };
        Ok(Arc::new(Wavespeed::connect(options).map_err(|error| broken(&error))?))
    }

    /// What this machine does itself. There is nobody to have an account with.
    fn make_local(&self) -> Result<Local, Unavailable> {
        let id = ProviderId::Local;
        let here = Here::find(&self.env, &self.paths).map_err(|error| broken(&error))?;
        Ok(Local::new(LocalOptions {
            account: Account {
                provider: id,
                base_url: "local".to_owned(),
                credential: Fingerprint::new("local"),
            },
            abilities: abilities::of(id, "").map_err(|error| broken(&error))?,
            folder: self.paths.local_folder(),
            tools_file: self.paths.tools_file(),
            program: self.program.clone(),
            search_path: self.env.path("PATH").unwrap_or_default().into_os_string(),
            here,
        }))
    }

    /// Starts the server in this process and connects the ordinary client to it: its address is all that
    /// differs, and the account's name for it is fixed, since the port is not.
    async fn make_sandbox(&self) -> Result<Wavespeed, Unavailable> {
        let broken_sandbox = |what: String| Unavailable::Broken {
            finding: format!("the sandbox does not start: {what}"),
            hint: "look at the folder of its state: rushes doctor".to_owned(),
        };
        let settings = &self.settings.sandbox;
        let faults: Faults =
            settings.faults.parse().map_err(|error| broken_sandbox(format!("{error}")))?;
        let sandbox = self
            .sandbox
            .get_or_try_init(async || {
                let options = SandboxOptions {
                    addr: SocketAddr::from(([127, 0, 0, 1], 0)),
                    state: self.paths.state.clone(),
                    speed: settings.speed,
                    faults,
                    required_key: None,
                    catalog: self.catalog.now(),
                    reader: Some(MediaChild::new(self.program.clone())),
                    most_drawn: settings.most_drawn,
                };
                if self.only_looks {
                    Sandbox::start_apart(options).await
                } else {
                    Sandbox::start(options).await
                }
            })
            .await
            .map_err(|error| broken_sandbox(error.to_string()))?;
        let id = ProviderId::Sandbox;
        let options = WavespeedOptions {
            account: Account {
                provider: id,
                base_url: "sandbox".to_owned(),
                credential: Fingerprint::new("sandbox"),
            },
            request_base_url: sandbox.base_url(),
            key: ApiKey::read(SANDBOX_KEY).map_err(|error| broken(&error))?,
            abilities: abilities::of(id, "").map_err(|error| broken(&error))?,
        };
        Wavespeed::connect(options).map_err(|error| broken(&error))
    }
}

fn broken(error: &(dyn std::error::Error + 'static)) -> Unavailable {
    Unavailable::Broken {
        finding: crate::pipeline::supervisor::said(error),
        hint: "rushes doctor says where each setting comes from".to_owned(),
    }
}

#[async_trait]
impl Services for Clients {
    async fn provider(&self, id: ProviderId) -> Result<Arc<dyn Provider>, Unavailable> {
        let mut made = self.made.lock().await;
        if let Some(client) = made.get(&id) {
            return Ok(Arc::clone(client));
        }
        let client = self.make(id).await?;
        made.insert(id, Arc::clone(&client));
        Ok(client)
    }

    async fn credential(&self, id: ProviderId) -> Result<String, Unavailable> {
        if id.is_simulated() {
            return Ok("none needed: this is the sandbox".to_owned());
        }
        if id == ProviderId::Local {
            return Ok("none needed: it is done on this machine".to_owned());
        }
        self.credential_of(id).await.map(|credential| credential.source.to_string())
    }
}
