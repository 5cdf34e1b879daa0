//! `/admin/audit`: who did what, newest first: a merchant's chain for its own people, any chain for the operator.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::merchant::{Right, Scope};
use engine::audit::{AuditFilter, AuditView};
use engine::browsing::Narrowing;
use engine::callers::Caller;
use engine::{Engine, PageRequest};
use jiff::Timestamp;
use leptos::prelude::*;
use words::staff_admin as said;

use crate::components::{Empty, Head, Icon, Section, Shape, Staff, Table, staff};
use crate::language::say;
use crate::pages::filters::{Filters, Select};
use crate::pages::{ROWS, page, query};
use crate::reply::Failure;
use crate::session::caller;

const PATH: &str = "/admin/audit";
const FILTERS: [&str; 6] = ["merchant", "action", "subject", "actor", "from", "to"];

/// Reads which rows of the log a URL's query asks for; nothing when it cannot be read.
#[must_use]
pub fn audit_wanted(value: impl Fn(&str) -> Option<String>) -> Option<AuditFilter> {
    wanted(&Filters::of(&FILTERS, value))
}

fn wanted(filters: &Filters) -> Option<AuditFilter> {
    let Narrowing { from, to, .. } = filters.narrowing()?;
    let action = filters.get("action").map(str::to_owned);
    let actor = filters.get("actor").map(str::to_owned);
    let merchant = filters.get("merchant").map(str::parse).transpose().ok()?;
    let subject = filters.get("subject").map(str::parse).transpose().ok()?;
    Some(AuditFilter { merchant, subject, action, actor, from, to })
}

/// The page.
#[component]
pub(crate) fn Audit() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let filters = Filters::read(&FILTERS);
        let wanted = wanted(&filters).ok_or(Failure::NoPage)?;
        let found = engine.audit_log(&caller, wanted, PageRequest { limit: ROWS, after: query("after") }).await?;
        let merchants = if caller.may(Right::Operate) { merchants(&engine, &caller).await? } else { Vec::new() };
        let now = engine.now();
        let rows: Vec<AnyView> = found.data.into_iter().map(|row| entry(row, &filters, caller.actor.to_string(), now)).collect();
        let (title, _) = Section::Audit.title_and_url();
        let body = if rows.is_empty() {
            view! {
                <Empty shape=Shape::Audit title=say(said::NothingWritten)>
                    <p>{say(said::NoMatch)}</p>
                </Empty>
            }
            .into_any()
        } else {
            let heads = [
                Head::Words(say(said::Number)),
                Head::Words(say(said::What)),
                Head::Words(say(said::Who)),
                Head::Words(say(said::Details)),
                Head::Numbers(say(said::When)),
            ];
            view! { <Table label=title.clone() caption=say(said::AuditNewest) heads>{rows.collect_view()}</Table> }.into_any()
        };
        let newest = query("after").map(|_| filters.url(PATH));
        let older = found.next.map(|next| filters.with("after", &next).url(PATH));
        // What is the operator's among the sections is one of the settings for others.
        let section = if caller.scope == Scope::Everything { Section::Audit } else { Section::Settings };
        Ok(view! {
            <Staff title=title.clone() section caller>
                <div class="head">
                    <h1>{title}</h1>
                    <p>{say(said::AuditText { command: "refundry audit verify" })}</p>
                </div>
                <section class="card">
                    <FilterBar filters merchants />
                    {body}
                    <Pages newest older />
                </section>
            </Staff>
        }
        .into_any())
    })
}

#[component]
fn Pages(newest: Option<String>, older: Option<String>) -> impl IntoView {
    (newest.is_some() || older.is_some()).then(|| {
        view! {
            <footer>
                <span class="row push">
                    {newest.map(|url| view! { <a class="btn sm" href=url><Icon shape=Shape::Back /> {say(said::Newest)}</a> })}
                    {older.map(|url| view! { <a class="btn sm" href=url rel="next">{say(said::Older)} " " <Icon shape=Shape::Forward /></a> })}
                </span>
            </footer>
        }
    })
}

/// Returns the merchants by name, for the operator to choose from.
async fn merchants(engine: &Engine, caller: &Caller) -> Result<Vec<(String, String)>, Failure> {
    let mut named = BTreeMap::new();
    for mid in engine.mids(caller).await? {
        if let Entry::Vacant(unnamed) = named.entry(mid.merchant) {
            unnamed.insert(engine.merchant_name(caller, mid.id).await?);
        }
    }
    Ok(named.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

#[component]
fn FilterBar(filters: Filters, merchants: Vec<(String, String)>) -> impl IntoView {
    let set = |name: &str| filters.get(name).map(str::to_owned);
    let merchants = (!merchants.is_empty()).then(|| {
        let chosen = set("merchant");
        view! { <Select name="merchant" label=say(said::Merchant) all=say(said::Installation) choices=merchants chosen /> }
    });
    view! {
        <form class="row filters" role="search" action=PATH>
            {merchants}
            <div class="input">
                <span class="faint"><Icon shape=Shape::Search /></span>
                <input type="search" name="action" aria-label=say(said::Action) placeholder=say(said::ActionHint) maxlength="60" value=set("action") />
            </div>
            <div class="input">
                <input type="search" name="subject" aria-label=say(said::Subject) placeholder=say(said::SubjectHint) maxlength="36" value=set("subject") />
            </div>
            <button class="btn">{say(said::Show)}</button>
        </form>
    }
    .into_any()
}

fn entry(row: AuditView, filters: &Filters, own: String, now: Timestamp) -> AnyView {
    let who = match row.actor.split(':').next().unwrap_or_default() {
        _ if row.actor == own => say(said::You),
        "operator" => say(said::ByOperator),
        "system" => "Refundry".to_owned(),
        "payer" => say(said::ByPayer),
        "user" => say(said::ByColleague),
        "key" => say(said::ByKey),
        other => other.to_owned(),
    };
    let of_it = filters.without("action").with("subject", &row.subject.to_string()).url(PATH);
    let detail = row.detail.to_string();
    view! {
        <tr>
            <td class="num hide">{row.number.to_string()}</td>
            <td class="mono"><a href=of_it>{row.action}</a></td>
            <td class="hide" title=row.actor>{who}</td>
            <td class="mono xs wrap detail">{detail}</td>
            <td class="r nw num r2">{staff(row.at, now)}</td>
        </tr>
    }
    .into_any()
}
