//! Engines that worker threads share: all threads of a process have one copy of this library, and so one registry.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use aios_core::facade::wire::Nothing;
use aios_core::facade::{guard, handles};
use aios_core::{Code, Refusal};
use napi_derive::napi;

use crate::answer::thrown;
use crate::receivers::product::Engine;

/// Engines by their handles, which cannot be guessed: who shows one got it from a thread of this process.
static SHARED: LazyLock<Mutex<HashMap<String, handles::Engine>>> = LazyLock::new(Mutex::default);

fn shared() -> MutexGuard<'static, HashMap<String, handles::Engine>> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts an open engine into the registry under a handle that the caller made at random.
#[napi(catch_unwind)]
pub fn share(engine: &Engine, handle: String) -> napi::Result<()> {
    thrown(guard(|| {
        let engine = engine.handle()?;
        // Whoever closes an engine takes it out afterwards. So one that is open here is not left behind, and one that is not
        // stays outside.
        let mut shared = shared();
        engine.snapshot_keys(Nothing {})?;
        shared.insert(handle, engine);
        Ok(())
    }))
}

/// The engine that a handle stands for.
#[napi(catch_unwind)]
pub fn find_shared(handle: String) -> napi::Result<Engine> {
    thrown(guard(|| {
        let found = shared().get(&handle).cloned();
        let unknown =
            || Refusal::new(Code::EngineClosed).at("handle").expected("of an open engine of this process");
        found.map(Engine::of).ok_or_else(unknown)
    }))
}

/// Takes an engine out of the registry.
#[napi(catch_unwind)]
pub fn unshare(handle: String) -> napi::Result<()> {
    thrown(guard(|| {
        let taken = shared().remove(&handle);
        // Outside the lock: the last one to let go of an engine has work to do.
        drop(taken);
        Ok(())
    }))
}
