//! Exceptions: in which ways a payment differs from its invoice. Says what is, decides nothing ([`crate::policy::decide`] does).

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{CaseId, InvoiceId, PolicyId};
use crate::invoice::{Deposit, Invoice, InvoiceStatus, Pricing};
use crate::money::{Amount, Asset, MoneyError};
use crate::policy::{Policy, Why};
use crate::rate::Fiat;

/// One way in which a payment differs from its invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Less than the invoice asks for.
    Under,
    /// More than the invoice asks for.
    Over,
    /// After the invoice expired.
    Late,
    /// In several deposits.
    Multi,
    /// In another asset than the invoice asks for.
    WrongAsset,
    /// Without the tag that says whose it is.
    MissingTag,
    /// From an address that may be sanctioned.
    Risk,
    /// After the invoice was already resolved.
    PostResolution,
}

impl Flag {
    /// All flags, in the order in which they are shown.
    pub const ALL: [Self; 8] =
        [Self::Under, Self::Over, Self::Late, Self::Multi, Self::WrongAsset, Self::MissingTag, Self::Risk, Self::PostResolution];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Under => "under",
            Self::Over => "over",
            Self::Late => "late",
            Self::Multi => "multi",
            Self::WrongAsset => "wrong_asset",
            Self::MissingTag => "missing_tag",
            Self::Risk => "risk",
            Self::PostResolution => "post_resolution",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Under => 1,
            Self::Over => 2,
            Self::Late => 4,
            Self::Multi => 8,
            Self::WrongAsset => 32,
            Self::MissingTag => 64,
            Self::Risk => 128,
            Self::PostResolution => 16,
        }
    }
}

/// A set of flags: a payment can be over *and* late (requirements 3.1).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags(u8);

impl Flags {
    /// Returns the set with one more flag when `holds`.
    #[must_use]
    pub const fn with(self, flag: Flag, holds: bool) -> Self {
        if holds { Self(self.0 | flag.bit()) } else { self }
    }

    /// Returns the set without a flag.
    #[must_use]
    pub const fn without(self, flag: Flag) -> Self {
        Self(self.0 & !flag.bit())
    }

    /// Says whether the flag is in the set.
    #[must_use]
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// Returns everything that is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the flags in the set, in the order of [`Flag::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.has(*flag))
    }

    /// Returns the set as names with commas between them, as in rows.
    #[must_use]
    pub fn to_text(self) -> String {
        self.iter().map(Flag::name).collect::<Vec<_>>().join(",")
    }

    /// Reads what [`Self::to_text`] writes; `None` for an unknown name.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        text.split(',')
            .filter(|name| !name.is_empty())
            .try_fold(Self::default(), |set, name| Flag::ALL.into_iter().find(|flag| flag.name() == name).map(|flag| set.with(flag, true)))
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Flags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flags = Vec::<Flag>::deserialize(deserializer)?;
        Ok(flags.into_iter().fold(Self::default(), |set, flag| set.with(flag, true)))
    }
}

/// The rule that judges a payment: the first that applies, in the order risk, late, under, over (requirements 3.1). What came in
/// time fills the invoice first: where that suffices, what came late is surplus and the over rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// What was asked for, in time.
    Clean,
    /// The operator looks at it first.
    Risk,
    /// The late rule.
    Late,
    /// The under rule.
    Under,
    /// The over rule.
    Over,
}

/// How what came in compares with what is due, the tolerance taken into account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// As much as is due.
    Exact,
    /// Less.
    Under,
    /// More.
    Over,
}

/// What is known of the final deposits that wait for a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classification {
    /// In which ways they differ from what the invoice still asks for.
    pub flags: Flags,
    /// Which rule judges them.
    pub ruling: Ruling,
    /// How their sum compares with what is due.
    pub difference: Difference,
    /// What they add up to.
    pub received: Amount,
    /// What the invoice still asks for: all of it, or nothing once it was resolved.
    pub due: Amount,
}

