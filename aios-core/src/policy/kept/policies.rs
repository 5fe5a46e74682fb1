//! Policies of one tenant that are kept in the store: one revision of them, read when a request first needs them.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::Kept;
use crate::model::TenantId;
use crate::model::decision::PolicyFault;
use crate::policy::tenants::prefix;
use crate::policy::{Error, Own, Policies, Problem};

/// Largest text of one.
const MAX_TEXT: usize = 8 * 1024;
/// Most of what is wrong that a refusal says.
const MAX_FAULTS: usize = 100;
/// Most bytes of what Cedar says of one.
const MAX_MESSAGE: usize = 512;

/// A tenant's policies in the store.
#[derive(Debug)]
pub struct KeptPolicies {
    /// The state in which they were written last.
    pub version: u64,
    /// What their keeper has to remember of them. Nothing here looks at it.
    pub stamp: [u8; 32],
    /// Their texts, by name.
    pub texts: BTreeMap<String, String>,
    read: OnceLock<Result<Own, Vec<PolicyFault>>>,
}

impl KeptPolicies {
    /// Policies as their keeper read them.
    #[must_use]
    pub fn new(texts: BTreeMap<String, String>, (version, stamp): (u64, [u8; 32])) -> Self {
        Self { version, stamp, texts, read: OnceLock::new() }
    }

    /// They together with those of the tenant's files, checked, when they are first asked for.
    pub(in crate::policy) fn own(&self, policies: &Policies, tenant: &TenantId) -> Result<&Own, Error> {
        let read = self.read.get_or_init(|| self.join(policies, tenant));
        read.as_ref().map_err(|faults| Error::LayerUnfit { faults: faults.clone() })
    }

    fn join(&self, policies: &Policies, tenant: &TenantId) -> Result<Own, Vec<PolicyFault>> {
        let (mut problems, mut texts) = (Vec::new(), Vec::new());
        for (name, text) in &self.texts {
            if text.len() > MAX_TEXT {
                problems.push(Problem::new(name, None, "has more than 8192 bytes"));
            } else {
                texts.push((name.as_str(), text.as_str()));
            }
        }
        let known = (&policies.vocabulary, &policies.base);
        let layer = policies.tenants.joined((tenant, &texts), known, &mut problems);
        if problems.is_empty() {
            return Ok(Arc::new(layer).remembered());
        }
        problems.sort();
        Err(problems.into_iter().take(MAX_FAULTS).map(|problem| fault(tenant, &problem)).collect())
    }
}

/// What is wrong with a policy, as decisions name it.
fn fault(tenant: &TenantId, Problem { file, line, message }: &Problem) -> PolicyFault {
    let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let message = format!("{place}{message}");
    let end = message.char_indices().map(|(at, _)| at).take_while(|at| *at <= MAX_MESSAGE).last();
    let message = message.get(..end.filter(|_| message.len() > MAX_MESSAGE).unwrap_or(message.len()));
    PolicyFault {
        policy: format!("{}{file}", prefix(tenant)),
        message: message.unwrap_or_default().to_owned(),
    }
}

impl Kept {
    /// The policies that were written last; none where there were never any.
    #[must_use]
    pub fn policies(&self) -> Option<&KeptPolicies> {
        self.policies.as_deref()
    }

    /// Puts policies in the place of all that there were, and gives the stamp of those.
    pub fn lay(&mut self, policies: KeptPolicies) -> Option<[u8; 32]> {
        self.policies.replace(Arc::new(policies)).map(|before| before.stamp)
    }

    /// How many rows it is made of.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.len() + usize::from(self.policies.is_some())
    }

    /// Whether a decision finds the policies read already.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.layer().is_none_or(|layer| layer.read.get().is_some())
    }

    /// The policies, where there are any.
    pub(in crate::policy) fn layer(&self) -> Option<&KeptPolicies> {
        self.policies.as_deref().filter(|policies| !policies.texts.is_empty())
    }
}

impl Policies {
    /// Reads the policies that a tenant keeps, which can take long and, whoever wrote them, much of a stack.
    ///
    /// # Errors
    /// [`Error::LayerUnfit`]: with all that is wrong.
    pub fn read_layer(&self, tenant: &TenantId, kept: &Kept) -> Result<(), Error> {
        kept.layer().map_or(Ok(()), |layer| layer.own(self, tenant).map(drop))
    }
}
