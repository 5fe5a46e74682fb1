//! What is registered: somebody who may be asked, for what, at what price.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use super::{Outbound, Reach};
use crate::net::Error;

/// Somebody who may be asked.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The name it has in the configuration.
    pub(super) name: String,
    /// What for.
    pub(super) purpose: Purpose,
    /// Where its hosts may be.
    pub(super) reach: Reach,
    /// Its hosts. Nothing else is asked.
    pub(super) sites: Vec<Site>,
    /// What an answer may cost.
    pub(super) cost: Cost,
    /// What its answers lead to: another destination, known once an answer came.
    pub(super) leads_to: Option<Purpose>,
}

/// What somebody is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// What a secret of the vault is for.
    Credential,
    /// Where an issuer's keys are.
    Discovery,
    /// What an opaque token stands for.
    Introspection,
    /// An issuer's keys.
    Keys,
    /// Everybody who is asked through it.
    Proxy,
}

/// What an answer may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// For a connection.
    pub connect: Duration,
    /// For all of it.
    pub total: Duration,
    /// Bytes of its body.
    pub body: usize,
    /// Connections to a host that are kept for the next call.
    pub kept: usize,
}

impl Default for Cost {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), total: Duration::from_secs(5), body: 512 * 1024, kept: 0 }
    }
}

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    is_plaintext: bool,
    host: String,
    port: u16,
}

impl Site {
    pub(super) fn of(url: &Url) -> Option<Self> {
        let (host, port) = (url.host_str()?.to_owned(), url.port_or_known_default()?);
        Some(Self { is_plaintext: url.scheme() == "http", host, port })
    }
}

impl Destination {
    /// Whoever is at this URL, at the usual price.
    ///
    /// # Errors
    /// The URL is out of reach.
    pub fn at(name: &str, purpose: Purpose, url: &str, reach: Reach) -> Result<Self, Error> {
        let site = Site::of(&reach.url(url)?).ok_or(Error::Url("names no host"))?;
        let (name, cost) = (name.to_owned(), Cost::default());
        Ok(Self { name, purpose, reach, sites: vec![site], cost, leads_to: None })
    }

    /// The same, at this price.
    #[must_use]
    pub fn costing(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    /// The same, whose answers lead to another.
    #[must_use]
    pub fn leading_to(self, purpose: Purpose) -> Self {
        Self { leads_to: Some(purpose), ..self }
    }

    pub(super) fn rows(&self, outbound: &Outbound) -> Vec<Egress> {
        let row = |site: &Site| Egress {
            name: self.name.clone(),
            purpose: self.purpose,
            host: site.host.clone(),
            port: site.port,
            proxied: outbound.proxies(&site.host),
            plaintext: site.is_plaintext,
            private: self.reach.private,
            leads_to: self.leads_to,
        };
        self.sites.iter().map(row).collect()
    }
}

/// Somebody whom this process may ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Egress {
    /// The name it has in the configuration: an issuer's, or `proxy`.
    pub name: String,
    /// What it is asked for.
    pub purpose: Purpose,
    /// Its host, a name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it is asked through the proxy.
    pub proxied: bool,
    /// Whether it is asked without TLS.
    pub plaintext: bool,
    /// Whether it may be at a private address.
    pub private: bool,
    /// Answers of it may name another host for this purpose; once one did, that is listed, too.
    pub leads_to: Option<Purpose>,
}
