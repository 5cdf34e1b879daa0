//! `/settings/sources`: other systems that tell of deposits, what they told last, and why nothing came of it where nothing did.

use std::collections::HashMap;

use domain::ids::{MidId, SourceId};
use domain::merchant::{Mid, Right, Scope};
use domain::source::{NewsOutcome, NewsWhy, SourceKind};
use engine::sources::{NewsView, SourceView};
use engine::{Engine, PageRequest};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_settings, staff_sources as said};

use super::{Card, MidChoice, Secret, Settings, Tab, frozen_until, timed};
use crate::components::{Empty, Head, Pill, Shape, StaffOnly, Table, TextField, Tone, staff};
use crate::language::{rich, say, staff_language};
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
        let kind = SourceKind::from_name(submitted.value("kind"));
        let submitted = submitted.in_words(|field, code| match (field, code, kind) {
            ("secret", "required", Some(SourceKind::Cryptomus)) => Some(say(said::SecretOfCryptomus)),
            ("secret", "required", Some(SourceKind::Nowpayments)) => Some(say(said::SecretOfNowpayments)),
            ("secret", "invalid", _) => Some(say(said::SecretInvalid)),
            _ => None,
        });
        let may_change = caller.may(Right::ChangeSettings) && !is_operator;
        let now = engine.now();
        let told = (!submitted.value("secret").is_empty()).then(|| {
            view! {
                <Secret title=say(said::CopySecret) name=say(said::SecretName) secret=submitted.value("secret").to_owned()>
                    {say(said::SecretText)}
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
        let why = if is_operator { say(said::NoneOfOperator) } else { say(said::NoneText) };
        let none = cards.is_empty().then(|| {
            view! {
                <section class="card" aria-label=say(staff_settings::Sources)>
                    <Empty shape=Shape::Plane title=say(said::None)>
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
fn title_and_place(kind: SourceKind) -> (&'static str, String) {
    match kind {
        SourceKind::Btcpay => ("BTCPay Server", say(said::PlaceBtcpay)),
        SourceKind::Cryptomus => ("Cryptomus", say(said::PlaceCryptomus)),
        SourceKind::Nowpayments => ("NOWPayments", say(said::PlaceNowpayments)),
    }
}

#[component]
fn Source(source: SourceView, mid: String, news: Vec<NewsView>, may_change: bool, now: Timestamp) -> impl IntoView {
    let (title, place) = title_and_place(source.kind);
    let forged = source.forged_at.map(|at| {
        let forged = said::Forged { count: &source.forged.to_string(), last: "" };
        let text = rich(&forged, staff_language(), |name, text| match name {
            "last" => staff(at, now).into_any(),
            _ => text.into_any(),
        });
        view! {
            <dt>{say(said::WronglySigned)}</dt>
            <dd>{text}</dd>
        }
    });
    let is_told = !news.is_empty();
    let rows = news.into_iter().map(|news| view! { <Told news now /> }).collect_view();
    let log = is_told.then(|| {
        let heads =
            [Head::Words(say(said::Told)), Head::Words(say(said::Order)), Head::Words(say(said::Outcome)), Head::Words(say(said::Last))];
        view! {
            <Table label=say(said::News) caption=say(said::NewsNewest) heads>{rows}</Table>
        }
    });
    let remove = may_change.then(|| {
        view! {
            <details class="drop" name="source">
                <summary class="btn sm danger-quiet">{say(staff_settings::Remove)}</summary>
                <form class="card g4" method="post" action=RemoveSource::url()>
                    <input type="hidden" name="id" value=source.id.to_string() />
                    <p class="sm soft">{say(said::RemoveText)}</p>
                    <button class="btn danger" data-busy=say(staff_settings::Removing)>{say(said::RemoveSource)}</button>
                </form>
            </details>
        }
    });
    view! {
        <section class="card">
            <header>
                <h2>{title}</h2>
                <span class="end">{(source.forged > 0).then(|| view! { <Pill tone=Tone::Warn text=say(said::WronglySigned) /> })}</span>
            </header>
            <div class="body g4">
                <dl class="kv">
                    <dt>{say(said::TellsOf)}</dt>
                    <dd>{mid}</dd>
                    <dt>{say(said::EnterUrl)}</dt>
                    <dd class="row">
                        <span class="mono wrap">{source.url.clone()}</span>
                        <Copy text=source.url name=say(said::Url) />
                    </dd>
                    <dt>{say(said::Where)}</dt>
                    <dd>{place}</dd>
                    {forged}
                    <dt>{say(staff_settings::Since)}</dt>
                    <dd class="num">{timed(&staff_settings::Instant { time: "" }, source.created_at, now)}</dd>
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
        NewsOutcome::Taken => (Tone::Good, say(said::Taken)),
        NewsOutcome::Unchanged => (Tone::Quiet, say(said::Unchanged)),
        NewsOutcome::Ignored => (Tone::Quiet, say(said::Ignored)),
        NewsOutcome::NotOurs => (Tone::Warn, say(said::NotOurs)),
        NewsOutcome::Refused => (Tone::Bad, say(said::Refused)),
    };
    let times = (news.times > 1).then(|| format!(" ×{}", news.times));
    view! {
        <tr>
            <td class="semi">{news.event} {times}</td>
            <td class="mono">{news.reference}</td>
            <td>
                <Pill tone text />
                {news.detail.map(|why| view! { <p class="sm soft">{reason(why)}</p> })}
            </td>
            <td class="num nw hide">{staff(news.last_at, now)}</td>
        </tr>
    }
    .into_any()
}

/// Says why nothing came of it, and what to do.
fn reason(why: NewsWhy) -> String {
    match why {
        NewsWhy::NoOrder => say(said::WhyNoOrder),
        NewsWhy::NoInvoice => say(said::WhyNoInvoice),
        NewsWhy::OtherCoin { charged, coin } => say(said::WhyOtherCoin { charged: charged.as_str(), coin: &coin }),
        NewsWhy::Contradicts => say(said::WhyContradicts),
        NewsWhy::Impossible(words) => say(said::WhyImpossible { words: &words }),
    }
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
        <Card title=say(said::Add) about=say(said::AddText)>
            <form class="body g4" method="post" action=AddSource::url()>
                <div class="field">
                    <label for="kind">{say(said::System)}</label>
                    <select class="input" id="kind" name="kind">{choices}</select>
                </div>
                <MidChoice mids chosen=submitted.value("mid").to_owned() />
                <TextField
                    id="theirs"
                    label=say(said::ItsSecret)
                    kind="password"
                    hint=say(said::ItsSecretHint)
                    value=""
                    error=submitted.error("secret")
                />
                <span><button class="btn primary" data-busy=say(staff_settings::Adding)>{say(said::AddSource)}</button></span>
            </form>
        </Card>
    }
    .into_any()
}
