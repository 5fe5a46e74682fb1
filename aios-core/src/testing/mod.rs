//! What tests need and products must not have: an identity provider and a clock that tests move.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use aios_core::{crypto::signature::Algorithm, testing::TestIdp};
//! use serde_json::json;
//!
//! let idp = TestIdp::new("https://idp.example.com/");
//! let served = idp.serve()?; // discovery and keys on loopback; `iss` is now its address
//! let token = idp.sign(json!({"sub": "ada", "aud": "api://aios"}), json!({}), Algorithm::Es256);
//! assert!(served.iss().starts_with("http://127.0.0.1:") && token.split('.').count() == 3);
//! # Ok(()) }
//! ```

mod clock;
pub mod conformance;
mod engine;
mod idp;
mod serve;

pub use clock::TestClock;
pub use engine::engine;
pub use idp::TestIdp;
pub use serve::Served;

#[cfg(test)]
mod tests;
