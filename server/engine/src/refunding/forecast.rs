//! What people are shown before they make a refund: how much of an invoice can be refunded, and what a quote would do to the merchant's
//! balance. Nothing here moves money.

use domain::ids::{InvoiceId, RefundId};
use domain::merchant::Right;
use domain::policy::{FeeBearer, Policy};
use domain::view::PreviewView;
use jiff::Timestamp;

use super::{Checked, NewRefund, preview_view};
use crate::callers::Caller;
use crate::store::{invoices, ledger, previews};
use crate::{Engine, Error};

/// What of an invoice can still be refunded.
#[derive(Clone, Debug)]
pub struct Refundable {
    /// In coins.
    pub amount: String,
    /// In the invoice's currency, at the invoice's rate, rounded to cents; nothing when the number is too large to be said.
    pub worth: Option<String>,
    /// What the MID's policy says of refunds.
    pub policy: Policy,
}

/// A quote, and what it does to the merchant's balance.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// What was asked for.
    pub request: NewRefund,
    /// The quote.
    pub preview: PreviewView,
    /// What leaves the balance when the refund is sent, in coins.
    pub leaves: String,
    /// The balance now, in coins.
    pub balance: String,
    /// The balance then; nothing when it is too small now.
    pub balance_after: Option<String>,
    /// What the balance lacks, in coins.
    pub missing: Option<String>,
    /// Above which sum of a day a second person must approve, when this refund is above it; in the invoice's currency.
    pub approval_above: Option<String>,
    /// Until when the merchant's payouts are frozen.
    pub frozen_until: Option<Timestamp>,
}

impl Engine {
    /// Says what of an invoice can still be refunded.
    ///
    /// # Errors
    /// `NotFound` when the invoice is not the caller's.
    pub async fn refundable(&self, caller: &Caller, invoice: InvoiceId) -> Result<Refundable, Error> {
        let invoice = self.own_invoice(caller, invoice).await?;
        let policy = self.policy(caller, invoice.mid).await?.policy;
        let views = self.views();
        let asset = views.asset(invoice.charged.asset)?;
        let mut tx = self.store().read().await?;
        let left = asset.units(invoices::cap(&mut tx, invoice.id, asset.id).await?.left());
        let worth = invoice.rate.worth(left, asset).map(|worth| format!("{worth:.2}"));
        Ok(Refundable { amount: asset.format_units(left.units), worth, policy })
    }

    /// Returns a quote of the caller's merchant as it stands now. Nothing is set aside.
    ///
    /// # Errors
    /// `QuoteExpired`, `NotFound`, and as [`Engine::create_refund`].
    pub async fn forecast(&self, caller: &Caller, id: RefundId) -> Result<Forecast, Error> {
        caller.require(Right::MoveMoney)?;
        let mut tx = self.store().read().await?;
        let preview = previews::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        let mid = self.own_mid(caller, preview.mid).await?.id;
        if self.now() >= preview.expires_at {
            return Err(Error::QuoteExpired { expired_at: preview.expires_at });
        }
        let checked = self.check_refund(caller, preview.invoice, &preview.request, Some(preview.amount)).await?;
        let Checked { asset, amount, fee, fee_bearer, .. } = &checked;
        let leaves = match fee_bearer {
            FeeBearer::Merchant if fee.asset == amount.asset => amount.plus(*fee)?,
            // Gas of another asset is the operator's to settle with the merchant.
            FeeBearer::Merchant | FeeBearer::Payer => *amount,
        };
        let mut tx = self.store().read().await?;
        let balance = ledger::available(&mut tx, mid, asset.id).await?;
        drop(tx);
        let limit = self.approval_limit(&checked.version.policy, &checked.request, checked.priced).await?;
        let frozen_until = self.frozen(caller, mid).await?.map(|(until, _)| until);
        let coins = |units: u128| asset.format_units(units);
        Ok(Forecast {
            preview: preview_view(&preview, &checked)?,
            request: preview.request,
            leaves: coins(leaves.units),
            balance: coins(balance),
            balance_after: balance.checked_sub(leaves.units).map(coins),
            missing: leaves.units.checked_sub(balance).filter(|units| *units > 0).map(coins),
            approval_above: limit.filter(|limit| limit.is_exceeded).map(|limit| format!("{:.2}", limit.amount)),
            frozen_until,
        })
    }
}
