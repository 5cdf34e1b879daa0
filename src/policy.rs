//! Policy: what a MID wants done with payments that do not match. Per scenario, as the payer's money allows (TX-01, BV-03).

use core::fmt;
use core::str::FromStr;

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::claim::{FieldError, FieldErrors};
use crate::exception::{Classification, Ruling};
use crate::ids::{MidId, PolicyId};
use crate::money::{Amount, MoneyError};

/// What to do with too much money (TX-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOver {
    /// Keep everything for the merchant.
    CreditAll,
    /// Keep the price, give back the extra (BV-05).
    SettleAndRefundExcess,
    /// Accept nothing, give everything back.
    RefundAll,
}

/// What to do with too little money (TX-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnder {
    /// Accept what was sent.
    CreditAll,
    /// Accept nothing, give everything back (BV-06).
    RefundAll,
}

/// What to do with money that came after the invoice expired (TX-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLate {
    /// Accept it.
    CreditAll,
    /// Accept nothing, give everything back (BV-07).
    RefundAll,
}

/// Who pays the network's fee for a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeBearer {
    /// The fee is taken from the refund (BV-08).
    Payer,
}

/// A MID's rules. A case keeps the version that judged it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Too much money.
    pub on_over: OnOver,
    /// Too little money.
    pub on_under: OnUnder,
    /// Money after the invoice expired.
    pub on_late: OnLate,
    /// How long a claim link lives: 1 to 365 days (TX-09, BV-09).
    pub claim_ttl: Period,
    /// How long a confirmed refund waits before it is sent: 0 to 30 days (CP-09).
    pub security_delay: Period,
    /// Who pays the network's fee.
    pub fee_bearer: FeeBearer,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            on_over: OnOver::SettleAndRefundExcess,
            on_under: OnUnder::RefundAll,
            on_late: OnLate::RefundAll,
            claim_ttl: Period(Span::new().days(90)),
            security_delay: Period(Span::new().hours(72)),
            fee_bearer: FeeBearer::Payer,
        }
    }
}

impl Policy {
    /// Checks the limits of every setting.
    ///
    /// # Errors
    /// One entry per setting outside its limits.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if !self.claim_ttl.is_within_days(1, 365) {
            errors.push(FieldError::new("claim_ttl", "out_of_range", "choose 1 to 365 days, such as P90D"));
        }
        if !self.security_delay.is_within_days(0, 30) {
            errors.push(FieldError::new("security_delay", "out_of_range", "choose 0 to 30 days, such as PT72H"));
        }
        errors.into_result()
    }
}

/// One version of a MID's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Its id.
    pub id: PolicyId,
    /// Whose.
    pub mid: MidId,
    /// Counted from 1 per MID.
    pub number: u32,
    /// What it says.
    pub policy: Policy,
    /// Since when.
    pub created_at: Timestamp,
}

/// What happens to the money of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Goes to the merchant.
    pub credit: Amount,
    /// Is owed to the payer.
    pub refund: Amount,
    /// Whether the invoice counts as paid.
    pub is_accepted: bool,
}

/// Decides what happens to classified money. `credit + refund` is always what was received.
///
/// # Errors
/// Never in practice: the sums were formed by [`crate::exception::classify`].
pub fn decide(class: &Classification, policy: &Policy) -> Result<Decision, MoneyError> {
    let zero = Amount::zero(class.received.asset);
    let keep = Decision { credit: class.received, refund: zero, is_accepted: true };
    let give_back = Decision { credit: zero, refund: class.received, is_accepted: false };
    Ok(match class.ruling {
        Ruling::Clean => keep,
        Ruling::Late => match policy.on_late {
            OnLate::CreditAll => keep,
            OnLate::RefundAll => give_back,
        },
        Ruling::Under => match policy.on_under {
            OnUnder::CreditAll => keep,
            OnUnder::RefundAll => give_back,
        },
        Ruling::Over => match policy.on_over {
            OnOver::CreditAll => keep,
            OnOver::SettleAndRefundExcess => Decision { credit: class.due, refund: class.received.minus(class.due)?, is_accepted: true },
            OnOver::RefundAll => give_back,
        },
    })
}

/// A length of time as ISO 8601 writes it, calendar-true: `P3M` after 14 October is 14 January (requirements C13).
#[derive(Clone, Copy)]
pub struct Period(Span);

impl Period {
    /// Returns a period of whole hours.
    #[must_use]
    pub fn hours(hours: i32) -> Self {
        Self(Span::new().hours(hours))
    }

    /// Returns a period of whole days.
    #[must_use]
    pub fn days(days: i32) -> Self {
        Self(Span::new().days(days))
    }

    /// Returns the instant this long after `start`, counted in UTC; the last instant there is when it lies beyond.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Timestamp {
        start.to_zoned(TimeZone::UTC).checked_add(self.0).map_or(Timestamp::MAX, |end| end.timestamp())
    }

    fn is_within_days(self, min: i32, max: i32) -> bool {
        let start = Timestamp::UNIX_EPOCH;
        !self.0.is_negative() && self.after(start) >= Self::days(min).after(start) && self.after(start) <= Self::days(max).after(start)
    }
}

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        self.0.fieldwise() == other.0.fieldwise()
    }
}

impl Eq for Period {}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Period {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("write a length of time as P90D, P3M or PT72H"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_calendar_true() {
        let start: Timestamp = "2024-10-14T07:36:00Z".parse().expect("an instant");
        let after = |text: &str| text.parse::<Period>().expect("a period").after(start).to_string();
        assert_eq!(after("P3M"), "2025-01-14T07:36:00Z");
        assert_eq!(after("P90D"), "2025-01-12T07:36:00Z");
        assert_eq!(after("PT72H"), "2024-10-17T07:36:00Z");
    }

    #[test]
    fn limits_are_checked() {
        let policy = |ttl: &str, delay: &str| Policy {
            claim_ttl: ttl.parse().expect("a period"),
            security_delay: delay.parse().expect("a period"),
            ..Policy::default()
        };
        assert_eq!(policy("P90D", "PT72H").check(), Ok(()));
        assert_eq!(policy("P3M", "PT0S").check(), Ok(()));
        assert!(policy("PT1H", "PT72H").check().is_err());
        assert!(policy("P2Y", "PT72H").check().is_err());
        assert!(policy("P90D", "P31D").check().is_err());
        assert!(policy("P90D", "-PT1H").check().is_err());
    }
}
