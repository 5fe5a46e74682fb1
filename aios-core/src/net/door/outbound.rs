//! What the operator says about going out: whom to trust, and through whom.

use std::sync::Arc;

use reqwest::Certificate;
use url::{Host, Url};

use super::{Egress, Purpose};
use crate::model::Secret;
use crate::net::Error;

/// `[net]`.
#[derive(Debug, Clone, Default)]
pub struct Outbound {
    /// Who may vouch for servers.
    pub trust: Trust,
    /// Through whom to go. Nobody else's word counts: not the environment's.
    pub proxy: Option<Proxy>,
}

/// Who may vouch for servers. A text of certificates is one that [`Trust::read`] has read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// These alone.
    Only(Vec<u8>),
    /// Whom the operating system trusts.
    #[default]
    Platform,
    /// Whom the operating system trusts, and these.
    PlatformAnd(Vec<u8>),
}

impl Trust {
    /// Whether a text holds certificates (PEM) that can vouch for servers, and nothing that is none.
    ///
    /// # Errors
    /// [`Error::Authorities`].
    pub fn read(pem: &[u8]) -> Result<(), Error> {
        let certificates = certificates(pem)?;
        let client = reqwest::Client::builder().no_proxy().tls_certs_only(certificates).build();
        client.map(drop).map_err(|_| Error::Authorities)
    }
}

/// The certificates of a text.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, Error> {
    let certificates = Certificate::from_pem_bundle(pem).map_err(|_| Error::Authorities)?;
    if certificates.is_empty() { Err(Error::Authorities) } else { Ok(certificates) }
}

/// Through whom to go. It resolves names, so which addresses they have is for it to judge.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// Where it is.
    pub url: Url,
    /// User and password, where it asks for them.
    pub credentials: Option<(String, Arc<Secret>)>,
    /// Hosts that are asked without it.
    pub except: Vec<String>,
}

impl Proxy {
    /// Parses where a proxy is.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn address(text: &str) -> Result<Url, Error> {
        let url = Url::parse(text).map_err(|_| Error::Url("not a URL"))?;
        let is_bare = url.username().is_empty() && url.password().is_none();
        let is_only_origin = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(Error::Url("must begin with http:// or https:// and name a host"));
        }
        if !is_bare || !is_only_origin {
            return Err(Error::Url("may have neither user, password, path, query nor fragment"));
        }
        Ok(url)
    }

    pub(super) fn row(&self) -> Egress {
        Egress {
            name: "proxy".into(),
            purpose: Purpose::Proxy,
            host: self.url.host_str().unwrap_or_default().into(),
            port: self.url.port_or_known_default().unwrap_or_default(),
            proxied: false,
            plaintext: self.url.scheme() == "http",
            // Whoever names it answers for where it is.
            private: true,
            leads_to: None,
        }
    }
}

impl Outbound {
    /// Whether a host is asked through the proxy. This machine's loopback never is: the proxy's is another.
    pub(super) fn proxies(&self, host: &str) -> bool {
        let Some(proxy) = &self.proxy else { return false };
        let is_here = Host::parse(host).is_ok_and(|host| match host {
            Host::Domain(name) => name == super::reach::LOCALHOST,
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        });
        !is_here && !proxy.except.iter().any(|except| except == host)
    }
}
