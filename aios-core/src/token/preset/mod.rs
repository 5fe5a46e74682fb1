//! What is special about a kind of provider: how its tokens say who asks, and what a refused one is told.

mod advice;
mod auth0;
mod entra;
mod generic;
mod google;
mod keycloak;
mod okta;
mod openiddict;
mod reading;
mod workos;

use super::check::Presented;
use super::{Error, kinds};
pub use entra::is_directory;
pub(super) use reading::{Reading, Subject};

/// A kind of provider.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Auth0.
    Auth0,
    /// Microsoft Entra ID.
    Entra,
    /// RFC 9068: JWT access tokens.
    #[default]
    Generic,
    /// Google ID tokens.
    Google,
    /// Keycloak.
    Keycloak,
    /// Okta custom authorization servers.
    Okta,
    /// `OpenIddict`.
    Openiddict,
    /// `WorkOS` sessions.
    Workos,
    /// `WorkOS` Connect.
    WorkosConnect,
}

impl Preset {
    /// Whether its tokens name no audience: what they are for follows from the key that signs them.
    #[must_use]
    pub const fn is_without_audience(self) -> bool {
        matches!(self, Self::Workos)
    }

    /// Whether an actor that is a client goes by its client's id: what it has in `sub` is another name for it.
    pub(super) const fn names_actors_by_client(self) -> bool {
        matches!(self, Self::Keycloak)
    }

    /// Whether a token is of the kind that its provider means for access, as far as only this provider says so.
    pub(super) fn admits(self, presented: &Presented<'_>) -> Result<(), Error> {
        match self {
            Self::Entra => entra::admits(presented),
            Self::Keycloak => keycloak::admits(presented),
            Self::Auth0 => kinds::names_a_client(presented, &["azp", "client_id"]),
            Self::Okta => kinds::names_a_client(presented, &["cid"]),
            Self::Generic | Self::Google | Self::Openiddict | Self::Workos | Self::WorkosConnect => Ok(()),
        }
    }

    /// Whether the key that fits is one for this token's issuer, where the provider says whose each key is.
    pub(super) fn is_signed_with(self, presented: &Presented<'_>, whose: Option<&str>) -> Result<(), Error> {
        if self == Self::Entra { entra::is_signed_with(presented, whose) } else { Ok(()) }
    }

    /// What a verified token says, in words that all providers share.
    pub(super) fn read<'t>(self, presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
        match self {
            Self::Auth0 => auth0::read(presented),
            Self::Entra => entra::read(presented),
            Self::Generic => generic::read(presented),
            Self::Google => google::read(presented),
            Self::Keycloak => keycloak::read(presented),
            Self::Okta => okta::read(presented),
            Self::Openiddict => openiddict::read(presented),
            Self::Workos => workos::read(presented),
            Self::WorkosConnect => workos::read_connect(presented),
        }
    }

    /// What to do about a refusal, where this provider's users usually meet it.
    pub(super) fn advice(self, error: &Error) -> Option<String> {
        advice::of(self, error)
    }
}
