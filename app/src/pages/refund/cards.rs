//! The cards beside a refund's story: payout, claim link, details, deliveries.

use domain::payout::PayoutFailure;
use domain::policy::FeeBearer;
use domain::refund::StateName;
use domain::view::{ConsentView, DeliveryView, RefundView};
use jiff::Timestamp;
use leptos::prelude::*;
use uuid::Uuid;
use words::{staff_refund as said, staff_webhooks};

use crate::components::{Amount, AssetName, Head, Icon, Pill, Shape, Table, staff};
use crate::language::{rich, say, staff_language};
use crate::pages::claim::Copy;
use crate::pages::{fault, resend, response, symbol};

/// The column beside a refund's story.
pub(super) struct Cards {
    pub refund: RefundView,
    pub order: String,
    pub mid: Option<String>,
    /// What the network would take now, and what would be left for the payer, as long as nobody claimed it.
    pub expected: Option<(String, Option<String>)>,
    /// Where its payer is written to, where that is known.
    pub payer: Option<String>,
    /// Who made it.
    pub maker: Option<String>,
    pub now: Timestamp,
}

impl Cards {
    pub(super) fn into_view(self) -> impl IntoView {
        let Self { refund, order, mid, expected, payer, maker, now } = self;
        let policy_url = format!("/policies/{}#version-{}", refund.mid, refund.policy_version);
        view! {
            <div class="g5 stick">
                <Payout refund=refund.clone() expected />
                <ClaimLink refund=refund.clone() now />
                <section class="card">
                    <header><h2>{say(said::Details)}</h2></header>
                    <div class="body">
                        <dl class="kv">
                            <dt>{say(said::Reference)}</dt>
                            <dd class="mono">{refund.reference}</dd>
                            <dt>{say(said::Id)}</dt>
                            <dd class="mono">{refund.id.to_string()}</dd>
                            <dt>{say(said::Order)}</dt>
                            <dd><a href=format!("/invoices/{}", refund.invoice)>{order}</a></dd>
                            {mid.map(|mid| view! { <dt>{say(said::Mid)}</dt> <dd>{mid}</dd> })}
                            <dt>{say(said::Policy)}</dt>
                            <dd><a href=policy_url>{say(said::Version { number: &refund.policy_version.to_string() })}</a></dd>
                            {payer.map(|payer| view! { <dt>{say(said::PayerEmail)}</dt> <dd class="wrap">{payer}</dd> })}
                            <dt>{say(said::Created)}</dt>
                            <dd class="num">{staff(refund.created_at, now)}</dd>
                            {maker.map(|maker| view! { <dt>{say(said::CreatedBy)}</dt> <dd class="wrap">{maker}</dd> })}
                            {refund.merchant_reference.map(|text| view! { <dt>{say(said::YourReference)}</dt> <dd>{text}</dd> })}
                            {refund.support_request.map(|text| view! { <dt>{say(said::SupportRequest)}</dt> <dd>{text}</dd> })}
                            {refund.merchant_reason.map(|text| view! { <dt>{say(said::Why)}</dt> <dd>{text}</dd> })}
                            {refund.message.map(|text| view! { <dt>{say(said::Message)}</dt> <dd>{text}</dd> })}
                            {refund.consent.map(|consent| view! { <dt>{say(said::PrivacyPolicy)}</dt> <dd>{agreed(consent, now)}</dd> })}
                            {refund
                                .last_notification_at
                                .map(|at| view! { <dt>{say(said::LastNotified)}</dt> <dd class="num">{staff(at, now)}</dd> })}
                        </dl>
                    </div>
                </section>
            </div>
        }
    }
}

/// Returns which privacy policy a payer agreed to, and when.
fn agreed(ConsentView { url, version, at }: ConsentView, now: Timestamp) -> impl IntoView {
    let text = said::Agreed { time: "", version: &version };
    rich(&text, staff_language(), move |name, text| match name {
        "version" => view! { <a href=url.clone() target="_blank" rel="noopener noreferrer">{text}</a> }.into_any(),
        _ => staff(at, now).into_any(),
    })
}

/// Returns who made a refund, in a word.
pub(super) fn maker_title(maker: &str) -> String {
    match maker.split(':').next().unwrap_or_default() {
        "user" => say(said::Staff),
        "key" => say(said::Key),
        _ => "Refundry".to_owned(),
    }
}

