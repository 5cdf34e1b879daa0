//! `/refunds`: the queue staff work on, newest first: by state, by what is known of a refund, page by page in both directions.

use std::collections::HashMap;

use domain::ids::MidId;
use domain::merchant::Mid;
use domain::refund::{BlockedBy, Reason, StateName};
use engine::Engine;
use engine::browsing::{Browsed, COUNTED_MAX, ListedRefund, Place, RefundsWanted};
use engine::callers::Caller;
use engine::overview::EXPIRES_SOON;
use jiff::Timestamp;
use leptos::prelude::*;
use words::{payer, staff_frame, staff_refunds as said, time};

use super::chips::{Choose, FilterBar, States};
use super::filters::{Choice, Day, Filters, Turns, following, mid_switch, place, turns};
use super::{ROWS, page, selected};
use crate::components::{Amount, Coin, Empty, Head, Icon, Section, Shape, Staff, StatePill, Table, reason_title, staff, state_title};
use crate::durations;
use crate::language::{rich, say, staff_language};
use crate::server_fns::bulk::Bulk;
use crate::session::caller;

const PATH: &str = "/refunds";

/// What the list can be narrowed by, in its URL.
const FILTERS: [&str; 8] = ["q", "status", "reason", "mid", "asset", "from", "to", EXPIRES];
/// What a selection of it is told by: the same, and which refunds were ticked, or whether all are meant and from which on.
pub(super) const SELECTED: [&str; 11] = ["q", "status", "reason", "mid", "asset", "from", "to", EXPIRES, "id", "all", "upto"];
/// The last day on which a link may stop working.
pub(super) const EXPIRES: &str = "expires";

/// Reads which refunds a URL's query asks for; nothing when it cannot be read, which finds none.
#[must_use]
pub fn refunds_wanted(value: impl Fn(&str) -> Option<String>) -> Option<RefundsWanted> {
    wanted(&Filters::of(&SELECTED, value))
}

pub(super) fn wanted(filters: &Filters) -> Option<RefundsWanted> {
    let reason = |name: &str| Reason::ALL.into_iter().find(|reason| reason.name() == name);
    Some(RefundsWanted {
        states: states(filters)?,
        reason: match filters.get("reason") {
            Some(name) => Some(reason(name)?),
            None => None,
        },
        expires_before: filters.end_of_day(EXPIRES)?,
        ids: match filters.get("id").filter(|_| filters.get("all").is_none()) {
            Some(ids) => Some(ids.split(',').map(|id| id.parse().ok()).collect::<Option<_>>()?),
            None => None,
        },
        narrowing: filters.narrowing()?,
    })
}

/// Reads which states are asked for; none are all.
fn states(filters: &Filters) -> Option<Vec<StateName>> {
    filters.get("status").map_or_else(|| Some(Vec::new()), |names| names.split(',').map(StateName::from_name).collect())
}

