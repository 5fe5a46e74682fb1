//! Roles that come with their policies, for whoever switches them on.

/// A role with policies of ours, named as roles in policies are: `Aios::Role::"auditor"`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Deserialize,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInRole {
    /// Runs the agents that it owns.
    AgentOwner,
    /// Says yes or no to calls of others, and administers nothing that it could approve.
    Approver,
    /// Reads and exports the trail, and administers nothing.
    Auditor,
    /// Runs its own domains.
    DomainAdmin,
    /// Works with what is in its own domains or in none.
    Member,
    /// Runs what all tenants share.
    PlatformOperator,
    /// Keeps secrets and uses none.
    SecretAdmin,
    /// Runs a tenant.
    TenantAdmin,
    /// Looks at what is in its own domains or in none.
    Viewer,
}

impl BuiltInRole {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::AgentOwner,
        Self::Approver,
        Self::Auditor,
        Self::DomainAdmin,
        Self::Member,
        Self::PlatformOperator,
        Self::SecretAdmin,
        Self::TenantAdmin,
        Self::Viewer,
    ];

    /// Where its policies stand, as problems name it, and what they are.
    pub(super) const fn file(self) -> (&'static str, &'static str) {
        macro_rules! role {
            ($name:literal) => {
                (concat!("[policy] roles: ", $name), include_str!(concat!("roles/", $name, ".cedar")))
            };
        }
        match self {
            Self::AgentOwner => role!("agent_owner"),
            Self::Approver => role!("approver"),
            Self::Auditor => role!("auditor"),
            Self::DomainAdmin => role!("domain_admin"),
            Self::Member => role!("member"),
            Self::PlatformOperator => role!("platform_operator"),
            Self::SecretAdmin => role!("secret_admin"),
            Self::TenantAdmin => role!("tenant_admin"),
            Self::Viewer => role!("viewer"),
        }
    }
}
