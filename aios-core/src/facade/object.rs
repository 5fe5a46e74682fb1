//! Requests are objects. Serde's derived readers also take a list of the members' values, which no schema shows.

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// A struct that is read from an object and from nothing else.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        T::deserialize(ObjectOnly(source)).map(Self)
    }
}

/// `deserialize_with` of a member that is a struct.
pub(super) fn one<'de, T: Deserialize<'de>, D: Deserializer<'de>>(source: D) -> Result<T, D::Error> {
    Object::deserialize(source).map(|object| object.0)
}

/// `deserialize_with` of a member that is a struct and may be left out.
pub(super) fn maybe<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<T>, D::Error> {
    let object = Option::<Object<T>>::deserialize(source)?;
    Ok(object.map(|object| object.0))
}

/// `deserialize_with` of a member that is a list of structs.
pub(super) fn many<'de, T: Deserialize<'de>, D: Deserializer<'de>>(source: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(source)?;
    Ok(objects.into_iter().map(|object| object.0).collect())
}

/// Asks for a map where a derived reader asks for a struct.
struct ObjectOnly<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ObjectOnly<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        Err(D::Error::custom("only a struct can be read here"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
