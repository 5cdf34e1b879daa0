//! What the draft in the form would have made of real payments: in numbers, in coins, and invoice by invoice where it differs.

use domain::view::{MoneySplitView, SimulatedInvoiceView, SimulatedSumsView, SimulationView};
use leptos::prelude::*;

use crate::components::{Amount, Icon, Note, Shape};
use crate::pages::symbol;

/// The column beside the form.
#[component]
pub(super) fn Simulator(found: Option<Result<SimulationView, String>>, may_change: bool, days: i64) -> impl IntoView {
    let body = match found {
        None if may_change => {
            view! { <p class="body sm soft">"Change something, then try it: real payments are judged again by the draft."</p> }.into_any()
        }
        None => view! { <p class="body sm soft">"Who may change the policy can try it on real payments here."</p> }.into_any(),
        Some(Ok(found)) => result(found),
        Some(Err(why)) => view! { <p class="body sm soft">{why}</p> }.into_any(),
    };
    view! {
        <section class="card">
            <header>
                <h2>"Simulator"</h2>
                <span class="end sm soft">{format!("last {days} days")}</span>
            </header>
            {body}
        </section>
        <Note tone="" shape=Shape::Alert>"Nothing is sent. The simulator replays real payments against the draft."</Note>
    }
}

/// A number of things, in words.
pub(super) fn counted(count: u32, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// The money and the invoices of a simulation that found differences.
pub(super) fn outcome(found: SimulationView) -> AnyView {
    let sums = found.sums.into_iter().map(sums).collect_view();
    let changes = found.changes.into_iter().map(change).collect_view();
    let listed = (!changes.is_empty()).then(|| {
        view! {
            <div class="g3">
                <h3>"What changes"</h3>
                <ul class="sm g3">{changes}</ul>
            </div>
        }
    });
    let more = found.next.map(|_| view! { <p class="sm soft">"Only the newest ten are listed."</p> });
    view! { {sums} {listed} {more} }.into_any()
}

fn result(found: SimulationView) -> AnyView {
    let left_out = (found.left_out > 0).then(|| format!(" {} could not be tried.", counted(found.left_out, "invoice", "invoices")));
    view! {
        <div class="body g4" role="status">
            <p>"With this draft"</p>
            <p class="amount">{found.changed.to_string()} " " <small>{if found.changed == 1 { "invoice would stand elsewhere" } else { "invoices would stand elsewhere" }}</small></p>
            <p class="sm soft">
                {format!(
                    "{} tried, {} with a payment that did not match.",
                    counted(found.invoices, "invoice", "invoices"),
                    found.with_exceptions,
                )} {left_out}
            </p>
            {outcome(found)}
        </div>
    }
    .into_any()
}

/// What became of one asset's money, as it went and by the draft.
fn sums(sums: SimulatedSumsView) -> AnyView {
    let unit = symbol(&sums.asset);
    let line = |title: &'static str, of: fn(&MoneySplitView) -> &String| {
        let (live, draft) = (of(&sums.live).clone(), of(&sums.draft).clone());
        let was = (live != draft).then(|| view! { <span class="soft block">"was " <Amount value=live.clone() /></span> });
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
                {line("To you", |split| &split.credited)}
                {line("Back to payers", |split| &split.refunded)}
                {line("Held", |split| &split.held)}
                {line("Too little to refund", |split| &split.dust)}
            </dl>
        </div>
    }
    .into_any()
}

fn change(invoice: SimulatedInvoiceView) -> AnyView {
    let differences =
        invoice.differences.into_iter().map(|text| view! { <li class="row nowrap"><Icon shape=Shape::Forward /> <span>{text}</span></li> });
    view! {
        <li class="g1">
            <a href=format!("/invoices/{}", invoice.id)>{invoice.reference}</a>
            <ul class="soft g1">{differences.collect_view()}</ul>
        </li>
    }
    .into_any()
}
