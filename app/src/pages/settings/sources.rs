//! `/settings/sources`: other systems that tell of deposits, what they told last, and why nothing came of it where nothing did.

use std::collections::HashMap;

use domain::ids::{MidId, SourceId};
use domain::merchant::{Mid, Right, Scope};
use domain::source::{NewsOutcome, SourceKind};
use engine::sources::{NewsView, SourceView};
use engine::{Engine, PageRequest};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Card, MidChoice, Secret, Settings, Tab, frozen_until};
use crate::components::{Empty, Head, Pill, Shape, StaffOnly, Table, TextField, Tone, staff};
use crate::pages::claim::Copy;
use crate::pages::page;
use crate::reply::Submitted;
use crate::server_fns::source::{AddSource, RemoveSource};
use crate::session::caller;

/// How many of the last news a source shows; the API has all.
const NEWS: u32 = 10;

/// The page.
#[component]
pub(crate) fn Sources() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let mids = engine.mids(&caller).await?;
        let is_operator = caller.scope == Scope::Everything;
        let sources = if is_operator { Vec::new() } else { engine.sources(&caller).await? };
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let names: HashMap<MidId, String> = mids.iter().map(|mid| (mid.id, mid.name.clone())).collect();
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let may_change = caller.may(Right::ChangeSettings) && !is_operator;
        let now = engine.now();
        let told = (!submitted.value("secret").is_empty()).then(|| {
            view! {
                <Secret title="Copy the secret now" name="secret" secret=submitted.value("secret").to_owned()>
                    "Enter it where BTCPay Server asks for the webhook’s secret. If you lose it, remove the source and add another."
                </Secret>
            }
        });
        let mut cards = Vec::new();
        for source in sources {
            let last = PageRequest { limit: NEWS, after: None };
            let news = engine.source_news(&caller, SourceId(source.id), last).await?.data;
            let mid = names.get(&MidId(source.mid)).cloned().unwrap_or_default();
            cards.push(view! { <Source source mid news may_change now /> });
        }
        let why = if is_operator {
            "Sources are set up by each merchant’s own staff."
        } else {
            "Let BTCPay Server, Cryptomus or NOWPayments tell Refundry what was paid. Orders are matched by their reference."
        };
        let none = cards.is_empty().then(|| {
            view! {
                <section class="card" aria-label="Sources">
                    <Empty shape=Shape::Plane title="No source yet">
                        <p>{why}</p>
                    </Empty>
                </section>
            }
        });
        let add = may_change.then(|| view! { <Add mids submitted=submitted.clone() /> });
        let denied = (!may_change && !is_operator).then(|| view! { <StaffOnly /> });
        Ok(view! {
            <Settings tab=Tab::Sources caller frozen_until submitted now>
                {told} {cards} {none} {add} {denied}
            </Settings>
        }
        .into_any())
    })
}

/// Returns a system's name, and where its URL and secret are entered.
const fn title_and_place(kind: SourceKind) -> (&'static str, &'static str) {
    match kind {
        SourceKind::Btcpay => {
            ("BTCPay Server", "Store settings, Webhooks: the URL as payload URL, “A payment has been settled” and “received” on")
        }
        SourceKind::Cryptomus => ("Cryptomus", "url_callback of each payment"),
        SourceKind::Nowpayments => ("NOWPayments", "Store settings, Instant payment notifications, or ipn_callback_url of each payment"),
    }
}

const HEADS: &[Head] = &[Head::Words("Told"), Head::Words("Order"), Head::Words("What became of it"), Head::Words("Last")];

