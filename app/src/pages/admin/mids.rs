//! `/admin/mids`: every shop, what its policy does, and the switch that stops it.

use domain::merchant::{Guard, Mid};
use domain::policy::{OnLate, OnOver, OnUnder, Policy};
use engine::Engine;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{staff_admin as said, staff_settings};

use super::{Refused, require_operator};
use crate::components::{Head, Pill, Section, Staff, Table, Tone, staff};
use crate::language::{rich, say, staff_language};
use crate::pages::page;
use crate::server_fns::mid::{GuardMid, LiftFreeze};
use crate::session::caller;

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
        let (title, _) = Section::Mids.title_and_url();
        let heads = [
            Head::Words(say(staff_settings::Mid)),
            Head::Words(say(said::Overpaid)),
            Head::Words(say(said::Underpaid)),
            Head::Words(say(said::Late)),
            Head::Words(say(said::State)),
            Head::Unseen(say(staff_settings::Action)),
        ];
        Ok(view! {
            <Staff title=title.clone() section=Section::Mids caller>
                <div class="head">
                    <h1>{title.clone()}</h1>
                    <p>{say(said::MidsText)}</p>
                </div>
                <Refused />
                <section class="card">
                    <Table label=title caption=say(said::MidsByName) heads>{rows.collect_view()}</Table>
                </section>
            </Staff>
        }
        .into_any())
    })
}

fn row(mid: &Mid, merchant: String, policy: &Policy, frozen: Option<Timestamp>, now: Timestamp) -> AnyView {
    let (tone, state) = match mid.guard {
        Guard::Open => (Tone::Good, say(said::IsOpen)),
        Guard::Suspended => (Tone::Bad, say(said::IsSuspended)),
    };
    let id = mid.id.to_string();
    let guard = match mid.guard {
        Guard::Open => view! {
            <details class="confirm" name="guard">
                <summary class="btn sm ghost danger-quiet" aria-label=say(said::SuspendNamed { mid: &mid.name })>{say(said::Suspend)}</summary>
                <form class="g2" method="post" action=GuardMid::url()>
                    <input type="hidden" name="mid" value=id />
                    <input type="hidden" name="guard" value=Guard::Suspended.name() />
                    <p class="sm soft">{say(said::SuspendText)}</p>
                    <span><button class="btn sm danger" data-busy=say(said::Suspending)>{say(said::SuspendMid)}</button></span>
                </form>
            </details>
        }
        .into_any(),
        Guard::Suspended => view! {
            <form method="post" action=GuardMid::url()>
                <input type="hidden" name="mid" value=id />
                <input type="hidden" name="guard" value=Guard::Open.name() />
                <button class="btn sm" data-busy=say(said::Opening) aria-label=say(said::OpenNamed { mid: &mid.name })>{say(said::Open)}</button>
            </form>
        }
        .into_any(),
    };
    let frozen = frozen.map(|until| {
        let locked = rich(&said::LockedUntil { until: "" }, staff_language(), |_, _| staff(until, now).into_any());
        view! {
            <span class="sub">{locked}</span>
            <details class="confirm" name="guard">
                <summary class="btn sm ghost" aria-label=say(said::UnlockOf { merchant: &merchant })>{say(said::Unlock)}</summary>
                <form class="g2" method="post" action=LiftFreeze::url()>
                    <input type="hidden" name="merchant" value=mid.merchant.to_string() />
                    <p class="sm soft">{say(said::UnlockText)}</p>
                    <span><button class="btn sm danger" data-busy=say(said::Unlocking)>{say(said::UnlockPayouts)}</button></span>
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

fn over(on_over: OnOver) -> String {
    match on_over {
        OnOver::SettleAndRefundExcess => say(said::RefundExtra),
        OnOver::CreditAll => say(said::KeepAll),
        OnOver::RefundAll => say(said::RefundAll),
        OnOver::Hold => say(said::AskPerson),
    }
}

fn under(on_under: OnUnder) -> String {
    match on_under {
        OnUnder::RefundAll => say(said::RefundAll),
        OnUnder::CreditAll => say(said::AcceptSent),
        OnUnder::Recalc => say(said::PriceAgain),
        OnUnder::Hold => say(said::AskPerson),
    }
}

fn late(on_late: OnLate) -> String {
    match on_late {
        OnLate::RefundAll => say(said::RefundAll),
        OnLate::CreditAll => say(said::AcceptLate),
        OnLate::Recalc => say(said::PriceAgain),
        OnLate::AcceptIfRateWithin => say(said::AcceptClose),
        OnLate::Hold => say(said::AskPerson),
    }
}