/// The list of refunds.
#[component]
pub(crate) fn Refunds() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let filters = Filters::read(&FILTERS);
        let mids = engine.mids(&caller).await?;
        let found = match wanted(&filters) {
            Some(wanted) => engine.browse_refunds(&caller, &wanted, place(), ROWS).await?,
            None => Browsed { rows: Vec::new(), has_newer: false, has_older: false },
        };
        let live = following("refunds", &filters, &found);
        let counts: HashMap<StateName, u64> = engine.refund_queues(&caller, None).await?.into_iter().collect();
        let is_first_use = counts.values().all(|count| *count == 0);
        let export = (!is_first_use).then(|| {
            let url = filters.url("/refunds.csv");
            view! {
                <span class="end">
                    <a href=url class="btn" download><Icon shape=Shape::Download /> {say(said::ExportCsv)}</a>
                </span>
            }
        });
        let body = if is_first_use {
            view! { <FirstUse /> }.into_any()
        } else {
            let now = engine.now();
            let chosen = states(&filters).unwrap_or_default();
            let counts_of = counts.clone();
            let count = move |state: StateName| counts_of.get(&state).copied().filter(|count| *count > 0).map(counted);
            let expires =
                filters.get(EXPIRES).map(|value| view! { <Day name=EXPIRES label=say(said::ExpiresBy) value=value.to_owned() /> });
            let narrowed = filters.clone();
            view! {
                <Tabs filters=filters.clone() counts now />
                <section class="card">
                    <FilterBar path=PATH filters=filters.clone() mids=mids.clone() label=say(staff_frame::SearchRefunds) hint=say(said::SearchHint)>
                        <States path=PATH filters=narrowed.clone() chosen count />
                        <Choose path=PATH filters=narrowed name="reason" title=say(said::Reason) all=say(said::AnyReason) choices=reasons() />
                        {expires}
                    </FilterBar>
                    <List found filters=filters.clone() mids=mids.clone() now caller=caller.clone() />
                </section>
            }
            .into_any()
        };
        Ok(view! {
            <Staff title=say(staff_frame::Refunds) section=Section::Refunds caller live=Some(live) switch=Some(mid_switch(PATH, &filters, &mids))>
                <div class="head">
                    <h1>{say(staff_frame::Refunds)}</h1>
                    {export}
                </div>
                {body}
            </Staff>
        }
        .into_any())
    })
}

fn reasons() -> Vec<Choice> {
    Reason::ALL.into_iter().map(|reason| (reason.name().to_owned(), reason_title(reason))).collect()
}

/// The queues that somebody works on; every other state is a filter.
const QUEUES: [StateName; 5] =
    [StateName::AwaitingApproval, StateName::OnHold, StateName::AwaitingClaim, StateName::Scheduled, StateName::PayoutFailed];

/// The queues, with how many wait in each, and the links that end soon. Other filters stay as they are.
#[component]
fn Tabs(filters: Filters, counts: HashMap<StateName, u64>, now: Timestamp) -> impl IntoView {
    let current = (filters.get("status").map(str::to_owned), filters.get(EXPIRES).is_some());
    let rest = filters.without("status").without(EXPIRES);
    let link = |title: String, set: Option<StateName>, ends: bool, count: Option<AnyView>| {
        let url = set.map_or_else(|| rest.clone(), |state| rest.with("status", state.name()));
        let url = if ends { url.with(EXPIRES, &ends_soon(now)) } else { url }.url(PATH);
        let is_current = (set.map(|state| state.name().to_owned()), ends) == current;
        view! { <a href=url aria-current=is_current.then_some("page")>{title} " " {count}</a> }
    };
    let queue = |state: StateName| {
        let class = match state {
            StateName::PayoutFailed => "count bad",
            StateName::AwaitingApproval | StateName::OnHold => "count warn",
            _ => "count",
        };
        let count = counts.get(&state).copied().filter(|count| *count > 0);
        link(state_title(state), Some(state), false, count.map(|count| view! { <span class=class>{counted(count)}</span> }.into_any()))
    };
    let all = link(say(said::All), None, false, None);
    let queues = QUEUES.map(queue).collect_view();
    let soon = link(say(said::ExpiringSoon), Some(StateName::AwaitingClaim), true, None);
    view! { <nav class="tabs" aria-label=say(said::Views)>{all} {queues} {soon}</nav> }
}

/// Returns the last day of links that end soon, as a URL has it.
pub(crate) fn ends_soon(now: Timestamp) -> String {
    now.saturating_add(EXPIRES_SOON).unwrap_or(now).strftime("%Y-%m-%d").to_string()
}

/// Returns a count that is exact up to where counting ends.
pub(crate) fn counted(count: u64) -> String {
    if count >= COUNTED_MAX { format!("{COUNTED_MAX}+") } else { count.to_string() }
}

