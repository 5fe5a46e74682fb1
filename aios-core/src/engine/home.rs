//! The way from a permit to the engine that gave it.

use std::sync::{Arc, OnceLock, Weak};

use super::{Aios, Engine};
use crate::model::{Code, Refusal};

/// Where an engine lives. It keeps none alive: an engine closes with its last handle, whatever permits are left.
#[derive(Clone, Debug, Default)]
pub(super) struct Home(Arc<OnceLock<Weak<Engine>>>);

impl Home {
    /// Says once who lives here.
    pub(super) fn settle(&self, engine: &Arc<Engine>) {
        self.0.get_or_init(|| Arc::downgrade(engine));
    }

    /// Who lives here.
    pub(super) fn engine(&self) -> Result<Aios, Refusal> {
        let engine = self.0.get().and_then(Weak::upgrade).ok_or(Code::EngineClosed)?;
        Ok(Aios(engine))
    }
}
