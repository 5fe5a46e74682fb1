//! Links of templates: what fills the slots of a policy folder's templates, as its `links.json` says.

use std::collections::HashMap;

use cedar_policy::{EntityId, EntityTypeName, EntityUid, SlotId};
use serde::Deserialize;

use super::source::Problem;
use crate::model::EntityRef;

/// A policy that is a template with its slots filled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    /// The template's `@id`.
    pub(super) template: String,
    /// What decisions call it.
    pub(super) id: String,
    #[serde(default)]
    principal: Option<EntityRef>,
    #[serde(default)]
    resource: Option<EntityRef>,
    /// Where it begins, from 1.
    #[serde(skip)]
    pub(super) line: usize,
}

/// Whether a file of policies holds links and no texts.
pub(super) fn is_of_links(file: &str) -> bool {
    file.rsplit('/').next() == Some("links.json")
}

/// Reads a file of links.
pub(super) fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Link> {
    let mut links: Vec<Link> = match serde_json::from_str(text) {
        Ok(links) => links,
        Err(error) => {
            problems.push(Problem::new(file, Some(error.line()), error.to_string()));
            return Vec::new();
        }
    };
    let places = begins(text);
    if places.len() != links.len() {
        problems.push(Problem::new(file, None, "is not a JSON array of objects"));
    }
    links.iter_mut().zip(places).for_each(|(link, line)| link.line = line);
    links
}

impl Link {
    /// What stands in which slot.
    pub(super) fn slots(&self) -> Result<HashMap<SlotId, EntityUid>, String> {
        let given = [(SlotId::principal(), &self.principal), (SlotId::resource(), &self.resource)];
        let filled = given.into_iter().filter_map(|(slot, entity)| Some((slot, entity.as_ref()?)));
        let uid = |(slot, entity): (SlotId, &EntityRef)| {
            let kind: Result<EntityTypeName, _> = entity.kind.parse();
            let kind = kind.map_err(|_| format!("{} is no entity type", entity.kind))?;
            Ok((slot, EntityUid::from_type_name_and_id(kind, EntityId::new(&entity.id))))
        };
        filled.map(uid).collect()
    }
}

/// The lines on which the objects of an array begin.
fn begins(text: &str) -> Vec<usize> {
    let (mut found, mut line, mut depth) = (Vec::new(), 1, 0_usize);
    let (mut is_text, mut is_escaped) = (false, false);
    for c in text.chars() {
        match c {
            '\n' => line += 1,
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '[' | '{' if !is_text => {
                if c == '{' && depth == 1 {
                    found.push(line);
                }
                depth += 1;
            }
            ']' | '}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}