#[component]
fn List(found: Browsed<ListedRefund>, filters: Filters, mids: Vec<Mid>, now: Timestamp, caller: Caller) -> impl IntoView {
    if found.rows.is_empty() {
        return view! { <NoMatch filters /> }.into_any();
    }
    let (newer, older) = turns(&found, |refund| refund.id);
    // All that match are those of every page: from the newest on, or from this page's first row on when newer ones are hidden by it.
    let upto = found.rows.first().filter(|_| place() == Place::Newest).map(|refund| refund.id.to_string());
    let selects = Bulk::ALL.into_iter().any(|bulk| caller.may(bulk.right()));
    let table = view! { <RefundTable refunds=found.rows mids now caption=say(said::Caption) selects /> };
    let table = if selects {
        let hidden = filters.pairs().map(|(name, value)| view! { <input type="hidden" name=name value=value.to_owned() /> }).collect_view();
        view! {
            <form class="selection" action=selected::PATH data-tick-all=say(said::SelectPage)>
                {hidden} {upto.map(|upto| view! { <input type="hidden" name="upto" value=upto /> })} {table} <BulkBar caller />
            </form>
        }
        .into_any()
    } else {
        table.into_any()
    };
    view! {
        {table}
        <Turns path=PATH filters newer older />
    }
    .into_any()
}

/// What can be done to the refunds that are ticked. Shown once one is, or where a browser cannot tell. Each button leads to a page that
/// says what would be done; the file is taken at once.
#[component]
fn BulkBar(caller: Caller) -> impl IntoView {
    let actions = Bulk::ALL.into_iter().filter(|bulk| caller.may(bulk.right()));
    let buttons = actions.map(|bulk| {
        let (class, title) = match bulk {
            Bulk::Approve => ("btn sm primary", say(said::Approve)),
            Bulk::Notify => ("btn sm", say(said::Remind)),
            Bulk::Retry => ("btn sm", say(said::Retry)),
            Bulk::Cancel => ("btn sm", say(said::Cancel)),
        };
        view! { <button class=class name="action" value=bulk.name()>{title}</button> }
    });
    let buttons = buttons.collect_view();
    // For the script, which counts.
    let selected = say(said::SomeSelected { count: "{count}" });
    let (thousands, point) = staff_language().number_marks();
    view! {
        <div class="bulk" role="toolbar" aria-label=say(said::Selected)>
            <span class="fill">
                <b data-selected=selected data-all=say(said::AllMatch) aria-live="polite">{say(said::Selected)}</b>
                <bdi data-marks=format!("{thousands}{point}")></bdi>
            </span>
            <label class="row nowrap"><input type="checkbox" name="all" value="on" /> {say(said::AllMatch)}</label>
            <button class="btn sm" formaction="/refunds.csv">{say(said::Export)}</button>
            {buttons}
        </div>
    }
    .into_any()
}

/// Refunds, one a row.
#[component]
pub(super) fn RefundTable(
    refunds: Vec<ListedRefund>,
    mids: Vec<Mid>,
    now: Timestamp,
    caption: String,
    /// Whether rows can be ticked, in a form around the table.
    #[prop(optional)]
    selects: bool,
) -> impl IntoView {
    let mids: HashMap<MidId, String> = mids.into_iter().map(|mid| (mid.id, mid.name)).collect();
    let rows = refunds.into_iter().map(|refund| row(refund, &mids, now, selects)).collect_view();
    let heads = [
        Head::Numbers(say(said::Amount)),
        Head::Unseen(say(said::Asset)),
        Head::Words(say(said::Status)),
        Head::Words(say(said::Reason)),
        Head::Words(say(said::OrderAndPayer)),
        Head::Words(say(said::Mid)),
        Head::Numbers(say(said::Created)),
    ];
    let heads: Vec<_> = selects.then(|| Head::Unseen(say(said::Select))).into_iter().chain(heads).collect();
    view! { <Table label=say(staff_frame::Refunds) caption heads of_amounts=true>{rows}</Table> }
}

