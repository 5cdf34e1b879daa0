//! What NOWPayments tells: where a payment stands, with what was really paid, as a JSON number. A second transfer to an address is a
//! payment of its own there.
//!
//! It signs the body with the keys of every object sorted. It says nothing of the transaction, nor of when it came: that is when it was
//! told first.

use domain::invoice::DepositState;
use domain::money::{Asset, Network};
use hmac::{Hmac, Mac};
use sha2::Sha512;

use super::{Json, Payment, Told, is_at_home, is_same};
use crate::webhooks::Exact;

/// Where the signature is.
pub(super) const HEADER: &str = "x-nowpayments-sig";

/// Says whether a body is signed with an IPN secret: HMAC-SHA512 of its sorted text, in hexadecimal.
pub(super) fn is_signed(header: Option<&str>, json: Json, secret: &str) -> bool {
    let Some(signature) = header else { return false };
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(json.sorted().to_string().as_bytes());
    is_same(signature, &mac.finalize().into_bytes())
}

/// Reads where a payment stands. `waiting`, and what they gave back themselves, is no news of a deposit.
pub(super) fn read(json: &Json) -> Result<Told, &'static str> {
    let status = json.text("payment_status").ok_or("`payment_status` is missing")?;
    let state = match status {
        "confirming" => Some(DepositState::Seen),
        "confirmed" | "sending" | "partially_paid" | "finished" => Some(DepositState::Final),
        "failed" | "expired" => Some(DepositState::Gone),
        _ => None,
    };
    let payment = state.map(|state| payment(json, state)).transpose()?.flatten();
    Ok(Told { event: status.to_owned(), reference: json.digits("order_id").map(str::to_owned), payment })
}

fn payment(json: &Json, state: DepositState) -> Result<Option<Payment>, &'static str> {
    let name = json.digits("payment_id").ok_or("`payment_id` is missing")?;
    let amount = json.digits("actually_paid").ok_or("`actually_paid` is missing")?;
    let amount = Exact::parse(amount).ok_or("`actually_paid` is no number")?;
    if amount == Exact::zero() {
        return if state == DepositState::Final { Err("`actually_paid` is nought") } else { Ok(None) };
    }
    Ok(Some(Payment {
        name: name.to_owned(),
        coin: json.text("pay_currency").ok_or("`pay_currency` is missing")?.to_owned(),
        network: None,
        amount: amount.digits().to_owned(),
        txid: None,
        seen_at: None,
        state,
    }))
}

/// Says whether their code of a coin is an asset: the symbol, with the network's ending where the coin is not at home. Tokens on Ethereum go
/// by their symbol alone, some with an ending.
pub(super) fn means(code: &str, asset: &Asset) -> bool {
    let (code, symbol) = (code.to_ascii_lowercase(), asset.id.symbol().to_ascii_lowercase());
    let Some(ending) = code.strip_prefix(symbol.as_str()) else { return false };
    match ending {
        "" => is_at_home(asset) || (asset.network == Network::Ethereum && asset.contract.is_some()),
        ending => endings(asset.network).contains(&ending),
    }
}

/// Returns what is put behind a symbol for a network.
const fn endings(network: Network) -> &'static [&'static str] {
    match network {
        Network::Arbitrum => &["arb"],
        Network::Avalanche => &["arc20", "avaxc"],
        Network::Base => &["base"],
        Network::Bsc => &["bsc"],
        Network::Ethereum => &["erc20"],
        Network::Optimism => &["op"],
        Network::Polygon => &["matic", "mainnet"],
        Network::Solana => &["sol"],
        Network::Stellar => &["xlm"],
        Network::Ton => &["ton"],
        Network::Tron => &["trc20"],
        Network::Bitcoin | Network::Dogecoin | Network::Litecoin | Network::Xrpl => &[],
    }
}
