//! What the draft in the form would have made of real payments: in numbers, in coins, and invoice by invoice where it differs.

use domain::view::{MoneySplitView, SimulatedInvoiceView, SimulatedSumsView, SimulationView};
use leptos::prelude::*;
use words::staff_policy;

use super::differences::differences;
use crate::components::{Amount, Icon, Note, Shape};
use crate::language::{rich, say, staff_language};
use crate::pages::symbol;

/// The column beside the form.
#[component]
pub(super) fn Simulator(found: Option<Result<SimulationView, String>>, may_change: bool, days: u64) -> impl IntoView {
    let body = match found {
        None if may_change => view! { <p class="body sm soft">{say(staff_policy::ChangeFirst)}</p> }.into_any(),
        None => view! { <p class="body sm soft">{say(staff_policy::WhoMay)}</p> }.into_any(),
        Some(Ok(found)) => result(found),
        Some(Err(why)) => view! { <p class="body sm soft">{why}</p> }.into_any(),
    };
    view! {
        <section class="card">
            <header>
                <h2>{say(staff_policy::Simulator)}</h2>
                <span class="end sm soft">{say(staff_policy::LastDays { days })}</span>
            </header>
            {body}
        </section>
        <Note tone="" shape=Shape::Alert>{say(staff_policy::NothingSent)}</Note>
    }
}

/// The money and the invoices of a simulation that found differences.
pub(super) fn outcome(found: SimulationView) -> AnyView {
    let sums = found.sums.into_iter().map(sums).collect_view();
    let changes = found.changes.into_iter().map(change).collect_view();
    let listed = (!changes.is_empty()).then(|| {
        view! {
            <div class="g3">
                <h3>{say(staff_policy::WhatChanges)}</h3>
                <ul class="sm g3">{changes}</ul>
            </div>
        }
    });
    let more = found.next.map(|_| view! { <p class="sm soft">{say(staff_policy::NewestTen)}</p> });
    view! { {sums} {listed} {more} }.into_any()
}

fn result(found: SimulationView) -> AnyView {
    let tried = say(staff_policy::Tried { count: found.invoices.into(), differing: &found.with_exceptions.to_string() });
    let left_out = (found.left_out > 0).then(|| say(staff_policy::LeftOut { count: found.left_out.into() }));
    view! {
        <div class="body g4" role="status">
            <p>{say(staff_policy::WithThisDraft)}</p>
            <p class="amount">{found.changed.to_string()} " " <small>{say(staff_policy::Elsewhere { count: found.changed.into() })}</small></p>
            <p class="sm soft">{tried} " " {left_out}</p>
            {outcome(found)}
        </div>
    }
    .into_any()
}

/// What became of one asset's money, as it went and by the draft.
fn sums(sums: SimulatedSumsView) -> AnyView {
    let unit = symbol(&sums.asset);
    let line = |title: String, of: fn(&MoneySplitView) -> &String| {
        let (live, draft) = (of(&sums.live).clone(), of(&sums.draft).clone());
        let was = (live != draft).then(|| {
            let was = rich(&staff_policy::Was { amount: "" }, staff_language(), |_, _| view! { <Amount value=live.clone() /> }.into_any());
            view! { <span class="soft block">{was}</span> }
        });
        view! {
            <div>
                <dt>{title}</dt>
                <dd class="end"><Amount value=draft /> {was}</dd>
            </div>
        }
    };
    view! {
        <div class="g2">
            <h3>{unit}</h3>
            <dl class="sum sm">
                {line(say(staff_policy::ToYou), |split| &split.credited)}
                {line(say(staff_policy::ToPayers), |split| &split.refunded)}
                {line(say(staff_policy::Held), |split| &split.held)}
                {line(say(staff_policy::Dust), |split| &split.dust)}
            </dl>
        </div>
    }
    .into_any()
}

fn change(invoice: SimulatedInvoiceView) -> AnyView {
    let differences = differences(&invoice);
    let differences =
        differences.into_iter().map(|text| view! { <li class="row nowrap"><Icon shape=Shape::Forward /> <span>{text}</span></li> });
    view! {
        <li class="g1">
            <a href=format!("/invoices/{}", invoice.id)>{invoice.reference}</a>
            <ul class="soft g1">{differences.collect_view()}</ul>
        </li>
    }
    .into_any()
}
