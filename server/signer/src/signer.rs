//! The signer: judges a request on its own, writes the verdict down, then answers. One payout id gets one verdict, for ever.
//!
//! A crash before the line is on the disk leaves nothing: the request is judged anew. A crash after it leaves the line, and the same
//! request gets the same answer.

use std::collections::BTreeMap;

use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, Bytes, TxKind, U256, hex};
use domain::destination::Destination;
use domain::money::{AssetId, Network};
use domain::signing::{Account, Answer, DeclineReason, DeferReason, Greeting, Request, SignRequest, SignedBytes, VERSION, erc20_transfer};
use jiff::Timestamp;

use crate::config::AssetRule;
use crate::keys::Keys;
use crate::log::{Line, Log, Verdict};

/// Keys, rules and memory.
pub struct Signer {
    keys: Keys,
    rules: BTreeMap<AssetId, AssetRule>,
    log: Log,
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// For good.
    Declined(DeclineReason),
    /// For now.
    Deferred(DeferReason),
}

impl From<DeclineReason> for Refusal {
    fn from(reason: DeclineReason) -> Self {
        Self::Declined(reason)
    }
}

impl From<DeferReason> for Refusal {
    fn from(reason: DeferReason) -> Self {
        Self::Deferred(reason)
    }
}

impl Signer {
    /// Puts a signer together.
    pub fn new(keys: Keys, rules: BTreeMap<AssetId, AssetRule>, log: Log) -> Self {
        Self { keys, rules, log }
    }

    /// Answers one request.
    pub fn answer(&mut self, request: &Request, now: Timestamp) -> Answer {
        match request {
            Request::Hello => Answer::Hello(self.greeting()),
            Request::Check(request) => self.check(request, now),
            Request::Sign(request) => {
                let answer = match self.log.line(request.payout) {
                    Some(line) => self.repeat(line, request),
                    None => self.decide(request, now),
                };
                told(request, answer)
            }
            Request::Raise(request) => {
                let answer = self.raise(request, now);
                told(request, answer)
            }
        }
    }

    fn greeting(&self) -> Greeting {
        let networks = Network::ALL.into_iter().filter(|network| self.rules.values().any(|rule| rule.network == *network));
        let accounts = networks.map(|network| Account { network, address: self.keys.hot_address().to_string() }).collect();
        Greeting { version: VERSION, accounts }
    }

    /// Judges a payout as [`Self::sign`] would, for whatever slot it will get. Takes `&self`: it leaves no trace.
    fn check(&self, request: &SignRequest, now: Timestamp) -> Answer {
        let verdict = match self.log.line(request.payout) {
            Some(line) => self.repeat(line, &SignRequest { slot: line.request.slot, ..request.clone() }).map(drop),
            None if self.log.is_broken() => Err(DeferReason::LogFailed.into()),
            None => self.judge(request, now),
        };
        match verdict {
            Ok(()) => Answer::WouldSign,
            Err(Refusal::Declined(reason)) => Answer::Declined { reason },
            Err(Refusal::Deferred(reason)) => Answer::Deferred { reason },
        }
    }

    /// Says again what was said the first time. Nothing under the id of a signed payout is declined, be it another request or a line
    /// that no longer makes a transaction: that word would release money whose bytes exist.
    fn repeat(&self, line: &Line, request: &SignRequest) -> Result<SignedBytes, Refusal> {
        let txid = match &line.verdict {
            Verdict::Declined(reason) => return Err((*reason).into()),
            Verdict::Signed { txid } | Verdict::Raised { txid } => txid,
        };
        if !request.asks_the_same_as(&line.request) {
            return Err(DeferReason::SignedOtherwise.into());
        }
        let again = self.bytes(&line.request).map_err(|refusal| match refusal {
            Refusal::Declined(_) => DeferReason::SignedOtherwise,
            Refusal::Deferred(reason) => reason,
        })?;
        // The id covers the signature, so that a line written by somebody else is never signed after the fact.
        if again.txid != *txid {
            return Err(DeferReason::KeyChanged.into());
        }
        Ok(again)
    }

    /// Decides about a payout seen for the first time and writes that down.
    fn decide(&mut self, request: &SignRequest, now: Timestamp) -> Result<SignedBytes, Refusal> {
        let outcome = self.judge_slot(request).and_then(|()| self.judge(request, now)).and_then(|()| self.bytes(request));
        let verdict = match &outcome {
            Ok(signed) => Verdict::Signed { txid: signed.txid.clone() },
            Err(Refusal::Declined(reason)) => Verdict::Declined(*reason),
            Err(Refusal::Deferred(_)) => return outcome,
        };
        self.write(Line { at: now, verdict, request: request.clone() })?;
        outcome
    }

