//! Numbers as they are written: dialects that put amounts into JSON numbers get and give every digit, and none goes through a float.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The largest exponent that is written out: more digits than any amount has.
const EXPONENT_MAX: u32 = 40;

/// An exact number in JSON. Read leniently: clients write `1`, `1.0`, `"1"` and, for small amounts, `1e-7`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(Box<RawValue>);

impl Number {
    /// Writes a decimal; text that is none becomes `null`.
    pub fn of(decimal: &str) -> Self {
        let is_number = decimal.parse::<serde_json::Number>().is_ok();
        let text = if is_number { decimal } else { "null" };
        Self(RawValue::from_string(text.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// Returns the plain decimal: digits, and a point where there is a fraction. Nothing for what is no number, or is below zero.
    pub fn decimal(&self) -> Option<String> {
        let written = self.0.get().trim();
        if written.starts_with('"') { plain(serde_json::from_str::<String>(written).ok()?.trim()) } else { plain(written) }
    }
}

/// Writes an exponent out and drops zeros that say nothing.
fn plain(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent: i32 = exponent.parse().ok()?;
    if !is_digits(whole) || !is_digits(fraction) || exponent.unsigned_abs() > EXPONENT_MAX {
        return None;
    }
    let shift = usize::try_from(exponent.unsigned_abs()).ok()?;
    let zeros = "0".repeat(shift);
    let (whole, fraction) = if exponent < 0 {
        let digits = format!("{zeros}{whole}");
        let (whole, below) = digits.split_at(digits.len().checked_sub(shift)?);
        (whole.to_owned(), format!("{below}{fraction}"))
    } else {
        let digits = format!("{fraction}{zeros}");
        let (above, fraction) = digits.split_at(shift);
        (format!("{whole}{above}"), fraction.to_owned())
    };
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use domain::money::{format_units, parse_units};
    use proptest::prelude::*;

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Body {
        amount: Number,
    }

    fn read(json: &str) -> Option<String> {
        serde_json::from_str::<Body>(&format!("{{\"amount\":{json}}}")).expect("JSON").amount.decimal()
    }

    #[test]
    fn numbers_are_read_as_clients_write_them() {
        for (json, decimal) in [
            ("10", "10"),
            ("10.00", "10"),
            ("\"10.50\"", "10.5"),
            ("1e-7", "0.0000001"),
            ("1.5E+3", "1500"),
            ("12.345e1", "123.45"),
            ("0.1", "0.1"),
            ("0", "0"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            assert_eq!(read(json).as_deref(), Some(decimal), "{json}");
        }
        for json in ["-1", "\"\"", "\"1,5\"", "true", "null", "[1]", "1e99", "\"0x10\"", "\"1e\""] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    proptest! {
        /// BP-08, BP-09: 18 decimals are more than a float holds; every unit arrives, written plainly or by an exponent.
        #[test]
        fn no_amount_loses_a_unit(units in 0_u128..=99_999_999_999_999_999_999_999_999_999, decimals in 0_u8..=18) {
            let decimal = format_units(units, decimals);
            let json = serde_json::to_string(&Body { amount: Number::of(&decimal) }).expect("JSON");
            prop_assert_eq!(&json, &format!("{{\"amount\":{decimal}}}"));
            let again = serde_json::from_str::<Body>(&json).expect("JSON").amount.decimal().expect("a number");
            prop_assert_eq!(parse_units(&again, decimals), Ok(units));
            let by_exponent = read(&format!("{units}e-{decimals}")).expect("a number");
            prop_assert_eq!(parse_units(&by_exponent, decimals), Ok(units));
        }
    }
}
