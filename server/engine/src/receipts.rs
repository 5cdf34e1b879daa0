//! Receipts: what was paid back, signed by this installation (Ed25519), so that whoever holds one can prove it later. The key is derived
//! from the installation's secret; its public half is for everybody. The signature is over the line `refundry receipt` and
//! the compact JSON of `receipt`, its fields in the order they are given in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::claim::{ClaimToken, ViewerToken};
use domain::ids::RefundId;
use domain::refund::RefundState;
use domain::view::{ClaimView, ClaimViewState};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::callers::Caller;
use crate::{Engine, Error};

/// What was paid back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Which form this is: 1.
    pub version: u32,
    /// The installation that paid.
    pub issuer: String,
    /// The merchant.
    pub merchant: String,
    /// The order.
    pub order: String,
    /// `REFUND-…`.
    pub reference: String,
    /// What arrived, an exact decimal.
    pub amount: String,
    /// Of what, `<SYMBOL>-<NETWORK>`.
    pub asset: String,
    /// Where to.
    pub address: String,
    /// The tag, where there is one.
    pub tag: Option<String>,
    /// The transaction.
    pub txid: String,
    /// When it was final.
    pub paid_at: Timestamp,
    /// Where the privacy policy is that the merchant's payers agree to.
    pub privacy_url: String,
}

/// A receipt as it is downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// What it says.
    pub receipt: Receipt,
    /// The public key, in base64.
    pub key: String,
    /// The signature, in base64.
    pub signature: String,
}

/// What became of checking a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// This installation signed it as it is.
    Genuine(Box<Receipt>),
    /// It was changed, or another installation signed it.
    Forged,
    /// It is no receipt.
    Unreadable,
}

impl Engine {
    /// Returns the signed receipt of a refund that arrived, for the browser that confirmed it: it names the whole address.
    ///
    /// # Errors
    /// `NotFound` for unknown links, for other browsers, and before the refund arrived.
    pub async fn receipt(&self, token: &ClaimToken, viewer: Option<&ViewerToken>) -> Result<SignedReceipt, Error> {
        let view = self.claim_view(token, viewer).await?;
        match &view.state {
            ClaimViewState::Paid { to, .. } if to.is_whole => {
                let (address, tag) = (to.address.clone(), to.tag.clone());
                self.signed_receipt(view, address, tag)
            }
            _ => Err(Error::NotFound),
        }
    }

    /// Returns the signed receipt of a refund that arrived, for its merchant's staff: the same as the payer's.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's, and before it arrived.
    pub async fn receipt_of(&self, caller: &Caller, id: RefundId) -> Result<SignedReceipt, Error> {
        let refund = self.own_refund(caller, id).await?;
        let RefundState::Paid { directed, .. } = &refund.state else { return Err(Error::NotFound) };
        let view = self.claim_view(&ClaimToken::derive(self.master_key(), directed.claim), None).await?;
        let tag = directed.destination.tag().map(ToString::to_string);
        self.signed_receipt(view, directed.destination.address().to_owned(), tag)
    }

    fn signed_receipt(&self, view: ClaimView, address: String, tag: Option<String>) -> Result<SignedReceipt, Error> {
        let privacy_url = self.privacy_url(&view.brand);
        let ClaimViewState::Paid { txid, paid_at, .. } = view.state else { return Err(Error::NotFound) };
        let receipt = Receipt {
            version: 1,
            issuer: self.settings().public_url.clone(),
            merchant: view.merchant,
            order: view.order,
            reference: view.reference,
            amount: view.net.unwrap_or(view.amount),
            asset: view.asset.id.to_string(),
            address,
            tag,
            txid,
            paid_at,
            privacy_url,
        };
        let key = self.receipt_signing_key();
        let signature = STANDARD.encode(key.sign(&signed_bytes(&receipt)).to_bytes());
        Ok(SignedReceipt { receipt, key: self.receipt_key(), signature })
    }

    /// Returns the public key of receipts, in base64.
    #[must_use]
    pub fn receipt_key(&self) -> String {
        STANDARD.encode(self.receipt_signing_key().verifying_key().to_bytes())
    }

    /// Says whether this installation signed a receipt.
    #[must_use]
    pub fn check_receipt(&self, json: &str) -> Checked {
        let Ok(signed) = serde_json::from_str::<SignedReceipt>(json) else { return Checked::Unreadable };
        let key = self.receipt_signing_key().verifying_key();
        let signature = STANDARD.decode(&signed.signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
        let is_genuine = |signature| is_signed(&key, &signed.receipt, &signature);
        if signature.is_some_and(is_genuine) { Checked::Genuine(Box::new(signed.receipt)) } else { Checked::Forged }
    }

    fn receipt_signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.master_key().receipt_seed())
    }
}

fn is_signed(key: &VerifyingKey, receipt: &Receipt, signature: &Signature) -> bool {
    key.verify_strict(&signed_bytes(receipt), signature).is_ok()
}

/// The words before the JSON keep the signature from being one of anything else.
fn signed_bytes(receipt: &Receipt) -> Vec<u8> {
    let json = serde_json::to_string(receipt).unwrap_or_default();
    format!("refundry receipt\n{json}").into_bytes()
}
