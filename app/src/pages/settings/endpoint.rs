//! `/settings/webhooks/{id}`: one endpoint: how it is told, a test, and what was sent there, with bodies and answers. Bodies are shown
//! without claim links: those are for the receiver alone.

use domain::dialect::{Dialect, SignatureScheme};
use domain::ids::{DeliveryId, EndpointId};
use domain::merchant::{Right, Scope};
use domain::view::DeliveryView;
use engine::Engine;
use engine::deliveries::DeliveryFilter;
use engine::endpoints::EndpointView;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;

use super::webhooks::title;
use super::{Card, Settings, Tab, frozen_until};
use crate::components::{Head, Icon, Note, Pill, Shape, StaffOnly, Table, Tone, staff};
use crate::pages::claim::Copy;
use crate::pages::{page, page_request, param, query};
use crate::reply::{Failure, Submitted};
use crate::server_fns::endpoint::{ChangeEndpoint, EnableEndpoint, ResendWebhook, TestEndpoint};
use crate::session::caller;

const DELIVERIES: &[Head] =
    &[Head::Words("Event"), Head::Words("Time"), Head::Words("Response"), Head::Words("Attempts"), Head::Unseen("Resend")];

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
        // The operator helps to find out why a webhook does not arrive; where merchants listen is their own matter.
        let may_change = caller.may(Right::ChangeSettings) && !is_operator;
        let now = engine.now();
        let whole = whole.map(|(delivery, body)| view! { <Whole delivery body now /> });
        let older = deliveries.next.map(|next| {
            let url = format!("/settings/webhooks/{}?after={next}", id.0);
            view! { <nav class="row" aria-label="More deliveries"><a class="btn sm" href=url rel="next">"Older " <Icon shape=Shape::Forward /></a></nav> }
        });
        let denied = (!may_change && !is_operator).then(|| view! { <StaffOnly /> });
        Ok(view! {
            <Settings tab=Tab::Webhooks caller frozen_until submitted=submitted.clone() now>
                <Tested submitted />
                <Told endpoint may_change now />
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
                <Note tone shape><b>"Test event: " {outcome} ". "</b> {answer}</Note>
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
                <button class="btn sm" data-busy="Sending…"><Icon shape=Shape::Plane /> "Send test event"</button>
            </form>
        }
    });
    let off = disabled_at.map(|since| view! { <SwitchedOff id since may_change now /> });
    let key = public_key.map(|key| {
        view! {
            <dt>"Public key"</dt>
            <dd class="row"><span class="mono wrap">{key.clone()}</span> <Copy text=key name="public key" /></dd>
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
                    <dt>"Written as"</dt>
                    <dd>{title(dialect)}</dd>
                    <dt>"Signatures"</dt>
                    <dd>{signatures(signing)}</dd>
                    {key}
                    <dt>"Since"</dt>
                    <dd class="num">{staff(created_at, now)} " UTC"</dd>
                </dl>
                {change}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn SwitchedOff(id: Uuid, since: Timestamp, may_change: bool, now: Timestamp) -> impl IntoView {
    let on = may_change.then(|| {
        view! {
            <form method="post" action=EnableEndpoint::url()>
                <input type="hidden" name="id" value=id.to_string() />
                <button class="btn sm" data-busy="Switching on…">"Switch on again"</button>
            </form>
        }
    });
    view! {
        <Note tone="warn" shape=Shape::Alert>
            <b>"Switched off since " {staff(since, now)} " UTC. "</b>
            "It answered 410, which says that it wants nothing more. What happens meanwhile is not sent. " {on}
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
            <summary class="btn sm">"Change how it is told"</summary>
            <form class="card g4" method="post" action=ChangeEndpoint::url()>
                <input type="hidden" name="id" value=id.to_string() />
                <div class="field">
                    <label for="dialect">"Written as"</label>
                    <select class="input" id="dialect" name="dialect" aria-describedby="dialect-hint">{dialects.collect_view()}</select>
                    <p class="hint" id="dialect-hint">"From the next event on. What waits stays as it was written."</p>
                </div>
                <div class="field">
                    <label for="signing">"Signatures"</label>
                    <select class="input" id="signing" name="signing" aria-describedby="signing-hint">{schemes.collect_view()}</select>
                    <p class="hint" id="signing-hint">"Systems that sign their own way go on doing so."</p>
                </div>
                <button class="btn primary" data-busy="Saving…">"Save"</button>
            </form>
        </details>
    }
    .into_any()
}

/// One delivery: what was posted, what came back.
#[component]
fn Whole(delivery: DeliveryView, body: Option<String>, now: Timestamp) -> impl IntoView {
    let (tone, hollow, response) = response(&delivery);
    let said = delivery.answer.filter(|answer| !answer.is_empty()).unwrap_or_else(|| "Nothing".to_owned());
    view! {
        <section class="card">
            <header>
                <h2 class="mono">{delivery.event}</h2>
                <span class="end"><Pill tone hollow text=response /></span>
            </header>
            <div class="body g4">
                <dl class="kv">
                    <dt>"Happened"</dt>
                    <dd class="num">{staff(delivery.created_at, now)} " UTC"</dd>
                    <dt>"Its number"</dt>
                    <dd class="num">{delivery.sequence.to_string()}</dd>
                    <dt>"Attempts"</dt>
                    <dd class="num">{delivery.attempts.to_string()}</dd>
                    <dt>"The last answer"</dt>
                    <dd class="mono sm wrap">{said}</dd>
                </dl>
                <h3 class="sm">"Body, without claim links"</h3>
                <p class="mono sm wrap">{body.unwrap_or_else(|| "The MID has no API key to sign with: make one.".to_owned())}</p>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Deliveries(endpoint: EndpointId, deliveries: Vec<DeliveryView>, may_change: bool, now: Timestamp) -> impl IntoView {
    let body = if deliveries.is_empty() {
        view! { <p class="body sm soft">"Nothing was sent there yet."</p> }.into_any()
    } else {
        let rows = deliveries.into_iter().map(move |delivery| view! { <Row endpoint delivery may_change now /> });
        view! {
            <Table label="Deliveries" caption="Deliveries, newest first" heads=DELIVERIES>{rows.collect_view()}</Table>
        }
        .into_any()
    };
    view! {
        <Card title="Deliveries" about="What fails is tried again for three days, then listed here for you to send again.">
            {body}
        </Card>
    }
    .into_any()
}

#[component]
fn Row(endpoint: EndpointId, delivery: DeliveryView, may_change: bool, now: Timestamp) -> impl IntoView {
    let (tone, hollow, text) = response(&delivery);
    let url = format!("/settings/webhooks/{}?delivery={}", endpoint.0, delivery.id);
    let name = format!("Resend {} number {}", delivery.event, delivery.sequence);
    let again = (may_change && delivery.status != "pending").then(|| {
        view! {
            <form method="post" action=ResendWebhook::url()>
                <input type="hidden" name="id" value=delivery.id.to_string() />
                <input type="hidden" name="endpoint" value=endpoint.0.to_string() />
                <button class="btn sm ghost" aria-label=name data-busy="Sending…"><Icon shape=Shape::Retry /> "Resend"</button>
            </form>
        }
    });
    view! {
        <tr>
            <td class="mono"><a href=url>{delivery.event}</a></td>
            <td class="num nw">{staff(delivery.attempted_at.unwrap_or(delivery.created_at), now)}</td>
            <td class="r2"><Pill tone hollow text /> <span class="sub">{delivery.error}</span></td>
            <td class="num nw hide">{delivery.attempts.to_string()}</td>
            <td class="act">{again}</td>
        </tr>
    }
    .into_any()
}

/// Says how a delivery stands: tone, whether it is only an outline, words.
pub(crate) fn response(delivery: &DeliveryView) -> (Tone, bool, String) {
    match (delivery.status.as_str(), delivery.response_status) {
        ("delivered", status) => (Tone::Good, false, status.map_or_else(|| "Delivered".to_owned(), |status| status.to_string())),
        ("pending", None) => (Tone::Quiet, true, "Waiting".to_owned()),
        (_, status) => (Tone::Bad, false, status.map_or_else(|| "No answer".to_owned(), |status| status.to_string())),
    }
}

/// Returns what a scheme is called.
const fn signatures(scheme: SignatureScheme) -> &'static str {
    match scheme {
        SignatureScheme::V1 => "A shared secret (v1)",
        SignatureScheme::V1a => "A key pair (v1a)",
        SignatureScheme::Both => "Both, on the way from one to the other",
    }
}
