//! What is asked for and answered, and what a record says of it.

use serde_json::{Map, Value, json};

use crate::crypto::sha256;
use crate::entities::{Error, name};
use crate::model::hex::hex;
use crate::model::{Code, EntityRef, Refusal};
use crate::policy::NewEntity;

/// Most changes of one write.
const MAX_CHANGES: usize = 1000;
/// Most bytes of one write's entities.
const MAX_BYTES: usize = 1024 * 1024;
/// About as many bytes of JSON say in a record what is changed; a digest stands for all of it.
const MAX_NOTED: usize = 32 * 1024;

/// A change of one entity. With `expect`, only where it is at that version: the one that its last write gave, 0 where there is
/// none.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Takes an entity out.
    Delete {
        /// Its type and id.
        entity: EntityRef,
        /// The version that it must be at.
        expect: Option<u64>,
    },
    /// Keeps an entity, in the place of the one of its type and id.
    Put {
        /// The entity.
        entity: NewEntity,
        /// The version that the one before must be at.
        expect: Option<u64>,
    },
}

impl Change {
    pub(super) fn uid(&self) -> &EntityRef {
        match self {
            Self::Delete { entity, .. } => entity,
            Self::Put { entity, .. } => &entity.uid,
        }
    }

    pub(super) fn expect(&self) -> Option<u64> {
        match self {
            Self::Delete { expect, .. } | Self::Put { expect, .. } => *expect,
        }
    }
}

/// An entity as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundEntity {
    /// The entity.
    pub entity: NewEntity,
    /// The version that its last write gave.
    pub version: u64,
}

impl FoundEntity {
    pub(super) fn of(text: &str, version: u64) -> Result<Self, Error> {
        #[derive(serde::Deserialize)]
        struct Text {
            uid: EntityRef,
            attrs: Map<String, Value>,
            parents: Vec<EntityRef>,
            #[serde(default)]
            tags: Map<String, Value>,
        }
        let Text { uid, attrs, parents, tags } = serde_json::from_str(text).map_err(|_| Error::Damaged)?;
        Ok(Self { entity: NewEntity { uid, attrs, parents, tags }, version })
    }
}

/// Some of a tenant's entities.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityPage {
    /// At most 512; fewer than that say nothing of whether there are more.
    pub entities: Vec<FoundEntity>,
    /// What to ask with for the next page; none where this is the last.
    pub next: Option<String>,
    /// The version of the tenant's entities.
    pub version: u64,
}

/// Behind which row a page begins.
pub(super) struct Cursor {
    pub(super) version: u64,
    pub(super) name: String,
}

impl Cursor {
    pub(super) fn read(text: Option<&str>) -> Result<Self, Refusal> {
        let Some(text) = text else { return Ok(Self { version: 0, name: String::new() }) };
        let parts = text.split_once('.').and_then(|(version, name)| {
            let is_plain = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            // Larger than any that a store can hold.
            let version = version.parse().ok().filter(|version| *version < u64::MAX / 4)?;
            is_plain.then(|| Self { version, name: name.to_owned() })
        });
        let refusal = || Refusal::new(Code::PolicyInput).at("after").expected("what a page gave as `next`");
        parts.ok_or_else(refusal)
    }

    pub(super) fn write(&self) -> String {
        format!("{}.{}", self.version, self.name)
    }
}

/// Refuses what is too much for one write, or says two things of one entity.
pub(super) fn bound(changes: &[Change]) -> Result<(), Refusal> {
    let refuse = |expected: &str| Err(Refusal::new(Code::PolicyInput).at("changes").expected(expected));
    if changes.is_empty() || changes.len() > MAX_CHANGES {
        return refuse("1 to 1000 changes");
    }
    let mut uids: Vec<&EntityRef> = changes.iter().map(Change::uid).collect();
    uids.sort_unstable();
    if uids.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
        return refuse("each entity once");
    }
    if uids.iter().any(|uid| uid.kind.len() > 1024 || uid.id.len() > 1024) {
        return refuse("at most 1024 bytes in a type or an id");
    }
    let mut left = MAX_BYTES;
    for change in changes {
        let Change::Put { entity, .. } = change else { continue };
        // Before anything recurses into it, and before all of it is spelled.
        for members in [&entity.attrs, &entity.tags] {
            if crate::model::json::bound(members).is_err() {
                return refuse("entities of at most 16384 bytes and 32 levels");
            }
        }
        match left.checked_sub(entity.text().len()) {
            Some(rest) => left = rest,
            None => return refuse("at most 1 MiB of entities"),
        }
    }
    Ok(())
}

/// What the intent says, and a digest of all that is to be written. Entities stand there by type and by the name of their row,
/// not by their id, which may be a person's.
pub(super) fn noted(operation: &str, changes: &[Change]) -> (Value, String) {
    let (mut digest, mut said) = (Vec::new(), Vec::new());
    let mut left = MAX_NOTED;
    let stands = |uid: &EntityRef| json!({"type": uid.kind, "name": name(uid)});
    for change in changes {
        let (one, text) = match change {
            Change::Delete { entity, .. } => (json!({"delete": stands(entity)}), String::new()),
            Change::Put { entity, .. } => {
                let parents: Vec<Value> = entity.parents.iter().map(stands).collect();
                (json!({"put": stands(&entity.uid), "parents": parents}), entity.text())
            }
        };
        digest.extend_from_slice(&sha256(&[name(change.uid()).as_bytes(), text.as_bytes()]));
        let size = one.to_string().len();
        if left >= size {
            said.push(one);
        }
        left = left.saturating_sub(size);
    }
    (json!({"operation": operation, "count": changes.len(), "changes": said}), hex(&sha256(&[&digest])))
}
