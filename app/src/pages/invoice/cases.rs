//! The cases of an invoice: payments that did not match, what was decided, and what a person still has to decide.

use domain::exception::{Flag, Flags};
use domain::invoice::Resolution;
use domain::merchant::Right;
use domain::policy::Why;
use domain::view::{CaseView, InvoiceView};
use engine::callers::Caller;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::staff_invoice as said;

use crate::components::{Amount, FieldMessage, Note, Pill, Shape, StaffOnly, Tone, staff};
use crate::language::say;
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
                    <h2>{say(said::Differ)}</h2>
                    <span class="end sm soft">{say(said::TimesInUtc)}</span>
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
    let line = |title: String, value: String| {
        let is_something = value.contains(|digit| ('1'..='9').contains(&digit));
        let unit = unit.clone();
        is_something.then(|| view! { <dt>{title}</dt> <dd><Amount value unit /></dd> })
    };
    view! {
        <div class="body g4">
            <div class="row">
                <Pill tone hollow text=title />
                <span class="soft sm">{say(said::Case { flags: &flag_titles(case.exceptions), number: &case.number.to_string() })}</span>
                <span class="end sm soft num">{staff(case.at, now)}</span>
            </div>
            <dl class="kv">
                {line(say(said::CaseReceived), case.received)}
                {line(say(said::Credited), case.credited)}
                {line(say(said::GoesBack), case.refunded)}
                {line(say(said::KeptApart), case.residual)}
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
                    <legend>{say(said::WhatHappens)}</legend>
                    <FieldMessage id="how-msg" message=error />
                    {choices}
                </fieldset>
                <button class="btn primary" data-busy=say(said::Deciding)>{say(said::Decide)}</button>
            </form>
        }
        .into_any()
    } else if right == Right::Operate {
        view! { <p class="sm soft">{say(said::OperatorOnly)}</p> }.into_any()
    } else {
        view! { <StaffOnly /> }.into_any()
    };
    view! {
        <Note tone="warn" shape=Shape::Clock>
            <b>{say(said::Held)}</b>
            " "
            {why_sentence(why)}
        </Note>
        {choice}
    }
    .into_any()
}

fn words(how: Resolution) -> (String, String) {
    match how {
        Resolution::Accept => (say(said::Accept), say(said::AcceptText)),
        Resolution::RefundExcess => (say(said::RefundExtra), say(said::RefundExtraText)),
        Resolution::Refund => (say(said::RefundAll), say(said::RefundAllText)),
    }
}

fn why_sentence(why: Why) -> String {
    match why {
        Why::Policy => say(said::HeldByPolicy),
        Why::Risk => say(said::HeldForRisk),
        Why::RateUnavailable => say(said::HeldWithoutRate),
        Why::Suspended => say(said::HeldSuspended),
    }
}

/// Returns a case's state in words; one that this version does not know keeps its name.
fn state(name: &str) -> (Tone, bool, String) {
    match name {
        "manual" => (Tone::Warn, true, say(said::CaseManual)),
        "credited" => (Tone::Good, false, say(said::CaseCredited)),
        "split" => (Tone::Good, false, say(said::CaseSplit)),
        "refunded" => (Tone::Quiet, false, say(said::CaseRefunded)),
        "dust" => (Tone::Quiet, false, say(said::CaseDust)),
        "attributed" => (Tone::Quiet, false, say(said::CaseAttributed)),
        "void" => (Tone::Bad, false, say(said::CaseVoid)),
        other => (Tone::Quiet, false, other.to_owned()),
    }
}

/// Returns in which ways a payment differs, in words.
pub(crate) fn flag_titles(flags: Flags) -> String {
    flags.iter().map(flag_title).collect::<Vec<_>>().join(&say(said::Comma))
}

fn flag_title(flag: Flag) -> String {
    match flag {
        Flag::Under => say(said::FlagUnder),
        Flag::Over => say(said::FlagOver),
        Flag::Late => say(said::FlagLate),
        Flag::Multi => say(said::FlagMulti),
        Flag::WrongAsset => say(said::FlagWrongAsset),
        Flag::MissingTag => say(said::FlagMissingTag),
        Flag::Risk => say(said::FlagRisk),
        Flag::PostResolution => say(said::FlagPostResolution),
    }
}