#[component]
fn Payout(refund: RefundView, expected: Option<(String, Option<String>)>) -> impl IntoView {
    let unit = symbol(&refund.asset);
    // Nobody agreed to a fee before somebody claims: until then it is what it would be now.
    let is_expected = refund.fee.is_none();
    let (fee, net) = match (refund.fee, expected) {
        (Some(fee), _) => (Some(fee.amount), refund.net_amount),
        (None, Some((fee, net))) => (Some(fee), net),
        (None, None) => (None, refund.net_amount),
    };
    let about = (is_expected && fee.is_some()).then(|| view! { <p class="sm soft">{say(said::FeeExpected)}</p> });
    let fee = fee.map(|fee| {
        let (title, is_taken) = match refund.fee_bearer {
            FeeBearer::Payer => (say(said::FeePayer), true),
            FeeBearer::Merchant => (say(said::FeeMerchant), false),
        };
        view! {
            <div>
                <dt>{title}</dt>
                <dd><Amount value=fee minus=is_taken /></dd>
            </div>
        }
    });
    let net = net.map(|net| {
        view! {
            <div class="total">
                <dt>{say(said::PayerReceives)}</dt>
                <dd><Amount value=net unit=unit.clone() /></dd>
            </div>
        }
    });
    let to = refund.destination.map(|to| {
        let tag = to.tag.map(|tag| view! { <span class="sm">{say(said::Tag { tag: &tag })}</span> });
        view! { <Copied label=say(said::To) text=to.address name=say(said::CopyAddress) /> {tag} }
    });
    let txid = refund.txid.map(|txid| view! { <Copied label=say(said::Transaction) text=txid name=say(said::CopyTransaction) /> });
    let explorer = refund
        .explorer_url
        .map(|url| view! { <a href=url class="btn sm" rel="noopener"><Icon shape=Shape::Open /> {say(said::Explorer)}</a> });
    view! {
        <section class="card">
            <header>
                <h2>{say(said::Payout)}</h2>
                <span class="end"><AssetName symbol=unit.clone() network=refund.network /></span>
            </header>
            <div class="body g4">
                <dl class="sum">
                    <div>
                        <dt>{say(said::Refund)}</dt>
                        <dd><Amount value=refund.amount /></dd>
                    </div>
                    {fee}
                    {net}
                </dl>
                {about}
                {to}
                {txid}
                {explorer}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Copied(label: String, text: String, name: String) -> impl IntoView {
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
        StateName::AwaitingApproval => say(said::LinkNotYet),
        StateName::AwaitingClaim => say(said::LinkOpen),
        StateName::Scheduled | StateName::OnHold | StateName::Sending | StateName::Paid | StateName::PayoutFailed => say(said::LinkUsed),
        StateName::Expired => say(said::LinkExpired),
        StateName::Canceled => say(said::LinkCancelled),
        StateName::Declined => say(said::LinkNever),
    };
    let until = refund.expires_at.map(|at| {
        let ends = rich(&said::LinkEnds { time: "" }, staff_language(), |_, _| staff(at, now).into_any());
        view! { <p class="sm soft">{ends}</p> }
    });
    let link = refund.claim_url.map(|url| {
        view! {
            <div class="input">
                <span class="addr sm ellipsis">{url.clone()}</span>
                <Copy text=url name=say(said::CopyLink) />
            </div>
        }
    });
    view! {
        <section class="card">
            <header><h2>{say(said::ClaimLink)}</h2></header>
            <div class="body g3"><p class="sm soft">{about}</p> {link} {until}</div>
        </section>
    }
    .into_any()
}

/// Webhooks about a refund.
#[component]
pub(super) fn Deliveries(deliveries: Vec<DeliveryView>, refund: Uuid, may_resend: bool, now: Timestamp) -> impl IntoView {
    let body = if deliveries.is_empty() {
        view! { <p class="body sm soft">{say(said::NoEndpoint)}</p> }.into_any()
    } else {
        let rows = deliveries.into_iter().map(move |delivery| {
            let (tone, hollow, answer) = response(&delivery);
            let again = may_resend.then(|| resend(&delivery, Some(refund))).flatten();
            view! {
                <tr>
                    <td class="mono">{delivery.event} <span class="sub">{delivery.url}</span></td>
                    <td class="num nw hide">{staff(delivery.attempted_at.unwrap_or(delivery.created_at), now)}</td>
                    <td class="r2"><Pill tone hollow text=answer /> <span class="sub">{fault(delivery.error.as_deref())}</span></td>
                    <td class="num nw hide">{delivery.attempts.to_string()}</td>
                    <td class="act">{again}</td>
                </tr>
            }
        });
        let heads = [
            Head::Words(say(said::Event)),
            Head::Words(say(said::Time)),
            Head::Words(say(said::Response)),
            Head::Words(say(said::Attempts)),
            Head::Unseen(say(staff_webhooks::Resend)),
        ];
        view! { <Table label=say(said::Deliveries) heads>{rows.collect_view()}</Table> }.into_any()
    };
    view! {
        <section class="card">
            <header><h2>{say(said::Deliveries)}</h2></header>
            {body}
        </section>
    }
    .into_any()
}

/// Returns why a payout failed, as a sentence.
pub(super) fn failure_sentence(failure: PayoutFailure) -> String {
    match failure {
        PayoutFailure::ContractReverted => say(said::FailedReverted),
        PayoutFailure::TokenPausedOrBlacklisted => say(said::FailedPaused),
        PayoutFailure::AddressRejected => say(said::FailedRejected),
        PayoutFailure::AccountNotActivated => say(said::FailedInactive),
        PayoutFailure::SignerDeclined => say(said::FailedDeclined),
        PayoutFailure::Superseded => say(said::FailedSuperseded),
    }
}
