//! `/settings/webhooks`: where a merchant listens. Webhooks carry claim links, so a change of theirs locks payouts for a while (CM-09).

use std::collections::HashMap;

use domain::dialect::Dialect;
use domain::ids::{MerchantId, MidId};
use domain::merchant::{Right, Scope};
use engine::Engine;
use engine::endpoints::EndpointView;
use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;

use super::{Card, MidChoice, Secret, Settings, Tab, frozen_until};
use crate::components::{Empty, Icon, Pill, Shape, StaffOnly, TextField, Tone, staff};
use crate::pages::page;
use crate::reply::Submitted;
use crate::server_fns::endpoint::{AddEndpoint, MoveEndpoint, RemoveEndpoint, RotateEndpoint};
use crate::session::caller;

/// How long both secrets sign after a rotation.
const BOTH_SIGN: SignedDuration = SignedDuration::from_hours(24);

/// The page.
#[component]
pub(crate) fn Webhooks() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let mids = engine.mids(&caller).await?;
        let is_operator = caller.scope == Scope::Everything;
        let endpoints = engine.endpoints(&caller).await?;
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let names: HashMap<MidId, String> = mids.iter().map(|mid| (mid.id, mid.name.clone())).collect();
        // Merchants know whose their MIDs are.
        let mut owners: HashMap<MerchantId, String> = HashMap::new();
        for endpoint in endpoints.iter().filter(|_| is_operator) {
            let Some(mid) = mids.iter().find(|mid| mid.merchant == endpoint.merchant) else { continue };
            owners.insert(endpoint.merchant, engine.merchant_name(&caller, mid.id).await?);
        }
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let may_change = caller.may(Right::ChangeSettings) && !is_operator;
        let now = engine.now();
        let told = (!submitted.value("secret").is_empty()).then(|| {
            let (secret, of) = (submitted.value("secret").to_owned(), submitted.value("secret_of").to_owned());
            view! {
                <Secret title="Copy the signing secret now" name="signing secret" secret>
                    {format!("It signs what is sent to {of}. If you lose it, replace it by another one.")}
                </Secret>
            }
        });
        let cards = endpoints.into_iter().map(|endpoint| {
            let mid = endpoint.mid.and_then(|mid| names.get(&MidId(mid)).cloned()).unwrap_or_else(|| "All MIDs".to_owned());
            let of = owners.get(&endpoint.merchant).map_or_else(|| mid.clone(), |owner| format!("{mid} of {owner}"));
            view! { <Endpoint endpoint of may_change submitted=submitted.clone() now /> }
        });
        let cards = cards.collect_view();
        let why = if is_operator {
            "Endpoints are set up by each merchant’s own staff."
        } else {
            "Refundry posts signed JSON for every change. Without an endpoint nobody is told."
        };
        let none = cards.is_empty().then(|| {
            view! {
                <section class="card" aria-label="Endpoints">
                    <Empty shape=Shape::Plane title="No endpoint yet">
                        <p>{why}</p>
                    </Empty>
                </section>
            }
        });
        let add = may_change.then(|| view! { <Add mids submitted=submitted.clone() /> });
        let denied = (!may_change && !is_operator).then(|| view! { <StaffOnly /> });
        Ok(view! {
            <Settings tab=Tab::Webhooks caller frozen_until submitted now>
                {told} {cards} {none} {add} {denied}
            </Settings>
        }
        .into_any())
    })
}

#[component]
fn Endpoint(endpoint: EndpointView, of: String, may_change: bool, submitted: Submitted, now: Timestamp) -> impl IntoView {
    let until = endpoint.rotated_at.and_then(|at| at.checked_add(BOTH_SIGN).ok()).filter(|until| *until > now);
    let signing = match until {
        Some(until) => view! { "Two secrets sign until " {staff(until, now)} " UTC, the new one and the one before" }.into_any(),
        None => "One secret signs".into_any(),
    };
    let rotated_at = endpoint.rotated_at.map(|at| at.to_string()).unwrap_or_default();
    let forms = may_change.then(|| view! { <Changes id=endpoint.id url=endpoint.url.clone() rotated_at submitted /> });
    view! {
        <section class="card">
            <header>
                <h2 class="wrap">{endpoint.url.clone()}</h2>
                <span class="end">
                    {endpoint.disabled_at.map(|_| view! { <Pill tone=Tone::Bad text="Switched off" /> })}
                    {until.map(|_| view! { <Pill tone=Tone::Warn text="Two secrets" /> })}
                    <a class="btn sm" href=format!("/settings/webhooks/{}", endpoint.id)>"Deliveries and tests"</a>
                </span>
            </header>
            <div class="body g4">
                <dl class="kv">
                    <dt>"Gets webhooks of"</dt>
                    <dd>{of}</dd>
                    <dt>"Written as"</dt>
                    <dd>{title(endpoint.dialect)}</dd>
                    <dt>"Signing secret"</dt>
                    <dd>{signing}</dd>
                    <dt>"Since"</dt>
                    <dd class="num">{staff(endpoint.created_at, now)} " UTC"</dd>
                </dl>
                {forms}
            </div>
        </section>
    }
    .into_any()
}

