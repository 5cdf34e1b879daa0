//! `/settings/webhooks/{id}`: one endpoint: how it is told, a test, and what was sent there, with bodies and answers. Bodies are shown
//! without claim links: those are for the receiver alone.

use domain::delivery::DeliveryFault;
use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::{DeliveryId, EndpointId};
use domain::merchant::{Right, Scope};
use domain::notice::Notice;
use domain::view::DeliveryView;
use engine::Engine;
use engine::callers::Caller;
use engine::deliveries::DeliveryFilter;
use engine::endpoints::EndpointView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;
use words::{staff_settings, staff_webhooks as said};

use super::webhooks::title;
use super::{Card, Settings, Tab, frozen_until, timed};
use crate::components::{FieldMessage, Head, Icon, Note, Pill, Shape, StaffOnly, Table, Tone, staff};
use crate::language::say;
use crate::pages::claim::Copy;
use crate::pages::{page, page_request, param, query};
use crate::reply::{Failure, Submitted};
use crate::server_fns::endpoint::{ChangeEndpoint, ChooseEvents, EnableEndpoint, ResendWebhook, TestEndpoint};
use crate::session::caller;

/// The page.
#[component]
pub(crate) fn WebhookEndpoint() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let id: EndpointId = param("id").parse().map_err(|_| Failure::NoPage)?;
        let is_operator = caller.scope == Scope::Everything;
        let endpoint = engine.endpoint(&caller, id).await?;
        let filter = DeliveryFilter { endpoint: Some(id), ..DeliveryFilter::default() };
        let deliveries = engine.webhook_deliveries(&caller, filter, page_request()).await?;
        let shown: Option<DeliveryId> = query("delivery").map(|id| id.parse().map_err(|_| Failure::NoPage)).transpose()?;
        let whole = match shown {
            Some(delivery) => Some(engine.webhook_delivery(&caller, delivery).await?),
            None => None,
        };
        let frozen_until = frozen_until(&engine, &caller, &engine.mids(&caller).await?).await?;
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let submitted = submitted.in_words(|field, code| ((field, code) == ("action", "no_key")).then(|| say(said::NoKey)));
        let may_change = may_resend(&caller);
        let now = engine.now();
        let whole = whole.map(|(delivery, body)| view! { <Whole delivery body now /> });
        let older = deliveries.next.map(|next| {
            let url = format!("/settings/webhooks/{}?after={next}", id.0);
            view! { <nav class="row" aria-label=say(said::More)><a class="btn sm" href=url rel="next">{say(said::Older)} " " <Icon shape=Shape::Forward /></a></nav> }
        });
        let denied = (!may_change && !is_operator).then(|| view! { <StaffOnly /> });
        Ok(view! {
            <Settings tab=Tab::Webhooks caller frozen_until submitted=submitted.clone() now>
                <Tested submitted=submitted.clone() />
                <Told endpoint=endpoint.clone() may_change now />
                <Chosen endpoint submitted=submitted.clone() may_change />
                {whole}
                <Deliveries endpoint=id deliveries=deliveries.data may_change now />
                {older} {denied}
            </Settings>
        }
        .into_any())
    })
}

/// What a test met with.
#[component]
fn Tested(submitted: Submitted) -> impl IntoView {
    let outcome = submitted.value("tested").to_owned();
    let answer = submitted.value("answer").to_owned();
    (!outcome.is_empty()).then(|| {
        let tone = if submitted.value("taken") == "true" { "good" } else { "bad" };
        let shape = if tone == "good" { Shape::Check } else { Shape::Alert };
        let answer = (!answer.is_empty()).then(|| view! { <span class="mono wrap">{answer}</span> });
        view! {
            <div role="status">
                <Note tone shape><b>{outcome} " "</b> {answer}</Note>
            </div>
        }
        .into_any()
    })
}

