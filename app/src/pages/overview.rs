//! `/`: what needs somebody, what is held for payers, what was made lately.

mod chart;
mod setup;

use std::collections::HashMap;

use domain::merchant::Mid;
use domain::refund::StateName;
use engine::Engine;
use engine::browsing::{Place, RefundsWanted};
use engine::overview::{EXPIRES_SOON, Overview as Found, Proof};
use jiff::Timestamp;
use leptos::prelude::*;
use words::{staff_frame, staff_overview as said, staff_refunds};

use self::chart::Chart;
use self::setup::Setup;
use super::filters::{Choice, Filters, Select, mid_switch};
use super::page;
use super::refunds::{EXPIRES, RefundTable, counted};
use crate::components::{Amount, Coin, Head, Icon, Pill, Section, Shape, Staff, Table, Tone, exact, staff};
use crate::durations;
use crate::language::{rich, say, say_all, staff_language};
use crate::reply::Failure;
use crate::session::caller;

/// Where the page is.
const PATH: &str = "/";
/// What it can be narrowed by, in its URL.
const FILTERS: [&str; 2] = ["mid", "days"];
/// How far back it looks: the first unless another is chosen.
const DAYS: [u16; 3] = [30, 7, 90];
/// How many of the newest refunds are shown.
const RECENT: u32 = 6;

/// The page.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let filters = Filters::read(&FILTERS);
        let narrowing = filters.narrowing().ok_or(Failure::NoPage)?;
        let days = filters.get("days").and_then(|days| DAYS.into_iter().find(|known| known.to_string() == days)).unwrap_or(DAYS[0]);
        let found = engine.overview(&caller, narrowing.mid, days).await?;
        let wanted = RefundsWanted { narrowing, ..RefundsWanted::default() };
        let recent = engine.browse_refunds(&caller, &wanted, Place::Newest, RECENT).await?;
        let mids = engine.mids(&caller).await?;
        let steps = engine.setup(&caller).await?;
        let switch = mid_switch(PATH, &filters, &mids);
        let queue = filters.without("days");
        let now = engine.now();
        let recent = (!recent.rows.is_empty()).then(|| {
            view! {
                <section class="card">
                    <header>
                        <h2>{say(said::Recent)}</h2>
                        <a class="end sm" href=queue.url("/refunds")>{say(said::SeeAll)}</a>
                    </header>
                    <RefundTable refunds=recent.rows mids=mids.clone() now caption=say(said::RecentCaption) />
                </section>
            }
        });
        Ok(view! {
            <Staff title=say(staff_frame::Overview) section=Section::Overview caller switch=Some(switch)>
                <div class="head">
                    <h1>{say(staff_frame::Overview)}</h1>
                    <Period filters=filters.clone() mids days />
                </div>
                <div class="cols">
                    <div class="g5">
                        <Setup steps />
                        <Attention found=found.clone() filters=filters.without("days") now />
                        <Chart found=found.clone() />
                    </div>
                    <div class="g5">
                        <Held found=found.clone() />
                        <Outcomes found days />
                    </div>
                </div>
                {recent}
            </Staff>
        }
        .into_any())
    })
}

/// The choice of MID and period.
#[component]
fn Period(filters: Filters, mids: Vec<Mid>, days: u16) -> impl IntoView {
    let mids: Vec<Choice> = mids.into_iter().map(|mid| (mid.id.to_string(), mid.name)).collect();
    let several = (mids.len() > 1).then(|| {
        let chosen = filters.get("mid").map(str::to_owned);
        view! { <Select name="mid" label=say(staff_refunds::Mid) all=say(staff_refunds::AllMids) choices=mids chosen /> }
    });
    let options = DAYS.map(|choice| {
        view! { <option value=choice.to_string() selected=choice == days>{say(said::LastDays { count: choice.into() })}</option> }
    });
    view! {
        <form class="end" action=PATH>
            {several}
            <select class="input" name="days" aria-label=say(said::Period)>
                {options.collect_view()}
            </select>
            <button class="btn">{say(staff_refunds::Show)}</button>
        </form>
    }
    .into_any()
}

/// What became of refunds in the period: paid, claimed, given back to the merchant.
#[component]
fn Outcomes(found: Found, days: u16) -> impl IntoView {
    let within = found.claimed_within_secs.map_or_else(|| "–".to_owned(), |secs| durations::left(i64::try_from(secs).unwrap_or(i64::MAX)));
    let amounts = say_all(found.returned.iter().map(|(asset, amount)| exact(amount, asset.symbol())));
    let days = days.into();
    let returned = match found.returned_count {
        0 => say(said::ReturnedNone { days }),
        count => say(said::ReturnedSome { count, amounts: &amounts }),
    };
    view! {
        <div class="tiles">
            <p class="tile">
                <span>{say(said::PaidOut)}</span>
                <strong>{found.paid_out.to_string()}</strong>
                <span>{say(said::InDays { count: days })}</span>
            </p>
            <p class="tile">
                <span>{say(said::ClaimedWithin)}</span>
                <strong>{within}</strong>
                <span>{say(said::Median)}</span>
            </p>
        </div>
        <section class="card">
            <header><h2>{say(said::Returned)}</h2></header>
            <p class="body sm">{returned}</p>
        </section>
    }
    .into_any()
}

