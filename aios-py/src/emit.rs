//! The emitter: for each receiver of the tables a class, for each row a method, for rows that wait an awaiting one too.
//!
//! Requests are decoded while the GIL is held and before anything begins; operations run without it.

/// One class for each receiver, and `add`, which puts all into a module.
macro_rules! classes {
    ($($receiver:ident { $($rows:tt)* })*) => {
        $(class! { $receiver [] $($rows)* })*

        /// Adds the classes to a module.
        pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
            $(module.add_class::<$receiver>()?;)*
            Ok(())
        }
    };
}

/// Collects a receiver's methods row by row, as all of a class must stand in one block.
macro_rules! class {
    ($receiver:ident [$($methods:tt)*]
        $(#[$doc:meta])* $name:ident($request:ident) -> $kind:ident $answer:ident, now; $($rows:tt)*) => {
        class! { $receiver [$($methods)*
            $(#[$doc])*
            fn $name<'py>(&self, py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
                contained(py, || {
                    let request: $request = decode(request).map_err(|refusal| refused(py, &refusal))?;
                    let answer = py.detach(|| guard(|| self.receiver()?.$name(request)));
                    answer!($kind $answer, py, answer.map_err(|refusal| refused(py, &refusal))?)
                })
            }
        ] $($rows)* }
    };
    ($receiver:ident [$($methods:tt)*]
        $(#[$doc:meta])* $name:ident($request:ident) -> $kind:ident $answer:ident, waits; $($rows:tt)*) => {
        class! { $receiver [$($methods)*
            $(#[$doc])*
            fn [<$name _async>]<'py>(
                &self,
                py: Python<'py>,
                request: &Bound<'py, PyAny>,
                tasks: &Bound<'py, Tasks>,
            ) -> PyResult<Bound<'py, PyAny>> {
                contained(py, || {
                    let request: $request = decode(request).map_err(|refusal| refused(py, &refusal))?;
                    let receiver = self.receiver().map_err(|refusal| refused(py, &refusal))?.clone();
                    let work = guard_async(async move { receiver.[<$name _async>](request).await });
                    tasks.get().start(py, async move {
                        let answer = work.await?;
                        let later: Later =
                            Box::new(move |py| answer!($kind $answer, py, answer).map(Bound::unbind));
                        Ok(later)
                    })
                })
            }
        ] $(#[$doc])* $name($request) -> $kind $answer, now; $($rows)* }
    };
    ($receiver:ident [$($methods:tt)*]) => {
        pastey::paste! {
            #[doc = concat!("`", stringify!($receiver), "` of the operations table.")]
            #[pyclass(frozen, module = "aios._aios")]
            #[derive(Debug)]
            pub(crate) struct $receiver(Option<home::$receiver>);

            #[pymethods]
            impl $receiver {
                $($methods)*

                fn __reduce__(&self) -> PyResult<()> {
                    Err(PyTypeError::new_err(concat!(stringify!($receiver), " belongs to this process")))
                }
            }
        }

        impl $receiver {
            fn receiver(&self) -> Result<&home::$receiver, Refusal> {
                self.0.as_ref().ok_or_else(|| Refusal::new(Code::Internal))
            }
        }

        impl From<home::$receiver> for $receiver {
            fn from(receiver: home::$receiver) -> Self {
                Self(Some(receiver))
            }
        }

        impl Drop for $receiver {
            fn drop(&mut self) {
                let_go(self.0.take());
            }
        }
    };
}

macro_rules! answer {
    (data $answer:ident, $py:ident, $value:expr) => {{
        static CLASS: Class = Class::new();
        encode($py, &$value).and_then(|view| answered($py, &CLASS, stringify!($answer), view))
    }};
    (handle $answer:ident, $py:ident, $value:expr) => {
        Bound::new($py, $answer::from($value)).map(Bound::into_any)
    };
}

// Clippy minds wildcards outside tests only.
#[cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "rows name requests; a new one needs no change here")
)]
pub(crate) mod product {
    use aios_core::facade::wire::*;
    use aios_core::facade::{guard, guard_async, handles as home};
    use aios_core::{Code, Refusal};
    use pyo3::exceptions::PyTypeError;
    use pyo3::prelude::*;

    use crate::answer::{Class, answered};
    use crate::contain::{contained, let_go, refused};
    use crate::decode::decode;
    use crate::encode::encode;
    use crate::tasks::{Later, Tasks};

    aios_core::operations!(classes);
}

// Clippy minds wildcards outside tests only.
#[cfg_attr(
    not(test),
    expect(
        clippy::wildcard_imports,
        reason = "rows name requests and handles; a new one needs no change here"
    )
)]
pub(crate) mod kit {
    use aios_core::facade::testing::{self as home, *};
    use aios_core::facade::wire::*;
    use aios_core::facade::{guard, guard_async};
    use aios_core::{Code, Refusal};
    use pyo3::exceptions::PyTypeError;
    use pyo3::prelude::*;

    use super::product::*;
    use crate::answer::{Class, answered};
    use crate::contain::{contained, let_go, refused};
    use crate::decode::decode;
    use crate::encode::encode;
    use crate::tasks::{Later, Tasks};

    aios_core::testing_operations!(classes);
}
