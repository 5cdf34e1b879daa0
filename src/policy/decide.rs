//! What a policy makes of one payment. Pure: the same inputs give the same answer live and in a simulation.

use crate::exception::{Classification, Difference, Ruling};
use crate::invoice::Invoice;
use crate::money::{Amount, Asset, MoneyError};
use crate::policy::{OnLate, OnOver, OnUnder, Policy};
use crate::rate::{Fiat, Rate};

/// What is known beside the payment itself.
#[derive(Clone, Copy, Debug)]
pub struct Judging<'j> {
    /// The rules.
    pub policy: &'j Policy,
    /// What the invoice is paid in.
    pub asset: &'j Asset,
    /// The price of a coin now; nothing when no rate source answers.
    pub rate_now: Option<Rate>,
    /// Whether the operator suspended the MID: then nothing is decided by rule.
    pub is_suspended: bool,
}

/// What happens to the money of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Goes to the merchant.
    pub credit: Amount,
    /// Is owed to the payer.
    pub refund: Amount,
    /// Is too little to be worth a refund and kept apart (P18).
    pub residual: Amount,
    /// Whether the invoice counts as paid.
    pub is_accepted: bool,
}

/// What a policy says to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This happens to the money.
    Decided(Decision),
    /// A person decides; until then the money is held.
    Held(Why),
}

/// Why a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The policy says so.
    Policy,
    /// The money may come from a sanctioned address: the operator decides.
    Risk,
    /// The rule needs a rate, and no rate source answers.
    RateUnavailable,
    /// The operator suspended the MID.
    Suspended,
}

impl Why {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::Policy, Self::Risk, Self::RateUnavailable, Self::Suspended];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Risk => "risk",
            Self::RateUnavailable => "rate_unavailable",
            Self::Suspended => "suspended",
        }
    }
}

/// Decides what happens to classified money. `credit + refund + residual` is always what was received.
///
/// # Errors
/// `TooLarge` when a price of that moment leaves the range of amounts.
pub fn decide(invoice: &Invoice, class: &Classification, given: &Judging<'_>) -> Result<Verdict, MoneyError> {
    let split = match class.ruling {
        Ruling::Risk => return Ok(Verdict::Held(Why::Risk)),
        Ruling::Clean | Ruling::Late | Ruling::Under | Ruling::Over if given.is_suspended => return Ok(Verdict::Held(Why::Suspended)),
        Ruling::Clean => Split::Keep,
        Ruling::Late => late(invoice, class, given)?,
        Ruling::Under => under(invoice, class, given)?,
        Ruling::Over => over(class, given.policy),
    };
    match split {
        Split::Held(why) => Ok(Verdict::Held(why)),
        Split::Keep | Split::GiveBack | Split::Settle(_) => split_up(invoice, class, given, split).map(Verdict::Decided),
    }
}

/// How a person decides a case that was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// All of it to the merchant.
    Keep,
    /// All of it to the payer.
    GiveBack,
    /// The price to the merchant, the rest to the payer.
    Settle(Amount),
    /// A person decides.
    Held(Why),
}

/// Turns a split into amounts; what is below the floor goes to neither side.
pub(crate) fn split_up(invoice: &Invoice, class: &Classification, given: &Judging<'_>, split: Split) -> Result<Decision, MoneyError> {
    let zero = Amount::zero(class.received.asset);
    let (credit, rest, is_accepted) = match split {
        Split::Keep | Split::Held(_) => (class.received, zero, true),
        Split::GiveBack => (zero, class.received, false),
        Split::Settle(price) => {
            let credit = if price.units < class.received.units { price } else { class.received };
            (credit, class.received.minus(credit)?, true)
        }
    };
    let is_worth_it = rest.units >= floor(invoice, given)?.units;
    let (refund, residual) = if is_worth_it { (rest, zero) } else { (zero, rest) };
    Ok(Decision { credit, refund, residual, is_accepted })
}

/// Returns the least that is worth a refund: what the asset can move at all, or the MID's own floor.
fn floor(invoice: &Invoice, given: &Judging<'_>) -> Result<Amount, MoneyError> {
    let least = given.asset.units(given.asset.dust_units);
    let Some(own) = given.policy.claim_floor.of(invoice.billed.currency).filter(|own| !own.is_zero()) else { return Ok(least) };
    let own = invoice.rate.coins_for(Fiat { amount: own, currency: invoice.billed.currency }, given.asset)?;
    Ok(if own.units > least.units { own } else { least })
}

fn over(class: &Classification, policy: &Policy) -> Split {
    match policy.on_over {
        OnOver::CreditAll => Split::Keep,
        OnOver::SettleAndRefundExcess => Split::Settle(class.due),
        OnOver::RefundAll => Split::GiveBack,
        OnOver::Hold => Split::Held(Why::Policy),
    }
}

fn under(invoice: &Invoice, class: &Classification, given: &Judging<'_>) -> Result<Split, MoneyError> {
    Ok(match given.policy.on_under {
        OnUnder::CreditAll => Split::Keep,
        OnUnder::Recalc => recalculated(invoice, class, given)?,
        OnUnder::RefundAll => Split::GiveBack,
        OnUnder::Hold => Split::Held(Why::Policy),
    })
}

fn late(invoice: &Invoice, class: &Classification, given: &Judging<'_>) -> Result<Split, MoneyError> {
    // Nothing is due any more: late money cannot be a late payment of something.
    let is_owed = !class.due.is_zero();
    Ok(match given.policy.on_late {
        OnLate::CreditAll => Split::Keep,
        OnLate::RefundAll => Split::GiveBack,
        OnLate::Hold => Split::Held(Why::Policy),
        OnLate::Recalc | OnLate::AcceptIfRateWithin if !is_owed => Split::GiveBack,
        OnLate::Recalc => recalculated(invoice, class, given)?,
        OnLate::AcceptIfRateWithin => match given.rate_now {
            None => Split::Held(Why::RateUnavailable),
            Some(now) if now.drift_percent(invoice.rate).is_none_or(|drift| drift > given.policy.late_rate_drift) => Split::GiveBack,
            Some(_) => match class.difference {
                Difference::Exact => Split::Keep,
                Difference::Under => under(invoice, class, given)?,
                Difference::Over => over(class, given.policy),
            },
        },
    })
}

/// Works the price out again: what covers it is accepted, the rest goes back.
fn recalculated(invoice: &Invoice, class: &Classification, given: &Judging<'_>) -> Result<Split, MoneyError> {
    let Some(rate) = given.rate_now else { return Ok(Split::Held(Why::RateUnavailable)) };
    let price = rate.coins_for(invoice.billed, given.asset)?;
    Ok(if class.received.units >= price.units { Split::Settle(price) } else { Split::GiveBack })
}
