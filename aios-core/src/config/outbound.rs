//! `[net]`: whom to trust and through whom to go when somebody is asked.

use std::path::Path;
use std::sync::Arc;

use url::Host;

use super::document::{self, CaWord, Document};
use super::error::Problems;
use super::{folder, secrets};
use crate::model::Secret;
use crate::net::{Outbound, Proxy, Trust};

const MAX_CA_BYTES: u64 = 1024 * 1024;

/// What the section means; in part only where it has mistakes.
pub(super) fn check(document: &Document, base: &Path, problems: &mut Problems) -> Outbound {
    let net = &document.net;
    let trust = trust(net, base, problems).unwrap_or_default();
    let proxy = net.proxy.as_ref().and_then(|raw| proxy(raw, base, problems));
    Outbound { trust, proxy }
}

fn trust(net: &document::Net, base: &Path, problems: &mut Problems) -> Option<Trust> {
    const PATH: &str = "net.ca_file";
    let Some(file) = &net.ca_file else {
        if net.ca.is_some() {
            problems.add("net.ca", "needs `ca_file`; nobody else could vouch for a server");
        }
        return None;
    };
    let pem = problems.keep(PATH, folder::read_file(&base.join(file), MAX_CA_BYTES))?;
    problems.keep(PATH, Trust::read(&pem))?;
    Some(match net.ca {
        None => Trust::PlatformAnd(pem),
        Some(CaWord::Only) => Trust::Only(pem),
    })
}

fn proxy(raw: &document::Proxy, base: &Path, problems: &mut Problems) -> Option<Proxy> {
    let url = problems.keep("net.proxy.url", Proxy::address(&raw.url));
    let credentials = credentials(raw, base, problems);
    let mut except = Vec::new();
    for (index, host) in raw.except.iter().enumerate() {
        match Host::parse(host) {
            Ok(host) => except.push(host.to_string()),
            Err(_) => problems.add(format!("net.proxy.except[{index}]"), "is not a host"),
        }
    }
    Some(Proxy { url: url?, credentials: credentials?, except })
}

#[expect(clippy::option_option, reason = "none: a mistake; some none: nothing to say")]
fn credentials(
    raw: &document::Proxy,
    base: &Path,
    problems: &mut Problems,
) -> Option<Option<(String, Arc<Secret>)>> {
    const PATH: &str = "net.proxy.password";
    let (user, source) = match (&raw.user, &raw.password) {
        (None, None) => return Some(None),
        (Some(user), Some(source)) if !user.is_empty() && !user.contains(':') => (user, source),
        _ => {
            problems.add("net.proxy", "must say both `user`, without a colon, and `password`, or neither");
            return None;
        }
    };
    let password = problems.keep(PATH, secrets::read(source, base))?;
    if password.is_empty() || std::str::from_utf8(&password).is_err() {
        problems.add(PATH, "is missing, or not UTF-8 text");
        return None;
    }
    Some(Some((user.clone(), Arc::new(Secret::new(password)))))
}
