//! One GET: no redirect, proxy, cookie or retry; small and quick, or refused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Client, StatusCode, redirect, retry, tls};

use super::{Error, Reach};

/// What a fetch may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For a connection.
    pub(super) connect: Duration,
    /// For discovery and key set together.
    pub(super) total: Duration,
    /// Bytes of one answer.
    pub(super) body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), total: Duration::from_secs(5), body: 512 * 1024 }
    }
}

/// Clients by what they may reach; root certificates are read once for each.
pub(super) struct Http {
    limits: Limits,
    clients: Mutex<BTreeMap<(Reach, Security), Client>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Security {
    Plaintext,
    Tls,
}

impl Http {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, clients: Mutex::default() }
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// The answer's body.
    pub(super) async fn get(&self, reach: Reach, text: &str) -> Result<Vec<u8>, Error> {
        let url = reach.url(text)?;
        let security = if url.scheme() == "https" { Security::Tls } else { Security::Plaintext };
        let request = self.client(reach, security)?.get(url);
        let mut answer = request.header(ACCEPT, HeaderValue::from_static("application/json")).send().await?;
        if answer.status() != StatusCode::OK {
            return Err(Error::Status(answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > self.limits.body {
                return Err(Error::BodyTooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn client(&self, reach: Reach, security: Security) -> Result<Client, Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(reach, security)) {
            return Ok(client.clone());
        }
        let client = self.build(reach, security).map_err(|_| Error::Stopped)?;
        clients.insert((reach, security), client.clone());
        Ok(client)
    }

    fn build(&self, reach: Reach, security: Security) -> reqwest::Result<Client> {
        let builder = Client::builder()
            .dns_resolver(Arc::new(reach))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            // Keys are fetched every ten minutes: a kept connection would only be dead by then.
            .pool_max_idle_per_host(0)
            .connect_timeout(self.limits.connect)
            .timeout(self.limits.total)
            .user_agent(concat!("aios/", env!("CARGO_PKG_VERSION")));
        match security {
            // No certificates to read, so that a bare container can run a local issuer.
            Security::Plaintext => builder.tls_certs_only([]).build(),
            Security::Tls => builder.https_only(true).min_tls_version(tls::Version::TLS_1_2).build(),
        }
    }
}