#[component]
fn Source(source: SourceView, mid: String, news: Vec<NewsView>, may_change: bool, now: Timestamp) -> impl IntoView {
    let (title, place) = title_and_place(source.kind);
    let forged = source.forged_at.map(|at| {
        view! {
            <dt>"Wrongly signed"</dt>
            <dd>{source.forged} ", the last " {staff(at, now)} " UTC. Compare the secrets."</dd>
        }
    });
    let is_told = !news.is_empty();
    let rows = news.into_iter().map(|news| view! { <Told news now /> }).collect_view();
    let log = is_told.then(|| {
        view! {
            <Table label="News" caption="What it told, newest first" heads=HEADS>{rows}</Table>
        }
    });
    let remove = may_change.then(|| {
        view! {
            <details class="drop" name="source">
                <summary class="btn sm danger-quiet">"Remove"</summary>
                <form class="card g4" method="post" action=RemoveSource::url()>
                    <input type="hidden" name="id" value=source.id.to_string() />
                    <p class="sm soft">"What it tells is not heard any more. The deposits it told stay."</p>
                    <button class="btn danger" data-busy="Removing…">"Remove the source"</button>
                </form>
            </details>
        }
    });
    view! {
        <section class="card">
            <header>
                <h2>{title}</h2>
                <span class="end">{(source.forged > 0).then(|| view! { <Pill tone=Tone::Warn text="Wrongly signed" /> })}</span>
            </header>
            <div class="body g4">
                <dl class="kv">
                    <dt>"Tells deposits of"</dt>
                    <dd>{mid}</dd>
                    <dt>"Enter this URL there"</dt>
                    <dd class="row">
                        <span class="mono wrap">{source.url.clone()}</span>
                        <Copy text=source.url name="URL" />
                    </dd>
                    <dt>"Where"</dt>
                    <dd>{place}</dd>
                    {forged}
                    <dt>"Since"</dt>
                    <dd class="num">{staff(source.created_at, now)} " UTC"</dd>
                </dl>
                {remove}
            </div>
            {log}
        </section>
    }
    .into_any()
}

#[component]
fn Told(news: NewsView, now: Timestamp) -> impl IntoView {
    let (tone, text) = match news.outcome {
        NewsOutcome::Taken => (Tone::Good, "Taken"),
        NewsOutcome::Unchanged => (Tone::Quiet, "Known already"),
        NewsOutcome::Ignored => (Tone::Quiet, "No payment"),
        NewsOutcome::NotOurs => (Tone::Warn, "Not ours"),
        NewsOutcome::Refused => (Tone::Bad, "Refused"),
    };
    let times = (news.times > 1).then(|| format!(" ×{}", news.times));
    view! {
        <tr>
            <td class="semi">{news.event} {times}</td>
            <td class="mono">{news.reference}</td>
            <td>
                <Pill tone text />
                {news.detail.map(|detail| view! { <p class="sm soft">{detail}</p> })}
            </td>
            <td class="num nw hide">{staff(news.last_at, now)}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Add(mids: Vec<Mid>, submitted: Submitted) -> impl IntoView {
    let chosen = submitted.value("kind").to_owned();
    let choices = SourceKind::ALL.iter().map(|kind| {
        let (title, _) = title_and_place(*kind);
        view! { <option value=kind.name() selected=kind.name() == chosen>{title}</option> }
    });
    let choices = choices.collect_view();
    view! {
        <Card title="Add a source" about="It tells what was paid for orders of one MID. Whoever has its secret can do that: payouts are locked for a day.">
            <form class="body g4" method="post" action=AddSource::url()>
                <div class="field">
                    <label for="kind">"System"</label>
                    <select class="input" id="kind" name="kind">{choices}</select>
                </div>
                <MidChoice mids chosen=submitted.value("mid").to_owned() />
                <TextField
                    id="theirs"
                    label="Its secret"
                    kind="password"
                    hint="Cryptomus: the payment API key. NOWPayments: the IPN secret key. BTCPay Server: leave it empty and one is made."
                    value=""
                    error=submitted.error("secret")
                />
                <span><button class="btn primary" data-busy="Adding…">"Add source"</button></span>
            </form>
        </Card>
    }
    .into_any()
}
