//! The picture that other systems' webhooks are written from: what a notice is about with all that is around it, as it stood then.
//!
//! It is stored with the notice, so every try says the same. Claim links are never stored: they are put in when it is sent.

use std::collections::BTreeMap;

use domain::ids::RefundId;
use domain::invoice::{Deposit, Invoice};
use domain::view::{InvoiceView, RefundView};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::codec::needed;
use crate::store::{StoreError, Tx, brands, invoices, merchants, refunds};
use crate::views::Views;

/// What a notice is about, as it stood when it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The invoice.
    pub invoice: InvoiceView,
    /// Its refunds, oldest first.
    pub refunds: Vec<RefundView>,
    /// Which of them it is about; none when it is about the invoice.
    pub about: Option<Uuid>,
    /// Who paid, where the chain tells.
    pub payers: Vec<Payer>,
    /// The name payers know the merchant by.
    pub merchant: String,
}

/// Where a payment of the invoice came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// Which payment.
    pub deposit: Uuid,
    /// From which address.
    pub address: Option<String>,
    /// Whether that address is on a sanctions list.
    pub is_risky: bool,
}

impl From<Deposit> for Payer {
    fn from(deposit: Deposit) -> Self {
        Self { deposit: deposit.id.0, address: deposit.source, is_risky: deposit.is_risky }
    }
}

impl Picture {
    /// Takes a picture of an invoice, of one of its refunds if it is about that.
    pub(crate) async fn of(tx: &mut Tx, views: &Views, invoice: &Invoice, about: Option<RefundId>) -> Result<Self, StoreError> {
        let refunds = refunds::of_invoice(tx, invoice.id).await?;
        let shown = views.refunds_of(tx, &refunds, BTreeMap::from([(invoice.id, invoice.clone())])).await?;
        let deposits = invoices::deposits(tx, invoice.id).await?;
        let mid = needed("mids", "notice", merchants::mid(tx, invoice.mid).await?)?;
        let merchant = needed("merchants", "notice", merchants::merchant(tx, mid.merchant).await?)?;
        Ok(Self {
            invoice: views.invoice(tx, invoice).await?,
            refunds: shown,
            about: about.map(|id| id.0),
            payers: deposits.into_iter().map(Payer::from).collect(),
            merchant: brands::of_mid(tx, invoice.mid).await?.name.unwrap_or(merchant.name),
        })
    }

    /// Returns the refund it is about.
    #[must_use]
    pub fn refund(&self) -> Option<&RefundView> {
        self.refunds.iter().find(|refund| Some(refund.id) == self.about)
    }
}
