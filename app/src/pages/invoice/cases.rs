//! The cases of an invoice: payments that did not match, what was decided, and what a person still has to decide.

use domain::exception::Flag;
use domain::invoice::Resolution;
use domain::merchant::Right;
use domain::policy::Why;
use domain::view::{CaseView, InvoiceView};
use engine::callers::Caller;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Amount, FieldMessage, Note, Pill, Shape, StaffOnly, Tone, staff};
use crate::pages::{set_unprocessable, symbol};
use crate::reply::Submitted;
use crate::server_fns::case::ResolveCase;

/// All cases, those that wait for a person with the choice; nothing when every payment matched.
#[component]
pub(super) fn Cases(invoice: InvoiceView, caller: Caller, submitted: Submitted, now: Timestamp) -> impl IntoView {
    let error = submitted.error("how");
    if error.is_some() {
        set_unprocessable();
    }
    let (asset, is_for_untagged) = (invoice.asset.clone(), invoice.is_for_untagged);
    let cases = invoice.cases.into_iter().map(|case| {
        let is_payment = !is_for_untagged && case.asset == asset;
        let decision = decision(&case, is_payment, &caller, error.clone());
        view! { <Case case now decision /> }
    });
    let cases = cases.collect_view();
    (!cases.is_empty()).then(|| {
        view! {
            <section class="card">
                <header>
                    <h2>"Payments that differ"</h2>
                    <span class="end sm soft">"Times in UTC"</span>
                </header>
                {cases}
            </section>
        }
    })
}

#[component]
fn Case(case: CaseView, now: Timestamp, decision: AnyView) -> impl IntoView {
    let unit = symbol(&case.asset);
    let (tone, hollow, title) = state(&case.state);
    let flags: Vec<&str> = case.exceptions.iter().map(flag_title).collect();
    let line = |title: &'static str, value: String| {
        let is_something = value.contains(|digit| ('1'..='9').contains(&digit));
        let unit = unit.clone();
        is_something.then(|| view! { <dt>{title}</dt> <dd><Amount value unit /></dd> })
    };
    view! {
        <div class="body g4">
            <div class="row">
                <Pill tone hollow text=title />
                <span class="soft sm">{format!("Case {}: {}", case.number, flags.join(", "))}</span>
                <span class="end sm soft num">{staff(case.at, now)}</span>
            </div>
            <dl class="kv">
                {line("Received", case.received)}
                {line("Credited to you", case.credited)}
                {line("Goes back", case.refunded)}
                {line("Kept apart, too little to refund", case.residual)}
            </dl>
            {decision}
        </div>
    }
    .into_any()
}

/// Returns the choice for a case that waits for a person, or who has it.
fn decision(case: &CaseView, is_payment: bool, caller: &Caller, error: Option<String>) -> AnyView {
    let Some(why) = case.why.as_deref().and_then(|name| Why::ALL.into_iter().find(|why| why.name() == name)) else {
        return ().into_any();
    };
    let right = match why {
        Why::Risk | Why::Suspended => Right::Operate,
        Why::Policy | Why::RateUnavailable => Right::MoveMoney,
    };
    let choice = if caller.may(right) {
        let choices: &[Resolution] = if is_payment { Resolution::ALL } else { &[Resolution::Refund] };
        let choices = choices.iter().map(|how| {
            let (title, text) = words(*how);
            view! {
                <label class="choice">
                    <input type="radio" name="how" value=how.name() />
                    <span>
                        <b>{title}</b>
                        <span>{text}</span>
                    </span>
                </label>
            }
        });
        let choices = choices.collect_view();
        view! {
            <form class="g4" method="post" action=ResolveCase::url()>
                <input type="hidden" name="invoice" value=case.invoice.to_string() />
                <input type="hidden" name="case" value=case.id.to_string() />
                <fieldset class="field" id="how">
                    <legend>"What happens to the money?"</legend>
                    <FieldMessage id="how-msg" message=error />
                    {choices}
                </fieldset>
                <button class="btn primary" data-busy="Deciding…">"Decide"</button>
            </form>
        }
        .into_any()
    } else if right == Right::Operate {
        view! { <p class="sm soft">"Only the operator decides this."</p> }.into_any()
    } else {
        view! { <StaffOnly /> }.into_any()
    };
    view! {
        <Note tone="warn" shape=Shape::Clock>
            <b>"The money is held."</b>
            {format!(" {}", why_sentence(why))}
        </Note>
        {choice}
    }
    .into_any()
}

const fn words(how: Resolution) -> (&'static str, &'static str) {
    match how {
        Resolution::Accept => ("Accept it", "All of it is yours and the invoice counts as paid"),
        Resolution::RefundExcess => ("Refund the extra", "You keep the price, the rest goes back to the payer"),
        Resolution::Refund => ("Refund all of it", "You keep nothing, the payer gets a claim link"),
    }
}

const fn why_sentence(why: Why) -> &'static str {
    match why {
        Why::Policy => "Your policy leaves this payment to a person. What comes in until then is decided with it.",
        Why::Risk => "It may come from an address on a sanctions list, so only the operator decides.",
        Why::RateUnavailable => "Your policy needs the rate of the day, and none is known. Decide it yourself.",
        Why::Suspended => "The operator suspended this MID, so nothing is decided by rule.",
    }
}

/// Returns a case's state in words; one that this version does not know keeps its name.
fn state(name: &str) -> (Tone, bool, String) {
    let (tone, hollow, title) = match name {
        "manual" => (Tone::Warn, true, "Needs a decision"),
        "credited" => (Tone::Good, false, "Accepted"),
        "split" => (Tone::Good, false, "Price kept, rest refunded"),
        "refunded" => (Tone::Quiet, false, "Refunded"),
        "dust" => (Tone::Quiet, false, "Too little to refund"),
        "attributed" => (Tone::Quiet, false, "Paid another invoice"),
        "void" => (Tone::Bad, false, "Undone by the network"),
        other => (Tone::Quiet, false, other),
    };
    (tone, hollow, title.to_owned())
}

const fn flag_title(flag: Flag) -> &'static str {
    match flag {
        Flag::Under => "too little",
        Flag::Over => "too much",
        Flag::Late => "too late",
        Flag::Multi => "in several payments",
        Flag::WrongAsset => "another coin",
        Flag::MissingTag => "without its tag",
        Flag::Risk => "risky address",
        Flag::PostResolution => "after the invoice was settled",
    }
}