/// Where, how, and the test.
#[component]
fn Told(endpoint: EndpointView, may_change: bool, now: Timestamp) -> impl IntoView {
    let EndpointView { id, url, dialect, signing, public_key, disabled_at, created_at, .. } = endpoint;
    let test = may_change.then(|| {
        view! {
            <form method="post" action=TestEndpoint::url()>
                <input type="hidden" name="id" value=id.to_string() />
                <button class="btn sm" data-busy=say(staff_settings::Sending)><Icon shape=Shape::Plane /> {say(said::SendTest)}</button>
            </form>
        }
    });
    let off = disabled_at.map(|since| view! { <SwitchedOff id since may_change now /> });
    let key = public_key.map(|key| {
        view! {
            <dt>{say(said::PublicKey)}</dt>
            <dd class="row"><span class="mono wrap">{key.clone()}</span> <Copy text=key name=say(said::PublicKeyName) /></dd>
        }
    });
    let change = may_change.then(|| view! { <Change id dialect signing /> });
    view! {
        <section class="card">
            <header>
                <h2 class="wrap">{url}</h2>
                <span class="end">{test}</span>
            </header>
            <div class="body g4">
                {off}
                <dl class="kv">
                    <dt>{say(said::WrittenAs)}</dt>
                    <dd>{title(dialect)}</dd>
                    <dt>{say(said::Signatures)}</dt>
                    <dd>{signatures(signing)}</dd>
                    {key}
                    <dt>{say(staff_settings::Since)}</dt>
                    <dd class="num">{timed(&staff_settings::Instant { time: "" }, created_at, now)}</dd>
                </dl>
                {change}
            </div>
        </section>
    }
    .into_any()
}

/// Of which events it is told: each with a tick box, in Refundry's own words; what another system tells is that system's.
#[component]
fn Chosen(endpoint: EndpointView, submitted: Submitted, may_change: bool) -> impl IntoView {
    let EndpointView { id, dialect, events, .. } = endpoint;
    if dialect != Dialect::Native {
        return view! { <Card title=say(said::Events) about=say(said::EventsOfDialect { system: &title(dialect) })>""</Card> }.into_any();
    }
    let group = |heading: String, kind: &'static str| {
        let boxes = Notice::NAMES.iter().copied().filter(move |name| name.starts_with(kind)).map(|name| {
            view! {
                <label class="check">
                    <input type="checkbox" name="events[]" value=name checked=events.include(name) disabled=!may_change />
                    <span><span class="mono sm">{name}</span> <span class="block soft">{event_title(name)}</span></span>
                </label>
            }
        });
        view! {
            <fieldset>
                <legend class="sm semi">{heading}</legend>
                <div class="ticks">{boxes.collect_view()}</div>
            </fieldset>
        }
    };
    let (refunds, invoices) = (group(say(said::EventsOfRefunds), "refund."), group(say(said::EventsOfInvoices), "invoice."));
    let (on, all) = (events.names().count().to_string(), Notice::NAMES.len().to_string());
    let save = may_change.then(|| {
        view! { <span><button class="btn primary" data-busy=say(staff_settings::Saving)>{say(said::SaveEvents)}</button></span> }
    });
    view! {
        <section class="card" id="events">
            <header>
                <h2>{say(said::Events)}</h2>
                <span class="end sm soft">{say(said::EventsOn { on: &on, all: &all })}</span>
                <p>{say(said::EventsText)}</p>
            </header>
            <form class="body g4" method="post" action=ChooseEvents::url()>
                <input type="hidden" name="id" value=id.to_string() />
                <FieldMessage id="events-msg" message=submitted.error("events") />
                {refunds} {invoices} {save}
            </form>
        </section>
    }
    .into_any()
}

/// Says what an event is about.
fn event_title(name: &str) -> String {
    match name {
        "invoice.processing" => say(said::EventInvoiceProcessing),
        "invoice.complete" => say(said::EventInvoiceComplete),
        "invoice.underpaid" => say(said::EventInvoiceUnderpaid),
        "invoice.expired" => say(said::EventInvoiceExpired),
        "invoice.canceled" => say(said::EventInvoiceCanceled),
        "invoice.held" => say(said::EventInvoiceHeld),
        "invoice.orphaned" => say(said::EventInvoiceOrphaned),
        "invoice.restored" => say(said::EventInvoiceRestored),
        "refund.created" => say(said::EventRefundCreated),
        "refund.claim_available" => say(said::EventRefundClaimAvailable),
        "refund.claimed" => say(said::EventRefundClaimed),
        "refund.claimed_again" => say(said::EventRefundClaimedAgain),
        "refund.sending" => say(said::EventRefundSending),
        "refund.fee_raised" => say(said::EventRefundFeeRaised),
        "refund.paid" => say(said::EventRefundPaid),
        "refund.payout_failed" => say(said::EventRefundPayoutFailed),
        "refund.blocked" => say(said::EventRefundBlocked),
        "refund.expired" => say(said::EventRefundExpired),
        "refund.canceled" => say(said::EventRefundCanceled),
        "refund.reorged" => say(said::EventRefundReorged),
        "refund.reissued" => say(said::EventRefundReissued),
        "refund.declined" => say(said::EventRefundDeclined),
        "refund.expiring" => say(said::EventRefundExpiring),
        "refund.held" => say(said::EventRefundHeld),
        "refund.delayed" => say(said::EventRefundDelayed),
        "refund.approval_needed" => say(said::EventRefundApprovalNeeded),
        "refund.undelivered" => say(said::EventRefundUndelivered),
        later => later.to_owned(),
    }
}

