//! Signing: what the engine and the signer say to each other, one JSON object a line. The signer trusts none of it and judges
//! each request again; the engine checks the bytes it gets back. Keys never travel.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::PayoutId;
use crate::money::{AssetId, Network};

/// The version of this language. Both sides must speak the same one.
pub const VERSION: u32 = 3;

/// What the engine asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Who are you?
    Hello,
    /// Would you sign this payout now? Its slot is not known yet and does not count. Nothing is signed or written down.
    Check(SignRequest),
    /// Sign this payout.
    Sign(SignRequest),
    /// Sign this payout, which was signed before, for its slot once more: its fees are to be a tenth higher at least, so that the network
    /// takes the new bytes in place of those that wait, and never both.
    Raise(SignRequest),
}

/// A payout to sign, complete: the signer looks nothing up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// Its id. One set of bytes is signed for it, ever.
    pub payout: PayoutId,
    /// Where it is sent.
    pub network: Network,
    /// The chain's number (EIP-155).
    pub chain_id: u64,
    /// Of what.
    pub asset: AssetId,
    /// The token's contract; `None` for the network's own coin.
    pub contract: Option<String>,
    /// Who gets it.
    pub to: String,
    /// How much arrives, in base units.
    #[serde(with = "decimal")]
    pub units: u128,
    /// The nonce it uses up.
    pub slot: u64,
    /// What the network may charge.
    pub fees: GasFees,
}

/// What the network may charge for a transaction (EIP-1559).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GasFees {
    /// The most gas it may use.
    pub gas_limit: u64,
    /// The most paid for one unit of gas, in base units of the network's own coin.
    #[serde(with = "decimal")]
    pub max_fee_per_gas: u128,
    /// How much of that goes to whoever makes the block.
    #[serde(with = "decimal")]
    pub max_priority_fee_per_gas: u128,
}

impl GasFees {
    /// Returns the most the transaction can cost, or `None` when that is beyond counting.
    #[must_use]
    pub fn cost_max(&self) -> Option<u128> {
        u128::from(self.gas_limit).checked_mul(self.max_fee_per_gas)
    }

    /// Says whether nodes take a transaction with these fees in place of one that waits with `others` for the same nonce: both prices are
    /// higher by a tenth at least (the price bump of go-ethereum's pool; other nodes ask for no more).
    #[must_use]
    pub fn replace(&self, others: &Self) -> bool {
        let is_raised = |new: u128, old: u128| new.checked_mul(10).zip(old.checked_mul(11)).is_some_and(|(new, least)| new >= least);
        is_raised(self.max_fee_per_gas, others.max_fee_per_gas) && is_raised(self.max_priority_fee_per_gas, others.max_priority_fee_per_gas)
    }
}

impl SignRequest {
    /// Says whether `other` asks for the same payout. Fees do not count: they are chosen anew at each try, and a payout that
    /// was signed once is answered with the bytes of the first time.
    #[must_use]
    pub fn asks_the_same_as(&self, other: &Self) -> bool {
        Self { fees: other.fees, ..self.clone() } == *other
    }
}

/// What the signer answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// Who it is.
    Hello(Greeting),
    /// Yes, as things are: the answer to a check. No promise; a limit may be used up before the payout is signed.
    WouldSign,
    /// The payout's bytes: the same ones each time.
    Signed(SignedBytes),
    /// Refused for good. To a request to sign it is written down: this payout was not signed and never will be, its money may be
    /// released. To a check it is what signing would bring by the settings as they are.
    Declined {
        /// Why.
        reason: DeclineReason,
    },
    /// Not now. Nothing is said about what was signed before; ask again.
    Deferred {
        /// Why.
        reason: DeferReason,
    },
}

/// Who the signer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greeting {
    /// The language it speaks, see [`VERSION`].
    pub version: u32,
    /// The accounts it pays from.
    pub accounts: Vec<Account>,
}

/// An account the signer pays from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// On which network.
    pub network: Network,
    /// Its address.
    pub address: String,
}

/// A signed transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedBytes {
    /// Its id, `0x` and hexadecimal.
    pub txid: String,
    /// What goes to the network, `0x` and hexadecimal.
    pub bytes: String,
}

/// Why a payout will never be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// The signer's configuration does not name the asset.
    AssetNotConfigured,
    /// The asset lives on another network.
    OtherNetwork,
    /// The asset lives on another chain.
    OtherChain,
    /// The asset has another contract.
    OtherContract,
    /// The destination is no address of the network.
    AddressRejected,
    /// The destination is the zero address, the token's own contract or the account that pays.
    DestinationForbidden,
    /// Nothing would arrive.
    NothingToSend,
    /// More than one payout may carry.
    OverPayoutLimit,
    /// The nonce was used up by another payout.
    SlotTaken,
}

impl fmt::Display for DeclineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AssetNotConfigured => "the asset is not in the signer's configuration",
            Self::OtherNetwork => "the signer has the asset on another network",
            Self::OtherChain => "the signer has the asset on another chain",
            Self::OtherContract => "the signer has another contract for the asset",
            Self::AddressRejected => "the destination is not an address of this network",
            Self::DestinationForbidden => "the destination is the zero address, the token's contract or the paying account",
            Self::NothingToSend => "nothing would arrive",
            Self::OverPayoutLimit => "the amount is above the signer's limit for one payout",
            Self::SlotTaken => "the nonce belongs to another payout",
        })
    }
}

