//! Payment links, as wallets put them into the QR codes of their addresses (BIP-21, EIP-681, Solana Pay, SEP-7): which network they are for,
//! and the address and the tag in them. How much they ask for, and of what, is left out: a refund is as much as it is.

use crate::money::Network;

/// The chains that EIP-681 links name by number (EIP-155).
const CHAINS: [(&str, Network); 7] = [
    ("1", Network::Ethereum),
    ("10", Network::Optimism),
    ("56", Network::Bsc),
    ("137", Network::Polygon),
    ("8453", Network::Base),
    ("42161", Network::Arbitrum),
    ("43114", Network::Avalanche),
];

/// Who is to be paid, as a link says it. Only taken apart: [`Destination::parse`](crate::destination::Destination::parse) judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentLink {
    /// The one network it is for; nothing where it fits each that writes addresses as Ethereum does.
    network: Option<Network>,
    address: String,
    tag: Option<String>,
}

impl PaymentLink {
    /// Takes a link apart; nothing for a text that is none, and for one that leaves open who is paid.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(':')?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let said =
            |name: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value);
        let path = path.strip_prefix("//").unwrap_or(path);
        let (network, address, tag) = match scheme.to_ascii_lowercase().as_str() {
            "ethereum" => {
                let path = path.strip_prefix("pay-").unwrap_or(path);
                let (target, call) = path.split_once('/').map_or((path, None), |(target, call)| (target, Some(call)));
                let (target, chain) = target.split_once('@').map_or((target, None), |(target, chain)| (target, Some(chain)));
                let network = match chain {
                    Some(chain) => Some(CHAINS.iter().find(|(id, _)| *id == chain).map(|(_, network)| *network)?),
                    None => None,
                };
                // A payment in tokens calls their contract: who is paid is an argument.
                let address = match call {
                    None => target,
                    Some("transfer") => said("address")?,
                    Some(_) => return None,
                };
                (network, address, None)
            }
            "web+stellar" if path == "pay" => {
                // A hash is no tag that anybody hands out.
                if !matches!(said("memo_type"), None | Some("MEMO_TEXT" | "MEMO_ID")) {
                    return None;
                }
                (Some(Network::Stellar), said("destination")?, said("memo"))
            }
            "ripple" | "xrp" | "xrpl" => (Some(Network::Xrpl), path, said("dt")),
            "ton" => (Some(Network::Ton), path.strip_prefix("transfer/")?, said("text")),
            scheme => (Some(Network::ALL.into_iter().find(|network| network.name() == scheme)?), path, None),
        };
        // What is escaped is written by rules on which wallets do not agree.
        let is_plain =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let is_right = is_plain(address) && tag.is_none_or(is_plain);
        is_right.then(|| Self { network, address: address.to_owned(), tag: tag.map(str::to_owned) })
    }

    /// Returns the name of the network it is for, where that is another one.
    #[must_use]
    pub fn other_than(&self, network: Network) -> Option<&'static str> {
        match self.network {
            Some(own) if own == network => None,
            Some(other) => Some(other.title()),
            None if network.is_evm() => None,
            None => Some(Network::Ethereum.title()),
        }
    }

    /// Returns the address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the tag.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::destination::Destination;
    use crate::money::Asset;
    use crate::payment_request::payment_request;

    const EVM: &str = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";
    const TOKEN: &str = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
    const XRPL: &str = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf";

    fn read(text: &str) -> (String, Option<String>) {
        let link = PaymentLink::read(text).unwrap_or_else(|| panic!("{text} is a link"));
        (link.address, link.tag)
    }

    fn other(text: &str, network: Network) -> Option<&'static str> {
        PaymentLink::read(text).unwrap_or_else(|| panic!("{text} is a link")).other_than(network)
    }

    #[test]
    fn the_address_is_found_in_every_form() {
        let tron = "TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm";
        let bitcoin = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
        let ton = "UQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPuwA";
        let stellar = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
        for (text, address, tag) in [
            (format!("tron:{tron}?amount=5"), tron, None),
            (format!(" bitcoin:{bitcoin}?amount=0.1&label=Ann%20B \n"), bitcoin, None),
            (format!("BITCOIN:{bitcoin}"), bitcoin, None),
            (format!("bitcoin://{bitcoin}"), bitcoin, None),
            (format!("ethereum:{EVM}"), EVM, None),
            (format!("ethereum:pay-{EVM}@8453?value=1"), EVM, None),
            (format!("ethereum:{TOKEN}@8453/transfer?address={EVM}&uint256=1"), EVM, None),
            (format!("ripple:{XRPL}?amount=1&dt=12345"), XRPL, Some("12345")),
            (format!("web+stellar:pay?destination={stellar}&memo=7&memo_type=MEMO_ID"), stellar, Some("7")),
            (format!("ton://transfer/{ton}?amount=1&text=ab7"), ton, Some("ab7")),
        ] {
            assert_eq!(read(&text), (address.to_owned(), tag.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn a_link_says_which_network_it_is_for() {
        assert_eq!(other(&format!("ethereum:{EVM}@137"), Network::Base), Some("Polygon"));
        assert_eq!(other(&format!("ethereum:{EVM}@8453"), Network::Base), None);
        assert_eq!(other(&format!("ethereum:{EVM}"), Network::Base), None, "wallets leave the chain out");
        assert_eq!(other(&format!("ethereum:{EVM}"), Network::Tron), Some("Ethereum"));
        assert_eq!(other(&format!("polygon:{EVM}"), Network::Base), Some("Polygon"));
        // Litecoin's old addresses of scripts look like Bitcoin's.
        let script = "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy";
        assert!(Destination::parse(Network::Bitcoin, script, None).is_ok());
        assert_eq!(other(&format!("litecoin:{script}"), Network::Bitcoin), Some("Litecoin"));
    }

    #[test]
    fn what_leaves_open_who_is_paid_is_no_link() {
        for text in [
            "",
            EVM,
            "tron:",
            "bitcoin:?lightning=lnbc1",
            "https://example.com/pay",
            "solana:https%3A%2F%2Fexample.com",
            "0:ca6e321c7cce9ecedf0a8ca2492ec8592494aa5fb5ce0387dff96ef6af982a3e",
            &format!("ethereum:{EVM}@424242"),
            &format!("ethereum:{TOKEN}@1/approve?address={EVM}"),
            &format!("ethereum:{TOKEN}@1/transfer?uint256=1"),
            &format!("ripple:{XRPL}?dt=1%202"),
            "web+stellar:tx?xdr=AAAA",
            "web+stellar:pay?destination=GA7Q&memo=AAAA&memo_type=MEMO_HASH",
        ] {
            assert_eq!(PaymentLink::read(text), None, "{text}");
        }
    }

    /// What the payment page shows is read again as the address and the tag that it was made of.
    #[test]
    fn our_own_requests_are_read_again() {
        for (id, network, contract, tag) in [
            ("BTC-BITCOIN", Network::Bitcoin, None, None),
            ("ETH-BASE", Network::Base, None, None),
            ("USDC-BASE", Network::Base, Some(TOKEN), None),
            ("SOL-SOLANA", Network::Solana, None, None),
            ("XLM-STELLAR", Network::Stellar, None, Some(7)),
            ("TON-TON", Network::Ton, None, Some(7)),
        ] {
            let asset = Asset {
                id: id.parse().expect("an id"),
                network,
                decimals: 8,
                contract: contract.map(str::to_owned),
                finality: 1,
                dust_units: 0,
                network_fee_units: 0,
            };
            let to = Destination::of_account(network, [7; 20], tag).expect("an account");
            let link = payment_request(&asset, &to, asset.units(1), Some(8453)).link.unwrap_or_else(|| panic!("{id} has a link"));
            let link = PaymentLink::read(&link).unwrap_or_else(|| panic!("{link} is read"));
            assert_eq!((link.address(), link.tag().map(str::to_owned)), (to.address(), to.tag().map(ToString::to_string)), "{id}");
            assert_eq!(link.other_than(network), None);
        }
    }
}