#[component]
fn SwitchedOff(id: Uuid, since: Timestamp, may_change: bool, now: Timestamp) -> impl IntoView {
    let on = may_change.then(|| {
        view! {
            <form method="post" action=EnableEndpoint::url()>
                <input type="hidden" name="id" value=id.to_string() />
                <button class="btn sm" data-busy=say(said::SwitchingOn)>{say(said::SwitchOn)}</button>
            </form>
        }
    });
    view! {
        <Note tone="warn" shape=Shape::Alert>
            <b>{timed(&said::OffSince { since: "" }, since, now)} " "</b>
            {say(said::OffWhy)}
            " "
            {on}
        </Note>
    }
    .into_any()
}

/// Another dialect, other signatures.
#[component]
fn Change(id: Uuid, dialect: Dialect, signing: SignatureScheme) -> impl IntoView {
    let dialects = Dialect::ALL.iter().map(|one| view! { <option value=one.name() selected=*one == dialect>{title(*one)}</option> });
    let schemes =
        SignatureScheme::ALL.iter().map(|one| view! { <option value=one.name() selected=*one == signing>{signatures(*one)}</option> });
    view! {
        <details class="drop">
            <summary class="btn sm">{say(said::ChangeTelling)}</summary>
            <form class="card g4" method="post" action=ChangeEndpoint::url()>
                <input type="hidden" name="id" value=id.to_string() />
                <div class="field">
                    <label for="dialect">{say(said::WrittenAs)}</label>
                    <select class="input" id="dialect" name="dialect" aria-describedby="dialect-hint">{dialects.collect_view()}</select>
                    <p class="hint" id="dialect-hint">{say(said::WrittenAsHint)}</p>
                </div>
                <div class="field">
                    <label for="signing">{say(said::Signatures)}</label>
                    <select class="input" id="signing" name="signing" aria-describedby="signing-hint">{schemes.collect_view()}</select>
                    <p class="hint" id="signing-hint">{say(said::SignaturesHint)}</p>
                </div>
                <button class="btn primary" data-busy=say(staff_settings::Saving)>{say(said::Save)}</button>
            </form>
        </details>
    }
    .into_any()
}

