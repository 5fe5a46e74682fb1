//! Answers as Python's objects: structures and maps become dicts, sequences lists.

use std::fmt;

use pyo3::BoundObject as _;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use serde::Serialize;
use serde::ser::{self, Serializer};

/// An answer as an object.
///
/// # Errors
/// Python has no memory left.
pub(crate) fn encode<'py>(py: Python<'py>, answer: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    answer.serialize(Writer(py)).map_err(|Failed(error)| error)
}

/// What Python said.
#[derive(Debug)]
struct Failed(PyErr);

type Made<'py> = Result<Bound<'py, PyAny>, Failed>;

#[derive(Clone, Copy)]
struct Writer<'py>(Python<'py>);

impl<'py> Writer<'py> {
    fn object<T: IntoPyObject<'py>>(self, value: T) -> Made<'py> {
        let object = value.into_pyobject(self.0).map_err(|error| Failed(error.into()))?;
        Ok(object.into_any().into_bound())
    }

    fn dict(self) -> Dict<'py> {
        Dict { of: self, made: PyDict::new(self.0), key: None, variant: None }
    }

    fn list(self) -> List<'py> {
        List { of: self, made: PyList::empty(self.0), variant: None }
    }

    /// `{variant: content}`, as JSON has it.
    fn wrapped(self, variant: Option<&'static str>, content: Bound<'py, PyAny>) -> Made<'py> {
        let Some(variant) = variant else { return Ok(content) };
        let dict = PyDict::new(self.0);
        dict.set_item(PyString::intern(self.0, variant), content)?;
        Ok(dict.into_any())
    }
}

macro_rules! scalars {
    ($($method:ident: $ty:ty),*) => {
        $(fn $method(self, value: $ty) -> Made<'py> { self.object(value) })*
    };
}

impl<'py> Serializer for Writer<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    type SerializeSeq = List<'py>;
    type SerializeTuple = List<'py>;
    type SerializeTupleStruct = List<'py>;
    type SerializeTupleVariant = List<'py>;
    type SerializeMap = Dict<'py>;
    type SerializeStruct = Dict<'py>;
    type SerializeStructVariant = Dict<'py>;

    scalars! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64, serialize_char: char, serialize_str: &str
    }

    fn serialize_bytes(self, value: &[u8]) -> Made<'py> {
        Ok(PyBytes::new(self.0, value).into_any())
    }

    fn serialize_none(self) -> Made<'py> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Made<'py> {
        Ok(self.0.None().into_bound(self.0))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Made<'py> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Made<'py> {
        Ok(PyString::intern(self.0, variant).into_any())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Made<'py> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Made<'py> {
        self.wrapped(Some(variant), value.serialize(self)?)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'py>, Failed> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'py>, Failed> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'py>, Failed> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'py>, Failed> {
        Ok(List { variant: Some(variant), ..self.list() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Dict<'py>, Failed> {
        Ok(self.dict())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Dict<'py>, Failed> {
        Ok(self.dict())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Dict<'py>, Failed> {
        Ok(Dict { variant: Some(variant), ..self.dict() })
    }
}

struct List<'py> {
    of: Writer<'py>,
    made: Bound<'py, PyList>,
    variant: Option<&'static str>,
}

impl<'py> List<'py> {
    fn push<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Failed> {
        Ok(self.made.append(value.serialize(self.of)?)?)
    }

    fn made(self) -> Made<'py> {
        self.of.wrapped(self.variant, self.made.into_any())
    }
}

struct Dict<'py> {
    of: Writer<'py>,
    made: Bound<'py, PyDict>,
    key: Option<Bound<'py, PyAny>>,
    variant: Option<&'static str>,
}

impl<'py> Dict<'py> {
    fn set<T: Serialize + ?Sized>(&self, name: &'static str, value: &T) -> Result<(), Failed> {
        let value = value.serialize(self.of)?;
        Ok(self.made.set_item(PyString::intern(self.of.0, name), value)?)
    }

    fn made(self) -> Made<'py> {
        self.of.wrapped(self.variant, self.made.into_any())
    }
}

macro_rules! compounds {
    ($($trait:ident for $ty:ident: $method:ident($($name:ident: &'static str)?) -> $set:ident;)*) => {
        $(impl<'py> ser::$trait for $ty<'py> {
            type Ok = Bound<'py, PyAny>;
            type Error = Failed;

            fn $method<T: Serialize + ?Sized>(&mut self, $($name: &'static str,)? value: &T) -> Result<(), Failed> {
                self.$set($($name,)? value)
            }

            fn end(self) -> Made<'py> {
                self.made()
            }
        })*
    };
}

compounds! {
    SerializeSeq for List: serialize_element() -> push;
    SerializeTuple for List: serialize_element() -> push;
    SerializeTupleStruct for List: serialize_field() -> push;
    SerializeTupleVariant for List: serialize_field() -> push;
    SerializeStruct for Dict: serialize_field(name: &'static str) -> set;
    SerializeStructVariant for Dict: serialize_field(name: &'static str) -> set;
}

impl<'py> ser::SerializeMap for Dict<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = Some(key.serialize(self.of)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let key = self.key.take().ok_or_else(|| <Failed as ser::Error>::custom("a value without its key"))?;
        Ok(self.made.set_item(key, value.serialize(self.of)?)?)
    }

    fn end(self) -> Made<'py> {
        self.made()
    }
}

impl From<PyErr> for Failed {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(PyTypeError::new_err(message.to_string()))
    }
}
