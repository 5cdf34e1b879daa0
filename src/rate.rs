//! Fiat amounts and rates: what a coin amount is worth in the invoice's currency. Rates never decide how many coins a
//! payer gets back; they price invoices and are shown beside amounts.

use core::fmt;
use core::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::{Amount, Asset, MoneyError};

/// An ISO 4217 currency code such as `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Returns the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| MoneyError::UnknownCurrency)?;
        if bytes.iter().all(u8::is_ascii_uppercase) { Ok(Self(bytes)) } else { Err(MoneyError::UnknownCurrency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount of a currency, at two decimals when shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fiat {
    /// How much.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl Fiat {
    /// Parses a positive amount with at most two decimals.
    ///
    /// # Errors
    /// `NotANumber`, `TooManyDecimals` or `TooLarge`.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let cents = crate::money::parse_units(text, 2)?;
        let cents = i64::try_from(cents).map_err(|_| MoneyError::TooLarge)?;
        Ok(Self { amount: Decimal::new(cents, 2), currency })
    }
}

/// The price of one coin in an invoice's currency: 0.9890991 USD for 1 USDT (TX-11, `exchangeRate`). Always positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(Decimal);

impl Rate {
    /// Takes a positive price.
    ///
    /// # Errors
    /// `NotANumber` for zero and below.
    pub fn new(price: Decimal) -> Result<Self, MoneyError> {
        if price > Decimal::ZERO { Ok(Self(price)) } else { Err(MoneyError::NotANumber) }
    }

    /// Returns the price.
    #[must_use]
    pub const fn price(self) -> Decimal {
        self.0
    }

    /// Returns by how many percent this price differs from another one; `None` when the number does not fit a Decimal.
    #[must_use]
    pub fn drift_percent(self, from: Self) -> Option<Decimal> {
        self.0.checked_sub(from.0)?.abs().checked_mul(Decimal::ONE_HUNDRED)?.checked_div(from.0)
    }

    /// Returns how many coins pay a bill, rounded up to the asset's smallest unit so that paying what was asked always suffices.
    ///
    /// # Errors
    /// `TooLarge` when the result does not fit, or the asset has more decimals than the calculation can carry exactly.
    pub fn coins_for(self, bill: Fiat, asset: &Asset) -> Result<Amount, MoneyError> {
        let coins = bill.amount.checked_div(self.0).ok_or(MoneyError::TooLarge)?;
        // 28 digits are all a Decimal carries; what lies below the asset's unit is rounded up, what the division cut off lies far below it.
        let rounded = coins.round_dp_with_strategy(u32::from(asset.decimals), RoundingStrategy::AwayFromZero);
        let mut text = rounded.to_string();
        if !text.contains('.') {
            text.push_str(".0");
        }
        if asset.decimals == 0 {
            text.truncate(text.find('.').unwrap_or(text.len()));
        }
        asset.parse_amount(&text)
    }

    /// Returns what coins are worth, rounded half up to cents for show; `None` when the number does not fit a Decimal (then nothing is shown).
    #[must_use]
    pub fn worth(self, amount: Amount, asset: &Asset) -> Option<Decimal> {
        let units = i128::try_from(amount.units).ok()?;
        let coins = Decimal::try_from_i128_with_scale(units, u32::from(asset.decimals)).ok()?;
        let worth = coins.checked_mul(self.0)?;
        let mut cents = worth.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        cents.rescale(2);
        Some(cents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Network;

    fn asset(id: &str, decimals: u8) -> Asset {
        Asset {
            id: id.parse().expect("an id"),
            network: Network::Tron,
            decimals,
            contract: None,
            finality: 1,
            dust_units: 0,
            network_fee_units: 0,
        }
    }

    #[test]
    fn prices_the_txn_invoice() {
        // TX-11: 100.00 USD at 0.9890991 is 101.102104 USDT, rounded up at the sixth decimal.
        let usdt = asset("USDT-TRON", 6);
        let rate = Rate::new("0.9890991".parse().expect("a decimal")).expect("a rate");
        let bill = Fiat::parse("100.00", "USD".parse().expect("a currency")).expect("an amount");
        assert_eq!(rate.coins_for(bill, &usdt), usdt.parse_amount("101.102104"));
        assert_eq!(rate.worth(usdt.parse_amount("48.897896").expect("an amount"), &usdt), Some(Decimal::new(48_36, 2)));
    }

    #[test]
    fn shows_the_bvnk_refund_in_euro() {
        // BV-14: 0.01421 ETH shown as 24.58 EUR.
        let eth = asset("ETH-ETHEREUM", 18);
        let rate = Rate::new("1729.7678".parse().expect("a decimal")).expect("a rate");
        assert_eq!(rate.worth(eth.parse_amount("0.01421").expect("an amount"), &eth), Some(Decimal::new(24_58, 2)));
    }

    #[test]
    fn refuses_what_has_no_price() {
        assert_eq!(Rate::new(Decimal::ZERO), Err(MoneyError::NotANumber));
        let eth = asset("ETH-ETHEREUM", 18);
        let rate = Rate::new(Decimal::ONE).expect("a rate");
        assert_eq!(rate.worth(eth.units(Amount::UNITS_MAX), &eth), None);
    }
}
