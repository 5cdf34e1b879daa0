//! The card of a refund's mails: who was written to, and what became of it.

use domain::email::{EmailKind, EmailState};
use domain::view::EmailView;
use jiff::Timestamp;
use leptos::prelude::*;

use crate::components::{Head, Pill, Table, Tone, staff};

const EMAILS: &[Head] = &[Head::Words("Mail"), Head::Words("Time"), Head::Words("State")];

/// Mails about a refund.
#[component]
pub(super) fn Emails(emails: Vec<EmailView>, is_on: bool, now: Timestamp) -> impl IntoView {
    let body = match (emails.is_empty(), is_on) {
        (true, true) => view! { <p class="body sm soft">"Nobody was written to."</p> }.into_any(),
        (true, false) => {
            view! { <p class="body sm soft">"E-mail is off. Copy the claim link and send it to the payer yourself."</p> }.into_any()
        }
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
            view! {
                <Table label="E-mail" heads=EMAILS>{rows.collect_view()}</Table>
            }
            .into_any()
        }
    };
    view! {
        <section class="card">
            <header><h2>"E-mail"</h2></header>
            {body}
        </section>
    }
    .into_any()
}

const fn title(kind: EmailKind) -> &'static str {
    match kind {
        EmailKind::Claim => "Claim link",
        EmailKind::Scheduled => "Confirmation, with the cancel link",
        EmailKind::CancelLink => "Cancel link, asked for again",
        EmailKind::Sent => "On its way",
        EmailKind::Arrived => "Arrived",
        EmailKind::Expiring => "Reminder, with the claim link",
        EmailKind::Canceled => "Cancelled",
        EmailKind::Expired => "Expired",
        EmailKind::Delayed => "Delayed",
        EmailKind::Undelivered => "Alert: a mail was not delivered",
        EmailKind::PayoutFailed => "Alert: the payout failed",
        EmailKind::NotRequested => "Alert: the payer did not ask for it",
        EmailKind::ApprovalNeeded => "Alert: waits for approval",
    }
}

const fn fate(state: EmailState) -> (Tone, bool, &'static str) {
    match state {
        EmailState::Queued => (Tone::Quiet, true, "Waiting"),
        EmailState::Sent => (Tone::Good, false, "Sent"),
        EmailState::Obsolete => (Tone::Quiet, false, "Not needed"),
        EmailState::Refused => (Tone::Bad, false, "Refused"),
        EmailState::GivenUp => (Tone::Bad, false, "Given up"),
        EmailState::Bounced => (Tone::Bad, false, "Came back"),
    }
}
