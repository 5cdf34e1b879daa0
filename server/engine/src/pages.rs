//! Lists in pages: newest first, with an opaque cursor.

use serde::Serialize;
use uuid::Uuid;

use crate::Error;

/// Which part of a list is wanted.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// How many, 1 to 100.
    pub limit: u32,
    /// Where to go on: the cursor of the page before.
    pub after: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: 25, after: None }
    }
}

/// A part of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    /// The items.
    pub data: Vec<T>,
    /// Where the next page begins; nothing when this is the last.
    pub next: Option<String>,
}

impl PageRequest {
    /// Returns how many rows to ask for: one more than wanted tells whether there are more.
    pub(crate) fn limit(&self) -> Result<u32, Error> {
        if (1..=100).contains(&self.limit) {
            Ok(self.limit.saturating_add(1))
        } else {
            Err(Error::field("limit", "out_of_range", "choose 1 to 100"))
        }
    }

    /// Returns the id before which to go on.
    pub(crate) fn before_id(&self) -> Result<Uuid, Error> {
        match &self.after {
            None => Ok(Uuid::max()),
            Some(cursor) => cursor.parse().map_err(|_| bad_cursor()),
        }
    }

    /// Returns the number before which to go on.
    pub(crate) fn before_number(&self) -> Result<i64, Error> {
        match &self.after {
            None => Ok(i64::MAX),
            Some(cursor) => cursor.parse().map_err(|_| bad_cursor()),
        }
    }

    /// Cuts the extra row off and makes the cursor.
    pub(crate) fn page<T>(&self, mut data: Vec<T>, cursor: impl Fn(&T) -> String) -> Page<T> {
        let wanted = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = data.len() > wanted;
        data.truncate(wanted);
        let next = data.last().filter(|_| has_more).map(cursor);
        Page { data, next }
    }
}

fn bad_cursor() -> Error {
    Error::field("after", "invalid", "use the `next` value of the page before")
}
