//! `/`: what needs somebody, what is held for payers, what was made lately and what became of it.

mod attention;
mod chart;
mod setup;
mod shares;

use domain::merchant::{Mid, Right};
use domain::money::{AssetId, Network};
use engine::Engine;
use engine::browsing::{Place, RefundsWanted};
use engine::overview::{Held as HeldAsset, Proof, Workings};
use leptos::prelude::*;
use words::{staff_frame, staff_overview as said, staff_refunds};

use self::attention::Attention;
use self::chart::{Made, Returned};
use self::setup::Setup;
use self::shares::{Claimed, Share};
use super::filters::{Choice, Filters, Select, mid_switch};
use super::page;
use super::refunds::{RefundTable, counted};
use super::settings::{Locked, frozen_until};
use crate::components::{Amount, Coin, Head, Pill, Section, Staff, Table, Tone, exact};
use crate::durations;
use crate::language::{say, say_all};
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
        let only = narrowing.mid;
        let found = engine.overview(&caller, only, days).await?;
        let wanted = RefundsWanted { narrowing, ..RefundsWanted::default() };
        let recent = engine.browse_refunds(&caller, &wanted, Place::Newest, RECENT).await?;
        let mids = engine.mids(&caller).await?;
        let steps = engine.setup(&caller).await?;
        let mut policies = engine.policies_to_approve(&caller).await?;
        policies.retain(|mid| only.is_none_or(|only| only == mid.id));
        let switch = mid_switch(PATH, &filters, &mids);
        let queue = filters.without("days");
        let now = engine.now();
        let frozen_until = frozen_until(&engine, &caller, &mids).await?;
        let is_operator = caller.may(Right::Operate);
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
        // What waits for somebody comes before what could be set up.
        let is_calm = policies.is_empty() && [&found.approvals, &found.failures, &found.holds].into_iter().all(|pile| pile.count == 0);
        let attention = view! { <Attention found=found.clone() policies filters=filters.without("days") is_operator now /> };
        Ok(view! {
            <Staff title=say(staff_frame::Overview) section=Section::Overview caller switch=Some(switch)>
                <div class="head">
                    <h1>{say(staff_frame::Overview)}</h1>
                    <Period filters=filters.clone() mids days />
                </div>
                <Locked frozen_until now />
                <div class="cols">
                    <div class="g5">
                        {if is_calm { view! { <Setup steps /> {attention} }.into_any() } else { view! { {attention} <Setup steps /> }.into_any() }}
                        <Made found=found.clone() />
                    </div>
                    <div class="g5">
                        <Held held=found.held.clone() workings=found.workings.clone() />
                        <Outcomes paid_out=found.paid_out claimed_within_secs=found.claimed_within_secs days />
                        <Claimed counts=found.claimed.clone() days />
                        <Returned found />
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

/// What became of refunds in the period: paid, claimed.
#[component]
fn Outcomes(paid_out: u64, claimed_within_secs: Option<u64>, days: u16) -> impl IntoView {
    let within = claimed_within_secs.map_or_else(|| "–".to_owned(), |secs| durations::left(i64::try_from(secs).unwrap_or(i64::MAX)));
    view! {
        <div class="tiles">
            <p class="tile">
                <span>{say(said::PaidOut)}</span>
                <strong>{paid_out.to_string()}</strong>
                <span>{say(said::InDays { count: days.into() })}</span>
            </p>
            <p class="tile">
                <span>{say(said::ClaimedWithin)}</span>
                <strong>{within}</strong>
                <span>{say(said::Median)}</span>
            </p>
        </div>
    }
    .into_any()
}

/// What is owed to payers, or on its way to them, with how many refunds that is for.
#[component]
fn Held(held: Vec<HeldAsset>, workings: Workings) -> impl IntoView {
    let proof = workings.proof.map(|proof| match proof {
        Proof::Held => view! { <span class="end"><Pill tone=Tone::Good text=say(said::Matches) /></span> }.into_any(),
        Proof::Short(missing) if missing.is_empty() => {
            view! { <span class="end"><Pill tone=Tone::Warn text=say(said::BeingChecked) /></span> }.into_any()
        }
        Proof::Short(missing) => {
            let text = say(said::OffBy { amounts: &amounts(&missing) });
            view! { <a class="end plain-link" href="/admin/health"><Pill tone=Tone::Bad text /></a> }.into_any()
        }
    });
    let all = held.iter().fold(0_u64, |all, held| all.saturating_add(held.open));
    let rows = held.into_iter().map(|HeldAsset { asset, amount, open }| {
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
                <td class="r num">{counted(open)} <Share part=open of=all /></td>
                <td class="r r2"><Amount value=amount /></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let body = if rows.is_empty() {
        view! { <p class="body sm soft">{say(said::NothingOwed)}</p> }.into_any()
    } else {
        let heads = [Head::Words(say(said::Asset)), Head::Numbers(say(said::Open)), Head::Numbers(say(said::HeldHead))];
        let (label, caption) = (say(said::Held), say(said::HeldCaption));
        view! { <Table label caption heads of_amounts=true keeps_columns=true>{rows}</Table> }.into_any()
    };
    view! {
        <section class="card">
            <header><h2>{say(said::Held)}</h2> {proof}</header>
            {body}
        </section>
    }
    .into_any()
}

fn asset_network(id: AssetId) -> Option<Network> {
    expect_context::<Engine>().assets().get(id).map(|asset| asset.network)
}

/// Returns sums of several assets in one line.
fn amounts(sums: &[(AssetId, String)]) -> String {
    say_all(sums.iter().map(|(asset, amount)| exact(amount, asset.symbol())))
}
