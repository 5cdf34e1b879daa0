//! Where money goes, as programs write it. Whether it can go there is the engine's to say.

use serde::Deserialize;
use utoipa::ToSchema;

/// Where money goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The address.
    address: String,
    /// The tag, where the network has one: a number, or `none` for a wallet that uses none.
    tag: Option<Tag>,
}

/// A tag, as a number or in text.
#[derive(Deserialize, ToSchema)]
#[serde(untagged, expecting = "write a number, or `none` for a wallet that uses no tag")]
pub enum Tag {
    /// As answers show it.
    Number(u32),
    /// As a payer types it.
    Text(String),
}

impl Destination {
    /// Returns address and tag as they would be typed.
    #[must_use]
    pub fn into_text(self) -> (String, Option<String>) {
        let tag = self.tag.map(|tag| match tag {
            Tag::Number(number) => number.to_string(),
            Tag::Text(text) => text,
        });
        (self.address, tag)
    }
}
