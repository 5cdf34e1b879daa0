//! Money: assets, networks and amounts. Amounts are integers in an asset's base units; nothing here rounds.

use core::fmt;
use core::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::rate::Currency;

/// A chain with its own address format.
///
/// Adding a variant stops [`crate::destination`] from compiling until its addresses can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// Arbitrum One, an EVM chain.
    Arbitrum,
    /// Avalanche's C-Chain, an EVM chain.
    Avalanche,
    /// Base, an EVM chain.
    Base,
    /// Bitcoin main net.
    Bitcoin,
    /// BNB Smart Chain, an EVM chain.
    Bsc,
    /// Dogecoin.
    Dogecoin,
    /// Ethereum, or an EVM chain standing in for it.
    Ethereum,
    /// Litecoin.
    Litecoin,
    /// OP Mainnet, an EVM chain.
    Optimism,
    /// Polygon's proof-of-stake chain, an EVM chain.
    Polygon,
    /// Solana.
    Solana,
    /// Stellar; destinations carry a memo.
    Stellar,
    /// The Open Network; destinations carry a comment.
    Ton,
    /// Tron.
    Tron,
    /// XRP Ledger; destinations carry a tag.
    Xrpl,
}

impl Network {
    /// All networks, in the order of their names.
    pub const ALL: [Self; 15] = [
        Self::Arbitrum,
        Self::Avalanche,
        Self::Base,
        Self::Bitcoin,
        Self::Bsc,
        Self::Dogecoin,
        Self::Ethereum,
        Self::Litecoin,
        Self::Optimism,
        Self::Polygon,
        Self::Solana,
        Self::Stellar,
        Self::Ton,
        Self::Tron,
        Self::Xrpl,
    ];

    /// Returns the name in configuration, on the wire and in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arbitrum => "arbitrum",
            Self::Avalanche => "avalanche",
            Self::Base => "base",
            Self::Bitcoin => "bitcoin",
            Self::Bsc => "bsc",
            Self::Dogecoin => "dogecoin",
            Self::Ethereum => "ethereum",
            Self::Litecoin => "litecoin",
            Self::Optimism => "optimism",
            Self::Polygon => "polygon",
            Self::Solana => "solana",
            Self::Stellar => "stellar",
            Self::Ton => "ton",
            Self::Tron => "tron",
            Self::Xrpl => "xrpl",
        }
    }

    /// Returns the name people read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Arbitrum => "Arbitrum",
            Self::Avalanche => "Avalanche",
            Self::Base => "Base",
            Self::Bitcoin => "Bitcoin",
            Self::Bsc => "BNB Smart Chain",
            Self::Dogecoin => "Dogecoin",
            Self::Ethereum => "Ethereum",
            Self::Litecoin => "Litecoin",
            Self::Optimism => "Optimism",
            Self::Polygon => "Polygon",
            Self::Solana => "Solana",
            Self::Stellar => "Stellar",
            Self::Ton => "TON",
            Self::Tron => "Tron",
            Self::Xrpl => "XRP Ledger",
        }
    }

    /// Returns the name people read, with the standard of an asset's tokens: `Tron (TRC20)`.
    #[must_use]
    pub fn title_for(self, symbol: &str) -> String {
        match self.standard_of(symbol) {
            Some(standard) => format!("{} ({standard})", self.title()),
            None => self.title().to_owned(),
        }
    }

    /// Returns about how many milliseconds lie between two blocks (or ledgers, or slots), as the network's own documentation gives it. For
    /// telling people how long to wait; nothing is decided by it.
    #[must_use]
    pub const fn block_millis(self) -> u64 {
        match self {
            Self::Arbitrum => 250,
            Self::Solana => 400,
            Self::Bsc => 750,
            Self::Avalanche | Self::Base | Self::Optimism | Self::Polygon => 2_000,
            Self::Tron => 3_000,
            Self::Xrpl => 4_000,
            Self::Stellar | Self::Ton => 5_000,
            Self::Ethereum => 12_000,
            Self::Dogecoin => 60_000,
            Self::Litecoin => 150_000,
            Self::Bitcoin => 600_000,
        }
    }

    /// Says whether the network speaks Ethereum's protocol.
    #[must_use]
    pub const fn is_evm(self) -> bool {
        match self {
            Self::Arbitrum | Self::Avalanche | Self::Base | Self::Bsc | Self::Ethereum | Self::Optimism | Self::Polygon => true,
            Self::Bitcoin | Self::Dogecoin | Self::Litecoin | Self::Solana | Self::Stellar | Self::Ton | Self::Tron | Self::Xrpl => false,
        }
    }

    /// Returns the token standard that wallets name beside a coin, nothing for a network's own.
    #[must_use]
    pub fn standard_of(self, symbol: &str) -> Option<&'static str> {
        match (self, symbol) {
            (Self::Tron, "TRX")
            | (Self::Arbitrum | Self::Base | Self::Ethereum | Self::Optimism, "ETH")
            | (Self::Avalanche, "AVAX")
            | (Self::Bsc, "BNB")
            | (Self::Polygon, "POL")
            | (Self::Solana, "SOL")
            | (Self::Ton, "TON")
            | (Self::Bitcoin | Self::Dogecoin | Self::Litecoin | Self::Stellar | Self::Xrpl, _) => None,
            (Self::Tron, _) => Some("TRC20"),
            (Self::Bsc, _) => Some("BEP-20"),
            (Self::Solana, _) => Some("SPL"),
            (Self::Ton, _) => Some("Jetton"),
            (Self::Arbitrum | Self::Avalanche | Self::Base | Self::Ethereum | Self::Optimism | Self::Polygon, _) => Some("ERC-20"),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Network {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Self::ALL.into_iter().find(|network| network.name() == text).ok_or(MoneyError::UnknownNetwork)
    }
}

