//! HTTP clients, each made once: by what they may reach, and how.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, redirect, retry, tls};
use url::Url;

use super::outbound::certificates;
use super::{Cost, Outbound, Proxy, Reach, Trust};
use crate::net::Error;

/// Clients; root certificates are read once for each.
pub(super) struct Clients {
    outbound: Outbound,
    made: Mutex<BTreeMap<(Reach, Security, Route, Cost), Client>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Security {
    Plaintext,
    Tls,
}

/// How a connection is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::net) enum Route {
    Direct,
    Proxied,
}

impl Clients {
    pub(super) fn new(outbound: Outbound) -> Self {
        Self { outbound, made: Mutex::default() }
    }

    pub(super) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// The client that may ask this URL, and how it does.
    pub(super) fn to(&self, url: &Url, reach: Reach, cost: Cost) -> Result<(Client, Route), Error> {
        let security = if url.scheme() == "https" { Security::Tls } else { Security::Plaintext };
        let is_proxied = url.host_str().is_some_and(|host| self.outbound.proxies(host));
        let route = if is_proxied { Route::Proxied } else { Route::Direct };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&(reach, security, route, cost)) {
            return Ok((client.clone(), route));
        }
        let builder = self.routed(builder(cost), route, reach)?;
        let client = self.secured(builder, security)?.build().map_err(|_| Error::Stopped)?;
        made.insert((reach, security, route, cost), client.clone());
        Ok((client, route))
    }

    fn routed(&self, builder: ClientBuilder, route: Route, reach: Reach) -> Result<ClientBuilder, Error> {
        match (route, &self.outbound.proxy) {
            (Route::Direct, _) | (Route::Proxied, None) => Ok(builder.dns_resolver(Arc::new(reach))),
            (Route::Proxied, Some(proxy)) => {
                let host = proxy.url.host_str().unwrap_or_default().to_owned();
                Ok(builder.dns_resolver(Arc::new(ProxyOnly { host })).proxy(told(proxy)?))
            }
        }
    }

    fn secured(&self, builder: ClientBuilder, security: Security) -> Result<ClientBuilder, Error> {
        if security == Security::Plaintext {
            // No certificates to read, so that a bare container can run a local issuer.
            return Ok(builder.tls_certs_only([]));
        }
        let builder = builder.https_only(true).min_tls_version(tls::Version::TLS_1_2);
        Ok(match &self.outbound.trust {
            Trust::Only(pem) => builder.tls_certs_only(certificates(pem)?),
            Trust::Platform => builder,
            Trust::PlatformAnd(pem) => builder.tls_certs_merge(certificates(pem)?),
        })
    }
}

fn builder(cost: Cost) -> ClientBuilder {
    Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        // The environment's proxies; one that is configured is set afterwards.
        .no_proxy()
        .referer(false)
        .pool_max_idle_per_host(cost.kept)
        .connect_timeout(cost.connect)
        .user_agent(concat!("aios/", env!("CARGO_PKG_VERSION")))
}

fn told(proxy: &Proxy) -> Result<reqwest::Proxy, Error> {
    let told = reqwest::Proxy::all(proxy.url.clone()).map_err(|_| Error::Stopped)?;
    let Some((user, password)) = &proxy.credentials else { return Ok(told) };
    let password = std::str::from_utf8(password.expose()).map_err(|_| Error::Stopped)?;
    Ok(told.basic_auth(user, password))
}

/// Resolves the proxy's name and no other, so that nothing goes around it. Its address is the operator's word.
struct ProxyOnly {
    host: String,
}

impl Resolve for ProxyOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = name.as_str() == self.host;
        Box::pin(async move {
            if is_proxy { super::reach::look_up(&name).await } else { Err(Error::AddressNotAllowed.into()) }
        })
    }
}
