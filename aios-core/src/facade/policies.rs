//! What is loaded as policy, on the engine's handle.

use super::handles::Engine;
use super::views::PolicyReport;
use super::wire::Nothing;
use crate::model::Refusal;

impl Engine {
    /// `policies`.
    ///
    /// # Errors
    /// As [`crate::Aios::policies`].
    pub fn policies(&self, _: Nothing) -> Result<PolicyReport, Refusal> {
        self.0.policies()
    }
}