/// What stands for the network of a currency.
const FIAT: &str = "FIAT";
/// A currency's decimals in the books.
pub const FIAT_DECIMALS: u8 = 2;

/// The longest asset id, in bytes.
const ASSET_ID_BYTES_MAX: usize = 24;

/// An asset's name, `<SYMBOL>-<NETWORK>`, such as `USDT-TRON`: at most 24 bytes of `A-Z`, `0-9` and `-`. Copied, never borrowed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId {
    bytes: [u8; ASSET_ID_BYTES_MAX],
    len: u8,
}

impl AssetId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Returns the asset that stands in the books for a currency a MID settles in: `EUR-FIAT`, counted in cents.
    ///
    /// # Errors
    /// Never in practice: every currency makes an id.
    pub fn fiat(currency: Currency) -> Result<Self, MoneyError> {
        format!("{currency}-{FIAT}").parse()
    }

    /// Says whether it stands for a currency.
    #[must_use]
    pub fn is_fiat(&self) -> bool {
        self.as_str().split_once('-').is_some_and(|(_, network)| network == FIAT)
    }

    /// Returns the part before the dash: `USDT` of `USDT-TRON`.
    #[must_use]
    pub fn symbol(&self) -> &str {
        self.as_str().split('-').next().unwrap_or_default()
    }
}

impl FromStr for AssetId {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (symbol, network) = text.split_once('-').ok_or(MoneyError::UnknownAsset)?;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if text.len() > ASSET_ID_BYTES_MAX || !is_word(symbol) || !is_word(network) {
            return Err(MoneyError::UnknownAsset);
        }
        let mut bytes = [0; ASSET_ID_BYTES_MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, len: u8::try_from(text.len()).map_err(|_| MoneyError::UnknownAsset)? })
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AssetId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AssetId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc_string(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn alloc_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer)
}

/// What the engine must know of an asset. Comes from configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// The name, `<SYMBOL>-<NETWORK>`.
    pub id: AssetId,
    /// Where it lives.
    pub network: Network,
    /// Base units in one coin, as a power of ten.
    pub decimals: u8,
    /// The token's contract; `None` for the network's own coin.
    pub contract: Option<String>,
    /// Blocks after which a transfer counts as final, its own block included.
    pub finality: u32,
    /// The smallest net amount worth sending, in base units.
    pub dust_units: u128,
    /// What a payer pays for the network on a token or sandbox rail, in base units of this asset. A native coin is quoted by its rail.
    pub network_fee_units: u128,
}

