//! Quotes as they are looked at again: by their id, which is that of the refund once it is confirmed, or by what the merchant's
//! program knows both by. [`crate::refunding`] gives and confirms them.

use domain::ids::{InvoiceId, MidId, RefundId};
use domain::merchant::Right;
use domain::view::{FeeView, RefundView};
use jiff::Timestamp;

use crate::callers::Caller;
use crate::refunding::NewRefund;
use crate::store::previews::Preview;
use crate::store::{StoreError, previews, refunds as rows};
use crate::{Engine, Error};

/// A quote that was given, and what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its id, and that of the refund once it is confirmed.
    pub id: RefundId,
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// What was asked for.
    pub request: NewRefund,
    /// How much, fee included.
    pub amount: String,
    /// Of what.
    pub asset: String,
    /// What that is in the invoice's currency: as it was asked for, else at the invoice's rate.
    pub amount_billed: Option<String>,
    /// ISO 4217.
    pub billed_currency: String,
    /// The network's fee.
    pub fee: FeeView,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// When it was given.
    pub created_at: Timestamp,
}

/// What a quote was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// What was asked for.
    pub request: NewRefund,
}

/// What there is under an id or a name.
#[derive(Clone, Debug)]
pub enum RefundOrQuote {
    /// A refund; the quote it may have been is over.
    Refund(Box<RefundView>),
    /// A quote that nobody confirmed.
    Quote(Box<Quote>),
}

impl Engine {
    /// Returns a refund, or the quote that nobody confirmed.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn refund_or_quote(&self, caller: &Caller, id: RefundId) -> Result<RefundOrQuote, Error> {
        let mut tx = self.store().read().await?;
        let refund = rows::load(&mut tx, id).await?;
        let quote = previews::load(&mut tx, id).await?;
        drop(tx);
        match (refund, quote) {
            (Some(_), _) => Ok(RefundOrQuote::Refund(Box::new(self.refund(caller, id).await?))),
            (None, Some(quote)) => Ok(RefundOrQuote::Quote(Box::new(self.own_quote(caller, quote).await?))),
            (None, None) => Err(Error::NotFound),
        }
    }

    /// Returns a MID's refund, or the quote that nobody confirmed, by what the merchant's program knows it by.
    ///
    /// # Errors
    /// `NotFound` when there is none, or the MID is not the caller's.
    pub async fn refund_by_guid(&self, caller: &Caller, mid: MidId, guid: &str) -> Result<RefundOrQuote, Error> {
        let mut tx = self.store().read().await?;
        let refund = rows::by_guid(&mut tx, mid, guid).await?.map(|refund| refund.id);
        let quote = previews::by_guid(&mut tx, mid, guid).await?.map(|quote| quote.id);
        drop(tx);
        self.refund_or_quote(caller, refund.or(quote).ok_or(Error::NotFound)?).await
    }

    /// Takes a quote back: it can no longer be confirmed. Nothing was set aside for it.
    ///
    /// # Errors
    /// `Conflict` when it is a refund by now, `QuoteExpired` when its time is over; `Forbidden`, `NotFound`.
    pub async fn withdraw_quote(&self, caller: &Caller, id: RefundId) -> Result<Quote, Error> {
        caller.require(Right::MoveMoney)?;
        let mut tx = self.store().read().await?;
        let quote = previews::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let made = rows::load(&mut tx, id).await?;
        drop(tx);
        let now = self.now();
        let quote = self.own_quote(caller, quote).await?;
        if made.is_some() {
            return Err(Error::Conflict);
        }
        match self.store().write(move |tx| Box::pin(async move { previews::end(tx, id, now).await })).await {
            Ok(()) => Ok(Quote { expires_at: now, ..quote }),
            Err(StoreError::Conflict) if quote.expires_at <= now => Err(Error::QuoteExpired { expired_at: quote.expires_at }),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns what a quote of the caller's merchant was asked for, also when its time is over.
    ///
    /// # Errors
    /// `NotFound` when it is not the caller's.
    pub async fn quoted(&self, caller: &Caller, id: RefundId) -> Result<Quoted, Error> {
        let mut tx = self.store().read().await?;
        let preview = previews::load(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        self.own_mid(caller, preview.mid).await?;
        Ok(Quoted { invoice: preview.invoice, request: preview.request })
    }

    async fn own_quote(&self, caller: &Caller, quote: Preview) -> Result<Quote, Error> {
        let mid = self.own_mid(caller, quote.mid).await?;
        let invoice = self.own_invoice(caller, quote.invoice).await?;
        let bearer = match quote.request.fee_bearer {
            Some(bearer) => bearer,
            None => self.policy_for(&mid, &invoice).await?.policy.fee_bearer,
        };
        let views = self.views();
        let asset = views.asset(quote.amount.asset)?;
        let worth = |amount| invoice.worth(amount, asset).map(|worth| format!("{:.2}", worth.amount));
        let asked = quote.request.amount.clone().filter(|_| quote.request.currency.is_some());
        Ok(Quote {
            id: quote.id,
            invoice: quote.invoice,
            amount: asset.format_units(quote.amount.units),
            asset: asset.id.to_string(),
            amount_billed: asked.or_else(|| worth(quote.amount)),
            billed_currency: invoice.billed.currency.to_string(),
            fee: FeeView {
                bearer,
                amount: asset.format_units(quote.fee.units),
                asset: asset.id.to_string(),
                amount_billed: worth(quote.fee),
            },
            request: quote.request,
            expires_at: quote.expires_at,
            created_at: quote.created_at,
        })
    }
}
