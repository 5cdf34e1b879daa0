//! `/admin/health`: what work waits, whether books and rails agree, and the switch that stops all payouts.

use std::collections::BTreeMap;

use domain::view::{ReconciliationState, ReconciliationView};
use engine::overview::WorkQueue;
use engine::{Engine, PageRequest};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Refused, require_operator};
use crate::components::{Amount, Head, Note, Pill, Section, Shape, Staff, Table, Tone, staff};
use crate::live::{FOLDER, Following, stage};
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
        let compared = engine.reconciliations(&caller, None, PageRequest { limit: 100, after: None }).await?.data;
        let live = Following { url: format!("{FOLDER}/health"), seen: stage(&health) };
        let now = engine.now();
        Ok(view! {
            <Staff title="System health" section=Section::Health caller live=Some(live)>
                <div class="head"><h1>"System health"</h1></div>
                <Refused />
                <Payouts is_stopped=health.payouts_stopped />
                <Compared compared now />
                <Queues queues=health.queues now />
            </Staff>
        }
        .into_any())
    })
}

/// The kill switch.
#[component]
fn Payouts(is_stopped: bool) -> impl IntoView {
    let body = if is_stopped {
        view! {
            <Note tone="bad" shape=Shape::Alert>
                <b>"Payouts are stopped. "</b>
                "Claims still work and wait. What is already on its way to a network goes on."
            </Note>
            <form method="post" action=StopPayouts::url()>
                <input type="hidden" name="stopped" value="false" />
                <button class="btn primary" data-busy="Letting them go…">"Let payouts go"</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p class="sm soft">"Payouts go as they fall due. Stopping them keeps every merchant’s money where it is; claims still work."</p>
            <details class="drop">
                <summary class="btn danger-quiet">"Stop all payouts"</summary>
                <form class="card g4" method="post" action=StopPayouts::url()>
                    <input type="hidden" name="stopped" value="true" />
                    <p class="sm soft">"Nothing of any merchant is sent until somebody lets payouts go again. What is already on its way goes on."</p>
                    <button class="btn danger" data-busy="Stopping…">"Stop payouts"</button>
                </form>
            </details>
        }
        .into_any()
    };
    view! {
        <section class="card">
            <header><h2>"Payouts"</h2></header>
            <div class="body g4">{body}</div>
        </section>
    }
    .into_any()
}

const COMPARED: &[Head] =
    &[Head::Words("Asset"), Head::Words("State"), Head::Numbers("Books"), Head::Numbers("Rail"), Head::Numbers("Compared")];

/// The newest comparison of each asset.
#[component]
fn Compared(compared: Vec<ReconciliationView>, now: Timestamp) -> impl IntoView {
    let mut newest: BTreeMap<String, ReconciliationView> = BTreeMap::new();
    for found in compared {
        newest.entry(found.asset.clone()).or_insert(found);
    }
    let rows = newest.into_values().map(|found| {
        let (tone, hollow, state) = match found.state {
            ReconciliationState::Matched => (Tone::Good, false, "Matches"),
            ReconciliationState::Differs => (Tone::Bad, false, "Differs"),
            ReconciliationState::RailAway => (Tone::Warn, true, "No answer"),
        };
        let unit = symbol(&found.asset);
        let rail = found.rail.map(|value| view! { <Amount value /> });
        view! {
            <tr>
                <td>{format!("{unit} on {}", found.network.title())} <span class="sub">{found.note}</span></td>
                <td class="r2"><Pill tone hollow text=state /></td>
                <td class="r hide"><Amount value=found.ledger /></td>
                <td class="r hide">{rail}</td>
                <td class="r nw num">{staff(found.at, now)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let body = if rows.is_empty() {
        view! { <p class="body sm soft">"Books and rails were not compared yet. That happens once an hour."</p> }.into_any()
    } else {
        view! { <Table label="Books and rails" caption="Books beside what the rails hold, by asset" heads=COMPARED of_amounts=true>{rows}</Table> }
            .into_any()
    };
    view! {
        <section class="card">
            <header>
                <h2>"Books and rails"</h2>
                <p>"Once an hour. A difference is told, never corrected. refundry ledger verify proves the books from the rows alone."</p>
            </header>
            {body}
        </section>
    }
    .into_any()
}

const QUEUES: &[Head] =
    &[Head::Words("Work"), Head::Numbers("Waiting"), Head::Numbers("Due"), Head::Numbers("Failing"), Head::Numbers("Next due")];

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
        view! { <p class="body sm soft">"Nothing waits."</p> }.into_any()
    } else {
        view! { <Table label="Queues" caption="Work that waits, by kind" heads=QUEUES keeps_columns=true>{rows}</Table> }.into_any()
    };
    view! {
        <section class="card">
            <header>
                <h2>"Queues"</h2>
                <span class="end sm soft">"Times in UTC"</span>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// Returns a kind of work in words; one that this version does not know keeps its name.
fn work_title(kind: &str) -> String {
    let title = match kind {
        "expire_invoice" => "Invoices whose time ends",
        "expire_claim" => "Claim links that end",
        "remind" => "Reminders",
        "release" => "Refunds to send",
        "pay" => "Payouts under way",
        "recheck" => "Payouts to look at again",
        "recheck_deposit" => "Payments to look at again",
        "unwind" => "Payments that vanished",
        "activate_policy" => "Policies with a date",
        "deliver" => "Webhooks",
        "mail" => "Mails",
        "reconcile" => "Books and rails to compare",
        other => other,
    };
    title.to_owned()
}
