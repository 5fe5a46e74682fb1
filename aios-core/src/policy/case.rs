//! One request as Cedar sees it: who, what, on which thing, and the few entities that can matter.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use cedar_policy::{Context, Entities, Entity, EntityUid, RestrictedExpression};
use serde_json::{Map, Value};

use super::candidates::{Candidates, Seen, Unfit};
use super::draft::{self, Draft};
use super::groups::Groups;
use super::index::{Asked, Index, Lineage};
use super::levels::Need;
use super::reach::{self, Found, Roots};
use super::standpoint::Standpoint;
use super::value::Converter;
use super::view::View;
use super::vocabulary::Action;
use super::{Error, Policies, resource, subject};
use crate::model::{Admitted, Request, json};

/// Members of the context that only AIOS sets.
const RESERVED: [&str; 4] = ["client", "input", "now", "usage"];

/// A request ready to be asked.
#[derive(Debug)]
pub(super) struct Case<'p> {
    policies: &'p Policies,
    at: Standpoint<'p>,
    pub(super) action: &'p Action,
    pub(super) context: Context,
    /// The subject and, where somebody else acts for it, the actor.
    pub(super) askers: Vec<Asker>,
    pub(super) resource: Asker,
    /// Those who ask, and behind them the resource, where no file knows it.
    pub(super) drafts: Vec<Draft>,
    named: Vec<EntityUid>,
}

/// Who or what stands in the hierarchy under what.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) place: &'static str,
    pub(super) uid: EntityUid,
    ancestors: Vec<EntityUid>,
}

impl Asker {
    fn new(place: &'static str, uid: EntityUid, (drafts, view): (&[Draft], View<'_>)) -> Result<Self, Error> {
        let ancestors = draft::ancestors(&uid, drafts, view)?;
        Ok(Self { place, uid, ancestors })
    }

    fn lineage(&self) -> Lineage<'_> {
        Lineage { uid: &self.uid, ancestors: &self.ancestors }
    }
}

impl<'p> Case<'p> {
    pub(super) fn new(
        policies: &'p Policies,
        admitted: &Admitted<'_>,
        at: Standpoint<'p>,
    ) -> Result<Self, Error> {
        let request = admitted.request();
        bounded(request)?;
        let vocabulary = &policies.vocabulary;
        let action = vocabulary.action(&request.action)?;
        let mut drafts = vec![subject::principal(vocabulary, admitted, &at)?];
        if let Some(current) = admitted.principal().actor() {
            let actor = subject::actor(vocabulary, admitted, current, &at)?;
            // Whoever acts for itself is asked once.
            drafts.extend(Some(actor).filter(|actor| drafts.iter().all(|draft| draft.uid != actor.uid)));
        }
        let mut converter = Converter::new(vocabulary);
        let context = context(request, action, &mut converter)?;
        let mut named = converter.refs;
        let who = drafts.len();
        let uid = match resource::resource(vocabulary, admitted, (&drafts, at.what))? {
            resource::Found::Drafted(draft) => {
                let uid = draft.uid.clone();
                drafts.push(*draft);
                uid
            }
            resource::Found::Known(uid) => {
                named.push(uid.clone());
                uid
            }
        };
        let resource = Asker::new("resource", uid, (&drafts, at.what))?;
        let hierarchy = (drafts.as_slice(), at.who);
        let askers = drafts.iter().take(who);
        let askers = askers.map(|draft| Asker::new(draft.place, draft.uid.clone(), hierarchy));
        let askers: Vec<Asker> = askers.collect::<Result<_, _>>()?;
        stands_apart(&askers, drafts.get(who..).unwrap_or_default())?;
        Ok(Self { policies, at, action, context, askers, resource, drafts, named })
    }

    /// The policies of an index that can matter where this one asks.
    pub(super) fn candidates(
        &self,
        asker: &Asker,
        (index, seen): (&Index, &Seen),
    ) -> Result<Arc<Candidates>, Unfit> {
        let (principal, action) = (asker.lineage(), self.action.lineage());
        let resource = self.resource.lineage();
        index.candidates(seen, Asked { principal, action, resource })
    }

