//! What a payer's wallet reads: an address, amount and tag as one text for a QR code, and a link that opens a wallet where the
//! network has an agreed form of one (BIP-21, EIP-681, Solana Pay, SEP-7).

use crate::destination::{Destination, Tag};
use crate::money::{Amount, Asset, Network, format_units};

/// A payment as wallets read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// What the QR code says: the link, or where there is no agreed form the address alone.
    pub text: String,
    /// Opens a wallet with everything filled in.
    pub link: Option<String>,
}

/// Returns the request to pay `amount` of `asset` to `to`. `chain_id` is the EVM chain's, where it is one that is really there.
#[must_use]
pub fn payment_request(asset: &Asset, to: &Destination, amount: Amount, chain_id: Option<u64>) -> PaymentRequest {
    let link = link(asset, to, amount, chain_id);
    PaymentRequest { text: link.clone().unwrap_or_else(|| to.address().to_owned()), link }
}

fn link(asset: &Asset, to: &Destination, amount: Amount, chain_id: Option<u64>) -> Option<String> {
    let address = to.address();
    let coins = in_coins(asset, amount);
    let tag = to.tag().map(ToString::to_string);
    // Anything else would need escaping, and wallets do not agree on how.
    let is_plain = tag.as_deref().is_none_or(|tag| tag.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if amount.asset != asset.id || !is_plain {
        return None;
    }
    match (asset.network, &asset.contract) {
        (Network::Bitcoin | Network::Dogecoin | Network::Litecoin, None) => Some(format!("{}:{address}?amount={coins}", asset.network)),
        (
            Network::Arbitrum
            | Network::Avalanche
            | Network::Base
            | Network::Bsc
            | Network::Ethereum
            | Network::Optimism
            | Network::Polygon,
            contract,
        ) => {
            let chain = chain_id?;
            Some(match contract {
                None => format!("ethereum:{address}@{chain}?value={}", amount.units),
                Some(contract) => format!("ethereum:{contract}@{chain}/transfer?address={address}&uint256={}", amount.units),
            })
        }
        (Network::Solana, None) => Some(format!("solana:{address}?amount={coins}")),
        (Network::Solana, Some(mint)) => Some(format!("solana:{address}?amount={coins}&spl-token={mint}")),
        (Network::Stellar, None) => {
            let memo = match to.tag() {
                Some(Tag::Number(id)) => format!("&memo={id}&memo_type=MEMO_ID"),
                Some(Tag::Text(text)) => format!("&memo={text}&memo_type=MEMO_TEXT"),
                None => String::new(),
            };
            Some(format!("web+stellar:pay?destination={address}&amount={coins}{memo}"))
        }
        (Network::Ton, None) => {
            let text = tag.map(|tag| format!("&text={tag}")).unwrap_or_default();
            Some(format!("ton://transfer/{address}?amount={}{text}", amount.units))
        }
        // Tron and the XRP Ledger have no form that wallets agree on; the other networks have one for their own coin only.
        (Network::Bitcoin | Network::Dogecoin | Network::Litecoin | Network::Stellar | Network::Ton | Network::Tron | Network::Xrpl, _) => {
            None
        }
    }
}

/// Returns the decimal without zeros at its end.
fn in_coins(asset: &Asset, amount: Amount) -> String {
    let text = format_units(amount.units, asset.decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(id: &str, network: Network, decimals: u8, contract: Option<&str>) -> Asset {
        let id = id.parse().expect("an id");
        Asset { id, network, decimals, contract: contract.map(str::to_owned), finality: 1, dust_units: 0, network_fee_units: 0 }
    }

    fn of(asset: &Asset, address: &str, tag: Option<&str>, units: u128, chain_id: Option<u64>) -> PaymentRequest {
        let to = Destination::parse(asset.network, address, tag).expect("an address");
        payment_request(asset, &to, asset.units(units), chain_id)
    }

    #[test]
    fn a_bitcoin_wallet_reads_bip_21() {
        let btc = asset("BTC-BITCOIN", Network::Bitcoin, 8, None);
        let request = of(&btc, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", None, 50_000_000, None);
        assert_eq!(request.link.as_deref(), Some("bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4?amount=0.5"));
        assert_eq!(Some(&request.text), request.link.as_ref());
    }

    #[test]
    fn an_evm_wallet_reads_eip_681() {
        let to = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";
        let eth = asset("ETH-BASE", Network::Base, 18, None);
        let link = of(&eth, to, None, 2_014_000_000_000_000_000, Some(8453)).link;
        assert_eq!(link.as_deref(), Some("ethereum:0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359@8453?value=2014000000000000000"));
        let contract = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
        let usdc = asset("USDC-BASE", Network::Base, 6, Some(contract));
        let link = of(&usdc, to, None, 1_500_000, Some(8453)).link;
        assert_eq!(link, Some(format!("ethereum:{contract}@8453/transfer?address={to}&uint256=1500000")));
        let simulated = of(&usdc, to, None, 1, None);
        assert_eq!((simulated.text.as_str(), simulated.link), (to, None), "a simulated chain has no wallet to open");
    }

    #[test]
    fn a_tag_is_part_of_the_request_or_there_is_no_link() {
        let xlm = asset("XLM-STELLAR", Network::Stellar, 7, None);
        let address = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
        let link = of(&xlm, address, Some("7"), 15_000_000, None).link;
        assert_eq!(
            link,
            Some(format!("web+stellar:pay?destination={address}&amount=1.5&memo=7&memo_type=MEMO_ID")),
            "digits are a memo id"
        );
        let link = of(&xlm, address, Some("A7"), 15_000_000, None).link;
        assert!(link.is_some_and(|link| link.ends_with("&memo=A7&memo_type=MEMO_TEXT")));
        assert_eq!(of(&xlm, address, Some("7 of Ann"), 1, None).link, None);
    }

    #[test]
    fn a_network_without_an_agreed_form_shows_the_address() {
        let usdt = asset("USDT-TRON", Network::Tron, 6, Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"));
        let request = of(&usdt, "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm", None, 1, None);
        assert_eq!(request, PaymentRequest { text: "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm".to_owned(), link: None });
    }
}