/// One delivery: what was posted, what came back.
#[component]
fn Whole(delivery: DeliveryView, body: Option<String>, now: Timestamp) -> impl IntoView {
    let (tone, hollow, response) = response(&delivery);
    let said = delivery.answer.filter(|answer| !answer.is_empty()).unwrap_or_else(|| say(said::NothingSaid));
    view! {
        <section class="card">
            <header>
                <h2 class="mono">{delivery.event}</h2>
                <span class="end"><Pill tone hollow text=response /></span>
            </header>
            <div class="body g4">
                <dl class="kv">
                    <dt>{say(said::Happened)}</dt>
                    <dd class="num">{timed(&staff_settings::Instant { time: "" }, delivery.created_at, now)}</dd>
                    <dt>{say(said::Number)}</dt>
                    <dd class="num">{delivery.sequence.to_string()}</dd>
                    <dt>{say(said::Attempts)}</dt>
                    <dd class="num">{delivery.attempts.to_string()}</dd>
                    <dt>{say(said::LastAnswer)}</dt>
                    <dd class="mono sm wrap">{said}</dd>
                </dl>
                <h3 class="sm">{say(said::Body)}</h3>
                <p class="mono sm wrap">{body.unwrap_or_else(|| say(said::NoBody))}</p>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Deliveries(endpoint: EndpointId, deliveries: Vec<DeliveryView>, may_change: bool, now: Timestamp) -> impl IntoView {
    let body = if deliveries.is_empty() {
        view! { <p class="body sm soft">{say(said::NothingSent)}</p> }.into_any()
    } else {
        let rows = deliveries.into_iter().map(move |delivery| view! { <Row endpoint delivery may_change now /> });
        let heads = [
            Head::Words(say(said::Event)),
            Head::Words(say(said::Time)),
            Head::Words(say(said::Response)),
            Head::Words(say(said::Attempts)),
            Head::Unseen(say(said::Resend)),
        ];
        view! {
            <Table label=say(said::Deliveries) caption=say(said::DeliveriesNewest) heads>{rows.collect_view()}</Table>
        }
        .into_any()
    };
    view! {
        <Card title=say(said::Deliveries) about=say(said::DeliveriesText)>
            {body}
        </Card>
    }
    .into_any()
}

#[component]
fn Row(endpoint: EndpointId, delivery: DeliveryView, may_change: bool, now: Timestamp) -> impl IntoView {
    let (tone, hollow, text) = response(&delivery);
    let url = format!("/settings/webhooks/{}?delivery={}", endpoint.0, delivery.id);
    let again = may_change.then(|| resend(&delivery, None)).flatten();
    view! {
        <tr>
            <td class="mono"><a href=url>{delivery.event}</a></td>
            <td class="num nw">{staff(delivery.attempted_at.unwrap_or(delivery.created_at), now)}</td>
            <td class="r2"><Pill tone hollow text /> <span class="sub">{fault(delivery.error.as_deref())}</span></td>
            <td class="num nw hide">{delivery.attempts.to_string()}</td>
            <td class="act">{again}</td>
        </tr>
    }
    .into_any()
}

/// The button that sends a delivery once more, unless it still waits. Afterwards the page of its endpoint is shown, or that of `refund`.
pub(crate) fn resend(delivery: &DeliveryView, refund: Option<Uuid>) -> Option<AnyView> {
    let name = say(said::ResendNamed { event: &delivery.event, number: &delivery.sequence.to_string() });
    let from = refund.map(|refund| view! { <input type="hidden" name="refund" value=refund.to_string() /> });
    (delivery.status != "pending").then(|| {
        view! {
            <form method="post" action=ResendWebhook::url()>
                <input type="hidden" name="id" value=delivery.id.to_string() />
                <input type="hidden" name="endpoint" value=delivery.endpoint.to_string() />
                {from}
                <button class="btn sm ghost" aria-label=name data-busy=say(staff_settings::Sending)><Icon shape=Shape::Retry /> {say(said::Resend)}</button>
            </form>
        }
        .into_any()
    })
}

/// Says who may send webhooks once more. The operator helps to find out why one does not arrive; where merchants listen is their own matter.
pub(crate) fn may_resend(caller: &Caller) -> bool {
    caller.may(Right::ChangeSettings) && caller.scope != Scope::Everything
}

/// Says how a delivery stands: tone, whether it is only an outline, words.
pub(crate) fn response(delivery: &DeliveryView) -> (Tone, bool, String) {
    match (delivery.status.as_str(), delivery.response_status) {
        ("delivered", status) => (Tone::Good, false, status.map_or_else(|| say(said::Delivered), |status| status.to_string())),
        ("pending", None) => (Tone::Quiet, true, say(said::Waiting)),
        // Sent again: what it was answered before says nothing of that.
        ("pending", Some(_)) if delivery.attempts == 0 => (Tone::Quiet, true, say(said::Waiting)),
        (_, status) => (Tone::Bad, false, status.map_or_else(|| say(said::NoAnswer), |status| status.to_string())),
    }
}

/// Returns why a delivery was not taken, in words; nothing where its receiver's status says it.
pub(crate) fn fault(error: Option<&str>) -> Option<String> {
    let known = error.and_then(DeliveryFault::from_name)?;
    Some(match known {
        DeliveryFault::EndpointRemoved => say(said::FaultRemoved),
        DeliveryFault::EndpointOff | DeliveryFault::Gone => say(said::FaultOff),
        DeliveryFault::NoKey => say(said::FaultNoKey),
        DeliveryFault::NotAUrl => say(said::FaultNotAUrl),
        DeliveryFault::Private => say(said::FaultPrivate),
        DeliveryFault::NoAnswer => say(said::FaultNoAnswer),
        DeliveryFault::NoConnection => say(said::FaultNoConnection),
        DeliveryFault::Failed => say(said::FaultFailed),
    })
}

/// Returns what a scheme is called.
fn signatures(scheme: SignatureScheme) -> String {
    match scheme {
        SignatureScheme::V1 => say(said::SignedV1),
        SignatureScheme::V1a => say(said::SignedV1a),
        SignatureScheme::Both => say(said::SignedBoth),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_its_words() {
        for name in Notice::NAMES {
            assert_ne!(event_title(name), *name);
        }
    }
}
