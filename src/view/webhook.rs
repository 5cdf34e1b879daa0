//! What webhooks told: events, deliveries, tests.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{InvoiceView, RefundView};

views! {
    /// Something that happened to an invoice or a refund: what native webhooks say.
    pub struct EventView {
        /// Its id; the webhooks that tell it have it as `webhook-id`.
        pub id: Uuid,
        /// What happened: `refund.paid`.
        #[serde(rename = "type")]
        pub event: String,
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// Its place among the events of its invoice or refund, from 1 without a gap.
        pub sequence: i64,
        /// What it is about, as it was then.
        pub data: EventData,
    }

    /// What an event is about: one of them.
    pub struct EventData {
        /// The refund. Its claim link is there in `refund.claim_available`, while it can be used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refund: Option<RefundView>,
        /// The invoice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invoice: Option<InvoiceView>,
    }

    /// A webhook sent, or to be sent.
    pub struct DeliveryView {
        /// Its id.
        pub id: Uuid,
        /// Which event.
        pub event: String,
        /// Its place in the subject's sequence.
        pub sequence: i64,
        /// To which endpoint.
        pub endpoint: Uuid,
        /// Where to.
        pub url: String,
        /// `pending`, `delivered` or `given_up`.
        pub status: String,
        /// How often it was tried.
        pub attempts: u32,
        /// The last answer's HTTP status.
        pub response_status: Option<u16>,
        /// How the last answer began, at most 1,024 bytes of it; nothing when there was none.
        pub answer: Option<String>,
        /// What went wrong last.
        pub error: Option<String>,
        /// When the event happened.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        pub created_at: Timestamp,
        /// When it was last tried.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
        pub attempted_at: Option<Timestamp>,
    }

    /// What became of a test: a webhook about nothing that happened, posted once.
    pub struct EndpointTestView {
        /// Whether the endpoint took it: it answered 200 to 299.
        pub taken: bool,
        /// The answer's HTTP status; nothing when there was no answer.
        pub response_status: Option<u16>,
        /// How the answer began, at most 1,024 bytes of it.
        pub answer: Option<String>,
        /// What went wrong.
        pub error: Option<String>,
        /// How long it took, in milliseconds.
        pub took_ms: u64,
        /// What was posted.
        pub body: String,
    }
}