/// What can be changed about an endpoint. Each asks once more.
#[component]
fn Changes(id: Uuid, url: String, rotated_at: String, submitted: Submitted) -> impl IntoView {
    let is_moved = submitted.value("moved") == id.to_string();
    let error = submitted.errors.message("to").filter(|_| is_moved).map(str::to_owned);
    let typed = if is_moved { submitted.value("to").to_owned() } else { String::new() };
    let (hint_id, message_id, field_id) = (format!("to-hint-{id}"), format!("to-msg-{id}"), format!("to-{id}"));
    let is_wrong = error.is_some();
    let hidden = move || view! { <input type="hidden" name="id" value=id.to_string() /> };
    view! {
        <div class="row">
            <details class="drop" name="endpoint" open=is_wrong>
                <summary class="btn sm">"Change URL"</summary>
                <form class="card g4" method="post" action=MoveEndpoint::url()>
                    {hidden()}
                    <div class="field">
                        <label for=field_id.clone()>"New URL"</label>
                        <input
                            class="input mono"
                            id=field_id
                            name="to"
                            type="url"
                            maxlength="2048"
                            value=typed
                            placeholder=url
                            aria-invalid=is_wrong.then_some("true")
                            aria-describedby=format!("{hint_id} {message_id}")
                        />
                        <p class="hint" id=hint_id>"What waits to be delivered goes there too. Payouts are locked for a day."</p>
                        <crate::components::FieldMessage id=message_id message=error />
                    </div>
                    <button class="btn primary" data-busy="Changing…">"Change the URL"</button>
                </form>
            </details>
            <details class="drop" name="endpoint">
                <summary class="btn sm"><Icon shape=Shape::Retry /> "Replace secret"</summary>
                <form class="card g4" method="post" action=RotateEndpoint::url()>
                    {hidden()}
                    <input type="hidden" name="rotated_at" value=rotated_at />
                    <p class="sm soft">
                        "The new secret is shown once. Both secrets sign for 24 hours, so nothing is lost while you deploy. Payouts are locked for a day."
                    </p>
                    <button class="btn primary" data-busy="Replacing…">"Replace the secret"</button>
                </form>
            </details>
            <details class="drop" name="endpoint">
                <summary class="btn sm danger-quiet">"Remove"</summary>
                <form class="card g4" method="post" action=RemoveEndpoint::url()>
                    {hidden()}
                    <p class="sm soft">"Nothing more is sent there, also what waits to be delivered. This cannot be undone."</p>
                    <button class="btn danger" data-busy="Removing…">"Remove the endpoint"</button>
                </form>
            </details>
        </div>
    }
    .into_any()
}

/// Returns the name of whoever's words a dialect is in.
pub(super) const fn title(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Native => "Refundry’s own",
        Dialect::Cryptomus => "Cryptomus",
        Dialect::Heleket => "Heleket",
        Dialect::Txn => "Txn",
        Dialect::Bvnk => "BVNK",
        Dialect::Bitpay => "BitPay",
        Dialect::Cryptopay => "Cryptopay",
        Dialect::Btcpay => "BTCPay Server",
    }
}

#[component]
fn DialectChoice(chosen: String) -> impl IntoView {
    let choices = Dialect::ALL.iter().map(|dialect| {
        view! { <option value=dialect.name() selected=dialect.name() == chosen>{title(*dialect)}</option> }
    });
    view! {
        <div class="field">
            <label for="dialect">"Written as"</label>
            <select class="input" id="dialect" name="dialect" aria-describedby="dialect-hint">{choices.collect_view()}</select>
            <p class="hint" id="dialect-hint">"For programs that already read another system’s webhooks."</p>
        </div>
    }
    .into_any()
}

#[component]
fn Add(mids: Vec<domain::merchant::Mid>, submitted: Submitted) -> impl IntoView {
    view! {
        <Card title="Add an endpoint" about="Refundry posts signed JSON there for every change. Its webhooks carry claim links: payouts are locked for a day.">
            <form class="body g4" method="post" action=AddEndpoint::url()>
                <TextField
                    id="url"
                    label="URL"
                    kind="url"
                    maxlength=2048
                    hint="HTTPS only. Private and local addresses are refused."
                    value=submitted.value("url").to_owned()
                    error=submitted.error("url")
                />
                <MidChoice mids chosen=submitted.value("mid").to_owned() all="All MIDs" />
                <DialectChoice chosen=submitted.value("dialect").to_owned() />
                <span><button class="btn primary" data-busy="Adding…">"Add endpoint"</button></span>
            </form>
        </Card>
    }
    .into_any()
}
