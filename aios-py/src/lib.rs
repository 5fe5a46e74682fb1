//! The AIOS security SDK for Python.
