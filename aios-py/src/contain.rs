//! Where Rust and Python meet: refusals and panics as exceptions, and what is done without the GIL.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aios_core::facade::views::RefusalView;
use aios_core::{Code, Refusal};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::encode::encode;

/// Runs what walks Python's objects; a panic in it is the failure `internal`. pyo3's own answer would be an exception that
/// `except Exception` does not catch.
pub(crate) fn contained<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(refused(py, &Refusal::new(Code::Internal))))
}

/// Drops a receiver without the GIL. The last handle of an engine closes it, which may wait; nobody else shall wait for that.
pub(crate) fn let_go<T: Send>(receiver: Option<T>) {
    // While the interpreter ends there is no GIL to let go of, and it is dropped all the same.
    let _ = Python::try_attach(|py| py.detach(move || drop(receiver)));
}

/// A refusal as an exception of `aios.errors`.
pub(crate) fn refused(py: Python<'_>, refusal: &Refusal) -> PyErr {
    exception(py, refusal).map_or_else(|error| error, PyErr::from_value)
}

/// The exception itself.
///
/// # Errors
/// Python has no memory left, or somebody damaged the package.
pub(crate) fn exception<'py>(py: Python<'py>, refusal: &Refusal) -> PyResult<Bound<'py, PyAny>> {
    static BASE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let view = encode(py, &RefusalView::from(refusal))?;
    BASE.import(py, "aios.errors", "Refused")?.call_method1("of", (view,))
}
