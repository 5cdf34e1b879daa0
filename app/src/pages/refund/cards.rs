//! The cards beside a refund's story: payout, claim link, details, deliveries.

use domain::payout::PayoutFailure;
use domain::policy::FeeBearer;
use domain::refund::StateName;
use domain::view::{DeliveryView, RefundView};
use jiff::Timestamp;
use leptos::prelude::*;

use crate::components::{Amount, AssetName, Head, Icon, Pill, Shape, Table, staff};
use crate::pages::claim::Copy;
use crate::pages::{response, symbol};

/// The column beside a refund's story.
pub(super) struct Cards {
    pub refund: RefundView,
    pub order: String,
    pub mid: Option<String>,
    pub now: Timestamp,
}

impl Cards {
    pub(super) fn into_view(self) -> impl IntoView {
        let Self { refund, order, mid, now } = self;
        view! {
            <div class="g5 stick">
                <Payout refund=refund.clone() />
                <ClaimLink refund=refund.clone() now />
                <section class="card">
                    <header><h2>"Details"</h2></header>
                    <div class="body">
                        <dl class="kv">
                            <dt>"Reference"</dt>
                            <dd class="mono">{refund.reference}</dd>
                            <dt>"ID"</dt>
                            <dd class="mono">{refund.id.to_string()}</dd>
                            <dt>"Order"</dt>
                            <dd><a href=format!("/invoices/{}", refund.invoice)>{order}</a></dd>
                            {mid.map(|mid| view! { <dt>"MID"</dt> <dd>{mid}</dd> })}
                            <dt>"Policy"</dt>
                            <dd>{format!("Version {}", refund.policy_version)}</dd>
                            <dt>"Created"</dt>
                            <dd class="num">{staff(refund.created_at, now)}</dd>
                            {refund.made_by.as_deref().map(|maker| view! { <dt>"Created by"</dt> <dd>{maker_title(maker)}</dd> })}
                            {refund.merchant_reference.map(|text| view! { <dt>"Your reference"</dt> <dd>{text}</dd> })}
                            {refund.support_request.map(|text| view! { <dt>"Support request"</dt> <dd>{text}</dd> })}
                            {refund.merchant_reason.map(|text| view! { <dt>"Why"</dt> <dd>{text}</dd> })}
                            {refund.message.map(|text| view! { <dt>"Message to payer"</dt> <dd>{text}</dd> })}
                            {refund
                                .last_notification_at
                                .map(|at| view! { <dt>"Last notified"</dt> <dd class="num">{staff(at, now)}</dd> })}
                        </dl>
                    </div>
                </section>
            </div>
        }
    }
}

/// Returns who made a refund, in a word.
fn maker_title(maker: &str) -> &'static str {
    match maker.split(':').next().unwrap_or_default() {
        "user" => "Staff",
        "key" => "API key",
        _ => "Refundry",
    }
}