    /// Signs a payout's slot once more, for the same transfer and higher fees within the limit: of all that was ever signed for a slot the
    /// chain takes one. What does not raise the fees enough gets the bytes of the last time, so a lost answer can be asked for again.
    fn raise(&mut self, request: &SignRequest, now: Timestamp) -> Result<SignedBytes, Refusal> {
        let line = self.log.last_line(request.payout).ok_or(DeferReason::NeverSigned)?;
        if matches!(line.verdict, Verdict::Declined(_)) {
            return Err(DeferReason::NeverSigned.into());
        }
        let last = self.repeat(line, request)?;
        if request.fees.gas_limit != line.request.fees.gas_limit || !request.fees.replace(&line.request.fees) {
            return Ok(last);
        }
        if !self.rules.get(&request.asset).is_some_and(|rule| is_fee_within(request, rule)) {
            return Err(DeferReason::OverFeeLimit.into());
        }
        let signed = self.bytes(request).map_err(|_| DeferReason::KeyChanged)?;
        let verdict = Verdict::Raised { txid: signed.txid.clone() };
        self.write(Line { at: now, verdict, request: request.clone() })?;
        Ok(signed)
    }

    fn write(&mut self, line: Line) -> Result<(), DeferReason> {
        self.log.append(line).map_err(|error| {
            tracing::error!(%error, "nothing is signed any more until a restart");
            DeferReason::LogFailed
        })
    }

    fn judge_slot(&self, request: &SignRequest) -> Result<(), Refusal> {
        match self.log.slot_owner(request.chain_id, request.slot) {
            Some(_) => Err(DeclineReason::SlotTaken.into()),
            None => Ok(()),
        }
    }

    /// Checks everything but the slot. What may pass by itself is asked last, so that a payout waits only when it could be signed one day.
    fn judge(&self, request: &SignRequest, now: Timestamp) -> Result<(), Refusal> {
        let rule = self.rules.get(&request.asset).ok_or(DeclineReason::AssetNotConfigured)?;
        if request.network != rule.network {
            return Err(DeclineReason::OtherNetwork.into());
        }
        if request.chain_id != rule.chain_id {
            return Err(DeclineReason::OtherChain.into());
        }
        let contract = request.contract.as_deref().map(str::parse).transpose().map_err(|_| DeclineReason::OtherContract)?;
        if contract != rule.contract {
            return Err(DeclineReason::OtherContract.into());
        }
        let to = destination(request)?;
        if to == Address::ZERO || to == self.keys.hot_address() || Some(to) == rule.contract {
            return Err(DeclineReason::DestinationForbidden.into());
        }
        if request.units == 0 {
            return Err(DeclineReason::NothingToSend.into());
        }
        if request.units > rule.payout_units_max {
            return Err(DeclineReason::OverPayoutLimit.into());
        }

        if !is_fee_within(request, rule) {
            return Err(DeferReason::OverFeeLimit.into());
        }
        if self.log.units_signed_today(request.asset, now).saturating_add(request.units) > rule.day_units_max {
            return Err(DeferReason::OverDayLimit.into());
        }
        Ok(())
    }

    fn bytes(&self, request: &SignRequest) -> Result<SignedBytes, Refusal> {
        let signed = self.keys.sign(transaction(request)?).map_err(|_| DeferReason::KeyChanged)?;
        Ok(SignedBytes { txid: signed.txid.to_string(), bytes: hex::encode_prefixed(signed.bytes) })
    }
}

/// Says whether a payout costs no more than its asset's limit, and the tip no more than the whole.
fn is_fee_within(request: &SignRequest, rule: &AssetRule) -> bool {
    let is_within = request.fees.cost_max().is_some_and(|cost| cost <= rule.fee_units_max);
    is_within && request.fees.max_priority_fee_per_gas <= request.fees.max_fee_per_gas
}

/// Says what came of a request, to the caller and in the log for people.
fn told(request: &SignRequest, answer: Result<SignedBytes, Refusal>) -> Answer {
    match answer {
        Ok(signed) => {
            tracing::info!(payout.id = %request.payout, txid = signed.txid, "signed");
            Answer::Signed(signed)
        }
        Err(Refusal::Declined(reason)) => {
            tracing::warn!(payout.id = %request.payout, %reason, "declined");
            Answer::Declined { reason }
        }
        Err(Refusal::Deferred(reason)) => {
            tracing::warn!(payout.id = %request.payout, %reason, "deferred");
            Answer::Deferred { reason }
        }
    }
}

fn destination(request: &SignRequest) -> Result<Address, DeclineReason> {
    let destination = Destination::parse(request.network, &request.to, None).map_err(|_| DeclineReason::AddressRejected)?;
    destination.address().parse().map_err(|_| DeclineReason::AddressRejected)
}

/// Returns the one transaction a request means (EIP-1559, no access list).
fn transaction(request: &SignRequest) -> Result<TxEip1559, DeclineReason> {
    let to = destination(request)?;
    let contract: Option<Address> = request.contract.as_deref().map(str::parse).transpose().map_err(|_| DeclineReason::OtherContract)?;
    let (callee, value, input) = match contract {
        None => (to, U256::from(request.units), Bytes::new()),
        Some(contract) => (contract, U256::ZERO, Bytes::from(erc20_transfer(to.into_array(), request.units))),
    };
    Ok(TxEip1559 {
        chain_id: request.chain_id,
        nonce: request.slot,
        gas_limit: request.fees.gas_limit,
        max_fee_per_gas: request.fees.max_fee_per_gas,
        max_priority_fee_per_gas: request.fees.max_priority_fee_per_gas,
        to: TxKind::Call(callee),
        value,
        input,
        ..TxEip1559::default()
    })
}

#[cfg(test)]
mod tests;
