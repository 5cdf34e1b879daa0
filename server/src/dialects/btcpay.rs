//! BTCPay Server's Greenfield API, as far as it refunds: an invoice's refund is a pull payment, whose `viewLink` is the claim link.
//!
//! A store is a MID; `Authorization: token` and a key of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use domain::claim::FieldErrors;
use domain::ids::{InvoiceId, MidId, RefundId};
use domain::money::{Amount, Asset};
use domain::policy::RateRule;
use domain::refund::{Reason, StateName};
use domain::view::{InvoiceView, RefundView};
use engine::refunding::NewRefund;
use engine::{Engine, Error};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use serde_json::json;

use super::number::Number;
use super::{Sent, by_id, once, same_refund, symbol};
use crate::api::sent_key;
use crate::problem::{Code, Problem};

/// Its URLs.
pub fn routes() -> Vec<(&'static str, MethodRouter<Engine>)> {
    vec![("/compat/btcpay/api/v1/stores/{store}/invoices/{invoice}/refund", post(refund))]
}

/// Why a request is not carried out.
enum Refusal {
    /// What is wrong with which field.
    Fields(FieldErrors),
    /// A code of theirs and a sentence.
    Code(StatusCode, &'static str, String),
    /// The key may not do this.
    Forbidden(String),
}

/// The permission of theirs that the call needs.
const PERMISSION: &str = "btcpay.store.cancreatenonapprovedpullpayments";

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Fields(errors) => {
                let told = |name: &str| {
                    match name {
                        "percent" => "SubtractPercentage",
                        "amount" => "CustomAmount",
                        "currency" => "CustomCurrency",
                        "reference" => "Name",
                        "message" => "Description",
                        _ => return name.to_owned(),
                    }
                    .to_owned()
                };
                let errors: Vec<_> = errors.0.iter().map(|error| json!({ "path": told(&error.field), "message": error.message })).collect();
                (StatusCode::UNPROCESSABLE_ENTITY, Json(json!(errors))).into_response()
            }
            Self::Code(status, code, message) => (status, Json(json!({ "code": code, "message": message }))).into_response(),
            Self::Forbidden(message) => {
                let body = json!({ "code": "missing-permission", "message": message, "missingPermission": PERMISSION });
                (StatusCode::FORBIDDEN, Json(body)).into_response()
            }
        }
    }
}

impl<T: Into<Problem>> From<T> for Refusal {
    fn from(error: T) -> Self {
        let problem: Problem = error.into();
        let code = match problem.code() {
            Code::ValidationFailed => return Self::Fields(FieldErrors(problem.errors().to_vec())),
            Code::Forbidden => return Self::Forbidden(problem.detail().to_owned()),
            // Theirs is a bad request.
            Code::InvoiceState => return Self::Code(StatusCode::BAD_REQUEST, "non-refundable", problem.detail().to_owned()),
            Code::NotFound => "invoice-not-found",
            Code::Unauthorized => "unauthenticated",
            Code::ExceedsRefundable => "overdraft",
            Code::FeeExceedsAmount => "amount-too-low",
            Code::RateUnavailable => "rate-unavailable",
            other @ (Code::IdempotencyMismatch
            | Code::Conflict
            | Code::ActiveRefundExists
            | Code::WalletMissing
            | Code::MerchantFrozen
            | Code::InsufficientBalance
            | Code::QuoteExpired
            | Code::RateLimited
            | Code::Maintenance
            | Code::InternalError) => other.name(),
        };
        Self::Code(problem.status(), code, problem.detail().to_owned())
    }
}

/// How much is given back.
#[derive(Clone, Copy, Debug, Deserialize)]
enum Variant {
    /// The coins that were paid.
    RateThen,
    /// What the payment was worth, in coins of today.
    CurrentRate,
    /// What was paid too much.
    OverpaidAmount,
    /// The invoice's amount, in coins of the day on which it is sent.
    Fiat,
    /// What the merchant says.
    Custom,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    name: Option<String>,
    description: Option<String>,
    payout_method_id: Option<String>,
    /// What `payoutMethodId` was called before version 2. Some clients send both.
    payment_method: Option<String>,
    refund_variant: Option<Variant>,
    subtract_percentage: Option<Number>,
    custom_amount: Option<Number>,
    custom_currency: Option<String>,
}

