//! The resource as a Cedar entity: what the files say wins, and a request may repeat it but not differ.

use cedar_policy::{Entity, EntityUid, RestrictedExpression};

use super::Error;
use super::base::Static;
use super::draft::Draft;
use super::reach::MAX_ENTITIES;
use super::value::{Converter, Pairs};
use super::view::View;
use super::vocabulary::{Fact, Type, Vocabulary};
use crate::model::{Admitted, Resource};

/// A resource.
#[derive(Debug)]
pub(super) enum Found {
    /// Made from what the request says.
    Drafted(Box<Draft>),
    /// Another draft, or a static entity.
    Known(EntityUid),
}

/// The resource that a request names.
pub(super) fn resource(
    vocabulary: &Vocabulary,
    admitted: &Admitted<'_>,
    (drafts, view): (&[Draft], View<'_>),
) -> Result<Found, Error> {
    let resource = &admitted.request().resource;
    let kind = vocabulary.find(&resource.kind);
    let kind = kind.ok_or_else(|| Error::input("resource.type", "an entity type of the schema"))?;
    if resource.parents.len() > MAX_ENTITIES {
        return Err(Error::TooManyEntities);
    }
    let uid = kind.uid(&resource.id);
    let mut converter = Converter::new(vocabulary);
    let attrs = converter.members("resource.attrs", &resource.attrs)?;
    let parents = parents(vocabulary, resource)?;
    if drafts.iter().any(|draft| draft.uid == uid) {
        if admitted.crossing().is_some() {
            return Err(Error::input(
                "resource.tenant",
                "the caller's own: the resource is the caller itself",
            ));
        }
        return own_entity(&attrs, &parents).map(|()| Found::Known(uid));
    }
    if let Some(known) = view.get(&uid)? {
        if admitted.crossing().is_some() {
            return says_nothing(&attrs, &parents).map(|()| Found::Known(uid));
        }
        return agrees(&known, attrs, &parents).map(|()| Found::Known(uid));
    }
    let attrs = with_tenant(kind, admitted, attrs)?;
    let (tags, refs) = (Pairs::new(), converter.refs);
    Ok(Found::Drafted(Box::new(Draft { place: "resource", uid, attrs, tags, parents, refs })))
}

fn parents(vocabulary: &Vocabulary, resource: &Resource) -> Result<Vec<EntityUid>, Error> {
    let mut parents = Vec::with_capacity(resource.parents.len());
    for (index, parent) in resource.parents.iter().enumerate() {
        let parent = vocabulary.uid(parent).ok_or_else(|| {
            Error::input(format!("resource.parents[{index}].type"), "an entity type of the schema")
        })?;
        parents.push(parent);
    }
    Ok(parents)
}

fn with_tenant(kind: &Type, admitted: &Admitted<'_>, mut attrs: Pairs) -> Result<Pairs, Error> {
    if !kind.states(Fact::Tenant) {
        return Ok(attrs);
    }
    let tenant = admitted.resource_tenant().map(|tenant| tenant.as_str().to_owned());
    let stated = admitted.request().resource.attrs.get("tenant").filter(|stated| !stated.is_null());
    if stated.is_some_and(|stated| stated.as_str() != tenant.as_deref()) {
        return Err(Error::input("resource.attrs.tenant", "the resource's tenant, or nothing"));
    }
    attrs.retain(|(name, _)| name != "tenant");
    let tenant = tenant.map(RestrictedExpression::new_string);
    attrs.extend(tenant.map(|tenant| ("tenant".to_owned(), tenant)));
    Ok(attrs)
}

/// The caller itself is the resource: its entity is verified, and the request may add nothing.
fn own_entity(attrs: &Pairs, parents: &[EntityUid]) -> Result<(), Error> {
    if !attrs.is_empty() {
        return Err(Error::input("resource.attrs", "nothing: the resource is the caller itself"));
    }
    if !parents.is_empty() {
        return Err(Error::input("resource.parents", "nothing: the resource is the caller itself"));
    }
    Ok(())
}

/// Another tenant's static resource: to repeat what its files say is to ask whether they say it.
fn says_nothing(attrs: &[(String, RestrictedExpression)], parents: &[EntityUid]) -> Result<(), Error> {
    match (attrs, parents) {
        ([], []) => Ok(()),
        ([], _) => Err(Error::Conflict { at: "resource.parents".to_owned() }),
        (_, _) => Err(Error::Conflict { at: "resource.attrs".to_owned() }),
    }
}

/// A static resource: what the request says about it must be what the files say.
fn agrees(known: &Static, attrs: Pairs, parents: &[EntityUid]) -> Result<(), Error> {
    if let Some(index) = parents.iter().position(|parent| !known.ancestors.contains(parent)) {
        return Err(Error::Conflict { at: format!("resource.parents[{index}]") });
    }
    let names: Vec<String> = attrs.iter().map(|(name, _)| name.clone()).collect();
    let given = Entity::new_with_tags(known.entity.uid(), attrs, [], [])
        .map_err(|_| Error::input("resource.attrs", "values that Cedar accepts"))?;
    let same = |name: &str| match (given.attr(name), known.entity.attr(name)) {
        (Some(Ok(given)), Some(Ok(known))) => given == known,
        _ => false,
    };
    match names.iter().find(|name| !same(name)) {
        Some(name) => Err(Error::Conflict { at: format!("resource.attrs.{name}") }),
        None => Ok(()),
    }
}
