//! Principals and actors as Cedar entities.

use cedar_policy::{EntityUid, RestrictedExpression};

use super::Error;
use super::base::Static;
use super::draft::Draft;
use super::standpoint::{Guise, Standpoint};
use super::value::Pairs;
use super::view::spell;
use super::vocabulary::{Fact, Type, Vocabulary};
use crate::model::{Actor, Admitted, IssuerName};

/// The subject with what its token says, united with what the files say; a stranger with less.
pub(super) fn principal(
    vocabulary: &Vocabulary,
    admitted: &Admitted<'_>,
    at: &Standpoint<'_>,
) -> Result<Draft, Error> {
    let facts = admitted.principal().view();
    let kind = vocabulary.kind(facts.kind);
    let uid = kind.uid(&identity(&facts.issuer, &facts.subject));
    let mut parents = Vec::with_capacity(facts.roles.len() + facts.groups.len());
    let claims = at.guise != Guise::Stranger;
    if let Some(role) = vocabulary.role.as_ref().filter(|_| claims) {
        parents.extend(facts.roles.iter().filter_map(|name| role.of(kind, name)));
    }
    if let Some(group) = vocabulary.group.as_ref().filter(|_| claims) {
        parents.extend(facts.groups.iter().filter_map(|id| group.of(kind, &identity(&facts.issuer, id))));
    }
    let mut pairs = common(kind, &facts.issuer, admitted);
    let mut state = |fact: Fact, value: Option<RestrictedExpression>| {
        pairs.extend(value.filter(|_| kind.states(fact)).map(|value| (fact.as_str().to_owned(), value)));
    };
    state(Fact::Acr, facts.acr.clone().map(RestrictedExpression::new_string));
    state(Fact::AuthTime, facts.auth_time.map(|time| RestrictedExpression::new_long(time.seconds())));
    state(Fact::Client, facts.client_id.clone().map(RestrictedExpression::new_string));
    unite(("principal", kind), uid, pairs, parents, at)
}

/// The current actor: what it holds is the subject's token, what it belongs to only the files say.
pub(super) fn actor(
    vocabulary: &Vocabulary,
    admitted: &Admitted<'_>,
    actor: &Actor,
    at: &Standpoint<'_>,
) -> Result<Draft, Error> {
    let kind = vocabulary.kind(actor.kind);
    let uid = kind.uid(&identity(&actor.issuer, &actor.id));
    let pairs = common(kind, &actor.issuer, admitted);
    unite(("actor", kind), uid, pairs, Vec::new(), at)
}

/// What policies call somebody. No issuer's name holds a slash, so two are equal only if both parts are.
pub(super) fn identity(issuer: &IssuerName, id: &str) -> String {
    let mut text = String::with_capacity(issuer.as_str().len() + 1 + id.len());
    text.push_str(issuer.as_str());
    text.push('/');
    text.push_str(id);
    text
}

/// What holds for the subject and for who acts for it: the tenant of the call, its scopes, the issuer.
fn common(kind: &Type, issuer: &IssuerName, admitted: &Admitted<'_>) -> Pairs {
    let mut pairs = Pairs::with_capacity(6);
    for fact in &kind.facts {
        let value = match fact {
            Fact::Tenant => RestrictedExpression::new_string(admitted.tenant().as_str().to_owned()),
            Fact::Issuer => RestrictedExpression::new_string(issuer.as_str().to_owned()),
            Fact::Scopes => {
                let scopes = &admitted.principal().view().scopes;
                RestrictedExpression::new_set(scopes.iter().cloned().map(RestrictedExpression::new_string))
            }
            Fact::Acr | Fact::AuthTime | Fact::Client => continue,
        };
        pairs.push((fact.as_str().to_owned(), value));
    }
    pairs
}

/// A static entity of the same uid keeps its attributes and tags; parents are united. What a token says, or leaves out,
/// the files cannot say: an old `acr` in a file must not pass for a fresh one.
fn unite(
    (place, kind): (&'static str, &Type),
    uid: EntityUid,
    attrs: Pairs,
    mut parents: Vec<EntityUid>,
    at: &Standpoint<'_>,
) -> Result<Draft, Error> {
    let known = match at.guise {
        Guise::Known => at.who.get(&uid)?,
        // Not even where the files know them: they come from elsewhere.
        Guise::Claiming | Guise::Stranger => None,
    };
    let Some(known) = known else {
        return Ok(Draft { place, uid, attrs, tags: Pairs::new(), parents, refs: Vec::new() });
    };
    let misfit = || Error::input(place, "what the schema declares for its type");
    let stated = stated(&known, kind).ok_or_else(misfit)?;
    let tags = spell(known.entity.tags()).ok_or_else(misfit)?;
    parents.extend(known.ancestors.iter().cloned());
    let attrs = attrs.into_iter().chain(stated).collect();
    Ok(Draft { place, uid, attrs, tags, parents, refs: known.refs.clone() })
}

/// The attributes that are the file's to state.
fn stated(known: &Static, kind: &Type) -> Option<Pairs> {
    let is_verified = |name: &str| kind.facts.iter().any(|fact| fact.as_str() == name);
    spell(known.entity.attrs().filter(|(name, _)| !is_verified(name)))
}
