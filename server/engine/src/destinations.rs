//! Destinations that the merchant gives, for refunds whose policy leaves that to the merchant (`destination_source: merchant`, CM-02).
//! Until then the payer's link works too: who comes first says where the money goes.

use domain::destination::Destination;
use domain::ids::{InvoiceId, RefundId};
use domain::invoice::{Invoice, Resolution};
use domain::lifecycle::{Event, Refused};
use domain::merchant::Right;
use domain::money::{Amount, Asset};
use domain::payout::PayoutFailure;
use domain::policy::DestinationSource;
use domain::refund::Refund;
use domain::view::RefundView;

use crate::callers::Caller;
use crate::store::codec::needed;
use crate::store::{invoices, refunds};
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
        let mut tx = self.store().read().await?;
        let invoice = needed("invoices", "refund", invoices::load(&mut tx, refund.invoice).await?)?;
        drop(tx);
        let destination = self.destination_for(&invoice, &asset, address, tag).await?;
        let fee = self.fee_to(&destination, &asset).await?;
        let event = |_: &Refund| Ok(Event::Directed { destination: destination.clone(), fee, asset: asset.clone() });
        match self.step_asked(caller, id, &event).await {
            // The same said twice.
            Err(Error::Refused(Refused::AlreadyClaimed { .. })) if self.goes_to(id, &destination).await? => {}
            directed => directed?,
        }
        self.refund(caller, id).await
    }

    /// Gives all that is held of an invoice's payments back to one address: what waits for a decision is refunded, and what nobody claimed
    /// is directed there. Returns the refunds; none when nothing is held. It can be begun again where it stopped.
    ///
    /// # Errors
    /// `Refused` where the policy lets the payer say where to, `NotDone` about money that only the operator decides about; `Invalid` names
    /// a wrong address or tag; `Forbidden`, `NotFound`.
    pub async fn give_back_to(&self, caller: &Caller, id: InvoiceId, address: &str, tag: Option<&str>) -> Result<Vec<RefundView>, Error> {
        caller.require(Right::MoveMoney)?;
        let invoice = self.own_invoice(caller, id).await?;
        let mid = self.own_mid(caller, invoice.mid).await?;
        // Asked before anything is decided, so that a refusal leaves all as it was.
        if self.policy_for(&mid, &invoice).await?.policy.destination_source != DestinationSource::Merchant {
            return Err(Error::Refused(Refused::PayersChoice));
        }
        let asset = self.views().asset(invoice.charged.asset)?.clone();
        self.destination_for(&invoice, &asset, address, tag).await?;
        let mut tx = self.store().read().await?;
        let cases = invoices::cases(&mut tx, id).await?;
        drop(tx);
        for case in cases.iter().filter(|case| case.state.why().is_some()) {
            self.resolve_case(caller, id, case.id, Resolution::Refund).await?;
        }
        let mut tx = self.store().read().await?;
        let held = refunds::of_invoice(&mut tx, id).await?;
        drop(tx);
        let mut directed = Vec::new();
        for refund in held.iter().filter(|refund| refund.state.offered().is_some()) {
            directed.push(self.direct_refund(caller, refund.id, address, tag).await?);
        }
        Ok(directed)
    }

    /// Reads an address that may be paid to.
    async fn destination_for(&self, invoice: &Invoice, asset: &Asset, address: &str, tag: Option<&str>) -> Result<Destination, Error> {
        let destination = Destination::parse(asset.network, address, tag.filter(|tag| !tag.trim().is_empty()))
            .map_err(|error| Error::field(error.field(), error.code(), error.message(asset.network, asset.id.symbol())))?;
        self.refuse_forbidden(&destination, invoice, asset).await?;
        Ok(destination)
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