impl Asset {
    /// Returns an amount of this asset from base units.
    #[must_use]
    pub const fn units(&self, units: u128) -> Amount {
        Amount { units, asset: self.id }
    }

    /// Parses an exact decimal such as `48.897896`. Digits only, one point, no sign, no exponent, no more decimals than the asset has.
    ///
    /// # Errors
    /// `NotANumber`, `TooManyDecimals` or `TooLarge`; nothing is rounded.
    pub fn parse_amount(&self, text: &str) -> Result<Amount, MoneyError> {
        parse_units(text, self.decimals).map(|units| self.units(units))
    }

    /// Returns the exact decimal string with all of the asset's decimals, without separators: `48.897896`.
    #[must_use]
    pub fn format_units(&self, units: u128) -> String {
        format_units(units, self.decimals)
    }
}

/// Parses a decimal string into base units.
///
/// # Errors
/// See [`Asset::parse_amount`].
pub fn parse_units(text: &str, decimals: u8) -> Result<u128, MoneyError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(MoneyError::NotANumber);
    }
    let decimals = usize::from(decimals);
    if text.contains('.') && fraction.len() > decimals && decimals != 0 {
        return Err(MoneyError::TooManyDecimals { decimals });
    }
    if decimals == 0 && fraction.bytes().any(|b| b != b'0') {
        return Err(MoneyError::TooManyDecimals { decimals });
    }
    let mut units: u128 = 0;
    let padding = core::iter::repeat_n(b'0', decimals.saturating_sub(fraction.len()));
    let digits = whole.bytes().chain(fraction.bytes().take(decimals)).chain(padding);
    for digit in digits {
        units = units
            .checked_mul(10)
            .and_then(|units| units.checked_add(u128::from(digit.saturating_sub(b'0'))))
            .ok_or(MoneyError::TooLarge)?;
    }
    if units > Amount::UNITS_MAX {
        return Err(MoneyError::TooLarge);
    }
    Ok(units)
}

/// Returns base units as an exact decimal string with all decimals.
#[must_use]
pub fn format_units(units: u128, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{units:0>width$}", width = decimals.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// An exact amount: base units of one asset. Arithmetic is checked and refuses to mix assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Amount {
    /// Base units (the smallest indivisible part: wei, satoshi).
    pub units: u128,
    /// Of which asset.
    pub asset: AssetId,
}

impl Amount {
    /// The largest amount: 38 nines, so that it and any sum the books accept fit `NUMERIC(39,0)` and 39 digits of text.
    pub const UNITS_MAX: u128 = 99_999_999_999_999_999_999_999_999_999_999_999_999;

    /// Returns zero of an asset.
    #[must_use]
    pub const fn zero(asset: AssetId) -> Self {
        Self { units: 0, asset }
    }

    /// Says whether nothing is there.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Adds.
    ///
    /// # Errors
    /// `MixedAssets`, or `TooLarge` above [`Self::UNITS_MAX`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.with(other, |a, b| a.checked_add(b).filter(|sum| *sum <= Self::UNITS_MAX).ok_or(MoneyError::TooLarge))
    }

    /// Subtracts.
    ///
    /// # Errors
    /// `MixedAssets`, or `Negative` when `other` is more than there is.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.with(other, |a, b| a.checked_sub(b).ok_or(MoneyError::Negative))
    }

    /// Returns so many percent of it, rounded down to a base unit.
    ///
    /// # Errors
    /// `Negative` for a negative percentage, `TooLarge` when the result leaves the range of amounts.
    pub fn percent(self, percent: Decimal) -> Result<Self, MoneyError> {
        let percent = percent.normalize();
        let parts = u128::try_from(percent.mantissa()).map_err(|_| MoneyError::Negative)?;
        let whole = 10_u128.checked_pow(percent.scale()).and_then(|scale| scale.checked_mul(100)).ok_or(MoneyError::TooLarge)?;
        // Divided first, so that only the rest is multiplied before it is divided.
        let of_whole = self.units.checked_div(whole).and_then(|units| units.checked_mul(parts));
        let of_rest = self.units.checked_rem(whole).and_then(|rest| rest.checked_mul(parts)).and_then(|rest| rest.checked_div(whole));
        let units = of_whole.zip(of_rest).and_then(|(whole, rest)| whole.checked_add(rest)).filter(|units| *units <= Self::UNITS_MAX);
        units.map(|units| Self { units, ..self }).ok_or(MoneyError::TooLarge)
    }

    fn with(self, other: Self, apply: impl FnOnce(u128, u128) -> Result<u128, MoneyError>) -> Result<Self, MoneyError> {
        if self.asset != other.asset {
            return Err(MoneyError::MixedAssets);
        }
        apply(self.units, other.units).map(|units| Self { units, asset: self.asset })
    }
}

