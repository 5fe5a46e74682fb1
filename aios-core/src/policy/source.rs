//! What policies are loaded from, and what can be wrong with it.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::BuiltInRole;
use crate::model::{Crossing, Kind, TenantId};

/// A policy folder's content and the configuration that belongs to it.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Files by their path relative to the policy folder, with `/` between parts.
    pub files: Vec<(String, Vec<u8>)>,
    /// `[policy] types`: the entity type that stands for a kind of principal instead of ours.
    pub user_types: BTreeMap<Kind, String>,
    /// `[policy] shared`: entity types that may come without a tenant.
    pub shared: Vec<String>,
    /// `[policy] roles`: the roles whose policies of ours hold.
    pub roles: Vec<BuiltInRole>,
    /// `[policy] delegable`: what tenants' own policies may permit.
    pub delegable: Delegable,
    /// `[[cross_tenant]]`: whom tenants' own policies may name besides whom they know.
    pub crossings: Vec<Crossing>,
}

/// `[policy] delegable`: what tenants' own policies may permit, an action of these on a thing of these types. They may
/// forbid anything within their tenant.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delegable {
    /// Actions, spelled as in requests; a group of actions stands for all that are in it.
    pub actions: Vec<String>,
    /// Entity types of resources, for example `Aios::Data`. Things of such a type that all tenants share are among them.
    pub resources: Vec<String>,
}

/// One thing that keeps policies from being loaded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, or the setting's name.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl Problem {
    pub(super) fn new(file: impl Into<String>, line: Option<usize>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.file, self.message),
            None => write!(out, "{}: {}", self.file, self.message),
        }
    }
}

/// The files of a [`Source`] as text, by what they are.
#[derive(Debug, Default)]
pub(super) struct Files<'s> {
    pub(super) policies: Vec<(&'s str, &'s str)>,
    pub(super) schemas: Vec<(&'s str, &'s str)>,
    pub(super) shared: Vec<(&'s str, &'s str)>,
    pub(super) tenants: BTreeMap<TenantId, Vec<(&'s str, &'s str)>>,
    /// Tenants' own policies and links.
    pub(super) layers: BTreeMap<TenantId, Vec<(&'s str, &'s str)>>,
}

impl<'s> Files<'s> {
    pub(super) fn sort(source: &'s Source, problems: &mut Vec<Problem>) -> Self {
        let policies = source.roles.iter().map(|role| role.file()).collect();
        let mut files = Self { policies, ..Self::default() };
        for (path, bytes) in &source.files {
            let place = match place(path) {
                Ok(Place::Ignored) => continue,
                Ok(place) => place,
                Err(message) => {
                    problems.push(Problem::new(path, None, message));
                    continue;
                }
            };
            let Ok(text) = std::str::from_utf8(bytes) else {
                problems.push(Problem::new(path, None, "is not UTF-8 text"));
                continue;
            };
            let file = (path.as_str(), text);
            match place {
                Place::Ignored => {}
                Place::Layer(tenant) => files.layers.entry(tenant).or_default().push(file),
                Place::Policy => files.policies.push(file),
                Place::Schema => files.schemas.push(file),
                Place::Shared => files.shared.push(file),
                Place::Tenant(tenant) => files.tenants.entry(tenant).or_default().push(file),
            }
        }
        files
    }
}

enum Place {
    Ignored,
    Layer(TenantId),
    Policy,
    Schema,
    Shared,
    Tenant(TenantId),
}

const UNKNOWN: &str = "nothing is read from a file of this name; a policy folder holds *.cedar, \
    links.json, schema.cedarschema, schema.json, entities/*.json, and in tenants/<tenant>/ *.cedar, links.json and entities/*.json";

fn place(path: &str) -> Result<Place, String> {
    if path.split('/').any(|part| part.starts_with('.') && part != "..")
        || path.rsplit('/').next() == Some("README.md")
    {
        return Ok(Place::Ignored);
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let tenants = folder.strip_prefix("tenants/");
    let tenant = tenants.and_then(|rest| rest.strip_suffix("/entities"));
    match (folder, name, extension, tenant) {
        (_, _, _, _) if stem.is_empty() => Err(UNKNOWN.to_owned()),
        ("", "schema.cedarschema" | "schema.json", _, _) => Ok(Place::Schema),
        ("", _, "cedar", _) | ("", "links.json", _, _) => Ok(Place::Policy),
        ("entities", _, "json", _) => Ok(Place::Shared),
        // Not the policies of a tenant of this name: they would be missed where they belong.
        // Not the policies of a tenant of this name: they would be missed where they belong.
        (_, "links.json", _, None) if !folder.contains("/entities") => match tenants {
            Some(tenant) => tenant.parse().map(Place::Layer).map_err(|error| error.to_string()),
            None => Err(UNKNOWN.to_owned()),
        },
        (_, _, "cedar", _) | (_, "links.json", _, None) if folder.ends_with("/entities") => {
            Err(UNKNOWN.to_owned())
        }
        (_, _, "cedar", _) | (_, "links.json", _, None) => match tenants {
            Some(tenant) => tenant.parse().map(Place::Layer).map_err(|error| error.to_string()),
            None => Err(UNKNOWN.to_owned()),
        },
        (_, _, "json", Some(tenant)) => tenant.parse().map(Place::Tenant).map_err(|error| error.to_string()),
        _ => Err(UNKNOWN.to_owned()),
    }
}

/// The line of a diagnostic's first label, from 1.
pub(super) fn line(diagnostic: &dyn miette::Diagnostic, text: &str) -> Option<usize> {
    let offset = diagnostic.labels()?.next()?.offset();
    Some(line_at(text, offset))
}

/// The line on which an offset lies, from 1.
fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
