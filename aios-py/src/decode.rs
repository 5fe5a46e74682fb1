//! Python's objects as requests: what JSON knows, and nothing else.
//!
//! No code of the caller runs here: `__index__`, `__iter__` and their kin are never called, and what is not one of JSON's
//! types, or a subclass of one, is refused. Depth and size are bounded before anything recurses, as lists may contain
//! themselves and one list may stand in many places.

use std::cell::Cell;
use std::fmt;

use aios_core::{Code, Refusal};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use pyo3::types::{dict::BoundDictIterator, list::BoundListIterator, tuple::BoundTupleIterator};
use serde::Deserializer;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// Deepest nesting, as in JSON text.
const MAX_DEPTH: usize = 128;
/// Most values together with their bytes of text. Rooms inside have tighter bounds; this one keeps a small object that
/// stands for a huge tree from being written out while everybody waits for the GIL.
const MAX_SIZE: usize = 4 * 1024 * 1024;
/// What a value counts, besides its text.
const VALUE: usize = 8;
/// Longest place that is told, in characters.
const MAX_PLACE: usize = 256;

/// Reads a request, which may be anything.
///
/// # Errors
/// `policy.input` with the place and what was expected there, without what came.
pub(crate) fn decode<T: DeserializeOwned>(object: &Bound<'_, PyAny>) -> Result<T, Refusal> {
    let left = Cell::new(MAX_SIZE);
    // Places cost time, so they are looked for only where something is wrong.
    T::deserialize(Reader::of(object, &left)).or_else(|unfit| {
        if unfit == SIZE {
            return Err(Refusal::new(Code::PolicyInput).at(".").expected(unfit.0));
        }
        let left = Cell::new(MAX_SIZE);
        serde_path_to_error::deserialize(Reader::of(object, &left)).map_err(|error| {
            let place: String = error.path().to_string().chars().take(MAX_PLACE).collect();
            Refusal::new(Code::PolicyInput).at(place).expected(error.into_inner().0)
        })
    })
}

/// What was expected.
#[derive(Debug, PartialEq)]
struct Unfit(&'static str);

const SHAPE: Unfit = Unfit("a request of the documented shape");
const SIZE: Unfit = Unfit("at most 4 MiB of values");
const DEPTH: Unfit = Unfit("at most 128 levels");
const TEXT: Unfit = Unfit("text without lone surrogates");

struct Reader<'a, 'py> {
    object: Bound<'py, PyAny>,
    depth: usize,
    left: &'a Cell<usize>,
}

impl<'a, 'py> Reader<'a, 'py> {
    fn of(object: &Bound<'py, PyAny>, left: &'a Cell<usize>) -> Self {
        Self { object: object.clone(), depth: MAX_DEPTH, left }
    }

    fn inside(object: Bound<'py, PyAny>, outer: (usize, &'a Cell<usize>)) -> Self {
        Self { object, depth: outer.0, left: outer.1 }
    }

    /// The members of a dict.
    fn members(&self) -> Result<Members<'a, 'py>, Unfit> {
        let object = self.object.cast::<PyDict>().map_err(|_| SHAPE)?;
        Ok(Members { inner: object.iter(), value: None, outer: self.deeper()? })
    }

    /// What containers hand to their members.
    fn deeper(&self) -> Result<(usize, &'a Cell<usize>), Unfit> {
        Ok((self.depth.checked_sub(1).ok_or(DEPTH)?, self.left))
    }
}

fn spend(left: &Cell<usize>, cost: usize) -> Result<(), Unfit> {
    left.set(left.get().checked_sub(cost).ok_or(SIZE)?);
    Ok(())
}

/// The text of a `str`, counted.
fn text<'t>(object: &'t Bound<'_, PyString>, left: &Cell<usize>) -> Result<&'t str, Unfit> {
    let text = object.to_str().map_err(|_| TEXT)?;
    spend(left, text.len())?;
    Ok(text)
}

impl<'de> Deserializer<'de> for Reader<'_, '_> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        spend(self.left, VALUE)?;
        let object = &self.object;
        if let Ok(object) = object.cast::<PyString>() {
            return visitor.visit_str(text(object, self.left)?);
        }
        if object.is_instance_of::<PyDict>() {
            return visitor.visit_map(self.members()?);
        }
        if object.is_none() {
            return visitor.visit_unit();
        }
        // Before integers: a bool is one.
        if let Ok(object) = object.cast::<PyBool>() {
            return visitor.visit_bool(object.is_true());
        }
        if let Ok(object) = object.cast::<PyInt>() {
            return integer(object, visitor);
        }
        if let Ok(object) = object.cast::<PyFloat>() {
            let number = object.value();
            let finite = number.is_finite().then_some(number).ok_or(Unfit("a finite number"))?;
            return visitor.visit_f64(finite);
        }
        if let Ok(object) = object.cast::<PyList>() {
            return visitor.visit_seq(Items { inner: object.iter(), outer: self.deeper()? });
        }
        if let Ok(object) = object.cast::<PyTuple>() {
            return visitor.visit_seq(Items { inner: object.iter(), outer: self.deeper()? });
        }
        Err(Unfit("None or a bool, int, float, str, list, tuple or dict"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.object.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    // Strict, as serde's derived readers would take a list of the members' values too.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        spend(self.left, VALUE)?;
        visitor.visit_map(self.members()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        spend(self.left, VALUE)?;
        if let Ok(object) = self.object.cast::<PyString>() {
            let name: StrDeserializer<'_, Unfit> = text(object, self.left)?.into_deserializer();
            return visitor.visit_enum(name);
        }
        visitor.visit_enum(MapAccessDeserializer::new(self.members()?))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct identifier ignored_any
    }
}

fn integer<'de, V: Visitor<'de>>(object: &Bound<'_, PyInt>, visitor: V) -> Result<V::Value, Unfit> {
    if let Ok(number) = object.extract::<i64>() {
        return visitor.visit_i64(number);
    }
    visitor.visit_u64(object.extract().map_err(|_| Unfit("an integer of 64 bits"))?)
}

/// The items of a list or tuple.
struct Items<'a, I> {
    inner: I,
    outer: (usize, &'a Cell<usize>),
}

/// Lists and tuples.
trait Sequence<'py>: Iterator<Item = Bound<'py, PyAny>> {}
impl<'py> Sequence<'py> for BoundListIterator<'py> {}
impl<'py> Sequence<'py> for BoundTupleIterator<'py> {}

impl<'de, 'py, I: Sequence<'py>> SeqAccess<'de> for Items<'_, I> {
    type Error = Unfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        self.inner.next().map(|item| seed.deserialize(Reader::inside(item, self.outer))).transpose()
    }
}

/// The members of a dict.
struct Members<'a, 'py> {
    inner: BoundDictIterator<'py>,
    value: Option<Bound<'py, PyAny>>,
    outer: (usize, &'a Cell<usize>),
}

impl<'de> MapAccess<'de> for Members<'_, '_> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        let Some((key, value)) = self.inner.next() else { return Ok(None) };
        self.value = Some(value);
        let key = key.cast::<PyString>().map_err(|_| Unfit("text for every key"))?;
        spend(self.outer.1, VALUE)?;
        let name: StrDeserializer<'_, Unfit> = text(key, self.outer.1)?.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        let value = self.value.take().ok_or(SHAPE)?;
        seed.deserialize(Reader::inside(value, self.outer))
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl std::error::Error for Unfit {}

impl serde::de::Error for Unfit {
    // Serde's own words repeat what they found, which may be a token.
    fn custom<T: fmt::Display>(_: T) -> Self {
        SHAPE
    }
}
