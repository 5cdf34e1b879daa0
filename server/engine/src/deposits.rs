//! Deposits: payments seen on chains or reported by merchants, and what they set off.

pub mod telling;
pub(crate) mod watching;

use std::collections::BTreeSet;

use domain::claim::{CancelToken, ClaimToken, NewClaim};
use domain::destination::Destination;
use domain::ids::{CaseId, ClaimId, DepositId, InvoiceId, MidId, RefundId, RequestId};
use domain::invoice::{Deposit, DepositState, Event, Given, Invoice, NewIds, step};
use domain::ledger::EntryKind;
use domain::merchant::{Guard, Right};
use domain::money::{Amount, Asset, AssetId, Network};
use domain::policy::{DestinationSource, OnLate, OnUnder, Policy};
use domain::rate::Rate;
use domain::replay::{Heard, Price};
use domain::view::DepositView;
use jiff::{SignedDuration, Timestamp};

use crate::callers::Caller;
use crate::error::retrying;
use crate::rails::{DepositStatus, Rail, SeenDeposit};
use crate::sanctions::Screening;
use crate::store::codec::needed;
use crate::store::merchants::MidFilter;
use crate::store::{Payments, StoreError, invoices as rows, ledger};
use crate::{Engine, Error, Page, PageRequest};

/// A deposit seen by a merchant's own watcher.
#[derive(Clone, Debug)]
pub struct ReportedDeposit {
    /// Names the transfer for ever: the same one twice is one deposit.
    pub external_id: String,
    /// On which invoice's address.
    pub invoice: InvoiceId,
    /// How much.
    pub amount: String,
    /// Of what.
    pub asset: String,
    /// In which transaction.
    pub txid: String,
    /// When the chain took it.
    pub seen_at: Timestamp,
    /// Whether it is there for good.
    pub is_final: bool,
}

/// Who says how a deposit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Witness {
    /// A chain that we read ourselves: what it says last is so, the amount too while nothing is booked of it.
    Chain,
    /// The merchant's own watcher: what it says last is so, but for the amount.
    Watcher,
    /// Another system, whose news come late, twice and in any order: what is known goes forward only, from `seen` to `gone` to `final`.
    Messenger,
}

/// Which deposits are wanted.
#[derive(Clone, Debug, Default)]
pub struct DepositFilter {
    /// Of one MID.
    pub mid: Option<MidId>,
    /// Of one invoice.
    pub invoice: Option<InvoiceId>,
}

impl Engine {
    /// Takes in a deposit that a merchant's own watcher saw.
    ///
    /// # Errors
    /// `Invalid` names what is wrong, `NotFound` when the invoice is not the caller's.
    pub async fn report_deposit(&self, caller: &Caller, reported: ReportedDeposit) -> Result<DepositView, Error> {
        caller.require(Right::MakeInvoices)?;
        let invoice = self.own_invoice(caller, reported.invoice).await?;
        let deposit = self.reported(&invoice, reported)?;
        let recorded = self.record(deposit, Witness::Watcher).await?;
        Ok(self.views().deposit(&recorded)?)
    }

