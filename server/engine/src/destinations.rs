//! Destinations that the merchant gives, for refunds whose policy leaves that to the merchant (`destination_source: merchant`, CM-02).
//! Until then the payer's link works too: who comes first says where the money goes.

use domain::destination::Destination;
use domain::ids::RefundId;
use domain::lifecycle::{Event, Refused};
use domain::merchant::Right;
use domain::money::{Amount, Asset};
use domain::payout::PayoutFailure;
use domain::refund::Refund;
use domain::view::RefundView;

use crate::callers::Caller;
use crate::error::retrying;
use crate::store::codec::needed;
use crate::store::invoices;
use crate::{Engine, Error};

impl Engine {
    /// Says where a refund goes, in the payer's place. The same rules hold as on the claim page, and the same security delay begins;
    /// the payer's link shows where it stands. The same destination twice is said once.
    ///
    /// # Errors
    /// `Refused` where the policy lets the payer say so, and for a refund that was claimed, expired or ended; `Invalid` names a wrong
    /// address or tag; `Forbidden`, `NotFound`.
    pub async fn direct_refund(&self, caller: &Caller, id: RefundId, address: &str, tag: Option<&str>) -> Result<RefundView, Error> {
        caller.require(Right::MoveMoney)?;
        let refund = self.own_refund(caller, id).await?;
        let asset = self.views().asset(refund.amount.asset)?.clone();
        let destination = Destination::parse(asset.network, address, tag.filter(|tag| !tag.trim().is_empty()))
            .map_err(|error| Error::field(error.field(), error.code(), error.message(asset.network, asset.id.symbol())))?;
        let mut tx = self.store().read().await?;
        let invoice = needed("invoices", "refund", invoices::load(&mut tx, refund.invoice).await?)?;
        drop(tx);
        self.refuse_forbidden(&destination, &invoice, &asset).await?;
        let fee = self.fee_to(&destination, &asset).await?;
        let event = |_: &Refund| Ok(Event::Directed { destination: destination.clone(), fee, asset: asset.clone() });
        match retrying!(self.step_refund(id, caller.actor, &event)) {
            // The same request after a lost answer.
            Err(Error::Refused(Refused::AlreadyClaimed { .. })) if self.goes_to(id, &destination).await? => {}
            directed => directed?,
        }
        self.refund(caller, id).await
    }

    /// Returns what a payout to an address costs now.
    ///
    /// # Errors
    /// `Invalid` for an account that nobody can pay as it is (odd case 15).
    pub(crate) async fn fee_to(&self, destination: &Destination, asset: &Asset) -> Result<Amount, Error> {
        let fee = self.rail(asset.network)?.quote_to(asset, destination).await?;
        fee.ok_or_else(|| {
            let (network, symbol) = (asset.network.title(), asset.id.symbol());
            let message = format!(
                "This account does not exist on {network} yet, or lacks the reserve {network} asks for, so nobody can send {symbol} to it. \
                 Activate it in your wallet, or use another address."
            );
            Error::field("address", PayoutFailure::AccountNotActivated.name(), message)
        })
    }
}
