//! What staff can do with a refund where it stands, by their role. Each is a plain form.

use domain::claim::FieldErrors;
use domain::merchant::Right;
use domain::refund::{CanceledBy, HoldReason, Reason, StateName};
use domain::view::RefundView;
use engine::callers::Caller;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{Sentence, staff_refund as said};

use super::explains;
use crate::components::{CancelReasons, ErrorSummary, FieldMessage, Icon, Shape, StaffOnly, TextArea, exact};
use crate::language::say;
use crate::pages::set_unprocessable;
use crate::pages::symbol;
use crate::reply::{Failure, Submitted, set_status};
use crate::server_fns::cancel::NOTE_CHARS_MAX;
use crate::server_fns::refund::{
    ApproveRefund, CHANGED, CancelRefund, DeclineRefund, HoldRefund, NotifyPayer, ReissueRefund, ReleaseRefund, RetryRefund,
};

/// Something staff can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Cancel,
    Decline,
    Approve,
    Hold,
    Release,
    Notify,
    Reissue,
    Retry,
}

impl Action {
    /// Returns what can happen to a refund next, the primary action last.
    const fn of(state: StateName, canceled_by: Option<CanceledBy>) -> &'static [Self] {
        match state {
            StateName::AwaitingApproval => &[Self::Cancel, Self::Decline, Self::Approve],
            StateName::AwaitingClaim => &[Self::Cancel, Self::Notify],
            StateName::Scheduled => &[Self::Cancel, Self::Hold],
            StateName::OnHold => &[Self::Cancel, Self::Release],
            StateName::PayoutFailed => &[Self::Cancel, Self::Reissue, Self::Retry],
            StateName::Expired => &[Self::Reissue],
            // There is no money behind one that the network made void.
            StateName::Canceled if matches!(canceled_by, Some(CanceledBy::System)) => &[],
            StateName::Canceled => &[Self::Reissue],
            StateName::Sending | StateName::Paid | StateName::Declined => &[],
        }
    }

    const fn right(self, held: Option<HoldReason>) -> Right {
        match self {
            Self::Notify => Right::WriteToPayers,
            Self::Cancel | Self::Hold | Self::Reissue | Self::Retry => Right::MoveMoney,
            Self::Release if matches!(held, Some(HoldReason::Screening)) => Right::Operate,
            Self::Decline | Self::Approve | Self::Release => Right::Approve,
        }
    }
}

/// The row of actions, or why there is none.
#[component]
pub(super) fn Actions(refund: RefundView, caller: Caller, submitted: Submitted) -> impl IntoView {
    if submitted.errors.0.iter().any(|error| error.code == CHANGED) {
        set_status(Failure::Changed.status());
    } else if !submitted.errors.0.is_empty() {
        set_unprocessable();
    }
    let possible = Action::of(refund.state, refund.cancel.as_ref().map(|cancel| cancel.by));
    let is_own = refund.made_by.as_ref().is_some_and(|maker| *maker == caller.actor.to_string());
    let allowed: Vec<Action> = possible
        .iter()
        .copied()
        .filter(|action| caller.may(action.right(refund.hold_reason)))
        // Who made it takes it back in one way; declining is somebody else's answer.
        .filter(|action| !(is_own && matches!(action, Action::Approve | Action::Decline)))
        .collect();
    let is_denied = !possible.is_empty() && allowed.is_empty();
    let waits_for_another = is_own && refund.state == StateName::AwaitingApproval;
    let again = (refund.state == StateName::Paid && caller.may(Right::MoveMoney)).then(|| {
        view! { <a href=format!("/refunds/new?invoice={}", refund.invoice) class="btn"><Icon shape=Shape::Refund /> {say(said::Again)}</a> }
    });
    let receipt = (refund.state == StateName::Paid).then(|| {
        view! { <a href=format!("/refunds/{}/receipt", refund.id) class="btn" download><Icon shape=Shape::Invoice /> {say(said::Receipt)}</a> }
    });
    let is_primary = |action| allowed.last() == Some(&action);
    let id = refund.id.to_string();
    let views = allowed.iter().map(|action| {
        let button = if is_primary(*action) { "btn primary" } else { "btn" };
        match action {
            Action::Cancel => {
                view! { <Cancel id=id.clone() state=refund.state reason=refund.reason submitted=submitted.clone() /> }.into_any()
            }
            Action::Decline => view! { <Decline id=id.clone() submitted=submitted.clone() /> }.into_any(),
            Action::Approve => {
                let then = match &refund.destination {
                    Some(to) => say(said::ApproveThenSent { address: &to.address }),
                    None => say(said::ApproveThen { amount: &exact(&refund.amount, &symbol(&refund.asset)) }),
                };
                twice(&id, ApproveRefund::url(), button, said::Approve, then, (said::ApproveButton, said::Approving))
            }
            Action::Hold => once(&id, HoldRefund::url(), "btn", said::Holding, Shape::Clock, said::Hold),
            Action::Release => {
                let then = say(said::ReleaseThen);
                twice(&id, ReleaseRefund::url(), button, said::Release, then, (said::ReleaseButton, said::Releasing))
            }
            Action::Notify => once(&id, NotifyPayer::url(), button, said::Writing, Shape::Plane, said::Remind),
            Action::Reissue => {
                twice(&id, ReissueRefund::url(), button, said::Reissue, say(said::ReissueThen), (said::ReissueButton, said::Reissuing))
            }
            Action::Retry => twice(&id, RetryRefund::url(), button, said::Retry, say(said::RetryThen), (said::RetryButton, said::Ordering)),
        }
    });
    let views = views.collect_view();
    view! {
        <span class="end">
            {views}
            {receipt}
            {again}
            {is_denied.then(|| view! { <StaffOnly /> })}
            {waits_for_another
                .then(|| view! { <p class="sm soft">{say(said::Own)}</p> })}
        </span>
    }
    .into_any()
}

