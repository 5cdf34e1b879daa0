//! `/admin/health`: whether something is wrong, what work waits, whether books and rails agree, and the switch that stops all payouts.

use std::collections::BTreeMap;

use domain::money::Network;
use domain::view::{ReconciliationMeaning, ReconciliationState, ReconciliationView};
use engine::Engine;
use engine::overview::WorkQueue;
use engine::vitals::Vitals;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{payer, staff_admin as said};

use super::{Refused, require_operator};
use crate::components::{Amount, Head, Note, Pill, Section, Shape, Staff, Table, Tone, staff};
use crate::durations;
use crate::language::say;
use crate::live::{FOLDER, Following, compared, health_stage};
use crate::pages::{page, symbol};
use crate::server_fns::mid::StopPayouts;
use crate::session::caller;

/// The page.
#[component]
pub(crate) fn Health() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        require_operator(&caller)?;
        let health = engine.health(&caller).await?;
        let compared = compared(&engine, &caller).await?;
        let vitals = engine.vitals().await?;
        let live = Following { url: format!("{FOLDER}/health"), seen: health_stage(&health, &vitals, &compared) };
        let now = engine.now();
        let mut newest: BTreeMap<String, ReconciliationView> = BTreeMap::new();
        for found in compared {
            newest.entry(found.asset.clone()).or_insert(found);
        }
        let troubled = newest.values().filter(|found| !is_fine(found)).count();
        let wrong = [health.payouts_stopped, vitals.endpoints_disabled > 0, vitals.endpoints_failing > 0];
        let count = troubled.saturating_add(wrong.into_iter().filter(|is_wrong| *is_wrong).count());
        let (tone, state) = match u64::try_from(count) {
            Ok(0) => (Tone::Good, say(said::AllWell)),
            count => (Tone::Warn, say(said::Warnings { count: count.unwrap_or(u64::MAX) })),
        };
        let (title, _) = Section::Health.title_and_url();
        Ok(view! {
            <Staff title=title.clone() section=Section::Health caller live=Some(live)>
                <div class="head"><h1>{title}" "<Pill tone text=state /></h1></div>
                <Refused />
                <Tiles vitals=vitals.clone() writes_email=engine.settings().writes_email />
                <Payouts is_stopped=health.payouts_stopped />
                <Compared newest blocks=vitals.blocks now />
                <Queues queues=health.queues now />
            </Staff>
        }
        .into_any())
    })
}

/// Says whether a rail held what the books say: the operator's float, and what payouts under way took, are as they should be.
fn is_fine(found: &ReconciliationView) -> bool {
    use ReconciliationMeaning::{Held, Surplus, UnderWay};
    matches!(ReconciliationMeaning::from_name(&found.note), Some(Held | Surplus | UnderWay))
}

/// What waits, and for how long.
#[component]
fn Tiles(vitals: Vitals, writes_email: bool) -> impl IntoView {
    let oldest = |secs: Option<i64>| match secs {
        Some(secs) => say(said::Oldest { time: &durations::left(secs) }),
        None => say(said::NothingOld),
    };
    let sum = |counts: &mut dyn Iterator<Item = u64>| counts.fold(0, u64::saturating_add);
    let silent = vitals.endpoints_disabled.saturating_add(vitals.endpoints_failing);
    let endpoints = if silent == 0 { say(said::EndpointsAnswer) } else { say(said::EndpointsSilent { count: silent }) };
    let mails = if writes_email { say(said::MailsText) } else { say(said::MailsOff) };
    let due = vitals.jobs_due.iter().map(|job| job.oldest_secs).max();
    let under_way = vitals.payouts.iter().map(|payout| payout.oldest_secs).max();
    let tiles = [
        (say(said::WorkDue), sum(&mut vitals.jobs_due.iter().map(|job| job.count)), oldest(due)),
        (say(said::PayoutsUnderWay), sum(&mut vitals.payouts.iter().map(|payout| payout.count)), oldest(under_way)),
        (say(said::WebhooksWaiting), vitals.webhooks_waiting, endpoints),
        (say(said::MailsWaiting), vitals.mails_waiting, mails),
    ];
    let tiles = tiles.into_iter().map(|(title, count, text)| {
        view! {
            <p class="tile">
                <span>{title}</span>
                <strong>{count.to_string()}</strong>
                <span>{text}</span>
            </p>
        }
    });
    view! { <div class="tiles">{tiles.collect_view()}</div> }.into_any()
}

/// The kill switch.
#[component]
fn Payouts(is_stopped: bool) -> impl IntoView {
    let body = if is_stopped {
        view! {
            <Note tone="bad" shape=Shape::Alert>
                <b>{say(said::Stopped)} " "</b>
                {say(said::StoppedText)}
            </Note>
            <form method="post" action=StopPayouts::url()>
                <input type="hidden" name="stopped" value="false" />
                <button class="btn primary" data-busy=say(said::LettingGo)>{say(said::LetGo)}</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p class="sm soft">{say(said::RunningText)}</p>
            <details class="drop">
                <summary class="btn danger-quiet">{say(said::StopAll)}</summary>
                <form class="card g4" method="post" action=StopPayouts::url()>
                    <input type="hidden" name="stopped" value="true" />
                    <p class="sm soft">{say(said::StopText)}</p>
                    <button class="btn danger" data-busy=say(said::Stopping)>{say(said::Stop)}</button>
                </form>
            </details>
        }
        .into_any()
    };
    view! {
        <section class="card">
            <header><h2>{say(said::Payouts)}</h2></header>
            <div class="body g4">{body}</div>
        </section>
    }
    .into_any()
}

