//! Seals: what a webhook is signed with. Standard Webhooks 1.0 knows two signatures, over the same text: `v1` is HMAC-SHA256 under a secret
//! that both sides know, `v1a` is Ed25519 by a key of which the receiver knows the public half only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::dialect::SignatureScheme;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use uuid::Uuid;

use super::is_json;

/// A webhook as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Webhook {
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// What a webhook is signed with.
pub(super) struct Seal {
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
    /// Which signatures its receiver wants.
    pub(super) scheme: SignatureScheme,
    /// The endpoint's secret, and the one before while it signs too.
    pub(super) secrets: Vec<Vec<u8>>,
    /// The seeds of the key pairs beside those secrets.
    pub(super) seeds: Vec<[u8; 32]>,
    /// The path of the endpoint's URL.
    pub(super) path: String,
}

impl Seal {
    /// Returns the endpoint's secret as its owner was told it, for systems whose signatures have room for one.
    pub(super) fn secret(&self) -> String {
        self.secrets.first().map(|secret| secret_text(secret)).unwrap_or_default()
    }

    /// Signs a body as Standard Webhooks 1.0 says, over `id.timestamp.body`.
    pub(super) fn standard(&self, body: String) -> Webhook {
        let (id, timestamp) = (self.id.to_string(), self.at.as_second().to_string());
        let text = format!("{id}.{timestamp}.{body}");
        let by_secret = self.secrets.iter().filter(|_| self.scheme.has_secret()).map(|secret| {
            let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length").chain_update(&text);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        });
        let by_key = self.seeds.iter().filter(|_| self.scheme.has_key()).map(|seed| {
            let signature = SigningKey::from_bytes(seed).sign(text.as_bytes());
            format!("v1a,{}", STANDARD.encode(signature.to_bytes()))
        });
        let signatures = by_secret.chain(by_key).collect::<Vec<_>>().join(" ");
        let signed = [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signatures)];
        Webhook { headers: [is_json()].into_iter().chain(signed).collect(), body }
    }
}

/// Returns a secret as its owner is told it.
pub(crate) fn secret_text(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// Returns the public half of a key as everybody may be told it.
pub(crate) fn public_key_text(seed: &[u8; 32]) -> String {
    format!("whpk_{}", STANDARD.encode(SigningKey::from_bytes(seed).verifying_key().to_bytes()))
}
