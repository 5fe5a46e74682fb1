//! The C interface of the AIOS security SDK.