/// Classifies the final, not yet judged deposits of an invoice in its own asset; `None` when there are none.
///
/// Whether more may come (an open invoice, a deposit that is not final) is [`crate::invoice::step`]'s question.
///
/// # Errors
/// `TooLarge` when the sum leaves the range of amounts.
pub fn classify(invoice: &Invoice, deposits: &[Deposit], policy: &Policy, asset: &Asset) -> Result<Option<Classification>, MoneyError> {
    let own = |deposit: &&Deposit| deposit.amount.asset == invoice.charged.asset;
    let waiting: Vec<&Deposit> = deposits.iter().filter(own).filter(|deposit| deposit.is_final() && !deposit.is_judged).collect();
    if waiting.is_empty() {
        return Ok(None);
    }
    let zero = Amount::zero(invoice.charged.asset);
    let received = waiting.iter().try_fold(zero, |sum, deposit| sum.plus(deposit.amount))?;
    let is_resolved = match invoice.status {
        InvoiceStatus::Pending | InvoiceStatus::Processing => false,
        // An expired invoice that never saw money is still owed all of it; only too late.
        InvoiceStatus::Expired => deposits.iter().filter(own).any(|deposit| deposit.is_judged),
        InvoiceStatus::Complete | InvoiceStatus::Underpaid | InvoiceStatus::Canceled => true,
    };
    let due = if is_resolved { zero } else { invoice.charged };
    let deadline = in_time_until(invoice, deposits, policy);
    let in_time = waiting.iter().filter(|deposit| deposit.seen_at <= deadline).try_fold(zero, |sum, deposit| sum.plus(deposit.amount))?;
    let tolerance = tolerated(invoice, due, policy, asset)?;
    let difference = compare(received, due, tolerance);
    let is_late = in_time != received;
    let is_filled_in_time = compare(in_time, due, tolerance) != Difference::Under;
    let is_risky = waiting.iter().any(|deposit| deposit.is_risky);
    let flags = Flags::default()
        .with(Flag::Under, difference == Difference::Under)
        .with(Flag::Over, difference == Difference::Over)
        .with(Flag::Late, is_late)
        .with(Flag::Multi, waiting.len() > 1)
        .with(Flag::Risk, is_risky)
        .with(Flag::PostResolution, is_resolved);
    let ruling = if is_risky {
        Ruling::Risk
    } else if is_late && (is_resolved || !is_filled_in_time) {
        Ruling::Late
    } else {
        match difference {
            Difference::Under => Ruling::Under,
            Difference::Over => Ruling::Over,
            Difference::Exact => Ruling::Clean,
        }
    };
    Ok(Some(Classification { flags, ruling, difference, received, due }))
}

/// Returns the last moment at which a payment of this invoice is in time: its end, the MID's grace after it, and for the rest of
/// a part payment the time to top up (odd case 4).
#[must_use]
pub fn in_time_until(invoice: &Invoice, deposits: &[Deposit], policy: &Policy) -> Timestamp {
    let grace = match invoice.pricing {
        Pricing::Fiat => policy.late_grace.fiat,
        Pricing::Coin => policy.late_grace.coin,
    };
    let end = grace.after(invoice.expires_at);
    let is_part = |deposit: &Deposit| deposit.amount.asset == invoice.charged.asset && deposit.counts() && deposit.seen_at <= end;
    let has_part = deposits.iter().any(is_part);
    if has_part { end.max(policy.topup_until.after(invoice.expires_at)) } else { end }
}

/// Returns up to which difference a payment counts as exact.
fn tolerated(invoice: &Invoice, due: Amount, policy: &Policy, asset: &Asset) -> Result<Amount, MoneyError> {
    let percent = due.percent(policy.tolerance.percent)?;
    let own = policy.tolerance.absolute.of(invoice.billed.currency).filter(|own| !own.is_zero() && !due.is_zero());
    let Some(own) = own else { return Ok(percent) };
    let absolute = invoice.rate.coins_for(Fiat { amount: own, currency: invoice.billed.currency }, asset)?;
    Ok(if absolute.units > percent.units { absolute } else { percent })
}

const fn compare(received: Amount, due: Amount, tolerance: Amount) -> Difference {
    if received.units.abs_diff(due.units) <= tolerance.units {
        Difference::Exact
    } else if received.units < due.units {
        Difference::Under
    } else {
        Difference::Over
    }
}

