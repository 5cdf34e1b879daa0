//! What Cryptomus and its sister Heleket tell: where a payment stands, with the sum that came so far.
//!
//! The signature is a field of the body, over the body without it as PHP writes it. It says nothing of when a payment came, so that is when
//! it was told first.

use domain::invoice::DepositState;
use domain::money::Asset;

use super::{Json, Payment, Told};
use crate::webhooks::Exact;
use crate::webhooks::cryptomus::{as_php_writes, network_name, signature};

/// Says whether a body is signed with an API key.
pub(super) fn is_signed(json: Json, key: &str) -> bool {
    let Some(signed) = json.text("sign").map(str::to_owned) else { return false };
    let expected = signature(as_php_writes(&json.without("sign").to_string()).as_bytes(), key);
    subtle::ConstantTimeEq::ct_eq(signed.to_ascii_lowercase().as_bytes(), expected.as_bytes()).into()
}

/// Reads where a payment stands. What became of a refund of theirs is no news of a deposit.
pub(super) fn read(json: &Json) -> Result<Told, &'static str> {
    let status = json.text("status").ok_or("`status` is missing")?;
    let reference = json.text("order_id").map(str::to_owned);
    let state = match status {
        _ if json.text("type") != Some("payment") => None,
        "confirm_check" | "check" | "process" | "wrong_amount_waiting" => Some(DepositState::Seen),
        "paid" | "paid_over" => Some(DepositState::Final),
        // Until it is final the rest may come.
        "wrong_amount" => Some(if json.is_true("is_final") { DepositState::Final } else { DepositState::Seen }),
        "fail" | "system_fail" | "cancel" => Some(DepositState::Gone),
        _ => None,
    };
    let payment = state.map(|state| payment(json, state)).transpose()?.flatten();
    Ok(Told { event: status.to_owned(), reference, payment })
}

fn payment(json: &Json, state: DepositState) -> Result<Option<Payment>, &'static str> {
    let uuid = json.text("uuid").ok_or("`uuid` is missing")?;
    let Some(amount) = json.digits("payment_amount") else { return nothing_came(state) };
    let amount = Exact::parse(amount).ok_or("`payment_amount` is no number")?;
    if amount == Exact::zero() {
        return nothing_came(state);
    }
    Ok(Some(Payment {
        name: uuid.to_owned(),
        coin: json.text("payer_currency").ok_or("`payer_currency` is missing")?.to_owned(),
        network: json.text("network").map(str::to_owned),
        amount: amount.digits().to_owned(),
        txid: json.text("txid").map(str::to_owned),
        seen_at: None,
        state,
    }))
}

fn nothing_came(state: DepositState) -> Result<Option<Payment>, &'static str> {
    if state == DepositState::Final { Err("`payment_amount` is missing") } else { Ok(None) }
}

/// Says whether a coin on a network is an asset.
pub(super) fn means(coin: &str, network: Option<&str>, asset: &Asset) -> bool {
    let is_there = network.is_some_and(|network| network.eq_ignore_ascii_case(network_name(asset.network)));
    is_there && coin.eq_ignore_ascii_case(asset.id.symbol())
}
