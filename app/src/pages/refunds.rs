//! `/refunds`: the queue staff work on, newest first, by state.

use std::collections::HashMap;

use domain::ids::MidId;
use domain::refund::{BlockedBy, StateName};
use domain::view::RefundView;
use engine::refunds::RefundFilter;
use engine::{Engine, Page};
use jiff::Timestamp;
use leptos::prelude::*;

use super::{page, page_request, query, symbol};
use crate::components::{Amount, Coin, Icon, Scroll, Section, Shape, Staff, StatePill, reason_title, staff, state_title};
use crate::durations;
use crate::session::caller;

/// The list of refunds.
#[component]
pub(crate) fn Refunds() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let state = query("status").as_deref().and_then(StateName::from_name);
        let reference = query("reference");
        let filter = RefundFilter { state, reference: reference.clone(), ..RefundFilter::default() };
        let found = engine.refunds(&caller, filter, page_request()).await?;
        let counts: HashMap<StateName, u64> = engine.refund_counts(&caller).await?.into_iter().collect();
        let mids: HashMap<MidId, String> = engine.mids(&caller).await?.into_iter().map(|mid| (mid.id, mid.name)).collect();
        let is_first_use = counts.values().all(|count| *count == 0);
        let body = if is_first_use {
            view! { <FirstUse /> }.into_any()
        } else {
            let list = List { found, state, reference, mids, now: engine.now() };
            view! { <Tabs state counts /> {list.into_view()} }.into_any()
        };
        Ok(view! {
            <Staff title="Refunds" section=Section::Refunds caller>
                <div class="head"><h1>"Refunds"</h1></div>
                {body}
            </Staff>
        }
        .into_any())
    })
}

#[component]
fn Tabs(state: Option<StateName>, counts: HashMap<StateName, u64>) -> impl IntoView {
    let tab = |target: Option<StateName>| {
        let (url, title) = match target {
            None => ("/refunds".to_owned(), "All"),
            Some(target) => (format!("/refunds?status={target}"), state_title(target)),
        };
        let count = target.and_then(|target| counts.get(&target).copied()).filter(|count| *count > 0);
        let class = if target == Some(StateName::PayoutFailed) { "count bad" } else { "count" };
        view! {
            <a href=url aria-current=(target == state).then_some("page")>
                {title} " " {count.map(|count| view! { <span class=class>{count.to_string()}</span> })}
            </a>
        }
    };
    let tabs = std::iter::once(None).chain(StateName::ALL.into_iter().map(Some)).map(tab).collect_view();
    view! { <nav class="tabs" aria-label="Refund views">{tabs}</nav> }
}

struct List {
    found: Page<RefundView>,
    state: Option<StateName>,
    reference: Option<String>,
    mids: HashMap<MidId, String>,
    now: Timestamp,
}

impl List {
    fn into_view(self) -> impl IntoView {
        let Self { found, state, reference, mids, now } = self;
        let is_empty = found.data.is_empty();
        let rows = found.data.into_iter().map(|refund| row(refund, &mids, now)).collect_view();
        let status = state.map(|state| format!("status={state}&")).unwrap_or_default();
        let older = found.next.map(|next| format!("/refunds?{status}after={next}"));
        let newest = query("after").map(|_| format!("/refunds?{status}"));
        let body = if is_empty {
            view! { <NoMatch /> }.into_any()
        } else {
            view! {
                <Scroll label="Refunds">
                    <table class="tbl stack fractions">
                        <caption class="vh">"Refunds, newest first"</caption>
                        <thead>
                            <tr>
                                <th scope="col" class="r">"Amount"</th>
                                <th scope="col"><span class="vh">"Asset"</span></th>
                                <th scope="col">"Status"</th>
                                <th scope="col">"Reason"</th>
                                <th scope="col">"Reference"</th>
                                <th scope="col">"MID"</th>
                                <th scope="col" class="r">"Created"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Scroll>
            }
            .into_any()
        };
        view! {
            <section class="card">
                <form class="row filters" role="search" action="/refunds">
                    {state.map(|state| view! { <input type="hidden" name="status" value=state.name() /> })}
                    <div class="input">
                        <span class="faint"><Icon shape=Shape::Search /></span>
                        <input type="search" name="reference" aria-label="Search by reference" placeholder="Reference" value=reference />
                    </div>
                    <button class="btn">"Search"</button>
                </form>
                {body}
                <Pager newest older />
            </section>
        }
    }
}

