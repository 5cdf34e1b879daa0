//! `/refunds/{id}`: one refund: where it stands, what happened, what was booked, who was told.

mod actions;
mod banner;
mod cards;
mod emails;
pub(crate) use emails::{fate as mail_fate, title as mail_title};

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::{InvoiceId, MidId, RefundId};
use domain::ledger::{Account, EntryKind};
use domain::payout::PayoutFailure;
use domain::refund::{BlockedBy, CancelReason, HoldReason, Mark, Reason, StateName};
use domain::view::{EntryView, RefundView, TimelineEntry};
use engine::callers::Caller;
use engine::reports::EntryFilter;
use engine::{Engine, PageRequest};
use jiff::Timestamp;
use leptos::prelude::*;
use words::{cancel, staff_frame, staff_refund as said};

use self::actions::Actions;
use self::banner::Banner;
use super::{may_resend, page, param, symbol};
use crate::components::{
    BigAmount, LedgerTable, Rail, Refusal, Section, Staff, StatePill, Stop, StopState, exact, reason_title, staff, state_title,
};
use crate::language::{rich, say, staff_language};
use crate::live::{FOLDER, Following, refund_stage};
use crate::reply::{Failure, Submitted};
use crate::server_fns::cancel::NOTE_CHARS_MAX;
use crate::session::caller;

/// People's emails by what rows call them.
pub(crate) type People = BTreeMap<String, String>;

/// One refund.
#[component]
pub(crate) fn Refund() -> impl IntoView {
    let id = param("id");
    page(async move {
        let engine = expect_context::<Engine>();
        let id: RefundId = id.parse().map_err(|_| Failure::NoPage)?;
        let caller = caller().await?;
        let refund = engine.refund(&caller, id).await?;
        let invoice = engine.invoice(&caller, InvoiceId(refund.invoice)).await?;
        let filter = EntryFilter { refund: Some(id), ..EntryFilter::default() };
        let entries = engine.entries(&caller, filter, PageRequest { limit: 100, after: None }).await?;
        let paid_in = paid_in(&engine, &caller, &refund).await?;
        let deliveries = engine.deliveries(&caller, id).await?;
        let may_resend = may_resend(&caller);
        let actors = refund.timeline.iter().map(|entry| entry.by.as_str()).chain(refund.made_by.as_deref());
        let people = Arc::new(engine.people_named(&caller, actors).await?);
        let mid = engine.mids(&caller).await?.into_iter().find(|mid| mid.id.0 == refund.mid).map(|mid| mid.name);
        let frozen_until = match refund.blocked_by {
            Some(BlockedBy::Frozen) => engine.frozen(&caller, MidId(refund.mid)).await?.map(|(until, _)| until),
            Some(_) | None => None,
        };
        let submitted = in_words(use_context::<Submitted>().unwrap_or_default());
        let now = engine.now();
        let title = say(staff_frame::Refund { reference: &refund.reference });
        let live = Following { url: format!("{FOLDER}/refunds/{id}"), seen: refund_stage(&refund, &deliveries) };
        let maker = refund.made_by.as_deref().map(|maker| named(maker, &people).unwrap_or_else(|| cards::maker_title(maker)));
        let expected = engine.expected_fee(&caller, id).await?;
        let payer = invoice.payer_email.clone();
        let cards = cards::Cards { expected, payer, refund: refund.clone(), order: invoice.reference.clone(), mid, maker, now };
        // Where the policy has it so, what nobody claimed stays where it is held for the payer.
        let ended = entries.data.iter().find(|entry| entry.kind == EntryKind::ClaimExpired.name());
        let is_kept = ended.is_some_and(|entry| entry.postings.iter().all(|posting| posting.credit != Account::MerchantAvailable.name()));
        Ok(view! {
            <Staff title section=Section::Refunds caller=caller.clone() here=refund.reference.clone() live=Some(live)>
                <Head refund=refund.clone() order=invoice.reference caller submitted=submitted.clone() />
                <Refusal submitted />
                <Banner refund=refund.clone() frozen_until is_kept now />
                <div class="cols">
                    <div class="g5">
                        <Timeline refund=refund.clone() people now />
                        <section class="card">
                            <header>
                                <h2>{say(said::Ledger)}</h2>
                            </header>
                            <LedgerTable entries=paid_in.into_iter().chain(entries.data.into_iter().rev()).collect() now />
                        </section>
                        <cards::Deliveries deliveries refund=id.0 may_resend now />
                        <emails::Emails emails=refund.emails.clone() is_on=engine.settings().writes_email now />
                    </div>
                    {cards.into_view()}
                </div>
            </Staff>
        }
        .into_any())
    })
}

/// Returns what the books say of the payments that a refund gives back, oldest first; nothing of one of the merchant's own making.
async fn paid_in(engine: &Engine, caller: &Caller, refund: &RefundView) -> Result<Vec<EntryView>, Failure> {
    if refund.reason == Reason::Merchant {
        return Ok(Vec::new());
    }
    let filter = EntryFilter { invoice: Some(InvoiceId(refund.invoice)), ..EntryFilter::default() };
    let mut entries = engine.entries(caller, filter, PageRequest { limit: 100, after: None }).await?.data;
    let kinds = [EntryKind::DepositCredited, EntryKind::DepositHeld].map(|kind| kind.name());
    entries.retain(|entry| kinds.contains(&entry.kind.as_str()) && entry.at <= refund.created_at);
    entries.reverse();
    Ok(entries)
}