#[component]
fn Payout(refund: RefundView) -> impl IntoView {
    let unit = symbol(&refund.asset);
    let fee = refund.fee.map(|fee| {
        let (title, is_taken) = match fee.bearer {
            FeeBearer::Payer => ("Network fee, payer", true),
            FeeBearer::Merchant => ("Network fee, merchant, on top", false),
        };
        view! {
            <div>
                <dt>{title}</dt>
                <dd><Amount value=fee.amount minus=is_taken /></dd>
            </div>
        }
    });
    let net = refund.net_amount.map(|net| {
        view! {
            <div class="total">
                <dt>"Payer receives"</dt>
                <dd><Amount value=net unit=unit.clone() /></dd>
            </div>
        }
    });
    let to = refund.destination.map(|to| {
        let tag = to.tag.map(|tag| view! { <span class="sm">{format!("Tag {tag}")}</span> });
        view! { <Copied label="To" text=to.address name="address" /> {tag} }
    });
    let txid = refund.txid.map(|txid| view! { <Copied label="Transaction" text=txid name="transaction ID" /> });
    let explorer = refund
        .explorer_url
        .map(|url| view! { <a href=url class="btn sm" rel="noopener"><Icon shape=Shape::Open /> "View on explorer"</a> });
    view! {
        <section class="card">
            <header>
                <h2>"Payout"</h2>
                <span class="end"><AssetName symbol=unit.clone() network=refund.network /></span>
            </header>
            <div class="body g4">
                <dl class="sum">
                    <div>
                        <dt>"Refund"</dt>
                        <dd><Amount value=refund.amount /></dd>
                    </div>
                    {fee}
                    {net}
                </dl>
                {to}
                {txid}
                {explorer}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Copied(label: &'static str, text: String, name: &'static str) -> impl IntoView {
    view! {
        <div class="field">
            <span class="sm soft">{label}</span>
            <div class="row one-line">
                <span class="addr sm">{text.clone()}</span>
                <Copy text name />
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn ClaimLink(refund: RefundView, now: Timestamp) -> impl IntoView {
    let about = match refund.state {
        StateName::AwaitingApproval => "There is none before a second person approves the refund.",
        StateName::AwaitingClaim => "The payer has not used it yet. Whoever has the link can claim the refund.",
        StateName::Scheduled | StateName::OnHold | StateName::Sending | StateName::Paid | StateName::PayoutFailed => {
            "Used. It shows the payer how far the refund is."
        }
        StateName::Expired => "Nobody used it in time. It opens nothing any more.",
        StateName::Canceled => "It only says that the refund was cancelled.",
        StateName::Declined => "There never was one.",
    };
    let until = refund.expires_at.map(|at| view! { <p class="sm soft">"Ends " {staff(at, now)} " UTC"</p> });
    let link = refund.claim_url.map(|url| {
        view! {
            <div class="input">
                <span class="addr sm ellipsis">{url.clone()}</span>
                <Copy text=url name="claim link" />
            </div>
        }
    });
    view! {
        <section class="card">
            <header><h2>"Claim link"</h2></header>
            <div class="body g3"><p class="sm soft">{about}</p> {link} {until}</div>
        </section>
    }
    .into_any()
}

const DELIVERIES: &[Head] = &[Head::Words("Event"), Head::Words("Time"), Head::Words("Response"), Head::Words("Attempts")];

/// Webhooks about a refund.
#[component]
pub(super) fn Deliveries(deliveries: Vec<DeliveryView>, now: Timestamp) -> impl IntoView {
    let body = if deliveries.is_empty() {
        view! { <p class="body sm soft">"No endpoint is set up, so nobody was told."</p> }.into_any()
    } else {
        let rows = deliveries.into_iter().map(move |delivery| {
            let (tone, hollow, answer) = response(&delivery);
            view! {
                <tr>
                    <td class="mono">{delivery.event} <span class="sub">{delivery.url}</span></td>
                    <td class="num nw hide">{staff(delivery.attempted_at.unwrap_or(delivery.created_at), now)}</td>
                    <td class="r2"><Pill tone hollow text=answer /> <span class="sub">{delivery.error}</span></td>
                    <td class="num nw hide">{delivery.attempts.to_string()}</td>
                </tr>
            }
        });
        view! {
            <Table label="Webhook deliveries" heads=DELIVERIES>{rows.collect_view()}</Table>
        }
        .into_any()
    };
    view! {
        <section class="card">
            <header><h2>"Webhook deliveries"</h2></header>
            {body}
        </section>
    }
    .into_any()
}

/// Returns why a payout failed, as a sentence.
pub(super) const fn failure_sentence(failure: PayoutFailure) -> &'static str {
    match failure {
        PayoutFailure::ContractReverted => "The token's contract refused the transfer.",
        PayoutFailure::TokenPausedOrBlacklisted => "The token is paused, or its issuer blocks the address.",
        PayoutFailure::AddressRejected => "The network does not deliver to this address.",
        PayoutFailure::AccountNotActivated => "The account does not exist yet, or lacks its reserve.",
        PayoutFailure::SignerDeclined => "The signer's limits do not allow it.",
        PayoutFailure::Superseded => "Another transaction took its place.",
    }
}