/// The way to older rows and back to the newest.
#[component]
pub(super) fn Pager(newest: Option<String>, older: Option<String>) -> impl IntoView {
    (newest.is_some() || older.is_some()).then(|| {
        view! {
            <footer>
                <span class="row push">
                    {newest.map(|url| view! { <a class="btn sm" href=url><Icon shape=Shape::Back /> "Newest"</a> })}
                    {older.map(|url| view! { <a class="btn sm" href=url>"Older " <Icon shape=Shape::Forward /></a> })}
                </span>
            </footer>
        }
    })
}

fn row(refund: RefundView, mids: &HashMap<MidId, String>, now: Timestamp) -> impl IntoView + use<> {
    let unit = symbol(&refund.asset);
    let mid = mids.get(&MidId(refund.mid)).cloned();
    let name = format!("{unit} on {}", refund.network.title());
    let next = match (refund.blocked_by, refund.state, refund.release_at, refund.expires_at) {
        (Some(reason), _, _, _) => Some(blocked_title(reason).into_any()),
        (None, StateName::Scheduled, Some(at), _) => Some(view! { "sends " {staff(at, now)} }.into_any()),
        (None, StateName::AwaitingClaim, _, Some(at)) => {
            Some(format!("{} left", durations::left(at.as_second().saturating_sub(now.as_second()))).into_any())
        }
        (None, _, _, _) => None,
    };
    view! {
        <tr>
            <td class="r"><Amount value=refund.amount unit=unit.clone() /></td>
            <td class="hide"><Coin symbol=unit network=refund.network /> <span class="vh">{name}</span></td>
            <td class="r2"><StatePill state=refund.state /></td>
            <td class="hide">{reason_title(refund.reason)}</td>
            <td>
                <a href=format!("/refunds/{}", refund.id) class="num">{refund.reference}</a>
            </td>
            <td class="hide nw">{mid}</td>
            <td class="r nw num">
                {staff(refund.created_at, now)}
                <span class="sub">{next}</span>
            </td>
        </tr>
    }
}

/// Returns why a due refund waits, for staff.
const fn blocked_title(reason: BlockedBy) -> &'static str {
    match reason {
        BlockedBy::InsufficientFunds => "waits: wallet holds too little",
        BlockedBy::InsufficientBalance => "waits: balance too small",
        BlockedBy::FeeAboveCap => "waits: network fee too high",
        BlockedBy::Maintenance => "waits: payouts are paused",
        BlockedBy::Frozen => "waits: payouts are locked",
        BlockedBy::Suspended => "waits: MID is suspended",
        BlockedBy::RateUnavailable => "waits: no exchange rate",
        BlockedBy::DepositReorged => "waits: payment undone by the network",
    }
}

#[component]
fn FirstUse() -> impl IntoView {
    view! {
        <section class="card" aria-label="First use">
            <div class="empty">
                <span class="badge good"><Icon shape=Shape::Refund large=true /></span>
                <h2>"No refunds yet"</h2>
                <p>"When a payer sends too much, too little or too late, the refund shows up here by itself."</p>
                <a href="/invoices" class="btn">"Go to invoices"</a>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn NoMatch() -> impl IntoView {
    view! {
        <div class="empty">
            <span class="badge"><Icon shape=Shape::Search large=true /></span>
            <h2>"No refunds match these filters"</h2>
            <a href="/refunds" class="btn">"Clear filters"</a>
        </div>
    }
    .into_any()
}
