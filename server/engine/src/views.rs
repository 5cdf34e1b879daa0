//! Read models made from rows. What a caller may see is decided before; here only the shape is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::claim::ClaimToken;
use domain::exception::ExceptionCase;
use domain::ids::{InvoiceId, PayoutId};
use domain::invoice::{Deposit, Invoice};
use domain::money::{Amount, Asset, AssetId, Network};
use domain::payout::Payout;
use domain::refund::{Refund, RefundState};
use domain::view::{
    CancelView, CaseView, ConversionView, DepositView, DestinationView, EntryView, FeeView, InvoiceView, PostingView, RefundSummary,
    RefundView, TimelineEntry,
};
use uuid::Uuid;

use crate::assets::Assets;
use crate::rails::Rail;
use crate::store::codec::{amount, needed};
use crate::store::ledger::{EntryRow, PostingRow};
use crate::store::{StoreError, Tx, invoices, payouts, refunds};

/// What read models are made with.
#[derive(Clone)]
pub(crate) struct Views {
    pub(crate) assets: Arc<Assets>,
    pub(crate) public_url: Arc<str>,
    /// Whether mails are sent from here.
    pub(crate) writes_email: bool,
    pub(crate) rails: Arc<BTreeMap<Network, Arc<dyn Rail>>>,
}

impl Views {
    /// Returns an asset that rows name; a row of an asset that is no longer configured is loud.
    pub(crate) fn asset(&self, id: AssetId) -> Result<&Asset, StoreError> {
        self.assets.get(id).ok_or(StoreError::Unconfigured(id))
    }

    /// Returns the exact decimal string of an amount.
    pub(crate) fn decimal(&self, amount: Amount) -> Result<String, StoreError> {
        if amount.asset.is_fiat() {
            return Ok(domain::money::format_units(amount.units, domain::money::FIAT_DECIMALS));
        }
        Ok(self.asset(amount.asset)?.format_units(amount.units))
    }

    pub(crate) fn explorer_url(&self, network: Network, txid: &str) -> Option<String> {
        self.rails.get(&network).and_then(|rail| rail.explorer_url(txid))
    }

    /// Returns the payer's link of a claim.
    pub(crate) fn claim_url(&self, token: &ClaimToken) -> String {
        format!("{}/claim/{}", self.public_url, token.expose())
    }

    pub(crate) async fn invoice(&self, tx: &mut Tx, invoice: &Invoice) -> Result<InvoiceView, StoreError> {
        needed("invoices", "view", self.invoices(tx, std::slice::from_ref(invoice)).await?.into_iter().next())
    }

    /// Does the same for many, with as many questions as for one.
    pub(crate) async fn invoices(&self, tx: &mut Tx, invoices: &[Invoice]) -> Result<Vec<InvoiceView>, StoreError> {
        let ids: Vec<Uuid> = invoices.iter().map(|invoice| invoice.id.0).collect();
        let mut deposits = by_invoice(invoices::deposits_of(tx, &ids).await?, |deposit| deposit.invoice);
        let mut refunds = by_invoice(refunds::of_invoices(tx, &ids).await?, |refund| refund.invoice);
        let mut cases = by_invoice(invoices::cases_of(tx, &ids).await?, |case| case.invoice);
        let view = |invoice: &Invoice| {
            let deposits = deposits.remove(&invoice.id).unwrap_or_default();
            let refunds = refunds.remove(&invoice.id).unwrap_or_default();
            self.invoice_with(invoice, &deposits, &refunds, &cases.remove(&invoice.id).unwrap_or_default())
        };
        invoices.iter().map(view).collect()
    }

