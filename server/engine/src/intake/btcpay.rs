//! What BTCPay Server tells: each payment of an invoice, as it is seen and as it is settled.
//!
//! It signs the bytes it sends, so they are checked before anybody reads them. A payment's id is its transaction and output.

use domain::invoice::DepositState;
use domain::money::Asset;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Json, Payment, Told, instant, is_at_home, is_same};
use crate::webhooks::Exact;

/// Where the signature is.
pub(super) const HEADER: &str = "btcpay-sig";

/// Says whether a body is signed with a secret: `sha256=` and HMAC-SHA256 in hexadecimal.
pub(super) fn is_signed(header: Option<&str>, body: &[u8], secret: &str) -> bool {
    let Some(signature) = header.and_then(|header| header.strip_prefix("sha256=")) else { return false };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    is_same(signature, &mac.finalize().into_bytes())
}

/// Reads an event. Those about a whole invoice tell of no payment: what they mean for it, Refundry judges itself.
pub(super) fn read(json: &Json) -> Result<Told, &'static str> {
    let event = json.text("type").ok_or("`type` is missing")?;
    let state = match event {
        "InvoiceReceivedPayment" => Some(DepositState::Seen),
        "InvoicePaymentSettled" => Some(DepositState::Final),
        _ => None,
    };
    let reference = json.get("metadata").and_then(|metadata| metadata.text("orderId")).map(str::to_owned);
    let payment = state.map(|state| payment(json, state)).transpose()?;
    Ok(Told { event: event.to_owned(), reference, payment })
}

fn payment(json: &Json, told: DepositState) -> Result<Payment, &'static str> {
    let coin = json.text("paymentMethodId").or_else(|| json.text("paymentMethod")).ok_or("`paymentMethodId` is missing")?;
    let payment = json.get("payment").ok_or("`payment` is missing")?;
    let name = payment.text("id").ok_or("`payment.id` is missing")?;
    let amount = payment.digits("value").and_then(Exact::parse).ok_or("`payment.value` is no number")?;
    let state = match payment.text("status") {
        // One that another transaction replaced.
        Some("Invalid") => DepositState::Gone,
        Some("Settled") => DepositState::Final,
        Some(_) | None => told,
    };
    Ok(Payment {
        name: name.to_owned(),
        coin: coin.to_owned(),
        network: None,
        amount: amount.digits().to_owned(),
        txid: Some(name.split('-').next().unwrap_or(name).to_owned()),
        seen_at: instant(payment, "receivedDate"),
        state,
    })
}

/// Says whether a payment method is an asset: `BTC-CHAIN`, in older versions `BTC`, is bitcoin; `USDT-TRON` names the network. What goes
/// over Lightning is on no chain.
pub(super) fn means(method: &str, asset: &Asset) -> bool {
    let coin = method.strip_suffix("-CHAIN").unwrap_or(method);
    method.eq_ignore_ascii_case(asset.id.as_str()) || (is_at_home(asset) && coin.eq_ignore_ascii_case(asset.id.symbol()))
}
