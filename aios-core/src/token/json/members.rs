//! The members of an object, found by name.

use std::borrow::Cow;

use super::Json;

/// An object's members in their order, each name once.
#[derive(Debug, Default, PartialEq)]
pub(in crate::token) struct Members<'t> {
    /// Of each name, what tells it apart: apart from the members, so that looking through them touches little memory.
    tags: Vec<u32>,
    members: Vec<(Cow<'t, str>, Json<'t>)>,
}

/// Room for the claims of most tokens, in a piece of memory that allocators keep at hand.
const USUAL: usize = 20;

impl<'t> Members<'t> {
    /// A further member, to be filled; none where the name is there already.
    pub(super) fn add(&mut self, name: Cow<'t, str>) -> Option<&mut Json<'t>> {
        // Most objects are claims; empty ones, of which a hostile list holds thousands, cost nothing.
        if self.tags.is_empty() {
            self.tags.reserve(USUAL);
            self.members.reserve(USUAL);
        }
        let tag = tag(&name);
        if self.at(tag, &name).is_some() {
            return None;
        }
        self.tags.push(tag);
        self.members.push((name, Json::Null));
        self.members.last_mut().map(|(_, value)| value)
    }

    /// The members' names.
    pub(in crate::token) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_ref())
    }

    /// Where `name` is absent, the text of `other` stands for it.
    pub(in crate::token) fn stand_in(&mut self, name: &'static str, other: &str) {
        let Some(Json::Text(text)) = self.find(other).filter(|_| self.find(name).is_none()) else { return };
        let text = Json::Text(text.clone());
        if let Some(value) = self.add(Cow::Borrowed(name)) {
            *value = text;
        }
    }

    /// The member of this name.
    #[inline]
    pub(in crate::token) fn find(&self, name: &str) -> Option<&Json<'t>> {
        self.at(tag(name), name)
    }

    #[inline]
    fn at(&self, tag: u32, name: &str) -> Option<&Json<'t>> {
        let alike = self.tags.iter().zip(&self.members).filter(|(other, _)| **other == tag);
        alike.map(|(_, member)| member).find(|(other, _)| other == name).map(|(_, value)| value)
    }
}

/// Length and both ends of a name: tells nearly all names of a token apart without comparing them.
#[inline]
fn tag(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let [low, high, ..] = bytes.len().to_le_bytes();
    let ends = [bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0)];
    u32::from_le_bytes([low, high, ends[0], ends[1]])
}
