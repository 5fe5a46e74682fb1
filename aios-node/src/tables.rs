//! The names in the tables, for tests that compare languages.

use aios_core::Code;
use aios_core::facade::json;
use napi_derive::napi;

/// Every operation of the product, as `Receiver.name`.
#[napi(catch_unwind)]
pub fn operations() -> Vec<&'static str> {
    json::OPERATIONS.to_vec()
}

/// Every operation of the testing kit, as `Receiver.name`.
#[napi(catch_unwind)]
pub fn testing_operations() -> Vec<&'static str> {
    json::TESTING_OPERATIONS.to_vec()
}

/// Every code.
#[napi(catch_unwind)]
pub fn codes() -> Vec<&'static str> {
    Code::ALL.iter().map(|code| code.as_str()).collect()
}
