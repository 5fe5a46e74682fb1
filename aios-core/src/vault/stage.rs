//! Where a version stands in its life: pending → current → previous → retired → destroyed, and never back.

use serde::{Deserialize, Serialize};

/// A version's stage.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Made, and not yet what others use.
    Pending,
    /// What a reference without a version means.
    Current,
    /// What was current before; still usable where a reference names it.
    Previous,
    /// Out of use. The value is still there.
    Retired,
    /// Out of use, and the value is gone.
    Destroyed,
}

impl Stage {
    /// The stage in lower case, as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Current => "current",
            Self::Previous => "previous",
            Self::Retired => "retired",
            Self::Destroyed => "destroyed",
        }
    }

    /// Whether a version in this stage can be used, where a reference names it.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        match self {
            Self::Pending | Self::Current | Self::Previous => true,
            Self::Retired | Self::Destroyed => false,
        }
    }
}
