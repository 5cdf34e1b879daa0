//! What the sandbox brings along: twins of well-known assets, and fixed prices that no market ever had.

use domain::money::{Asset, AssetId, Network};
use domain::rate::Rate;
use engine::rates::FixedRate;
use rust_decimal::Decimal;

/// id, network, decimals, blocks until final, network fee in base units, smallest payout in base units.
const ASSETS: [(&str, Network, u8, u32, u128, u128); 5] = [
    ("USDT-TRON", Network::Tron, 6, 19, 1_250_000, 1),
    ("USDC-BASE", Network::Base, 6, 12, 20_000, 1),
    ("ETH-ETHEREUM", Network::Ethereum, 18, 12, 420_000_000_000_000, 1),
    ("BTC-BITCOIN", Network::Bitcoin, 8, 2, 2_820, 546),
    ("XRP-XRPL", Network::Xrpl, 6, 1, 12, 1),
];

/// symbol, price in US dollars and in euro, in cents.
const RATES: [(&str, i64, i64); 5] =
    [("USDT", 100, 92), ("USDC", 100, 92), ("ETH", 250_000, 230_000), ("BTC", 6_500_000, 5_980_000), ("XRP", 200, 184)];

/// Adds the sandbox's assets and prices to those the operator wrote, which win.
pub(super) fn complete(assets: &mut Vec<Asset>, rates: &mut Vec<FixedRate>) {
    for (id, network, decimals, finality, network_fee_units, dust_units) in ASSETS {
        let Ok(id) = id.parse::<AssetId>() else { continue };
        if !assets.iter().any(|asset| asset.id == id) {
            assets.push(Asset { id, network, decimals, contract: None, finality, dust_units, network_fee_units });
        }
    }
    for (symbol, dollar_cents, euro_cents) in RATES {
        for (currency, cents) in [("USD", dollar_cents), ("EUR", euro_cents)] {
            let (Ok(currency), Ok(rate)) = (currency.parse(), Rate::new(Decimal::new(cents, 2))) else { continue };
            if !rates.iter().any(|known| known.symbol == symbol && known.currency == currency) {
                rates.push(FixedRate { symbol: symbol.to_owned(), currency, rate });
            }
        }
    }
}
