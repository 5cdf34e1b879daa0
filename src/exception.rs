//! Exceptions: in which ways a payment differs from its invoice. Says what is, decides nothing ([`crate::policy`] does).

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::invoice::{Deposit, Invoice, InvoiceStatus};
use crate::money::{Amount, MoneyError};

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
    /// After the invoice was already resolved.
    PostResolution,
}

impl Flag {
    /// All flags, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Under, Self::Over, Self::Late, Self::Multi, Self::PostResolution];

    /// Returns the name on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Under => "under",
            Self::Over => "over",
            Self::Late => "late",
            Self::Multi => "multi",
            Self::PostResolution => "post_resolution",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Under => 1,
            Self::Over => 2,
            Self::Late => 4,
            Self::Multi => 8,
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

/// The rule that judges a payment: the first that applies, in the order late, under, over (requirements 3.1). What came in
/// time fills the invoice first: where that suffices, what came late is surplus and the over rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Exactly what was asked for, in time.
    Clean,
    /// The late rule.
    Late,
    /// The under rule.
    Under,
    /// The over rule.
    Over,
}

/// What is known of the final deposits that wait for a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classification {
    /// In which ways they differ from what the invoice still asks for.
    pub flags: Flags,
    /// Which rule judges them.
    pub ruling: Ruling,
    /// What they add up to.
    pub received: Amount,
    /// What the invoice still asks for: all of it, or nothing once it was resolved.
    pub due: Amount,
}

/// Classifies the final, not yet judged deposits of an invoice; `None` when there are none.
///
/// Whether more may come (an open invoice, a deposit that is not final) is [`crate::invoice::step`]'s question.
///
/// # Errors
/// `TooLarge` when the sum leaves the range of amounts.
pub fn classify(invoice: &Invoice, deposits: &[Deposit]) -> Result<Option<Classification>, MoneyError> {
    let waiting: Vec<&Deposit> = deposits.iter().filter(|deposit| deposit.is_final() && !deposit.is_judged).collect();
    if waiting.is_empty() {
        return Ok(None);
    }
    let zero = Amount::zero(invoice.charged.asset);
    let received = waiting.iter().try_fold(zero, |sum, deposit| sum.plus(deposit.amount))?;
    let is_resolved = match invoice.status {
        InvoiceStatus::Pending | InvoiceStatus::Processing => false,
        // An expired invoice that never saw money is still owed all of it; only too late.
        InvoiceStatus::Expired => deposits.iter().any(|deposit| deposit.is_judged),
        InvoiceStatus::Complete | InvoiceStatus::Underpaid | InvoiceStatus::Canceled => true,
    };
    let due = if is_resolved { zero } else { invoice.charged };
    let in_time =
        waiting.iter().filter(|deposit| deposit.seen_at <= invoice.expires_at).try_fold(zero, |sum, deposit| sum.plus(deposit.amount))?;
    let is_late = in_time != received;
    let flags = Flags::default()
        .with(Flag::Under, received.units < due.units)
        .with(Flag::Over, received.units > due.units)
        .with(Flag::Late, is_late)
        .with(Flag::Multi, waiting.len() > 1)
        .with(Flag::PostResolution, is_resolved);
    let ruling = if is_late && (is_resolved || in_time.units < due.units) {
        Ruling::Late
    } else if flags.has(Flag::Under) {
        Ruling::Under
    } else if flags.has(Flag::Over) {
        Ruling::Over
    } else {
        Ruling::Clean
    };
    Ok(Some(Classification { flags, ruling, received, due }))
}

/// One judgement of an invoice whose payment did not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionCase {
    /// Its id.
    pub id: crate::ids::CaseId,
    /// Of which invoice.
    pub invoice: crate::ids::InvoiceId,
    /// Which of the invoice's judgements, counted from 1, clean ones included.
    pub number: u32,
    /// In which ways the payment differed.
    pub flags: Flags,
    /// The policy version that judged it; a later version never judges it again.
    pub policy: crate::ids::PolicyId,
    /// What came in.
    pub received: Amount,
    /// What went to the merchant.
    pub credited: Amount,
    /// What is owed to the payer.
    pub refunded: Amount,
    /// When.
    pub resolved_at: jiff::Timestamp,
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
    }
}
