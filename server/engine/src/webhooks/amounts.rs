//! C20, in every dialect: what stands in the books stands in the body, to the last of 18 decimals, where a float keeps 15 to 17 digits in all.
//! What clients send is held to the same where it is read: [`Exact`] here, and the server's `Number`.

use std::collections::BTreeSet;

use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::MidId;
use domain::money::{Amount, Asset, Network};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::{Exact, Picture, Seal, bitpay, bvnk, cryptomus, cryptopay, sample, txn};

/// As many units as the books hold.
const UNITS: core::ops::RangeInclusive<u128> = 0..=Amount::UNITS_MAX;

fn ether() -> Asset {
    let id = "ETH-ETHEREUM".parse().expect("an id");
    Asset { id, network: Network::Ethereum, decimals: 18, contract: None, finality: 1, dust_units: 0, network_fee_units: 0 }
}

/// Returns an invoice of `asked`, paid with `paid`, of which `owed` goes back.
fn picture(asked: &str, paid: &str, owed: &str) -> Picture {
    let mut picture = sample::picture(MidId(Uuid::nil()), &ether(), "https://refunds.example", Timestamp::UNIX_EPOCH);
    picture.invoice.amount_charged = asked.to_owned();
    picture.invoice.amount_paid = paid.to_owned();
    picture.invoice.deposits.iter_mut().for_each(|deposit| deposit.amount = paid.to_owned());
    picture.refunds.iter_mut().for_each(|refund| refund.amount = owed.to_owned());
    picture
}

/// Returns every decimal in a body, whether it is a number or a text there.
fn decimals(body: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | 'e' | 'E' | '+' | '-');
    body.split(|letter| !is_part(letter)).filter_map(Exact::parse).map(|exact| exact.digits().to_owned()).collect()
}

proptest! {
    #[test]
    fn every_dialect_tells_amounts_to_the_last_digit(asked in UNITS, paid in UNITS, owed in UNITS) {
        let [asked, paid, owed] = [asked, paid, owed].map(|units| ether().format_units(units));
        let picture = picture(&asked, &paid, &owed);
        let seal = Seal {
            id: Uuid::nil(),
            at: Timestamp::UNIX_EPOCH,
            scheme: SignatureScheme::V1,
            secrets: vec![b"secret".to_vec()],
            seeds: Vec::new(),
            path: "/".to_owned(),
        };
        for dialect in Dialect::ALL {
            let refund = picture.refunds.first().expect("a refund");
            let (body, told) = match dialect {
                Dialect::Native => (serde_json::to_string(&(refund, &picture.invoice)).expect("JSON"), vec![&owed, &asked, &paid]),
                Dialect::Bitpay => (bitpay::webhook(&picture, "https://shop.example", &seal).expect("a webhook").body, vec![&owed]),
                Dialect::Bvnk => (bvnk::webhook(&picture, true, &seal).expect("a webhook").body, vec![&owed]),
                Dialect::Txn => (txn::webhook(&picture, true, &seal).body, vec![&owed, &asked, &paid]),
                Dialect::Cryptopay => (cryptopay::webhook(&picture, &seal).body, vec![&asked, &paid]),
                Dialect::Cryptomus | Dialect::Heleket => (cryptomus::webhook(&picture, "key").expect("a webhook").body, vec![&paid]),
                // Its webhooks tell of no amounts.
                Dialect::Btcpay => continue,
            };
            let found = decimals(&body);
            for amount in told {
                let exact = Exact::parse(amount).expect("a decimal");
                prop_assert!(found.contains(exact.digits()), "{dialect} does not tell {amount}: {body}");
            }
        }
    }
}