/// `POST /api/v1/stores/{store}/invoices/{invoice}/refund`. The same again within a day is the same pull payment.
async fn refund(State(engine): State<Engine>, Path((store, invoice)): Path<(String, String)>, sent: Sent) -> Result<Response, Refusal> {
    let caller = sent_key(&engine, &sent.parts.headers, "token ").await?.ok_or_else(Problem::unauthorized)?;
    let body: Body = serde_json::from_slice(&sent.body).map_err(|error| Problem::field("", "invalid", &error.to_string()))?;
    let (Ok(store), Ok(id)) = (store.parse(), invoice.parse()) else { return Err(Problem::not_found().into()) };
    let invoice = by_id(&engine, &caller, MidId(store), id).await?;
    let asset = invoice.asset.parse().ok().and_then(|id| engine.assets().get(id)).ok_or_else(Problem::internal)?;
    let variant = body.refund_variant.ok_or_else(|| Problem::field("RefundVariant", "required", "choose a variant"))?;
    for (field, is_given) in [("CustomAmount", body.custom_amount.is_some()), ("CustomCurrency", body.custom_currency.is_some())] {
        if is_given && !matches!(variant, Variant::Custom) {
            return Err(Problem::field(field, "mismatch", "send it with the variant Custom only").into());
        }
    }
    check_method(&body, asset)?;
    // What the payer is offered already is not offered twice.
    let is_offered = |state| state == StateName::AwaitingClaim;
    let offered = invoice.refunds.iter().find(|refund| refund.reason == Reason::Overpaid && is_offered(refund.state));
    let refund = match (variant, offered) {
        (Variant::OverpaidAmount, Some(offered)) => engine.refund(&caller, RefundId(offered.id)).await?,
        (Variant::RateThen | Variant::CurrentRate | Variant::OverpaidAmount | Variant::Fiat | Variant::Custom, _) => {
            let new = asked(&body, variant, &invoice, asset)?;
            let name = same_refund("btcpay", &invoice, &format!("{new:?}"));
            let make = async |id| engine.create_refund(&caller, InvoiceId(invoice.id), new, RefundId(id)).await;
            once(&engine, &caller, &name, make).await?
        }
    };
    Ok(Json(pull_payment(&body, variant, &refund)).into_response())
}

/// Refuses another coin than the invoice was paid in.
fn check_method(body: &Body, asset: &Asset) -> Result<(), Refusal> {
    let Some(method) = body.payout_method_id.as_ref().or(body.payment_method.as_ref()) else { return Ok(()) };
    let coin = asset.id.symbol();
    let names = [coin.to_owned(), format!("{coin}-CHAIN"), asset.id.to_string()];
    if names.iter().any(|name| name.eq_ignore_ascii_case(method)) {
        return Ok(());
    }
    Err(Problem::field("PayoutMethodId", "mismatch", &format!("this invoice was paid in {}", asset.id)).into())
}

/// Says a variant in the engine's words.
fn asked(body: &Body, variant: Variant, invoice: &InvoiceView, asset: &Asset) -> Result<NewRefund, Refusal> {
    let kept = kept(body)?;
    let named = NewRefund { reference: body.name.clone(), message: body.description.clone(), ..NewRefund::default() };
    let part = Some(kept).filter(|kept| *kept != Decimal::ONE_HUNDRED).map(|kept| kept.to_string());
    Ok(match variant {
        Variant::RateThen => NewRefund { percent: part, rate_rule: Some(RateRule::RateThen), ..named },
        Variant::CurrentRate => NewRefund { percent: part, rate_rule: Some(RateRule::RateNowAtCreate), ..named },
        Variant::OverpaidAmount => {
            NewRefund { rate_rule: Some(RateRule::CoinExact), ..coins(overpaid(invoice, asset)?, kept, asset, named)? }
        }
        Variant::Fiat => {
            let rate_rule = Some(RateRule::RateNowAtRelease);
            NewRefund { rate_rule, ..priced(&invoice.amount_billed, kept, invoice, named)? }
        }
        Variant::Custom => {
            let required = |field: &str| Problem::field(field, "required", "send it with the variant Custom");
            let amount = body.custom_amount.as_ref().ok_or_else(|| required("CustomAmount"))?.decimal();
            let amount = amount.ok_or_else(|| Problem::field("CustomAmount", "invalid", "write a number above zero"))?;
            let currency = body.custom_currency.as_deref().ok_or_else(|| required("CustomCurrency"))?;
            match currency {
                coin if coin.eq_ignore_ascii_case(asset.id.symbol()) => {
                    let amount =
                        asset.parse_amount(&amount).map_err(|error| Problem::field("CustomAmount", "invalid", &error.to_string()))?;
                    NewRefund { rate_rule: Some(RateRule::CoinExact), ..coins(amount, kept, asset, named)? }
                }
                billed if billed == invoice.billed_currency => {
                    NewRefund { rate_rule: Some(RateRule::RateNowAtRelease), ..priced(&amount, kept, invoice, named)? }
                }
                _ => {
                    let remedy = format!("choose {} or {}", asset.id.symbol(), invoice.billed_currency);
                    return Err(Problem::field("CustomCurrency", "mismatch", &remedy).into());
                }
            }
        }
    })
}

