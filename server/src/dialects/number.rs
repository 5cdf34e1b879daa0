//! Amounts as clients write them: `1`, `1.0`, `"1"` and, when they are small, `1e-7`. Their digits go through no float.

use engine::webhooks::Exact;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A number of a request, as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Number(Box<RawValue>);

impl Number {
    /// Returns the plain decimal: digits, and a point where there is a fraction. Nothing for what is no number, or is below zero.
    pub fn decimal(&self) -> Option<String> {
        let written = self.0.get();
        let text = if written.starts_with('"') { serde_json::from_str::<String>(written).ok()? } else { written.to_owned() };
        let digits = Exact::parse(text.trim())?.digits().to_owned();
        Some(digits).filter(|digits| !digits.starts_with('-'))
    }
}

#[cfg(test)]
mod tests {
    use domain::money::{format_units, parse_units};
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize)]
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
        /// BP-08, BP-09: 18 decimals are more than a float holds; every unit arrives, written plainly, as text or by an exponent.
        #[test]
        fn no_amount_loses_a_unit(units in 0_u128..=99_999_999_999_999_999_999_999_999_999, decimals in 0_u8..=18) {
            let decimal = format_units(units, decimals);
            for json in [decimal.clone(), format!("\"{decimal}\""), format!("{units}e-{decimals}")] {
                prop_assert_eq!(parse_units(&read(&json).expect("a number"), decimals), Ok(units), "{}", json);
            }
        }
    }
}
