//! The card of a refund's mails: who was written to, and what became of it.

use domain::email::{EmailKind, EmailState};
use domain::view::EmailView;
use jiff::Timestamp;
use leptos::prelude::*;
use words::staff_refund as said;

use crate::components::{Head, Pill, Table, Tone, staff};
use crate::language::say;

/// Mails about a refund.
#[component]
pub(super) fn Emails(emails: Vec<EmailView>, is_on: bool, now: Timestamp) -> impl IntoView {
    let body = match (emails.is_empty(), is_on) {
        (true, true) => view! { <p class="body sm soft">{say(said::NobodyWritten)}</p> }.into_any(),
        (true, false) => view! { <p class="body sm soft">{say(said::EmailOff)}</p> }.into_any(),
        (false, _) => {
            let rows = emails.into_iter().map(move |email| {
                let (tone, hollow, state) = fate(email.state);
                view! {
                    <tr>
                        <td>{title(email.kind)} <span class="sub">{email.to}</span></td>
                        <td class="num nw hide">{staff(email.attempted_at.unwrap_or(email.created_at), now)}</td>
                        <td class="r2"><Pill tone hollow text=state /> <span class="sub">{email.error}</span></td>
                    </tr>
                }
            });
            let heads = [Head::Words(say(said::Mail)), Head::Words(say(said::Time)), Head::Words(say(said::MailState))];
            view! { <Table label=say(said::Emails) heads>{rows.collect_view()}</Table> }.into_any()
        }
    };
    view! {
        <section class="card">
            <header><h2>{say(said::Emails)}</h2></header>
            {body}
        </section>
    }
    .into_any()
}

/// Returns what a mail is called.
pub(crate) fn title(kind: EmailKind) -> String {
    match kind {
        EmailKind::Claim => say(said::MailClaim),
        EmailKind::Scheduled => say(said::MailScheduled),
        EmailKind::CancelLink => say(said::MailCancelLink),
        EmailKind::Code => say(said::MailCode),
        EmailKind::Sent => say(said::MailSent),
        EmailKind::Arrived => say(said::MailArrived),
        EmailKind::Expiring => say(said::MailExpiring),
        EmailKind::Canceled => say(said::MailCancelled),
        EmailKind::Expired => say(said::MailExpired),
        EmailKind::Delayed => say(said::MailDelayed),
        EmailKind::Undelivered => say(said::MailUndelivered),
        EmailKind::PayoutFailed => say(said::MailPayoutFailed),
        EmailKind::NotRequested => say(said::MailNotRequested),
        EmailKind::ApprovalNeeded => say(said::MailApproval),
    }
}

/// Says what became of a mail: tone, whether it is only an outline, words.
pub(crate) fn fate(state: EmailState) -> (Tone, bool, String) {
    match state {
        EmailState::Queued => (Tone::Quiet, true, say(said::MailWaiting)),
        EmailState::Sent => (Tone::Good, false, say(said::MailWasSent)),
        EmailState::Obsolete => (Tone::Quiet, false, say(said::MailNotNeeded)),
        EmailState::Refused => (Tone::Bad, false, say(said::MailRefused)),
        EmailState::GivenUp => (Tone::Bad, false, say(said::MailGivenUp)),
        EmailState::Bounced => (Tone::Bad, false, say(said::MailCameBack)),
    }
}
