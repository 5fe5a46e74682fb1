//! The members of an object, found by name.

use std::borrow::Cow;

use super::Json;

/// An object's members in their order, each name once.
#[derive(Debug, Default, PartialEq)]
pub(in crate::token) struct Members<'t>(Vec<Member<'t>>);

#[derive(Debug, PartialEq)]
struct Member<'t> {
    tag: u32,
    name: Cow<'t, str>,
    value: Json<'t>,
}

impl<'t> Members<'t> {
    /// A further member, of a name that is not there yet.
    pub(super) fn add(&mut self, name: Cow<'t, str>, value: Json<'t>) {
        // Most objects are claims; empty ones, of which a hostile list holds thousands, cost nothing.
        if self.0.is_empty() {
            self.0.reserve(24);
        }
        self.0.push(Member { tag: tag(&name), name, value });
    }

    /// The members' names.
    pub(in crate::token) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|member| member.name.as_ref())
    }

    /// Where `name` is absent, the text of `other` stands for it.
    pub(in crate::token) fn stand_in(&mut self, name: &'static str, other: &str) {
        let Some(Json::Text(text)) = self.find(other).filter(|_| self.find(name).is_none()) else { return };
        let value = Json::Text(text.clone());
        self.add(Cow::Borrowed(name), value);
    }

    /// The member of this name.
    #[inline]
    pub(in crate::token) fn find(&self, name: &str) -> Option<&Json<'t>> {
        let tag = tag(name);
        let mut members = self.0.iter();
        members.find(|member| member.tag == tag && member.name == name).map(|member| &member.value)
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
