//! Samples: what a test of an endpoint tells, which never happened. In Refundry's own words it says so; in another system's it is an
//! overpaid invoice with a refund to claim, whose reference is `TEST`.

use domain::dialect::Dialect;
use domain::exception::{Flag, Flags};
use domain::ids::MidId;
use domain::invoice::InvoiceStatus;
use domain::money::Asset;
use domain::policy::{FeeBearer, RateRule};
use domain::refund::{Reason, StateName};
use domain::view::{DepositView, InvoiceView, RefundView};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Payer, Picture, id_of};
use crate::store::codec::At;
use crate::store::deliveries::Delivery;
use crate::store::endpoints::Endpoint;

/// The event of a test, in Refundry's own words.
const EVENT: &str = "endpoint.test";
/// What its invoice is called.
const REFERENCE: &str = "TEST";
/// How long its invoice was open.
const OPEN: SignedDuration = SignedDuration::from_mins(20);

/// Returns a delivery that no row knows.
pub(super) fn delivery(endpoint: &Endpoint, id: Uuid, picture: Picture, now: Timestamp) -> Delivery {
    Delivery {
        id,
        notice_id: id,
        subject_id: id,
        sequence: 1,
        attempts: 0,
        event: EVENT.to_owned(),
        data: Json(json!({ "test": true, "endpoint": endpoint.id })),
        picture: (endpoint.dialect != Dialect::Native).then_some(Json(picture)),
        created_at: At(now),
        dialect: endpoint.dialect,
        endpoint: endpoint.clone(),
    }
}

/// Returns an invoice of 10 coins at a price of 1, paid with 15, and the refund of the 5 that nobody claimed yet.
pub(super) fn picture(mid: MidId, asset: &Asset, public_url: &str, now: Timestamp) -> Picture {
    let id = |what: &[u8]| id_of(&[b"test", what, mid.0.as_bytes()]);
    let (invoice, refund, deposit) = (id(b"invoice"), id(b"refund"), id(b"deposit"));
    let coin = 10_u128.saturating_pow(u32::from(asset.decimals));
    let coins = |count: u128| asset.format_units(coin.saturating_mul(count));
    let exceptions = Flags::default().with(Flag::Over, true);
    let shown = RefundView {
        id: refund,
        mid: mid.0,
        invoice,
        reference: format!("REFUND-{REFERENCE}"),
        state: StateName::AwaitingClaim,
        blocked_by: None,
        reason: Reason::Overpaid,
        exceptions,
        amount: coins(5),
        asset: asset.id.to_string(),
        network: asset.network,
        amount_billed: Some("5.00".to_owned()),
        billed_currency: "USD".to_owned(),
        fee: None,
        net_amount: None,
        policy_version: 1,
        rate_rule: RateRule::CoinExact,
        fee_bearer: FeeBearer::Payer,
        amount_asked: None,
        immediate: true,
        notify: None,
        merchant_reference: None,
        guid: None,
        support_request: None,
        merchant_reason: None,
        message: None,
        made_by: None,
        last_notification_at: None,
        claim_url: None,
        expires_at: None,
        release_at: None,
        destination: None,
        txid: None,
        explorer_url: None,
        fee_raised: false,
        failure: None,
        hold_reason: None,
        conversion: None,
        cancel: None,
        decline_reason: None,
        created_at: now,
        updated_at: now,
        timeline: Vec::new(),
        consent: None,
        emails: Vec::new(),
    };
    let paid = DepositView {
        id: deposit,
        invoice,
        external_id: REFERENCE.to_owned(),
        txid: REFERENCE.to_owned(),
        amount: coins(15),
        asset: asset.id.to_string(),
        seen_at: now,
        status: "final".to_owned(),
    };
    Picture {
        invoice: InvoiceView {
            id: invoice,
            mid: mid.0,
            reference: REFERENCE.to_owned(),
            guid: None,
            status: InvoiceStatus::Complete,
            exceptions,
            amount_billed: "10.00".to_owned(),
            billed_currency: "USD".to_owned(),
            amount_charged: coins(10),
            asset: asset.id.to_string(),
            network: asset.network,
            exchange_rate: "1".to_owned(),
            address: REFERENCE.to_owned(),
            tag: None,
            is_for_untagged: false,
            amount_paid: coins(15),
            payer_email: None,
            hosted_page_url: format!("{public_url}/pay/{invoice}"),
            success_redirect_url: None,
            unsuccess_redirect_url: None,
            metadata: None,
            expires_at: now.saturating_add(OPEN).unwrap_or(now),
            created_at: now,
            deposits: vec![paid],
            cases: Vec::new(),
            refunds: Vec::new(),
        },
        refunds: vec![shown],
        about: Some(refund),
        payers: vec![Payer { deposit, address: None, is_risky: false }],
        merchant: REFERENCE.to_owned(),
    }
}
