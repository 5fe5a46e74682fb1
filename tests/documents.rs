//! Documents whose claims are run.
