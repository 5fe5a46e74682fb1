//! The small tables of `aios.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::SecretSource;
use crate::model::Kind;
use crate::policy::{BuiltInRole, Delegable};

/// `[development]`: what only a developer's machine may do; written into each chain's first record.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Development {
    /// Whether issuers on this machine's loopback may be reached by plain HTTP. Off unless told.
    pub plaintext_loopback: bool,
}

/// `[input]`: limits that hold before a token is parsed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Input {
    /// Largest token, in bytes: 1024 to 1048576, 16384 unless told.
    pub max_token_bytes: usize,
    /// Largest token header, in bytes once decoded: 256 to 65536, 4096 unless told.
    pub max_header_bytes: usize,
    /// Most actors behind one another: 1 to 32, 8 unless told.
    pub max_actor_depth: usize,
}

impl Default for Input {
    fn default() -> Self {
        Self { max_token_bytes: 16384, max_header_bytes: 4096, max_actor_depth: 8 }
    }
}

/// `[net]`: how issuers and others are asked. What may be asked follows from the rest of the configuration, and `egress` lists it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Net {
    /// File of certificates (PEM) of authorities that may vouch for servers, besides those whom the operating system trusts.
    pub ca_file: Option<String>,
    /// `only` where nobody but those of `ca_file` may vouch for servers.
    pub ca: Option<CaWord>,
    /// Through whom others are asked. Directly unless told; the environment's `HTTP_PROXY` and the like never count.
    pub proxy: Option<Proxy>,
}

/// Whom to trust besides `ca_file`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CaWord {
    /// Nobody.
    Only,
}

/// `[net.proxy]`: an HTTP proxy. It resolves names, so it has to keep what is asked through it from private addresses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Where it is: `http://` or `https://`, host and port.
    pub url: String,
    /// The name that it knows this deployment by, where it asks for one.
    pub user: Option<String>,
    /// The password to it.
    pub password: Option<SecretSource>,
    /// Hosts, each in full, that are asked without it. This machine's loopback always is.
    #[serde(default)]
    pub except: Vec<String>,
}

/// `[policy]`: where the policies are, and how they name things.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Folder of Cedar policies, schema and entities. Names that begin with a dot are left out.
    pub dir: String,
    /// Entity types of callers, where the schema renames ours: kind to type, for example `user = "Acme::Person"`.
    #[serde(default)]
    pub types: BTreeMap<Kind, String>,
    /// Entity types that may come without a tenant, for example `Aios::Tool`. None unless told.
    #[serde(default)]
    pub shared: Vec<String>,
    /// Roles of ours that hold with the policies we wrote for them, for example `["tenant_admin", "auditor"]`. None unless
    /// told: a role that a token carries permits nothing by its name.
    #[serde(default)]
    pub roles: Vec<BuiltInRole>,
    /// What tenants' own policies may permit. Nothing unless told.
    #[serde(default)]
    pub delegable: Delegable,
    /// For how long what was read of a tenant's kept entities is taken to be all of them, in milliseconds: 0 to 60000, 1000
    /// unless told. 0 reads at each call.
    #[serde(default = "one_second")]
    pub entities_bound_milliseconds: u64,
}

fn one_second() -> u64 {
    1000
}

/// `[store]`: where records and state are kept.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// `sqlite:<path>`, or `memory:` for what may be lost.
    pub url: String,
}

/// `[keys]`: the root keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// File of root keys, mode 0600: `kid = <base64 of 32 random bytes>`, a line each, the first one current.
    pub file: String,
}

/// `[audit]`: how the audit trail is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// How long a call waits for its record to be durable before it is refused, in seconds: 1 to 60, 5 unless told.
    pub deadline_seconds: u64,
    /// Most records of one tenant that may wait: 1 to 1048576, 1024 unless told.
    pub queue_per_tenant: usize,
}

impl Default for Audit {
    fn default() -> Self {
        Self { deadline_seconds: 5, queue_per_tenant: 1024 }
    }
}

/// `[revocation]`: how soon a revocation made elsewhere is seen here.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Revocation {
    /// For how long what was read of the store's revocations is taken to be all of them, in milliseconds: 0 to 60000,
    /// 1000 unless told. 0 reads at each use.
    pub bound_milliseconds: u64,
    /// Actions before which the store is always read. `administer`, `export`, `reveal`, `revoke` and `secret_admin` unless told.
    pub strict: Vec<String>,
    /// Actions that are allowed while the store cannot be read, and for how many seconds after it was last read: 1 to
    /// 86400. None unless told. Each record made so says it.
    pub grace_seconds: BTreeMap<String, u64>,
}

impl Default for Revocation {
    fn default() -> Self {
        let strict = ["administer", "export", "reveal", "revoke", "secret_admin"].map(str::to_owned).into();
        Self { bound_milliseconds: 1000, strict, grace_seconds: BTreeMap::new() }
    }
}

/// `[dpop]`: what holds for proofs that come with tokens bound to a key (RFC 9449).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dpop {
    /// Whether a proof needs a nonce of this process. `required` unless told where the store is `memory:`, which admits nothing
    /// else; `never` unless told where the store remembers which proofs were used.
    pub nonce: Option<NonceWord>,
    /// How old a proof may be, in seconds: 1 to 300, 60 unless told.
    pub past_seconds: i64,
    /// How far ahead its sender's clock may be, in seconds: 0 to 60, 5 unless told.
    pub future_seconds: i64,
}

impl Default for Dpop {
    fn default() -> Self {
        Self { nonce: None, past_seconds: 60, future_seconds: 5 }
    }
}

/// Whether a proof needs a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NonceWord {
    /// It does not.
    Never,
    /// It does.
    Required,
}

/// `[vault]`: how secrets are kept.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vault {
    /// How many versions of a secret keep their value: 2 to 64, 5 unless told. The oldest that are out of use lose theirs
    /// when a new one is put.
    pub keep_versions: usize,
    /// Hosts, each `host:port`, that secrets may be sent to though they are at private addresses. None unless told. A secret's
    /// own terms have to name the host as well.
    pub private_hosts: Vec<String>,
    /// Whether values can be shown at all, to whom policy permits `reveal` on the secret. Not unless told, and never to agents.
    pub reveal: bool,
}

impl Default for Vault {
    fn default() -> Self {
        Self { keep_versions: 5, private_hosts: Vec::new(), reveal: false }
    }
}
