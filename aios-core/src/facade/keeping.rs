//! What becomes of a tenant's masters, on the vault's handle.

use super::secret_views::{MovedSecrets, OffboardedTenant};
use super::secret_wire::{OffboardTenant, RewrapSecrets};
use super::vault::Vault;
use crate::model::{Code, Refusal, TenantId, Who};

/// How many secrets a call moves, unless told.
const MOST: u32 = 1000;

impl Vault {
    /// `rewrap`.
    ///
    /// # Errors
    /// As [`crate::engine::vault::Vault::rewrap`].
    pub fn rewrap(&self, asked: RewrapSecrets) -> Result<MovedSecrets, Refusal> {
        let (who, most) = self.moving(asked)?;
        self.vault.rewrap(who, most).map(MovedSecrets::from)
    }

    /// `rewrap`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn rewrap_async(&self, asked: RewrapSecrets) -> Result<MovedSecrets, Refusal> {
        let (who, most) = self.moving(asked)?;
        self.vault.rewrap_async(who, most).await.map(MovedSecrets::from)
    }

    /// `offboard`.
    ///
    /// # Errors
    /// As [`crate::engine::vault::Vault::offboard`].
    pub fn offboard(&self, asked: OffboardTenant) -> Result<OffboardedTenant, Refusal> {
        let (who, tenant) = self.leaving(asked)?;
        self.vault.offboard(who, &tenant).map(OffboardedTenant::from)
    }

    /// `offboard`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn offboard_async(&self, asked: OffboardTenant) -> Result<OffboardedTenant, Refusal> {
        let (who, tenant) = self.leaving(asked)?;
        self.vault.offboard_async(who, &tenant).await.map(OffboardedTenant::from)
    }

    fn moving(&self, asked: RewrapSecrets) -> Result<(Who, usize), Refusal> {
        let most = asked.most.unwrap_or(MOST);
        if most == 0 {
            return Err(Refusal::new(Code::PolicyInput).at("most").expected("1 or more"));
        }
        Ok((self.who(asked.credential)?, usize::try_from(most).unwrap_or(usize::MAX)))
    }

    fn leaving(&self, asked: OffboardTenant) -> Result<(Who, TenantId), Refusal> {
        let refuse = |_| Refusal::new(Code::PolicyInput).at("tenant").expected("the name of a tenant");
        let tenant = asked.tenant.parse().map_err(refuse)?;
        Ok((self.who(asked.credential)?, tenant))
    }
}
