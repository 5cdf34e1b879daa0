//! `/`: what needs somebody, what is held for payers, what was made lately.

mod chart;

use std::collections::HashMap;

use domain::refund::StateName;
use engine::Engine;
use engine::browsing::{Place, RefundsWanted};
use engine::overview::Overview as Found;
use leptos::prelude::*;

use self::chart::Chart;
use super::page;
use super::refunds::{RefundTable, counted};
use crate::components::{Amount, Coin, Head, Icon, Section, Shape, Staff, Table};
use crate::session::caller;

/// How far back the chart goes.
const DAYS: u16 = 30;
/// How many of the newest refunds are shown.
const RECENT: u32 = 6;

/// The page.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let found = engine.overview(&caller, DAYS).await?;
        let recent = engine.browse_refunds(&caller, &RefundsWanted::default(), Place::Newest, RECENT).await?;
        let mids = engine.mids(&caller).await?;
        let now = engine.now();
        let recent = (!recent.rows.is_empty()).then(|| {
            view! {
                <section class="card">
                    <header>
                        <h2>"Recent refunds"</h2>
                        <a class="end sm" href="/refunds">"See all"</a>
                    </header>
                    <RefundTable refunds=recent.rows mids now caption="Recent refunds, newest first" />
                </section>
            }
        });
        Ok(view! {
            <Staff title="Overview" section=Section::Overview caller>
                <div class="head"><h1>"Overview"</h1></div>
                <div class="cols">
                    <div class="g5">
                        <Attention queues=found.queues.clone() />
                        <Chart found=found.clone() />
                    </div>
                    <div class="g5"><Held found /></div>
                </div>
                {recent}
            </Staff>
        }
        .into_any())
    })
}

/// What somebody has to do, each with the way to do it.
#[component]
fn Attention(queues: Vec<(StateName, u64)>) -> impl IntoView {
    let counts: HashMap<StateName, u64> = queues.into_iter().collect();
    let count = |state| counts.get(&state).copied().unwrap_or_default();
    let tasks = [
        (
            StateName::AwaitingApproval,
            "warn",
            Shape::Check,
            "needs approval",
            "need approval",
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
    let tasks = tasks.into_iter().filter(|(state, ..)| count(*state) > 0).map(|(state, tone, shape, one, many, text, action)| {
        let waiting = count(state);
        let title = if state == StateName::AwaitingApproval {
            format!("{} {}", counted(waiting), if waiting == 1 { "refund needs approval" } else { "refunds need approval" })
        } else {
            format!("{} {}", counted(waiting), if waiting == 1 { one } else { many })
        };
        let url = format!("/refunds?status={state}");
        view! {
            <li class="row task">
                <span class=format!("tone {tone}")><Icon shape /></span>
                <span class="fill">
                    <a href=url.clone() class="semi plain-link">{title}</a>
                    <span class="soft sm block">{text}</span>
                </span>
                <a href=url class="btn sm" aria-label=format!("{action}: {}", many)>{action}</a>
            </li>
        }
    });
    let tasks = tasks.collect_view();
    let scheduled = count(StateName::Scheduled);
    let calm = tasks.is_empty().then(|| {
        let next = match scheduled {
            0 => String::new(),
            1 => " 1 refund is scheduled.".to_owned(),
            several => format!(" {} refunds are scheduled.", counted(several)),
        };
        view! { <p class="body sm soft">"Nothing needs you." {next}</p> }
    });
    view! {
        <section class="card">
            <header><h2>"Needs attention"</h2></header>
            <ul>{tasks}</ul>
            {calm}
        </section>
    }
    .into_any()
}

const HELD: &[Head] = &[Head::Words("Asset"), Head::Numbers("Held")];

/// What is owed to payers, or on its way to them.
#[component]
fn Held(found: Found) -> impl IntoView {
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
            <header><h2>"Held for refunds"</h2></header>
            {body}
        </section>
    }
    .into_any()
}

fn asset_network(id: domain::money::AssetId) -> Option<domain::money::Network> {
    expect_context::<Engine>().assets().get(id).map(|asset| asset.network)
}
