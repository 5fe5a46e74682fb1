//! Kept policies are read before the decision that first needs them, on a stack that does not depend on who asks: what was
//! found well formed when it was put is found so by every caller in every process.

use std::thread::{Builder, scope};

use crate::engine::entities::State;
use crate::engine::live::Live;
use crate::model::{Code, Refusal, TenantId, Wait};

/// Several times what the deepest policy takes that `policy/shape.rs` lets pass.
const STACK: usize = 16 * 1024 * 1024;

impl Live {
    /// Reads the policies of a state, unless they were read. That they do not fit, the decision says.
    pub(in crate::engine) fn read_layer(
        &self,
        (tenant, state): (&TenantId, &State),
        wait: Wait,
    ) -> Result<(), Refusal> {
        if state.kept.is_ready() {
            return Ok(());
        }
        match wait {
            Wait::Never => return Err(Refusal::new(Code::WouldWait)),
            Wait::Until(_) => {}
        }
        let read = || drop(self.desk.policies().read_layer(tenant, &state.kept));
        scope(|scope| {
            let thread =
                Builder::new().name("aios-policies".into()).stack_size(STACK).spawn_scoped(scope, read);
            let thread = thread.map_err(|_| Refusal::new(Code::LimitWaiting).at("threads"))?;
            thread.join().map_err(|_| Refusal::new(Code::Internal))
        })
    }
}