/// What somebody has to do, each with the way to do it.
#[component]
fn Attention(found: Found, filters: Filters, now: Timestamp) -> impl IntoView {
    let counts: HashMap<StateName, u64> = found.queues.into_iter().collect();
    let count = |state| counts.get(&state).copied().unwrap_or_default();
    let shown = |state| counted(count(state));
    let (approvals, failures, holds) = (StateName::AwaitingApproval, StateName::PayoutFailed, StateName::OnHold);
    let approve = said::Approvals { count: count(approvals), shown: &shown(approvals) };
    let retry = said::Failures { count: count(failures), shown: &shown(failures) };
    let look = said::Holds { count: count(holds), shown: &shown(holds) };
    let tasks = [
        (approvals, "warn", Shape::Check, say(approve), say(said::ApprovalsText), say(said::Review)),
        (failures, "bad", Shape::Alert, say(retry), say(said::FailuresText), say(said::Retry)),
        (holds, "warn", Shape::Clock, say(look), say(said::HoldsText), say(said::Look)),
    ];
    let waiting = tasks.iter().fold(found.expiring, |sum, (state, ..)| sum.saturating_add(count(*state)));
    let tasks = tasks.into_iter().filter(|(state, ..)| count(*state) > 0).map(|(state, tone, shape, title, text, action)| {
        task(tone, shape, title, text, filters.with("status", state.name()).url("/refunds"), action)
    });
    let mut tasks: Vec<AnyView> = tasks.collect();
    if found.expiring > 0 {
        let last_day = now.saturating_add(EXPIRES_SOON).unwrap_or(now).strftime("%Y-%m-%d").to_string();
        let title = say(said::Expiring { count: found.expiring, shown: &counted(found.expiring) });
        let url = filters.with("status", StateName::AwaitingClaim.name()).with(EXPIRES, &last_day).url("/refunds");
        tasks.push(task("warn", Shape::Clock, title, say(said::ExpiringText), url, say(said::Remind)));
    }
    let calm = tasks.is_empty().then(|| {
        let (count, shown) = (count(StateName::Scheduled), shown(StateName::Scheduled));
        let scheduled = (count > 0).then(|| match found.next_release {
            Some(at) => rich(&said::ScheduledNext { count, shown: &shown, time: "" }, staff_language(), |name, text| match name {
                "time" => staff(at, now).into_any(),
                _ => text.into_any(),
            }),
            None => say(said::Scheduled { count, shown: &shown }).into_any(),
        });
        view! { <p class="body sm soft">{say(said::Calm)} " " {scheduled}</p> }
    });
    let badge = (waiting > 0).then(|| view! { <span class="count warn">{counted(waiting)}</span> });
    view! {
        <section class="card">
            <header><h2>{say(said::Attention)}</h2> {badge}</header>
            <ul>{tasks}</ul>
            {calm}
        </section>
    }
    .into_any()
}

/// Something to do, with the way to do it.
fn task(tone: &'static str, shape: Shape, title: String, text: String, url: String, action: String) -> AnyView {
    let label = say(said::ActionFor { action: &action, task: &title });
    view! {
        <li class="row task">
            <span class=format!("tone {tone}")><Icon shape /></span>
            <span class="fill">
                <a href=url.clone() class="semi plain-link">{title}</a>
                <span class="soft sm block">{text}</span>
            </span>
            <a href=url class="btn sm" aria-label=label>{action}</a>
        </li>
    }
    .into_any()
}

/// What is owed to payers, or on its way to them.
#[component]
fn Held(found: Found) -> impl IntoView {
    let proof = found.proof.map(|proof| match proof {
        Proof::Held => view! { <span class="end"><Pill tone=Tone::Good text=say(said::Matches) /></span> }.into_any(),
        Proof::Short(missing) if missing.is_empty() => {
            view! { <span class="end"><Pill tone=Tone::Warn text=say(said::BeingChecked) /></span> }.into_any()
        }
        Proof::Short(missing) => {
            let missing = say_all(missing.iter().map(|(asset, amount)| exact(amount, asset.symbol())));
            let text = say(said::OffBy { amounts: &missing });
            view! { <a class="end plain-link" href="/admin/health"><Pill tone=Tone::Bad text /></a> }.into_any()
        }
    });
    let rows = found.held.into_iter().map(|(asset, amount)| {
        let network = asset_network(asset);
        let symbol = asset.symbol().to_owned();
        view! {
            <tr>
                <td>
                    <span class="asset">
                        {network.map(|network| view! { <Coin symbol=symbol.clone() network /> })}
                        <span>{symbol} <small>{network.map(|network| network.title())}</small></span>
                    </span>
                </td>
                <td class="r r2"><Amount value=amount /></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let body = if rows.is_empty() {
        view! { <p class="body sm soft">{say(said::NothingOwed)}</p> }.into_any()
    } else {
        let heads = [Head::Words(say(said::Asset)), Head::Numbers(say(said::HeldHead))];
        view! { <Table label=say(said::Held) caption=say(said::HeldCaption) heads of_amounts=true>{rows}</Table> }.into_any()
    };
    view! {
        <section class="card">
            <header><h2>{say(said::Held)}</h2> {proof}</header>
            {body}
        </section>
    }
    .into_any()
}

fn asset_network(id: domain::money::AssetId) -> Option<domain::money::Network> {
    expect_context::<Engine>().assets().get(id).map(|asset| asset.network)
}
