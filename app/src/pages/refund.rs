//! `/refunds/{id}`: one refund: where it stands, what happened, what was booked, who was told.

mod cards;

use domain::ids::RefundId;
use domain::refund::{CancelReason, CanceledBy, StateName};
use domain::view::{RefundView, TimelineEntry};
use engine::callers::Caller;
use engine::reports::EntryFilter;
use engine::{Engine, PageRequest};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::refunds::blocked_title;
use super::{page, param, set_unprocessable, symbol};
use crate::components::{
    BigAmount, CancelReasons, ErrorSummary, Icon, LedgerTable, Note, Pill, Rail, Section, Shape, Staff, StaffOnly, StatePill, Stop,
    StopState, Tone, exact, reason_title, staff, state_title,
};
use crate::reply::{Failure, Submitted};
use crate::server_fns::refund::{CancelRefund, RetryRefund};
use crate::session::caller;

/// One refund.
#[component]
pub(crate) fn Refund() -> impl IntoView {
    let id = param("id");
    page(async move {
        let engine = expect_context::<Engine>();
        let id: RefundId = id.parse().map_err(|_| Failure::NoPage)?;
        let caller = caller().await?;
        let refund = engine.refund(&caller, id).await?;
        let invoice = engine.invoice(&caller, domain::ids::InvoiceId(refund.invoice)).await?;
        let filter = EntryFilter { refund: Some(id), ..EntryFilter::default() };
        let entries = engine.entries(&caller, filter, PageRequest { limit: 100, after: None }).await?;
        let deliveries = engine.deliveries(&caller, id).await?;
        let mid = engine.mids(&caller).await?.into_iter().find(|mid| mid.id.0 == refund.mid).map(|mid| mid.name);
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let now = engine.now();
        let title = format!("Refund {}", refund.reference);
        let cards = cards::Cards { refund: refund.clone(), order: invoice.reference.clone(), mid, now };
        Ok(view! {
            <Staff title section=Section::Refunds caller=caller.clone() here=refund.reference.clone()>
                <Head refund=refund.clone() order=invoice.reference caller submitted />
                <Banner refund=refund.clone() now />
                <div class="cols">
                    <div class="g5">
                        <Timeline refund=refund.clone() now />
                        <section class="card">
                            <header>
                                <h2>"Ledger"</h2>
                                <span class="end"><Pill tone=Tone::Good text="Balanced" /></span>
                            </header>
                            <LedgerTable entries=entries.data.into_iter().rev().collect() now />
                        </section>
                        <cards::Deliveries deliveries now />
                    </div>
                    {cards.into_view()}
                </div>
            </Staff>
        }
        .into_any())
    })
}

#[component]
fn Head(refund: RefundView, order: String, caller: Caller, submitted: Submitted) -> impl IntoView {
    let unit = symbol(&refund.asset);
    let can_cancel = match refund.state {
        StateName::AwaitingClaim | StateName::Scheduled | StateName::PayoutFailed => true,
        StateName::Sending | StateName::Paid | StateName::Expired | StateName::Canceled => false,
    };
    let can_retry = refund.state == StateName::PayoutFailed;
    let moves_money = caller.moves_money();
    let is_refused = !submitted.errors.0.is_empty();
    if is_refused {
        set_unprocessable();
    }
    let cancel = (can_cancel && moves_money).then(|| {
        view! {
            <details class="drop" open=is_refused>
                <summary class="btn danger-quiet">"Cancel refund"</summary>
                <form class="card g4" method="post" action=CancelRefund::url()>
                    <input type="hidden" name="id" value=refund.id.to_string() />
                    <ErrorSummary errors=submitted.errors.clone() />
                    <p class="sm soft">"Nothing is sent. The money goes back to the merchant’s balance and the payer’s link stops working."</p>
                    <CancelReasons submitted note_for="Note" explains />
                    <button class="btn danger" data-busy="Cancelling…">"Cancel the refund"</button>
                </form>
            </details>
        }
    });
    let retry = (can_retry && moves_money).then(|| {
        view! {
            <form method="post" action=RetryRefund::url()>
                <input type="hidden" name="id" value=refund.id.to_string() />
                <button class="btn primary" data-busy="Ordering…"><Icon shape=Shape::Retry /> "Retry payout"</button>
            </form>
        }
    });
    let is_denied = (can_cancel || can_retry) && !moves_money;
    view! {
        <div class="head to-end">
            <div class="g2">
                <div class="row">
                    <StatePill state=refund.state />
                    <span class="soft sm">
                        {format!("{}, order ", reason_title(refund.reason))} <a href=format!("/invoices/{}", refund.invoice)>{order}</a>
                    </span>
                </div>
                <h1 class="vh">{format!("Refund of {}", exact(&refund.amount, &unit))}</h1>
                <BigAmount value=refund.amount unit />
            </div>
            <span class="end">{cancel} {retry} {is_denied.then(|| view! { <StaffOnly /> })}</span>
        </div>
    }
    .into_any()
}

