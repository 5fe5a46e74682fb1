//! Answers in their classes.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// How an answer is made of a dict; none where it stays one.
pub(crate) type Class = PyOnceLock<Option<Maker>>;

/// A class of `aios._answers`.
pub(crate) struct Maker {
    class: Py<PyType>,
    /// `object.__new__`: the class's own constructor would be a call of Python, and takes as long as a whole answer.
    make: Py<PyAny>,
}

/// An answer in its class of `aios._answers`, if it has one.
///
/// # Errors
/// Python has no memory left, or somebody damaged the package.
pub(crate) fn answered<'py>(
    py: Python<'py>,
    class: &Class,
    name: &str,
    view: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let maker = class.get_or_try_init(py, || Maker::of(py, name))?;
    let Some(Maker { class, make }) = maker else { return Ok(view) };
    let answer = make.bind(py).call1((class,))?;
    answer.setattr(intern!(py, "_view"), view)?;
    Ok(answer)
}

impl Maker {
    fn of(py: Python<'_>, name: &str) -> PyResult<Option<Self>> {
        let Some(class) = py.import("aios._answers")?.getattr_opt(name)? else { return Ok(None) };
        let make = py.get_type::<PyAny>().getattr("__new__")?.unbind();
        Ok(Some(Self { class: class.cast_into::<PyType>()?.unbind(), make }))
    }
}
