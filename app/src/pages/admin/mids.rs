//! `/admin/mids`: every shop, what its policy does, and the switch that stops it.

use domain::merchant::{Guard, Mid};
use domain::policy::{OnLate, OnOver, OnUnder, Policy};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Refused, require_operator};
use crate::components::{Head, Pill, Section, Staff, Table, Tone, staff};
use crate::pages::page;
use crate::server_fns::mid::{GuardMid, LiftFreeze};
use crate::session::caller;

const HEADS: &[Head] = &[
    Head::Words("MID"),
    Head::Words("Overpaid"),
    Head::Words("Underpaid"),
    Head::Words("Late"),
    Head::Words("State"),
    Head::Unseen("Action"),
];

/// The page.
#[component]
pub(crate) fn Mids() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        require_operator(&caller)?;
        let now = engine.now();
        let mut rows = Vec::new();
        for mid in engine.mids(&caller).await? {
            let merchant = engine.merchant_name(&caller, mid.id).await?;
            let policy = engine.policy(&caller, mid.id).await?.policy;
            let frozen = engine.frozen(&caller, mid.id).await?.map(|(until, _)| until);
            rows.push(row(&mid, merchant, &policy, frozen, now));
        }
        Ok(view! {
            <Staff title="Merchant IDs" section=Section::Mids caller>
                <div class="head">
                    <h1>"Merchant IDs"</h1>
                    <p>"A suspended MID decides nothing by rule and sends nothing. What is already on its way to a network goes on."</p>
                </div>
                <Refused />
                <section class="card">
                    <Table label="Merchant IDs" caption="Merchant IDs, by name" heads=HEADS>{rows.collect_view()}</Table>
                </section>
            </Staff>
        }
        .into_any())
    })
}

fn row(mid: &Mid, merchant: String, policy: &Policy, frozen: Option<Timestamp>, now: Timestamp) -> AnyView {
    let (tone, state) = match mid.guard {
        Guard::Open => (Tone::Good, "Open"),
        Guard::Suspended => (Tone::Bad, "Suspended"),
    };
    let id = mid.id.to_string();
    let guard = match mid.guard {
        Guard::Open => view! {
            <details class="confirm" name="guard">
                <summary class="btn sm ghost danger-quiet" aria-label=format!("Suspend {}", mid.name)>"Suspend"</summary>
                <form class="g2" method="post" action=GuardMid::url()>
                    <input type="hidden" name="mid" value=id />
                    <input type="hidden" name="guard" value=Guard::Suspended.name() />
                    <p class="sm soft">"Its payments are held for a person, and nothing of it is sent."</p>
                    <span><button class="btn sm danger" data-busy="Suspending…">"Suspend the MID"</button></span>
                </form>
            </details>
        }
        .into_any(),
        Guard::Suspended => view! {
            <form method="post" action=GuardMid::url()>
                <input type="hidden" name="mid" value=id />
                <input type="hidden" name="guard" value=Guard::Open.name() />
                <button class="btn sm" data-busy="Opening…" aria-label=format!("Open {}", mid.name)>"Open"</button>
            </form>
        }
        .into_any(),
    };
    let frozen = frozen.map(|until| {
        view! {
            <span class="sub">"payouts locked until " {staff(until, now)}</span>
            <details class="confirm" name="guard">
                <summary class="btn sm ghost" aria-label=format!("Unlock the payouts of {merchant}")>"Unlock"</summary>
                <form class="g2" method="post" action=LiftFreeze::url()>
                    <input type="hidden" name="merchant" value=mid.merchant.to_string() />
                    <p class="sm soft">"Only when you made sure, by another way than email, that the change was the merchant’s own."</p>
                    <span><button class="btn sm danger" data-busy="Unlocking…">"Unlock payouts"</button></span>
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <td>
                <a href=format!("/policies/{}", mid.id) class="semi">{mid.name.clone()}</a>
                <span class="sub">{merchant.clone()}</span>
            </td>
            <td class="hide">{over(policy.on_over)}</td>
            <td class="hide">{under(policy.on_under)}</td>
            <td class="hide">{late(policy.on_late)}</td>
            <td class="r2"><Pill tone text=state /> {frozen}</td>
            <td class="act">{guard}</td>
        </tr>
    }
    .into_any()
}

const fn over(on_over: OnOver) -> &'static str {
    match on_over {
        OnOver::SettleAndRefundExcess => "Refund the extra",
        OnOver::CreditAll => "Keep everything",
        OnOver::RefundAll => "Refund everything",
        OnOver::Hold => "Ask a person",
    }
}

const fn under(on_under: OnUnder) -> &'static str {
    match on_under {
        OnUnder::RefundAll => "Refund everything",
        OnUnder::CreditAll => "Accept what was sent",
        OnUnder::Recalc => "Work the price out again",
        OnUnder::Hold => "Ask a person",
    }
}

const fn late(on_late: OnLate) -> &'static str {
    match on_late {
        OnLate::RefundAll => "Refund everything",
        OnLate::CreditAll => "Accept it",
        OnLate::Recalc => "Work the price out again",
        OnLate::AcceptIfRateWithin => "Accept it while the rate is close",
        OnLate::Hold => "Ask a person",
    }
}
