//! The AIOS security SDK for Python: the native layer of the package `aios`.
//!
//! Every operation of both tables becomes a method that takes a dict and gives data or a handle; the Python in
//! `python/aios` makes the idiom.
#![forbid(unsafe_code)]

mod answer;
mod contain;
mod decode;
mod emit;
mod encode;
mod tasks;

use pyo3::prelude::*;

/// The native layer of `aios`. Use the package; this may change with every version.
#[pymodule]
mod _aios {
    use aios_core::facade::handles::Host;
    use aios_core::facade::json::{OPERATIONS, TESTING_OPERATIONS};
    use aios_core::facade::testing::Kit;
    use pyo3::prelude::*;

    use crate::emit::{kit, product};
    use crate::tasks::{Pending, Tasks};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        product::add(module)?;
        kit::add(module)?;
        module.add_class::<Pending>()?;
        module.add_class::<Tasks>()?;
        // What needs no opening is there from the start; everything else is the answer of an operation.
        module.add("HOST", product::Host::from(Host))?;
        module.add("KIT", kit::Kit::from(Kit))?;
        module.add("OPERATIONS", OPERATIONS)?;
        module.add("TESTING_OPERATIONS", TESTING_OPERATIONS)?;
        module.add("CODES", aios_core::Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