fn row(refund: ListedRefund, mids: &HashMap<MidId, String>, now: Timestamp, selects: bool) -> impl IntoView + use<> {
    let unit = refund.asset.symbol().to_owned();
    let mid = mids.get(&refund.mid).cloned();
    let name = say(payer::AssetOn { asset: &unit, network: refund.network.title() });
    let next = match (refund.blocked_by, refund.state, refund.release_at, refund.expires_at) {
        (Some(reason), _, _, _) => Some(blocked_title(reason).into_any()),
        (None, StateName::Scheduled, Some(at), _) => {
            Some(rich(&said::Sends { time: "" }, staff_language(), |_, _| staff(at, now).into_any()))
        }
        (None, StateName::AwaitingClaim, _, Some(at)) => {
            let left = durations::left(at.as_second().saturating_sub(now.as_second()));
            Some(say(time::Left { time: &left }).into_any())
        }
        (None, StateName::Paid, _, _) => {
            Some(rich(&said::PaidAt { time: "" }, staff_language(), |_, _| staff(refund.updated_at, now).into_any()))
        }
        (None, StateName::Expired | StateName::Canceled | StateName::Declined, _, _) => {
            Some(rich(&said::EndedAt { time: "" }, staff_language(), |_, _| staff(refund.updated_at, now).into_any()))
        }
        (None, _, _, _) => None,
    };
    let tick = selects.then(|| {
        let (id, label) = (refund.id.to_string(), say(said::SelectOne { reference: &refund.reference }));
        view! { <td class="tick"><input type="checkbox" name="id" value=id aria-label=label data-amount=refund.amount.clone() data-unit=unit.clone() /></td> }
    });
    view! {
        <tr>
            {tick}
            <td class="r"><Amount value=refund.amount unit=unit.clone() /></td>
            <td class="hide"><Coin symbol=unit network=refund.network /> <span class="vh">{name}</span></td>
            <td class="r2"><StatePill state=refund.state /></td>
            <td class="hide">{reason_title(refund.reason)}</td>
            <td>
                <a href=format!("/refunds/{}", refund.id) class="num">{refund.reference}</a>
                <span class="sub">{refund.payer_email}</span>
                <span class="sub only-narrow">{reason_title(refund.reason)}</span>
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
fn blocked_title(reason: BlockedBy) -> String {
    match reason {
        BlockedBy::InsufficientFunds => say(said::WaitsFunds),
        BlockedBy::InsufficientBalance => say(said::WaitsBalance),
        BlockedBy::FeeAboveCap => say(said::WaitsFee),
        BlockedBy::Maintenance => say(said::WaitsMaintenance),
        BlockedBy::Frozen => say(said::WaitsFrozen),
        BlockedBy::Suspended => say(said::WaitsSuspended),
        BlockedBy::RateUnavailable => say(said::WaitsRate),
        BlockedBy::DepositReorged => say(said::WaitsReorged),
    }
}

#[component]
fn FirstUse() -> impl IntoView {
    view! {
        <section class="card" aria-label=say(said::FirstUse)>
            <Empty shape=Shape::Refund title=say(said::None) is_good=true>
                <p>{say(said::NoneText)}</p>
                <a href="/invoices" class="btn">{say(said::ToInvoices)}</a>
            </Empty>
        </section>
    }
    .into_any()
}

/// Nothing is like this; a search that was limited to some days can be made of all of them.
#[component]
fn NoMatch(filters: Filters) -> impl IntoView {
    let all_time = filters.without("from").without("to");
    let all_time = (all_time != filters).then(|| view! { <a href=all_time.url(PATH) class="btn">{say(said::AllTime)}</a> });
    view! {
        <Empty shape=Shape::Search title=say(said::NoMatch)>
            {filters.get("q").is_some().then(|| view! { <p>{say(said::NoMatchText)}</p> })}
            <span class="row">
                <a href=PATH class="btn">{say(said::ClearFilters)}</a>
                {all_time}
            </span>
        </Empty>
    }
    .into_any()
}
