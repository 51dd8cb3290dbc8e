//! A provider's address, made safe to send a key to.

use std::fmt;

/// `https://host[:port][/path]` without a trailing slash, scheme and host in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

/// A text that is no address to send a key to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnfitUrl {
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

impl BaseUrl {
    /// Reads an address. Plain `http` is for this machine alone unless `allow_plain_http`: the key would
    /// be readable on the way.
    pub fn read(text: &str, allow_plain_http: bool) -> Result<Self, UnfitUrl> {
        let text = text.trim().trim_end_matches('/');
        // As the documentation of many a service writes it; requests name the version themselves.
        let text = text.strip_suffix("/api/v3").unwrap_or(text).trim_end_matches('/');
        let unfit = |why: &str| UnfitUrl {
            message: format!("{} {why}", shown(text)),
            hint: "write it like https://api.wavespeed.ai",
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| unfit("is no web address"))?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return Err(unfit("is neither http nor https"));
        }
        if rest.contains(['?', '#', '@', '\\']) || rest.contains(|c: char| !c.is_ascii_graphic()) {
            return Err(unfit("has more in it than a host and a path"));
        }
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let authority = authority.to_ascii_lowercase();
        let host = host_of(&authority).ok_or_else(|| unfit("names no host"))?;
        if scheme == "http" && !is_loopback(host) && !allow_plain_http {
            return Err(UnfitUrl {
                message: format!("{} would send the key unencrypted", shown(text)),
                hint: "use https, or set wavespeed.allow_plain_http = true if you must",
            });
        }
        Ok(Self(format!("{scheme}://{authority}{path}")))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        let authority = self.0.split("://").nth(1).and_then(|rest| rest.split('/').next());
        authority.and_then(host_of).is_some_and(is_loopback)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The host of `host[:port]`; `None` where either is not one.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some("0"))?)
        }
        None => authority.split_once(':').unwrap_or((authority, "0")),
    };
    (!host.is_empty() && port.parse::<u16>().is_ok()).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The text without what may be a password in it.
fn shown(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…@{}", &text[..scheme], &text[at + 1..])
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_made_the_same_however_it_is_written() {
        let check = |text, expected: &str| {
            let url = BaseUrl::read(text, false).expect("it is fit");
            assert_eq!(url.as_str(), expected);
        };
        check("https://api.wavespeed.ai", "https://api.wavespeed.ai");
        check(" HTTPS://API.wavespeed.ai// ", "https://api.wavespeed.ai");
        check("https://proxy.example:8443/Wave/", "https://proxy.example:8443/Wave");
        check("https://api.wavespeed.ai/api/v3/", "https://api.wavespeed.ai");
        check("http://127.0.0.1:8080", "http://127.0.0.1:8080");
        check("http://[::1]:8080/", "http://[::1]:8080");
        check("http://localhost", "http://localhost");
        assert!(BaseUrl::read("http://localhost:1", false).is_ok_and(|url| url.is_loopback()));
        assert!(
            BaseUrl::read("https://localhost.evil.example", false)
                .is_ok_and(|url| !url.is_loopback())
        );
    }

    #[test]
    fn what_would_leak_a_key_is_refused_with_a_hint() {
        let check = |text: &str, message: &str| {
            let unfit = BaseUrl::read(text, false).expect_err("it is unfit");
            assert_eq!(unfit.message, message);
        };
        check("http://api.wavespeed.ai", "http://api.wavespeed.ai would send the key unencrypted");
        check(
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1.evil.example would send the key unencrypted",
        );
        check("ftp://x", "ftp://x is neither http nor https");
        check("api.wavespeed.ai", "api.wavespeed.ai is no web address");
        check("https://", "https: is no web address");
        check("https://:80", "https://:80 names no host");
        check("https://x:port", "https://x:port names no host");
        check("https://me:pass@x", "https://…@x has more in it than a host and a path");
        check("https://x?key=1", "https://x has more in it than a host and a path");
        check("https://x y", "https://x y has more in it than a host and a path");
        assert!(BaseUrl::read("http://api.wavespeed.ai", true).is_ok());
    }
}