/// Why an amount, an asset or a network was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not a plain decimal.
    #[error("use digits and one point, such as 12.50")]
    NotANumber,
    /// More decimals than the asset has.
    #[error("too many decimals: this asset has {decimals}")]
    TooManyDecimals {
        /// How many there may be.
        decimals: usize,
    },
    /// Above [`Amount::UNITS_MAX`].
    #[error("the amount is too large")]
    TooLarge,
    /// Below zero.
    #[error("the amount would fall below zero")]
    Negative,
    /// Two assets in one sum.
    #[error("two assets cannot be added")]
    MixedAssets,
    /// No such asset.
    #[error("no such asset")]
    UnknownAsset,
    /// No such network.
    #[error("no such network")]
    UnknownNetwork,
    /// Not three capital letters.
    #[error("write a currency as three capital letters, such as EUR")]
    UnknownCurrency,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_exact_decimals_only() {
        assert_eq!(parse_units("48.897896", 6), Ok(48_897_896));
        assert_eq!(parse_units("0.01421", 18), Ok(14_210_000_000_000_000));
        assert_eq!(parse_units("150", 6), Ok(150_000_000));
        assert_eq!(parse_units("1.0000000", 6), Err(MoneyError::TooManyDecimals { decimals: 6 }));
        for text in ["", " ", "+1", "-1", "-0", "1e3", "1E-30", "0x10", "١٢", "1,5", "1.5.5", "NaN", "1.", ".5", "01", "\u{2212}1"] {
            assert_eq!(parse_units(text, 6), Err(MoneyError::NotANumber), "{text:?}");
        }
        assert_eq!(parse_units("99999999999999999999999999999999999999", 0), Ok(Amount::UNITS_MAX));
        assert_eq!(parse_units("100000000000000000000000000000000000000", 0), Err(MoneyError::TooLarge));
        assert_eq!(parse_units(&"9".repeat(400), 18), Err(MoneyError::TooLarge));
    }

    proptest! {
        #[test]
        fn formats_what_it_parses(units in 0..=Amount::UNITS_MAX, decimals in 0u8..=30) {
            prop_assert_eq!(parse_units(&format_units(units, decimals), decimals), Ok(units));
        }
    }

    #[test]
    fn percentages_are_rounded_down() {
        let of = |units: u128, percent: &str| {
            let amount = Amount { units, asset: "ETH-BASE".parse().expect("an id") };
            amount.percent(percent.parse().expect("a decimal")).map(|part| part.units)
        };
        assert_eq!(of(1000, "12.5"), Ok(125));
        assert_eq!(of(999, "0.1"), Ok(0));
        assert_eq!(of(Amount::UNITS_MAX, "100"), Ok(Amount::UNITS_MAX));
        assert_eq!(of(Amount::UNITS_MAX, "100.00000001"), Err(MoneyError::TooLarge));
        assert_eq!(of(1000, "-1"), Err(MoneyError::Negative));
        assert_eq!(of(48_897_896, "33.33"), Ok(16_297_668));
    }

    #[test]
    fn refuses_to_mix_assets() {
        let one = |id: &str| Amount { units: 1, asset: id.parse().expect("an id") };
        assert_eq!(one("ETH-BASE").plus(one("ETH-ETHEREUM")), Err(MoneyError::MixedAssets));
        assert_eq!(one("ETH-BASE").minus(Amount { units: 2, ..one("ETH-BASE") }), Err(MoneyError::Negative));
    }
}