    /// Returns an invoice with what is known to have become of it.
    pub(crate) fn invoice_with(
        &self,
        invoice: &Invoice,
        deposits: &[Deposit],
        refunds: &[Refund],
        cases: &[ExceptionCase],
    ) -> Result<InvoiceView, StoreError> {
        let asset = self.asset(invoice.charged.asset)?;
        let own = |deposit: &&Deposit| deposit.amount.asset == asset.id;
        let paid = deposits
            .iter()
            .filter(own)
            .filter(|deposit| deposit.is_final())
            .fold(0_u128, |sum, deposit| sum.saturating_add(deposit.amount.units));
        Ok(InvoiceView {
            id: invoice.id.0,
            mid: invoice.mid.0,
            reference: invoice.reference.clone(),
            guid: invoice.guid.clone(),
            status: invoice.status,
            exceptions: invoice.flags,
            amount_billed: format!("{:.2}", invoice.billed.amount),
            billed_currency: invoice.billed.currency.to_string(),
            amount_charged: asset.format_units(invoice.charged.units),
            asset: asset.id.to_string(),
            network: asset.network,
            exchange_rate: invoice.rate.price().normalize().to_string(),
            address: invoice.address.address().to_owned(),
            tag: invoice.address.tag().map(ToString::to_string),
            is_for_untagged: invoice.is_for_untagged,
            amount_paid: asset.format_units(paid),
            payer_email: invoice.payer_email.clone(),
            hosted_page_url: format!("{}/pay/{}", self.public_url, invoice.id),
            success_redirect_url: invoice.success_redirect_url.clone(),
            unsuccess_redirect_url: invoice.unsuccess_redirect_url.clone(),
            metadata: invoice.metadata.clone(),
            expires_at: invoice.expires_at,
            created_at: invoice.created_at,
            deposits: deposits.iter().map(|deposit| self.deposit(deposit)).collect::<Result<_, _>>()?,
            cases: cases.iter().map(|case| self.case(case)).collect::<Result<_, _>>()?,
            refunds: refunds.iter().map(|refund| self.summary(refund, invoice)).collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn case(&self, case: &ExceptionCase) -> Result<CaseView, StoreError> {
        Ok(CaseView {
            id: case.id.0,
            invoice: case.invoice.0,
            number: case.number,
            exceptions: case.flags,
            state: case.state.name().to_owned(),
            why: case.state.why().map(|why| why.name().to_owned()),
            received: self.decimal(case.received)?,
            credited: self.decimal(case.credited)?,
            refunded: self.decimal(case.refunded)?,
            residual: self.decimal(case.residual)?,
            asset: case.received.asset.to_string(),
            at: case.at,
        })
    }

    pub(crate) fn deposit(&self, deposit: &Deposit) -> Result<DepositView, StoreError> {
        Ok(DepositView {
            id: deposit.id.0,
            invoice: deposit.invoice.0,
            external_id: deposit.external_id.clone(),
            txid: deposit.txid.clone(),
            amount: self.decimal(deposit.amount)?,
            asset: deposit.amount.asset.to_string(),
            seen_at: deposit.seen_at,
            status: deposit.state.name().to_owned(),
        })
    }

    fn summary(&self, refund: &Refund, invoice: &Invoice) -> Result<RefundSummary, StoreError> {
        let asset = self.asset(refund.amount.asset)?;
        Ok(RefundSummary {
            id: refund.id.0,
            mid: refund.mid.0,
            invoice: refund.invoice.0,
            invoice_reference: invoice.reference.clone(),
            reference: refund.reference.clone(),
            state: refund.state.name(),
            blocked_by: refund.state.blocked_by(),
            reason: refund.reason,
            amount: asset.format_units(refund.amount.units),
            asset: asset.id.to_string(),
            network: asset.network,
            created_at: refund.created_at,
            updated_at: refund.updated_at,
        })
    }

    /// Returns refunds without their claim links: who may see those adds them. As many questions are asked as for one.
    pub(crate) async fn refunds(&self, tx: &mut Tx, refunds: &[Refund]) -> Result<Vec<RefundView>, StoreError> {
        self.refunds_of(tx, refunds, BTreeMap::new()).await
    }

    /// Does the same for refunds of which some invoices are known.
    pub(crate) async fn refunds_of(
        &self,
        tx: &mut Tx,
        refunds: &[Refund],
        mut invoices: BTreeMap<InvoiceId, Invoice>,
    ) -> Result<Vec<RefundView>, StoreError> {
        let unknown: BTreeSet<Uuid> =
            refunds.iter().filter(|refund| !invoices.contains_key(&refund.invoice)).map(|refund| refund.invoice.0).collect();
        invoices.extend(invoices::load_all(tx, &Vec::from_iter(unknown)).await?);
        let by_payouts: Vec<Uuid> = refunds.iter().filter_map(payout_of).map(|payout| payout.0).collect();
        let payouts = payouts::load_all(tx, &by_payouts).await?;
        let mut timelines = refunds::histories(tx, &refunds.iter().map(|refund| refund.id.0).collect::<Vec<_>>()).await?;
        let view = |refund: &Refund| {
            let invoice = needed("invoices", "refund", invoices.get(&refund.invoice))?;
            let payout = payout_of(refund).and_then(|payout| payouts.get(&payout));
            self.refund_with(refund, invoice, payout, timelines.remove(&refund.id).unwrap_or_default())
        };
        refunds.iter().map(view).collect()
    }

    fn refund_with(
        &self,
        refund: &Refund,
        invoice: &Invoice,
        payout: Option<&Payout>,
        timeline: Vec<TimelineEntry>,
    ) -> Result<RefundView, StoreError> {
        let asset = self.asset(refund.amount.asset)?;
        let directed = refund.state.directed();
        let request = refund.request.as_ref();
        let txid = payout.and_then(|payout| payout.state.signed()).map(|signed| signed.txid.clone());
        let mut view = RefundView {
            id: refund.id.0,
            mid: refund.mid.0,
            invoice: refund.invoice.0,
            reference: refund.reference.clone(),
            state: refund.state.name(),
            blocked_by: None,
            reason: refund.reason,
            exceptions: refund.flags,
            amount: asset.format_units(refund.amount.units),
            asset: asset.id.to_string(),
            network: asset.network,
            amount_billed: invoice.worth(refund.amount, asset).map(|worth| worth.amount.to_string()),
            billed_currency: invoice.billed.currency.to_string(),
            fee: directed.map(|directed| FeeView {
                bearer: refund.fee_bearer,
                amount: asset.format_units(directed.fee.units),
                asset: asset.id.to_string(),
                amount_billed: invoice.worth(directed.fee, asset).map(|worth| worth.amount.to_string()),
            }),
            net_amount: directed.and_then(|directed| refund.net(directed.fee, asset).ok()).map(|net| asset.format_units(net.units)),
            policy_version: refund.policy_number,
            rate_rule: refund.rate_rule,
            fee_bearer: refund.fee_bearer,
            amount_asked: refund.priced.map(|priced| format!("{:.2}", priced.amount)),
            immediate: refund.is_reserved,
            notify: request.and_then(|request| request.notify),
            merchant_reference: request.and_then(|request| request.reference.clone()),
            guid: request.and_then(|request| request.guid.clone()),
            support_request: request.and_then(|request| request.support_request.clone()),
            merchant_reason: request.and_then(|request| request.reason.clone()),
            message: request.and_then(|request| request.message.clone()),
            made_by: request.map(|request| request.maker.to_string()),
            last_notification_at: refund.notified_at,
            claim_url: None,
            expires_at: None,
            release_at: None,
            destination: directed.map(|directed| DestinationView {
                address: directed.destination.address().to_owned(),
                tag: directed.destination.tag().map(ToString::to_string),
            }),
            explorer_url: txid.as_deref().and_then(|txid| self.explorer_url(asset.network, txid)),
            txid,
            fee_raised: payout.is_some_and(|payout| payout.raised > 0),
            failure: None,
            hold_reason: None,
            conversion: None,
            cancel: None,
            decline_reason: None,
            created_at: refund.created_at,
            updated_at: refund.updated_at,
            timeline,
            consent: None,
            emails: Vec::new(),
        };
        match &refund.state {
            RefundState::AwaitingClaim { expires_at, .. } => view.expires_at = Some(*expires_at),
            RefundState::Scheduled { release_at, blocked_by, .. } => {
                view.release_at = Some(*release_at);
                view.blocked_by = *blocked_by;
            }
            RefundState::PayoutFailed { failure, .. } => view.failure = Some(*failure),
            RefundState::OnHold { release_at, why, .. } => {
                view.release_at = Some(*release_at);
                view.hold_reason = Some(*why);
            }
            RefundState::Expired { expired_at, conversion } => {
                view.expires_at = Some(*expired_at);
                view.conversion = conversion.map(|conversion| ConversionView {
                    rate: conversion.rate.price().normalize().to_string(),
                    amount: conversion.credited.amount.to_string(),
                    currency: conversion.credited.currency.to_string(),
                });
            }
            RefundState::Declined { reason, .. } => view.decline_reason = Some(reason.clone()),
            RefundState::Canceled { cancel } => {
                view.cancel = Some(CancelView { by: cancel.by, reason: cancel.reason, note: cancel.note.clone() });
            }
            RefundState::AwaitingApproval { destination: Some(destination) } => {
                view.destination =
                    Some(DestinationView { address: destination.address().to_owned(), tag: destination.tag().map(ToString::to_string) });
            }
            RefundState::AwaitingApproval { destination: None } | RefundState::Sending { .. } | RefundState::Paid { .. } => {}
        }
        Ok(view)
    }

    pub(crate) fn entry(&self, entry: EntryRow, postings: &[PostingRow]) -> Result<EntryView, StoreError> {
        let own = postings.iter().filter(|posting| posting.entry_id == entry.id);
        let postings = own.map(|posting| {
            let amount = amount(posting.amount, &posting.asset)?;
            Ok(PostingView {
                debit: posting.debit_account.clone(),
                credit: posting.credit_account.clone(),
                amount: self.decimal(amount)?,
                asset: posting.asset.clone(),
            })
        });
        Ok(EntryView {
            postings: postings.collect::<Result<_, StoreError>>()?,
            id: entry.id,
            kind: entry.kind,
            mid: entry.mid_id,
            invoice: entry.invoice_id,
            deposit: entry.deposit_id,
            refund: entry.refund_id,
            payout: entry.payout_id,
            at: entry.at.0,
        })
    }
}

/// Returns which payout sends a refund. Before it is sent there is none, and one that failed lives no more.
fn payout_of(refund: &Refund) -> Option<PayoutId> {
    match &refund.state {
        RefundState::Sending { payout, .. } | RefundState::Paid { payout, .. } => Some(*payout),
        RefundState::AwaitingApproval { .. }
        | RefundState::AwaitingClaim { .. }
        | RefundState::Scheduled { .. }
        | RefundState::OnHold { .. }
        | RefundState::PayoutFailed { .. }
        | RefundState::Expired { .. }
        | RefundState::Canceled { .. }
        | RefundState::Declined { .. } => None,
    }
}

/// Returns the bytes of a payout as the rail wants them.
pub(crate) fn signed_payout(payout: &Payout) -> Option<crate::rails::SignedPayout> {
    payout.state.signed().map(crate::rails::SignedPayout::from)
}

/// Sorts rows to the invoice each belongs to, in the order they have.
fn by_invoice<T>(rows: Vec<T>, invoice: impl Fn(&T) -> InvoiceId) -> BTreeMap<InvoiceId, Vec<T>> {
    let mut sorted: BTreeMap<InvoiceId, Vec<T>> = BTreeMap::new();
    for row in rows {
        sorted.entry(invoice(&row)).or_default().push(row);
    }
    sorted
}
