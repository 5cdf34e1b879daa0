//! JSON as another system wrote it: keys in their order, numbers digit for digit. Two of the signatures are over a body that is taken
//! apart and written again, so nothing may be lost in between.

use core::fmt;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How deep values stand in each other at most: no sender nests more than a few.
const DEPTH_MAX: u8 = 16;

/// A value. Numbers, `true`, `false` and `null` are kept as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
    Plain(String),
}

impl Json {
    /// Reads a body; `None` when it is no JSON, has a key twice (two readers could see two values) or nests too deep.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let raw: &RawValue = serde_json::from_slice(body).ok()?;
        read(raw, DEPTH_MAX)
    }

    /// Returns a member of an object, unless it is `null`.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        let (_, value) = members.iter().find(|(name, _)| name == key)?;
        Some(value).filter(|value| **value != Self::Plain("null".to_owned()))
    }

    /// Returns a member that is a text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Self::Text(text) => Some(text),
            Self::Object(_) | Self::Array(_) | Self::Plain(_) => None,
        }
    }

    /// Returns a member that is a text or a number, as it is written.
    pub(super) fn digits(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Self::Text(text) | Self::Plain(text) => Some(text),
            Self::Object(_) | Self::Array(_) => None,
        }
    }

    /// Says whether a member is `true`.
    pub(super) fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some(&Self::Plain("true".to_owned()))
    }

    /// Returns it without a member of its own.
    pub(super) fn without(self, key: &str) -> Self {
        match self {
            Self::Object(members) => Self::Object(members.into_iter().filter(|(name, _)| name != key).collect()),
            Self::Array(_) | Self::Text(_) | Self::Plain(_) => self,
        }
    }

    /// Returns it with the keys of every object in alphabetical order.
    pub(super) fn sorted(self) -> Self {
        match self {
            Self::Object(members) => {
                let mut members: Vec<_> = members.into_iter().map(|(key, value)| (key, value.sorted())).collect();
                members.sort_by(|(one, _), (other, _)| one.cmp(other));
                Self::Object(members)
            }
            Self::Array(values) => Self::Array(values.into_iter().map(Self::sorted).collect()),
            Self::Text(_) | Self::Plain(_) => self,
        }
    }
}

/// Without spaces, strings as JavaScript's `JSON.stringify` and serde write them.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::to_string(text).map_err(|_| fmt::Error);
        match self {
            Self::Object(members) => {
                f.write_str("{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    write!(f, "{}{}:{value}", if index == 0 { "" } else { "," }, quoted(key)?)?;
                }
                f.write_str("}")
            }
            Self::Array(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if index == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Text(text) => f.write_str(&quoted(text)?),
            Self::Plain(text) => f.write_str(text),
        }
    }
}

fn read(raw: &RawValue, depth: u8) -> Option<Json> {
    let (text, inside) = (raw.get(), depth.checked_sub(1)?);
    Some(match text.as_bytes().first()? {
        b'{' => {
            let Members(members) = serde_json::from_str(text).ok()?;
            Json::Object(members.into_iter().map(|(key, value)| Some((key, read(value, inside)?))).collect::<Option<_>>()?)
        }
        b'[' => {
            let values: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Json::Array(values.into_iter().map(|value| read(value, inside)).collect::<Option<_>>()?)
        }
        b'"' => Json::Text(serde_json::from_str(text).ok()?),
        _ => Json::Plain(text.to_owned()),
    })
}

/// An object's members in their order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let (mut members, mut names) = (Vec::new(), BTreeSet::new());
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    if !names.insert(key.clone()) {
                        return Err(M::Error::custom("a key stands there twice"));
                    }
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_between_reading_and_writing() {
        let body = r#"{"b":1.10,"a":{"z":[1e-7,null,true],"ä":"ü\"\\\n\u0001"},"":{}}"#;
        let json = Json::parse(body.as_bytes()).expect("JSON");
        assert_eq!(json.to_string(), body);
        assert_eq!(json.clone().sorted().to_string(), r#"{"":{},"a":{"z":[1e-7,null,true],"ä":"ü\"\\\n\u0001"},"b":1.10}"#);
        assert_eq!(json.without("a").to_string(), r#"{"b":1.10,"":{}}"#);
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let deep = format!("{}1{}", "[".repeat(17), "]".repeat(17));
        let bodies =
            ["", "{", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "{\"b\":{\"a\":1,\"\\u0061\":2}}", "\"\\ud800\"", "{\"a\":01}", "NaN", &deep];
        for body in bodies {
            assert_eq!(Json::parse(body.as_bytes()), None, "{body}");
        }
        assert_eq!(Json::parse(b"{\"a\":\"\xff\"}"), None);
    }
}
