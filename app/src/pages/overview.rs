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

use self::chart::Chart;
use self::setup::Setup;
use super::filters::{Choice, Filters, Select, mid_switch};
use super::page;
use super::refunds::{EXPIRES, RefundTable, counted};
use crate::components::{Amount, Coin, Head, Icon, Pill, Section, Shape, Staff, Table, Tone, exact, staff};
use crate::durations;
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
                        <h2>"Recent refunds"</h2>
                        <a class="end sm" href=queue.url("/refunds")>"See all"</a>
                    </header>
                    <RefundTable refunds=recent.rows mids=mids.clone() now caption="Recent refunds, newest first" />
                </section>
            }
        });
        Ok(view! {
            <Staff title="Overview" section=Section::Overview caller switch=Some(switch)>
                <div class="head">
                    <h1>"Overview"</h1>
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
        view! { <Select name="mid" label="MID" all="All MIDs" choices=mids chosen /> }
    });
    let options = DAYS.map(|choice| {
        view! { <option value=choice.to_string() selected=choice == days>{format!("Last {choice} days")}</option> }
    });
    view! {
        <form class="end" action=PATH>
            {several}
            <select class="input" name="days" aria-label="Period">
                {options.collect_view()}
            </select>
            <button class="btn">"Show"</button>
        </form>
    }
    .into_any()
}

/// What became of refunds in the period: paid, claimed, given back to the merchant.
#[component]
fn Outcomes(found: Found, days: u16) -> impl IntoView {
    let within = found.claimed_within_secs.map_or_else(|| "–".to_owned(), |secs| durations::left(i64::try_from(secs).unwrap_or(i64::MAX)));
    let sums = found.returned.iter().map(|(asset, amount)| exact(amount, asset.symbol())).collect::<Vec<_>>();
    let returned = match found.returned_count {
        0 => format!("Nothing expired in {days} days."),
        count => {
            let (refunds, were) = if count == 1 { ("refund", "was") } else { ("refunds", "were") };
            format!("{count} {refunds} expired and {were} credited to your MIDs: {}.", sums.join(" and "))
        }
    };
    view! {
        <div class="tiles">
            <p class="tile">
                <span>"Paid out"</span>
                <strong>{found.paid_out.to_string()}</strong>
                <span>{format!("in {days} days")}</span>
            </p>
            <p class="tile">
                <span>"Claimed within"</span>
                <strong>{within}</strong>
                <span>"median since created"</span>
            </p>
        </div>
        <section class="card">
            <header><h2>"Returned to you"</h2></header>
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
    let tasks = [
        (
            StateName::AwaitingApproval,
            "warn",
            Shape::Check,
            "refund needs approval",
            "refunds need approval",
            "A second person decides; until then nothing is sent.",
            "Review",
        ),
        (
            StateName::PayoutFailed,
            "bad",
            Shape::Alert,
            "payout failed",
            "payouts failed",
            "Nothing left the wallet; the money is still owed to the payers.",
            "Retry",
        ),
        (
            StateName::OnHold,
            "warn",
            Shape::Clock,
            "refund is on hold",
            "refunds are on hold",
            "Somebody looks at them before they are sent.",
            "Look",
        ),
    ];
    let waiting = tasks.iter().fold(found.expiring, |sum, (state, ..)| sum.saturating_add(count(*state)));
    let tasks = tasks.into_iter().filter(|(state, ..)| count(*state) > 0).map(|(state, tone, shape, one, many, text, action)| {
        let title = format!("{} {}", counted(count(state)), if count(state) == 1 { one } else { many });
        task(tone, shape, title, text, filters.with("status", state.name()).url("/refunds"), action)
    });
    let mut tasks: Vec<AnyView> = tasks.collect();
    if found.expiring > 0 {
        let last_day = now.saturating_add(EXPIRES_SOON).unwrap_or(now).strftime("%Y-%m-%d").to_string();
        let title =
            format!("{} {} within 7 days", counted(found.expiring), if found.expiring == 1 { "refund expires" } else { "refunds expire" });
        let url = filters.with("status", StateName::AwaitingClaim.name()).with(EXPIRES, &last_day).url("/refunds");
        tasks.push(task(
            "warn",
            Shape::Clock,
            title,
            "Nobody has claimed them. Tick them there to write to their payers again.",
            url,
            "Remind",
        ));
    }
    let calm = tasks.is_empty().then(|| {
        let next = found.next_release.map(|at| view! { ", the next leaves " {staff(at, now)} });
        let scheduled = match count(StateName::Scheduled) {
            0 => ().into_any(),
            1 => view! { " 1 refund is scheduled" {next} "." }.into_any(),
            several => view! { {format!(" {} refunds are scheduled", counted(several))} {next} "." }.into_any(),
        };
        view! { <p class="body sm soft">"Nothing needs you." {scheduled}</p> }
    });
    let badge = (waiting > 0).then(|| view! { <span class="count warn">{counted(waiting)}</span> });
    view! {
        <section class="card">
            <header><h2>"Needs attention"</h2> {badge}</header>
            <ul>{tasks}</ul>
            {calm}
        </section>
    }
    .into_any()
}

/// Something to do, with the way to do it.
fn task(tone: &'static str, shape: Shape, title: String, text: &'static str, url: String, action: &'static str) -> AnyView {
    let label = format!("{action}: {title}");
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

const HELD: &[Head] = &[Head::Words("Asset"), Head::Numbers("Held")];

/// What is owed to payers, or on its way to them.
#[component]
fn Held(found: Found) -> impl IntoView {
    let proof = found.proof.map(|proof| match proof {
        Proof::Held => view! { <span class="end"><Pill tone=Tone::Good text="Matches rails" /></span> }.into_any(),
        Proof::Short(missing) if missing.is_empty() => {
            view! { <span class="end"><Pill tone=Tone::Warn text="Being checked" /></span> }.into_any()
        }
        Proof::Short(missing) => {
            let missing: Vec<String> = missing.iter().map(|(asset, amount)| exact(amount, asset.symbol())).collect();
            let text = format!("Off by {}", missing.join(" and "));
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
        view! { <p class="body sm soft">"Nothing is owed to payers now."</p> }.into_any()
    } else {
        view! { <Table label="Held for refunds" caption="Money owed to payers, by asset" heads=HELD of_amounts=true>{rows}</Table> }
            .into_any()
    };
    view! {
        <section class="card">
            <header><h2>"Held for refunds"</h2> {proof}</header>
            {body}
        </section>
    }
    .into_any()
}

fn asset_network(id: domain::money::AssetId) -> Option<domain::money::Network> {
    expect_context::<Engine>().assets().get(id).map(|asset| asset.network)
}
