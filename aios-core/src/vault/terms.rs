//! The terms on which a secret may be used: whose it is, where it may be sent and how. Fixed when the secret is put.
//!
//! The bytes written here are stored as they are, and their SHA-256 is bound into the envelope: whoever changes one of
//! them in the store has made the secret undecryptable.

use serde::{Deserialize, Serialize};

use super::echo::SHORTEST;
use super::{Error, Limits};
use crate::model::{IssuerName, Kind, Secret};

/// Most bytes of terms as they are stored.
pub(super) const MAX_TERMS: usize = 16 * 1024;
const MOST_LISTED: usize = 64;
const LONGEST_HOST: usize = 253;
const LONGEST_PATH: usize = 1024;

/// The terms of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The form of these members; 1.
    v: u8,
    /// Whose secret it is.
    pub owner: Owner,
    /// How it is put into HTTP requests; none: into none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
    /// How often it may be used; none: as often as anybody likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// Whose secret it is: somebody of the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// What the owner is.
    pub kind: Kind,
    /// The issuer that vouches for them.
    pub issuer: IssuerName,
    /// Their id there.
    pub id: String,
}

/// Where a secret may be sent by HTTP, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Hosts, exactly: `api.example.com` (port 443) or `127.0.0.1:8443`.
    pub hosts: Vec<String>,
    /// Methods; empty: every method.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// What a path must begin with, up to a `/`, one of them; empty: every path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// The header that carries it, in lower case.
    pub header: String,
    /// The header's value, with one `{}` where the secret goes.
    pub template: String,
}

impl Terms {
    /// Terms without HTTP.
    #[must_use]
    pub fn of(owner: Owner) -> Self {
        Self { v: 1, owner, http: None, limits: None }
    }

    /// Adds where it may be sent.
    #[must_use]
    pub fn http(mut self, http: Http) -> Self {
        self.http = Some(http);
        self
    }

    /// Adds how often it may be used.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// The bytes to store, once everything in them keeps the rules.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the member.
    pub fn write(&self) -> Result<String, Error> {
        self.check()?;
        // Text, numbers and lists always have a JSON form.
        let text = serde_json::to_string(self).map_err(|_| TOO_LARGE)?;
        if text.len() > MAX_TERMS { Err(TOO_LARGE) } else { Ok(text) }
    }

    /// Reads stored bytes. They are believed only where the envelope that they are bound to opens.
    ///
    /// # Errors
    /// [`Error::Undecryptable`]: nobody wrote them so.
    pub fn read(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_TERMS {
            return Err(Error::Undecryptable);
        }
        let terms: Self = serde_json::from_str(text).map_err(|_| Error::Undecryptable)?;
        terms.check().map_err(|_| Error::Undecryptable)?;
        Ok(terms)
    }

    /// Whether a value can be used on these terms: what goes into a header is visible ASCII, so that it ends no line, and
    /// long enough to be told from other text where a server sends it back.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn admit(&self, value: &Secret) -> Result<(), Error> {
        let value = value.expose();
        let is_visible = value.iter().all(|byte| matches!(byte, b' '..=b'~')) && value.trim_ascii() == value;
        let rule =
            "8 or more bytes of visible ASCII without spaces at its ends, because it goes into a header";
        demand(self.http.is_none() || (is_visible && value.len() >= SHORTEST), "value", rule)
    }

    fn check(&self) -> Result<(), Error> {
        if self.v != 1 {
            return Err(Error::Undecryptable);
        }
        let id = &self.owner.id;
        demand(
            (1..=256).contains(&id.len()) && !id.chars().any(char::is_control),
            "owner.id",
            "1 to 256 bytes without control characters",
        )?;
        demand(
            self.limits.is_none_or(|limits| limits.is_sound()),
            "limits",
            "1 to 1000000 uses per 1 to 31622400 seconds, both or neither, or a total of 1 to 2^53, or all of them",
        )?;
        self.http.as_ref().map_or(Ok(()), Http::check)
    }
}

impl Http {
    fn check(&self) -> Result<(), Error> {
        let listed = |list: &[String]| list.len() <= MOST_LISTED;
        demand(
            listed(&self.hosts) && !self.hosts.is_empty() && self.hosts.iter().all(|host| is_host(host)),
            "http.hosts",
            "1 to 64 exact hosts in lower case, each a name or an IPv4 address, with :port behind it or not",
        )?;
        demand(
            listed(&self.methods) && self.methods.iter().all(|method| is_method(method)),
            "http.methods",
            "at most 64 methods in upper case",
        )?;
        demand(
            listed(&self.paths) && self.paths.iter().all(|path| is_path(path)),
            "http.paths",
            "at most 64 paths that begin with / and have no part that is . or .., no % and no backslash",
        )?;
        demand(is_header(&self.header), "http.header", "a header of the request's own, in lower case")?;
        let is_visible = self.template.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let is_one = self.template.matches("{}").count() == 1
            && self.template.bytes().filter(|byte| matches!(byte, b'{' | b'}')).count() == 2;
        demand(
            is_visible && is_one && self.template.len() <= 256 && self.template.trim() == self.template,
            "http.template",
            "at most 256 visible characters with exactly one {} and no other brace",
        )
    }
}

const TOO_LARGE: Error = Error::Invalid { at: "http", rule: "terms of at most 16 KiB" };

fn demand(good: bool, at: &'static str, rule: &'static str) -> Result<(), Error> {
    if good { Ok(()) } else { Err(Error::Invalid { at, rule }) }
}

/// A DNS name or an IPv4 address as URLs spell them once parsed, and a port other than the usual one.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    // What ends in a number is read as an IPv4 address by every client, in spellings such as 127.1 and 0x7f.1.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_numeric = last.starts_with(|first: char| first.is_ascii_digit());
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
    let is_port = |port: &str| {
        !port.starts_with('0')
            && port != "443"
            && port.len() <= 5
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    name.len() <= LONGEST_HOST
        && name.split('.').all(is_label)
        && (!is_numeric || is_address)
        && port.is_none_or(is_port)
}

fn is_method(method: &str) -> bool {
    (1..=32).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
}

fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path.len() <= LONGEST_PATH
        && path.bytes().all(|byte| matches!(byte, b'!'..=b'~') && !matches!(byte, b'%' | b'\\' | b'?' | b'#'))
        && path.split('/').all(|part| part != "." && part != "..")
}

/// Headers of the connection and of the message's frame are not anybody's to set.
fn is_header(name: &str) -> bool {
    const OF_THE_FRAME: [&str; 12] = [
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    let is_token =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(is_token) && !OF_THE_FRAME.contains(&name)
}