    /// Reads a report on an invoice: the same rules for whoever reports.
    ///
    /// # Errors
    /// `Invalid` names what is wrong.
    pub(crate) fn reported(&self, invoice: &Invoice, reported: ReportedDeposit) -> Result<Deposit, Error> {
        let asset: Option<AssetId> = reported.asset.parse().ok();
        if asset != Some(invoice.charged.asset) {
            let message = format!("this invoice is paid in {}", invoice.charged.asset);
            return Err(Error::field("asset", "mismatch", message));
        }
        for (field, text) in [("external_id", &reported.external_id), ("txid", &reported.txid)] {
            if text.is_empty() || text.len() > 200 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
                return Err(Error::field(field, "invalid", "use 1 to 200 characters without spaces"));
            }
        }
        if reported.seen_at > self.now().saturating_add(SignedDuration::from_mins(5)).unwrap_or(reported.seen_at) {
            return Err(Error::field("seen_at", "in_future", "say when the chain took it, not a time to come"));
        }
        let views = self.views();
        let asset = views.asset(invoice.charged.asset)?;
        if !self.takes_word_of(asset.network) {
            // Deposit addresses come from our own key: the chain is the only witness, and it is asked already.
            let network = asset.network;
            let message = format!(
                "Refundry reads {network} itself: deposits there need no report, unless the operator's settings leave them to others                  (`deposits = \"told\"`)"
            );
            return Err(Error::field("asset", "watched", message));
        }
        let amount = asset.parse_amount(&reported.amount);
        let amount = amount.map_err(|error| Error::field("amount", "invalid", error.to_string()))?;
        if amount.is_zero() {
            return Err(Error::field("amount", "zero", "say how much came"));
        }
        Ok(Deposit {
            id: DepositId(self.mint()),
            invoice: invoice.id,
            external_id: reported.external_id,
            txid: reported.txid,
            amount,
            source: None,
            is_risky: false,
            seen_at: reported.seen_at,
            state: if reported.is_final { DepositState::Final } else { DepositState::Seen },
            is_judged: false,
        })
    }

    /// Returns deposits, newest first.
    ///
    /// # Errors
    /// `Invalid` for a bad limit or cursor.
    pub async fn deposits(&self, caller: &Caller, filter: DepositFilter, page: PageRequest) -> Result<Page<DepositView>, Error> {
        let within = MidFilter::new(caller.scope, filter.mid);
        let mut tx = self.store().read().await?;
        let found = rows::list_deposits(&mut tx, within, filter.invoice, page.before_id()?, page.limit()?).await?;
        let views = self.views();
        let deposits = found.iter().map(|deposit| views.deposit(deposit)).collect::<Result<Vec<_>, _>>()?;
        Ok(page.page(deposits, |deposit| deposit.id.to_string()))
    }

    /// Records a deposit; one that the rules refuse for good must not keep the others of its chain from being seen.
    async fn take_in(&self, deposit: Deposit, witness: Witness) -> Result<(), Error> {
        let (invoice, txid) = (deposit.invoice, deposit.txid.clone());
        match self.record(deposit, witness).await {
            Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
                tracing::error!(invoice.id = %invoice, txid, %error, "a deposit cannot be booked; the money is on the invoice's address");
                Ok(())
            }
            result => result.map(drop),
        }
    }

    async fn look_again(&self, rail: &dyn Rail, deposit: Deposit) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let invoice = needed("invoices", "deposit", rows::load(&mut tx, deposit.invoice).await?)?;
        drop(tx);
        let status = rail.deposit_status(&as_seen(&invoice, &deposit)).await?;
        if status == DepositStatus::Confirmed(0) {
            // In no block of this chain: somebody reported it, and says how it stands.
            return Ok(());
        }
        let state = self.state_of(status, deposit.amount.asset)?;
        // What vanished is back when it is final again, not before.
        if state == deposit.state || (deposit.state == DepositState::Orphaned && state != DepositState::Final) {
            return Ok(());
        }
        // Told as the rows had it, which a look at the same blocks may have put right meanwhile: then it is for the next time.
        self.take_in(Deposit { state, ..deposit }, Witness::Watcher).await
    }

    fn seen(&self, invoice: InvoiceId, seen: &SeenDeposit) -> Result<Deposit, Error> {
        Ok(Deposit {
            id: DepositId(self.mint()),
            invoice,
            external_id: seen.external_id.clone(),
            txid: seen.txid.clone(),
            amount: domain::money::Amount { units: seen.units, asset: seen.asset },
            source: seen.source.clone(),
            is_risky: false,
            seen_at: self.clock().in_own_time(seen.block_time),
            state: self.state_of(seen.status, seen.asset)?,
            is_judged: false,
        })
    }

    fn state_of(&self, status: DepositStatus, asset: AssetId) -> Result<DepositState, Error> {
        let finality = self.views().asset(asset)?.finality;
        Ok(match status {
            DepositStatus::Gone => DepositState::Gone,
            DepositStatus::Confirmed(confirmations) if confirmations >= finality => DepositState::Final,
            DepositStatus::Confirmed(_) => DepositState::Seen,
        })
    }

    /// Takes a deposit as its witness says it stands into the rows; the same transfer twice is one deposit. Whom it comes from is screened
    /// each time it is told: an address that was listed meanwhile counts, one that is listed no longer stays what it was.
    pub(crate) async fn record(&self, deposit: Deposit, witness: Witness) -> Result<Deposit, Error> {
        let network = self.views().asset(deposit.amount.asset)?.network;
        let is_listed = self.is_listed(network, deposit.source.as_deref()).await?;
        let deposit = Deposit { is_risky: deposit.is_risky || is_listed, ..deposit };
        retrying!(self.step_invoice(deposit.invoice, |invoice, known: &[Deposit]| {
            let known = known.iter().find(|known| known.external_id == deposit.external_id);
            meet(&invoice.reference, known, &deposit, witness).map(Event::Deposit)
        }))?;
        let known = self.store().payments(deposit.invoice).await?.deposits;
        let recorded = known.into_iter().find(|known| known.external_id == deposit.external_id);
        let recorded = needed("deposits", "recorded", recorded)?;
        if recorded.state != DepositState::Orphaned || deposit.state != DepositState::Final || witness == Witness::Messenger {
            return Ok(recorded);
        }
        // Boxed, as it is rare: every deposit's future would have room for it.
        let back = Deposit { is_risky: recorded.is_risky || deposit.is_risky, ..recorded };
        retrying!(Box::pin(self.restore(&back)))?;
        Ok(Deposit { state: DepositState::Final, ..back })
    }

    /// Gives back what was taken of a deposit that vanished after it was final, and is there again.
    async fn restore(&self, deposit: &Deposit) -> Result<(), Error> {
        let mut tx = self.store().read().await?;
        let seen = needed("invoices", "deposit", rows::load(&mut tx, deposit.invoice).await?)?;
        let booked = ledger::booked_when_orphaned(&mut tx, deposit.id).await?;
        drop(tx);
        tracing::warn!(invoice.id = %seen.id, txid = deposit.txid, "a deposit that had vanished from the chain is there again");
        self.step_invoice(deposit.invoice, |invoice, _| {
            // What the books said is worth something only while nobody changes them.
            if invoice.version != seen.version {
                return Err(Error::Conflict);
            }
            Ok(Event::Restored { deposit: deposit.clone(), booked: booked.clone() })
        })
        .await
    }

    /// Takes a person's decision about an invoice, once for each request: a repeat, whose first answer was lost, finds it taken and changes
    /// nothing, whatever became of the invoice since.
    pub(crate) async fn decide_invoice(
        &self,
        caller: &Caller,
        id: InvoiceId,
        event: impl Fn(&Invoice, &[Deposit]) -> Result<Event, Error>,
    ) -> Result<(), Error> {
        Box::pin(self.step_invoice_in(caller.request, id, event)).await
    }

    /// Loads an invoice with all that is known of it, asks the domain what the event changes, commits.
    pub(crate) async fn step_invoice(
        &self,
        id: InvoiceId,
        event: impl Fn(&Invoice, &[Deposit]) -> Result<Event, Error>,
    ) -> Result<(), Error> {
        Box::pin(self.step_invoice_in(None, id, event)).await
    }

    async fn step_invoice_in(
        &self,
        request: Option<RequestId>,
        id: InvoiceId,
        event: impl Fn(&Invoice, &[Deposit]) -> Result<Event, Error>,
    ) -> Result<(), Error> {
        let invoice = self.store().invoice(id).await?.ok_or(Error::NotFound)?;
        // Asked after the invoice was read: what the same request does at this moment is seen here, or conflicts at the commit.
        if let Some(request) = request {
            let mut tx = self.store().read().await?;
            if rows::histories::is_told(&mut tx, id, request).await? {
                return Ok(());
            }
        }
        let Payments { deposits, cases } = self.store().payments(id).await?;
        let mid = needed("mids", "invoice", self.store().mid(invoice.mid).await?)?;
        let event = event(&invoice, &deposits)?;
        if let Event::Deposit(deposit) = &event {
            // One transfer belongs to one invoice.
            let mut tx = self.store().read().await?;
            let known = rows::deposit_by_external_id(&mut tx, invoice.mid, &deposit.external_id).await?;
            if known.is_some_and(|known| known.invoice != id) {
                return Err(Error::field("external_id", "taken", "this deposit was reported on another invoice"));
            }
        }
        let version = self.policy_for(&mid, &invoice).await?;
        let views = self.views();
        let asset = views.asset(event.asset().unwrap_or(invoice.charged.asset))?;
        let given = Given {
            rate_now: self.rate_if_needed(&invoice, &version.policy).await,
            fee_now: Box::pin(self.fee_if_needed(asset, &version.policy, &invoice, &deposits, &event)).await?,
            version: &version,
            asset,
            is_suspended: mid.guard == Guard::Suspended,
            open_case: cases.iter().find(|case| case.is_open() && invoice.is_payment(case.received.asset)),
            ids: self.new_ids(),
            now: self.now(),
        };
        let price = if needs_rate(&version.policy) { Price::answered(given.rate_now) } else { Price::NotAsked };
        let (mut heard, charged, billed_in) = (Heard::of(&event, &given, price), invoice.charged.asset, invoice.billed.currency);
        let mut outcome = step(invoice, deposits, event, &given)?;
        if outcome.invoice.is_none() {
            return Ok(());
        }
        let is_held = outcome.entries.iter().any(|entry| entry.kind == EntryKind::DepositHeld);
        if price == Price::NotAsked && (is_held || outcome.case.is_some()) {
            // No rule asked for the price, but another policy's may, when it is tried on this payment later.
            heard.price = Price::answered(self.rate(charged, billed_in).await.ok().map(|quoted| quoted.rate));
        }
        outcome.heard = Some(heard);
        outcome.request = request;
        match self.commit(outcome).await {
            Err(StoreError::Lost) => Err(Error::Conflict),
            result => Ok(result?),
        }
    }

    /// Asks for a price only where a rule may need one. No answer is an answer: the rule then leaves the case to a person.
    async fn rate_if_needed(&self, invoice: &Invoice, policy: &Policy) -> Option<Rate> {
        if !needs_rate(policy) {
            return None;
        }
        self.rate(invoice.charged.asset, invoice.billed.currency).await.ok().map(|quoted| quoted.rate)
    }

    /// Asks for the network's fee only where a refund may go on its way without its payer, to an address that may be paid.
    async fn fee_if_needed(
        &self,
        asset: &Asset,
        policy: &Policy,
        invoice: &Invoice,
        known: &[Deposit],
        event: &Event,
    ) -> Result<Option<Amount>, Error> {
        let destinations: BTreeSet<&str> = match policy.destination_source {
            DestinationSource::PayerClaim | DestinationSource::Merchant => return Ok(None),
            DestinationSource::Precommitted => invoice.refund_to.iter().map(Destination::address).collect(),
            DestinationSource::SourceAddress => {
                let new = match event {
                    Event::Deposit(deposit) | Event::Attributed { deposit, .. } => Some(deposit),
                    Event::TimeIsUp | Event::Resolved { .. } | Event::Unwound { .. } | Event::Restored { .. } => None,
                };
                known.iter().chain(new).filter_map(|deposit| deposit.source.as_deref()).collect()
            }
        };
        let mut fee = None;
        for address in destinations {
            let Ok(destination) = Destination::parse(asset.network, address, Some("none")) else { return Ok(None) };
            match self.refuse_forbidden(&destination, invoice, asset).await {
                // One that cannot be paid as it is: the payer is asked instead.
                Ok(()) => match self.rail(asset.network)?.quote_to(asset, &destination).await {
                    Ok(Some(now)) => fee = Some(now),
                    Ok(None) | Err(_) => return Ok(None),
                },
                // The payer is asked instead.
                Err(Error::Invalid(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(match fee {
            None => self.rail(asset.network)?.quote(asset).await.ok(),
            known => known,
        })
    }

    /// Says whether an account is on a sanctions list. What is no account of the network is on none.
    async fn is_listed(&self, network: Network, account: Option<&str>) -> Result<bool, Error> {
        let Some(Ok(account)) = account.map(|account| Destination::parse(network, account, Some("none"))) else { return Ok(false) };
        Ok(matches!(self.screen(&account).await?, Screening::Listed { .. }))
    }

    fn new_ids(&self) -> NewIds {
        NewIds { case: CaseId(self.mint()), refund: RefundId(self.mint()), claim: self.new_claim() }
    }

    /// Mints a claim with its two secrets, of which only hashes leave this function.
    pub(crate) fn new_claim(&self) -> NewClaim {
        let id = ClaimId(self.mint());
        NewClaim {
            id,
            token: ClaimToken::derive(self.master_key(), id).hash(self.master_key()),
            cancel_token: CancelToken::derive(self.master_key(), id).hash(self.master_key()),
        }
    }
}

/// Says whether a rule may ask for a price.
fn needs_rate(policy: &Policy) -> bool {
    policy.on_under == OnUnder::Recalc || matches!(policy.on_late, OnLate::Recalc | OnLate::AcceptIfRateWithin)
}

/// Returns how a deposit of the invoice with this reference stands when it is told again.
pub(crate) fn meet(reference: &str, known: Option<&Deposit>, told: &Deposit, witness: Witness) -> Result<Deposit, Error> {
    let Some(known) = known else { return Ok(told.clone()) };
    match witness {
        Witness::Messenger if !is_further(known.state, told.state) => Ok(known.clone()),
        Witness::Chain if matches!(known.state, DepositState::Final | DepositState::Orphaned) => again(reference, known, told),
        Witness::Watcher => again(reference, known, told),
        // Nothing was booked of it yet: what came for good is what was meant.
        Witness::Messenger | Witness::Chain => Ok(Deposit {
            id: known.id,
            seen_at: known.seen_at,
            is_judged: known.is_judged,
            is_risky: known.is_risky || told.is_risky,
            ..told.clone()
        }),
    }
}

/// Returns a deposit that must be what it was, as it stands now.
fn again(reference: &str, known: &Deposit, told: &Deposit) -> Result<Deposit, Error> {
    if known.amount != told.amount {
        let message = format!("this deposit was reported with another amount on invoice {reference}");
        return Err(Error::field("external_id", "mismatch", message));
    }
    // What is known keeps its id and the time it was first seen.
    Ok(Deposit { state: told.state, is_risky: known.is_risky || told.is_risky, ..known.clone() })
}

/// Says whether news move a deposit on. What is final stays so whoever tells otherwise: only a chain takes money back.
pub(crate) const fn is_further(known: DepositState, told: DepositState) -> bool {
    match (known, told) {
        (DepositState::Seen, DepositState::Gone | DepositState::Final) | (DepositState::Gone, DepositState::Final) => true,
        (DepositState::Seen | DepositState::Gone | DepositState::Final | DepositState::Orphaned, _) => false,
    }
}

/// Returns a known deposit as the rail that saw it names it.
pub(crate) fn as_seen(invoice: &Invoice, deposit: &Deposit) -> SeenDeposit {
    SeenDeposit {
        external_id: deposit.external_id.clone(),
        txid: deposit.txid.clone(),
        address: invoice.address.address().to_owned(),
        tag: invoice.address.tag().map(ToString::to_string),
        source: deposit.source.clone(),
        asset: deposit.amount.asset,
        units: deposit.amount.units,
        block_time: deposit.seen_at,
        status: DepositStatus::Confirmed(0),
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::DepositId;
    use uuid::Uuid;

    use super::*;

    fn told(id: u128, units: u128, state: DepositState) -> Deposit {
        Deposit {
            id: DepositId(Uuid::from_u128(id)),
            invoice: InvoiceId(Uuid::from_u128(1)),
            external_id: "0x1:0".to_owned(),
            txid: "0x1".to_owned(),
            amount: Amount { units, asset: "TUSD-BASE".parse().expect("an asset") },
            source: None,
            is_risky: false,
            seen_at: Timestamp::UNIX_EPOCH,
            state,
            is_judged: false,
        }
    }

    /// Odd case 28: after a reorganisation the same transfer may bring less, when its token takes another fee by then.
    #[test]
    fn the_chain_corrects_an_amount_until_it_is_booked() {
        let meet = |known: &Deposit, told: &Deposit, witness| meet("O-28", Some(known), told, witness).map_err(|error| error.to_string());
        let less = told(2, 98, DepositState::Seen);
        for state in [DepositState::Seen, DepositState::Gone] {
            let known = told(1, 100, state);
            assert_eq!(meet(&known, &less, Witness::Chain), Ok(told(1, 98, DepositState::Seen)), "it keeps its id");
            assert!(meet(&known, &less, Witness::Watcher).is_err_and(|error| error.contains("another amount")));
        }
        for state in [DepositState::Final, DepositState::Orphaned] {
            let known = told(1, 100, state);
            assert!(meet(&known, &less, Witness::Chain).is_err_and(|error| error.contains("another amount")), "it is in the books");
            assert_eq!(meet(&known, &told(2, 100, DepositState::Final), Witness::Chain), Ok(told(1, 100, DepositState::Final)));
        }
    }
}