/// One judgement of an invoice whose payment did not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionCase {
    /// Its id; that of its deposit where it is about one that went into suspense.
    pub id: CaseId,
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// Which of the invoice's judgements, counted from 1, clean ones included.
    pub number: u32,
    /// In which ways the payment differed.
    pub flags: Flags,
    /// The policy version that judged it; a later version never judges it again.
    pub policy: PolicyId,
    /// What came in.
    pub received: Amount,
    /// What went to the merchant.
    pub credited: Amount,
    /// What is owed to the payer.
    pub refunded: Amount,
    /// What was too little to be worth a refund.
    pub residual: Amount,
    /// Where it stands.
    pub state: CaseState,
    /// When it came to stand there.
    pub at: Timestamp,
}

impl ExceptionCase {
    /// Says whether a person has to decide it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.state {
            CaseState::Manual(_) => true,
            CaseState::Credited | CaseState::Split | CaseState::Refunded | CaseState::Dust | CaseState::Attributed | CaseState::Void => {
                false
            }
        }
    }
}

/// Where a case stands (requirements 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// A person decides; the money is held.
    Manual(Why),
    /// All of it went to the merchant.
    Credited,
    /// Part went to the merchant, part goes back.
    Split,
    /// All of it goes back.
    Refunded,
    /// It was too little to be worth a refund.
    Dust,
    /// It is a payment of another invoice: a person said of which.
    Attributed,
    /// Its payments vanished from the chain.
    Void,
}

impl CaseState {
    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual(_) => "manual",
            Self::Credited => "credited",
            Self::Split => "split",
            Self::Refunded => "refunded",
            Self::Dust => "dust",
            Self::Attributed => "attributed",
            Self::Void => "void",
        }
    }

    /// Returns the state of a name; `why` is needed for `manual` alone.
    #[must_use]
    pub fn from_name(name: &str, why: Option<&str>) -> Option<Self> {
        match name {
            "manual" => Why::ALL.into_iter().find(|reason| Some(reason.name()) == why).map(Self::Manual),
            "credited" => Some(Self::Credited),
            "split" => Some(Self::Split),
            "refunded" => Some(Self::Refunded),
            "dust" => Some(Self::Dust),
            "attributed" => Some(Self::Attributed),
            "void" => Some(Self::Void),
            _ => None,
        }
    }

    /// Returns why a person decides.
    #[must_use]
    pub const fn why(self) -> Option<Why> {
        match self {
            Self::Manual(why) => Some(why),
            Self::Credited | Self::Split | Self::Refunded | Self::Dust | Self::Attributed | Self::Void => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_survive_text() {
        let set = Flags::default().with(Flag::Over, true).with(Flag::Late, true);
        assert_eq!(Flags::from_text(&set.to_text()), Some(set));
        assert_eq!(set.to_text(), "over,late");
        assert_eq!(Flags::from_text(""), Some(Flags::default()));
        assert_eq!(Flags::from_text("over,odd"), None);
        for flag in Flag::ALL {
            let only = Flags::default().with(flag, true);
            assert_eq!(only.iter().collect::<Vec<_>>(), [flag], "every flag is a bit of its own");
            assert_eq!(Flags::from_text(flag.name()), Some(only));
            assert_eq!(only.with(flag, false), only, "a flag that does not hold takes none away");
            assert_eq!((only.without(flag), set.without(flag).has(flag)), (Flags::default(), false));
        }
    }

    #[test]
    fn only_a_case_that_waits_for_a_person_says_why() {
        for why in Why::ALL {
            let state = CaseState::Manual(why);
            assert_eq!(state.why(), Some(why));
            assert_eq!(CaseState::from_name(state.name(), Some(why.name())), Some(state));
        }
        assert_eq!(CaseState::from_name("manual", None), None);
        assert_eq!(CaseState::from_name("manual", Some("odd")), None);
        assert_eq!(CaseState::from_name("odd", None), None);
        for state in [CaseState::Credited, CaseState::Split, CaseState::Refunded, CaseState::Dust, CaseState::Attributed, CaseState::Void] {
            assert_eq!((CaseState::from_name(state.name(), None), state.why()), (Some(state), None));
        }
    }
}