#[component]
fn Head(refund: RefundView, order: String, caller: Caller, submitted: Submitted) -> impl IntoView {
    let unit = symbol(&refund.asset);
    let about =
        rich(&said::ReasonAndOrder { reason: &reason_title(refund.reason), order: &order }, staff_language(), |name, text| match name {
            "order" => view! { <a href=format!("/invoices/{}", refund.invoice)>{text}</a> }.into_any(),
            _ => text.into_any(),
        });
    view! {
        <div class="head to-end">
            <div class="g2">
                <div class="row">
                    <StatePill state=refund.state />
                    <span class="soft sm">{about}</span>
                </div>
                <h1 class="vh">{say(said::Of { amount: &exact(&refund.amount, &unit) })}</h1>
                <BigAmount value=refund.amount.clone() unit />
            </div>
            <Actions refund caller submitted />
        </div>
    }
    .into_any()
}

/// Returns the reasons for cancelling, in the words of staff.
pub(super) fn explains(reason: CancelReason) -> (String, String) {
    match reason {
        CancelReason::WrongAddress => (say(said::WrongAddress), say(said::WrongAddressText)),
        CancelReason::NotRequested => (say(said::NotRequested), say(said::NotRequestedText)),
        // The last is never on the list: the network says it, not a person.
        CancelReason::Other | CancelReason::DepositReorged => (say(said::Other), say(said::OtherText)),
    }
}

/// Says what is wrong with a form that cancels, in the language of staff.
pub(super) fn in_words(submitted: Submitted) -> Submitted {
    submitted.in_words(|field, _| match field {
        "reason" => Some(say(cancel::Choose)),
        "note" => Some(say(cancel::Shorten { count: &NOTE_CHARS_MAX.to_string() })),
        _ => None,
    })
}

#[component]
fn Timeline(refund: RefundView, people: Arc<People>, now: Timestamp) -> impl IntoView {
    let count = refund.timeline.len();
    let stops =
        refund.timeline.into_iter().enumerate().map(|(index, entry)| stop(entry, &people, index.saturating_add(1) == count, now)).collect();
    view! {
        <section class="card">
            <header>
                <h2>{say(said::Timeline)}</h2>
                <span class="end sm soft">{say(said::Times)}</span>
            </header>
            <div class="body"><Rail stops /></div>
        </section>
    }
    .into_any()
}

/// Returns what somebody is called, as far as that may be known.
fn named(actor: &str, people: &People) -> Option<String> {
    people.get(actor).cloned()
}

/// Says who did something.
pub(crate) fn by(actor: &str, people: &People) -> String {
    match actor.split(':').next().unwrap_or_default() {
        "payer" => say(said::ByPayer),
        "user" => named(actor, people).map_or_else(|| say(said::ByStaff), |who| say(said::ByPerson { who: &who })),
        "key" => say(said::ByKey),
        _ => say(said::ByRefundry),
    }
}

fn stop(entry: TimelineEntry, people: &People, is_last: bool, now: Timestamp) -> Stop {
    let state = match entry.state {
        StateName::PayoutFailed => StopState::Failed,
        StateName::AwaitingApproval | StateName::AwaitingClaim | StateName::Scheduled | StateName::OnHold | StateName::Sending
            if is_last =>
        {
            StopState::Now
        }
        StateName::AwaitingApproval
        | StateName::AwaitingClaim
        | StateName::Scheduled
        | StateName::OnHold
        | StateName::Sending
        | StateName::Paid
        | StateName::Expired
        | StateName::Canceled
        | StateName::Declined => StopState::Done,
    };
    let who = by(&entry.by, people);
    let text = match entry.note {
        // Why it was declined is in the words of who did.
        Some(note) if entry.state == StateName::Declined => say(said::ByWithNote { who: &who, note: &say(said::Quoted { text: &note }) }),
        Some(note) => say(said::ByWithNote { who: &who, note: &noted(&note) }),
        None => who,
    };
    Stop::new(state, state_title(entry.state)).at(staff(entry.at, now)).says(text)
}

/// Says what the history notes; what this version does not know keeps its name.
pub(super) fn noted(note: &str) -> String {
    let mark = Mark::from_name(note).map(|mark| match mark {
        Mark::Approved => say(said::MarkApproved),
        Mark::Reminded => say(said::MarkReminded),
        Mark::Notified => say(said::MarkNotified),
        Mark::Undelivered => say(said::MarkUndelivered),
        Mark::CodeSent => say(said::MarkCodeSent),
        Mark::CodeGiven => say(said::MarkCodeGiven),
        Mark::Unproven => say(said::MarkUnproven),
        Mark::ClaimedAgain => say(said::MarkClaimedAgain),
        Mark::Delayed => say(said::MarkDelayed),
        Mark::Released => say(said::MarkReleased),
        Mark::FeeRaised => say(said::MarkFeeRaised),
        Mark::Reorged => say(said::MarkReorged),
        Mark::Reissued => say(said::MarkReissued),
        Mark::Requoted => say(said::MarkRequoted),
    });
    mark.or_else(|| HoldReason::from_name(note).map(banner::hold_sentence))
        .or_else(|| BlockedBy::from_name(note).map(banner::blocked_sentence))
        .or_else(|| CancelReason::from_name(note).map(banner::cancel_sentence))
        .or_else(|| PayoutFailure::ALL.into_iter().find(|failure| failure.name() == note).map(cards::failure_sentence))
        .unwrap_or_else(|| note.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_history_notes_has_its_words() {
        let marks = Mark::ALL.iter().map(|mark| mark.name());
        let reasons = CancelReason::ALL.into_iter().map(CancelReason::name).chain(HoldReason::ALL.iter().map(|why| why.name()));
        for name in marks.chain(reasons).chain(PayoutFailure::ALL.into_iter().map(PayoutFailure::name)) {
            assert_ne!(noted(name), name);
        }
        assert_eq!(noted("fee_above_cap"), say(said::BlockedFee));
        assert_eq!(noted("of a later version"), "of a later version");
    }
}
