//! Bugs that refund and payout software really had, planted in a simulated world to see that the suite finds them.
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
/// A planted bug.
pub enum Mutation {
    /// x
    BroadcastBeforeSave,
    /// x
    PaysAgainOnEachSend,
    /// x
    ShowsAddressToAnyone,
    /// x
    UnknownIsFailed,
    /// x
    NotifiedTwice,
}
impl Mutation {
    /// x
    pub fn signs_again(self) -> bool {
        self == Self::BroadcastBeforeSave
    }
    /// x
    pub fn schema(self) -> &'static [&'static str] {
        &[]
    }
}