/// An action that takes one click.
fn once(id: &str, url: &'static str, class: &'static str, busy: impl Sentence, shape: Shape, text: impl Sentence) -> AnyView {
    view! {
        <form method="post" action=url>
            <input type="hidden" name="id" value=id.to_owned() />
            <button class=class data-busy=say(busy)><Icon shape /> {say(text)}</button>
        </form>
    }
    .into_any()
}

/// An action that says what follows before it is taken. `button` is what the second click is called, and while it is on its way.
fn twice(
    id: &str,
    url: &'static str,
    class: &'static str,
    text: impl Sentence,
    then: String,
    button: (impl Sentence, impl Sentence),
) -> AnyView {
    let (button, busy) = button;
    view! {
        <details class="drop">
            <summary class=class>{say(text)}</summary>
            <form class="card g4" method="post" action=url>
                <input type="hidden" name="id" value=id.to_owned() />
                <p class="sm soft wrap">{then}</p>
                <button class="btn primary" data-busy=say(busy)>{say(button)}</button>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Cancel(id: String, state: StateName, reason: Reason, submitted: Submitted) -> impl IntoView {
    let is_wrong = submitted.is_again(&["reason", "note"]);
    let errors = if is_wrong { submitted.errors.clone() } else { FieldErrors::default() };
    let then = match (state, reason) {
        (StateName::AwaitingApproval, _) => say(said::CancelThenUnapproved),
        (_, Reason::Merchant) => say(said::CancelThen),
        (_, _) => say(said::CancelThenHeld),
    };
    view! {
        <details class="drop" open=is_wrong>
            <summary class="btn danger-quiet">{say(said::Cancel)}</summary>
            <form class="card g4" method="post" action=CancelRefund::url()>
                <input type="hidden" name="id" value=id />
                <ErrorSummary errors />
                <p class="sm soft">{then}</p>
                <CancelReasons submitted merchant=None explains />
                <button class="btn danger" data-busy=say(said::Cancelling)>{say(said::CancelButton)}</button>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Decline(id: String, submitted: Submitted) -> impl IntoView {
    let message = submitted.error("why");
    let is_wrong = message.is_some();
    let errors = if is_wrong { submitted.errors.clone() } else { FieldErrors::default() };
    view! {
        <details class="drop" open=is_wrong>
            <summary class="btn danger-quiet">{say(said::Decline)}</summary>
            <form class="card g4" method="post" action=DeclineRefund::url()>
                <input type="hidden" name="id" value=id />
                <ErrorSummary errors />
                <p class="sm soft">{say(said::DeclineThen)}</p>
                <div class="field">
                    <label for="why">{say(said::WhyNot)}</label>
                    <TextArea id="why" text=submitted.value("why") maxlength=NOTE_CHARS_MAX described_by="why-hint" />
                    <p class="hint" id="why-hint">{say(said::WhyNotHint)}</p>
                    <FieldMessage id="why-msg" message />
                </div>
                <button class="btn danger" data-busy=say(said::Declining)>{say(said::DeclineButton)}</button>
            </form>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settled_and_moving_refunds_have_no_action() {
        let without: Vec<StateName> = StateName::ALL.into_iter().filter(|state| Action::of(*state, None).is_empty()).collect();
        assert_eq!(without, [StateName::Sending, StateName::Paid, StateName::Declined]);
        assert!(Action::of(StateName::Canceled, Some(CanceledBy::System)).is_empty());
    }

    #[test]
    fn what_a_sanctions_list_stopped_is_the_operators() {
        assert_eq!(Action::Release.right(Some(HoldReason::Review)), Right::Approve);
        assert_eq!(Action::Release.right(Some(HoldReason::Screening)), Right::Operate);
    }
}
