//! Amounts per currency: thresholds that mean the same for invoices in euro and in yen.

use core::fmt;
use std::collections::BTreeMap;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::MoneyError;
use crate::rate::{Currency, Fiat};

/// One amount per currency, as in `{"EUR": "500", "USD": "550"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Limits(BTreeMap<Currency, Decimal>);

impl Limits {
    /// Returns the amount for a currency; nothing is said of a currency that is not listed.
    #[must_use]
    pub fn of(&self, currency: Currency) -> Option<Decimal> {
        self.0.get(&currency).copied()
    }

    /// Returns every currency with its amount.
    pub fn each(&self) -> impl Iterator<Item = (Currency, Decimal)> {
        self.0.iter().map(|(currency, amount)| (*currency, *amount))
    }

    /// Says whether `value` lies above. A currency without an amount is above: what was not thought of is looked at.
    #[must_use]
    pub fn is_exceeded_by(&self, value: Fiat) -> bool {
        self.of(value.currency).is_none_or(|limit| value.amount > limit)
    }

    /// Says whether these limits allow no more than `other` ones.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|(currency, limit)| other.of(*currency).is_some_and(|other| *limit <= other))
    }

    /// Says whether all amounts can be amounts.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.0.values().all(|limit| !limit.is_sign_negative() && limit.normalize().scale() <= 2)
    }
}

impl fmt::Display for Limits {
    /// Writes `EUR:500,USD:550`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (currency, amount)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{currency}:{amount}")?;
        }
        Ok(())
    }
}

impl FromStr for Limits {
    type Err = MoneyError;

    /// Reads `EUR:500,USD:550`. A currency that is named twice means nothing.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let mut limits = BTreeMap::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (currency, amount) = part.split_once(':').ok_or(MoneyError::NotANumber)?;
            let amount = amount.parse().map_err(|_| MoneyError::NotANumber)?;
            if limits.insert(currency.parse()?, amount).is_some() {
                return Err(MoneyError::UnknownCurrency);
            }
        }
        Ok(Self(limits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_that_is_not_listed_is_above() {
        let limits: Limits = "EUR:500,USD:550.50".parse().expect("limits");
        let value = |text: &str, currency: &str| Fiat::parse(text, currency.parse().expect("a currency")).expect("an amount");
        assert!(!limits.is_exceeded_by(value("500", "EUR")));
        assert!(limits.is_exceeded_by(value("500.01", "EUR")));
        assert!(!limits.is_exceeded_by(value("550.50", "USD")));
        assert!(limits.is_exceeded_by(value("0.01", "JPY")));
    }

    #[test]
    fn limits_are_written_as_they_are_read() {
        for text in ["", "EUR:500", "EUR:500,USD:550.50"] {
            assert_eq!(text.parse::<Limits>().expect("limits").to_string(), text);
        }
    }

    #[test]
    fn amounts_have_two_decimals() {
        assert!("EUR:0".parse::<Limits>().expect("limits").is_sound());
        assert!(!"EUR:-1".parse::<Limits>().expect("limits").is_sound());
        assert!(!"EUR:0.001".parse::<Limits>().expect("limits").is_sound());
        assert!("EUR".parse::<Limits>().is_err());
        assert!("EUR:1,EUR:2".parse::<Limits>().is_err(), "which of them?");
    }
}