/// The newest comparison of each asset.
#[component]
fn Compared(newest: BTreeMap<String, ReconciliationView>, blocks: Vec<(Network, u64)>, now: Timestamp) -> impl IntoView {
    let block = |network| blocks.iter().find(|(of, _)| *of == network).map_or_else(|| "–".to_owned(), |(_, block)| block.to_string());
    let rows = newest.into_values().map(|found| {
        let (tone, hollow, state) = match found.state {
            ReconciliationState::Matched => (Tone::Good, false, say(said::Matches)),
            ReconciliationState::Differs => (Tone::Bad, false, say(said::Differs)),
            ReconciliationState::RailAway => (Tone::Warn, true, say(said::NoAnswer)),
        };
        let note = match ReconciliationMeaning::from_name(&found.note) {
            Some(ReconciliationMeaning::Held) => say(said::HoldsAll),
            Some(ReconciliationMeaning::Surplus) => say(said::Surplus),
            Some(ReconciliationMeaning::UnderWay) => say(said::UnderWay),
            Some(ReconciliationMeaning::NotPaidIn) => say(said::NotPaidIn),
            Some(ReconciliationMeaning::Missing) => say(said::Missing),
            // What the rail met with, in its own words.
            None => say(said::RailSaid { words: &found.note }),
        };
        let asset = say(payer::AssetOn { asset: &symbol(&found.asset), network: found.network.title() });
        let beside = found.rail.clone().map(|value| view! { <span class="sub only-narrow">{say(said::Rail)} " " <Amount value /></span> });
        let rail = found.rail.map(|value| view! { <Amount value /> });
        view! {
            <tr>
                <td>
                    {asset} <span class="sub">{note}</span>
                    <span class="sub only-narrow">{say(said::Books)} " " <Amount value=found.ledger.clone() /></span>
                    {beside}
                </td>
                <td class="r2"><Pill tone hollow text=state /></td>
                <td class="r hide"><Amount value=found.ledger /></td>
                <td class="r hide">{rail}</td>
                <td class="r num hide">{block(found.network)}</td>
                <td class="r nw num">{staff(found.at, now)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let body = if rows.is_empty() {
        view! { <p class="body sm soft">{say(said::NotCompared)}</p> }.into_any()
    } else {
        let heads = [
            Head::Words(say(said::Asset)),
            Head::Words(say(said::State)),
            Head::Numbers(say(said::Books)),
            Head::Numbers(say(said::Rail)),
            Head::Numbers(say(said::Block)),
            Head::Numbers(say(said::Compared)),
        ];
        view! { <Table label=say(said::BooksAndRails) caption=say(said::BooksBeside) heads of_amounts=true>{rows}</Table> }.into_any()
    };
    view! {
        <section class="card">
            <header>
                <h2>{say(said::BooksAndRails)}</h2>
                <p>{say(said::BooksText { command: "refundry ledger verify" })}</p>
            </header>
            {body}
        </section>
    }
    .into_any()
}

#[component]
fn Queues(queues: Vec<WorkQueue>, now: Timestamp) -> impl IntoView {
    let rows = queues.into_iter().map(|queue| {
        let failing =
            if queue.failing > 0 { view! { <Pill tone=Tone::Warn text=queue.failing.to_string() /> }.into_any() } else { "0".into_any() };
        view! {
            <tr>
                <td>{work_title(&queue.kind)}</td>
                <td class="r num r2">{queue.waiting.to_string()}</td>
                <td class="r num hide">{queue.due.to_string()}</td>
                <td class="r num">{failing}</td>
                <td class="r nw num hide">{queue.first_due.map(|at| staff(at, now))}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let body = if rows.is_empty() {
        view! { <p class="body sm soft">{say(said::NothingWaits)}</p> }.into_any()
    } else {
        let heads = [
            Head::Words(say(said::Work)),
            Head::Numbers(say(said::Waiting)),
            Head::Numbers(say(said::Due)),
            Head::Numbers(say(said::Failing)),
            Head::Numbers(say(said::NextDue)),
        ];
        view! { <Table label=say(said::Queues) caption=say(said::QueuesByKind) heads keeps_columns=true>{rows}</Table> }.into_any()
    };
    view! {
        <section class="card">
            <header>
                <h2>{say(said::Queues)}</h2>
                <span class="end sm soft">{say(said::InUtc)}</span>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// Returns a kind of work in words; one that this version does not know keeps its name.
fn work_title(kind: &str) -> String {
    match kind {
        "expire_invoice" => say(said::WorkExpireInvoice),
        "expire_claim" => say(said::WorkExpireClaim),
        "remind" => say(said::WorkRemind),
        "release" => say(said::WorkRelease),
        "pay" => say(said::WorkPay),
        "recheck" => say(said::WorkRecheck),
        "recheck_deposit" => say(said::WorkRecheckDeposit),
        "unwind" => say(said::WorkUnwind),
        "activate_policy" => say(said::WorkActivatePolicy),
        "deliver" => say(said::WorkDeliver),
        "mail" => say(said::WorkMail),
        "reconcile" => say(said::WorkReconcile),
        other => other.to_owned(),
    }
}
