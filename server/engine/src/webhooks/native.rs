//! Refundry's own webhooks, signed as Standard Webhooks 1.0 says.

use serde_json::json;

use super::{Seal, Webhook};
use crate::store::deliveries::Delivery;

/// Writes a webhook; `claim_url` is the link that its refund can be claimed by now, where the notice carries one.
pub(super) fn webhook(delivery: &Delivery, claim_url: Option<String>, seal: &Seal) -> Webhook {
    let mut data = delivery.data.0.clone();
    if let Some(url) = claim_url {
        data["refund"]["claim_url"] = json!(url);
    }
    let body = json!({
        "id": delivery.notice_id,
        "type": delivery.event,
        "created_at": delivery.created_at.0.to_string(),
        "sequence": delivery.sequence,
        "data": data,
    });
    seal.standard(body.to_string())
}
