//! The AIOS security SDK for Node.
