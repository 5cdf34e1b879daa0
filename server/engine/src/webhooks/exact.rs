//! Exact numbers: amounts as JSON numbers, for the systems that write them so. Their digits go through no float, in neither direction.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The largest power of ten that is read: more than any amount has digits.
const EXPONENT_MAX: usize = 60;

/// A decimal as a JSON number, digit for digit. It never has an exponent, nor zeros at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact(String);

impl Exact {
    /// Reads a decimal, or a JSON number with an exponent; `None` when the text is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, number) = text.strip_prefix('-').map_or(("", text), |number| ("-", number));
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || mantissa.ends_with('.') || !are_digits(whole) || !are_digits(fraction) {
            return None;
        }
        let exponent: i32 = exponent.parse().ok()?;
        let zeros = usize::try_from(exponent.unsigned_abs()).ok().filter(|zeros| *zeros <= EXPONENT_MAX)?;
        let zeros = "0".repeat(zeros);
        // The point moves by that many digits, which are there once the zeros are.
        let (digits, point) = if exponent < 0 {
            (format!("{zeros}{whole}{fraction}"), whole.len())
        } else {
            (format!("{whole}{fraction}{zeros}"), whole.len().checked_add(zeros.len())?)
        };
        let (whole, fraction) = digits.split_at_checked(point)?;
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        Some(Self(match (whole, fraction) {
            ("", "") => "0".to_owned(),
            ("", fraction) => format!("{sign}0.{fraction}"),
            (whole, "") => format!("{sign}{whole}"),
            (whole, fraction) => format!("{sign}{whole}.{fraction}"),
        }))
    }

    /// Returns nought.
    #[must_use]
    pub fn zero() -> Self {
        Self("0".to_owned())
    }

    /// Returns its digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get()).ok_or_else(|| D::Error::custom("not a number"))
    }
}

#[cfg(test)]
mod tests {
    use domain::money::{Asset, Network};
    use proptest::prelude::*;

    use super::*;

    fn asset() -> Asset {
        let id = "ETH-ETHEREUM".parse().expect("an id");
        Asset { id, network: Network::Ethereum, decimals: 18, contract: None, finality: 1, dust_units: 0, network_fee_units: 0 }
    }

    #[test]
    fn every_way_to_write_a_number_is_one_number() {
        for text in ["1.5", "1.50", "01.5", "15e-1", "0.15E1", "0.15e+1", "150e-2"] {
            assert_eq!(Exact::parse(text).expect(text).digits(), "1.5", "{text}");
        }
        for (text, digits) in [("0", "0"), ("-0.00", "0"), ("1e3", "1000"), ("1e-07", "0.0000001"), ("-2.50", "-2.5"), ("100", "100")] {
            assert_eq!(Exact::parse(text).expect(text).digits(), digits, "{text}");
        }
        for text in ["", "-", ".5", "1.", "1e", "1e999999999999", "1e61", "0x1", "NaN", "1 ", "\"1\"", "1,5", "+1"] {
            assert_eq!(Exact::parse(text), None, "{text}");
        }
    }

    proptest! {
        /// C20: what is written as a JSON number is read to the last of 18 decimals, where a float keeps 15 to 17 digits in all.
        #[test]
        fn no_digit_is_lost_on_the_way_out_and_in(units in any::<u128>()) {
            let text = asset().format_units(units);
            let json = serde_json::to_string(&Exact::parse(&text).expect("a decimal")).expect("JSON");
            let read: Exact = serde_json::from_str(&json).expect("a number");
            prop_assert_eq!(Exact::parse(&text), Some(read.clone()));
            if let Ok(amount) = asset().parse_amount(&text) {
                prop_assert_eq!(asset().parse_amount(read.digits()).expect("an amount"), amount);
            }
        }
    }
}
