//! Forms that wait until their person proved that it is still them. Nothing is kept: the form goes out sealed with the page that asks, comes
//! back with the proof, and is opened only in the session that sent it, for ten minutes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::store::codec::hash_bytes;

/// How long a form waits.
const WAITS: SignedDuration = SignedDuration::from_mins(10);
/// What it is sealed as, where other seals name their table.
const SEALED_AS: &str = "held_form";

/// A form as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldForm {
    /// Where it was posted to.
    pub path: String,
    /// Its fields, as they were posted.
    pub body: String,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    form: HeldForm,
    until: Timestamp,
}

impl Engine {
    /// Seals a form that a session sent.
    #[must_use]
    pub fn hold_form(&self, session: &str, form: HeldForm) -> String {
        let now = self.clock().now_outside();
        let sealed = Sealed { form, until: now.saturating_add(WAITS).unwrap_or(now) };
        let text = serde_json::to_string(&sealed).expect("text and an instant are JSON");
        URL_SAFE_NO_PAD.encode(self.seal_in_row(SEALED_AS, &hash_bytes(self.key_of_secret(session)), &text))
    }

    /// Opens a form that this session sent; nothing when it was another one, or waited too long.
    #[must_use]
    pub fn held_form(&self, session: &str, held: &str) -> Option<HeldForm> {
        let sealed = URL_SAFE_NO_PAD.decode(held).ok()?;
        let text = self.unseal_in_row(SEALED_AS, &hash_bytes(self.key_of_secret(session)), &sealed)?;
        let Sealed { form, until } = serde_json::from_str(&text).ok()?;
        (self.clock().now_outside() < until).then_some(form)
    }
}
