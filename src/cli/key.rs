//! `rushes key`.

use std::io::{IsTerminal, Read};

use anyhow::{Context, bail};

use crate::assembly::{Assembly, Flags, Handed};
use crate::config::ApiKey;
use crate::config::secret;
use crate::domain::ProviderId;
use crate::pipeline::{Services, Unavailable};
use crate::studio::Ear;

use super::exit::Exit;
use super::talk;
use super::verbs::Key;

/// One verb.
pub(super) async fn run(verb: Key, flags: Flags) -> anyhow::Result<Exit> {
    let (ear, _) = Ear::new();
    match verb {
        Key::Set { provider, no_check } => set(provider, no_check, flags).await,
        Key::Show { json } => {
            show(&super::open(flags, ear).await?, json).await;
            Ok(Exit::Done)
        }
        Key::Forget { provider } => {
            let assembly = super::open(flags, ear).await?;
            if secret::forget_key(&assembly.paths, provider)? {
                talk::say(&format!("the key for {provider} is forgotten"));
                return Ok(Exit::Done);
            }
            talk::say(&format!("no key for {provider} was kept"));
            Ok(Exit::Failed)
        }
    }
}

/// Asks for a key, tries it against the provider's balance, and keeps it.
async fn set(provider: ProviderId, no_check: bool, flags: Flags) -> anyhow::Result<Exit> {
    if !provider.is_paid() {
        talk::say(&format!("{provider} needs no key"));
        return Ok(Exit::Usage);
    }
    let text = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("key for {provider} (not shown): "))?
    } else {
        let mut text = String::new();
        std::io::stdin().take(64 * 1024).read_to_string(&mut text)?;
        text
    };
    let key = ApiKey::read(text.trim()).context("that is no key")?;
    let (ear, _) = Ear::new();
    let flags = Flags { handed: Handed::of(provider, key.clone()), ..flags };
    let assembly = super::open(flags, ear).await?;
    if !no_check {
        let client = assembly.clients.provider(provider).await?;
        match client.balance().await {
            Ok(Some(left)) => talk::say(&format!("{provider} answers: {left} left")),
            Ok(None) => {
                talk::say(&format!("{provider} tells no balance: the first order tries the key"));
            }
            Err(error) => {
                bail!("{provider} was tried with it: {error}; --no-check keeps it all the same")
            }
        }
    }
    secret::set_key(&assembly.paths, provider, &key)?;
    talk::say(&format!("kept in {}", assembly.paths.credentials_file().display()));
    let mut variables = secret::variables(provider).iter();
    if let Some(name) = variables.find(|name| assembly.env.has(name)) {
        talk::hint(&format!("${name} is set too, and goes before it"));
    }
    Ok(Exit::Done)
}

async fn show(assembly: &Assembly, as_json: bool) {
    let mut found = Vec::new();
    for provider in ProviderId::ALL.into_iter().filter(|provider| provider.is_paid()) {
        let clients = &assembly.clients;
        let (source, fingerprint, base_url) = match clients.credential_of(provider).await {
            Ok(credential) => {
                let base_url = clients.base_url(provider, &credential.key);
                let fingerprint = credential.key.fingerprint(base_url).0;
                (credential.source.to_string(), Some(fingerprint), Some(base_url))
            }
            Err(
                Unavailable::NoCredential { finding, .. } | Unavailable::Broken { finding, .. },
            ) => (finding, None, None),
        };
        if !as_json {
            let print = fingerprint.as_deref().unwrap_or("-");
            talk::data(&format!("{provider:<12} {print:<12}  {source}"));
        }
        found.push(serde_json::json!({
            "provider": provider.as_str(),
            "source": source,
            "fingerprint": fingerprint,
            "base_url": base_url,
        }));
    }
    if as_json {
        talk::json(&found.into());
    }
}
