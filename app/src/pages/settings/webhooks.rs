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
use words::{staff_settings, staff_webhooks as said};

use super::{Card, MidChoice, Secret, Settings, Tab, frozen_until, timed};
use crate::components::{Empty, FieldMessage, Icon, Pill, Shape, StaffOnly, TextField, Tone};
use crate::language::say;
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
        let submitted = submitted.in_words(|field, code| match (field, code) {
            ("url" | "to", "invalid") => Some(say(said::WrongUrl)),
            _ => None,
        });
        let may_change = caller.may(Right::ChangeSettings) && !is_operator;
        let now = engine.now();
        let told = (!submitted.value("secret").is_empty()).then(|| {
            let (secret, of) = (submitted.value("secret").to_owned(), submitted.value("secret_of").to_owned());
            view! {
                <Secret title=say(said::CopySecret) name=say(said::SecretName) secret>
                    {say(said::SecretSigns { url: &of })}
                </Secret>
            }
        });
        let cards = endpoints.into_iter().map(|endpoint| {
            let mid = endpoint.mid.and_then(|mid| names.get(&MidId(mid)).cloned()).unwrap_or_else(|| say(staff_settings::AllMids));
            let of = owners.get(&endpoint.merchant).map_or_else(|| mid.clone(), |merchant| say(said::OfMerchant { mid: &mid, merchant }));
            view! { <Endpoint endpoint of may_change submitted=submitted.clone() now /> }
        });
        let cards = cards.collect_view();
        let why = if is_operator { say(said::NoneOfOperator) } else { say(said::NoneText) };
        let none = cards.is_empty().then(|| {
            view! {
                <section class="card" aria-label=say(said::Endpoints)>
                    <Empty shape=Shape::Plane title=say(said::None)>
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
        Some(until) => timed(&said::TwoSecretsUntil { until: "" }, until, now),
        None => say(said::OneSecret).into_any(),
    };
    let rotated_at = endpoint.rotated_at.map(|at| at.to_string()).unwrap_or_default();
    let forms = may_change.then(|| view! { <Changes id=endpoint.id url=endpoint.url.clone() rotated_at submitted /> });
    view! {
        <section class="card">
            <header>
                <h2 class="wrap">{endpoint.url.clone()}</h2>
                <span class="end">
                    {endpoint.disabled_at.map(|_| view! { <Pill tone=Tone::Bad text=say(said::SwitchedOff) /> })}
                    {until.map(|_| view! { <Pill tone=Tone::Warn text=say(said::TwoSecrets) /> })}
                    <a class="btn sm" href=format!("/settings/webhooks/{}", endpoint.id)>{say(said::DeliveriesAndTests)}</a>
                </span>
            </header>
            <div class="body g4">
                <dl class="kv">
                    <dt>{say(said::GetsOf)}</dt>
                    <dd>{of}</dd>
                    <dt>{say(said::WrittenAs)}</dt>
                    <dd>{title(endpoint.dialect)}</dd>
                    <dt>{say(said::SigningSecret)}</dt>
                    <dd>{signing}</dd>
                    <dt>{say(staff_settings::Since)}</dt>
                    <dd class="num">{timed(&staff_settings::Instant { time: "" }, endpoint.created_at, now)}</dd>
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
                <summary class="btn sm">{say(said::ChangeUrl)}</summary>
                <form class="card g4" method="post" action=MoveEndpoint::url()>
                    {hidden()}
                    <div class="field">
                        <label for=field_id.clone()>{say(said::NewUrl)}</label>
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
                        <p class="hint" id=hint_id>{say(said::NewUrlHint)}</p>
                        <FieldMessage id=message_id message=error />
                    </div>
                    <button class="btn primary" data-busy=say(staff_settings::Changing)>{say(said::ChangeTheUrl)}</button>
                </form>
            </details>
            <details class="drop" name="endpoint">
                <summary class="btn sm"><Icon shape=Shape::Retry /> {say(said::ReplaceSecret)}</summary>
                <form class="card g4" method="post" action=RotateEndpoint::url()>
                    {hidden()}
                    <input type="hidden" name="rotated_at" value=rotated_at />
                    <p class="sm soft">
                        {say(said::ReplaceSecretText)}
                    </p>
                    <button class="btn primary" data-busy=say(said::Replacing)>{say(said::ReplaceTheSecret)}</button>
                </form>
            </details>
            <details class="drop" name="endpoint">
                <summary class="btn sm danger-quiet">{say(staff_settings::Remove)}</summary>
                <form class="card g4" method="post" action=RemoveEndpoint::url()>
                    {hidden()}
                    <p class="sm soft">{say(said::RemoveText)}</p>
                    <button class="btn danger" data-busy=say(staff_settings::Removing)>{say(said::RemoveEndpoint)}</button>
                </form>
            </details>
        </div>
    }
    .into_any()
}

/// Returns the name of whoever's words a dialect is in.
pub(super) fn title(dialect: Dialect) -> String {
    let name = match dialect {
        Dialect::Native => return say(said::OwnWords),
        Dialect::Cryptomus => "Cryptomus",
        Dialect::Heleket => "Heleket",
        Dialect::Txn => "Txn",
        Dialect::Bvnk => "BVNK",
        Dialect::Bitpay => "BitPay",
        Dialect::Cryptopay => "Cryptopay",
        Dialect::Btcpay => "BTCPay Server",
    };
    name.to_owned()
}

#[component]
fn DialectChoice(chosen: String) -> impl IntoView {
    let choices = Dialect::ALL.iter().map(|dialect| {
        view! { <option value=dialect.name() selected=dialect.name() == chosen>{title(*dialect)}</option> }
    });
    view! {
        <div class="field">
            <label for="dialect">{say(said::WrittenAs)}</label>
            <select class="input" id="dialect" name="dialect" aria-describedby="dialect-hint">{choices.collect_view()}</select>
            <p class="hint" id="dialect-hint">{say(said::DialectHint)}</p>
        </div>
    }
    .into_any()
}

#[component]
fn Add(mids: Vec<domain::merchant::Mid>, submitted: Submitted) -> impl IntoView {
    view! {
        <Card title=say(said::Add) about=say(said::AddText)>
            <form class="body g4" method="post" action=AddEndpoint::url()>
                <TextField
                    id="url"
                    label=say(said::Url)
                    kind="url"
                    maxlength=2048
                    hint=say(said::UrlHint)
                    value=submitted.value("url").to_owned()
                    error=submitted.error("url")
                />
                <MidChoice mids chosen=submitted.value("mid").to_owned() or_all=true />
                <DialectChoice chosen=submitted.value("dialect").to_owned() />
                <span><button class="btn primary" data-busy=say(staff_settings::Adding)>{say(said::AddEndpoint)}</button></span>
            </form>
        </Card>
    }
    .into_any()
}