/// Returns the reasons for cancelling, in the words of staff.
const fn explains(reason: CancelReason) -> (&'static str, &'static str) {
    match reason {
        CancelReason::WrongAddress => ("The address is wrong", "The payer told you so"),
        CancelReason::NotRequested => ("The payer did not request it", "Someone else used the link"),
        CancelReason::Other => ("Another reason", "Say which in the note"),
    }
}

/// What needs a word: a failed or waiting payout, a stopped refund. Says where the money is first.
#[component]
fn Banner(refund: RefundView, now: Timestamp) -> impl IntoView {
    let failed = refund.failure.map(|failure| {
        view! {
            <Note tone="bad" shape=Shape::Alert>
                <b>"The payout failed and nothing left the wallet."</b>
                {format!(" {} The money is still owed to the payer.", cards::failure_sentence(failure))}
            </Note>
        }
    });
    let blocked = refund.blocked_by.map(|reason| {
        view! {
            <Note tone="warn" shape=Shape::Clock>
                <b>"Nothing was sent yet."</b>
                {format!(" The payout is due and {}. It goes out by itself when that is over.", blocked_title(reason))}
            </Note>
        }
    });
    let stopped = refund.cancel.map(|cancel| {
        let who = match cancel.by {
            CanceledBy::Payer => "The payer cancelled. Nothing was sent, the money is held.",
            CanceledBy::Merchant => "Cancelled. Nothing was sent, the money is back in the merchant’s balance.",
        };
        let (reason, _) = explains(cancel.reason);
        let note = cancel.note.map(|note| format!(" “{note}”"));
        view! {
            <Note tone="" shape=Shape::Cross>
                <b>{who}</b>
                {format!(" {reason}.")}
                {note}
            </Note>
        }
    });
    let due = refund.release_at.filter(|_| refund.state == StateName::Scheduled && refund.blocked_by.is_none());
    let due = due.map(|at| {
        view! {
            <Note tone="move" shape=Shape::Clock>"Leaves on " {staff(at, now)} " UTC. Until then it can be cancelled."</Note>
        }
    });
    view! { {failed} {blocked} {stopped} {due} }
}

#[component]
fn Timeline(refund: RefundView, now: Timestamp) -> impl IntoView {
    let count = refund.timeline.len();
    let stops = refund.timeline.into_iter().enumerate().map(|(index, entry)| stop(entry, index.saturating_add(1) == count, now)).collect();
    view! {
        <section class="card">
            <header>
                <h2>"Timeline"</h2>
                <span class="end sm soft">"Times in UTC"</span>
            </header>
            <div class="body"><Rail stops /></div>
        </section>
    }
    .into_any()
}

fn stop(entry: TimelineEntry, is_last: bool, now: Timestamp) -> Stop {
    let state = match entry.state {
        StateName::PayoutFailed => StopState::Failed,
        StateName::AwaitingClaim | StateName::Scheduled | StateName::Sending if is_last => StopState::Now,
        StateName::AwaitingClaim
        | StateName::Scheduled
        | StateName::Sending
        | StateName::Paid
        | StateName::Expired
        | StateName::Canceled => StopState::Done,
    };
    let who = match entry.by.split(':').next().unwrap_or_default() {
        "payer" => "By the payer",
        "user" => "By staff",
        "key" => "By API key",
        _ => "By Refundry",
    };
    let text = entry.note.map_or_else(|| who.to_owned(), |note| format!("{who}: {note}"));
    Stop::new(state, state_title(entry.state)).at(staff(entry.at, now)).says(text)
}