/// Why a payout is not signed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeferReason {
    /// The asset's limit for one UTC day is used up.
    OverDayLimit,
    /// The fees are above the limit, or the tip is above the fee.
    OverFeeLimit,
    /// The payout was signed before, for something else. A person must look: those bytes exist.
    SignedOtherwise,
    /// The payout was not signed before, so there is nothing to raise.
    NeverSigned,
    /// The payout was signed before, by another key.
    KeyChanged,
    /// The signer could not write its log.
    LogFailed,
    /// The signer did not understand.
    Unreadable,
    /// Too many ask at once.
    Busy,
}

impl fmt::Display for DeferReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OverDayLimit => "the signer's limit for one day is used up; it starts anew at midnight UTC",
            Self::OverFeeLimit => "the network's fees are above the signer's limit",
            Self::SignedOtherwise => "the signer signed this payout before for something else; compare its log with the payout",
            Self::NeverSigned => "the signer did not sign this payout before: have it signed first",
            Self::KeyChanged => "the signer signed this payout before with another key; give it back its key file",
            Self::LogFailed => "the signer could not write its log; make room on its disk and restart it",
            Self::Unreadable => "the signer did not understand; check that both programs are of the same version",
            Self::Busy => "too many connections to the signer are open",
        })
    }
}

/// Returns the call data of an ERC-20 `transfer(address,uint256)`: selector, then both arguments in 32 bytes each.
#[must_use]
pub fn erc20_transfer(to: [u8; 20], units: u128) -> [u8; 68] {
    let mut data = [0; 68];
    data[..4].copy_from_slice(&[0xa9, 0x05, 0x9c, 0xbb]);
    data[16..36].copy_from_slice(&to);
    data[52..].copy_from_slice(&units.to_be_bytes());
    data
}

/// `u128` as a decimal string: JSON's numbers are too small.
mod decimal {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(units: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(units)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::money::parse_units(&text, 0).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn request() -> SignRequest {
        SignRequest {
            payout: "01900000-0000-7000-8000-000000000001".parse().expect("an id"),
            network: Network::Base,
            chain_id: 8453,
            asset: "USDC-BASE".parse().expect("an asset"),
            contract: Some("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913".into()),
            to: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".into(),
            units: 48_897_896,
            slot: 7,
            fees: GasFees { gas_limit: 120_000, max_fee_per_gas: u128::from(u64::MAX), max_priority_fee_per_gas: 1 },
        }
    }

    #[test]
    fn a_request_reads_back_from_its_line() {
        let line = serde_json::to_string(&Request::Sign(request())).expect("JSON");
        assert!(
            line.contains(r#""ask":"sign""#) && line.contains(r#""units":"48897896""#) && line.contains(r#""18446744073709551615""#),
            "{line}"
        );
        assert_eq!(serde_json::from_str::<Request>(&line).expect("a request"), Request::Sign(request()));
        let check = line.replace(r#""ask":"sign""#, r#""ask":"check""#);
        assert_eq!(serde_json::from_str::<Request>(&check).expect("a request"), Request::Check(request()));
        assert_eq!(serde_json::from_str::<Request>(r#"{"ask":"hello"}"#).expect("a request"), Request::Hello);
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        let line = serde_json::to_string(&Request::Sign(request())).expect("JSON");
        for (from, to) in [
            (r#""units":"48897896""#, r#""units":48897896"#),
            (r#""units":"48897896""#, r#""units":"+48897896""#),
            (r#""units":"48897896""#, r#""units":"048897896""#),
            (r#""units":"48897896""#, r#""units":"4e7""#),
            (r#""slot":7"#, r#""slot":-7"#),
            (r#""slot":7"#, r#""slot":7,"urgent":true"#),
            (r#""gas_limit":120000"#, r#""gas_limit":120000,"gas_price":1"#),
            (r#""ask":"sign""#, r#""ask":"export_key""#),
        ] {
            let broken = line.replace(from, to);
            assert_ne!(broken, line, "{from}");
            assert!(serde_json::from_str::<Request>(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn only_fees_may_differ_between_two_askings() {
        let first = request();
        let dearer = SignRequest { fees: GasFees { max_fee_per_gas: 1, ..first.fees }, ..request() };
        assert!(dearer.asks_the_same_as(&first));
        assert!(!SignRequest { units: 48_897_897, ..request() }.asks_the_same_as(&first));
        assert!(!SignRequest { to: "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359".into(), ..request() }.asks_the_same_as(&first));
        assert!(!SignRequest { slot: 8, ..request() }.asks_the_same_as(&first));
    }

    #[test]
    fn fees_replace_others_when_both_are_a_tenth_higher() {
        let fees = |max_fee_per_gas, max_priority_fee_per_gas| GasFees { gas_limit: 1, max_fee_per_gas, max_priority_fee_per_gas };
        let waiting = fees(100, 11);
        assert!(fees(110, 13).replace(&waiting) && fees(200, 20).replace(&waiting));
        for (max_fee, tip) in [(109, 13), (110, 12), (100, 11), (u128::MAX, 13)] {
            assert!(!fees(max_fee, tip).replace(&waiting), "{max_fee} {tip}");
        }
        assert!(fees(2, 0).replace(&fees(1, 0)), "no tip stays no tip");
    }

    #[test]
    fn encodes_a_token_transfer_as_the_standard_says() {
        let data = erc20_transfer([0x11; 20], 0x0102);
        let expected = format!("a9059cbb{}{}{}0102", "0".repeat(24), "11".repeat(20), "0".repeat(60));
        assert_eq!(HEXLOWER.encode(&data), expected);
    }
}