/// Returns how many percent are left to give back.
fn kept(body: &Body) -> Result<Decimal, Refusal> {
    let wrong = || Problem::field("SubtractPercentage", "out_of_range", "choose 0 to less than 100");
    let Some(subtracted) = &body.subtract_percentage else { return Ok(Decimal::ONE_HUNDRED) };
    let subtracted: Decimal = subtracted.decimal().and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
    let kept = Decimal::ONE_HUNDRED.checked_sub(subtracted).filter(|kept| *kept > Decimal::ZERO);
    Ok(kept.ok_or_else(wrong)?.normalize())
}

/// Returns what was paid above what the invoice asks for.
fn overpaid(invoice: &InvoiceView, asset: &Asset) -> Result<Amount, Refusal> {
    let units = |text: &str| asset.parse_amount(text).map(|amount| amount.units).unwrap_or_default();
    match units(&invoice.amount_paid).saturating_sub(units(&invoice.amount_charged)) {
        0 => Err(Problem::field("RefundVariant", "mismatch", "this invoice was not overpaid").into()),
        over => Ok(asset.units(over)),
    }
}

fn coins(amount: Amount, kept: Decimal, asset: &Asset, named: NewRefund) -> Result<NewRefund, Refusal> {
    let amount = if kept == Decimal::ONE_HUNDRED { amount } else { amount.percent(kept).map_err(Error::from)? };
    Ok(NewRefund { amount: Some(asset.format_units(amount.units)), ..named })
}

fn priced(amount: &str, kept: Decimal, invoice: &InvoiceView, named: NewRefund) -> Result<NewRefund, Refusal> {
    let wrong = || Problem::field("CustomAmount", "invalid", "write an amount with at most two decimals");
    let amount: Decimal = amount.parse().map_err(|_| wrong())?;
    let amount = if kept == Decimal::ONE_HUNDRED {
        amount
    } else {
        let part = amount.checked_mul(kept).and_then(|part| part.checked_div(Decimal::ONE_HUNDRED)).ok_or_else(wrong)?;
        // What lies below a cent is the payer's.
        part.round_dp_with_strategy(2, RoundingStrategy::AwayFromZero)
    };
    Ok(NewRefund { amount: Some(amount.to_string()), currency: Some(invoice.billed_currency.clone()), ..named })
}

/// Returns a refund as the pull payment that these clients show.
fn pull_payment(body: &Body, variant: Variant, refund: &RefundView) -> serde_json::Value {
    let in_coins = match variant {
        Variant::RateThen | Variant::CurrentRate | Variant::OverpaidAmount => true,
        Variant::Fiat => false,
        Variant::Custom => body.custom_currency.as_deref() != Some(refund.billed_currency.as_str()),
    };
    let (amount, currency) = match (&refund.amount_asked, in_coins) {
        (Some(asked), false) => (asked.as_str(), refund.billed_currency.as_str()),
        (Some(_) | None, _) => (refund.amount.as_str(), symbol(&refund.asset)),
    };
    json!({
        "id": refund.id,
        "name": body.name.clone().unwrap_or_else(|| format!("Refund {}", refund.invoice)),
        "description": body.description.clone().unwrap_or_default(),
        "currency": currency,
        "amount": amount,
        "autoApproveClaims": refund.state != StateName::AwaitingApproval,
        "archived": false,
        "startsAt": refund.created_at.as_second(),
        "expiresAt": refund.expires_at.map(jiff::Timestamp::as_second),
        "viewLink": refund.claim_url,
    })
}