    /// Whether the groups of a caller would be looked at, by these policies.
    pub(super) fn looking<'g>(&self, groups: &'g Groups) -> BTreeSet<&'g str> {
        let action = self.action.lineage();
        let mut looking = groups.of(action, self.at.who);
        if self.at.is_of_both() {
            looking.extend(groups.of(action, self.at.what));
        }
        looking
    }

    /// The entities at which policies of this need can look.
    pub(super) fn entities(&mut self, need: &Need) -> Result<Entities, Error> {
        let vocabulary = &self.policies.vocabulary;
        let (by_askers, by_resource) = self.found(need)?;
        let made = self.made()?;
        let (askers, resource) = made.split_at(self.askers.len().min(made.len()));
        let side = |found: &[Cow<'p, Entity>], made: &'_ [(_, Entity)]| -> Vec<Entity> {
            let found = found.iter().map(AsRef::as_ref);
            found.chain(made.iter().map(|(_, entity)| entity)).cloned().collect()
        };
        if self.at.is_of_both() {
            let (askers, resource) = (side(&by_askers, askers), side(&by_resource, resource));
            let asks = |uid: &EntityUid| self.askers.iter().any(|asker| asker.uid == *uid);
            self.at.apart((&askers, &resource), &asks, vocabulary)?;
        }
        let mut entities = self.action.entities.clone();
        let twice = |_| Error::input("resource", "an entity that stands once");
        let found = merge(by_askers, by_resource)?;
        if !found.is_empty() {
            // Each was compared with the schema when it was loaded.
            entities = entities.add_entities(found.into_iter().map(Cow::into_owned), None).map_err(twice)?;
        }
        let all = made.iter().map(|(_, entity)| entity.clone());
        let schema = Some(&vocabulary.schema).filter(|_| self.at.is_complete());
        entities.add_entities(all, schema).map_err(|_| misfit(&made, vocabulary))
    }

    /// The static entities that matter: seen from those who ask, and from the resource where its files are others.
    fn found(&self, need: &Need) -> Result<(Found<'p>, Found<'p>), Error> {
        let actions = &self.policies.vocabulary.actions;
        let (drafts, named) = (self.drafts.as_slice(), self.named.as_slice());
        let reach = |followed, view| reach::reach(Roots { drafts, followed, named }, view, actions, need);
        if !self.at.is_of_both() {
            return Ok((reach(drafts, self.at.who)?, Vec::new()));
        }
        let (askers, resource) = drafts.split_at(self.askers.len().min(drafts.len()));
        Ok((reach(askers, self.at.who)?, reach(resource, self.at.what)?))
    }

    /// The entities made for this request.
    fn made(&mut self) -> Result<Vec<(&'static str, Entity)>, Error> {
        let mut made = Vec::with_capacity(self.drafts.len());
        for draft in std::mem::take(&mut self.drafts) {
            let mut lines = self.askers.iter().chain([&self.resource]);
            let line = lines.find(|line| line.uid == draft.uid).map_or(&[][..], |line| &line.ancestors);
            made.push((draft.place, draft.finish(line)?));
        }
        Ok(made)
    }
}

/// What was found from two sides. What both found is one thing, from the files and with nothing of the store in it, or
/// cannot be told.
fn merge<'p>(mut found: Found<'p>, others: Found<'p>) -> Result<Found<'p>, Error> {
    if others.is_empty() {
        return Ok(found);
    }
    let known: HashSet<EntityUid> = found.iter().map(|entity| entity.uid()).collect();
    // As the files say it, it is at one place.
    let place = |entity: &Cow<'p, Entity>| match entity {
        Cow::Borrowed(entity) => Some(std::ptr::from_ref::<Entity>(entity)),
        Cow::Owned(_) => None,
    };
    for other in others {
        if !known.contains(&other.uid()) {
            found.push(other);
        } else if !found.iter().any(|entity| place(entity).is_some() && place(entity) == place(&other)) {
            return Err(Error::Conflict { at: "resource".to_owned() });
        }
    }
    Ok(found)
}

/// Finds which of the entities made for this request does not fit.
fn misfit(made: &[(&'static str, Entity)], vocabulary: &super::vocabulary::Vocabulary) -> Error {
    let fits = |entity: &Entity| Entities::from_entities([entity.clone()], Some(&vocabulary.schema)).is_ok();
    match made.iter().find(|(_, entity)| !fits(entity)) {
        Some((place, entity)) => {
            let kind = entity.uid();
            let expected =
                format!("the attributes and parents that the schema declares for {}", kind.type_name());
            Error::input(*place, expected)
        }
        None => Error::input("resource.parents", "a hierarchy in which nothing is its own ancestor"),
    }
}

/// A request may say where its resource stands, but not by that way where the caller does.
fn stands_apart(askers: &[Asker], resource: &[Draft]) -> Result<(), Error> {
    let placed = resource.iter().find(|draft| !draft.parents.is_empty());
    match placed {
        Some(draft) if askers.iter().any(|asker| asker.ancestors.contains(&draft.uid)) => {
            Err(Error::input("resource.parents", "nothing: the caller stands in the resource"))
        }
        Some(_) | None => Ok(()),
    }
}

fn bounded(request: &Request) -> Result<(), Error> {
    let parts = [
        ("input", &request.input),
        ("context", &request.context),
        ("resource.attrs", &request.resource.attrs),
    ];
    for (place, members) in parts {
        json::bound(members).map_err(|json::TooLarge| {
            Error::input(place, format!("at most {} levels and {} bytes", json::MAX_DEPTH, json::MAX_SIZE))
        })?;
    }
    Ok(())
}

fn context(request: &Request, action: &Action, converter: &mut Converter<'_>) -> Result<Context, Error> {
    if let Some(name) = RESERVED.into_iter().find(|name| request.context.contains_key(*name)) {
        return Err(Error::input(format!("context.{name}"), "nothing: AIOS sets it"));
    }
    let mut pairs = converter.members("context", &request.context)?;
    if action.takes_input {
        pairs.push(("input".to_owned(), input(&request.input, converter)?));
    }
    if pairs.is_empty() {
        return Ok(Context::empty());
    }
    Context::from_pairs(pairs).map_err(|_| Error::input("context", "values that Cedar accepts"))
}

fn input(input: &Map<String, Value>, converter: &mut Converter<'_>) -> Result<RestrictedExpression, Error> {
    let pairs = converter.members("input", input)?;
    RestrictedExpression::new_record(pairs).map_err(|_| Error::input("input", "each member once"))
}
